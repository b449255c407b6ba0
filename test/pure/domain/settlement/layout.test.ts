import { describe, expect, it } from 'vitest'
import { headerIn, type Layout, readRow } from '../../../../src/domain/settlement/layout.ts'

const layout: Layout = {
  columns: {
    ...{ id: ['No'], type: ['Type'], reference: ['Payment', 'Charge'], order_id: ['Order'] },
    ...{ amount: ['Paid', 'Gross'], currency: ['Paid in', 'Gross in'] },
    ...{ fee: ['Fee'], fee_currency: ['Fee in'], date: ['Date'] },
  },
  types: { sale: 'payment', refund: 'refund', chargeback: 'reversal', commission: 'fee', payout: 'other' },
  ...{ otherwise: null, amounts: 'decimal', decimal: 'auto', currency: null },
}
const headings = [
  ...['No', 'Type', 'Payment', 'Charge', 'Order', 'Paid', 'Paid in', 'Gross', 'Gross in'],
  ...['Fee', 'Fee in', 'Date', 'Note'],
]

/** The line under all headings that has these cells, in this layout or a changed one. */
function read(cells: Record<string, string>, change: Partial<Layout> = {}) {
  const changed = { ...layout, ...change }
  const line = headings.map((heading) => cells[heading] ?? '')
  return readRow(line, 7, headerIn(headings, changed)!, changed)
}

const sale = {
  ...{ No: 'tx-1', Type: 'Sale', Payment: 'pi_1', Order: 'A-1', Paid: '10.50', 'Paid in': 'AMD' },
  ...{ Fee: '0.30', 'Fee in': 'USD', Date: '20.11.2026' },
}
const rowOf = (cells: Record<string, string>, change: Partial<Layout> = {}) => {
  const line = read(cells, change)
  return line.kind === 'row' ? line.row : line
}
const wrongIn = (cells: Record<string, string>, change: Partial<Layout> = {}) => {
  const line = read(cells, change)
  return line.kind === 'wrong' ? [line.wrong.field, line.wrong.detail] : line
}

describe('a header', () => {
  it.each<[string, string[], Partial<Layout>]>([
    ['names an amount, its currency and a reference', ['Payment', 'Paid', 'Paid in'], {}],
    ['may have any one of the names of a field', ['Charge', 'Gross', 'Gross in'], {}],
    ['may name the order alone', ['Order', 'Paid', 'Paid in'], {}],
    ['needs no currency where the layout tells it', ['Payment', 'Paid'], { currency: 'AMD' }],
    ['is written in any case, with any space', [' PAYMENT', 'ｐａｉｄ', 'paid \u00a0\tin '], {}],
    [
      'may be written with space in the layout',
      ['payment', 'paid', 'paid in'],
      { columns: { reference: [' Payment '], amount: ['PAID'], currency: ['Paid  in'] } },
    ],
  ])('%s', (_, cells, change) => {
    expect(headerIn(cells, { ...layout, ...change })).not.toBeNull()
  })

  it.each<[string, string[], Partial<Layout>]>([
    ['without an amount', ['Payment', 'Order', 'Paid in'], {}],
    ['without anything that names a payment', ['No', 'Paid', 'Paid in'], {}],
    ['without a currency that anything tells', ['Payment', 'Paid'], {}],
    ['of other words', ['Payments', 'Paid'], { currency: 'AMD' }],
    ['of words that are run together', ['Payment', 'Paid', 'Paidin'], {}],
    ['of a layout without columns', headings, { columns: {} }],
  ])('is no line %s', (_, cells, change) => {
    expect(headerIn(cells, { ...layout, ...change })).toBeNull()
  })

  it('tells where each field stands, in the order of the layout', () => {
    expect(headerIn(['Gross', 'Note', 'Paid', 'Gross in', 'Charge'], layout)).toEqual({
      width: 5,
      at: {
        ...{ id: [-1], type: [-1], reference: [-1, 4], order_id: [-1], amount: [2, 0] },
        ...{ currency: [-1, 3], fee: [-1], fee_currency: [-1], date: [-1] },
      },
    })
    const { columns } = layout
    expect(headerIn(headings, { ...layout, columns: { ...columns, fee: undefined! } })?.at.fee).toEqual([])
  })
})

describe('a line below it', () => {
  it('is a row of all that it says, trimmed', () => {
    const padded = Object.fromEntries(Object.entries(sale).map(([name, cell]) => [name, `  ${cell} `]))
    for (const cells of [sale, padded])
      expect(rowOf(cells)).toEqual({
        ...{ line: 7, kind: 'payment', id: 'tx-1', references: ['pi_1'], orderId: 'A-1' },
        ...{ amount: 1_050, currency: 'AMD', fee: 30, feeCurrency: 'USD', date: '20.11.2026' },
      })
  })

  it('says nothing of what its cells leave out', () => {
    expect(rowOf({ Payment: 'pi_1', Paid: '10.50', 'Paid in': 'AMD' })).toEqual({
      ...{ line: 7, kind: 'payment', id: null, references: ['pi_1'], orderId: null },
      ...{ amount: 1_050, currency: 'AMD', fee: null, feeCurrency: 'AMD', date: null },
    })
  })

  it.each([
    ...['Total', 'TOTAL:', ' total 3 rows', 'Subtotal', 'Grand total', 'Итого:', 'ВСЕГО', 'Ընդամենը'],
  ])('that begins with «%s» and names nothing is a sum and no row', (No) => {
    expect(read({ No, Paid: '10.50', 'Paid in': 'AMD' })).toEqual({ kind: 'nothing' })
  })

  it('is a sum with blanks where names would stand, and when it ends early', () => {
    expect(read({ No: 'Total', Payment: ' ', Order: '\u00a0', Paid: '10.50' })).toEqual({ kind: 'nothing' })
    expect(readRow(['Total', '2 rows'], 7, headerIn(headings, layout)!, layout)).toEqual({ kind: 'nothing' })
  })

  it.each(['Payment', 'Charge', 'Order'])('that names a %s is a row, whatever it begins with', (heading) => {
    const cells = { No: 'Total', Type: 'Sale', Paid: '10.50', 'Paid in': 'AMD' }
    expect(rowOf({ ...cells, [heading]: 'x-1' })).toMatchObject({ id: 'Total', amount: 1_050 })
  })

  it.each([
    'tx-total',
    'Total-77',
    'Totally',
    'a grand total',
    'за всего',
    'не итого',
    'և ընդամենը',
    'Sub total',
  ])('that begins with «%s» is a row', (No) => {
    expect(rowOf({ No, Type: 'Payout', Paid: '10.50', 'Paid in': 'AMD' })).toMatchObject({ id: No })
  })

  it('is a sum by its first cell alone', () => {
    expect(rowOf({ ...sale, Order: 'Total' })).toMatchObject({ orderId: 'Total' })
  })

  it('is nothing where all cells are empty', () => {
    expect(read({})).toEqual({ kind: 'nothing' })
    expect(read({ No: ' ', Paid: '\t' })).toEqual({ kind: 'nothing' })
    expect(wrongIn({ Note: 'see below' })).toEqual(['amount', 'It is empty.'])
  })

  it('must have as many cells as its header', () => {
    const header = headerIn(headings, layout)!
    for (const cells of [headings.slice(1), [...headings, '']])
      expect(readRow(cells, 7, header, layout)).toEqual({
        kind: 'wrong',
        wrong: { line: 7, field: null, detail: `It has ${cells.length} cells and its header 13.` },
      })
  })

  it('has no cell that is longer than any reference, except where nobody reads it', () => {
    const long = 'x'.repeat(201)
    expect(wrongIn({ ...sale, Charge: long })).toEqual(['reference', 'It is longer than 200 characters.'])
    expect(wrongIn({ ...sale, Date: long })).toEqual(['date', 'It is longer than 200 characters.'])
    expect(rowOf({ ...sale, Note: long, Charge: `${'x'.repeat(200)} ` })).toMatchObject({ id: 'tx-1' })
  })

  it('names each reference once', () => {
    const { references } = rowOf({ ...sale, Charge: 'ch_1' }) as { references: string[] }
    expect(references).toEqual(['pi_1', 'ch_1'])
    expect(rowOf({ ...sale, Charge: 'pi_1' })).toMatchObject({ references: ['pi_1'] })
  })
})

describe('the money of a line', () => {
  it.each<[string, Record<string, string>, [number, string]]>([
    ['is the first amount that there is', { Gross: '9.00', 'Gross in': 'USD' }, [1_050, 'AMD']],
    ['is of the currency beside it', { Paid: '', Gross: '9.00', 'Gross in': 'USD' }, [900, 'USD']],
    ['is else of the first currency that there is', { Paid: '', Gross: '9.00' }, [900, 'AMD']],
    ['may have its currency in small letters', { 'Paid in': 'usd' }, [1_050, 'USD']],
    ['may have its currency by number', { 'Paid in': '840' }, [1_050, 'USD']],
    ['may have lost the zero of that number', { 'Paid in': '51' }, [1_050, 'AMD']],
    ['has the decimals of its currency', { Paid: '1050', 'Paid in': 'JPY' }, [1_050, 'JPY']],
  ])('%s', (_, change, [amount, currency]) => {
    expect(rowOf({ ...sale, ...change })).toMatchObject({ amount, currency })
  })

  it('is of the layout’s currency where no cell tells one', () => {
    expect(rowOf({ ...sale, 'Paid in': '' }, { currency: 'EUR' })).toMatchObject({ currency: 'EUR' })
    expect(wrongIn({ ...sale, 'Paid in': '' })).toEqual([
      ...['currency', 'It is not a currency that can be paid in.'],
    ])
  })

  it('is of the only currency of its file, whichever column its amount stands in', () => {
    const columns = { ...layout.columns, currency: ['Paid in'] }
    expect(rowOf({ ...sale, Paid: '', Gross: '9.00' }, { columns })).toMatchObject({ currency: 'AMD' })
  })

  it('is in minor units, or with the decimal sign, where the layout says so', () => {
    expect(rowOf({ ...sale, Paid: '1050', Fee: '30' }, { amounts: 'minor' })).toMatchObject({
      ...{ amount: 1_050, fee: 30 },
    })
    expect(rowOf({ ...sale, Paid: '1,250' }, { decimal: '.' })).toMatchObject({ amount: 125_000 })
  })

  it('has a fee in the row’s currency unless it says another', () => {
    expect(rowOf({ ...sale, Fee: '3', 'Fee in': '' })).toMatchObject({ fee: 300, feeCurrency: 'AMD' })
    expect(rowOf({ ...sale, Fee: '3', 'Fee in': 'jpy' })).toMatchObject({ fee: 3, feeCurrency: 'JPY' })
  })

  it.each<[string, Record<string, string>, string, RegExp]>([
    ['no amount', { Paid: '' }, 'amount', /^It is empty\.$/],
    ['an amount that is none', { Paid: 'ten' }, 'amount', /^It is not an amount\.$/],
    ['an amount that may be two', { Paid: '1,250' }, 'amount', /^It can be read in two ways.*\.$/],
    ['a currency of no one', { 'Paid in': 'XXX' }, 'currency', /^It is not a currency/],
    ['a currency of a number of no one', { 'Paid in': '000' }, 'currency', /^It is not a currency/],
    ['a currency of four digits', { 'Paid in': '0840' }, 'currency', /^It is not a currency/],
    ['a currency with a number in it', { 'Paid in': 'A840' }, 'currency', /^It is not a currency/],
    ['a fee that is none', { Fee: 'x' }, 'fee', /^It is not an amount\.$/],
    ['a fee of no currency', { 'Fee in': 'XXX' }, 'fee_currency', /^It is not a currency/],
  ])('is refused with %s', (_, change, field, detail) => {
    expect(wrongIn({ ...sale, ...change })).toEqual([field, expect.stringMatching(detail)])
  })
})

describe('the kind of a line', () => {
  it.each([
    ['Sale', 'payment'],
    ['  REFUND', 'refund'],
    ['chargeback', 'reversal'],
    ['Commission', 'fee'],
    ['payout', 'other'],
  ])('is what the word «%s» means, whatever the sign of its amount', (Type, kind) => {
    expect(rowOf({ ...sale, Type })).toMatchObject({ kind, amount: 1_050 })
    expect(rowOf({ ...sale, Type, Paid: '-10.50' })).toMatchObject({ kind, amount: -1_050 })
  })

  it.each([
    ['10.50', 'payment'],
    ['0', 'payment'],
    ['-0.01', 'refund'],
  ])('is told by the sign of %s where there is no word', (Paid, kind) => {
    expect(rowOf({ ...sale, Type: '', Paid })).toMatchObject({ kind })
  })

  it.each(['gift', 'sales', 'constructor'])('is refused for the word «%s», which has no meaning', (Type) => {
    expect(wrongIn({ ...sale, Type })).toEqual([
      ...['type', 'It is no word of this layout: say in the mapping what it means.'],
    ])
    expect(rowOf({ ...sale, Type }, { otherwise: 'other' })).toMatchObject({ kind: 'other' })
  })

  it.each(['sale', 'refund', 'chargeback'])('of a payment (%s) needs a name by which to find it', (Type) => {
    expect(rowOf({ ...sale, Type, Payment: '' })).toMatchObject({ references: [], orderId: 'A-1' })
    expect(rowOf({ ...sale, Type, Order: '' })).toMatchObject({ references: ['pi_1'], orderId: null })
    expect(wrongIn({ ...sale, Type, Payment: '', Order: '' })).toEqual([
      ...['reference', 'Nothing in the row tells which payment it is about.'],
    ])
  })

  it.each(['commission', 'payout'])('of the account (%s) needs none', (Type) => {
    expect(rowOf({ ...sale, Type, Payment: '', Order: '' })).toMatchObject({ references: [] })
  })
})
