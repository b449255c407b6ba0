/** How amounts travel to Stripe: mostly as we hold them, with exceptions that have cost others a factor of a hundred. */
import { exponentOf } from '../domain/money.ts'

const zeroDecimal = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
/** They have no minor unit any more, and Stripe still counts in hundredths, which must be zero. */
const formerCents = new Set(['ISK', 'UGX'])

/** Stripe's units in one of our minor units; below one where Stripe counts coarser than ISO 4217. */
function scaleOf(currency: string): number {
  const ours = exponentOf(currency) ?? 2
  const theirs = zeroDecimal.has(currency) ? 0 : formerCents.has(currency) ? 2 : ours
  return 10 ** (theirs - ours)
}

/** Why Stripe cannot be told this amount; null when it can. `amount` in our minor units. */
export function objectionOf(amount: number, currency: string): string | null {
  if (exponentOf(currency) === 3 && amount % 10 !== 0)
    return `Stripe takes ${currency} in steps of 0.010: the last digit of the amount must be 0.`
  if (!Number.isInteger(amount * scaleOf(currency)))
    return `Stripe takes ${currency} in whole units only: the amount must be a multiple of ${1 / scaleOf(currency)}.`
  return null
}

/** In Stripe's units. */
export const toStripe = (amount: number, currency: string): number => amount * scaleOf(currency)

/** In our minor units; null when it is no amount that we could hold, which then shows as a mismatch. */
export function fromStripe(amount: number | null | undefined, currency: string): number | null {
  if (amount === null || amount === undefined) return null
  const ours = amount / scaleOf(currency)
  return Number.isSafeInteger(ours) && ours >= 0 ? ours : null
}
