/** Currencies as Armenian banks name them: by ISO 4217's numbers. */
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

/** What a contract with such a bank may have. */
export const contractCurrencies: readonly string[] = Object.keys(numbers)

/** What it has when it does not say. */
export const usualCurrencies: readonly string[] = ['AMD']
