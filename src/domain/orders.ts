/** Registering an order: the merchant fixes its terms, which then bind every other source. Contract §4. */
import { creation } from './attempts.ts'
import type { Entry } from './entry.ts'
import type { Refusal } from './errors.ts'
import type { OrderTerms, Payment } from './payment.ts'
import { moneyOf, statusOf, unsettledSession } from './payment.ts'

export type RegisterDecision =
  | { kind: 'refuse'; refusal: Refusal }
  | { kind: 'same' }
  | { kind: 'register'; created: boolean; entries: Entry[] }

/** Repeating the same terms is a no-op; another amount is refused while an earlier session can be paid. */
export function decideRegister(
  payment: Payment | null,
  of: { paymentId: string; merchantId: string; livemode: boolean; orderId: string },
  terms: OrderTerms,
): RegisterDecision {
  const known = payment?.order ?? null
  if (known !== null && sameTerms(known, terms)) return { kind: 'same' }
  const register: Entry = { type: 'order.registered', data: terms }
  if (payment === null) {
    const created = creation({ ...of, metadata: terms.metadata }, terms)
    return { kind: 'register', created: true, entries: [created, register] }
  }
  const money = moneyOf(payment)
  const moved = money.amount !== terms.amount || money.currency !== terms.currency
  if (moved && statusOf(payment) === 'paid')
    return refuse('order_already_paid', 'The order is paid; its amount can no longer change.')
  if (moved && unsettledSession(payment) !== undefined)
    return refuse(
      'order_locked',
      'A session of this order may still be paid. Cancel it before the amount changes.',
    )
  return { kind: 'register', created: known === null, entries: [register] }
}

function sameTerms(a: OrderTerms, b: OrderTerms): boolean {
  return (
    a.amount === b.amount &&
    a.currency === b.currency &&
    a.access === b.access &&
    a.expiresAt === b.expiresAt &&
    a.description === b.description &&
    JSON.stringify(Object.entries(a.metadata).sort()) === JSON.stringify(Object.entries(b.metadata).sort())
  )
}

const refuse = (code: Refusal['code'], detail: string): RegisterDecision => ({
  kind: 'refuse',
  refusal: { code, detail },
})
