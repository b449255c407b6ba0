/**
 * Refusals as RFC 9457 problems. The codes are API; nothing but the refusal's own words leaves, and what is not a
 * refusal is a bug, logged whole by its request id and answered with that id only.
 */
import type { Context } from 'hono'
import { type ErrorCode, GatewayError, type Refusal } from '../domain/errors.ts'
import type { Gateway } from './gateway.ts'

/** The domain never hears of HTTP; a code without a status does not compile. */
export const statusOf = {
  malformed_body: 400,
  idempotency_key_missing: 400,
  unauthorized: 401,
  provider_declined: 402,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  idempotency_in_progress: 409,
  order_locked: 409,
  order_already_paid: 409,
  order_expired: 409,
  previous_attempt_in_doubt: 409,
  too_many_attempts: 409,
  not_allowed_now: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  idempotency_key_reused: 422,
  order_token_invalid: 422,
  order_token_expired: 422,
  order_token_superseded: 422,
  quote_refused: 422,
  amount_mismatch: 422,
  currency_mismatch: 422,
  rate_limited: 429,
  internal_error: 500,
  provider_unavailable: 503,
  quote_unavailable: 503,
  temporarily_unavailable: 503,
} as const satisfies Record<ErrorCode, number>

const titleOf: Record<ErrorCode, string> = {
  malformed_body: 'The body cannot be read',
  idempotency_key_missing: 'An Idempotency-Key is needed',
  unauthorized: 'Not authenticated',
  provider_declined: 'The provider declined',
  forbidden: 'Not allowed for this caller',
  not_found: 'Not found',
  method_not_allowed: 'Method not allowed',
  idempotency_in_progress: 'The same request is still running',
  order_locked: 'The order is being paid',
  order_already_paid: 'The order is paid',
  order_expired: 'The order has expired',
  previous_attempt_in_doubt: 'The previous attempt may still be paid',
  too_many_attempts: 'Too many attempts',
  not_allowed_now: 'Not allowed in this state',
  body_too_large: 'The body is too large',
  unsupported_media_type: 'The content type is not supported',
  validation_failed: 'The request is not valid',
  idempotency_key_reused: 'The Idempotency-Key belongs to another request',
  order_token_invalid: 'The order token is not valid',
  order_token_expired: 'The order token has expired',
  order_token_superseded: 'A newer order token was used already',
  quote_refused: 'The store refuses',
  amount_mismatch: 'The amount differs from the order',
  currency_mismatch: 'The currency differs from the order',
  rate_limited: 'Too many requests',
  internal_error: 'Something went wrong here',
  quote_unavailable: 'The store gives no quote',
  provider_unavailable: 'The provider cannot be reached',
  temporarily_unavailable: 'Not available just now',
}

/** When asking again makes sense, for refusals that are about time and do not say. Seconds. */
const retryAfterOf: Partial<Record<ErrorCode, number>> = {
  idempotency_in_progress: 2,
  previous_attempt_in_doubt: 30,
  rate_limited: 60,
  provider_unavailable: 5,
  quote_unavailable: 5,
  temporarily_unavailable: 5,
}

/** The answer to whatever stopped a request. Leaves its code, and for bugs the whole story, for the log line. */
export function problem(c: Context<Gateway>, error: unknown): Response {
  const refusal = error instanceof GatewayError ? error.refusal : bug
  c.var.log.code = refusal.code
  const status = statusOf[refusal.code]
  if (status >= 500) c.var.log.error = storyOf(error)
  return problemResponse(refusal, c.var.requestId)
}

/** A refusal's answer, for those who have no context to answer in. */
export function problemResponse(refusal: Refusal, requestId: string): Response {
  const { code, detail, errors, extra } = refusal
  const status = statusOf[code]
  const instance = refusal.instance ?? `urn:tollgate:request:${requestId}`
  const known = { type: `urn:tollgate:problem:${code}`, title: titleOf[code], status, detail, instance, code }
  const body = { ...extra, ...known, ...(errors ? { errors } : {}) }
  const headers = new Headers({ 'content-type': 'application/problem+json', 'request-id': requestId })
  const retryAfter = refusal.retryAfterSeconds ?? retryAfterOf[code]
  if (retryAfter !== undefined) headers.set('retry-after', String(Math.max(1, Math.ceil(retryAfter))))
  if (code === 'unauthorized') headers.set('www-authenticate', 'Bearer')
  if (extra?.allow !== undefined) headers.set('allow', extra.allow)
  return new Response(JSON.stringify(body), { status, headers })
}

const bug: Refusal = {
  code: 'internal_error',
  detail:
    'The gateway failed to answer; it is logged under the request-id. The same Idempotency-Key may try again.',
}

/** Stacks down to the first cause. Drizzle prints a statement's parameters into its message, and those stay inside. */
function storyOf(error: unknown): string {
  const chapters: string[] = []
  for (let link = error; link !== undefined && link !== null && chapters.length < 5; ) {
    const text = link instanceof Error ? (link.stack ?? `${link.name}: ${link.message}`) : String(link)
    chapters.push(text.replace(/\nparams:.*(?=\n\s+at |$)/s, ''))
    link = link instanceof Error ? link.cause : null
  }
  return chapters.join('\ncaused by: ').slice(0, 8_000)
}
