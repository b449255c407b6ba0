/** The layouts that are known by name. What an Armenian bank calls its columns is the bank's; a mapping says the rest. */
import { type Layout, plain } from './layout.ts'
import type { RowKind } from './row.ts'

const words = (kind: RowKind, ...list: string[]) => Object.fromEntries(list.map((word) => [word, kind]))

const bankWords: Layout['types'] = {
  ...words('payment', 'purchase', 'payment', 'sale', 'deposit', 'deposited', 'capture', 'completion'),
  ...words('payment', 'покупка', 'оплата', 'վճարում', 'գնում'),
  ...words('refund', 'refund', 'refunded', 'return', 'credit', 'возврат', 'վերադարձ'),
  ...words('reversal', 'reversal', 'reversed', 'chargeback', 'dispute', 'отмена', 'չեղարկում'),
  ...words('fee', 'fee', 'commission', 'комиссия', 'միջնորդավճար'),
  ...words('other', 'payout', 'transfer', 'settlement', 'перевод', 'փոխանցում'),
}

const bankColumns: Layout['columns'] = {
  id: ['RRN', 'Transaction ID', 'TransactionID', 'Transaction No', 'Operation ID', 'Auth RRN'],
  type: ['Operation type', 'Operation', 'Transaction type', 'Type', 'Тип операции', 'Գործառնության տեսակ'],
  reference: [
    ...[
      'mdOrder',
      'MDOrderID',
      'MD Order',
      'orderId',
      'PaymentID',
      'Payment ID',
      'orderNumber',
      'Order number',
    ],
    ...['Order ID', 'Номер заказа', 'Պատվերի համար'],
  ],
  order_id: ['Merchant order', 'Merchant order number'],
  amount: ['Amount', 'Transaction amount', 'Deposited amount', 'DepositedAmount', 'Сумма', 'Գումար'],
  currency: ['Currency', 'Transaction currency', 'Валюта', 'Արժույթ'],
  fee: ['Fee', 'Commission', 'Комиссия', 'Միջնորդավճար'],
  date: ['Date', 'Transaction date', 'Operation date', 'DateTime', 'Дата', 'Ամսաթիվ'],
}

const bank: Layout = {
  columns: bankColumns,
  types: bankWords,
  ...{ otherwise: null, amounts: 'decimal', decimal: 'auto', currency: 'AMD' },
}

export const layouts = {
  /** Stripe's report `balance_change_from_activity.itemized`, and the export of the dashboard's balance history. */
  stripe_balance: {
    columns: {
      id: ['balance_transaction_id', 'id'],
      type: ['reporting_category', 'Type'],
      reference: ['payment_intent_id', 'charge_id', 'refund_id', 'source_id', 'Source', 'PaymentIntent ID'],
      order_id: ['payment_metadata[order_id]', 'order_id (metadata)'],
      // What the customer paid is what we know; the other column is in the currency of the account.
      amount: ['customer_facing_amount', 'Customer Facing Amount', 'gross', 'Amount'],
      currency: ['customer_facing_currency', 'Customer Facing Currency', 'currency', 'Currency'],
      fee: ['fee'],
      fee_currency: ['currency'],
      date: ['created_utc', 'Created (UTC)', 'created'],
    },
    types: {
      ...words('payment', 'charge', 'payment'),
      ...words('refund', 'refund', 'payment_refund'),
      ...words('reversal', 'dispute', 'dispute_reversal', 'charge_failure', 'payment_failure_refund'),
      ...words('reversal', 'refund_failure', 'payment_refund_failure', 'partial_capture_reversal'),
      ...words('fee', 'fee', 'stripe_fee', 'network_cost', 'tax', 'tax_fee', 'application_fee'),
    },
    ...{ otherwise: 'other', amounts: 'decimal', decimal: '.', currency: null },
  },
  arca_statement: bank,
  ameriabank_statement: bank,
  idram: {
    columns: {
      id: ['EDP_TRANS_ID', 'Transaction ID', 'Transaction', 'Operation ID'],
      type: ['Type', 'Operation type', 'Operation'],
      reference: ['EDP_BILL_NO', 'Bill No', 'Bill number', 'Bill'],
      order_id: ['Merchant order'],
      amount: ['EDP_AMOUNT', 'Amount', 'Գումար'],
      currency: ['Currency'],
      fee: ['Fee', 'Commission'],
      date: ['EDP_TRANS_DATE', 'Date', 'Ամսաթիվ'],
    },
    types: bankWords,
    ...{ otherwise: null, amounts: 'decimal', decimal: 'auto', currency: 'AMD' },
  },
  /** Ours to choose: what the sandbox writes, and what a mapping begins with. */
  generic: {
    columns: {
      ...{ id: ['transaction_id'], type: ['type'], reference: ['reference'], order_id: ['order_id'] },
      ...{ amount: ['amount'], currency: ['currency'], fee: ['fee'], date: ['date'] },
    },
    types: {
      ...words('payment', 'payment'),
      ...words('refund', 'refund'),
      ...words('reversal', 'reversal'),
      ...words('fee', 'fee'),
      ...words('other', 'other'),
    },
    ...{ otherwise: null, amounts: 'decimal', decimal: 'auto', currency: null },
  },
} as const satisfies Record<string, Layout>

export type LayoutName = keyof typeof layouts

/** What a merchant says differently from a named layout. What it leaves out stays. */
export interface Mapping {
  columns?: Layout['columns'] | undefined
  types?: Record<string, RowKind> | undefined
  otherwise?: RowKind | null | undefined
  amounts?: Layout['amounts'] | undefined
  decimal?: Layout['decimal'] | undefined
  currency?: string | undefined
  /** What separates cells; found by itself when it is left out. */
  delimiter?: ',' | ';' | '\t' | '|' | undefined
}

/** The layout with the mapping's say. Columns that are named replace the layout's own; words are added. */
export function layoutOf(name: LayoutName, mapping: Mapping): Layout {
  const layout: Layout = layouts[name]
  const types = Object.entries(mapping.types ?? {}).map(([word, kind]) => [plain(word), kind])
  return {
    columns: { ...layout.columns, ...mapping.columns },
    types: { ...layout.types, ...Object.fromEntries(types) },
    otherwise: mapping.otherwise === undefined ? layout.otherwise : mapping.otherwise,
    amounts: mapping.amounts ?? layout.amounts,
    decimal: mapping.decimal ?? layout.decimal,
    currency: mapping.currency ?? layout.currency,
  }
}

/** The layout that a provider's files usually have. */
export function usualLayout(provider: string): LayoutName {
  const usual: Record<string, LayoutName> = {
    ...{
      stripe: 'stripe_balance',
      arca: 'arca_statement',
      ameriabank: 'ameriabank_statement',
      idram: 'idram',
    },
  }
  return usual[provider] ?? 'generic'
}
