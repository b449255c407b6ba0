/**
 * How a provider's file is read: which columns mean what, and which words. A layout is data, so that a bank whose export
 * differs is a mapping and no release.
 */
import { exponentOf } from '../money.ts'
import { currencyOf } from '../numeric-currencies.ts'
import { type DecimalSign, readAmount, readMinorUnits } from './decimals.ts'
import type { RowKind, SettlementRow } from './row.ts'

export const fields = [
  ...(['id', 'type', 'reference', 'order_id', 'amount', 'currency', 'fee', 'fee_currency', 'date'] as const),
]
export type Field = (typeof fields)[number]

export interface Layout {
  /**
   * Headings by what they mean, compared without case. Of `reference` every column counts; of the others the first that
   * has something in the row, and the nth currency belongs to the nth amount.
   */
  columns: Partial<Record<Field, readonly string[]>>
  /** Words of the column `type`, as `plain` has them. */
  types: Readonly<Record<string, RowKind>>
  /** What any other word means; null refuses it. Without a type an amount below zero is a refund. */
  otherwise: RowKind | null
  amounts: 'decimal' | 'minor'
  decimal: DecimalSign
  /** Where no column tells it. */
  currency: string | null
}

/** Where each field stands: indexes of columns, in the order in which the layout names them; -1 for one that is missing. */
export type Header = { width: number; at: Record<Field, number[]> }

/** Longer than any reference of a provider; a cell that is longer was not meant to be one. */
const LONGEST_CELL = 200

/** Headings and words as they are compared: in lower case, in one form of each letter and of space. */
export const plain = (text: string) => text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()

/** The header, if this line is one: it has an amount, and something by which a payment can be found. */
export function headerIn(cells: readonly string[], layout: Layout): Header | null {
  const names = cells.map(plain)
  const placesOf = (field: Field) => (layout.columns[field] ?? []).map((name) => names.indexOf(plain(name)))
  const at = Object.fromEntries(fields.map((field) => [field, placesOf(field)])) as Header['at']
  const has = (field: Field) => at[field].some((place) => place >= 0)
  if (!has('amount') || !(has('reference') || has('order_id'))) return null
  if (!has('currency') && layout.currency === null) return null
  return { width: cells.length, at }
}

export interface WrongCell {
  line: number
  field: Field | null
  detail: string
}

export type ReadRow =
  | { kind: 'row'; row: SettlementRow }
  /** Empty, or a sum below the rows. */
  | { kind: 'nothing' }
  | { kind: 'wrong'; wrong: WrongCell }

const sumWord = /^(?:(?:sub|grand )?total|итого|всего|ընդամենը)(?![^\s:])/i

/** Whether a line is a sum below the rows: it begins with a word for that, and names nothing besides. */
function isSum(cells: readonly string[], { at }: Header): boolean {
  const names = [...at.id, ...at.reference, ...at.order_id].filter((place) => place > 0)
  return sumWord.test(cells[0]!.trim()) && names.every((place) => (cells[place] ?? '').trim() === '')
}

/** One line below the header. */
export function readRow(cells: readonly string[], line: number, header: Header, layout: Layout): ReadRow {
  if (cells.every((cell) => cell.trim() === '') || isSum(cells, header)) return { kind: 'nothing' }
  const wrong = (field: Field | null, detail: string): ReadRow => ({
    kind: 'wrong',
    wrong: { line, field, detail },
  })
  if (cells.length !== header.width)
    return wrong(null, `It has ${cells.length} cells and its header ${header.width}.`)
  const cellAt = (place: number) => (place < 0 ? '' : cells[place]!.trim())
  const long = fields.find((field) => header.at[field].some((place) => cellAt(place).length > LONGEST_CELL))
  if (long !== undefined) return wrong(long, `It is longer than ${LONGEST_CELL} characters.`)
  const first = (field: Field) => header.at[field].map(cellAt).find((cell) => cell !== '') ?? null
  const nth = header.at.amount.findIndex((place) => cellAt(place) !== '')
  const amountText = cellAt(header.at.amount[nth] ?? -1)
  if (amountText === '') return wrong('amount', 'It is empty.')
  const named = cellAt(header.at.currency[nth] ?? -1) || first('currency')
  const currency = currencyIn(named, layout)
  if (currency === null) return wrong('currency', 'It is not a currency that can be paid in.')
  const amount = amountIn(amountText, currency, layout)
  if (amount.kind === 'wrong') return wrong('amount', `It ${amount.why}.`)
  const kind = kindIn(first('type'), amount.amount, layout)
  if (kind === null) return wrong('type', 'It is no word of this layout: say in the mapping what it means.')
  const feeCurrency = currencyIn(first('fee_currency') ?? currency, layout)
  if (feeCurrency === null) return wrong('fee_currency', 'It is not a currency that can be paid in.')
  const feeText = first('fee')
  const fee = feeText === null ? null : amountIn(feeText, feeCurrency, layout)
  if (fee?.kind === 'wrong') return wrong('fee', `It ${fee.why}.`)
  const references = [...new Set(header.at.reference.map(cellAt).filter((cell) => cell !== ''))]
  const orderId = first('order_id')
  const isOfAPayment = kind === 'payment' || kind === 'refund' || kind === 'reversal'
  if (isOfAPayment && references.length === 0 && orderId === null)
    return wrong('reference', 'Nothing in the row tells which payment it is about.')
  const row: SettlementRow = {
    ...{ line, kind, id: first('id'), references, orderId, amount: amount.amount, currency },
    ...{ fee: fee === null ? null : fee.amount, feeCurrency, date: first('date') },
  }
  return { kind: 'row', row }
}

function currencyIn(text: string | null, layout: Layout): string | null {
  if (text === null) return layout.currency
  const code = /^\d{1,3}$/.test(text) ? currencyOf(text) : text.toUpperCase()
  return code !== null && exponentOf(code) !== undefined ? code : null
}

const amountIn = (text: string, currency: string, { amounts, decimal }: Layout) =>
  amounts === 'minor' ? readMinorUnits(text) : readAmount(text, currency, decimal)

function kindIn(word: string | null, amount: number, layout: Layout): RowKind | null {
  if (word !== null) {
    const known = plain(word)
    return Object.hasOwn(layout.types, known) ? layout.types[known]! : layout.otherwise
  }
  return amount < 0 ? 'refund' : 'payment'
}
