// The simulated Mollie as Mollie's own library meets it: what the library takes for an answer, our adapter was held against.
import http from 'node:http'
import https from 'node:https'
import { createMollieClient, type Payment } from '@mollie/api-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mollie } from '../../../src/providers/mollie.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder } from '../../providers/order.ts'
import { startSimulator } from '../../simulators/base.ts'
import { mollieSimulator } from '../../simulators/mollie.ts'

const apiKey = 'test_MadeUpForTestsMadeUpForTests01'
const simulator = mollieSimulator({ apiKey })
let server: Awaited<ReturnType<typeof startSimulator>>
let theirs: ReturnType<typeof createMollieClient>

beforeAll(async () => {
  server = await startSimulator(simulator)
  // Their library makes an agent for TLS and no other, and nothing on this machine speaks that.
  const { Agent } = https
  https.Agent = http.Agent as unknown as typeof https.Agent
  theirs = createMollieClient({ apiKey, apiEndpoint: `${server.url}/v2/` })
  https.Agent = Agent
})
afterAll(() => server.close())

const ours = () => mollie({ apiKey, fetch, apiBase: server.url })
const euros = (value: string) => ({ currency: 'EUR', value })
const wish = {
  amount: euros('10.00'),
  description: 'Order A-1',
  redirectUrl: 'https://shop.example/thanks',
}

it('their library pays, refunds in part and reads it back, and our adapter says the same of it', async () => {
  const made = await theirs.payments.create({ ...wish, idempotencyKey: 'their-1' })
  expect((await theirs.payments.create({ ...wish, idempotencyKey: 'their-1' })).id).toBe(made.id)
  expect(made.getCheckoutUrl()).toBe(`${server.url}/checkout/${made.id}`)
  await fetch(made.getCheckoutUrl()!, {
    method: 'POST',
    body: new URLSearchParams({ choice: 'pay' }),
    redirect: 'manual',
  })
  const refund = await theirs.paymentRefunds.create({
    paymentId: made.id,
    amount: euros('3.00'),
    description: 'Back',
    metadata: {},
  })
  simulator.settle(made.id)
  const paid: Payment = await theirs.payments.get(made.id)
  expect(paid).toMatchObject({
    ...{ status: 'paid', amountRefunded: euros('3.00'), amountRemaining: euros('7.00') },
  })
  const session = { ...sessionOf(anOrder(), null), references: [made.id] }
  expect(done(await ours().find(session)).facts).toEqual([
    { type: 'captured', amount: 1_000, currency: 'EUR' },
    { type: 'refunded_one', amount: 300, currency: 'EUR', reference: refund.id },
  ])
})

it('what our adapter opened and captured, their library reads', async () => {
  const order = anOrder({ currency: 'EUR', amount: 1_000, captureMethod: 'manual' })
  const opened = done(await ours().open(order))
  const [id] = opened.references
  expect(await theirs.payments.get(id)).toMatchObject({
    status: 'open',
    amount: euros('10.00'),
    captureMode: 'manual',
    metadata: { order_id: order.orderId },
  })
  simulator.pay(id)
  done(await ours().act({ type: 'capture', amount: 600 }, sessionOf(order, opened), 'c'))
  expect(await theirs.payments.get(id)).toMatchObject({ status: 'paid', amountCaptured: euros('6.00') })
})

it('their library releases a hold and cancels a payment, and hears a refusal', async () => {
  const held = await theirs.payments.create({ ...wish, captureMode: 'manual' as never })
  simulator.pay(held.id)
  expect(await theirs.payments.releaseAuthorization(held.id)).toBe(true)
  expect((await theirs.payments.get(held.id)).status).toBe('canceled')
  const open = await theirs.payments.create(wish)
  expect((await theirs.payments.cancel(open.id)).status).toBe('canceled')
  const wrong = theirs.payments.create({ ...wish, amount: euros('10') })
  await expect(wrong).rejects.toMatchObject({ statusCode: 422, field: 'amount' })
})
