/** How differences are told to the people who look at them: sentences without personal data. */
import { decimalOf } from '../money.ts'
import type { Judged } from './judge.ts'
import { fileAndLine } from './row.ts'

const money = (amount: number, currency: string) => `${decimalOf(Math.abs(amount), currency)} ${currency}`

/** One row's difference. References are the provider's, and cut where they are long. */
export function detailOf(
  { place, row, outcome, reason, expected, session }: Judged,
  reconciliationId: string,
) {
  const { file, line } = fileAndLine(place)
  const named = (row.references[0] ?? row.orderId ?? row.id ?? 'nothing').slice(0, 64)
  const says = `Line ${line} of file ${file} of ${reconciliationId} tells of a ${row.kind} of ${money(row.amount, row.currency)} (${named})`
  if (outcome === 'duplicate')
    return reason === 'repeated'
      ? `${says} that an earlier line told already.`
      : `${says}; another movement has settled the same money before.`
  if (expected !== null) return `${says}; here it is ${money(expected.amount, expected.currency)}.`
  switch (reason) {
    case 'unpaid':
      return `${says}; session ${session?.id} of this payment was never seen paid here.`
    case 'unknown_refund':
      return `${says}; this payment has no such refund here.`
    case 'unknown_reversal':
      return `${says}; no dispute or failure of it is known here.`
    default:
      return `${says}; no payment here has it.`
  }
}

/** A payment that no file accounts for. */
export const absenceDetail = (
  sessionId: string,
  amount: number,
  currency: string,
  reconciliationId: string,
) =>
  `Session ${sessionId} took ${money(amount, currency)}, and no settlement tells of it; ${reconciliationId} should have.`

/** More differences than a person can look at one by one. */
export const floodDetail = (reconciliationId: string, raised: number, all: number) =>
  `${reconciliationId} has ${all} differences, of which ${raised} were raised one by one: see its items. ` +
  'So many mean as a rule that a file, its period or its connection is not the right one.'
