/**
 * A payment as the world sees it (contract §5 and §6): snake_case, RFC 3339. Made here, and not at the HTTP edge,
 * because events freeze it the moment something happens. Never carries a client secret or a provider's address.
 */
import { expiryOf } from './corrections.ts'
import type { Exception, Payment, Session } from './payment.ts'
import { excessOf, isInDoubt, leadingSession, moneyOf, statusOf } from './payment.ts'
import { receiptKey } from './receipts.ts'
import { holdsMoney } from './tracks.ts'

/** Milliseconds since the epoch as RFC 3339 in UTC with milliseconds. */
export const timeOf = (at: number): string => new Date(at).toISOString()

/** How a session's state is called outside. */
export function sessionStatus(session: Session): string {
  return holdsMoney(session.state) ? 'completed' : session.state
}

export function sessionView(payment: Payment, session: Session) {
  return {
    id: session.id,
    object: 'payment_session' as const,
    payment_id: payment.id,
    order_id: payment.orderId,
    attempt: session.attempt,
    amount: session.amount,
    currency: session.currency,
    status: sessionStatus(session),
    in_doubt: isInDoubt(session),
    provider: session.provider,
    connection_id: session.connectionId,
    provider_reference: session.references[0] ?? null,
    capture_method: session.captureMethod,
    amount_authorized: session.authorized,
    amount_captured: session.captured,
    amount_refunded: session.refunded,
    expires_at: timeOf(session.expiresAt),
    created_at: timeOf(session.createdAt),
    livemode: payment.livemode,
    metadata: session.metadata,
  }
}

/** What a browser may know of its session. */
export function reducedView(payment: Payment, session: Session) {
  return {
    id: session.id,
    status: sessionStatus(session),
    payment_status: statusOf(payment),
    amount: session.amount,
    currency: session.currency,
    order_id: payment.orderId,
    expires_at: timeOf(session.expiresAt),
    livemode: payment.livemode,
  }
}

export function paymentView(payment: Payment) {
  const leading = leadingSession(payment)
  const excess = excessOf(payment)
  return {
    id: payment.id,
    object: 'payment' as const,
    merchant_id: payment.merchantId,
    order_id: payment.orderId,
    ...moneyOf(payment),
    status: statusOf(payment),
    fiscal_status: payment.fiscalStatus,
    fulfillment_status: payment.fulfillmentStatus,
    dispute_status: payment.disputeStatus,
    refund_status: refundStatus(leading),
    amount_authorized: leading?.authorized ?? 0,
    amount_captured: leading?.captured ?? 0,
    amount_refunded: leading?.refunded ?? 0,
    excess_captured: excess.captured,
    excess_refunded: excess.refunded,
    in_doubt: payment.sessions.some(isInDoubt),
    flags: payment.flags,
    provider: leading?.provider ?? null,
    connection_id: leading?.connectionId ?? null,
    provider_reference: leading?.references[0] ?? null,
    sessions: payment.sessions.map((session) => sessionView(payment, session)),
    refunds: payment.refunds.map((refund) => ({
      id: refund.id,
      session_id: refund.sessionId,
      amount: refund.amount,
      status: refund.status,
      provider_reference: refund.reference,
      created_at: timeOf(refund.at),
    })),
    fiscal_receipts: payment.receipts.map((receipt) => ({
      kind: receipt.kind,
      refund_id: receipt.refundId,
      status: receipt.status,
      receipt_id: receipt.receiptId,
      url: receipt.url,
      amount: receipt.amount,
      receipt_key: receiptKey(payment.id, receipt.kind, receipt.refundId),
      recorded_at: timeOf(receipt.at),
    })),
    proposed_correction:
      payment.proposal === null
        ? null
        : {
            ...{ to_status: payment.proposal.to, amount: payment.proposal.amount, by: payment.proposal.by },
            expires_at: timeOf(expiryOf(payment.proposal)),
          },
    open_exceptions: payment.exceptions.length,
    version: payment.version,
    created_at: timeOf(payment.createdAt),
    paid_at: payment.paidAt === null ? null : timeOf(payment.paidAt),
    metadata: payment.metadata,
    livemode: payment.livemode,
  }
}

export type PaymentView = ReturnType<typeof paymentView>

/** From succeeded refunds of the settling session; a refund of more than was captured never passes the comparison. */
function refundStatus(session: Session | undefined): 'none' | 'partial' | 'full' {
  if (session === undefined || session.refunded === 0) return 'none'
  return session.refunded < session.captured ? 'partial' : 'full'
}

export function exceptionView(exception: Exception) {
  return {
    id: exception.id,
    kind: exception.kind,
    detail: exception.detail,
    session_id: exception.sessionId,
    delivery_id: exception.deliveryId,
    destination_id: exception.destinationId,
    raised_at: timeOf(exception.raisedAt),
  }
}
