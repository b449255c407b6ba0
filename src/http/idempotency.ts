/** The Idempotency-Key header: 1 to 255 printable ASCII characters, bare or as a structured-field string (RFC 9651). */
import type { Context } from 'hono'
import { GatewayError } from '../domain/errors.ts'

export type ReadIdempotencyKey = { kind: 'key'; key: string } | { kind: 'missing' } | { kind: 'malformed' }

/** The key that a header's value means; `abc` and `"abc"` mean the same one. */
export function readIdempotencyKey(header: string | undefined): ReadIdempotencyKey {
  const value = (header ?? '').trim()
  if (value === '') return { kind: 'missing' }
  const key = value.startsWith('"') ? unquoted(value) : value
  return key !== null && /^[\x20-\x7e]{1,255}$/.test(key) ? { kind: 'key', key } : { kind: 'malformed' }
}

/** The request's key. Throws `idempotency_key_missing`, or `validation_failed` when it is no such key. */
export function idempotencyKey(c: Context): string {
  const read = readIdempotencyKey(c.req.header('idempotency-key'))
  if (read.kind === 'key') return read.key
  if (read.kind === 'missing')
    throw new GatewayError({
      code: 'idempotency_key_missing',
      detail:
        'Send an Idempotency-Key header: a fresh random text per operation, the same one on every retry of it.',
    })
  throw new GatewayError({
    code: 'validation_failed',
    detail: 'The Idempotency-Key is not 1 to 255 printable ASCII characters, bare or as one quoted string.',
  })
}

/** The text of a structured-field string, in which only the quote and the backslash are escaped. */
function unquoted(value: string): string | null {
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value)?.[1]
  return inner === undefined ? null : inner.replace(/\\(["\\])/g, '$1')
}
