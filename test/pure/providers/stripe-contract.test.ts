// Stripe's adapter against the simulated Stripe; the reports are signed by Stripe's own library.
import Stripe from 'stripe'
import type { CheckoutOrder, Opened } from '../../../src/domain/provider.ts'
import { stripe } from '../../../src/providers/stripe.ts'
import { keepsTheProviderContract, type ReportOptions, type Rig } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { stripeSimulator } from '../../simulators/stripe.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const secretKey = 'sk_test_51MadeUpForTests'
const secret = 'whsec_newest_made_up'
const olderSecret = 'whsec_older_made_up'
const oracle = new Stripe(secretKey)

function rig(): Promise<Rig> {
  const simulator = stripeSimulator({ secretKey, now: () => now })
  const options = {
    secretKey,
    webhookSecrets: [secret, olderSecret],
    fetch: through(simulator),
    limits: { timeoutMs: 300, maxBytes: 100_000 },
  }
  return Promise.resolve({
    provider: stripe(options),
    withoutSecrets: stripe({ ...options, webhookSecrets: [] }),
    withWrongCredentials: stripe({ ...options, secretKey: 'sk_test_51OfSomebodyElse' }),
    now,
    hidden: [secretKey, secret, olderSecret],
    trouble: (kind) => simulator.behave(kind),
    checkouts: (order) => simulator.checkouts(order.sessionId),
    pay: async (_order, opened) => simulator.pay(opened.references[0]),
    report,
    order: anOrder,
  })
}

async function report(order: CheckoutOrder, opened: Opened, options: ReportOptions = {}) {
  const { ageSeconds = 0, wrong, amount = order.amount, currency = order.currency } = options
  const metadata = { session_id: order.sessionId, order_id: order.orderId }
  const object = {
    id: opened.references[0],
    object: 'checkout.session',
    payment_status: 'paid',
    amount_total: amount,
    currency: currency.toLowerCase(),
    payment_intent: 'pi_1',
    metadata,
  }
  const payload = JSON.stringify({ id: 'evt_1', type: 'checkout.session.completed', data: { object } })
  const header = await oracle.webhooks.generateTestHeaderStringAsync({
    payload,
    secret: wrong === 'secret' ? 'whsec_of_somebody_else' : options.olderSecret ? olderSecret : secret,
    timestamp: now / 1_000 - ageSeconds,
  })
  const signature = wrong === 'signature' ? header.replace(/v1=.{8}/, 'v1=00000000') : header
  const body = wrong === 'body' ? payload.replace('"paid"', '"paid" ') : payload
  return arriving(body, { 'stripe-signature': signature })
}

keepsTheProviderContract('Stripe', stripe({ secretKey, webhookSecrets: [], fetch }).capabilities, rig)
