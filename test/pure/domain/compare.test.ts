import { describe, expect, it } from 'vitest'
import { differencesOf, type Said } from '../../../src/domain/compare.ts'
import type { Session } from '../../../src/domain/payment.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { aSession, captured, ends, tell, usd, withSessions } from '../../support/a-payment.ts'

const said: Said = { reference: 'ref-1', orderId: 'A-1' }
const fieldsOf = (fact: Fact, session: Partial<Session> = {}, words: Partial<Said> = {}) =>
  differencesOf(aSession(session), 'A-1', { ...said, ...words }, fact).map(({ field }) => field)

type Money = 'authorized' | 'captured' | 'refunded'
const money = (type: Money, amount: number | null, currency: string | null = 'USD'): Fact => ({
  ...{ type, amount, currency },
})

describe('the amount that a provider tells', () => {
  const manual = { captureMethod: 'manual', state: 'authorized', authorized: 1_000 } as const
  const asked = { ...manual, captureAsked: 600 }

  it.each<[string, Money, number, Partial<Session>]>([
    ['a hold of the session’s amount', 'authorized', 1_000, {}],
    ['a hold under manual capture', 'authorized', 1_000, manual],
    ['a hold that is told again while a capture of less was asked for', 'authorized', 1_000, asked],
    ['an automatic capture of the session’s amount', 'captured', 1_000, {}],
    ['a manual capture of the amount that was asked for', 'captured', 600, asked],
    ['a manual capture of everything when nothing else was asked for', 'captured', 1_000, manual],
    ['a refund of a part', 'refunded', 1, captured()],
    ['a refund of everything', 'refunded', 1_000, captured()],
    [
      'a refund of all that was captured of a larger hold',
      'refunded',
      600,
      { ...asked, ...captured(600), amount: 1_000 },
    ],
    ['a refund that overtook its capture', 'refunded', 1_000, {}],
  ])('is right for %s', (_what, type, amount, session) => {
    expect(fieldsOf(money(type, amount), session)).toEqual([])
  })

  it.each<[string, Money, number | null, Partial<Session>]>([
    ['a hold of less', 'authorized', 999, {}],
    ['a hold of more', 'authorized', 1_001, {}],
    ['a capture of five cents', 'captured', 5, {}],
    ['a capture of more', 'captured', 1_001, {}],
    ['a capture in another unit', 'captured', 100_000, {}],
    ['an automatic capture of what was never asked for', 'captured', 600, { captureAsked: 600 }],
    ['a manual capture of the whole when a part was asked for', 'captured', 1_000, asked],
    ['a manual capture of more than was asked for', 'captured', 601, asked],
    ['a refund of more than was captured', 'refunded', 601, { ...asked, ...captured(600), amount: 1_000 }],
    ['a refund of more than could ever be captured', 'refunded', 1_001, {}],
    ['a hold without an amount', 'authorized', null, {}],
    ['a capture without an amount', 'captured', null, {}],
    ['a refund without an amount', 'refunded', null, captured()],
    ['a capture of nothing', 'captured', 0, { amount: 0 }],
    ['a refund of nothing', 'refunded', 0, captured()],
    ['a refund of less than nothing', 'refunded', -1, captured()],
    ['a capture of fractions', 'captured', 0.5, { amount: 0.5 }],
  ])('differs for %s', (_what, type, amount, session) => {
    expect(fieldsOf(money(type, amount), session)).toEqual(['amount'])
  })

  it('is told beside what was expected, in words that an operator reads', () => {
    const differences = (fact: Fact, session: Partial<Session> = {}) =>
      differencesOf(aSession(session), 'A-1', said, fact)
    expect(differences(money('captured', 5))).toEqual([{ field: 'amount', expected: '1000', found: '5' }])
    expect(differences(money('captured', null))).toEqual([{ field: 'amount', expected: '1000', found: null }])
    expect(differences(money('captured', 5), asked)).toEqual([
      { field: 'amount', expected: '600', found: '5' },
    ])
    expect(differences(money('refunded', 1_001), captured())).toEqual([
      { field: 'amount', expected: 'at most 1000', found: '1001' },
    ])
  })
})

describe('the amount of one refund among several', () => {
  it.each(['refunded_one', 'refund_pending'] as const)('is at most what was captured: %s', (type) => {
    const one = (amount: number): Fact => ({ type, ...usd(amount), reference: 're-1' })
    expect(fieldsOf(one(1_000), captured())).toEqual([])
    expect(fieldsOf(one(1_001), captured())).toEqual(['amount'])
    expect(fieldsOf(one(0), captured())).toEqual(['amount'])
  })
})

describe('the currency that a provider tells', () => {
  it.each<[Money, string | null]>([
    ['authorized', 'AMD'],
    ['captured', 'AMD'],
    ['captured', 'usd'],
    ['captured', null],
    ['authorized', null],
    ['refunded', 'EUR'],
    ['refunded', null],
  ])('must be the session’s: %s in %s differs', (type, currency) => {
    expect(fieldsOf(money(type, 1_000, currency), captured())).toEqual(['currency'])
  })

  it('is a difference of its own beside a wrong amount', () => {
    expect(fieldsOf({ type: 'captured', amount: null, currency: null })).toEqual(['currency', 'amount'])
  })
})

describe('a fact that moves no money', () => {
  it.each<[Fact]>([
    ...ends.map((fact): [Fact] => [fact]),
    [{ type: 'disputed' }],
    [{ type: 'dispute_closed', outcome: 'won' }],
  ])('needs no amount: %j', (fact) => {
    expect(fieldsOf(fact)).toEqual([])
  })

  it('must be about this session and order all the same', () => {
    expect(fieldsOf({ type: 'failed' }, {}, { reference: 'ref-9' })).toEqual(['reference'])
    expect(fieldsOf({ type: 'failed' }, {}, { orderId: 'A-2' })).toEqual(['order'])
  })
})

describe('the reference that a provider names', () => {
  const right: Fact = { type: 'captured', ...usd(1_000) }

  it('must be one of the session’s', () => {
    expect(fieldsOf(right, { references: ['ref-0', 'ref-1'] })).toEqual([])
    expect(differencesOf(aSession({ references: ['ref-0', 'ref-2'] }), 'A-1', said, right)).toEqual([
      { field: 'reference', expected: 'ref-0 ref-2', found: 'ref-1' },
    ])
  })

  it('may be an unknown one while the answer to a call is missing, since that call may have made it', () => {
    expect(fieldsOf(right, { references: [], calls: 1, answers: 0 })).toEqual([])
    expect(fieldsOf(right, { references: ['ref-2'], calls: 2, answers: 1 })).toEqual([])
    expect(fieldsOf(right, { references: ['ref-2'], calls: 2, answers: 2 })).toEqual(['reference'])
  })

  it('need not be named when we asked by it', () => {
    expect(fieldsOf(right, {}, { reference: null })).toEqual([])
  })
})

describe('the order that a provider names', () => {
  it('must be the payment’s where it is named', () => {
    const right: Fact = { type: 'captured', ...usd(1_000) }
    expect(fieldsOf(right, {}, { orderId: null })).toEqual([])
    expect(differencesOf(aSession(), 'A-1', { ...said, orderId: 'A-10' }, right)).toEqual([
      { field: 'order', expected: 'A-1', found: 'A-10' },
    ])
  })
})

describe('the movement of money that a provider names', () => {
  const paidBy = (transaction: string): Fact => ({ type: 'captured', ...usd(1_000), transaction })

  it('is the session’s own from its capture on', () => {
    const paid = tell(withSessions({}), paidBy('t-1')).payment
    expect(paid.sessions[0]).toMatchObject({ state: 'captured', transaction: 't-1', doubt: null })
    expect(tell(paid, paidBy('t-1')).outcome).toBe('stale')
    expect(tell(paid, paidBy('t-2')).outcome).toBe('mismatched')
  })

  it('differs for a second one, which is a second charge of the same customer', () => {
    const paid = { ...captured(), transaction: 't-1' }
    expect(fieldsOf(paidBy('t-1'), paid)).toEqual([])
    expect(differencesOf(aSession(paid), 'A-1', said, paidBy('t-2'))).toEqual([
      { field: 'reference', expected: 't-1', found: 't-2' },
    ])
  })

  it('need not be named', () => {
    expect(fieldsOf(money('captured', 1_000), { ...captured(), transaction: 't-1' })).toEqual([])
    expect(fieldsOf(paidBy('t-1'), captured())).toEqual([])
  })
})
