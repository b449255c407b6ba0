import { describe, expect, it } from 'vitest'
import { absenceOf, causeOf, type KnownSession, mustBeSeen } from '../../../../src/domain/settlement/judge.ts'
import type { SettlementRow } from '../../../../src/domain/settlement/row.ts'
import { aKnownRefund, aKnownSession, aRow, judgeRows, outcomesOf } from '../../../support/a-settlement.ts'

describe('a row', () => {
  it.each<[string, Partial<SettlementRow>, Partial<KnownSession> | null, string]>([
    ['of a payment as it is here', {}, {}, 'matched'],
    ['that the file writes below zero', { amount: -1_000 }, {}, 'matched'],
    ['of another amount', { amount: 999 }, {}, 'amount_difference'],
    ['of another currency', { currency: 'USD' }, {}, 'currency_difference'],
    ['of another currency and amount', { currency: 'USD', amount: 999 }, {}, 'currency_difference'],
    ['of nothing known', {}, null, 'unknown'],
    ['of a payment that was never seen paid', {}, { captured: 0 }, 'unpaid'],
    ['of a refund as it is here', { kind: 'refund', amount: -400 }, { refunds: [aKnownRefund()] }, 'matched'],
    [
      'of a refund of another amount',
      { kind: 'refund', amount: -300 },
      { refunds: [aKnownRefund()] },
      'amount_difference',
    ],
    [
      'of a refund that failed here',
      { kind: 'refund', amount: -400 },
      { refunds: [aKnownRefund({ status: 'failed' })] },
      'unknown_refund',
    ],
    ['of a refund that nobody made here', { kind: 'refund', amount: -400 }, {}, 'unknown_refund'],
    ['of a dispute that is known', { kind: 'reversal' }, { isDisputed: true }, 'matched'],
    ['of a dispute that is not', { kind: 'reversal' }, {}, 'unknown_reversal'],
    [
      'that takes a refund back which failed here',
      { kind: 'reversal' },
      { refunds: [aKnownRefund(), aKnownRefund({ id: 'rfd_2', status: 'failed' })] },
      'matched',
    ],
    [
      'that takes a refund back which stands here',
      { kind: 'reversal', amount: 400 },
      { refunds: [aKnownRefund(), aKnownRefund({ id: 'rfd_2', status: 'pending' })] },
      'unknown_reversal',
    ],
    ['of a fee', { kind: 'fee' }, null, 'fee'],
    ['of a payout', { kind: 'other' }, null, 'fee'],
  ])('%s: %o', (_, row, session, outcome) => {
    const known = session === null ? null : aKnownSession(session)
    expect(outcomesOf(judgeRows([[aRow(row), known]]))).toEqual([outcome])
  })

  it('that nothing here explains is missing here, whatever the reason', () => {
    const judged = judgeRows([
      [aRow({ id: 'a' }), null],
      [aRow({ id: 'b' }), aKnownSession({ captured: 0 })],
      [aRow({ id: 'c', kind: 'refund' }), aKnownSession()],
      [aRow({ id: 'd', kind: 'reversal' }), aKnownSession()],
    ])
    expect(outcomesOf(judged)).toEqual(['unknown', 'unpaid', 'unknown_refund', 'unknown_reversal'])
    expect(judged.map(({ outcome }) => outcome)).toEqual(Array(4).fill('missing_here'))
    expect(judged.map(({ expected }) => expected)).toEqual(Array(4).fill(null))
    expect(judged.every(mustBeSeen)).toBe(true)
  })

  it('of the same movement again is a repeat that nobody need see, and one of another movement is money twice', () => {
    const session = aKnownSession()
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
      [row, aKnownSession()],
      [row, aKnownSession()],
    ])
    expect(outcomesOf(judged)).toEqual(['matched', 'repeated'])
    expect(judged.map(mustBeSeen)).toEqual([false, true])
  })

  it('without an id is another one on another day, and fees of one day are each their own', () => {
    const fee = aRow({ id: null, kind: 'fee', references: [] })
    const judged = judgeRows([
      [aRow({ id: null }), aKnownSession()],
      [aRow({ id: null, date: '2026-11-21' }), aKnownSession()],
      [fee, null],
      [fee, null],
    ])
    expect(outcomesOf(judged)).toEqual(['matched', 'settled_twice', 'fee', 'fee'])
    expect(judged.map(mustBeSeen)).toEqual([false, true, false, false])
  })

  it('of a fee that its provider names is told twice, and one fee', () => {
    const fee = aRow({ kind: 'fee' })
    const judged = judgeRows([
      [fee, null],
      [fee, null],
    ])
    expect(outcomesOf(judged)).toEqual(['fee', 'repeated'])
    expect(judged.map(mustBeSeen)).toEqual([false, false])
  })
})

describe('refunds of one payment', () => {
  const refunds = [
    aKnownRefund({ id: 'rfd_1', amount: 400, reference: 're-1' }),
    aKnownRefund({ id: 'rfd_2', amount: 400 }),
    aKnownRefund({ id: 'rfd_3', amount: 200 }),
  ]
  const refund = (id: string, amount: number, ...references: string[]) =>
    aRow({ kind: 'refund', id, amount: -amount, references })

  it('are told apart by their references, then by amounts that no other row has', () => {
    const session = aKnownSession({ refunds })
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
    const one = aKnownSession({ refunds: refunds.slice(1, 2) })
    expect(outcomesOf(judgeRows([[refund('a', 500), one]]))).toEqual(['amount_difference'])
    const two = aKnownSession({ refunds: refunds.slice(1) })
    expect(outcomesOf(judgeRows([[refund('a', 500), two]]))).toEqual(['unknown_refund'])
  })

  it('are the ones that rows name, whatever the amounts say', () => {
    const session = aKnownSession({ refunds: [refunds[1]!, refunds[2]!, refunds[0]!] })
    expect(judgeRows([[refund('a', 400, 're-1'), session]])).toMatchObject([{ subject: 'rfd_1' }])
    const judged = judgeRows([[refund('b', 200, 're-1'), session]])
    expect(judged).toMatchObject([{ subject: 'rfd_1', outcome: 'amount_difference' }])
  })

  it('that are all accounted for are settled twice by a row of such an amount, and by no other', () => {
    const session = aKnownSession({ refunds })
    const all = ['a', 'b', 'c'].map((id, index): [SettlementRow, KnownSession] => [
      refund(id, refunds[index]!.amount),
      session,
    ])
    const [again] = judgeRows([...all, [refund('d', 200), session]]).slice(3)
    expect(again).toMatchObject({ reason: 'settled_twice', subject: 'rfd_3', expected: { amount: 200 } })
    const [another] = judgeRows([...all, [refund('d', 100), session]]).slice(3)
    expect(another).toMatchObject({ reason: 'unknown_refund', expected: null })
  })

  it('are left to rows of refunds by a reversal of the same amount', () => {
    const session = aKnownSession({ refunds: refunds.slice(1, 2), isDisputed: true })
    const judged = judgeRows([
      [aRow({ kind: 'reversal', id: 'a', amount: -400 }), session],
      [refund('b', 400), session],
    ])
    expect(outcomesOf(judged)).toEqual(['matched', 'matched'])
    expect(judged.map(({ expected }) => expected?.amount ?? null)).toEqual([null, 400])
  })
})

describe('what a difference is called', () => {
  const [fits, differs, again] = judgeRows([
    [aRow(), aKnownSession()],
    [aRow({ id: 'tx-2' }), aKnownSession({ id: 'ps_2', captured: 999 })],
    [aRow(), aKnownSession()],
  ])

  it('is the row’s own, and the same where there is none, so that one that is over can be found', () => {
    expect(causeOf(fits!, 'con_1')).toBe('row con_1 id payment tx-1')
    expect(causeOf({ ...fits!, outcome: 'amount_difference' }, 'con_1')).toBe(causeOf(fits!, 'con_1'))
    expect(causeOf(differs!, 'con_1')).toBe('row con_1 id payment tx-2')
    expect(causeOf(differs!, 'con_2')).toBe('row con_2 id payment tx-2')
  })

  it('stands apart for money that came twice, which the first row does not explain', () => {
    expect(causeOf(again!, 'con_1')).toBe('duplicate con_1 id payment tx-1')
  })

  it('is the session’s where no row tells of it', () => {
    expect(absenceOf('ps_1')).toBe('missing_there ps_1')
  })
})
