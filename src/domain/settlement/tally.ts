/** What a reconciliation has counted so far. Sums are minor units, as the files have them, by currency. */
import { type Judged, type Outcome, outcomes } from './judge.ts'
import type { RowKind } from './row.ts'

export interface Tally {
  rows: number
  outcomes: Record<Outcome, number>
  /**
   * By currency: what the rows of each kind come to, and what was kept of them as fees. Duplicates stand apart, so that
   * every amount of the files is in one of the sums.
   */
  totals: Record<string, Record<RowKind | 'duplicate' | 'fees_within', number>>
  /** Differences so far that stand before a person one by one, and all of them. */
  raised: number
  differences: number
}

export const emptyTally = (): Tally => ({
  rows: 0,
  outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Tally['outcomes'],
  totals: {},
  raised: 0,
  differences: 0,
})

/** The tally with these rows in it. */
export function counted(tally: Tally, judged: readonly Judged[]): Tally {
  const next = structuredCopy(tally)
  for (const { row, outcome } of judged) {
    next.rows += 1
    next.outcomes[outcome] += 1
    const isTwice = outcome === 'duplicate'
    add(next, row.currency, isTwice ? 'duplicate' : row.kind, row.amount)
    if (!isTwice && row.fee !== null) add(next, row.feeCurrency, 'fees_within', row.fee)
  }
  return next
}

/** The tally with as many payments that no row accounts for. */
export function countedMissing(tally: Tally, missing: number): Tally {
  const next = structuredCopy(tally)
  next.outcomes.missing_there += missing
  return next
}

const nothing = { payment: 0, refund: 0, reversal: 0, fee: 0, other: 0, duplicate: 0, fees_within: 0 }

function add(tally: Tally, currency: string, kind: keyof typeof nothing, amount: number): void {
  tally.totals[currency] ??= { ...nothing }
  tally.totals[currency][kind] += amount
}

const structuredCopy = (tally: Tally): Tally => ({
  ...tally,
  outcomes: { ...tally.outcomes },
  totals: Object.fromEntries(Object.entries(tally.totals).map(([currency, sums]) => [currency, { ...sums }])),
})
