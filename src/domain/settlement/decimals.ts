/** Amounts as people and banks write them, and never as a guess: what can be read in two ways is refused. */
import { minorUnitsOf } from '../money.ts'

/** Which sign stands before the fraction; `auto` reads whatever can only mean one thing. */
export type DecimalSign = 'auto' | '.' | ','

export type ReadAmount = { kind: 'amount'; amount: number } | { kind: 'wrong'; why: string }

const wrong = (why: string): ReadAmount => ({ kind: 'wrong', why })

const shape = /^(\()?\s*([+−–-])?\s*([0-9.,](?:[0-9.,\s'’]*[0-9.,])?)\s*([−–-])?\s*(\))?$/

/** Minor units, signed. `(12.50)`, `12.50-` and `−12.50` are below zero; spaces and apostrophes may group digits by three. */
export function readAmount(text: string, currency: string, sign: DecimalSign): ReadAmount {
  const parts = shape.exec(text)
  if (parts === null || (parts[1] === undefined) !== (parts[5] === undefined))
    return wrong('is not an amount')
  const plain = plainOf(parts[3]!, sign)
  if (plain === 'ambiguous')
    return wrong('can be read in two ways: say in the mapping which sign is the decimal one')
  const amount = plain === null ? null : minorUnitsOf(plain, currency)
  if (amount === null)
    return wrong(`is not an amount of ${currency}: not a number, or finer than its minor unit`)
  const signs = [parts[1], parts[2] === '+' ? undefined : parts[2], parts[4]].filter(
    (one) => one !== undefined,
  )
  if (signs.length > 1) return wrong('has more than one sign')
  // Never minus nothing.
  return { kind: 'amount', amount: signs.length === 1 && amount > 0 ? -amount : amount }
}

/** Minor units that are told as such: a whole number, signed. */
export function readMinorUnits(text: string): ReadAmount {
  const amount = /^[+-]?\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN
  return Number.isSafeInteger(amount)
    ? { kind: 'amount', amount: amount + 0 }
    : wrong('is not a whole number of minor units')
}

/** The digits with a point for their fraction and without what groups them; null when they are grouped wrongly. */
function plainOf(digits: string, sign: DecimalSign): string | null | 'ambiguous' {
  const decimal = sign === 'auto' ? signIn(digits) : sign
  if (decimal === 'ambiguous') return decimal
  const [whole = '', fraction, ...more] = decimal === null ? [digits] : digits.split(decimal)
  if (more.length > 0) return null
  // Whatever is left beside digits groups them.
  const groups = whole.split(/[.,\s'’]/)
  const isGrouped = groups.slice(1).every((part) => /^\d{3}$/.test(part)) && /^[1-9]\d{0,2}$/.test(groups[0]!)
  if (groups.length > 1 && !isGrouped) return null
  return fraction === undefined ? groups.join('') : `${groups.join('')}.${fraction}`
}

/** Of two different signs the last is the decimal one; one that comes twice groups; one before three digits may do both. */
function signIn(digits: string): '.' | ',' | null | 'ambiguous' {
  const signs = digits.match(/[.,]/g) ?? []
  if (signs.length === 0) return null
  const last = signs.at(-1) as '.' | ','
  if (new Set(signs).size > 1) return last
  if (signs.length > 1) return null
  const [before = '', behind = ''] = digits.split(last)
  return behind.length === 3 && /^[1-9]\d{0,2}$/.test(before) ? 'ambiguous' : last
}
