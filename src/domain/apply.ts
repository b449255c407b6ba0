/** How a journal entry changes a payment. The only place that makes a payment, live and when replayed. */
import type { AppliedFact, Entry, PlacedEntry, SessionBirth } from './entry.ts'
import type { Payment, Session } from './payment.ts'
import { sessionOf } from './payment.ts'
import type { Fact } from './provider.ts'
import { isRefundFact, type RefundFact, refundedAfter, refundsAfter } from './refunds.ts'
import { disputeTable, fiscalTable, fulfillmentTable, holdsMoney, isPayable, sessionTable } from './tracks.ts'

/** The payment after the entry. Throws when the journal does not begin with the payment's creation. */
export function apply(payment: Payment | null, placed: PlacedEntry): Payment {
  const { entry, at, seq } = placed
  if (entry.type === 'payment.created') return { ...born(entry.data, at), version: seq }
  if (payment === null) throw new Error(`A journal cannot begin with ${entry.type}.`)
  return { ...changed(payment, entry, at), version: seq }
}

function changed(payment: Payment, entry: Exclude<Entry, { type: 'payment.created' }>, at: number): Payment {
  switch (entry.type) {
    case 'order.registered':
      return {
        ...payment,
        order: entry.data,
        amount: entry.data.amount,
        currency: entry.data.currency,
        metadata: entry.data.metadata,
      }
    case 'session.opening':
      return withNewSession(payment, entry.data.session, entry.data.tokenIssuedAt, at)
    case 'session.continued':
      return withSession(payment, entry.data.sessionId, (s) => ({ ...s, calls: s.calls + 1 }))
    case 'session.opened':
      return withSession(payment, entry.data.sessionId, (s) => opened(s, entry.data))
    case 'session.declined':
      return withSession(payment, entry.data.sessionId, (s) => ({
        ...s,
        answers: s.answers + 1,
        state: sessionTable[s.state].failed ?? s.state,
      }))
    case 'session.ending':
      return withSession(payment, entry.data.sessionId, (s) => ({
        ...s,
        state: isPayable(s.state) ? 'ending' : s.state,
      }))
    case 'session.doubted':
      return withSession(payment, entry.data.sessionId, (s) => ({
        ...s,
        doubt: entry.data.why,
        doubtSince: s.doubtSince ?? at,
      }))
    case 'session.cleared':
      return withSession(payment, entry.data.sessionId, cleared)
    case 'session.extended':
      return withSession(payment, entry.data.sessionId, (s) => ({
        ...s,
        expiresAt: entry.data.expiresAt,
        yesAt: s.yesAt ?? at,
      }))
    case 'report.applied':
    case 'check.applied':
    case 'command.applied':
    case 'clock.applied':
      return withFact(payment, entry.data, at)
    case 'exception.raised':
      return withException(payment, { ...entry.data, raisedAt: at })
    case 'exception.resolved':
      return { ...payment, exceptions: payment.exceptions.filter((open) => open.id !== entry.data.id) }
    case 'session.unanswered':
    case 'session.reused':
    case 'report.stale':
    case 'report.mismatched':
    case 'check.mismatched':
    case 'report.premature':
    case 'report.contradicted':
    case 'command.answered':
    case 'command.refused':
      return payment
  }
}

function born(data: Extract<Entry, { type: 'payment.created' }>['data'], at: number): Payment {
  return {
    ...data,
    order: null,
    tokenIssuedAt: null,
    sessions: [],
    settledBy: null,
    refunds: [],
    disputeStatus: 'none',
    disputeClosedAt: null,
    fiscalStatus: 'not_required',
    fulfillmentStatus: 'not_required',
    flags: [],
    exceptions: [],
    exceptionsRaised: 0,
    events: 0,
    version: 0,
    createdAt: at,
    paidAt: null,
  }
}

function withNewSession(
  payment: Payment,
  birth: SessionBirth,
  tokenIssuedAt: number | null,
  at: number,
): Payment {
  const session: Session = {
    ...birth,
    attempt: payment.sessions.length + 1,
    state: 'opening',
    references: [],
    calls: 1,
    answers: 0,
    doubt: null,
    doubtSince: null,
    endsAt: null,
    approved: false,
    authorized: 0,
    captured: 0,
    refunded: 0,
    captureAsked: null,
    yesAt: null,
    createdAt: at,
  }
  return {
    ...payment,
    amount: birth.amount,
    currency: birth.currency,
    tokenIssuedAt: tokenIssuedAt ?? payment.tokenIssuedAt,
    sessions: [...payment.sessions, session],
    metadata: Object.keys(birth.metadata).length > 0 ? birth.metadata : payment.metadata,
  }
}

function opened(
  session: Session,
  data: { references: string[]; expiresAt: number; endsAt: number | null },
): Session {
  return {
    ...session,
    answers: session.answers + 1,
    references: union(session.references, data.references),
    expiresAt: data.expiresAt,
    endsAt: data.endsAt,
    // A report may have overtaken the provider's answer; then the session is further than open already.
    state: session.state === 'opening' ? 'open' : session.state,
  }
}

function withFact(payment: Payment, applied: AppliedFact, at: number): Payment {
  const { fact, sessionId } = applied
  const after = withSession(payment, sessionId, (session) => {
    const known = { ...session, references: union(session.references, applied.references) }
    return isRefundFact(fact)
      ? { ...known, refunded: refundedAfter(payment, session, fact) }
      : settled(known, fact)
  })
  if (isRefundFact(fact)) return withRefund(payment, after, { ...applied, fact }, at)
  switch (fact.type) {
    case 'captured':
      return withCapture(after, sessionId, at)
    case 'disputed':
      return { ...after, disputeStatus: disputeTable[after.disputeStatus].disputed ?? after.disputeStatus }
    case 'dispute_closed':
      return {
        ...after,
        disputeStatus: disputeTable[after.disputeStatus][fact.outcome] ?? after.disputeStatus,
        disputeClosedAt: applied.report?.occurredAt ?? at,
      }
    default:
      return after
  }
}

/** The session with the fact's state and amounts. Totals are set; a hold of money ends every doubt about it. */
function settled(session: Session, fact: Exclude<Fact, RefundFact>): Session {
  switch (fact.type) {
    case 'authorized':
    case 'captured':
    case 'failed':
    case 'canceled':
    case 'expired': {
      const state = sessionTable[session.state][fact.type] ?? session.state
      const moved = { ...cleared(session), state }
      if (fact.type === 'authorized' && fact.amount !== null)
        return { ...moved, authorized: Math.max(session.authorized, fact.amount) }
      if (fact.type === 'captured' && fact.amount !== null)
        return {
          ...moved,
          captured: Math.max(session.captured, fact.amount),
          authorized: Math.max(session.authorized, fact.amount),
        }
      return moved
    }
    case 'approved':
      return { ...session, approved: true }
    case 'capture_pending':
    case 'capture_failed':
    case 'disputed':
    case 'dispute_closed':
      return session
  }
}

function withCapture(payment: Payment, sessionId: string, at: number): Payment {
  if (payment.settledBy !== null) return payment
  return {
    ...payment,
    settledBy: sessionId,
    paidAt: at,
    fiscalStatus: fiscalTable[payment.fiscalStatus].required ?? payment.fiscalStatus,
    fulfillmentStatus: fulfillmentTable[payment.fulfillmentStatus].required ?? payment.fulfillmentStatus,
  }
}

function withRefund(
  before: Payment,
  after: Payment,
  applied: AppliedFact & { fact: RefundFact },
  at: number,
): Payment {
  const { sessionId } = applied
  const grown = (sessionOf(after, sessionId)?.refunded ?? 0) - (sessionOf(before, sessionId)?.refunded ?? 0)
  return { ...after, refunds: refundsAfter(after, applied, grown, at) }
}

function withException(payment: Payment, exception: Payment['exceptions'][number]): Payment {
  const flagged = exception.kind === 'late_payment' || exception.kind === 'duplicate_payment'
  return {
    ...payment,
    exceptions: [...payment.exceptions, exception],
    exceptionsRaised: payment.exceptionsRaised + 1,
    flags: flagged ? union(payment.flags, [exception.kind]) : payment.flags,
  }
}

function withSession(payment: Payment, id: string, change: (session: Session) => Session): Payment {
  return { ...payment, sessions: payment.sessions.map((s) => (s.id === id ? change(s) : s)) }
}

const cleared = (session: Session): Session => ({ ...session, doubt: null, doubtSince: null })

const union = (known: string[], more: string[]): string[] => [...new Set([...known, ...more])]

/** Whether the fact would move money or a hold into a session that does not have it yet. */
export function bringsMoney(session: Session, fact: Fact): boolean {
  return (
    (fact.type === 'captured' && session.state !== 'captured') ||
    (fact.type === 'authorized' && !holdsMoney(session.state))
  )
}
