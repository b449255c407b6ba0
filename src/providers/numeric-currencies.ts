/** Currencies as Armenian banks name them: by ISO 4217's numbers. */
import * as z from 'zod'

const numbers = { AMD: '051', EUR: '978', RUB: '643', USD: '840' } as const
type Numbered = keyof typeof numbers

/** The number of three digits; undefined for a currency that these banks do not settle in. */
export const numberOf = (currency: string): string | undefined =>
  Object.hasOwn(numbers, currency) ? numbers[currency as Numbered] : undefined

/** What a bank's answer means, where the leading zero may have been lost; null for what is no such number. */
export function currencyOf(number: string | number | null | undefined): string | null {
  const digits = String(number ?? '').padStart(3, '0')
  return Object.entries(numbers).find(([, own]) => own === digits)?.[0] ?? null
}

/** Which currencies the merchant's contract has; the dram when it does not say. */
export const currenciesSetting = z
  .array(z.enum(Object.keys(numbers) as [Numbered, ...Numbered[]]), {
    error: `A list of what your contract with the bank has, of ${Object.keys(numbers).join(', ')}.`,
  })
  .min(1, { error: 'Name at least one currency, or leave it out for AMD.' })
  .optional()

export const usualCurrencies: readonly string[] = ['AMD']
