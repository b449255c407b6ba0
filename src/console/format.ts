/** Amounts and times as the operator's language and zone write them. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { decimalOf, exponentOf } from '../domain/money.ts'
import type { Console } from './console.ts'

/** An amount in minor units, with the currency's own decimals. */
export function money(c: Context<Console>, amount: number, currency: string): string {
  const digits = exponentOf(currency)
  if (digits === undefined || amount < 0) return `${amount} ${currency}`
  const format = new Intl.NumberFormat(c.var.language, {
    ...{ style: 'currency', currency, currencyDisplay: 'code' },
    ...{ minimumFractionDigits: digits, maximumFractionDigits: digits },
  })
  // As text, since a float would round what is larger than 2^53 hundredths.
  return format.format(decimalOf(amount, currency) as unknown as number)
}

/** An amount as people type it, with a point for its decimals and nothing else: `12 500,00` as `12500.00`. */
export const plainDecimal = (typed: string): string =>
  typed.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.')

export const count = (c: Context<Console>, n: number): string =>
  new Intl.NumberFormat(c.var.language).format(n)

/** A point in time (RFC 3339), whole on a `title` and for machines; a dash for none. */
export function time(c: Context<Console>, at: string | null) {
  if (at === null) return '–'
  const text = timeText(c, at, { dateStyle: 'medium', timeStyle: 'medium' })
  return html`<time datetime="${at}" title="${at}">${text}</time>`
}

export const timeText = (c: Context<Console>, at: string, style: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(c.var.language, { ...style, timeZone: c.var.zone }).format(new Date(at))

/** How long ago, in the largest unit that fits: 3 minutes, 5 days. */
export function age(c: Context<Console>, at: string): string {
  const seconds = Math.max(0, Math.round((c.var.now - Date.parse(at)) / 1_000))
  const [unit, size] = units.find(([, one]) => seconds >= one) ?? (['second', 1] as const)
  const format = new Intl.NumberFormat(c.var.language, { style: 'unit', unit, unitDisplay: 'short' })
  return format.format(Math.floor(seconds / size))
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const
