// The simulated Stripe as Stripe's own library meets it: what the library takes for an answer, our adapter was held against.
import Stripe from 'stripe'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stripe } from '../../../src/providers/stripe.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder } from '../../providers/order.ts'
import { startSimulator } from '../../simulators/base.ts'
import { stripeSimulator } from '../../simulators/stripe.ts'

const secretKey = 'sk_test_51MadeUpForTests'
const webhookSecret = 'whsec_made_up'
const simulator = stripeSimulator({ secretKey, webhookSecret })
let server: Awaited<ReturnType<typeof startSimulator>>
let theirs: Stripe

const clientWith = (key: string): Stripe =>
  new Stripe(key, {
    ...{ host: '127.0.0.1', port: new URL(server.url).port, protocol: 'http' },
    ...{ maxNetworkRetries: 0, telemetry: false },
  })

beforeAll(async () => {
  server = await startSimulator(simulator)
  theirs = clientWith(secretKey)
})
afterAll(() => server.close())

const ours = () => stripe({ secretKey, webhookSecrets: [webhookSecret], fetch, apiBase: server.url })
const wish = (amount: number, currency = 'usd'): Stripe.Checkout.SessionCreateParams => ({
  mode: 'payment',
  line_items: [
    { quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'Order A-1' } } },
  ],
  success_url: 'https://shop.example/thanks',
})
const press = (page: string, choice: string) =>
  fetch(page, { method: 'POST', body: new URLSearchParams({ choice }), redirect: 'manual' })

it('their library opens, pays, refunds in part and reads it back, and our adapter says the same of it', async () => {
  const made = await theirs.checkout.sessions.create(wish(1_000), { idempotencyKey: 'their-1' })
  expect((await theirs.checkout.sessions.create(wish(1_000), { idempotencyKey: 'their-1' })).id).toBe(made.id)
  await press(made.url ?? '', 'pay')
  const expand = ['payment_intent.latest_charge']
  const paid = await theirs.checkout.sessions.retrieve(made.id, { expand })
  expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid', amount_total: 1_000 })
  const intent = paid.payment_intent as Stripe.PaymentIntent
  const refund = await theirs.refunds.create({ payment_intent: intent.id, amount: 300, expand: ['charge'] })
  expect(refund).toMatchObject({
    status: 'succeeded',
    charge: { amount_captured: 1_000, amount_refunded: 300 },
  })
  const session = { ...sessionOf(anOrder(), null), references: [made.id] }
  expect(done(await ours().find(session)).facts).toEqual([
    { type: 'captured', amount: 1_000, currency: 'USD' },
    { type: 'refunded', amount: 300, currency: 'USD' },
  ])
})

it('what our adapter opened their library reads, captures and verifies the events of', async () => {
  const order = anOrder({ currency: 'USD', amount: 1_000, captureMethod: 'manual' })
  const opened = done(await ours().open(order))
  const [id] = opened.references
  const read = await theirs.checkout.sessions.retrieve(id)
  expect(read).toMatchObject({
    ...{ status: 'open', amount_total: 1_000, client_reference_id: order.sessionId },
    metadata: { order_id: order.orderId, session_id: order.sessionId },
  })
  await press(read.url ?? '', 'pay')
  const { payment_intent: intent } = await theirs.checkout.sessions.retrieve(id)
  const captured = await theirs.paymentIntents.capture(String(intent), { amount_to_capture: 600 })
  expect(captured).toMatchObject({ status: 'succeeded', amount_received: 600 })
  expect(done(await ours().find(sessionOf(order, opened))).facts).toEqual([
    { type: 'captured', amount: 600, currency: 'USD' },
  ])
  const events = simulator.sent.map(({ body, headers }) =>
    theirs.webhooks.constructEvent(body, headers['stripe-signature'] ?? '', webhookSecret),
  )
  expect(events.map(({ type }) => type)).toContain('payment_intent.amount_capturable_updated')
})

it('their library ends a checkout, and hears each refusal as its own error', async () => {
  const open = await theirs.checkout.sessions.create(wish(1_000), { idempotencyKey: 'their-2' })
  expect((await theirs.checkout.sessions.expire(open.id)).status).toBe('expired')
  const create = (...asked: Parameters<typeof theirs.checkout.sessions.create>) =>
    theirs.checkout.sessions.create(...asked)
  await expect(create(wish(5_121, 'kwd'))).rejects.toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
  await expect(create(wish(2_000), { idempotencyKey: 'their-2' })).rejects.toBeInstanceOf(
    Stripe.errors.StripeIdempotencyError,
  )
  const stranger = clientWith('sk_test_51OfSomebodyElse').checkout.sessions.retrieve(open.id)
  await expect(stranger).rejects.toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
})
