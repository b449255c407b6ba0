import { describe, expect, it } from 'vitest'
import { decideRegister } from '../../../src/domain/orders.ts'
import type { OrderTerms, Payment, Session } from '../../../src/domain/payment.ts'
import {
  anOrder,
  aPayment,
  captured,
  NOW,
  PAYMENT,
  usd,
  withSessions,
  written,
} from '../../support/a-payment.ts'

const named = {
  paymentId: PAYMENT,
  merchantId: 'mer_0123456789abcdefghjkmnpqrs',
  livemode: false,
  orderId: 'A-1',
}
const decide = (payment: Payment | null, terms: OrderTerms) => decideRegister(payment, named, terms)
const judged = (payment: Payment | null, terms: OrderTerms): string => {
  const decision = decide(payment, terms)
  return decision.kind === 'refuse' ? decision.refusal.code : decision.kind
}
const known = aPayment({ order: anOrder({ metadata: { a: '1', b: '2' } }) })

describe('registering an order', () => {
  it('begins the payment, with the merchant’s amount and metadata', () => {
    const terms = anOrder({ ...usd(4_200), metadata: { cart: '7' } })
    const decision = decide(null, terms)
    if (decision.kind !== 'register') throw new Error(decision.kind)
    expect(decision.created).toBe(true)
    expect(decision.entries.map((entry) => entry.type)).toEqual(['payment.created', 'order.registered'])
    expect(written(null, decision.entries)).toMatchObject({
      ...usd(4_200),
      order: terms,
      metadata: { cart: '7' },
      ...{ id: PAYMENT, merchantId: named.merchantId, livemode: false, orderId: 'A-1' },
    })
  })

  it('again with the same terms is no change, whatever the order of the metadata, and even when paid', () => {
    const backwards = anOrder({ metadata: { b: '2', a: '1' } })
    expect(judged(known, backwards)).toBe('same')
    expect(judged({ ...known, order: backwards }, anOrder({ metadata: { a: '1', b: '2' } }))).toBe('same')
    expect(judged({ ...withSessions(captured()), order: anOrder() }, anOrder())).toBe('same')
    expect(judged({ ...withSessions({}), order: anOrder() }, anOrder())).toBe('same')
  })

  it.each<[string, Partial<OrderTerms>]>([
    ['amount', { amount: 999 }],
    ['currency', { currency: 'AMD' }],
    ['access', { access: 'open' }],
    ['end', { expiresAt: NOW }],
    ['description', { description: 'Shoes' }],
    ['metadata', { metadata: { a: '1', b: '3' } }],
    ['metadata that is missing', { metadata: { a: '1' } }],
  ])('again with another %s changes the terms while nothing can be paid', (_what, change) => {
    const terms = anOrder({ metadata: { a: '1', b: '2' }, ...change })
    const decision = decide(known, terms)
    if (decision.kind !== 'register') throw new Error(decision.kind)
    expect(decision.created).toBe(false)
    expect(written(known, decision.entries)).toMatchObject({
      ...{ order: terms, amount: terms.amount, currency: terms.currency, metadata: terms.metadata },
    })
  })

  it('says that it is new when the order had a session but was never registered', () => {
    expect(decide(withSessions({ state: 'failed' }), anOrder())).toMatchObject({ created: true })
  })

  it.each<[string, string, Partial<Session>]>([
    ['is being opened', 'order_locked', { state: 'opening' }],
    ['is open', 'order_locked', { state: 'open' }],
    ['is ending', 'order_locked', { state: 'ending' }],
    ['holds money', 'order_locked', { state: 'authorized' }],
    ['is in doubt', 'order_locked', { state: 'expired', doubt: 'report_mismatch', doubtSince: NOW }],
    ['took the money', 'order_already_paid', captured()],
  ])('with another amount is refused when a session %s: %s', (_what, code, session) => {
    const payment = withSessions(session)
    expect(judged(payment, anOrder(usd(999)))).toBe(code)
    expect(judged(payment, anOrder({ currency: 'AMD' }))).toBe(code)
    expect(judged({ ...payment, order: anOrder() }, anOrder(usd(999)))).toBe(code)
    expect(judged(payment, anOrder({ description: 'The same amount' }))).toBe('register')
  })

  it.each<[Session['state']]>([['failed'], ['canceled'], ['expired']])(
    'with another amount is taken once the last session %s',
    (state) => {
      expect(judged(withSessions({ state }), anOrder(usd(999)))).toBe('register')
    },
  )

  it('compares with the money that was taken, not with a newer session’s amount', () => {
    const late = withSessions(captured(700), { state: 'open', amount: 9_000 })
    expect(judged(late, anOrder(usd(9_000)))).toBe('order_already_paid')
    expect(judged(late, anOrder(usd(700)))).toBe('register')
  })
})
