import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Checkout,
  choose,
  expired,
  instruct,
  openCheckout,
  payable,
  type Ruling,
  sameTerms,
  type Terms,
  total,
} from '../../../src/sandbox/checkout.ts'
import { afterTry, asUsual, duringTry, type Outgoing, reportsOf } from '../../../src/sandbox/reports.ts'

const now = 1_800_000_000_000
const terms: Terms = {
  account: 'con_1',
  sessionId: 'ps_1',
  orderId: 'A-1',
  amount: 1_000,
  currency: 'USD',
  captureMethod: 'automatic',
  description: null,
  expiresAt: now + 1_800_000,
  returnUrl: 'https://gateway.example/return/ps_1',
  reportUrl: 'https://gateway.example/webhooks/sandbox/con_1',
  secrets: ['whsec_QSBzZWNyZXQgZm9yIHRoZSB0ZXN0cyBvbmx5ISEh'],
}
const aCheckout = (details: Partial<Terms> = {}) => openCheckout('sbx_1', { ...terms, ...details }, now)
const followed = (checkout: Checkout, ruling: Ruling): Checkout =>
  ruling.kind === 'happens' ? { ...checkout, happened: [...checkout.happened, ...ruling.what] } : checkout
const paid = () => followed(aCheckout(), choose(aCheckout(), 'pay', false, now))
const held = () => {
  const checkout = aCheckout({ captureMethod: 'manual' })
  return followed(checkout, choose(checkout, 'pay', false, now))
}

describe('a checkout', () => {
  it.each([
    [1, 60],
    [1_800, 1_800],
    [200_000, 86_400],
  ])('that is to end in %i seconds ends in %i', (asked, given) => {
    expect(aCheckout({ expiresAt: now + asked * 1000 }).expiresAt).toBe(now + given * 1000)
  })

  it('ends at its time, unless something happened before', () => {
    const { expiresAt } = aCheckout()
    expect([payable(aCheckout(), expiresAt - 1), expired(aCheckout(), expiresAt - 1)]).toEqual([true, false])
    expect([payable(aCheckout(), expiresAt), expired(aCheckout(), expiresAt)]).toEqual([false, true])
    expect(expired(paid(), expiresAt)).toBe(false)
  })

  it('knows whether the same key asks for the same', () => {
    expect(sameTerms(aCheckout(), { ...terms, expiresAt: 1, returnUrl: 'https://other.example' })).toBe(true)
    for (const other of [
      { amount: 1 },
      { currency: 'EUR' },
      { orderId: 'B' },
      { captureMethod: 'manual' as const },
    ])
      expect(sameTerms(aCheckout(), { ...terms, ...other })).toBe(false)
  })

  it('captures no more than is held, and once', () => {
    expect(instruct(held(), { type: 'capture', amount: 1_001 }, now).kind).toBe('refused')
    const captured = followed(held(), instruct(held(), { type: 'capture', amount: 600 }, now))
    expect(total(captured, 'captured')).toBe(600)
    expect(instruct(captured, { type: 'capture', amount: 100 }, now).kind).toBe('refused')
    expect(instruct(captured, { type: 'refund', amount: 601 }, now).kind).toBe('refused')
  })

  it('is not canceled once its money is taken, and twice is like once', () => {
    expect(instruct(paid(), { type: 'cancel' }, now).kind).toBe('refused')
    const canceled = followed(aCheckout(), instruct(aCheckout(), { type: 'cancel' }, now))
    expect(instruct(canceled, { type: 'cancel' }, now)).toEqual({ kind: 'happens', what: [] })
    expect(payable(canceled, now)).toBe(false)
  })

  it('refunds nothing that was only held', () => {
    expect(instruct(held(), { type: 'refund', amount: 1 }, now).kind).toBe('refused')
  })

  it('never gives back more than it took, whatever is asked in whatever order', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('capture' as const), amount: fc.integer({ min: 1, max: 1_500 }) }),
      fc.record({ type: fc.constant('refund' as const), amount: fc.integer({ min: 1, max: 1_500 }) }),
      fc.record({ type: fc.constant('cancel' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (steps, paidFirst) => {
        const end = steps.reduce(
          (at, asked) => followed(at, instruct(at, asked, now)),
          paidFirst ? paid() : held(),
        )
        expect(total(end, 'captured')).toBeLessThanOrEqual(terms.amount)
        expect(total(end, 'refunded')).toBeLessThanOrEqual(total(end, 'captured'))
      }),
    )
  })
})

describe('a report of the sandbox', () => {
  const news = (switches = asUsual) => reportsOf(paid(), paid().happened, switches, 0, now)

  it('never uses an id twice', () => {
    const first = reportsOf(paid(), paid().happened, asUsual, 0, now)
    const second = reportsOf(paid(), paid().happened, asUsual, 1, now)
    expect(first[0]?.id).not.toBe(second[0]?.id)
  })

  it('keeps an order id within the length that order ids have when it lies about it', () => {
    const long = openCheckout('sbx_1', { ...terms, orderId: 'A'.repeat(64) }, now)
    const [report] = reportsOf(long, paid().happened, { ...asUsual, tampered: 'order' }, 0, now)
    expect(JSON.parse(report?.body ?? '').data.order_id).toHaveLength(64)
  })

  it('is due again while it is being tried, so that a crash does not lose it', () => {
    const [report] = news()
    expect(duringTry(report as Outgoing, now)).toMatchObject({ tries: 1, dueAt: now + 10_000 })
  })

  it('is given up after a bounded number of tries, over several hours', () => {
    let report = news()[0] as Outgoing
    let at = now
    while (report.dueAt !== null && report.tries < 50) {
      at = report.dueAt
      report = afterTry(duringTry(report, at), 503, at)
    }
    expect(report.tries).toBe(10)
    expect(at - now).toBeGreaterThan(2 * 3_600_000)
  })

  it.each([200, 204])('is done when it is answered %i', (status) => {
    expect(afterTry(duringTry(news()[0] as Outgoing, now), status, now).dueAt).toBe(null)
  })

  it.each([0, 301, 401, 404, 503])('is tried again when it is answered %i', (status) => {
    expect(afterTry(duringTry(news()[0] as Outgoing, now), status, now).dueAt).toBe(now + 2_000)
  })
})
