// PayPal's adapter against the simulated PayPal; the events are signed under a throw-away certificate that it serves.
import { sign } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { CheckoutOrder, Opened } from '../../../src/domain/provider.ts'
import { paypal } from '../../../src/providers/paypal.ts'
import { toPaypal } from '../../../src/providers/paypal-amounts.ts'
import { emptyMemory } from '../../../src/providers/paypal-call.ts'
import {
  done,
  keepsTheProviderContract,
  type ReportOptions,
  type Rig,
  sessionOf,
} from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { type PaypalSimulator, paypalSimulator } from '../../simulators/paypal.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const clientId = 'made-up-client-id'
const clientSecret = 'made-up-client-secret'
const webhookId = '1JE4291016473214C'
const olderWebhookId = '8PT597110X687430L'

function rig(): Promise<Rig> {
  const simulator = paypalSimulator({ clientId, clientSecret, webhookId, now: () => now })
  const memory = emptyMemory()
  const options = {
    clientId,
    clientSecret,
    webhookIds: [webhookId, olderWebhookId],
    livemode: false,
    fetch: through(simulator),
    limits: { timeoutMs: 300, maxBytes: 100_000 },
    memory,
    now: () => now,
  }
  const provider = paypal(options)
  return Promise.resolve({
    provider,
    withoutSecrets: paypal({ ...options, webhookIds: [] }),
    withWrongCredentials: paypal({ ...options, clientSecret: 'of-somebody-else' }),
    now,
    // The token comes to be only while a test runs.
    hidden: [clientSecret, 'of-somebody-else', 'A21AA'],
    trouble: (kind) => simulator.behave(kind),
    checkouts: (order) => simulator.orders(order.sessionId),
    // The customer agrees, and the gateway captures.
    async pay(order, opened) {
      simulator.approve(opened.references[0])
      const capture = { type: 'capture', amount: order.amount } as const
      done(await provider.act(capture, sessionOf(order, opened), 'capture-1'))
    },
    report: async (order, opened, more) => report(simulator, order, opened, more),
    order: (details) => anOrder({ currency: 'USD', ...details }),
  })
}

function report(
  simulator: PaypalSimulator,
  order: CheckoutOrder,
  opened: Opened,
  options: ReportOptions = {},
) {
  const { wrong, amount = order.amount, currency = order.currency } = options
  const resource = {
    id: '3C679366HH908993F',
    status: 'COMPLETED',
    amount: toPaypal(amount, currency),
    custom_id: order.sessionId,
    supplementary_data: { related_ids: { order_id: opened.references[0] } },
  }
  const event = { id: 'WH-1', event_type: 'PAYMENT.CAPTURE.COMPLETED', resource }
  const body = JSON.stringify(event)
  const signedFor =
    wrong === 'secret' ? '0AB12345CD678901E' : options.olderSecret ? olderWebhookId : webhookId
  const [id, time] = ['69cd13f0-d67a-11e5-baa3-778b53f4ae55', '2026-11-22T12:00:00Z']
  const text = `${id}|${time}|${signedFor}|${crc32(body)}`
  const signature = sign('sha256', Buffer.from(text), simulator.certificate.privateKey).toString('base64')
  return arriving(wrong === 'body' ? body.replace('COMPLETED', 'completed') : body, {
    'paypal-transmission-id': id,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': wrong === 'signature' ? signature.replace(/^.{8}/, 'AAAAAAAA') : signature,
    'paypal-auth-algo': 'SHA256withRSA',
    'paypal-cert-url': 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-simulated',
  })
}

const nothing = { clientId, clientSecret, webhookIds: [], livemode: false, fetch }
keepsTheProviderContract('PayPal', paypal(nothing).capabilities, rig, {
  datesReports: false,
  tellsAmounts: true,
})
