/**
 * The object's steps of a money command: begin (decide, write the intention with the provider's key, take the lease)
 * and conclude (write what the provider answered). Between them a Worker calls the provider, once.
 */

import { askAgainMs } from '../domain/clock.ts'
import {
  actionOf,
  type Commanded,
  concluded,
  decideCommand,
  isApproved,
  mayRepeat,
} from '../domain/commands.ts'
import type { Refusal } from '../domain/errors.ts'
import { isHeld, released, speaks, take } from '../domain/lease.ts'
import { isInDoubt, type Session, sessionOf } from '../domain/payment.ts'
import type { Action, Capabilities, Fact, Outcome } from '../domain/provider.ts'
import { hasPendingRefund } from '../domain/refunds.ts'
import { paymentView } from '../domain/view.ts'
import { type Subject, subjectOf, tellAs } from './asking.ts'
import type { Book } from './book.ts'
import { type Answer, type Key, keep, keyReused, lookUp } from './keys.ts'
import { schedule } from './opening.ts'

/** Longer than the hard timeout of a provider call (8 s). */
const COMMAND_LEASE_MS = 20_000

/** Banks and people take their time, so the first question comes as late as if some had been put already. */
const LATER_TRIES = 5

export interface BeginCommand {
  command: Commanded
  key: Key
  actor: string
  /** What each connection's provider can do; a connection that is missing cannot be used. */
  capabilities: Record<string, Capabilities>
}

/** A provider call to be made now, by the holder of this epoch only. */
export interface Call {
  sessionId: string
  epoch: number
  action: Action
  /** The provider's idempotency key. */
  key: string
  subject: Subject
}

export type CommandBegun =
  | { kind: 'answer'; answer: Answer; replayed: boolean }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'wait' }
  | { kind: 'call'; call: Call }

export function beginCommand(
  book: Book,
  { command, key, actor, capabilities }: BeginCommand,
): CommandBegun | null {
  const { payment, side } = book
  if (payment === null) return null
  const known = lookUp(book.storage, key)
  if (known.kind === 'reused') return { kind: 'refused', refusal: keyReused }
  if (known.kind === 'answered') return { kind: 'answer', answer: known.answer, replayed: true }
  if (isHeld(side.lease, book.around.now)) return { kind: 'wait' }
  // Begun before and not concluded: what is known by now is the answer, and nothing is sent a second time.
  if (known.kind === 'unanswered') return { kind: 'answer', answer: standing(book), replayed: false }
  const decision = decideCommand(payment, command, (session) => capabilities[session.connectionId] ?? null)
  if (decision.kind === 'refuse') {
    const why = decision.refusal.detail
    // A refused command is on record, unless it was only badly said.
    if (decision.refusal.code === 'not_allowed_now')
      book.write(
        [{ type: 'command.refused', data: { command: command.type, sessionId: command.sessionId, why } }],
        actor,
      )
    return { kind: 'refused', refusal: decision.refusal }
  }
  book.write(decision.entries, actor, keep(key))
  return { kind: 'call', call: callFor(book, decision.sessionId) }
}

/** What the object sends by itself: the capture that a customer approved, or a repeat under a key that still lives. */
export function ownCommand(book: Book, sessionId: string, capabilities: Capabilities): Call | null {
  const { payment, side, around } = book
  const session = payment === null ? undefined : sessionOf(payment, sessionId)
  if (payment === null || session === undefined || isHeld(side.lease, around.now)) return null
  if (session.command !== null)
    return mayRepeat(session.command, capabilities, around.now) ? callFor(book, sessionId) : null
  if (!capabilities.approves || !isApproved(payment, session)) return null
  const asked: Commanded = { type: 'capture', amount: null, sessionId, reason: null }
  const decision = decideCommand(payment, asked, () => capabilities)
  if (decision.kind === 'refuse') return null
  book.write(decision.entries, 'tollgate')
  return callFor(book, sessionId)
}

function callFor(book: Book, sessionId: string): Call {
  const { side, around, payment } = book
  const session = payment === null ? undefined : sessionOf(payment, sessionId)
  const subject = subjectOf(book, sessionId)
  const lease = take(side.lease, 'command', sessionId, around.now, COMMAND_LEASE_MS)
  if (session?.command == null || subject === null || lease === null)
    throw new Error(`Session ${sessionId} has no command to be called for.`)
  side.lease = lease
  // Should this Worker die, the alarm asks the provider what became of it.
  side.asks[sessionId] = { at: lease.until, tries: triesOf(book, sessionId) }
  book.touch()
  const { key } = session.command
  return { sessionId, epoch: lease.epoch, action: actionOf(session.command), key, subject }
}

export interface Conclude {
  sessionId: string
  epoch: number
  outcome: Outcome<Fact[]>
  /** The caller's idempotency key; null when the object acted by itself. */
  key: Key | null
  actor: string
}

/** Writes the outcome; null when the lease has gone to somebody else, and then the payment tells how it stands. */
export function conclude(book: Book, { sessionId, epoch, outcome, key, actor }: Conclude): Answer | null {
  const { side } = book
  const session = current(book, sessionId)
  if (session === undefined || side.lease === null || !speaks(side.lease, epoch)) return null
  side.lease = released(side.lease)
  book.touch()
  const tries = triesOf(book, sessionId)
  const asked = session.command
  if (outcome.kind === 'done') for (const fact of outcome.value) tellAs(book, sessionId, fact, actor)
  const after = current(book, sessionId) ?? session
  const accepted = outcome.kind === 'done' && outcome.value.some(isPromise)
  if (accepted && after.command !== null)
    book.write(
      [
        {
          type: 'command.accepted',
          data: { sessionId, command: after.command.type, key: after.command.key },
        },
      ],
      actor,
    )
  book.write(concluded(after, outcome), actor)
  const refusedInDoubt = outcome.kind === 'declined' && asked?.status === 'in_doubt'
  plan(book, sessionId, tries, refusedInDoubt)
  const answer = outcome.kind === 'declined' ? declined(sessionId, outcome) : standing(book)
  const isFinal = outcome.kind === 'declined' || current(book, sessionId)?.command?.key !== asked?.key
  if (key !== null && isFinal)
    book.write(
      [{ type: 'command.answered', data: { command: asked?.type ?? '', sessionId } }],
      actor,
      keep(key, answer),
    )
  return answer
}

const isPromise = (fact: Fact): boolean => fact.type === 'refund_pending' || fact.type === 'capture_pending'

/**
 * A session that can still be paid goes on waiting for its end, however its command ended. A hold, and a refund that was
 * only accepted, are asked about in good time: the provider may have refused because we do not know how they stand. So is
 * a command that was refused when it was repeated: what was sent first may still be on its way, behind that answer.
 */
function plan(book: Book, sessionId: string, tries: number, refusedInDoubt: boolean): void {
  const session = current(book, sessionId)
  if (session === undefined) return
  if (session.command !== null || session.state === 'ending')
    book.side.asks[sessionId] = { at: book.around.now + askAgainMs(tries), tries }
  else if (session.state === 'authorized' || isRefunding(book, sessionId) || refusedInDoubt)
    book.side.asks[sessionId] = { at: book.around.now + askAgainMs(LATER_TRIES), tries: LATER_TRIES }
  else if (session.doubt === null) schedule(book, session)
}

const isRefunding = (book: Book, sessionId: string): boolean =>
  book.payment !== null && hasPendingRefund(book.payment, sessionId)

/** Asks so far, so that what the machine repeats by itself comes at longer and longer intervals. */
const triesOf = (book: Book, sessionId: string): number => Math.max(1, book.side.asks[sessionId]?.tries ?? 1)

/** The payment as it now is: 202 while a command of it is still under way or in doubt. */
function standing(book: Book): Answer {
  const { payment } = book
  if (payment === null) throw new Error('Nothing was ever commanded here.')
  const waits = payment.sessions.some((session) => session.command !== null || isInDoubt(session))
  const pending = payment.refunds.some((refund) => refund.status === 'pending')
  return { kind: 'body', status: waits || pending ? 202 : 200, json: JSON.stringify(paymentView(payment)) }
}

function declined(
  sessionId: string,
  { code, detail }: Extract<Outcome<unknown>, { kind: 'declined' }>,
): Answer {
  return {
    kind: 'refusal',
    refusal: {
      code: 'provider_declined',
      detail: `The provider refused: ${detail}`,
      instance: `urn:tollgate:session:${sessionId}`,
      extra: { decline_code: code },
    },
  }
}

function current(book: Book, sessionId: string): Session | undefined {
  return book.payment === null ? undefined : sessionOf(book.payment, sessionId)
}
