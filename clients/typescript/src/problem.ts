/** What a call may throw: a refusal in the gateway's own words, or that no answer came at all. */
import type { components, ProblemCode } from './api.ts'

type Body = components['schemas']['Problem']

/** An answer that was no success, as the gateway explains it (RFC 9457). Program against `code`, show nobody `detail`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  /** `unreadable_answer` when somebody else answered, such as a proxy. A newer gateway may know further codes. */
  readonly code: ProblemCode | 'unreadable_answer' | (string & {})
  readonly status: number
  readonly detail: string
  /** What is wrong with the body or the query, field by field. */
  readonly errors: NonNullable<Body['errors']>
  /** Under which the gateway has logged the call; name it when you ask its operator. */
  readonly requestId: string | null
  /** How long the gateway asks to be left alone. */
  readonly retryAfterSeconds: number | null
  /** The key that the call went out under: with it, the call can be made again without being carried out twice. */
  readonly idempotencyKey: string | null
  /** The whole problem: some codes carry further members, such as the `status` that did not allow a command. */
  readonly body: Readonly<Record<string, unknown>>

  constructor(told: Omit<Problem, 'name' | 'message' | 'stack' | 'cause'>) {
    super(`${told.status} ${told.code}: ${told.detail}`)
    this.code = told.code
    this.status = told.status
    this.detail = told.detail
    this.errors = told.errors
    this.requestId = told.requestId
    this.retryAfterSeconds = told.retryAfterSeconds
    this.idempotencyKey = told.idempotencyKey
    this.body = told.body
  }
}

/**
 * No answer came: the network failed, or the time was up. What was asked may have happened; `idempotencyKey` lets the
 * same call be made again, later or after a restart, without it being carried out twice. `cause` is the last failure.
 */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly idempotencyKey: string | null

  constructor(request: Request, cause: unknown) {
    // Not the query: it may hold a session's secret.
    super(`No answer to ${request.method} ${new URL(request.url).pathname}.`, { cause })
    this.idempotencyKey = keyOf(request)
  }
}

/** The problem that an answer tells. `nowMs` is epoch milliseconds, for a `Retry-After` that is a date. */
export async function problemOf(request: Request, response: Response, nowMs: number): Promise<Problem> {
  const body = read(await response.text())
  return new Problem({
    code: body.code ?? 'unreadable_answer',
    status: response.status,
    detail: body.detail ?? 'The answer is no problem of the gateway; somebody between may have given it.',
    errors: body.errors ?? [],
    requestId: response.headers.get('request-id'),
    retryAfterSeconds: secondsOf(response.headers.get('retry-after'), nowMs),
    idempotencyKey: keyOf(request),
    body,
  })
}

const keyOf = (request: Request) => request.headers.get('idempotency-key')

function read(text: string): Partial<Body> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}

/** Of a `Retry-After` in either of its forms. */
function secondsOf(value: string | null, nowMs: number): number | null {
  if (value === null) return null
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - nowMs) / 1000
  return Number.isNaN(seconds) ? null : Math.max(0, seconds)
}
