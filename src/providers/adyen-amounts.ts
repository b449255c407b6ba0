/** How amounts travel to Adyen: minor units by its own list, which differs from ISO 4217 in four currencies. */
import { exponentOf } from '../domain/money.ts'

/** Adyen's decimals where its list says that they differ from the standard. */
const decimals: Readonly<Record<string, number>> = { CLP: 2, CVE: 0, IDR: 0, ISK: 2 }

/** Adyen's units in one of our minor units; below one where Adyen counts coarser. */
function scaleOf(currency: string): number {
  const ours = exponentOf(currency) ?? 2
  return 10 ** ((decimals[currency] ?? ours) - ours)
}

/** Why Adyen cannot be told this amount; null when it can. `amount` in our minor units. */
export function objectionOf(amount: number, currency: string): string | null {
  return Number.isInteger(amount * scaleOf(currency))
    ? null
    : `Adyen takes ${currency} in whole units only: the amount must be a multiple of ${1 / scaleOf(currency)}.`
}

/** In Adyen's units. */
export const toAdyen = (amount: number, currency: string): number => amount * scaleOf(currency)

/** In our minor units; null when it is no amount that we could hold, which then shows as a mismatch. */
export function fromAdyen(amount: number, currency: string): number | null {
  const ours = amount / scaleOf(currency)
  return Number.isSafeInteger(ours) && ours >= 0 ? ours : null
}
