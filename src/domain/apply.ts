/** How a journal entry changes a payment. The only place that makes a payment, live and when replayed. */
import { stillRunning } from './commands.ts'
import type { AppliedFact, Entry, PlacedEntry, SessionBirth } from './entry.ts'
import type { Payment, Session } from './payment.ts'
import { sessionOf } from './payment.ts'
import type { Fact } from './provider.ts'
import { fiscalStatusOf, receiptsAfter } from './receipts.ts'
import { isRefundFact, type RefundFact, refundedAfter, refundsAfter } from './refunds.ts'
import { disputeTable, fulfillmentTable, holdsMoney, isPayable, sessionTable } from './tracks.ts'

/** The payment after the entry. Throws when the journal does not begin with the payment's creation. */
export function apply(payment: Payment | null, placed: PlacedEntry): Payment {
  const { entry, at, seq } = placed
  if (entry.type === 'payment.created') return { ...born(entry.data, at), version: seq }
  if (payment === null) throw new Error(`A journal cannot begin with ${entry.type}.`)
  return { ...changed(payment, entry, at), version: seq }
}

function changed(payment: Payment, entry: Exclude<Entry, { type: 'payment.created' }>, at: number): Payment {
  switch (entry.type) {
    case 'order.registered': {
      const { amount, currency, metadata } = entry.data
      return { ...payment, order: entry.data, amount, currency, metadata }
    }
    case 'session.opening':
      return withNewSession(payment, entry.data.session, entry.data.tokenIssuedAt, at)
    case 'session.continued':
    case 'session.opened':
    case 'session.declined':
    case 'session.ending':
    case 'session.doubted':
    case 'session.cleared':
    case 'session.extended':
    case 'command.begun':
    case 'command.accepted':
    case 'command.declined':
    case 'command.doubted':
      return withSession(payment, entry.data.sessionId, (session) => sessionAfter(session, entry, at))
    case 'report.applied':
    case 'check.applied':
    case 'command.applied':
    case 'clock.applied':
      return withFact(payment, entry.data, at)
    case 'report.stale':
      return withSession(payment, entry.data.sessionId, (session) => ({
        ...session,
        references: union(session.references, entry.data.references),
      }))
    case 'exception.raised':
      return withException(payment, { ...entry.data, raisedAt: at })
    case 'exception.resolved':
      return { ...payment, exceptions: payment.exceptions.filter((open) => open.id !== entry.data.id) }
    case 'fiscal.receipted':
      return withFiscal({ ...payment, receipts: receiptsAfter(payment, entry.data, at) })
    case 'fulfillment.moved':
      return { ...payment, fulfillmentStatus: entry.data.status }
    case 'correction.proposed':
      return { ...payment, proposal: { ...entry.data, at } }
    case 'correction.made':
      // The person has decided whatever was in doubt; the fact that follows moves the session.
      return withSession({ ...payment, proposal: null }, entry.data.sessionId, (session) => ({
        ...cleared(session),
        command: null,
        captureAsked: null,
      }))
    case 'fiscal.contradicted':
    case 'session.unanswered':
    case 'session.reused':
    case 'report.mismatched':
    case 'check.mismatched':
    case 'report.premature':
    case 'report.contradicted':
    case 'command.answered':
    case 'command.refused':
      return payment
  }
}

type SessionEntry = Extract<
  Entry,
  {
    type:
      | `session.${'continued' | 'opened' | 'declined' | 'ending' | 'doubted' | 'cleared' | 'extended'}`
      | `command.${'begun' | 'accepted' | 'declined' | 'doubted'}`
  }
>

function sessionAfter(session: Session, entry: SessionEntry, at: number): Session {
  switch (entry.type) {
    case 'session.continued':
      return { ...session, calls: session.calls + 1 }
    case 'session.opened':
      return opened(session, entry.data)
    case 'session.declined': {
      const state = sessionTable[session.state].failed ?? session.state
      return { ...session, answers: session.answers + 1, state }
    }
    case 'session.ending':
      return { ...session, state: isPayable(session.state) ? 'ending' : session.state }
    case 'session.doubted':
      return { ...session, doubt: entry.data.why, doubtSince: session.doubtSince ?? at }
    case 'session.cleared':
      return { ...cleared(session), command: entry.data.command ? null : session.command }
    case 'session.extended':
      return { ...session, expiresAt: entry.data.expiresAt, yesAt: session.yesAt ?? at }
    case 'command.begun':
      return withCommand(session, entry.data, at)
    case 'command.accepted':
    case 'command.declined':
    case 'command.doubted':
      return answered(session, entry)
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
    receipts: [],
    proposal: null,
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
    transaction: null,
    command: null,
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

function withCommand(
  session: Session,
  { command: type, amount, key, reason }: Extract<Entry, { type: 'command.begun' }>['data'],
  at: number,
): Session {
  const before = { capturedBefore: session.captured, refundedBefore: session.refunded }
  const command = { type, amount, key, reason, ...before, begunAt: at, status: 'running' as const }
  return { ...session, command, captureAsked: type === 'capture' ? amount : session.captureAsked }
}

/** What the provider said of the command, if it is still the one that is under way. */
function answered(
  session: Session,
  { type, data }: Extract<Entry, { type: 'command.accepted' | 'command.declined' | 'command.doubted' }>,
): Session {
  const { command } = session
  if (command?.key !== data.key) return session
  if (type === 'command.doubted') return { ...session, command: { ...command, status: 'in_doubt' } }
  // An accepted refund is followed by its own reference from here on; a capture has only its session.
  if (type === 'command.accepted' && command.type !== 'refund')
    return { ...session, command: { ...command, status: 'accepted' } }
  // Of a capture, only its refusal comes this far.
  const captureAsked = command.type === 'capture' ? null : session.captureAsked
  return { ...session, command: null, captureAsked }
}

function withFact(payment: Payment, applied: AppliedFact, at: number): Payment {
  const { fact, sessionId } = applied
  const after = withSession(payment, sessionId, (session) => {
    const known = { ...session, references: union(session.references, applied.references) }
    const moved = isRefundFact(fact)
      ? { ...known, refunded: refundedAfter(payment, session, fact) }
      : settled(known, fact)
    return { ...moved, command: stillRunning(moved) }
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
          transaction: session.transaction ?? fact.transaction ?? null,
        }
      return moved
    }
    case 'approved':
      return { ...session, approved: true }
    case 'capture_failed':
      return session.command?.type === 'capture' ? { ...session, command: null, captureAsked: null } : session
    case 'capture_pending':
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
    fiscalStatus: 'pending',
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
  return withFiscal({ ...after, refunds: refundsAfter(after, applied, grown, at) })
}

/** The fiscal track follows from the receipts there are and the ones there should be. */
const withFiscal = (payment: Payment): Payment => ({ ...payment, fiscalStatus: fiscalStatusOf(payment) })

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
