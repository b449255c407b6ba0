/**
 * The object's steps around asking a provider how a session stands: what to ask, what the answer does, and what is
 * still to be done. The question itself is put between two steps (`ask.ts`), outside every transaction.
 */
import { askAgainMs, endingOf, GRACE_MS } from '../domain/clock.ts'
import { differencesOf, type Said } from '../domain/compare.ts'
import { raise } from '../domain/exceptions.ts'
import { record, type Source } from '../domain/facts.ts'
import { isHeld } from '../domain/lease.ts'
import type { Session } from '../domain/payment.ts'
import { sessionOf } from '../domain/payment.ts'
import type { Capabilities, Fact, Found, Outcome, SessionReference } from '../domain/provider.ts'
import { hasPendingRefund } from '../domain/refunds.ts'
import { allowed, holdsMoney, isPayable } from '../domain/tracks.ts'
import type { Book } from './book.ts'
import { follow, inOurWords } from './hearing.ts'
import { hintAsked, type Yield } from './hinting.ts'
import { looked } from './last-look.ts'

/** What a Worker needs to know to ask about a session or end it. */
export interface Subject {
  connectionId: string
  merchantId: string
  session: SessionReference
  /** Whether nobody can have paid there, so that asking tells nothing. */
  settled: boolean
  /** Milliseconds since the epoch: what comes to be known later, the answer may not know of. */
  askedAt: number
}

/** Null when there is no such session. */
export function subjectOf(book: Book, sessionId: string): Subject | null {
  const { payment } = book
  const session = payment === null ? undefined : sessionOf(payment, sessionId)
  if (payment === null || session === undefined) return null
  return {
    connectionId: session.connectionId,
    merchantId: payment.merchantId,
    session: {
      sessionId,
      orderId: payment.orderId,
      references: session.references,
      amount: session.amount,
      currency: session.currency,
      expiresAt: session.expiresAt,
      calls: session.calls,
      captured: session.captured,
      refunded: session.refunded,
    },
    settled:
      !isPayable(session.state) &&
      session.doubt === null &&
      session.command === null &&
      session.state !== 'authorized',
    askedAt: book.around.now,
  }
}

/** What is to be done after an answer: nothing now, or the provider must be told to end the checkout. */
export type Next = 'nothing' | 'end'

/** Writes what the provider said of the session when it was asked at `askedAt`, and what follows from it by the clock. */
export function learn(
  book: Book,
  sessionId: string,
  outcome: Outcome<Found>,
  capabilities: Capabilities,
  askedAt: number,
): Next {
  const known = book.payment?.version
  if (outcome.kind === 'done') {
    const { facts, references, orderId } = outcome.value
    const words = { references, orderId: orderId ?? null }
    const differs = facts.some((fact) => isDifferent(book, sessionId, fact, words))
    for (const fact of facts) tell(book, sessionId, 'check', fact, words, differs)
  }
  const isAnswered = outcome.kind === 'done' || !capabilities.statusCheck
  hintAsked(book, sessionId, askedAt, yieldOf(isAnswered, book.payment?.version !== known, capabilities))
  // While a call is under way, a checkout may come to be right after the provider has said that there is none.
  const isOver =
    outcome.kind === 'done' && !outcome.value.payable && !isHeld(book.side.lease, book.around.now)
  doubtLostCommand(book, sessionId)
  const word = isOver ? 'over' : isAnswered ? 'heard' : 'silent'
  const next = proceed(book, sessionId, capabilities, word)
  looked(book, sessionId, capabilities, word, askedAt)
  return next
}

function yieldOf(isAnswered: boolean, isNew: boolean, { statusCheck }: Capabilities): Yield {
  if (!statusCheck) return 'unaskable'
  if (isNew) return 'news'
  return isAnswered ? 'nothing_new' : 'silence'
}

/** A command whose Worker died between the call and the answer: nobody knows, so nobody guesses. */
function doubtLostCommand(book: Book, sessionId: string): void {
  const command = current(book, sessionId)?.command
  if (command?.status !== 'running' || isHeld(book.side.lease, book.around.now)) return
  const detail = 'The answer to the command was lost here.'
  write(book, {
    type: 'command.doubted',
    data: { sessionId, command: command.type, key: command.key, detail },
  })
}

export type Word = 'over' | 'heard' | 'silent'

/**
 * `over`: the provider says that nobody can pay there, which is what an end by time waits for. `silent`: it did not
 * answer, and while it can be asked, time alone does not end a checkout that somebody could have paid at.
 */
function proceed(book: Book, sessionId: string, capabilities: Capabilities, word: Word): Next {
  const { now } = book.around
  const session = current(book, sessionId)
  if (session === undefined) return 'nothing'
  const planned = endingOf(session, capabilities, now)
  // Where it takes our capture to pay, nobody can have paid without our knowing.
  const mayBePaid = session.references.length > 0 && !capabilities.approves
  const mustHear = word === 'silent' && planned === 'expire' && mayBePaid
  const ending = mustHear ? 'ask_again' : planned
  switch (word === 'over' && ending !== 'wait' ? 'expire' : ending) {
    case 'expire':
      tell(book, sessionId, 'clock', { type: 'expired' }, noWords)
      if (session.yesAt !== null && !capabilities.statusCheck) unconfirmed(book, sessionId)
      break
    case 'end':
      if (session.state !== 'ending')
        write(book, { type: 'session.ending', data: { sessionId, why: 'clock' } })
      later(book, sessionId, capabilities)
      return 'end'
    case 'ask_again':
      if (session.state !== 'ending')
        write(book, { type: 'session.ending', data: { sessionId, why: 'clock' } })
      break
    case 'wait':
      break
  }
  later(book, sessionId, capabilities)
  return 'nothing'
}

/** Money was told yes, no word of it came, and there is nobody to ask: only a person can look whether it moved. */
function unconfirmed(book: Book, sessionId: string): void {
  const { payment } = book
  if (payment === null) return
  const detail = `The provider may have taken money for session ${sessionId}, and never said whether it did.`
  write(book, ...raise(payment, { kind: 'in_doubt_too_long', cause: sessionId, detail, sessionId }))
}

interface Words {
  references: string[]
  orderId: string | null
}

/** Whether this part of an answer is not about the session and its money; then no other part settles a doubt. */
function isDifferent(book: Book, sessionId: string, fact: Fact, words: Words): boolean {
  const session = current(book, sessionId)
  if (book.payment === null || session === undefined) return false
  return differencesOf(session, book.payment.orderId, saidOf(session, words), fact).length > 0
}

function saidOf(session: Session, { references, orderId }: Words): Said {
  // Who answers by a reference that is the session's own may name more of them: a payment's, beside its checkout's.
  const own = references.find((reference) => session.references.includes(reference))
  return { reference: own ?? references[0] ?? null, orderId, also: references }
}

const noWords = { references: [] as string[], orderId: null }

function tell(
  book: Book,
  sessionId: string,
  source: Source,
  fact: Fact,
  words: Words,
  differs = false,
): void {
  const { payment } = book
  const session = payment === null ? undefined : sessionOf(payment, sessionId)
  if (payment === null || session === undefined) return
  const said = saidOf(session, words)
  const told = { source, session, fact: inOurWords(book, session, fact), said, report: null, differs }
  const { outcome, entries } = record(payment, told)
  write(book, ...entries)
  if (source !== 'check' || outcome === 'applied') follow(book, sessionId, outcome)
}

/** Plans the next question, or none when there is nothing left to know; too long a doubt goes to a human. */
function later(book: Book, sessionId: string, capabilities: Capabilities): void {
  const { polled, statusCheck } = capabilities
  const session = current(book, sessionId)
  const { payment, side } = book
  const { now, inDoubtTooLongMs } = book.around
  book.touch()
  if (payment === null || session === undefined) return
  // A hold may be taken or given back in the provider's own back office, and some providers do not tell.
  const isFollowed = hasPendingRefund(payment, sessionId) || (polled && session.state === 'authorized')
  if (isSettled(session) && !(statusCheck && isFollowed)) {
    delete side.asks[sessionId]
    return
  }
  const since =
    session.doubtSince ??
    (session.command === null || session.command.status === 'running' ? null : session.command.begunAt) ??
    (session.state === 'ending' ? session.expiresAt + GRACE_MS : null)
  if (since !== null && now - since >= inDoubtTooLongMs) {
    const detail = `The provider has not said how session ${sessionId} ended.`
    write(book, ...raise(payment, { kind: 'in_doubt_too_long', cause: sessionId, detail, sessionId }))
  }
  const tries = (side.asks[sessionId]?.tries ?? 0) + 1
  const early =
    session.doubt === null &&
    session.command === null &&
    isPayable(session.state) &&
    session.state !== 'ending' &&
    session.expiresAt > now
  side.asks[sessionId] = early
    ? earlyAsk(session, now, tries, polled)
    : { at: now + askAgainMs(tries), tries }
}

/** A provider that reports is trusted to until the session's end; one that does not is asked now and then. */
function earlyAsk(
  session: Session,
  now: number,
  tries: number,
  polled: boolean,
): { at: number; tries: number } {
  return polled
    ? { at: Math.min(session.expiresAt, now + askAgainMs(tries + 2)), tries }
    : { at: session.expiresAt, tries: 0 }
}

const isSettled = (session: Session): boolean =>
  session.doubt === null &&
  session.command === null &&
  (holdsMoney(session.state) || !isPayable(session.state))

/** Writes what the provider answered when it was told to end the checkout. */
export function ended(
  book: Book,
  sessionId: string,
  outcome: Outcome<Fact[]>,
  why: 'asked' | 'clock',
  actor: string,
): void {
  const session = current(book, sessionId)
  if (session === undefined) return
  // A capture of what the customer approved may be at the provider right now, or money that was told yes on its way: then
  // only what becomes of it ends the session.
  const isBeingPaid = isPayable(session.state) && (session.command !== null || session.yesAt !== null)
  if (outcome.kind === 'done' && !isBeingPaid) {
    for (const fact of outcome.value) {
      const now = current(book, sessionId)
      if (now !== undefined) tellAs(book, sessionId, inOurWords(book, now, fact), actor)
    }
  } else if (isPayable(session.state) && session.state !== 'ending') {
    book.write(
      [{ type: 'session.ending', data: { sessionId, why: why === 'clock' ? 'clock' : 'asked' } }],
      actor,
    )
  }
  soon(book, sessionId, why)
}

/** What the provider answered to a command of ours, as a fact in the name of whoever gave the command. */
export function tellAs(book: Book, sessionId: string, fact: Fact, actor: string): void {
  const { payment } = book
  const session = payment === null ? undefined : sessionOf(payment, sessionId)
  if (payment === null || session === undefined) return
  const said = { reference: null, orderId: null }
  const { outcome, entries } = record(payment, { source: 'command', session, fact, said, report: null })
  book.write(entries, actor)
  follow(book, sessionId, outcome)
}

/** What the clock ends is asked about when its last answer planned it, so that a provider's no comes ever less often. */
function soon(book: Book, sessionId: string, why: 'asked' | 'clock'): void {
  const session = current(book, sessionId)
  const { asks } = book.side
  if (session === undefined || isSettled(session)) delete asks[sessionId]
  else if (why === 'asked' || asks[sessionId] === undefined)
    asks[sessionId] = { at: book.around.now + askAgainMs(1), tries: 1 }
  book.touch()
}

export type EndBegun =
  | { kind: 'refused'; status: string }
  /** Nobody ever had its address: it ended here and now. */
  | { kind: 'ended' }
  | { kind: 'call'; subject: Subject }

/** Whether the session can be ended, and by whom. */
export function beginEnd(book: Book, sessionId: string, leaseHeld: boolean, actor: string): EndBegun | null {
  const session = current(book, sessionId)
  const subject = subjectOf(book, sessionId)
  if (session === undefined || subject === null) return null
  if (!allowed.end.includes(session.state) || session.doubt !== null)
    return { kind: 'refused', status: session.doubt !== null ? 'in_doubt' : session.state }
  if (session.references.length === 0 && !leaseHeld) {
    tellAs(book, sessionId, { type: 'canceled' }, actor)
    return { kind: 'ended' }
  }
  if (session.references.length === 0) return { kind: 'refused', status: session.state }
  return { kind: 'call', subject }
}

function current(book: Book, sessionId: string): Session | undefined {
  return book.payment === null ? undefined : sessionOf(book.payment, sessionId)
}

function write(book: Book, ...entries: Parameters<Book['write']>[0]): void {
  book.write(entries, 'tollgate')
}

/** The question could not even be put: whatever it was due for is put off, and ever later. */
export function postpone(book: Book, sessionId: string): void {
  const { side, around } = book
  hintAsked(book, sessionId, around.now, 'silence')
  for (const planned of [side.asks, side.looks ?? {}]) {
    const due = planned[sessionId]
    if (due === undefined || due.at > around.now) continue
    const tries = due.tries + 1
    planned[sessionId] = { at: around.now + askAgainMs(tries), tries }
  }
  book.touch()
}
