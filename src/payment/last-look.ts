/**
 * Looks at a provider after a person has called a session over. The person's word counts at once; but a provider that could
 * not end the checkout may have taken money, or still may, and its report may never come. Then nobody else would see it.
 * Looks lie apart from the other questions (`side.looks`), so that nothing else that is planned or forgotten ends them.
 */
import { askAgainMs, DAY_MS, GRACE_MS, latestEnd } from '../domain/clock.ts'
import { type Session, sessionOf } from '../domain/payment.ts'
import type { Capabilities } from '../domain/provider.ts'
import { isPayable } from '../domain/tracks.ts'
import type { Word } from './asking.ts'
import type { Book } from './book.ts'
import type { Ask } from './side.ts'

/** So often a provider that does not answer is asked again, which is about a day, and one that never ends, which is a month. */
const MOST_LOOKS = 30

/** The first look at a session that is corrected to `to`; none where nobody can have paid without our knowing. */
export function planLastLook(book: Book, session: Session, to: string): void {
  const { id, state, references, doubt, command, endsAt, expiresAt } = session
  const { side, around } = book
  const isUnsure = isPayable(state) || state === 'authorized' || doubt !== null || command !== null
  book.touch()
  delete side.asks[id]
  if (to === 'paid') delete side.looks?.[id]
  else if (isUnsure && references.length > 0) {
    const from = isPayable(state) ? Math.max(around.now, endsAt ?? expiresAt) : around.now
    side.looks = { ...side.looks, [id]: { at: from + GRACE_MS, tries: 0 } }
  }
}

/** After a question that was put at `askedAt`, and that `word` came of: plans the next look, or none. */
export function looked(
  book: Book,
  sessionId: string,
  capabilities: Capabilities,
  word: Word,
  askedAt: number,
): void {
  const { looks } = book.side
  const look = looks?.[sessionId]
  const session = book.payment === null ? undefined : sessionOf(book.payment, sessionId)
  if (looks === undefined || look === undefined || session === undefined) return
  const isSeen = word === 'over' || session.captured > 0 || !capabilities.statusCheck
  // It was asked for another reason, before the look is due: money may still come until then.
  if (!isSeen && look.at > askedAt) return
  const next = isSeen ? null : nextLook(look, session, capabilities, word, book.around.now)
  if (next === null) delete looks[sessionId]
  else looks[sessionId] = next
  book.touch()
}

function nextLook(
  look: Ask,
  session: Session,
  capabilities: Capabilities,
  word: Word,
  now: number,
): Ask | null {
  const tries = look.tries + 1
  const limit = session.endsAt ?? latestEnd(session, capabilities)
  if (word === 'heard' && limit !== null)
    return now < limit + GRACE_MS ? { at: limit + GRACE_MS, tries: 0 } : null
  if (tries > MOST_LOOKS) return null
  return { at: now + (word === 'silent' ? askAgainMs(tries) : DAY_MS), tries }
}
