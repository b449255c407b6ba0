/**
 * Looks at a provider after a person has called a session over. The person's word counts at once; but a provider that could
 * not end the checkout may have taken money, or still may, and its report may never come. Then nobody else would see it.
 */
import { askAgainMs, GRACE_MS, latestEnd } from '../domain/clock.ts'
import type { Session } from '../domain/payment.ts'
import type { Capabilities } from '../domain/provider.ts'
import { isPayable } from '../domain/tracks.ts'
import type { Word } from './asking.ts'
import type { Book } from './book.ts'

const DAY_MS = 86_400_000

/** So often a provider that does not answer is asked again, which is about a day, and one that never ends, which is a month. */
const MOST_LOOKS = 30

/** The first look at a session that is corrected to `to`; none where nobody can have paid without our knowing. */
export function planLastLook(book: Book, session: Session, to: string): void {
  const { id, state, references, doubt, command, endsAt, expiresAt } = session
  const { side, around } = book
  const isUnsure = isPayable(state) || state === 'authorized' || doubt !== null || command !== null
  // Somebody else has just called it over too; the look that they planned stands.
  if (to !== 'paid' && !isUnsure && side.asks[id]?.last === true) return
  book.touch()
  if (to === 'paid' || references.length === 0 || !isUnsure) {
    delete side.asks[id]
    return
  }
  const from = isPayable(state) ? Math.max(around.now, endsAt ?? expiresAt) : around.now
  side.asks[id] = { at: from + GRACE_MS, tries: 0, last: true }
}

/** Plans the next look after one that `word` came of; false when there is nothing left to see. */
export function looksAgain(book: Book, session: Session, capabilities: Capabilities, word: Word): boolean {
  const { side, around } = book
  const planned = side.asks[session.id]
  if (planned?.last !== true || !capabilities.statusCheck || session.captured > 0 || word === 'over')
    return false
  const tries = planned.tries + 1
  const limit = session.endsAt ?? latestEnd(session, capabilities)
  if (word === 'heard' && limit !== null && around.now < limit + GRACE_MS) {
    side.asks[session.id] = { at: limit + GRACE_MS, tries: 0, last: true }
    return true
  }
  if (tries > MOST_LOOKS || (word === 'heard' && limit !== null)) return false
  const waitMs = word === 'silent' ? askAgainMs(tries) : DAY_MS
  side.asks[session.id] = { at: around.now + waitMs, tries, last: true }
  return true
}
