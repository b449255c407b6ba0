import { describe, expect, it } from 'vitest'
import {
  type Field,
  fields,
  headerIn,
  type Layout,
  readRow,
} from '../../../../src/domain/settlement/layout.ts'
import {
  type LayoutName,
  layoutOf,
  layouts,
  type Mapping,
  usualLayout,
} from '../../../../src/domain/settlement/layouts.ts'
import type { RowKind } from '../../../../src/domain/settlement/row.ts'

type Headings = Partial<Record<Field, string>>

const bank: Headings = {
  id: 'RRN | Transaction ID | TransactionID | Transaction No | Operation ID | Auth RRN',
  type: 'Operation type | Operation | Transaction type | Type | Тип операции | Գործառնության տեսակ',
  reference:
    'mdOrder | MDOrderID | MD Order | orderId | PaymentID | Payment ID | orderNumber | Order number | ' +
    'Order ID | Номер заказа | Պատվերի համար',
  order_id: 'Merchant order | Merchant order number',
  amount: 'Amount | Transaction amount | Deposited amount | DepositedAmount | Сумма | Գումար',
  currency: 'Currency | Transaction currency | Валюта | Արժույթ',
  fee: 'Fee | Commission | Комиссия | Միջնորդավճար',
  date: 'Date | Transaction date | Operation date | DateTime | Дата | Ամսաթիվ',
}

const headings: Record<LayoutName, Headings> = {
  stripe_balance: {
    id: 'balance_transaction_id | id',
    type: 'reporting_category | Type',
    reference: 'payment_intent_id | charge_id | refund_id | source_id | Source | PaymentIntent ID',
    order_id: 'payment_metadata[order_id] | order_id (metadata)',
    amount: 'customer_facing_amount | Customer Facing Amount | gross | Amount',
    currency: 'customer_facing_currency | Customer Facing Currency | currency',
    ...{ fee: 'fee', fee_currency: 'currency', date: 'created_utc | Created (UTC) | created' },
  },
  arca_statement: bank,
  ameriabank_statement: bank,
  idram: {
    id: 'EDP_TRANS_ID | Transaction ID | Transaction | Operation ID',
    type: 'Type | Operation type | Operation',
    reference: 'EDP_BILL_NO | Bill No | Bill number | Bill',
    ...{ order_id: 'Merchant order', amount: 'EDP_AMOUNT | Amount | Գումար', currency: 'Currency' },
    ...{ fee: 'Fee | Commission', date: 'EDP_TRANS_DATE | Date | Ամսաթիվ' },
  },
  generic: {
    ...{ id: 'transaction_id', type: 'type', reference: 'reference', order_id: 'order_id' },
    ...{ amount: 'amount', currency: 'currency', fee: 'fee', date: 'date' },
  },
}

const named = Object.entries(headings) as [LayoutName, Headings][]
const listed = (text: string | undefined) => text?.split(' | ') ?? []

describe('the layout', () => {
  it.each(named)('%s finds each field under every heading that files have had', (name, known) => {
    const layout = layoutOf(name, {})
    const needed = (['amount', 'reference', 'currency'] as const).map((field) => listed(known[field])[0]!)
    for (const field of fields)
      for (const heading of listed(known[field])) {
        const line = [heading, ...needed]
        const places = headerIn(line, layout)?.at[field] ?? []
        const found = places.filter((place) => place >= 0).map((place) => line[place])
        expect(found, `${field}: ${heading}`).toContain(heading)
      }
  })

  const bankWords: Record<RowKind, string> = {
    payment:
      'purchase | payment | sale | deposit | deposited | capture | completion | покупка | оплата | վճարում | գնում',
    refund: 'refund | refunded | return | credit | возврат | վերադարձ',
    reversal: 'reversal | reversed | chargeback | dispute | отмена | չեղարկում',
    fee: 'fee | commission | комиссия | միջնորդավճար',
    other: 'payout | transfer | settlement | перевод | փոխանցում',
  }
  const words: Record<LayoutName, Record<RowKind, string>> = {
    stripe_balance: {
      payment: 'charge | payment',
      refund: 'refund | payment_refund',
      reversal:
        'dispute | dispute_reversal | charge_failure | payment_failure_refund | refund_failure | ' +
        'payment_refund_failure | partial_capture_reversal',
      fee: 'fee | stripe_fee | network_cost | tax | tax_fee | application_fee',
      other: '',
    },
    ...{ arca_statement: bankWords, ameriabank_statement: bankWords, idram: bankWords },
    generic: {
      ...{ payment: 'payment', refund: 'refund', reversal: 'reversal', fee: 'fee', other: 'other' },
    },
  }

  it.each(Object.entries(words) as [LayoutName, Record<RowKind, string>][])(
    '%s knows these words for what moved, and no others',
    (name, meaning) => {
      const expected = Object.entries(meaning).flatMap(([kind, list]) =>
        listed(list)
          .filter((word) => word !== '')
          .map((word) => [word, kind]),
      )
      expect(layoutOf(name, {}).types).toEqual(Object.fromEntries(expected))
    },
  )

  it.each<[LayoutName, Omit<Layout, 'columns' | 'types'>]>([
    ['stripe_balance', { otherwise: 'other', amounts: 'decimal', decimal: '.', currency: null }],
    ['arca_statement', { otherwise: null, amounts: 'decimal', decimal: 'auto', currency: 'AMD' }],
    ['ameriabank_statement', { otherwise: null, amounts: 'decimal', decimal: 'auto', currency: 'AMD' }],
    ['idram', { otherwise: null, amounts: 'decimal', decimal: 'auto', currency: 'AMD' }],
    ['generic', { otherwise: null, amounts: 'decimal', decimal: 'auto', currency: null }],
  ])('%s reads what no column tells as %j', (name, rest) => {
    expect(layoutOf(name, {})).toMatchObject(rest)
  })

  it('of Stripe keeps an amount of the account in the account’s currency', () => {
    const header = [
      'id',
      'Source',
      'Customer Facing Amount',
      'Customer Facing Currency',
      'Amount',
      'Currency',
    ]
    const read = (...cells: string[]) => {
      const layout = layoutOf('stripe_balance', {})
      return readRow(cells, 2, headerIn(header, layout)!, layout)
    }
    expect(read('txn_1', 'ch_1', '10.00', 'eur', '11.00', 'usd')).toMatchObject({
      row: { amount: 1_000, currency: 'EUR', feeCurrency: 'USD' },
    })
    expect(read('txn_1', 'ch_1', '', 'eur', '11.00', 'usd')).toMatchObject({
      row: { amount: 1_100, currency: 'USD' },
    })
  })
})

describe('a mapping', () => {
  it('that says nothing changes nothing', () => {
    expect(layoutOf('idram', {})).toEqual(layouts.idram)
  })

  it.each<[string, Mapping, Partial<Layout>]>([
    ['what other words mean', { otherwise: 'other' }, { otherwise: 'other' }],
    ['that amounts are minor units', { amounts: 'minor' }, { amounts: 'minor' }],
    ['the decimal sign', { decimal: ',' }, { decimal: ',' }],
    ['the currency', { currency: 'USD' }, { currency: 'USD' }],
  ])('says %s', (_, mapping, changed) => {
    expect(layoutOf('idram', mapping)).toEqual({ ...layouts.idram, ...changed })
  })

  it('may refuse the words that a layout lets pass', () => {
    expect(layoutOf('stripe_balance', { otherwise: null }).otherwise).toBeNull()
  })

  it('puts its headings in the place of the layout’s for that field alone', () => {
    const { columns } = layoutOf('generic', { columns: { amount: ['Sum'] } })
    expect(columns).toEqual({ ...layouts.generic.columns, amount: ['Sum'] })
  })

  it('adds its words to those of the layout, in whatever case, and may say another meaning', () => {
    const { types } = layoutOf('generic', { types: { ' Gift ': 'other', PAYMENT: 'reversal' } })
    expect(types).toEqual({ ...layouts.generic.types, gift: 'other', payment: 'reversal' })
  })

  // The letter և has two forms, and a word that is copied from a file may have the file's spaces in it.
  it.each(['Առևտուր', 'Возврат\u00a0средств', 'Card  sale'])(
    'knows its word «%s» again in the file that it was copied from',
    (word) => {
      const layout = layoutOf('generic', { types: { [word]: 'reversal' }, currency: 'AMD' })
      const header = headerIn(['reference', 'type', 'amount'], layout)!
      for (const cell of [word, word.toUpperCase(), word.normalize('NFKC')])
        expect(readRow(['ref-1', cell, '1.00'], 2, header, layout)).toMatchObject({
          row: { kind: 'reversal' },
        })
    },
  )
})

it.each([
  ['stripe', 'stripe_balance'],
  ['arca', 'arca_statement'],
  ['ameriabank', 'ameriabank_statement'],
  ['idram', 'idram'],
  ['sandbox', 'generic'],
  ['adyen', 'generic'],
])('a file of %s is %s unless somebody says otherwise', (provider, layout) => {
  expect(usualLayout(provider)).toBe(layout)
})
