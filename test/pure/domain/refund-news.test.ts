import { describe, expect, it } from 'vitest'
import type { Payment, Refund, Session } from '../../../src/domain/payment.ts'
import {
  differentRefund,
  hasPendingRefund,
  isFailureOfUnknown,
  isRefundFact,
  isRefundNews,
  type RefundFact,
  refundedAfter,
  refundsAfter,
} from '../../../src/domain/refunds.ts'
import {
  authorized,
  captured,
  capturedFact,
  NOW,
  of,
  sessionId,
  usd,
  withSessions,
} from '../../support/a-payment.ts'

const total = (amount: number | null, reference?: string): RefundFact => ({
  ...{ type: 'refunded', amount, currency: 'USD' },
  ...(reference !== undefined && { reference }),
})
const one = (amount: number, reference: string): RefundFact => ({
  ...{ type: 'refunded_one', ...usd(amount), reference },
})
const pending = (amount: number, reference: string): RefundFact => ({
  ...{ type: 'refund_pending', ...usd(amount), reference },
})
const failed = (reference: string): RefundFact => ({ type: 'refund_failed', reference })

const known = (status: Refund['status'], change: Partial<Refund> = {}): Refund => ({
  ...{ id: 'rfd_1', sessionId: sessionId(1), amount: 300, status, reference: 'a', at: NOW },
  ...change,
})
const paid = (refunds: Refund[] = [], session: Partial<Session> = {}): Payment => ({
  ...withSessions({ ...captured(), ...session }),
  refunds,
})
const statuses = ['pending', 'succeeded', 'failed'] as const

it('refund facts are those four, and no other', () => {
  expect([total(1), one(1, 'a'), pending(1, 'a'), failed('a')].every(isRefundFact)).toBe(true)
  expect([authorized, capturedFact, { type: 'failed' } as const].some(isRefundFact)).toBe(false)
})

it('a session has a pending refund when one of its own is', () => {
  expect(hasPendingRefund(paid([known('succeeded'), known('pending')]), sessionId(1))).toBe(true)
  expect(hasPendingRefund(paid([known('pending')]), sessionId(2))).toBe(false)
  expect(hasPendingRefund(paid([known('succeeded'), known('failed')]), sessionId(1))).toBe(false)
  expect(hasPendingRefund(paid(), sessionId(1))).toBe(false)
})

describe('a refund is news', () => {
  const isNews = (fact: RefundFact, payment: Payment) => isRefundNews(payment, of(payment, 1), fact)

  it('told as a total when that has grown', () => {
    const before = paid([], { refunded: 300 })
    expect([total(299), total(300), total(301), total(null)].map((fact) => isNews(fact, before))).toEqual([
      ...[false, false, true, false],
    ])
    expect(isNews(total(0), paid())).toBe(false)
  })

  it.each([
    ['told by itself', one(300, 'a'), [true, true, false, false]],
    ['accepted', pending(300, 'a'), [true, false, false, false]],
    ['failed', failed('a'), [false, true, true, false]],
  ] as const)(
    '%s, by what is known of it: nothing, that it is pending, done, or failed',
    (_what, fact, news) => {
      const before = [paid(), ...statuses.map((status) => paid([known(status)]))]
      expect(before.map((payment) => isNews(fact, payment))).toEqual(news)
    },
  )

  it('when the reference is another session’s', () => {
    expect(isNews(pending(300, 'a'), paid([known('pending', { sessionId: sessionId(2) })]))).toBe(true)
  })
})

describe('the amount of one refund', () => {
  const differs = (fact: RefundFact, payment: Payment) => differentRefund(payment, of(payment, 1), fact)

  it('is the one that was told of it before', () => {
    const before = paid([known('pending')])
    for (const fact of [one, pending]) {
      expect(differs(fact(300, 'a'), before)).toBeNull()
      expect(differs(fact(301, 'a'), before)).toBe('300')
    }
  })

  it('is at most what is left, when its money moves', () => {
    const before = paid([], { refunded: 700 })
    expect([differs(one(300, 'b'), before), differs(one(301, 'b'), before)]).toEqual([null, 'at most 300'])
    expect(differs(pending(301, 'b'), before)).toBeNull()
  })

  it('is not compared with what is left before the capture is seen, nor for what is known', () => {
    expect(differs(one(900, 'b'), paid([], { state: 'open', captured: 0 }))).toBeNull()
    expect(differs(one(300, 'a'), paid([known('succeeded')], { refunded: 1_000 }))).toBeNull()
  })

  it('is not asked of totals and failures', () => {
    const before = paid([known('pending')], { refunded: 900 })
    expect([differs(total(5_000, 'a'), before), differs(failed('a'), before)]).toEqual([null, null])
  })
})

it('a failure is of an unknown refund until that is told', () => {
  const of1 = (payment: Payment, fact: RefundFact) => isFailureOfUnknown(payment, of(payment, 1), fact)
  expect([of1(paid(), failed('a')), of1(paid([known('pending')]), failed('a'))]).toEqual([true, false])
  expect(of1(paid(), one(1, 'a'))).toBe(false)
})

it('the total follows the facts: totals never fall, single refunds add up, a failure takes back what had succeeded', () => {
  const before = paid([known('succeeded')], { refunded: 500 })
  const listed = (fact: RefundFact, payment = before) => refundedAfter(payment, of(payment, 1), fact)
  expect([listed(total(400)), listed(total(600)), listed(total(null))]).toEqual([500, 600, 500])
  expect([listed(one(200, 'b')), listed(pending(200, 'b'))]).toEqual([700, 500])
  expect([listed(failed('a')), listed(failed('unheard of'))]).toEqual([200, 500])
  expect(listed(failed('a'), paid([known('pending')], { refunded: 500 }))).toBe(500)
})

describe('the list of refunds', () => {
  const listed = (
    fact: RefundFact,
    refunds: Refund[],
    { grown = 0, refundId = 'rfd_2' as string | null } = {},
  ) =>
    refundsAfter(
      paid(refunds),
      { ...{ sessionId: sessionId(1), fact, references: [] }, refundId, report: null },
      grown,
      NOW,
    )

  it('gains what was not known, for what it took', () => {
    expect(listed(pending(300, 'a'), [])).toEqual([known('pending', { id: 'rfd_2' })])
    expect(listed(total(900, 'a'), [], { grown: 300 })).toEqual([known('succeeded', { id: 'rfd_2' })])
    expect(listed(total(900), [], { grown: 300 })).toEqual([
      known('succeeded', { id: 'rfd_2', reference: null }),
    ])
  })

  it('gains nothing by a fact that has no place for one, or that tells a failure', () => {
    expect(listed(one(300, 'a'), [], { refundId: null })).toEqual([])
    expect(listed(failed('a'), [])).toEqual([])
  })

  it('changes the one that is known, and no other', () => {
    const other = known('pending', { id: 'rfd_3', reference: 'b' })
    expect(listed(one(300, 'a'), [known('pending'), other])).toEqual([known('succeeded'), other])
    expect(listed(failed('a'), [known('succeeded'), other])).toEqual([known('failed'), other])
  })

  it('lets a total under a known reference grow what has succeeded, and nothing else', () => {
    const grown = 100
    expect(listed(total(400, 'a'), [known('succeeded')], { grown })).toEqual([
      known('succeeded', { amount: 400 }),
    ])
    expect(listed(total(300, 'a'), [known('pending')], { grown })).toEqual([known('succeeded')])
    expect(listed(one(300, 'a'), [known('succeeded')], { grown })).toEqual([known('succeeded')])
  })

  it('knows nothing by a reference that is missing', () => {
    const nameless = known('succeeded', { reference: null })
    expect(listed(total(600), [nameless], { grown: 300 })).toEqual([
      nameless,
      known('succeeded', { id: 'rfd_2', reference: null }),
    ])
  })
})
