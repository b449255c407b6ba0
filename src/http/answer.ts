/** The answer that a payment's object keeps under an idempotency key, as it goes out: the same each time. */
import type { Context } from 'hono'
import type { Answer } from '../payment/keys.ts'
import type { Gateway } from './gateway.ts'
import { problemResponse } from './problem.ts'

export function respond(c: Context<Gateway>, answer: Answer, replayed: boolean): Response {
  if (replayed) c.header('idempotent-replayed', 'true')
  if (answer.kind === 'body')
    return c.body(answer.json, answer.status as 200 | 201 | 202, { 'content-type': 'application/json' })
  c.var.log.code = answer.refusal.code
  const response = problemResponse(answer.refusal, c.var.requestId)
  if (replayed) response.headers.set('idempotent-replayed', 'true')
  return response
}

/**
 * The headers of the answer that goes out, to be changed. `c.header` would copy the whole answer for each of them; only one
 * whose headers are fixed, because it came from an object or from the assets, is copied, and once.
 */
export function headersOf(c: Context<Gateway>): Headers {
  try {
    c.res.headers.delete(NEVER_SENT)
  } catch {
    c.header(NEVER_SENT, undefined)
  }
  return c.res.headers
}

const NEVER_SENT = 'x-powered-by'
