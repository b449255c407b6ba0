import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Payment } from '../../../src/domain/payment.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { paymentView } from '../../../src/domain/view.ts'
import { captured, of, refunded, tell, usd, withSessions } from '../../support/a-payment.ts'

const paid = withSessions(captured())
const total = (amount: number, reference?: string): Fact =>
  ({ ...refunded(amount), ...(reference && { reference }) }) as Fact
const single = (amount: number, reference: string): Fact => ({
  type: 'refunded_one',
  ...usd(amount),
  reference,
})
const pending = (amount: number, reference: string): Fact => ({
  type: 'refund_pending',
  ...usd(amount),
  reference,
})
const failed = (reference: string): Fact => ({ type: 'refund_failed', reference })

/** Tells the facts as they come; what came too early is told again after each step, as the object does. */
function all(...facts: Fact[]): Payment {
  let payment = paid
  let early: Fact[] = []
  const hear = (fact: Fact): void => {
    const heard = tell(payment, fact)
    payment = heard.payment
    if (heard.outcome === 'premature') early.push(fact)
  }
  for (const fact of facts) {
    hear(fact)
    const waiting = early
    early = []
    waiting.forEach(hear)
  }
  return payment
}
const refundsOf = (payment: Payment) =>
  payment.refunds.map(({ reference, amount, status }) => [reference, amount, status])

describe('a refund that is told by its own reference', () => {
  it('counts once, however often it is told', () => {
    const payment = all(single(300, 'a'), single(300, 'a'), single(300, 'b'))
    expect(of(payment, 1).refunded).toBe(600)
    expect(refundsOf(payment)).toEqual([
      ['a', 300, 'succeeded'],
      ['b', 300, 'succeeded'],
    ])
  })

  it('is one refund with the one that was pending under the reference', () => {
    const payment = all(pending(300, 'a'), single(300, 'a'))
    expect(refundsOf(payment)).toEqual([['a', 300, 'succeeded']])
    expect(of(all(pending(300, 'a')), 1).refunded).toBe(0)
  })

  it('is never, with all others together, more than was taken', () => {
    const before = all(single(600, 'a'))
    const { outcome, entries, payment } = tell(before, single(600, 'b'))
    expect(outcome).toBe('mismatched')
    expect(entries[0]).toMatchObject({
      ...{
        type: 'report.mismatched',
        data: { differences: [{ field: 'amount', expected: 'at most 400', found: '600' }] },
      },
    })
    expect(of(payment, 1)).toMatchObject({ refunded: 600, doubt: null })
  })

  it('of one session is not the refund of another under the same reference', () => {
    const twice = withSessions(captured(), captured())
    const one = tell(twice, single(300, 'a'), { nth: 1 }).payment
    expect(of(tell(one, single(200, 'a'), { nth: 2 }).payment, 2).refunded).toBe(200)
  })
})

describe('a refund that failed', () => {
  it('takes nothing off what had not succeeded', () => {
    const payment = all(single(100, 'a'), pending(300, 'b'), failed('b'))
    expect(of(payment, 1).refunded).toBe(100)
    expect(refundsOf(payment)).toEqual([
      ['a', 100, 'succeeded'],
      ['b', 300, 'failed'],
    ])
  })

  it('after all is taken off the total, and the refund status goes back with it', () => {
    const payment = all(single(600, 'a'), single(400, 'b'), failed('b'))
    expect(paymentView(payment)).toMatchObject({
      amount_refunded: 600,
      refund_status: 'partial',
      status: 'paid',
    })
    expect(paymentView(all(single(600, 'a'), failed('a')))).toMatchObject({
      amount_refunded: 0,
      refund_status: 'none',
    })
  })

  it('stays failed, whatever is told of it again', () => {
    const payment = all(pending(300, 'a'), failed('a'), pending(300, 'a'), single(300, 'a'), failed('a'))
    expect(refundsOf(payment)).toEqual([['a', 300, 'failed']])
    expect(of(payment, 1).refunded).toBe(0)
  })

  it('is kept until we hear of the refund that it overtook', () => {
    expect(tell(paid, failed('a'))).toMatchObject({
      outcome: 'premature',
      entries: [{ type: 'report.premature' }],
    })
    expect(refundsOf(all(failed('a'), pending(300, 'a')))).toEqual([['a', 300, 'failed']])
    expect(of(all(failed('a'), single(300, 'a')), 1).refunded).toBe(0)
  })
})

describe('the two amounts that one refund is told with', () => {
  const mismatch = { kind: 'report_mismatch' }

  it.each([
    ['its end after its acceptance', [pending(300, 'a'), single(299, 'a')], ['a', 300, 'pending']],
    ['its acceptance after its end', [single(299, 'a'), pending(300, 'a')], ['a', 299, 'succeeded']],
    ['its end twice', [single(300, 'a'), single(299, 'a')], ['a', 300, 'succeeded']],
  ])('are a mismatch for a human, and change nothing: %s', (_, facts, kept) => {
    const payment = all(...facts)
    expect(refundsOf(payment)).toEqual([kept])
    expect(payment.exceptions).toMatchObject([mismatch])
  })

  it('may be the same one in either order, and then nobody is told', () => {
    expect(all(single(300, 'a'), pending(300, 'a')).exceptions).toEqual([])
    expect(all(pending(300, 'a'), single(300, 'a')).exceptions).toEqual([])
  })
})

describe('refund facts', () => {
  it('in any order and any repetition give the same money back', () => {
    const facts = [pending(300, 'a'), single(300, 'a'), pending(200, 'b'), failed('b'), single(100, 'c')]
    const orders = fc
      .shuffledSubarray([...facts, ...facts, ...facts], { minLength: 5 })
      .map((some) => [...some, ...facts.filter((fact) => !some.includes(fact))])
    fc.assert(
      fc.property(orders, (told) => {
        const payment = all(...told)
        expect(of(payment, 1).refunded).toBe(400)
        expect(refundsOf(payment).sort()).toEqual([
          ['a', 300, 'succeeded'],
          ['b', 200, 'failed'],
          ['c', 100, 'succeeded'],
        ])
      }),
    )
  })

  it('told as totals count what is new, and a total under a known reference grows that refund', () => {
    expect(refundsOf(all(total(300), total(500)))).toEqual([
      [null, 300, 'succeeded'],
      [null, 200, 'succeeded'],
    ])
    expect(refundsOf(all(total(300, 'a'), total(500, 'a')))).toEqual([['a', 500, 'succeeded']])
    expect(refundsOf(all(pending(300, 'a'), total(300, 'a')))).toEqual([['a', 300, 'succeeded']])
  })
})
