/**
 * What a fact does to a payment: which journal entries record it. A fact is never refused; it is applied, already
 * known, premature, mismatched or contradicted, and each of these is written down. Design: facts outrank clocks.
 */
import { bringsMoney } from './apply.ts'
import { differencesOf, type Said } from './compare.ts'
import type { Difference, Entry, FactEntryType, HeardReport } from './entry.ts'
import { openException, raise, resolve } from './exceptions.ts'
import { refundId } from './ids.ts'
import type { ExceptionKind, Payment, Session } from './payment.ts'
import type { Fact } from './provider.ts'
import { differentRefund, isFailureOfUnknown, isRefundFact, isRefundNews } from './refunds.ts'
import {
  type DisputeStatus,
  disputeTable,
  holdsMoney,
  isPayable,
  type SessionFact,
  sessionTable,
} from './tracks.ts'

/** Who tells: a verified report, a status check, the outcome of our own command, or a clock that ran out. */
export type Source = 'report' | 'check' | 'command' | 'clock'

export type FactOutcome = 'applied' | 'stale' | 'premature' | 'mismatched' | 'contradicted'

export interface Recorded {
  outcome: FactOutcome
  entries: Entry[]
}

export interface Telling {
  source: Source
  session: Session
  fact: Fact
  said: Said
  report: HeardReport | null
  /** For a status check: that something else in the same answer differs, so that the answer settles no doubt. */
  differs?: boolean
}

/** Compares, then judges by the tables. The session must be one of the payment's. */
export function record(payment: Payment, telling: Telling): Recorded {
  const { session, fact, said } = telling
  const differences = differencesOf(session, payment.orderId, said, fact)
  if (differences.length > 0) return mismatched(payment, telling, differences)
  if (isRefundFact(fact)) {
    if (isOfOtherMoney(session, fact)) return known(telling)
    const expected = differentRefund(payment, session, fact)
    if (expected !== null) {
      const found = 'amount' in fact ? String(fact.amount) : null
      return mismatched(payment, telling, [{ field: 'amount', expected, found }])
    }
    if (session.state !== 'captured' || isFailureOfUnknown(payment, session, fact)) return premature(telling)
    return isRefundNews(payment, session, fact) ? applied(payment, telling) : known(telling)
  }
  switch (fact.type) {
    case 'disputed':
    case 'dispute_closed':
      return dispute(payment, telling, fact)
    case 'approved':
      return isPayable(session.state) && !session.approved ? applied(payment, telling) : known(telling)
    case 'capture_pending':
      return known(telling)
    case 'capture_failed':
      if (session.state !== 'captured')
        return session.command?.type === 'capture' ? applied(payment, telling) : known(telling)
      return contradicted(
        payment,
        telling,
        'The provider confirmed this capture before, and now says that it failed.',
      )
    default:
      return moved(payment, telling, fact.type)
  }
}

function moved(payment: Payment, telling: Telling, type: SessionFact): Recorded {
  const { session, source } = telling
  const next = sessionTable[session.state][type]
  if (next === undefined)
    return contradicted(payment, telling, `A session that is ${session.state} cannot be ${type}.`)
  const ends = type === 'failed' || type === 'canceled' || type === 'expired'
  // Somebody's money may be in it: only the provider's answer to our own question, or a person, lets it end.
  if (session.doubt !== null && ends && source !== 'check') return known(telling)
  // A checkout that nobody ever got the address of may end beside the one that is being paid.
  if (ends && source === 'report' && isOfAnother(telling)) return known(telling)
  if (next !== session.state) return applied(payment, telling)
  // The provider agrees with what we have, which is all that a doubt was waiting for. An end that changes nothing tells
  // nothing of the money that the session holds.
  const agrees = source === 'check' && telling.differs !== true && !(ends && holdsMoney(session.state))
  if (session.doubt !== null && agrees) return applied(payment, telling)
  return known(telling)
}

/** Whether the word is about a checkout that we know nothing of, while we know of another one of the same session. */
const isOfAnother = ({ session, said }: Pick<Telling, 'session' | 'said'>): boolean =>
  said.reference !== null && session.references.length > 0 && !session.references.includes(said.reference)

/** Whether other money was given back than what paid the session: that of a bill which nobody was ever sent to. */
const isOfOtherMoney = (session: Session, fact: Fact): boolean =>
  fact.type === 'refunded' &&
  fact.transaction !== undefined &&
  session.transaction !== null &&
  fact.transaction !== session.transaction

function applied(payment: Payment, telling: Telling): Recorded {
  const { session, fact, source, report, said } = telling
  const type: FactEntryType = `${source}.applied`
  const taught = taughtBy(session, said)
  const refund = isRefundFact(fact) ? refundId(payment.id, payment.refunds.length + 1) : null
  const entries: Entry[] = [
    { type, data: { sessionId: session.id, fact, references: taught, refundId: refund, report } },
  ]
  return { outcome: 'applied', entries: [...entries, ...unusualMoney(payment, session, fact)] }
}

/** What the word names that the session is not yet known by. */
const taughtBy = (session: Session, { reference, also = [] }: Said): string[] =>
  [...new Set([...(reference === null ? [] : [reference]), ...also])].filter(
    (one) => !session.references.includes(one),
  )

/** Money that came too late, or twice, counts all the same; a human is told. */
function unusualMoney(payment: Payment, session: Session, fact: Fact): Entry[] {
  if (!bringsMoney(session, fact)) return []
  const found: { kind: ExceptionKind; detail: string }[] = []
  if (!isPayable(session.state) && !holdsMoney(session.state))
    found.push({
      kind: 'late_payment',
      detail: `The provider reports money for session ${session.id}, which had ${session.state}.`,
    })
  if (payment.sessions.some((other) => other.id !== session.id && holdsMoney(other.state)))
    found.push({
      kind: 'duplicate_payment',
      detail: `Session ${session.id} holds money for an order that another session had already secured.`,
    })
  const entries: Entry[] = []
  for (const trouble of found)
    entries.push(...raise(payment, { ...trouble, cause: session.id, sessionId: session.id }, entries.length))
  return entries
}

function dispute(
  payment: Payment,
  telling: Telling,
  fact: Extract<Fact, { type: 'disputed' | 'dispute_closed' }>,
): Recorded {
  if (telling.session.state !== 'captured') return premature(telling)
  const heard = fact.type === 'disputed' ? 'disputed' : fact.outcome
  // Reports overtake each other, and a status check tells the old stories too: only what says that it happened after
  // the decision is a new dispute.
  const closedAt = payment.disputeClosedAt
  const occurredAt = telling.report?.occurredAt ?? null
  if (heard === 'disputed' && closedAt !== null && (occurredAt === null || occurredAt <= closedAt))
    return known(telling)
  const next = disputeTable[payment.disputeStatus][heard]
  if (next === undefined)
    return contradicted(payment, telling, `A dispute that was ${payment.disputeStatus} cannot be ${heard}.`)
  if (next === payment.disputeStatus) return known(telling)
  const { outcome, entries } = applied(payment, telling)
  return { outcome, entries: [...entries, ...disputeNews(payment, telling.session, next)] }
}

/** A human answers a dispute, and books one that was lost; one that was won needs nobody any more. */
function disputeNews(payment: Payment, session: Session, next: DisputeStatus): Entry[] {
  const told = { kind: 'dispute_opened', cause: session.id } as const
  if (next === 'won') return resolve(payment, told, 'won', null)
  const detail =
    next === 'lost'
      ? `The dispute about session ${session.id} was lost: the provider takes the money back.`
      : `The customer disputes session ${session.id}: answer it at the provider.`
  return raise(payment, { ...told, detail, sessionId: session.id })
}

function known({ source, session, fact, said, report }: Telling): Recorded {
  // A status check that says nothing new is no news; a report is kept, since somebody sent it.
  if (source !== 'report') return { outcome: 'stale', entries: [] }
  // What it names may be new all the same: a check may have told of the money, and only the report of its reference.
  const references = isOfAnother({ session, said }) ? [] : taughtBy(session, said)
  return {
    outcome: 'stale',
    entries: [{ type: 'report.stale', data: { sessionId: session.id, fact, references, report } }],
  }
}

function premature({ source, session, fact, report }: Telling): Recorded {
  if (source !== 'report') return { outcome: 'premature', entries: [] }
  return {
    outcome: 'premature',
    entries: [{ type: 'report.premature', data: { sessionId: session.id, fact, report } }],
  }
}

function mismatched(payment: Payment, telling: Telling, differences: Difference[]): Recorded {
  const { source, session, fact, report } = telling
  const moneyMoved = fact.type === 'authorized' || fact.type === 'captured'
  // A check repeats itself on every try, and so does a command's answer; while its doubt or exception stands, one entry
  // says it all.
  const told = { kind: 'report_mismatch', cause: session.id } as const
  const stands = session.doubt !== null || (!moneyMoved && openException(payment, told) !== undefined)
  if (source !== 'report' && stands) return { outcome: 'mismatched', entries: [] }
  const entries: Entry[] = [
    {
      type: source === 'report' ? 'report.mismatched' : 'check.mismatched',
      data: { sessionId: session.id, fact, differences, report },
    },
  ]
  if (moneyMoved && session.doubt === null)
    entries.push({ type: 'session.doubted', data: { sessionId: session.id, why: 'report_mismatch' } })
  const fields = differences.map((difference) => difference.field).join(', ')
  const detail = `The provider's word of "${fact.type}" for session ${session.id} differs in: ${fields}.`
  entries.push(...raise(payment, { ...told, detail, sessionId: session.id }))
  return { outcome: 'mismatched', entries }
}

function contradicted(payment: Payment, telling: Telling, why: string): Recorded {
  const { source, session, fact, report } = telling
  const told = { kind: 'contradiction', cause: session.id } as const
  if (source === 'check' && openException(payment, told) !== undefined)
    return { outcome: 'contradicted', entries: [] }
  return {
    outcome: 'contradicted',
    entries: [
      { type: 'report.contradicted', data: { sessionId: session.id, fact, why, report } },
      ...raise(payment, { ...told, detail: why, sessionId: session.id }),
    ],
  }
}
