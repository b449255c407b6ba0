/** Which session of ours a row is about. */
import type { KnownSession } from './judge.ts'
import type { SettlementRow } from './row.ts'

/** What is recorded here under what a file's rows name. */
export interface Recorded {
  /** The session behind a reference of the provider. */
  byReference: ReadonlyMap<string, KnownSession>
  /** An order's sessions at the connection, oldest first. */
  byOrder: ReadonlyMap<string, readonly KnownSession[]>
}

/**
 * The session that a reference names; else, of the order's sessions, the one that took money: of several the one that
 * took this much, or gave this much back where the row is a refund. Null when the row is about nothing of ours.
 */
export function sessionFor(row: SettlementRow, { byReference, byOrder }: Recorded): KnownSession | null {
  const named = row.references.map((reference) => byReference.get(reference)).find((one) => one !== undefined)
  if (named !== undefined) return named
  const sessions = row.orderId === null ? [] : (byOrder.get(row.orderId) ?? [])
  const paid = sessions.filter(({ captured }) => captured > 0)
  const size = Math.abs(row.amount)
  const isIt = ({ captured, refunds }: KnownSession) =>
    row.kind === 'refund' ? refunds.some(({ amount }) => amount === size) : captured === size
  return paid.find(isIt) ?? paid[0] ?? sessions.at(-1) ?? null
}
