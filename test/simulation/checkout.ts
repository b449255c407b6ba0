/** One checkout in a provider's books, and the facts that it is told by. */
import type { Fact } from '../../src/domain/provider.ts'

export type State = 'open' | 'approved' | 'authorized' | 'captured' | 'failed' | 'canceled' | 'expired'

/** One refund that was made there. */
export interface Refunded {
  reference: string
  amount: number
  status: 'pending' | 'succeeded' | 'failed'
  /** Made in the provider's own back office. */
  byHand: boolean
}

export interface Checkout {
  reference: string
  sessionId: string
  paymentId: string
  orderId: string
  amount: number
  currency: string
  manual: boolean
  createdAt: number
  /** When it takes no payment any more; null for never. */
  endsAt: number | null
  state: State
  authorized: number
  captured: number
  refunds: Refunded[]
  /** Its provider knows of it; a form is known once it was posted. */
  exists: boolean
  /** A customer got its address from the gateway. */
  reached: boolean
  /** We said yes to its question, or captured what a customer approved. */
  yes: boolean
  /** The customer left it or was refused there; and the gateway ended it for good. */
  left: boolean
  ended: boolean
  /** Payments whose bank has not answered yet. */
  underWay: number
  /** What may be seen of it from outside after a while. */
  history: { at: number; state: State }[]
}

/** A payment that was under way when the provider's limit passed may arrive this much later, and no more. */
export const UNDER_WAY_MS = 4 * 60_000

/** Whether nobody can pay there any more. */
export const isFinal = (state: State): boolean =>
  state === 'failed' || state === 'canceled' || state === 'expired'

/** What was given back there in all, in minor units. */
export function refundedAt(one: Checkout): number {
  return one.refunds.reduce((sum, { status, amount }) => sum + (status === 'succeeded' ? amount : 0), 0)
}

/** Refunds as this provider tells them: one by one, or as a total. */
export function refundFacts(one: Checkout, singly: boolean): Fact[] {
  const { currency } = one
  if (singly)
    return one.refunds.map(({ reference, amount, status }): Fact => {
      if (status === 'failed') return { type: 'refund_failed', reference }
      return { type: status === 'pending' ? 'refund_pending' : 'refunded_one', amount, currency, reference }
    })
  const amount = refundedAt(one)
  return amount > 0 ? [{ type: 'refunded', amount, currency }] : []
}

/** The facts in the order in which they became true. */
export function factsOf(one: Checkout, state: State, singly: boolean): Fact[] {
  const { currency } = one
  switch (state) {
    case 'open':
      return []
    case 'approved':
      return [{ type: 'approved' }]
    case 'authorized':
      return [{ type: 'authorized', amount: one.authorized, currency }]
    case 'captured':
      return [{ type: 'captured', amount: one.captured, currency }, ...refundFacts(one, singly)]
    default:
      return [{ type: state }]
  }
}
