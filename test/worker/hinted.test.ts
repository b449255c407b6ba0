// A provider that signs nothing (Mollie, simulated): a report is only a reason to ask, before the payment and long after it.
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type MollieSimulator, mollieSimulator } from '../simulators/mollie.ts'
import { ADMIN } from './door.ts'
import { aKey, aTill, type Json, ORIGIN, type Till } from './till.ts'

const apiKey = 'test_MadeUpForTestsMadeUpForTests01'
let till: Till
let mollie: MollieSimulator
let connection: string
let asked: string[]
let seconds = 0

beforeAll(async () => {
  till = await aTill()
  const path = `/v1/admin/merchants/${till.merchantId}/connections`
  const settings = { api_base: 'http://127.0.0.1:4010' }
  const body = { provider: 'mollie', livemode: false, credentials: { api_key: apiKey }, settings }
  connection = (await till.door.json(201, path, { as: ADMIN, body })).id
})

beforeEach(() => {
  mollie = mollieSimulator({ apiKey })
  asked = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as Request, init)
    // The simulator would call back over the network; here the test carries its webhooks.
    if (!request.url.startsWith('http://127.0.0.1:4010/')) return new Response('', { status: 200 })
    asked.push(`${request.method} ${new URL(request.url).pathname}`)
    return mollie.handle(request)
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const open = (change: object = {}): Promise<Json> =>
  till.open({ currency: 'USD', connection_id: connection, ...change })

/** Time passes, and the alarm rings. */
async function ring(session: Json): Promise<void> {
  seconds += 10
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
  await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
}

/** Mollie's newest webhook arrives, or another one. */
async function tell(change: { url?: string; body?: string } = {}): Promise<number> {
  const { url, headers, body } = { ...mollie.sent.at(-1)!, ...change }
  return (await exports.default.fetch(url, { method: 'POST', headers, body })).status
}

it('its report proves nothing, and what it made us ask is what counts', async () => {
  const session = await open()
  expect(session.provider_reference).toMatch(/^tr_/)
  mollie.pay(session.provider_reference)
  expect(mollie.sent.at(-1)!.url).toBe(`${ORIGIN}/webhooks/mollie/${connection}?session=${session.id}`)
  expect(await tell()).toBe(200)
  expect((await till.paymentOf(session)).status).toBe('pending')
  await ring(session)
  expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', amount_captured: 1_000 })
})

it('a refund and a chargeback that were made over there are learnt from hints about a payment that is long paid', async () => {
  const session = await open()
  mollie.pay(session.provider_reference)
  await till.call(`/return/${session.id}`, { as: '' })
  const refunds = `/v1/payments/${session.payment_id}/refunds`
  await till.json(202, refunds, { body: { amount: 300 }, key: aKey() })
  mollie.settle(session.provider_reference)
  expect(await tell()).toBe(200)
  await ring(session)
  expect(await till.paymentOf(session)).toMatchObject({ refund_status: 'partial', amount_refunded: 300 })
  mollie.chargeBack(session.provider_reference)
  expect(await tell()).toBe(200)
  await ring(session)
  expect(await till.paymentOf(session)).toMatchObject({ dispute_status: 'open', open_exceptions: 1 })
})

it('a report to an address that names no session of ours, or nothing, is answered 200 and makes nobody ask', async () => {
  const session = await open()
  mollie.pay(session.provider_reference)
  const before = asked.length
  const address = `${ORIGIN}/webhooks/mollie/${connection}`
  const stranger = `ps_${session.id.slice(3, -13)}${'0'.repeat(13)}`
  expect(await tell({ url: address })).toBe(200)
  expect(await tell({ url: `${address}?session=${stranger}` })).toBe(200)
  expect(await tell({ body: 'id=ord_1' })).toBe(200)
  await ring(session)
  expect([asked.length - before, (await till.paymentOf(session)).status]).toEqual([0, 'pending'])
})
