/** What a payment costs is counted and held: a change that costs more must say so here. `npm run bill` prints it. */
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { aMinuteLater, aStore, seen, settled } from './bill-rig.ts'
import { type Counts, meterObject, plugIn, unplug } from './meter.ts'
import { anOrderId, inside, type Json, type Till } from './till.ts'

afterEach(() => {
  unplug()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** What fiscal and fulfilment systems answer. */
const receipts: Record<string, string> = {
  'https://fiscal.example/events': '{"fiscal_receipt":{"kind":"sale","status":"issued","receipt_id":"F-1"}}',
  'https://fulfillment.example/events': '{"fulfillment":{"status":"in_progress"}}',
}

/** One payment's whole life: opened, paid two minutes later by a signed report, told to whoever listens. */
async function live(till: Till, ofOpening: number, end: Parameters<typeof settled>[1]): Promise<Counts> {
  seen.saved = 0
  const orderId = anOrderId()
  const paymentId = till.paymentId(orderId)
  const counts = plugIn()
  await meterObject(paymentId, counts)
  const session: Json = await till.open({ order_id: orderId })
  await settled(paymentId, { saved: ofOpening }, counts)
  // The alarm that would have told the records again rings, finds that they have everything, and waits for the expiry.
  await aMinuteLater(paymentId, counts)
  expect((await till.report(session)).status).toBe(200)
  // The opening and the report; the opening's own call to the sandbox is on a foreign provider's bill.
  counts.workerRequests += 2
  await settled(paymentId, end, counts)
  await aMinuteLater(paymentId, counts)
  await inside(paymentId, ({ storage }) => {
    counts.objectBytes = storage.sql.databaseSize
  })
  counts.isPaused = true
  counts.d1Bytes = await d1Bytes(paymentId)
  return counts
}

/** The content of everything that D1 keeps of this payment. Indexes and free space on pages come on top. */
async function d1Bytes(paymentId: string): Promise<number> {
  const tables = [
    ['payments', 'id'],
    ['journal', 'stream'],
    ['deliveries', 'stream'],
  ]
  const rows = await env.DB.batch(
    tables.map(([table, key]) => env.DB.prepare(`SELECT * FROM ${table} WHERE ${key} = ?`).bind(paymentId)),
  )
  const values = rows.flatMap(({ results }) => (results as Record<string, unknown>[]).flatMap(Object.values))
  return values.reduce<number>((sum, value) => sum + String(value ?? '').length, 0)
}

const upTo = (count: number) =>
  expect.toSatisfy((counted: number) => counted >= count && counted <= count + 2, `${count} or two more`)

/** The most that each may be. A row that is read costs a thousandth of one that is written. */
const held: Record<string, object> = {
  'payment.paid': {
    ...{ workerRequests: 5, objectRequests: 8, objectRowsWritten: 12 },
    ...{ d1RowsWritten: 24, queueOperations: 9, logLines: 8 },
  },
  '*': {
    ...{ workerRequests: 6, objectRequests: 8, objectRowsWritten: 12 },
    ...{ d1RowsWritten: 50, queueOperations: 15, logLines: 16 },
  },
  'payment.paid, with a receipt and a step of fulfilment in the answers': {
    ...{ workerRequests: 7, queueOperations: 15 },
    // Two more of each where the two answers are recorded in two batches instead of one.
    ...{ objectRequests: upTo(11), objectRowsWritten: upTo(17), d1RowsWritten: upTo(35), logLines: upTo(9) },
  },
}

const nothing: Record<string, string> = {}
const four = ['crm', 'erp', 'fiscal', 'notification']
const paid = { eventTypes: ['payment.paid'], ofOpening: 0, deliveries: 4 }

it.each([
  { name: 'payment.paid', ...paid, kinds: four, answers: nothing },
  { name: '*', eventTypes: ['*'], ofOpening: 8, deliveries: 12, kinds: four, answers: nothing },
  {
    ...{ name: 'payment.paid, with a receipt and a step of fulfilment in the answers', ...paid },
    ...{ kinds: ['crm', 'erp', 'fiscal', 'fulfillment'], answers: receipts },
  },
])('costs a payment no more than this, told of $name', { timeout: 60_000 }, async (told) => {
  const systems = Object.fromEntries(told.kinds.map((kind) => [kind, told.eventTypes]))
  const till = await aStore({ ...told, systems, answer: ({ url }) => told.answers[url] ?? 'ok' })
  // Fiscal and fulfilment systems have answered with what they did.
  const tracked = { fiscalStatus: 'issued', fulfillmentStatus: 'in_progress' }
  const { isPaused: _, ...counts } = await live(till, told.ofOpening, {
    saved: told.deliveries,
    ...(told.answers === receipts && { payment: tracked }),
  })
  console.info(`BILL ${JSON.stringify({ name: told.name, deliveries: told.deliveries, ...counts })}`)
  expect(counts).toMatchObject(held[told.name]!)
})
