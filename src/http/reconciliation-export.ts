/** Items as a CSV file, made as it is read. */
import { decimalOf } from '../domain/money.ts'
import type { Outcome } from '../domain/settlement/judge.ts'
import type { Records } from '../store/database.ts'
import type { Place } from '../store/page.ts'
import { type Item, listItems } from '../store/settlements.ts'
import { itemView } from './reconciliation-views.ts'

const PAGE = 1_000

const columns = [
  ...([
    'file',
    'line',
    'outcome',
    'reason',
    'kind',
    'transaction_id',
    'reference',
    'order_id',
    'date',
  ] as const),
  ...([
    'amount',
    'currency',
    'fee',
    'payment_id',
    'session_id',
    'expected_amount',
    'expected_currency',
  ] as const),
]

/** The file as an answer: one page of rows is in memory at a time. */
export function exportOf(
  db: Records,
  of: { id: string; run: number; outcome?: Outcome | undefined },
): Response {
  const encoder = new TextEncoder()
  let after: Place | null = null
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`${columns.join(',')}\r\n`)),
    async pull(controller) {
      const page: Awaited<ReturnType<typeof listItems>> = await listItems(db, of, { limit: PAGE, after })
      after = page.next
      controller.enqueue(encoder.encode(page.rows.map(lineOf).join('')))
      if (after === null) controller.close()
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${of.id}.csv"`,
    },
  })
}

/** Amounts as decimals, since people and their sheets read them. */
function lineOf(item: Item): string {
  const view = itemView(item, false)
  const money: Partial<Record<(typeof columns)[number], [number | null, string | null]>> = {
    amount: [item.amount, item.currency],
    expected_amount: [item.expectedAmount, item.expectedCurrency],
    fee: [item.fee, item.feeCurrency],
  }
  const cells = columns.map((name) => {
    const [amount, currency] = money[name] ?? [null, null]
    if (amount === null || currency === null) return name in money ? '' : cellOf(view[name])
    return `${amount < 0 ? '-' : ''}${decimalOf(Math.abs(amount), currency)}`
  })
  return `${cells.join(',')}\r\n`
}

/**
 * A cell that no spreadsheet takes for a formula: what a file or a customer wrote must not run on an accountant's
 * machine, so it begins with an apostrophe where it would.
 */
export function cellOf(value: string | number | null): string {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n;']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
