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
