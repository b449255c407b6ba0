/** Rows of settlement files and what is recorded here, sound as they come, for tests of what is made of them. */
import * as fc from 'fast-check'
import {
  type Claim,
  type Judged,
  judge,
  type KnownRefund,
  type KnownSession,
} from '../../src/domain/settlement/judge.ts'
import type { RowKind, SettlementRow } from '../../src/domain/settlement/row.ts'

export const aKnownSession = (change: Partial<KnownSession> = {}): KnownSession => ({
  ...{ id: 'ps_1', paymentId: 'pay_1', currency: 'AMD', captured: 1_000, refunds: [], isDisputed: false },
  ...change,
})

export const aRow = (change: Partial<SettlementRow> = {}): SettlementRow => ({
  ...{ line: 2, kind: 'payment', id: 'tx-1', references: ['ref-1'], orderId: null, amount: 1_000 },
  ...{ currency: 'AMD', fee: null, feeCurrency: 'AMD', date: '2026-11-20', ...change },
})

export const aKnownRefund = (change: Partial<KnownRefund> = {}): KnownRefund => ({
  ...{ id: 'rfd_1', amount: 400, reference: null, status: 'succeeded', ...change },
})

export const reconciliation = { id: 'rcn_2', connectionId: 'con_1', since: 200 }

/** Judges rows of one file, from its first place on. */
export function judgeRows(pairs: [SettlementRow, KnownSession | null][], claims: Claim[] = []): Judged[] {
  const rows = pairs.map(([row, session], index) => ({ row, session, place: index + 1 }))
  return judge({ rows, claims, reconciliation }).judged
}

/** What became of each row, by the reason where there is one. */
export const outcomesOf = (judged: Judged[]) => judged.map(({ outcome, reason }) => reason ?? outcome)

const sessions = [
  aKnownSession({
    refunds: [aKnownRefund(), aKnownRefund({ id: 'rfd_2' }), aKnownRefund({ id: 'rfd_3', amount: 100 })],
  }),
  aKnownSession({ id: 'ps_2', captured: 500 }),
  aKnownSession({ id: 'ps_3', captured: 0 }),
]
/** A row of anything, and the session that it is about. */
export const anyRow = fc
  .record({
    session: fc.constantFrom(null, ...sessions),
    kind: fc.constantFrom<RowKind>('payment', 'payment', 'refund', 'refund', 'reversal', 'fee'),
    id: fc.option(fc.constantFrom('tx-1', 'tx-2', 'tx-3', 'tx-4')),
    amount: fc.constantFrom(1_000, 500, -400, 100, 7),
  })
  .map(({ session, ...row }) => ({ session, row: aRow(row) }))
