/** One movement that a provider's settlement file tells of, in our words, whatever the file looked like. */

export type RowKind =
  /** Money of a payment that the provider has for us. */
  | 'payment'
  /** Money given back to a customer. */
  | 'refund'
  /** Money that the provider took back, or gave back to us, after all: a dispute, a failed capture or refund. */
  | 'reversal'
  /** What the provider keeps for its service. */
  | 'fee'
  /** A movement of the account that is of no payment, such as a payout. */
  | 'other'

export interface SettlementRow {
  /** Where it stands in its file, from 1. */
  line: number
  kind: RowKind
  /** The provider's own id of this movement; null where the file has none. */
  id: string | null
  /** Every reference in the row by which a session may be known. */
  references: string[]
  /** The merchant's number for the order; null where the file does not tell it. */
  orderId: string | null
  /** Minor units as the file has them: below zero where it says so. */
  amount: number
  currency: string
  /** Minor units of `feeCurrency` that were kept of this very movement; null where the file does not say. */
  fee: number | null
  feeCurrency: string
  /** The date as the file writes it; it is shown and never reckoned with. */
  date: string | null
}

/** What rows cannot share unless they tell of the same movement: its id, or else everything that the row says. */
export function identityOf(row: SettlementRow): string {
  if (row.id !== null) return `id ${row.kind} ${row.id}`
  const { kind, references, orderId, amount, currency, date } = row
  return ['row', kind, references.join(','), orderId ?? '', amount, currency, date ?? ''].join(' ')
}

/** Whether the provider itself says which movement this is, so that the same one twice is only told twice. */
export const isNamed = (row: SettlementRow): boolean => row.id !== null

/** A file's place among its reconciliation's and a row's place there, as one number that keeps their order. */
export const placeOf = (file: number, line: number): number => file * LINES + line

/** The file and line behind a place. */
export const fileAndLine = (place: number) => ({ file: Math.floor(place / LINES), line: place % LINES })

const LINES = 10_000_000
