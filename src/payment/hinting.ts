/**
 * Hints: somebody says, without proof, that something happened at the provider. What it was, only the provider can tell,
 * and of a settled session too: money may have come late, or been given back there. A hint is remembered until a question
 * that was put some minutes after the first one brings nothing new: what a provider says when it is asked may be behind
 * what it hinted at, and news may be of something that happened before.
 */
import { askAgainMs } from '../domain/clock.ts'
import type { Named } from '../domain/provider.ts'
import type { Book } from './book.ts'
import { sessionNamed } from './hearing.ts'

/** One question per session in this time, however many hints come and however many customers reload a page. */
export const ASK_AT_MOST_EVERY_MS = 5_000
/** Hints come in swarms: what is done together is asked about once. */
const SOON_MS = 1_000
/** About half a day of silence. It may have been a stranger's word, and what is open is asked about all the same. */
const MOST_TRIES = 20
/** How far a provider's status may be behind. */
const SECOND_LOOK_MS = 7 * 60_000

/** `askedAt` tells when a session was asked about last, in milliseconds since the epoch. */
export function takeHint(
  book: Book,
  connectionId: string,
  named: Named,
  askedAt: (sessionId: string) => number,
): void {
  const session = book.payment === null ? undefined : sessionNamed(book.payment, connectionId, named)
  if (session?.connectionId !== connectionId) return
  const { hints = {} } = book.side
  const at = Math.max(book.around.now + SOON_MS, askedAt(session.id) + ASK_AT_MOST_EVERY_MS)
  const planned = hints[session.id]
  // The question may be under way; putting it off instead would let a flood of hints put it off for ever.
  const isDue = planned !== undefined && planned.at <= book.around.now
  // A flood of hints writes once while the question is to come.
  if (planned !== undefined && !isDue && planned.at <= at) return
  const next = isDue ? { ...planned, cameAt: book.around.now } : { at, tries: planned?.tries ?? 0 }
  book.side.hints = { ...hints, [session.id]: next }
  book.touch()
}

/** What a question brought: something that was not known here, nothing new, no answer, or that none can ever come. */
export type Yield = 'news' | 'nothing_new' | 'silence' | 'unaskable'

/**
 * The provider was asked at `askedAt`, which may settle hints that came before; one that came while the question was
 * under way is about something that the answer may not know of.
 */
export function hintAsked(book: Book, sessionId: string, askedAt: number, brought: Yield): void {
  const { hints } = book.side
  const hint = hints?.[sessionId]
  if (hints === undefined || hint === undefined || hint.at > askedAt) return
  const isAnswered = brought === 'news' || brought === 'nothing_new'
  // What came meanwhile is a hint of its own.
  if (isAnswered && (hint.cameAt ?? 0) >= askedAt) {
    hints[sessionId] = { at: Math.max(book.around.now + SOON_MS, askedAt + ASK_AT_MOST_EVERY_MS), tries: 0 }
    book.touch()
    return
  }
  const tries = hint.tries + 1
  const isSettled = brought === 'unaskable' || (brought === 'nothing_new' && hint.again === true)
  if (isSettled || tries >= MOST_TRIES) delete hints[sessionId]
  else if (brought === 'silence')
    hints[sessionId] = { ...hint, at: book.around.now + askAgainMs(tries), tries }
  else hints[sessionId] = { at: book.around.now + SECOND_LOOK_MS, tries, again: true }
  book.touch()
}
