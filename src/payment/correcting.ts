/** The object's step of a correction: the open session is ended or locked first, then the person's word is written. */
import { type CorrectionWord, decideCorrection } from '../domain/corrections.ts'
import { isHeld } from '../domain/lease.ts'
import { isPayable } from '../domain/tracks.ts'
import { paymentView } from '../domain/view.ts'
import { type Subject, subjectOf } from './asking.ts'
import type { Book } from './book.ts'
import { judgeAgain } from './hearing.ts'
import { type Answer, type Key, keep, keyReused, lookUp } from './keys.ts'
import { planLastLook } from './last-look.ts'
import type { Tracked } from './tracking.ts'

export interface Correct {
  word: CorrectionWord
  key: Key
  actor: string
  /** How many people a correction takes. */
  approvals: number
  /** The provider was told to end the open session; whatever came of it, the person's word now counts. */
  wasEnded: boolean
}

export type Corrected = Tracked | { kind: 'end_first'; subject: Subject }

export function correct(book: Book, { word, key, actor, approvals, wasEnded }: Correct): Corrected | null {
  const { payment, side, around } = book
  if (payment === null) return null
  const known = lookUp(book.storage, key)
  if (known.kind === 'reused') return { kind: 'refused', refusal: keyReused }
  if (known.kind === 'answered') return { kind: 'answer', answer: known.answer, replayed: true }
  const decision = decideCorrection(payment, word, actor, approvals, around.now, wasEnded)
  if (decision.kind === 'refuse') {
    // A correction that was tried and not allowed is part of the story.
    const why = decision.refusal.detail
    book.write([{ type: 'command.refused', data: { command: 'correction', sessionId: null, why } }], actor)
    return { kind: 'refused', refusal: decision.refusal }
  }
  if (decision.kind === 'correct') {
    const { id, state, references } = decision.session
    if (isHeld(side.lease, around.now) && side.lease.sessionId === id) return busy
    const subject = subjectOf(book, id)
    if (isPayable(state) && references.length > 0 && !wasEnded && subject !== null)
      return { kind: 'end_first', subject }
    planLastLook(book, decision.session, word.to)
  }
  book.write(decision.entries, actor)
  // What the provider told before it, such as a refund, may count from here on.
  if (decision.kind === 'correct') judgeAgain(book, decision.session.id)
  return {
    kind: 'answer',
    answer: kept(book, decision.kind === 'propose' ? 202 : 200, key, actor),
    replayed: false,
  }
}

const busy: Corrected = {
  kind: 'refused',
  refusal: {
    code: 'idempotency_in_progress',
    detail: 'A call to the provider is under way for this session. Repeat the correction in a moment.',
    retryAfterSeconds: 5,
  },
}

function kept(book: Book, status: number, key: Key, actor: string): Answer {
  const entry = { type: 'command.answered', data: { command: 'correction', sessionId: null } } as const
  const json = book.foresee(entry, (after) => JSON.stringify(paymentView(after)))
  const answer: Answer = { kind: 'body', status, json }
  book.write([entry], actor, keep(key, answer))
  return answer
}
