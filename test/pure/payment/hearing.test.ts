import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/domain/entry.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { load } from '../../../src/payment/storage.ts'
import {
  aRig,
  checksTheBooksAfterEachTest,
  declined,
  OTHER_CONNECTION,
  type Rig,
  type Told,
} from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

/** What a report must not change: everything. */
const everything = (rig: Rig) => JSON.stringify([load(rig.storage), rig.journal, rig.storage.alarm])

function anOpenRig(): Rig {
  const rig = aRig()
  rig.open()
  return rig
}

describe('a report', () => {
  it('is applied, and the payment and its event follow in the same step', () => {
    const rig = anOpenRig()
    expect(rig.hear()).toBe('applied')
    expect([rig.status, rig.session().captured, rig.types.at(-1)]).toEqual(['paid', 1_000, 'report.applied'])
    const event = JSON.parse(rig.journal.at(-1)!.event!.body)
    expect(event).toMatchObject({
      type: 'payment.paid',
      data: { previous_status: 'pending', payment: { status: 'paid', amount_captured: 1_000 } },
    })
  })

  it('repeated twenty times is one entry and one event', () => {
    const rig = anOpenRig()
    const outcomes = Array.from({ length: 20 }, () => rig.hear())
    expect(outcomes).toEqual(['applied', ...Array(19).fill('repeated')])
    expect(rig.types.filter((type) => type === 'report.applied')).toHaveLength(1)
    expect(rig.events.filter((type) => type === 'payment.paid')).toHaveLength(1)
  })

  it('without an id of its own is known by its body', () => {
    const rig = anOpenRig()
    expect([rig.hear({ id: null, body: 'x' }), rig.hear({ id: null, body: 'x' })]).toEqual([
      'applied',
      'repeated',
    ])
    expect(rig.hear({ id: null, body: 'y' })).toBe('stale')
  })

  it('with another id that tells the same is stale, kept once, and no event', () => {
    const rig = anOpenRig()
    rig.hear()
    const events = rig.events.length
    expect([rig.hear({ id: 'second' }), rig.hear({ id: 'second' })]).toEqual(['stale', 'repeated'])
    expect([rig.types.at(-1), rig.events.length]).toEqual(['report.stale', events])
  })

  it('teaches every reference that it names, also where a check has told of the money before', () => {
    const told = anOpenRig()
    told.hear({ also: ['pi_1', 'ch_1'] })
    expect(told.session().references).toEqual(['ref-1', 'pi_1', 'ch_1'])
    const asked = anOpenRig()
    const facts: Fact[] = [{ type: 'captured', amount: 1_000, currency: 'AMD' }]
    asked.learn({ facts, references: ['ref-1'], payable: false })
    expect(asked.hear({ also: ['pi_1'] })).toBe('stale')
    expect(asked.session().references).toEqual(['ref-1', 'pi_1'])
  })

  it('that is not about the session and its money teaches no reference', () => {
    const rig = anOpenRig()
    expect(rig.hear({ amount: 5, also: ['pi_1'] })).toBe('mismatched')
    expect(rig.session().references).toEqual(['ref-1'])
  })

  it.each([
    ['the same type', {}],
    ['another type', { type: 'failed' as const }],
    ['another reference', { reference: 'ref-9' }],
  ])(
    'whose id was used for another body, of %s, is a contradiction, once, and changes nothing',
    (_, told: Told) => {
      const rig = anOpenRig()
      rig.hear({ id: 'one', type: 'authorized' })
      const { status } = rig
      const again = { id: 'one', type: 'authorized', body: 'another', ...told } as const
      expect(Array.from({ length: 5 }, () => rig.hear(again))).toEqual(Array(5).fill('contradicted'))
      expect([rig.status, rig.exceptions]).toEqual([status, ['contradiction']])
      expect(rig.types.filter((type) => type === 'report.contradicted')).toHaveLength(1)
      // What was heard first is still only a repeat.
      expect(rig.hear({ id: 'one', type: 'authorized' })).toBe('repeated')
    },
  )

  it('whose id was used for another body makes the object ask the provider who is right', () => {
    const rig = anOpenRig()
    rig.hear({ id: 'one', type: 'failed' })
    expect(rig.asks()).toBeUndefined()
    rig.hear({ id: 'one', type: 'captured' })
    expect(rig.asks()?.at).toBe(rig.now + 5_000)
  })

  it('may have the id that another connection used: ids are the account’s own', () => {
    const rig = aRig()
    rig.open({ connectionId: OTHER_CONNECTION })
    rig.hear({ id: 'one', type: 'failed', connectionId: OTHER_CONNECTION })
    rig.open({ key: 'k2' })
    expect(rig.hear({ id: 'one' })).toBe('applied')
  })

  it('writes nothing into a payment that was never opened', () => {
    const rig = aRig()
    expect(rig.hear()).toBe('unmatched')
    expect([rig.storage.rows, load(rig.storage)]).toEqual([0, null])
  })

  it.each<[string, Told, string]>([
    ['through a connection that is not the session’s', { connectionId: OTHER_CONNECTION }, 'foreign'],
    ['about a session that the payment does not have', { sessionId: 'ps_none' }, 'unmatched'],
  ])('%s writes nothing here', (_, told, outcome) => {
    const rig = anOpenRig()
    const before = everything(rig)
    expect([rig.hear(told), rig.hear(told)]).toEqual([outcome, outcome])
    expect(everything(rig)).toBe(before)
  })

  it('is found by its reference where it names no session', () => {
    const rig = anOpenRig()
    rig.hear({ type: 'failed' })
    rig.open({ key: 'k2' })
    expect(rig.hear({ sessionId: undefined, reference: 'ref-1', type: 'expired' })).toBe('stale')
    expect(rig.hear({ sessionId: undefined, reference: 'ref-2' })).toBe('applied')
    expect(rig.session(2).state).toBe('captured')
  })
})

describe('an earlier session', () => {
  it.each(['failed', 'canceled', 'expired'] as const)(
    'that is late reported %s never touches the current one',
    (type) => {
      const rig = anOpenRig()
      const first = rig.session().id
      rig.hear({ type: 'failed' })
      rig.open({ key: 'k2' })
      const before = JSON.stringify([rig.session(), rig.asks(), rig.status])
      rig.hear({ type, id: 'late', sessionId: first, reference: 'ref-1' })
      expect(JSON.stringify([rig.session(), rig.asks(), rig.status])).toBe(before)
      rig.hear()
      rig.hear({ type, id: 'later', sessionId: first, reference: 'ref-1' })
      expect([rig.status, rig.exceptions]).toEqual(['paid', []])
    },
  )

  it('that is captured after all counts, is flagged late, and the second capture is double', () => {
    const rig = anOpenRig()
    const first = rig.session().id
    rig.hear({ type: 'failed' })
    rig.open({ key: 'k2' })
    rig.hear({ sessionId: first, reference: 'ref-1' })
    expect([rig.status, rig.exceptions]).toEqual(['paid', ['late_payment']])
    rig.hear()
    expect(rig.exceptions).toEqual(['late_payment', 'duplicate_payment'])
    expect(rig.payment).toMatchObject({ settledBy: first, flags: ['late_payment', 'duplicate_payment'] })
  })
})

describe('paid', () => {
  it.each(['failed', 'canceled', 'expired', 'authorized'] as const)(
    'is not taken back by a report of %s',
    (type) => {
      const rig = anOpenRig()
      rig.hear()
      expect(rig.hear({ type })).toBe('stale')
      expect(rig.status).toBe('paid')
    },
  )

  it('is reached the same from every order of the same reports', () => {
    const told: Told[] = [
      { type: 'authorized' },
      { type: 'captured' },
      { type: 'failed' },
      { type: 'refunded', amount: 400 },
    ]
    const seen = permutations(told).map((order) => {
      const rig = anOpenRig()
      for (const one of [...order, ...order]) rig.hear(one)
      rig.check()
      return { captured: rig.session().captured, refunded: rig.session().refunded, status: rig.status }
    })
    expect(seen).toHaveLength(24)
    for (const one of seen) expect(one).toEqual({ captured: 1_000, refunded: 400, status: 'paid' })
  })
})

describe('a report that differs from its session', () => {
  it.each<[string, Told]>([
    ['amount', { amount: 999 }],
    ['amount', { amount: 1_001 }],
    ['missing amount', { amount: null }],
    ['amount of zero', { amount: 0 }],
    ['currency', { currency: 'USD' }],
    ['missing currency', { currency: null }],
    ['order', { orderId: 'A-2' }],
    ['reference', { reference: 'ref-9' }],
  ])('in its %s moves no money, raises one exception, and locks the order until it is cleared', (_, told) => {
    const rig = anOpenRig()
    expect([rig.hear(told), rig.hear(told)]).toEqual(['mismatched', 'mismatched'])
    expect(rig.types.filter((type) => type === 'report.mismatched')).toHaveLength(1)
    expect([rig.status, rig.exceptions]).toEqual(['pending', ['report_mismatch']])
    expect(rig.session()).toMatchObject({ state: 'open', captured: 0, doubt: 'report_mismatch' })
    expect(rig.begin({ key: 'k2', newAttempt: true })).toMatchObject({
      refusal: { code: 'previous_attempt_in_doubt' },
    })
    expect(rig.asks()?.at).toBe(rig.now + 5_000)
  })

  it('stays in doubt through its own end: a failure reported behind it does not free the order', () => {
    const rig = anOpenRig()
    rig.hear({ amount: 999 })
    for (const type of ['failed', 'canceled', 'expired'] as const) rig.hear({ type })
    expect(rig.session()).toMatchObject({ state: 'open', doubt: 'report_mismatch' })
  })

  it('is cleared by a later report that agrees', () => {
    const rig = anOpenRig()
    rig.hear({ amount: 999, id: 'wrong' })
    expect(rig.hear({ id: 'right' })).toBe('applied')
    expect([rig.status, rig.session().doubt]).toEqual(['paid', null])
  })

  it('is judged again when it comes again, and applied once it is true', () => {
    const rig = anOpenRig()
    const told = { reference: 'ref-new', id: 'r' }
    expect(rig.hear(told)).toBe('mismatched')
    // The provider itself names the session by another reference meanwhile, so the reference is the session's too.
    rig.step((book) => book.write([taught(rig.session().id, 'ref-new')], 'tollgate'))
    expect(rig.hear(told)).toBe('applied')
    expect([rig.status, rig.hear(told)]).toEqual(['paid', 'repeated'])
  })

  it('of a failure needs no amount, and of a refund at most the captured one', () => {
    const rig = anOpenRig()
    rig.hear()
    expect(rig.hear({ type: 'refunded', amount: 1_001 })).toBe('mismatched')
    expect(rig.session()).toMatchObject({ refunded: 0, doubt: null })
    const other = anOpenRig()
    expect(other.hear({ fact: { type: 'failed' } })).toBe('applied')
  })
})

describe('a refund or dispute', () => {
  it('that overtook its capture is kept, asked about, and counts once the capture is seen', () => {
    const rig = anOpenRig()
    expect([
      rig.hear({ type: 'refunded', amount: 400 }),
      rig.hear({ type: 'refunded', amount: 400 }),
    ]).toEqual(['premature', 'premature'])
    expect([rig.session().refunded, rig.asks()?.at]).toEqual([0, rig.now + 5_000])
    rig.hear()
    expect(rig.session()).toMatchObject({ captured: 1_000, refunded: 400 })
    expect(rig.events.slice(-2)).toEqual(['payment.paid', 'payment.refunded'])
    expect(rig.hear({ type: 'refunded', amount: 400 })).toBe('repeated')
    expect(rig.payment.refunds).toHaveLength(1)
  })

  it('that overtook its capture counts too when the capture is learnt by asking', () => {
    const rig = anOpenRig()
    rig.hear({ type: 'refunded', amount: 400 })
    rig.learn({ facts: [{ type: 'captured', amount: 1_000, currency: 'AMD' }], references: ['ref-1'] })
    expect(rig.session()).toMatchObject({ captured: 1_000, refunded: 400 })
  })

  it('whose beginning is still unknown when others are heard is kept once, and judged once when it is known', () => {
    const rig = anOpenRig()
    rig.hear()
    const about = (type: 'refund_pending' | 'refund_failed', reference: string) =>
      type === 'refund_failed'
        ? ({ type, reference } as const)
        : ({ type, reference, amount: 400, currency: 'AMD' } as const)
    rig.hear({ fact: about('refund_failed', 'r-1'), id: 'failed 1' })
    rig.hear({ fact: about('refund_pending', 'r-2'), id: 'pending 2' })
    rig.hear({ fact: about('refund_failed', 'r-2'), id: 'failed 2' })
    expect(rig.types.filter((type) => type === 'report.premature')).toHaveLength(1)
    expect(rig.hear({ fact: about('refund_pending', 'r-1'), id: 'pending 1' })).toBe('applied')
    expect(rig.types.slice(-2)).toEqual(['report.applied', 'report.applied'])
    expect(rig.payment.refunds.map(({ status }) => status)).toEqual(['failed', 'failed'])
  })

  it('tells totals: the same total again adds nothing, a larger one adds the difference', () => {
    const rig = anOpenRig()
    rig.hear()
    rig.hear({ type: 'refunded', amount: 400 })
    rig.hear({ type: 'refunded', amount: 400, id: 'same total' })
    rig.hear({ type: 'refunded', amount: 1_000, id: 'all' })
    rig.hear({ type: 'refunded', amount: 400, id: 'late' })
    expect(rig.payment.refunds.map(({ amount }) => amount)).toEqual([400, 600])
    expect(rig.session().refunded).toBe(1_000)
  })

  it('is closed as the provider says, and a lost one is not won afterwards', () => {
    const rig = anOpenRig()
    rig.hear()
    rig.hear({ fact: { type: 'disputed' }, id: 'd1' })
    rig.hear({ fact: { type: 'dispute_closed', outcome: 'lost' }, id: 'd2' })
    expect(rig.hear({ fact: { type: 'dispute_closed', outcome: 'won' }, id: 'd3' })).toBe('contradicted')
    expect([rig.payment.disputeStatus, rig.exceptions]).toEqual(['lost', ['dispute_opened', 'contradiction']])
  })
})

it('a report of money for a session that the provider refused to open locks the order for a human to look', () => {
  const rig = aRig()
  rig.finish(rig.begin(), declined)
  expect(rig.hear({ reference: 'ref-1' })).toBe('mismatched')
  expect([rig.status, rig.session().captured, rig.exceptions]).toEqual(['pending', 0, ['report_mismatch']])
  expect(rig.begin({ key: 'k2' })).toMatchObject({ refusal: { code: 'previous_attempt_in_doubt' } })
})

function taught(sessionId: string, reference: string): Entry {
  const fact = { type: 'authorized', amount: 1_000, currency: 'AMD' } as const
  return {
    type: 'check.applied',
    data: { sessionId, fact, references: [reference], refundId: null, report: null },
  }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  )
}
