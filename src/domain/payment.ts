/**
 * A payment: what is known of one order's money. It is plain data, made only by applying journal entries (`apply.ts`),
 * so that the journal can always make it again. Times are milliseconds since the epoch, amounts minor units.
 */
import type { Proposal } from './corrections.ts'
import type { DisputeStatus, FiscalStatus, FulfillmentStatus, SessionState } from './tracks.ts'
import { holdsMoney, isPayable } from './tracks.ts'

export type PaymentStatus = 'created' | 'pending' | 'authorized' | 'paid' | 'failed' | 'canceled' | 'expired'

export type ExceptionKind =
  | 'delivery_exhausted'
  | 'report_mismatch'
  | 'report_unmatched'
  | 'late_payment'
  | 'duplicate_payment'
  | 'contradiction'
  | 'in_doubt_too_long'
  | 'fiscal_failed'
  | 'dispute_opened'
  | 'reconciliation_difference'

/** Who opened a session: a back end with a secret key, or a browser or app with a publishable one. */
export type OpenedBy = 'secret' | 'publishable'

export type CaptureMethod = 'automatic' | 'manual'

export type MoneyCommand = 'capture' | 'cancel' | 'refund'

/** A money command that is under way at a session. */
export interface RunningCommand {
  type: MoneyCommand
  /** Minor units; 0 for a cancel. */
  amount: number
  /** The provider's idempotency key: one per logical operation, and a new one only after a definitive refusal. */
  key: string
  reason: string | null
  /** What the provider had done before, so that its totals can tell whether it has done this. */
  capturedBefore: number
  refundedBefore: number
  begunAt: number
  /** `accepted`: the provider will tell how it ended. `in_doubt`: nobody knows whether it was done. */
  status: 'running' | 'accepted' | 'in_doubt'
}

/** One attempt at a provider's checkout. */
export interface Session {
  id: string
  attempt: number
  amount: number
  currency: string
  connectionId: string
  provider: string
  captureMethod: CaptureMethod
  state: SessionState
  /** Every reference by which the provider names this session. */
  references: string[]
  /** Calls to open it that were begun. Fewer answers than calls means a checkout may exist that we never heard of. */
  calls: number
  answers: number
  /** Why nobody can say whether money moved; null when that is known. */
  doubt: string | null
  doubtSince: number | null
  /** When we stop offering it, and when the provider takes no payment any more (null: it did not say). */
  expiresAt: number
  endsAt: number | null
  /** The customer agreed at a provider where money moves only when we capture. */
  approved: boolean
  authorized: number
  captured: number
  refunded: number
  /** The amount of the one capture that was asked for. */
  captureAsked: number | null
  /** The one movement of money that paid it, where the provider tells which. */
  transaction: string | null
  /** When we first let the provider take money here, for one that asks; null while it was never told yes. */
  yesAt: number | null
  /** The money command that is under way here. */
  command: RunningCommand | null
  openedBy: OpenedBy
  createdAt: number
  metadata: Record<string, string>
}

/** What the merchant fixed for an order before a session was asked for. */
export interface OrderTerms {
  amount: number
  currency: string
  access: 'token' | 'open'
  expiresAt: number | null
  description: string | null
  metadata: Record<string, string>
}

export interface Refund {
  id: string
  sessionId: string
  amount: number
  status: 'pending' | 'succeeded' | 'failed'
  reference: string | null
  at: number
}

/** A receipt of the fiscal system: of the sale, or of one refund. */
export interface Receipt {
  kind: 'sale' | 'refund'
  refundId: string | null
  status: 'issued' | 'failed'
  receiptId: string | null
  url: string | null
  amount: number | null
  at: number
}

/** What a human must look at. `cause` keeps one cause from raising two. */
export interface Exception {
  id: string
  kind: ExceptionKind
  cause: string
  detail: string
  sessionId: string | null
  deliveryId: string | null
  destinationId: string | null
  raisedAt: number
}

export interface Payment {
  id: string
  merchantId: string
  livemode: boolean
  orderId: string
  amount: number
  currency: string
  /** Present once the order was registered; every other source must then agree with it. */
  order: OrderTerms | null
  /** The newest `iat` (milliseconds) of an order token that opened something here. */
  tokenIssuedAt: number | null
  sessions: Session[]
  /** The session whose money settled the payment: the first that was captured. */
  settledBy: string | null
  refunds: Refund[]
  receipts: Receipt[]
  disputeStatus: DisputeStatus
  /** When the newest dispute was decided, by the provider's clock where it says; null while none was. */
  disputeClosedAt: number | null
  fiscalStatus: FiscalStatus
  fulfillmentStatus: FulfillmentStatus
  /** A correction that waits for a second person. */
  proposal: Proposal | null
  flags: string[]
  /** Open ones only; all of them stand in the journal. */
  exceptions: Exception[]
  exceptionsRaised: number
  /** Events told so far: the sequence of the newest. */
  events: number
  /** The position of the journal entry that made this. */
  version: number
  createdAt: number
  paidAt: number | null
  metadata: Record<string, string>
}

/** Whether nobody can say for now what happened to the session's money. */
export const isInDoubt = (session: Session): boolean =>
  session.doubt !== null || session.command?.status === 'in_doubt'

/** The newest session; undefined while none was opened. */
export function latestSession(payment: Payment): Session | undefined {
  return payment.sessions.at(-1)
}

/** The session with this id; undefined when it is none of this payment's. */
export function sessionOf(payment: Payment, id: string): Session | undefined {
  return payment.sessions.find((session) => session.id === id)
}

/**
 * A session that may still take money or may already hold some: while there is one, no other may be opened. Of several
 * (late money can make a second one), the one that forbids most: in doubt, then holding money, then payable.
 */
export function unsettledSession(payment: Payment): Session | undefined {
  const newest = (is: (session: Session) => boolean) => payment.sessions.findLast(is)
  return (
    newest((session) => session.doubt !== null) ??
    newest((session) => session.state === 'authorized') ??
    newest((session) => isPayable(session.state))
  )
}

/** The payment's status, which is derived and never set (only `paid` is final). */
export function statusOf(payment: Payment): PaymentStatus {
  const { sessions } = payment
  if (sessions.some((session) => session.state === 'captured')) return 'paid'
  if (sessions.some((session) => session.state === 'authorized')) return 'authorized'
  if (sessions.some((session) => isPayable(session.state) || session.doubt !== null)) return 'pending'
  switch (latestSession(payment)?.state) {
    case 'failed':
      return 'failed'
    case 'canceled':
      return 'canceled'
    case 'expired':
      return 'expired'
    default:
      return 'created'
  }
}

/** The session whose amounts are the payment's: the one that settled it, else one that holds money, else the newest. */
export function leadingSession(payment: Payment): Session | undefined {
  if (payment.settledBy !== null) return sessionOf(payment, payment.settledBy)
  return payment.sessions.findLast((session) => session.state === 'authorized') ?? latestSession(payment)
}

/** What the payment's totals are counted in: the amount and currency of the session that holds them, else the order's. */
export function moneyOf(payment: Payment): { amount: number; currency: string } {
  const leading = leadingSession(payment)
  const { amount, currency } = leading !== undefined && holdsMoney(leading.state) ? leading : payment
  return { amount, currency }
}

/** Money taken and given back by sessions other than the one that settled the payment, in minor units. */
export function excessOf(payment: Payment): { captured: number; refunded: number } {
  const others = payment.sessions.filter((session) => session.id !== payment.settledBy)
  return {
    captured: others.reduce((sum, session) => sum + session.captured, 0),
    refunded: others.reduce((sum, session) => sum + session.refunded, 0),
  }
}
