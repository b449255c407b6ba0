import { describe, expect, it } from 'vitest'
import type { KnownSession } from '../../../../src/domain/settlement/judge.ts'
import { placeOf, type SettlementRow } from '../../../../src/domain/settlement/row.ts'
import { absenceDetail, detailOf, floodDetail } from '../../../../src/domain/settlement/telling.ts'
import { aKnownRefund, aKnownSession, aRow, judgeRows } from '../../../support/a-settlement.ts'

const told = (...pairs: [SettlementRow, KnownSession | null][]) =>
  detailOf({ ...judgeRows(pairs).at(-1)!, place: placeOf(3, 17) }, 'rcn_2')

describe('a difference is told', () => {
  const session = aKnownSession()

  it.each<[string, Partial<SettlementRow>, Partial<KnownSession> | null, string]>([
    ['with both amounts', { amount: -1_250 }, {}, '12.50 AMD (ref-1); here it is 10.00 AMD.'],
    ['with both currencies', { currency: 'JPY' }, {}, '1000 JPY (ref-1); here it is 10.00 AMD.'],
    ['as unknown', {}, null, 'of a payment of 10.00 AMD (ref-1); no payment here has it.'],
    [
      'with the session that was never seen paid',
      {},
      { captured: 0 },
      '(ref-1); session ps_1 of this payment was never seen paid here.',
    ],
    [
      'as a refund that nobody made',
      { kind: 'refund' },
      {},
      'of a refund of 10.00 AMD (ref-1); this payment has no such refund here.',
    ],
    [
      'as a refund of another amount',
      { kind: 'refund', amount: -500 },
      { refunds: [aKnownRefund()] },
      'of a refund of 5.00 AMD (ref-1); here it is 4.00 AMD.',
    ],
    [
      'as a reversal without a reason',
      { kind: 'reversal' },
      {},
      'of a reversal of 10.00 AMD (ref-1); no dispute or failure of it is known here.',
    ],
  ])('%s', (_, row, known, end) => {
    const detail = told([aRow(row), known === null ? null : aKnownSession(known)])
    expect(detail).toMatch(/^Line 17 of file 3 of rcn_2 tells of a /)
    expect(detail.slice(-end.length)).toBe(end)
  })

  it('as money that an earlier line told, or another movement settled', () => {
    const row = aRow({ id: null })
    expect(told([row, session], [row, session])).toContain(
      ' of 10.00 AMD (ref-1) that an earlier line told already.',
    )
    expect(told([row, session], [aRow({ id: 'tx-2' }), session])).toContain(
      ' of 10.00 AMD (ref-1); another movement has settled the same money before.',
    )
  })

  it.each<[string, Partial<SettlementRow>]>([
    ['ref-1', { references: ['ref-1', 'ref-2'], orderId: 'A-1' }],
    ['A-1', { references: [], orderId: 'A-1' }],
    ['tx-1', { references: [] }],
    ['nothing', { references: [], id: null }],
    ['x'.repeat(64), { references: ['x'.repeat(200)] }],
  ])('under the name that finds it best: %s', (name, row) => {
    expect(told([aRow(row), null])).toContain(` (${name});`)
  })
})

it('a payment that no file accounts for is told with its session, its money and who should have', () => {
  expect(absenceDetail('ps_1', 1_250, 'AMD', 'rcn_2')).toBe(
    'Session ps_1 took 12.50 AMD, and no settlement tells of it; rcn_2 should have.',
  )
})

it('a flood of differences is told with how many there are, and what it may mean', () => {
  expect(floodDetail('rcn_2', 100, 250)).toMatch(
    /^rcn_2 has 250 differences, of which 100 were raised .* file, its period or its connection/,
  )
})
