/** What happens to few payments is counted and held too, as what each adds to the payment's bill. `npm run bill` prints it. */
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { workOff } from '../../src/delivery/backlog.ts'
import { portsOf } from '../../src/delivery/ports.ts'
import { recordsOf } from '../../src/store/database.ts'
import { aMinuteLater, aStore, seen, settled, unmetered } from './bill-rig.ts'
import { ADMIN } from './door.ts'
import { type Counts, meterObject, plugIn, unplug } from './meter.ts'
import { aKey, type Json, type Till } from './till.ts'

afterEach(() => {
  unplug()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Each is told to one system more than `payment.paid` is. */
const systems = {
  ...{ crm: ['payment.paid', 'payment.corrected'], erp: ['payment.paid'] },
  ...{ fiscal: ['payment.paid', 'payment.refunded'], notification: ['payment.paid'] },
}

/** The fiscal system answers a refund with its receipt, and everybody else with nothing to be read. */
async function answer(request: Request): Promise<string> {
  const { type, data } = await request.json<{ type: string; data: { receipt_key: string } & Json }>()
  if (type !== 'payment.refunded') return 'ok'
  const refund_id = data.receipt_key.slice(data.payment.id.length + 1)
  return JSON.stringify({
    fiscal_receipt: { kind: 'refund', status: 'issued', receipt_id: 'F-2', refund_id },
  })
}

interface Scene {
  till: Till
  session: Json
  paymentId: string
  counts: Counts
}

type Deed = (scene: Scene) => Promise<void>

/** A payment that is open, or paid and told to all four. */
async function aPayment(till: Till, isPaid: boolean): Promise<Json> {
  seen.saved = 0
  const session = await till.open()
  await settled(session.payment_id, { saved: 0 })
  if (!isPaid) return session
  expect((await till.report(session)).status).toBe(200)
  await settled(session.payment_id, { saved: 4 })
  return session
}

/** Counts a deed with all that follows from it, a minute's alarm included where one is set. */
async function counted(till: Till, session: Json, deed: Deed): Promise<Counts> {
  const paymentId: string = session.payment_id
  Object.assign(seen, { saved: 0, reported: 0 })
  const counts = plugIn()
  await meterObject(paymentId, counts)
  await deed({ till, session, paymentId, counts })
  counts.isPaused = true
  unplug()
  return counts
}

const refund: Deed = async ({ till, paymentId, counts }) => {
  const asked = { body: { amount: 400 }, key: aKey() }
  await till.json(200, `/v1/payments/${paymentId}/refunds`, asked)
  // The merchant's call, and the provider's report of it.
  counts.workerRequests += 2
  const payment = { receipts: [{ kind: 'refund', status: 'issued' }] }
  await settled(paymentId, { saved: 1, reported: 1, payment }, counts)
  await aMinuteLater(paymentId, counts)
}

const correction: Deed = async ({ till, paymentId, counts }) => {
  const as = await unmetered(counts, async () => {
    const body = { name: 'Ani', role: 'operator', livemode: false }
    const path = `/v1/admin/merchants/${till.merchantId}/operators`
    return (await till.door.json(201, path, { as: ADMIN, body })).token as string
  })
  counts.logLines = 0
  const body = { to_status: 'canceled', reason: 'The customer called.' }
  await till.json(200, `/v1/payments/${paymentId}/corrections`, { as, body, key: aKey() })
  // The operator's call, and the provider's report that the checkout has ended.
  counts.workerRequests += 2
  await settled(paymentId, { saved: 1, reported: 1 }, counts)
  await aMinuteLater(paymentId, counts)
}

/** The payment's delivery to this kind of system. */
async function deliveryTo(kind: string, { till, paymentId, counts }: Scene): Promise<Json> {
  return unmetered(counts, async () => {
    const { data: all } = await till.json(200, '/v1/destinations')
    const { id } = all.find((one: Json) => one.kind === kind)
    const { data } = await till.json(200, `/v1/deliveries?payment_id=${paymentId}&destination_id=${id}`)
    counts.logLines = 0
    return data[0]
  })
}

const retry: Deed = async (scene) => {
  const { id } = await deliveryTo('erp', scene)
  await scene.till.json(202, `/v1/deliveries/${id}/retry`, { method: 'POST', key: aKey() })
  scene.counts.workerRequests += 1
  await settled(scene.paymentId, { saved: 1 }, scene.counts)
}

const replay: Deed = async (scene) => {
  const { destination_id, event_id } = await deliveryTo('erp', scene)
  const { till, counts } = scene
  const at = await unmetered(counts, async () => {
    const event = await till.json(200, `/v1/events/${event_id}`)
    counts.logLines = 0
    return Date.parse(event.timestamp)
  })
  const [from, to] = [at, at + 1].map((time) => new Date(time).toISOString())
  const { deliveries } = await till.json(202, `/v1/destinations/${destination_id}/replay`, {
    body: { from, to, only: 'all' },
  })
  expect(deliveries).toBe(1)
  counts.workerRequests += 1
  await settled(scene.paymentId, { saved: 1 }, counts)
}

const rotation: Deed = async (scene) => {
  const { destination_id } = await deliveryTo('erp', scene)
  await scene.till.json(200, `/v1/destinations/${destination_id}/rotate-secret`, { method: 'POST' })
  scene.counts.workerRequests += 1
}

const rebuild: Deed = async ({ till, paymentId, counts }) => {
  const body = { payment_ids: [paymentId] }
  const { id } = await till.json(202, '/v1/admin/rebuild', { as: ADMIN, body })
  counts.workerRequests += 1
  const isFinished = () =>
    unmetered(counts, async () => {
      const row = await env.DB.prepare('select * from rebuilds where id = ?').bind(id).first()
      expect(row).toMatchObject({ asked: 1, failed: 0, finished_at: expect.any(Number) })
    })
  await vi.waitFor(isFinished, { timeout: 15_000, interval: 50 })
}

const healthOf = (till: Till, counts: Counts, set: string) =>
  unmetered(counts, () =>
    recordsOf(env, till.merchantId)
      .$client.prepare(`update destinations set ${set} where merchant_id = ? and kind = 'erp'`)
      .bind(till.merchantId)
      .run(),
  )

/** Paid and told to all, as the life without more. */
const pays: Deed = async ({ till, session, paymentId, counts }) => {
  await till.report(session)
  await settled(paymentId, { saved: 4 }, counts)
}

/** The same while the breaker of one is open, which then finds that it answers again. */
const paysWhileOneIsHeld: Deed = async ({ till, session, paymentId, counts }) => {
  const now = Date.now()
  await healthOf(
    till,
    counts,
    `status = 'paused', paused_because = 'failing', failures = 20, failing_since = ${now}`,
  )
  await till.report(session)
  await settled(paymentId, { saved: 3 }, counts)
  const isHeld = () =>
    unmetered(counts, async () => {
      const row = await recordsOf(env, till.merchantId)
        .$client.prepare("select count(*) as n from deliveries where stream = ? and status = 'held'")
        .bind(paymentId)
        .first()
      expect(row).toEqual({ n: 1 })
    })
  await vi.waitFor(isHeld, { timeout: 15_000, interval: 50 })
  await healthOf(
    till,
    counts,
    `status = 'active', paused_because = null, failures = 0, failing_since = null, due_at = ${now}`,
  )
  await workOff(recordsOf(env, till.merchantId), portsOf(env))
  await settled(paymentId, { saved: 4 }, counts)
}

const billed = [
  ...(['workerRequests', 'objectRequests', 'objectRowsWritten', 'objectRowsRead'] as const),
  ...(['d1RowsWritten', 'd1RowsRead', 'queueOperations', 'logLines'] as const),
]

function tell(name: string, counts: Counts, without?: Counts): Json {
  const added = Object.fromEntries(billed.map((of) => [of, counts[of] - (without?.[of] ?? 0)]))
  console.info(`ADDED ${JSON.stringify({ name, ...added })}`)
  return added
}

/** The most that each may be, as in bill.test.ts. */
const upTo = (count: number) =>
  expect.toSatisfy((counted: number) => counted >= count && counted <= count + 2, `${count} or two more`)

/** The provider's own report may come before or after what it tells of is recorded, in one batch with it or in another. */
const ofRefund = {
  ...{ workerRequests: upTo(6), objectRequests: upTo(8), objectRowsWritten: upTo(9) },
  ...{
    d1RowsWritten: upTo(16),
    queueOperations: expect.toSatisfy((counted) => counted === 12 || counted === 15),
  },
}
const ofCorrection = {
  ...{ workerRequests: upTo(6), objectRequests: upTo(7), objectRowsWritten: upTo(6) },
  ...{
    d1RowsWritten: upTo(13),
    queueOperations: expect.toSatisfy((counted) => counted === 12 || counted === 15),
  },
}

it.each([
  { name: 'a refund, with its receipt in the answer', deed: refund, isPaid: true, held: ofRefund },
  { name: 'a correction that ends an open checkout', deed: correction, isPaid: false, held: ofCorrection },
  {
    name: 'a delivery tried again by hand',
    deed: retry,
    isPaid: true,
    held: { ...{ workerRequests: 2, objectRequests: 0 }, d1RowsWritten: 8, queueOperations: 3 },
  },
  {
    name: 'a replay of one delivery',
    deed: replay,
    isPaid: true,
    held: { ...{ workerRequests: 2, objectRequests: 0 }, d1RowsWritten: 13, queueOperations: 3 },
  },
  {
    name: 'a destination’s secret replaced',
    deed: rotation,
    isPaid: true,
    held: { workerRequests: 1, objectRequests: 0, d1RowsWritten: 3, queueOperations: 0 },
  },
  {
    name: 'one payment rebuilt',
    deed: rebuild,
    isPaid: true,
    held: {
      workerRequests: 3,
      objectRequests: 2,
      objectRowsWritten: 0,
      d1RowsWritten: 5,
      queueOperations: 6,
    },
  },
])('$name adds no more than this', { timeout: 60_000 }, async ({ name, deed, isPaid, held }) => {
  const till = await aStore({ systems, answer, ofOpening: 0 })
  const counts = await counted(till, await aPayment(till, isPaid), deed)
  expect(tell(name, counts)).toMatchObject(held)
})

it('a delivery held by a breaker and released adds no more than this', { timeout: 60_000 }, async () => {
  const till = await aStore({ systems, answer, ofOpening: 0 })
  const without = await counted(till, await aPayment(till, false), pays)
  const counts = await counted(till, await aPayment(till, false), paysWhileOneIsHeld)
  expect(tell('a delivery held by a breaker and released', counts, without)).toMatchObject({
    ...{ workerRequests: 1, objectRequests: 0, objectRowsWritten: 0, d1RowsWritten: 6, queueOperations: 3 },
  })
})
