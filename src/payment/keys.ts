/**
 * Idempotency keys: kept on the journal row of what they did, so that a key, its effect and its answer are written
 * together or not at all. Contract §3.
 */
import type { Refusal } from '../domain/errors.ts'
import type { Marks } from './journal.ts'
import type { ObjectStorage } from './storage.ts'

/** A key as it is bound: to one operation on this payment, by one kind of caller. */
export interface Key {
  name: string
  /** Hash of what the request resolves to. */
  fingerprint: string
}

/** What a key is answered with again. */
export type Answer =
  | { kind: 'body'; status: number; json: string }
  /** A definitive refusal by the provider. */
  | { kind: 'refusal'; refusal: Refusal }

export type Known =
  | { kind: 'first' }
  | { kind: 'reused' }
  | { kind: 'unanswered' }
  | { kind: 'answered'; answer: Answer }

/** What this object knows of the key. A scan of the few rows of one payment is cheaper than an index to keep. */
export function lookUp(storage: ObjectStorage, key: Key): Known {
  const rows = storage.exec('SELECT fingerprint, answer FROM journal WHERE key = ? ORDER BY seq', key.name)
  if (rows.length === 0) return { kind: 'first' }
  if (rows.some((row) => row.fingerprint !== key.fingerprint)) return { kind: 'reused' }
  const answer = rows.findLast((row) => row.answer !== null)?.answer
  if (typeof answer !== 'string') return { kind: 'unanswered' }
  return { kind: 'answered', answer: JSON.parse(answer) as Answer }
}

export const keyReused: Refusal = {
  code: 'idempotency_key_reused',
  detail: 'This Idempotency-Key was used for another request. Use a new key for a new request.',
}

/** The marks that keep the key, and its answer where there is one. */
export function keep(key: Key, answer?: Answer): Marks {
  const marks = { key: key.name, fingerprint: key.fingerprint }
  return answer === undefined ? marks : { ...marks, answer: JSON.stringify(answer) }
}
