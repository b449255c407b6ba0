/** What a payment costs is counted and held: a change that costs more must say so here. `npm run bill` prints it. */
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { type Counts, meterObject, plugIn, unplug } from './meter.ts'
import { anOrderId, aTill, inside, type Json, type Till } from './till.ts'

afterEach(() => {
  unplug()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

let delivered = 0

/** A merchant with four business systems, and an isolate that knows its key and its connection. */
async function aStore(eventTypes: string[], ofOpening: number): Promise<Till> {
  delivered = 0
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
    delivered += 1
    return new Response('ok')
  })
  const till = await aTill()
  for (const kind of ['crm', 'erp', 'fiscal', 'notification'])
    await till.json(201, '/v1/destinations', {
      body: { kind, url: `https://${kind}.example/events`, event_types: eventTypes },
    })
  const { payment_id } = await till.open()
  await settled(till, payment_id, ofOpening)
  return till
}

/** Until all of a payment's deliveries were made and saved, and its object knows that the records have everything. */
async function settled(till: Till, paymentId: string, deliveries: number): Promise<void> {
  const isSettled = async () => {
    const { data } = await till.json(200, `/v1/deliveries?payment_id=${paymentId}&status=delivered&limit=100`)
    expect(data).toHaveLength(deliveries)
    const [row] = await inside(paymentId, ({ storage }) =>
      storage.sql
        .exec<{ open: number }>('SELECT (SELECT max(seq) FROM journal) - published AS open FROM payment')
        .toArray(),
    )
    expect(row?.open).toBe(0)
  }
  await vi.waitFor(isSettled, { timeout: 15_000, interval: 100 })
}

/** One payment's whole life: opened, paid by a signed report, told to whoever listens. */
async function live(till: Till, ofOpening: number, deliveries: number): Promise<Counts> {
  delivered = 0
  const orderId = anOrderId()
  const counts = plugIn()
  await meterObject(till.paymentId(orderId), counts)
  const session: Json = await till.open({ order_id: orderId })
  // A customer takes minutes to pay, so the opening is told to everybody by itself.
  await settled(till, session.payment_id, ofOpening)
  expect((await till.report(session)).status).toBe(200)
  // The opening and the report; the opening's own call to the sandbox is on a foreign provider's bill.
  counts.workerRequests += 2
  await vi.waitFor(() => expect(delivered).toBe(deliveries), { timeout: 15_000, interval: 50 })
  await settled(till, session.payment_id, deliveries)
  // The alarm that would have told the records again rings, and finds that they have everything.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
  await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
  return counts
}

/** The most that each may be. What is read depends on how often this test looks, and costs a thousandth of a row written. */
const held = {
  'payment.paid': { objectRequests: 6, objectRowsWritten: 15, d1RowsWritten: 28, queueOperations: 18 },
  '*': { objectRequests: 6, objectRowsWritten: 15, d1RowsWritten: 60, queueOperations: 42 },
}

it.each([
  { name: 'payment.paid', eventTypes: ['payment.paid'], ofOpening: 0, deliveries: 4 },
  { name: '*', eventTypes: ['*'], ofOpening: 8, deliveries: 12 },
] as const)('costs a payment no more than this, told of $name', { timeout: 60_000 }, async (told) => {
  const till = await aStore([...told.eventTypes], told.ofOpening)
  const counts = await live(till, told.ofOpening, told.deliveries)
  console.log(`BILL ${JSON.stringify({ name: told.name, deliveries: told.deliveries, ...counts })}`)
  const { objectRequests, objectRowsWritten, d1RowsWritten, queueOperations } = counts
  expect({ objectRequests, objectRowsWritten, d1RowsWritten, queueOperations }).toEqual(held[told.name])
})
