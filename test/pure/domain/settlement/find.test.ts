import { describe, expect, it } from 'vitest'
import { sessionFor } from '../../../../src/domain/settlement/find.ts'
import type { KnownSession } from '../../../../src/domain/settlement/judge.ts'
import type { SettlementRow } from '../../../../src/domain/settlement/row.ts'
import { aKnownRefund, aKnownSession, aRow } from '../../../support/a-settlement.ts'

describe('the session of a row', () => {
  const first = aKnownSession({ id: 'ps_1', captured: 0 })
  const second = aKnownSession({ id: 'ps_2', captured: 700 })
  const third = aKnownSession({ id: 'ps_3', captured: 1_000 })
  const byReference = new Map([['ref-1', first]])
  const find = (row: Partial<SettlementRow>, ...of: KnownSession[]) =>
    sessionFor(aRow(row), { byReference, byOrder: new Map([['A-1', of]]) })

  it.each([
    ['the one that its reference names, whatever the order says', find({ orderId: 'A-1' }, third), 'ps_1'],
    ['the first reference that is known', find({ references: ['?', 'ref-1'] }), 'ps_1'],
    [
      'of its order the one that took this much',
      find({ references: [], orderId: 'A-1' }, second, third),
      'ps_3',
    ],
    [
      'of its order the one that gave this much back, for a refund',
      find(
        { kind: 'refund', references: [], orderId: 'A-1', amount: -400 },
        aKnownSession({ id: 'ps_4', captured: 400, refunds: [aKnownRefund({ amount: 100 })] }),
        aKnownSession({
          id: 'ps_5',
          captured: 1_000,
          refunds: [aKnownRefund({ amount: 50 }), aKnownRefund()],
        }),
      ),
      'ps_5',
    ],
    [
      'else one that took money',
      find({ references: [], orderId: 'A-1', amount: 5 }, first, second, third),
      'ps_2',
    ],
    [
      'else the newest',
      find({ references: [], orderId: 'A-1' }, first, first, aKnownSession({ id: 'ps_9', captured: 0 })),
      'ps_9',
    ],
    ['none when nothing here is it', find({ references: ['?'], orderId: 'B-1' }, first), null],
    ['none when no order is told', find({ references: ['?'], orderId: null }, first), null],
  ])('is %s', (_, found, expected) => {
    expect(found === null ? null : found.id).toBe(expected)
  })
})
