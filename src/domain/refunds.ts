/**
 * Refunds: money given back, told as totals or one by one, at once or later. Each is known by the provider's reference
 * where there is one, so that our command and the provider's report of it are one refund.
 */
import type { AppliedFact } from './entry.ts'
import type { Payment, Refund, Session } from './payment.ts'
import type { Fact } from './provider.ts'

export type RefundFact = Extract<
  Fact,
  { type: 'refunded' | 'refunded_one' | 'refund_pending' | 'refund_failed' }
>

export const isRefundFact = (fact: Fact): fact is RefundFact =>
  fact.type === 'refunded' ||
  fact.type === 'refunded_one' ||
  fact.type === 'refund_pending' ||
  fact.type === 'refund_failed'

/** Whether a refund of this session is accepted and not confirmed yet. */
export const hasPendingRefund = ({ refunds }: Payment, sessionId: string): boolean =>
  refunds.some((one) => one.sessionId === sessionId && one.status === 'pending')

/** Whether the fact tells anything that is not known yet. */
export function isRefundNews(payment: Payment, session: Session, fact: RefundFact): boolean {
  const known = refundBy(payment, session.id, fact.reference)
  switch (fact.type) {
    case 'refunded':
      return (fact.amount ?? 0) > session.refunded
    case 'refunded_one':
      return known?.status !== 'succeeded' && known?.status !== 'failed'
    case 'refund_pending':
      return known === undefined
    case 'refund_failed':
      return known !== undefined && known.status !== 'failed'
  }
}

/**
 * The amount that one refund should have named, in words; null when all is well. Its end may be told before we hear that
 * it was accepted, so either is compared with whichever came first.
 */
export function differentRefund(payment: Payment, session: Session, fact: RefundFact): string | null {
  if (fact.type !== 'refunded_one' && fact.type !== 'refund_pending') return null
  const known = refundBy(payment, session.id, fact.reference)
  if (known !== undefined && known.amount !== fact.amount) return String(known.amount)
  if (fact.type === 'refund_pending') return null
  if (session.state !== 'captured' || !isRefundNews(payment, session, fact)) return null
  // Refunds that are told one by one may each be right, and together be more than was taken.
  const left = session.captured - session.refunded
  return (fact.amount ?? 0) > left ? `at most ${left}` : null
}

/** Whether it is the failure of a refund that we have not heard of yet: the report of its beginning is still under way. */
export function isFailureOfUnknown(payment: Payment, session: Session, fact: RefundFact): boolean {
  return fact.type === 'refund_failed' && refundBy(payment, session.id, fact.reference) === undefined
}

/** The session's refunded total after the fact, in minor units. */
export function refundedAfter(payment: Payment, session: Session, fact: RefundFact): number {
  const known = refundBy(payment, session.id, fact.reference)
  switch (fact.type) {
    case 'refunded':
      return Math.max(session.refunded, fact.amount ?? 0)
    case 'refunded_one':
      return session.refunded + (fact.amount ?? 0)
    case 'refund_pending':
      return session.refunded
    case 'refund_failed':
      return session.refunded - (known?.status === 'succeeded' ? known.amount : 0)
  }
}

/** The payment's refunds after the fact; `grown` is what the session's total grew by. */
export function refundsAfter(
  payment: Payment,
  { sessionId, fact, refundId }: AppliedFact & { fact: RefundFact },
  grown: number,
  at: number,
): Refund[] {
  const { refunds } = payment
  const known = refundBy(payment, sessionId, fact.reference)
  const status = statusAfter[fact.type]
  if (known !== undefined)
    return refunds.map((one) =>
      one === known ? { ...one, status, amount: amountOf(fact, one, grown) } : one,
    )
  if (refundId === null || fact.type === 'refund_failed') return refunds
  const reference = fact.reference ?? null
  const amount = fact.type === 'refund_pending' ? fact.amount : grown
  return [...refunds, { id: refundId, sessionId, amount, status, reference, at }]
}

const statusAfter = {
  refunded: 'succeeded',
  refunded_one: 'succeeded',
  refund_pending: 'pending',
  refund_failed: 'failed',
} as const satisfies Record<RefundFact['type'], Refund['status']>

/** A total that grows under a reference we know counts what is new; everything else keeps what the refund was made for. */
function amountOf(fact: RefundFact, known: Refund, grown: number): number {
  return fact.type === 'refunded' && known.status === 'succeeded' ? known.amount + grown : known.amount
}

function refundBy(payment: Payment, sessionId: string, reference: string | undefined): Refund | undefined {
  if (reference === undefined) return undefined
  return payment.refunds.find((refund) => refund.sessionId === sessionId && refund.reference === reference)
}
