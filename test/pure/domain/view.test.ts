import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { raise } from '../../../src/domain/exceptions.ts'
import type { Receipt, Session } from '../../../src/domain/payment.ts'
import { type RefundStatus, refundTable, type SessionState } from '../../../src/domain/tracks.ts'
import { exceptionView, paymentView, reducedView, sessionView, timeOf } from '../../../src/domain/view.ts'
import {
  aPayment,
  CONNECTION,
  captured,
  NOW,
  of,
  PAYMENT,
  refunded,
  sessionId,
  tell,
  withSessions,
  written,
} from '../../support/a-payment.ts'

describe('a time', () => {
  it('is RFC 3339 in UTC with milliseconds', () => {
    expect(timeOf(NOW)).toBe('2026-11-22T12:00:00.000Z')
    expect(timeOf(NOW + 7)).toBe('2026-11-22T12:00:00.007Z')
  })
})

describe('a session as the world sees it', () => {
  it.each<[SessionState, string]>([
    ['opening', 'opening'],
    ['open', 'open'],
    ['ending', 'ending'],
    ['authorized', 'completed'],
    ['captured', 'completed'],
    ['failed', 'failed'],
    ['canceled', 'canceled'],
    ['expired', 'expired'],
  ])('that is %s inside is %s', (state, status) => {
    const payment = withSessions({ state })
    expect(sessionView(payment, of(payment, 1)).status).toBe(status)
    expect(reducedView(payment, of(payment, 1)).status).toBe(status)
  })

  it('tells what the contract promises', () => {
    const payment = withSessions({ metadata: { cart: '7' }, references: ['ref-1', 'ref-2'] })
    expect(sessionView(payment, of(payment, 1))).toMatchObject({
      ...{ id: sessionId(1), object: 'payment_session', payment_id: PAYMENT, order_id: 'A-1', attempt: 1 },
      ...{ amount: 1_000, currency: 'USD', status: 'open', in_doubt: false, provider: 'sandbox' },
      ...{ connection_id: CONNECTION, provider_reference: 'ref-1', metadata: { cart: '7' }, livemode: false },
      ...{ created_at: '2026-11-22T12:00:00.000Z', expires_at: '2026-11-22T12:30:00.000Z' },
    })
    const lost = withSessions({ references: [], doubt: 'report_mismatch' })
    expect(sessionView(lost, of(lost, 1))).toMatchObject({ provider_reference: null, in_doubt: true })
  })

  it('tells a browser nothing but what it is there for', () => {
    const payment = withSessions(captured(), { metadata: { cart: '7' } })
    expect(reducedView(payment, of(payment, 2))).toEqual({
      ...{ id: sessionId(2), status: 'open', payment_status: 'paid', amount: 1_000, currency: 'USD' },
      ...{ order_id: 'A-1', expires_at: '2026-11-22T12:30:00.000Z', livemode: false },
    })
  })
})

describe('a payment as the world sees it', () => {
  it('without sessions has no provider and no money', () => {
    expect(paymentView(aPayment())).toMatchObject({
      ...{ id: PAYMENT, object: 'payment', status: 'created', amount: 1_000, currency: 'USD', sessions: [] },
      ...{
        amount_authorized: 0,
        amount_captured: 0,
        amount_refunded: 0,
        excess_captured: 0,
        excess_refunded: 0,
      },
      ...{ provider: null, connection_id: null, provider_reference: null, refunds: [], fiscal_receipts: [] },
      ...{ refund_status: 'none', dispute_status: 'none', fiscal_status: 'not_required' },
      ...{ fulfillment_status: 'not_required', in_doubt: false, flags: [], open_exceptions: 0 },
      ...{ version: 1, created_at: '2026-11-22T12:00:00.000Z', paid_at: null },
    })
  })

  it('has the totals of the session that settled it, and the rest as excess', () => {
    const twice = {
      ...withSessions({ ...captured(700), refunded: 50 }, { ...captured(), refunded: 9 }),
      paidAt: NOW,
    }
    expect(paymentView(twice)).toMatchObject({
      ...{
        amount: 700,
        amount_authorized: 700,
        amount_captured: 700,
        amount_refunded: 50,
        refund_status: 'partial',
      },
      ...{ excess_captured: 1_000, excess_refunded: 9, provider_reference: 'ref-1' },
      paid_at: '2026-11-22T12:00:00.000Z',
    })
  })

  it('counts captured money in the currency it came in, though a newer session was in another', () => {
    const late = withSessions(captured(700), { state: 'open', amount: 9_000, currency: 'AMD' })
    expect(paymentView(late)).toMatchObject({ amount: 700, currency: 'USD', amount_captured: 700 })
  })

  it('is in doubt when any of its sessions is', () => {
    expect(paymentView(withSessions({ state: 'expired', doubt: 'report_mismatch' }, {})).in_doubt).toBe(true)
  })

  it('lists refunds under the session that they came from', () => {
    const { payment } = tell(withSessions(captured()), { ...refunded(300), reference: 'r-1' } as never)
    expect(paymentView(payment).refunds).toMatchObject([
      { session_id: sessionId(1), amount: 300, status: 'succeeded', provider_reference: 'r-1' },
    ])
  })

  it('lists receipts under the keys that the fiscal system knows them by', () => {
    const sale: Receipt = {
      ...{ kind: 'sale', refundId: null, status: 'issued', receiptId: 'F-1' },
      ...{ url: 'https://fiscal.example/F-1', amount: 1_000, at: NOW },
    }
    const refund: Receipt = {
      ...{ kind: 'refund', refundId: 'rfd_1', status: 'failed', receiptId: null },
      ...{ url: null, amount: null, at: NOW + 7 },
    }
    const payment = { ...withSessions(captured()), receipts: [sale, refund] }
    expect(paymentView(payment).fiscal_receipts).toEqual([
      {
        ...{ kind: 'sale', refund_id: null, status: 'issued', receipt_id: 'F-1' },
        ...{ url: 'https://fiscal.example/F-1', amount: 1_000, receipt_key: `${PAYMENT}-sale` },
        recorded_at: '2026-11-22T12:00:00.000Z',
      },
      {
        ...{ kind: 'refund', refund_id: 'rfd_1', status: 'failed', receipt_id: null },
        ...{ url: null, amount: null, receipt_key: `${PAYMENT}-rfd_1` },
        recorded_at: '2026-11-22T12:00:00.007Z',
      },
    ])
  })

  it('shows the correction that waits for a second person, who proposed it, and that it waits for a day', () => {
    const word = { to: 'paid', amount: 900, reason: 'Ani called.', evidence: 'A letter.' } as const
    const proposed = aPayment({ proposal: { ...word, by: 'opr_1', at: NOW } })
    expect(paymentView(proposed).proposed_correction).toEqual({
      ...{ to_status: 'paid', amount: 900, by: 'opr_1' },
      expires_at: '2026-11-23T12:00:00.000Z',
    })
    expect(paymentView(aPayment()).proposed_correction).toBeNull()
  })

  it('counts its open exceptions, and shows them without their inner cause', () => {
    const trouble = { kind: 'contradiction', cause: 'secret cause', detail: 'Look.' } as const
    const payment = written(aPayment(), raise(aPayment(), trouble))
    expect(paymentView(payment).open_exceptions).toBe(1)
    const exception = payment.exceptions[0]
    if (exception === undefined) throw new Error('It was raised.')
    expect(exceptionView(exception)).toEqual({
      ...{ id: exception.id, kind: 'contradiction', detail: 'Look.', session_id: null },
      ...{ delivery_id: null, destination_id: null, raised_at: '2026-11-22T12:00:00.000Z' },
    })
  })

  it.each<[number, number, RefundStatus]>([
    [1_000, 0, 'none'],
    [1_000, 1, 'partial'],
    [1_000, 999, 'partial'],
    [1_000, 1_000, 'full'],
    [600, 600, 'full'],
  ])('with %d captured and %d refunded has the refund status %s', (taken, back, status) => {
    const payment = withSessions({ ...captured(taken), amount: 1_000, refunded: back })
    expect(paymentView(payment).refund_status).toBe(status)
  })

  it('moves its refund status only as the table allows, whatever totals are reported', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 1_200 }), { maxLength: 8 }), (totals) => {
        let payment = withSessions(captured())
        for (const total of totals) {
          const before = paymentView(payment).refund_status
          payment = tell(payment, refunded(total)).payment
          const now = paymentView(payment).refund_status
          if (now !== before) expect(Object.values(refundTable[before])).toContain(now)
        }
        const real = totals.filter((total) => total > 0 && total <= 1_000)
        expect(of(payment, 1).refunded).toBe(Math.max(0, ...real))
      }),
    )
  })

  it('never carries what only the opener may know', () => {
    const names = (value: unknown): string[] =>
      value !== null && typeof value === 'object'
        ? Object.entries(value).flatMap(([name, inner]) => [name, ...names(inner)])
        : []
    const payment = withSessions(captured(), {} satisfies Partial<Session>)
    const told = new Set(names(paymentView(payment)))
    for (const secret of ['client_secret', 'checkout_url', 'checkout', 'customer'])
      expect(told).not.toContain(secret)
  })
})
