/** The object's steps of the tracks that other systems move: fiscal receipts and fulfilment. */
import type { Refusal } from '../domain/errors.ts'
import { decideFulfillment, type FulfillmentWord } from '../domain/fulfillment.ts'
import { decideReceipt, type ReceiptWord } from '../domain/receipts.ts'
import { paymentView } from '../domain/view.ts'
import type { Book } from './book.ts'
import { type Answer, type Key, keep, keyReused, lookUp } from './keys.ts'

/** What is told, by whom, and under which idempotency key; null when there is none. */
export interface Told<T> {
  word: T
  key: Key | null
  actor: string
}

export type Tracked =
  | { kind: 'answer'; answer: Answer; replayed: boolean }
  | { kind: 'refused'; refusal: Refusal }

export function tellReceipt(book: Book, told: Told<ReceiptWord>): Tracked | null {
  return track(book, told, 'fiscal_receipt', (payment) => decideReceipt(payment, told.word))
}

export function tellFulfillment(book: Book, told: Told<FulfillmentWord>): Tracked | null {
  const { status, note } = told.word
  return track(book, told, 'fulfillment', (payment) => decideFulfillment(payment, status, note))
}

type Decision = ReturnType<typeof decideReceipt> | ReturnType<typeof decideFulfillment>

function track(
  book: Book,
  { key, actor }: Told<unknown>,
  command: string,
  decide: (payment: NonNullable<Book['payment']>) => Decision,
): Tracked | null {
  const { payment } = book
  if (payment === null) return null
  const known = key === null ? { kind: 'first' as const } : lookUp(book.storage, key)
  if (known.kind === 'reused') return { kind: 'refused', refusal: keyReused }
  if (known.kind === 'answered') return { kind: 'answer', answer: known.answer, replayed: true }
  const decision = decide(payment)
  if (decision.kind === 'refuse') return { kind: 'refused', refusal: decision.refusal }
  if (decision.kind === 'write') book.write(decision.entries, actor)
  const entry = { type: 'command.answered', data: { command, sessionId: null } } as const
  const answer = book.foresee(
    entry,
    (after): Answer => ({ kind: 'body', status: 200, json: JSON.stringify(paymentView(after)) }),
  )
  if (key !== null) book.write([entry], actor, keep(key, answer))
  return { kind: 'answer', answer, replayed: false }
}
