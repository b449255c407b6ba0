import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { counted, countedMissing, emptyTally } from '../../../../src/domain/settlement/tally.ts'
import { aKnownSession, anyRow, aRow, judgeRows } from '../../../support/a-settlement.ts'

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
      [aRow({ amount: 1_000, fee: 30 }), aKnownSession()],
      [aRow({ kind: 'fee', id: 'tx-2', amount: -20 }), null],
      [aRow({ kind: 'other', id: 'tx-3', amount: -950 }), null],
    ])
    expect(counted(emptyTally(), payout).totals.AMD).toMatchObject({
      ...{ payment: 1_000, fee: -20, other: -950, fees_within: 30, duplicate: 0 },
    })
  })

  it('stand by currency, and what was kept of a row in the currency that it was kept in', () => {
    const rows = judgeRows([
      [aRow({ currency: 'EUR', fee: 30, feeCurrency: 'USD' }), null],
      [aRow({ id: 'tx-2', currency: 'JPY', fee: null, feeCurrency: 'AMD' }), null],
    ])
    const { totals } = counted(emptyTally(), rows)
    expect(Object.keys(totals).sort()).toEqual(['EUR', 'JPY', 'USD'])
    expect(totals).toMatchObject({
      EUR: { payment: 1_000, fees_within: 0 },
      JPY: { payment: 1_000, fees_within: 0 },
      USD: { payment: 0, fees_within: 30 },
    })
  })

  it('hold a movement that is told again apart, and its fee once', () => {
    const row = aRow({ fee: 30 })
    const again = judgeRows([
      [row, aKnownSession()],
      [row, aKnownSession()],
    ])
    expect(counted(emptyTally(), again)).toMatchObject({
      ...{ rows: 2, outcomes: { matched: 1, duplicate: 1 } },
      totals: { AMD: { payment: 1_000, duplicate: 1_000, fees_within: 30 } },
    })
  })

  it('go on from what was counted, which stays as it was', () => {
    const rows = judgeRows([[aRow(), aKnownSession()]])
    const first = counted(emptyTally(), rows)
    const kept = structuredClone(first)
    const second = countedMissing(counted(first, rows), 3)
    expect(second).toMatchObject({
      ...{ rows: 2, outcomes: { matched: 2, missing_there: 3 }, totals: { AMD: { payment: 2_000, fee: 0 } } },
    })
    expect(countedMissing(second, 2)).toMatchObject({ rows: 2, outcomes: { matched: 2, missing_there: 5 } })
    expect(first).toEqual(kept)
  })

  it('begin with nothing', () => {
    const { outcomes, ...rest } = emptyTally()
    expect(rest).toEqual({ rows: 0, totals: {}, raised: 0, differences: 0 })
    expect(Object.values(outcomes)).toEqual(Array(7).fill(0))
  })
})
