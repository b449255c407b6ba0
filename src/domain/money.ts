/**
 * Money is an integer in the currency's minor unit. Exponents are ISO 4217's (List One); funds codes, precious metals
 * and test codes are left out, since nobody pays an order with them.
 */

const two =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC ' +
  'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD ' +
  'KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO ' +
  'NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL ' +
  'THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG'
const zero = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'
const three = 'BHD IQD JOD KWD LYD OMR TND'

const exponents: ReadonlyMap<string, number> = new Map([
  ...two.split(' ').map((code) => [code, 2] as const),
  ...zero.split(' ').map((code) => [code, 0] as const),
  ...three.split(' ').map((code) => [code, 3] as const),
])

/** Every currency that can be paid in: upper-case ISO 4217 codes. */
export const currencies: readonly string[] = [...exponents.keys()].sort()

/** How many decimals the currency's minor unit stands for; undefined for a code that nobody can pay in. */
export function exponentOf(currency: string): number | undefined {
  return exponents.get(currency)
}

/** Whether this can be the amount of a payment: a positive safe integer of minor units. */
export function isAmount(amount: number): boolean {
  return Number.isSafeInteger(amount) && amount > 0
}

/** `125050` in USD as `1250.50`, for people and for providers that take decimals. */
export function decimalOf(amount: number, currency: string): string {
  const exponent = exponentOf(currency)
  if (exponent === undefined || !Number.isSafeInteger(amount) || amount < 0)
    throw new RangeError(`${amount} ${currency} is not an amount of money.`)
  if (exponent === 0) return String(amount)
  const digits = String(amount).padStart(exponent + 1, '0')
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/**
 * `1250.50` in USD as `125050`; null when the text is not a plain decimal, or is finer than the currency's minor unit.
 * Trailing zeros beyond the minor unit are no money and are accepted.
 */
export function minorUnitsOf(decimal: string, currency: string): number | null {
  const exponent = exponentOf(currency)
  const parts = /^(\d{1,16})(?:\.(\d{1,10}))?$/.exec(decimal)
  if (exponent === undefined || parts === null) return null
  const fraction = parts[2] ?? ''
  if (/[^0]/.test(fraction.slice(exponent))) return null
  const amount = Number((parts[1] ?? '') + fraction.slice(0, exponent).padEnd(exponent, '0'))
  return Number.isSafeInteger(amount) ? amount : null
}
