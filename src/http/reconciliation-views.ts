/** Reconciliations and their items as they go out. Amounts are minor units. */
import { DAY_MS } from '../domain/clock.ts'
import { fileAndLine } from '../domain/settlement/row.ts'
import type { Reconciliation, SettlementFile } from '../store/reconciliations.ts'
import type { Item } from '../store/settlements.ts'
import { timeOf } from './schemas.ts'

export function viewOf(row: Reconciliation, files: readonly SettlementFile[]) {
  return {
    id: row.id,
    object: 'reconciliation',
    status: statusOf(row),
    connection_id: row.connectionId,
    layout: row.layout,
    mapping: row.mapping,
    from: timeOf(row.since),
    to: timeOf(row.until),
    grace_days: row.graceMs / DAY_MS,
    checked_from: timeOf(row.checkedFrom),
    checked_to: timeOf(Math.max(row.checkedFrom, row.until - row.graceMs)),
    files_expected: row.filesExpected,
    files: files.filter((file) => file.reconciliationId === row.id).map(fileView),
    run: row.run,
    // Of the newest run that is through; while another one is under way, of the one before.
    summary: row.summary === null ? null : summaryView(row.summary, row),
    created_by: row.createdBy,
    created_at: timeOf(row.createdAt),
    livemode: row.livemode,
  }
}

const statusOf = ({ run, finishedRun }: Reconciliation) =>
  run === 0 ? 'receiving' : run === finishedRun ? 'finished' : 'running'

const fileView = ({ n, sha256, bytes, rows, at }: SettlementFile) => ({
  ...{ n, rows, bytes, sha256, received_at: timeOf(at) },
})

const summaryView = (
  { rows, outcomes, totals, differences, raised }: NonNullable<Reconciliation['summary']>,
  { finishedRun, finishedAt }: Reconciliation,
) => ({
  ...{ run: finishedRun, rows, outcomes, totals, differences, exceptions: raised },
  finished_at: timeOf(finishedAt),
})

/** One row of a file, or a payment that no row accounts for, which has neither file nor line. */
export function itemView(item: Item, livemode: boolean) {
  const isMissing = item.outcome === 'missing_there'
  const { file, line } = fileAndLine(item.place)
  return {
    object: 'reconciliation_item',
    ...{ file: isMissing ? null : file, line: isMissing ? null : line },
    ...{ outcome: item.outcome, reason: item.reason, kind: item.kind },
    ...{ transaction_id: item.transactionId, reference: item.reference, order_id: item.orderId },
    ...{
      date: item.date,
      amount: item.amount,
      currency: item.currency,
      fee: item.fee,
      fee_currency: item.feeCurrency,
    },
    ...{ payment_id: item.paymentId, session_id: item.sessionId },
    ...{ expected_amount: item.expectedAmount, expected_currency: item.expectedCurrency },
    livemode,
  }
}
