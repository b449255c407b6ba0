import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sessionFor } from '../../../../src/domain/settlement/find.ts'
import {
  type Claim,
  type Judged,
  judge,
  type KnownRefund,
  type KnownSession,
  mustBeSeen,
  subjectsOf,
} from '../../../../src/domain/settlement/judge.ts'
import type { RowKind, SettlementRow } from '../../../../src/domain/settlement/row.ts'
import { counted, emptyTally } from '../../../../src/domain/settlement/tally.ts'
import { detailOf } from '../../../../src/domain/settlement/telling.ts'

const aSession = (change: Partial<KnownSession> = {}): KnownSession => ({
  ...{ id: 'ps_1', paymentId: 'pay_1', currency: 'AMD', captured: 1_000, refunds: [], isDisputed: false },
  ...change,
})

const aRow = (change: Partial<SettlementRow> = {}): SettlementRow => ({
  ...{ line: 2, kind: 'payment', id: 'tx-1', references: ['ref-1'], orderId: null, amount: 1_000 },
  ...{ currency: 'AMD', fee: null, feeCurrency: 'AMD', date: '2026-11-20', ...change },
})

const aRefund = (change: Partial<KnownRefund> = {}): KnownRefund => ({
  ...{ id: 'rfd_1', amount: 400, reference: null, status: 'succeeded', ...change },
})

const reconciliation = { id: 'rcn_2', connectionId: 'con_1', since: 200 }

function judgeRows(pairs: [SettlementRow, KnownSession | null][], claims: Claim[] = []): Judged[] {
  const rows = pairs.map(([row, session], index) => ({ row, session, place: index + 1 }))
  return judge({ rows, claims, reconciliation }).judged
}

const outcomesOf = (judged: Judged[]) => judged.map(({ outcome, reason }) => reason ?? outcome)

describe('a row', () => {
  it.each<[string, Partial<SettlementRow>, Partial<KnownSession> | null, string]>([
    ['of a payment as it is here', {}, {}, 'matched'],
    ['that the file writes below zero', { amount: -1_000 }, {}, 'matched'],
    ['of another amount', { amount: 999 }, {}, 'amount_difference'],
    ['of another currency', { currency: 'USD' }, {}, 'currency_difference'],
    ['of another currency and amount', { currency: 'USD', amount: 999 }, {}, 'currency_difference'],
    ['of nothing known', {}, null, 'unknown'],
    ['of a payment that was never seen paid', {}, { captured: 0 }, 'unpaid'],
    ['of a refund as it is here', { kind: 'refund', amount: -400 }, { refunds: [aRefund()] }, 'matched'],
    [
      'of a refund of another amount',
      { kind: 'refund', amount: -300 },
      { refunds: [aRefund()] },
      'amount_difference',
    ],
    [
      'of a refund that failed here',
      { kind: 'refund', amount: -400 },
      { refunds: [aRefund({ status: 'failed' })] },
      'unknown_refund',
    ],
    ['of a refund that nobody made here', { kind: 'refund', amount: -400 }, {}, 'unknown_refund'],
    ['of a dispute that is known', { kind: 'reversal' }, { isDisputed: true }, 'matched'],
    ['of a dispute that is not', { kind: 'reversal' }, {}, 'unknown_reversal'],
    ['of a fee', { kind: 'fee' }, null, 'fee'],
    ['of a payout', { kind: 'other' }, null, 'fee'],
  ])('%s: %o', (_, row, session, outcome) => {
    const known = session === null ? null : aSession(session)
    expect(outcomesOf(judgeRows([[aRow(row), known]]))).toEqual([outcome])
  })

  it('of the same movement again is a repeat that nobody need see, and one of another movement is money twice', () => {
    const session = aSession()
    const judged = judgeRows([
      [aRow(), session],
      [aRow({ line: 3 }), session],
      [aRow({ line: 4, id: 'tx-2' }), session],
    ])
    expect(outcomesOf(judged)).toEqual(['matched', 'repeated', 'settled_twice'])
    expect(judged.map(mustBeSeen)).toEqual([false, false, true])
  })

  it('that no provider names is seen when it comes twice, since it may be money twice', () => {
    const row = aRow({ id: null })
    const judged = judgeRows([
      [row, aSession()],
      [row, aSession()],
    ])
    expect(outcomesOf(judged)).toEqual(['matched', 'repeated'])
    expect(judged.map(mustBeSeen)).toEqual([false, true])
  })

  it('without an id is another one on another day, and fees of one day are each their own', () => {
    const fee = aRow({ id: null, kind: 'fee', references: [] })
    const judged = judgeRows([
      [aRow({ id: null }), aSession()],
      [aRow({ id: null, date: '2026-11-21' }), aSession()],
      [fee, null],
      [fee, null],
    ])
    expect(outcomesOf(judged)).toEqual(['matched', 'settled_twice', 'fee', 'fee'])
  })
})

describe('refunds of one payment', () => {
  const refunds = [
    aRefund({ id: 'rfd_1', amount: 400, reference: 're-1' }),
    aRefund({ id: 'rfd_2', amount: 400 }),
    aRefund({ id: 'rfd_3', amount: 200 }),
  ]
  const refund = (id: string, amount: number, ...references: string[]) =>
    aRow({ kind: 'refund', id, amount: -amount, references })

  it('are told apart by their references, then by amounts that no other row has', () => {
    const session = aSession({ refunds })
    const judged = judgeRows([
      [refund('a', 400, 're-1'), session],
      [refund('b', 400), session],
      [refund('c', 200), session],
      [refund('d', 400), session],
    ])
    expect(judged.map(({ subject }) => subject).slice(0, 3)).toEqual(['rfd_1', 'rfd_2', 'rfd_3'])
    expect(outcomesOf(judged)).toEqual(['matched', 'matched', 'matched', 'settled_twice'])
  })

  it('of which one is left take a row of another amount for it, and of several none', () => {
    const one = aSession({ refunds: refunds.slice(1, 2) })
    expect(outcomesOf(judgeRows([[refund('a', 500), one]]))).toEqual(['amount_difference'])
    const two = aSession({ refunds: refunds.slice(1) })
    expect(outcomesOf(judgeRows([[refund('a', 500), two]]))).toEqual(['unknown_refund'])
  })
})

describe('what another reconciliation has claimed', () => {
  const claim = (change: Partial<Claim>): Claim => ({
    ...{ subject: 'ps_1', identity: 'id payment tx-1', reconciliationId: 'rcn_1', place: 9, since: 100 },
    ...change,
  })

  it('is the same settlement when it is the same movement: files may overlap', () => {
    expect(outcomesOf(judgeRows([[aRow(), aSession()]], [claim({})]))).toEqual(['matched'])
  })

  it('is money twice when it is another movement and came before', () => {
    const earlier = claim({ identity: 'id payment tx-0' })
    expect(outcomesOf(judgeRows([[aRow(), aSession()]], [earlier]))).toEqual(['settled_twice'])
  })

  it('is for the other one to explain when that came later', () => {
    const later = claim({ identity: 'id payment tx-3', since: 300 })
    expect(outcomesOf(judgeRows([[aRow(), aSession()]], [later]))).toEqual(['matched'])
  })
})

const sessions = [
  aSession({ refunds: [aRefund(), aRefund({ id: 'rfd_2' }), aRefund({ id: 'rfd_3', amount: 100 })] }),
  aSession({ id: 'ps_2', captured: 500 }),
  aSession({ id: 'ps_3', captured: 0 }),
]
const anyRow = fc
  .record({
    session: fc.constantFrom(null, ...sessions),
    kind: fc.constantFrom<RowKind>('payment', 'payment', 'refund', 'refund', 'reversal', 'fee'),
    id: fc.option(fc.constantFrom('tx-1', 'tx-2', 'tx-3', 'tx-4')),
    amount: fc.constantFrom(1_000, 500, -400, 100, 7),
  })
  .map(({ session, ...row }) => ({ session, row: aRow(row) }))

describe('any rows', () => {
  it('come to the same in whatever pieces they are judged, and again, and with pieces that are judged twice', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 25 }),
        fc.array(fc.nat(25), { maxLength: 5 }),
        fc.boolean(),
        (all, cuts, twice) => {
          const rows = all.map((one, index) => ({ ...one, place: index + 1 }))
          const whole = judge({ rows, claims: [], reconciliation })
          const held = new Map<string, Claim>()
          const pieces = [0, ...cuts.toSorted((a, b) => a - b), rows.length]
          const run = () =>
            pieces.slice(1).flatMap((end, index) => {
              const piece = rows.slice(pieces[index], end)
              const subjects = new Set(piece.flatMap(({ row, session }) => subjectsOf(row, session, 'con_1')))
              const take = () => {
                const claims = [...held.values()].filter(({ subject }) => subjects.has(subject))
                const done = judge({ rows: piece, claims, reconciliation })
                for (const one of done.claims) {
                  const key = `${one.subject}|${one.identity}`
                  if (!held.has(key)) held.set(key, one)
                }
                return done.judged
              }
              if (twice) take()
              return take()
            })
          expect(outcomesOf(run())).toEqual(outcomesOf(whole.judged))
          expect(outcomesOf(run())).toEqual(outcomesOf(whole.judged))
        },
      ),
    )
  })

  it('account for each payment and refund at most once, and every one is counted', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 25 }), (all) => {
        const judged = judgeRows(all.map(({ row, session }) => [row, session]))
        const accounted = judged.filter(
          ({ expected, outcome }) => expected !== null && outcome !== 'duplicate',
        )
        const subjects = accounted.map(({ subject }) => subject)
        expect(new Set(subjects).size).toBe(subjects.length)
        const tally = counted(emptyTally(), judged)
        expect(Object.values(tally.outcomes).reduce((sum, n) => sum + n, 0)).toBe(all.length)
        for (const one of judged.filter(mustBeSeen))
          expect(detailOf(one, 'rcn_2')).toMatch(/^Line \d+ of file 0 .*\.$/)
      }),
    )
  })
})

describe('the sums of a file (pain 15: the remainder of a payout must be labelled)', () => {
  it('hold every amount under the kind that it is of, and leave no remainder', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 25 }), (all) => {
        const judged = judgeRows(all.map(({ row, session }) => [row, session]))
        const { fees_within: _, ...sums } = counted(emptyTally(), judged).totals.AMD ?? { fees_within: 0 }
        const whole = all.reduce((sum, { row }) => sum + row.amount, 0)
        expect(Object.values(sums).reduce((sum, one) => sum + one, 0)).toBe(whole)
      }),
    )
    const payout = judgeRows([
      [aRow({ amount: 1_000, fee: 30 }), aSession()],
      [aRow({ kind: 'fee', id: 'tx-2', amount: -20 }), null],
      [aRow({ kind: 'other', id: 'tx-3', amount: -950 }), null],
    ])
    expect(counted(emptyTally(), payout).totals.AMD).toMatchObject({
      ...{ payment: 1_000, fee: -20, other: -950, fees_within: 30, duplicate: 0 },
    })
  })
})

describe('the session of a row', () => {
  const first = aSession({ id: 'ps_1', captured: 0 })
  const second = aSession({ id: 'ps_2', captured: 700 })
  const third = aSession({ id: 'ps_3', captured: 1_000 })
  const byReference = new Map([['ref-1', first]])
  const find = (row: Partial<SettlementRow>, ...of: KnownSession[]) =>
    sessionFor(aRow(row), { byReference, byOrder: new Map([['A-1', of]]) })?.id ?? null

  it.each([
    ['the one that its reference names, whatever the order says', find({ orderId: 'A-1' }, third), 'ps_1'],
    ['the first reference that is known', find({ references: ['?', 'ref-1'] }), 'ps_1'],
    [
      'of its order the one that took this much',
      find({ references: [], orderId: 'A-1' }, second, third),
      'ps_3',
    ],
    [
      'else one that took money',
      find({ references: [], orderId: 'A-1', amount: 5 }, first, second, third),
      'ps_2',
    ],
    [
      'else the newest',
      find({ references: [], orderId: 'A-1' }, first, aSession({ id: 'ps_9', captured: 0 })),
      'ps_9',
    ],
    ['none when nothing here is it', find({ references: ['?'], orderId: 'B-1' }, first), null],
  ])('is %s', (_, found, expected) => {
    expect(found).toBe(expected)
  })
})
