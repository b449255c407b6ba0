/** The gateway's refusals: stable codes that callers program against, and sentences that say what to do next. */

export type ErrorCode =
  | 'malformed_body'
  | 'idempotency_key_missing'
  | 'unauthorized'
  | 'provider_declined'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'idempotency_in_progress'
  | 'order_locked'
  | 'order_already_paid'
  | 'order_expired'
  | 'previous_attempt_in_doubt'
  | 'too_many_attempts'
  | 'not_allowed_now'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'validation_failed'
  | 'idempotency_key_reused'
  | 'order_token_invalid'
  | 'order_token_expired'
  | 'order_token_superseded'
  | 'quote_refused'
  | 'amount_mismatch'
  | 'currency_mismatch'
  | 'rate_limited'
  | 'internal_error'
  | 'provider_unavailable'
  | 'quote_unavailable'
  | 'temporarily_unavailable'

/** One wrong place in a request body: an RFC 6901 pointer and what is wrong there. */
export interface BodyError {
  pointer: string
  detail: string
}

/** What a refusal may carry besides its sentence. */
export interface Refusal {
  code: ErrorCode
  /** What to do next, for a developer who reads it. */
  detail: string
  errors?: BodyError[]
  /** Seconds after which asking again makes sense. */
  retryAfterSeconds?: number
  /** What the problem is an instance of, when that is not the request: a kept answer is the same each time. */
  instance?: string
  /** Members added to the problem, such as the status that did not allow a command. */
  extra?: Record<string, string>
}

/** Stops a request with a refusal; anything else that is thrown is a bug. */
export class GatewayError extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.detail)
    this.name = 'GatewayError'
    this.refusal = refusal
  }
}
