/** How amounts travel to PayPal: decimal strings, of whole units in three currencies. */
import { decimalOf, minorUnitsOf } from '../domain/money.ts'

/** What PayPal settles in, by its list of currency codes. BRL, CNY and MYR only within their countries. */
export const paypalCurrencies =
  'AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD'.split(' ')

/** PayPal takes no decimals of them, although the first and the last have some. */
const wholeOnly = new Set(['HUF', 'JPY', 'TWD'])

/** Why PayPal cannot be told this amount; null when it can. `amount` in our minor units. */
export function objectionOf(amount: number, currency: string): string | null {
  if (!paypalCurrencies.includes(currency)) return `PayPal does not take ${currency}.`
  return wholeOnly.has(currency) && /\.\d*[1-9]/.test(decimalOf(amount, currency))
    ? `PayPal takes ${currency} in whole units only: the amount must be a multiple of 100.`
    : null
}

export interface PaypalMoney {
  currency_code: string
  value: string
}

/** In PayPal's words. */
export function toPaypal(amount: number, currency: string): PaypalMoney {
  const decimal = decimalOf(amount, currency)
  return { currency_code: currency, value: wholeOnly.has(currency) ? decimal.replace(/\..*$/, '') : decimal }
}

/** In our minor units; nothing said is no amount and no currency, which shows as a mismatch. */
export function fromPaypal(money: PaypalMoney | null): { amount: number | null; currency: string | null } {
  if (money === null) return { amount: null, currency: null }
  return { amount: minorUnitsOf(money.value, money.currency_code), currency: money.currency_code }
}
