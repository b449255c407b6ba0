/** Amounts and times as the operator's language and zone write them. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { decimalOf, exponentOf } from '../domain/money.ts'
import type { Console } from './console.ts'

/**
 * Whose way of writing numbers and dates each language takes. The runtime knows none of Armenia's, which are Russia's but for
 * the names of months: so Armenian dates are numbers.
 */
const localeOf = { en: 'en', hy: 'ru', ru: 'ru' } as const

/** An amount in minor units, with the currency's own decimals. */
export function money(c: Context<Console>, amount: number, currency: string): string {
  const digits = exponentOf(currency)
  if (digits === undefined || amount < 0) return `${amount} ${currency}`
  const format = new Intl.NumberFormat(localeOf[c.var.language], {
    ...{ style: 'currency', currency, currencyDisplay: 'code' },
    ...{ minimumFractionDigits: digits, maximumFractionDigits: digits },
  })
  // As text, since a float would round what is larger than 2^53 hundredths.
  return format.format(decimalOf(amount, currency) as unknown as number)
}

/** An amount as people type it, with a point for its decimals and nothing else: `12 500,00` as `12500.00`. */
export const plainDecimal = (typed: string): string =>
  typed.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.')

export const percent = (c: Context<Console>, part: number): string =>
  new Intl.NumberFormat(localeOf[c.var.language], { style: 'percent', maximumFractionDigits: 1 }).format(part)

export const count = (c: Context<Console>, n: number): string =>
  new Intl.NumberFormat(localeOf[c.var.language]).format(n)

/** A point in time (RFC 3339), whole on a `title` and for machines; a dash for none. */
export function time(c: Context<Console>, at: string | null) {
  if (at === null) return '–'
  const text = timeText(c, at, { dateStyle: 'medium', timeStyle: 'medium' })
  return html`<time datetime="${at}" title="${at}">${text}</time>`
}

export function timeText(c: Context<Console>, at: string, style: Intl.DateTimeFormatOptions): string {
  const { language, zone } = c.var
  const dateStyle = language === 'hy' ? 'short' : style.dateStyle
  return new Intl.DateTimeFormat(localeOf[language], { ...style, dateStyle, timeZone: zone }).format(
    new Date(at),
  )
}

/** How long ago, in the largest unit that fits: 3 min, 5 d. */
export function age(c: Context<Console>, at: string): string {
  const seconds = Math.max(0, Math.round((c.var.now - Date.parse(at)) / 1_000))
  const [word, size] = units.find(([, one]) => seconds >= one) ?? (['in_seconds', 1] as const)
  return c.var.say(word, { n: Math.floor(seconds / size) })
}

/** How long something took, in the largest unit that fits: 340 ms, 1.2 s, 3 min. */
export function lasted(c: Context<Console>, ms: number): string {
  const { say, language } = c.var
  if (ms < 1_000) return say('in_milliseconds', { n: ms })
  const tenths = new Intl.NumberFormat(localeOf[language], { maximumFractionDigits: 1 })
  const [word, size] = units.find(([, one]) => ms >= one * 1_000) ?? (['in_seconds', 1] as const)
  return say(word, { n: tenths.format(ms / 1_000 / size) })
}

const units = [
  ['in_days', 86_400],
  ['in_hours', 3_600],
  ['in_minutes', 60],
] as const
