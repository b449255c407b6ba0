/**
 * PayPal by Orders v2. The customer only approves there; money moves when we capture, which the payment's object allows
 * once. Nothing ends an order at PayPal: it is over when it is not captured.
 */
import * as z from 'zod'
import type {
  Action,
  Capabilities,
  CheckoutOrder,
  Fact,
  Found,
  Opened,
  Outcome,
  Provider,
  SessionReference,
  Trial,
} from '../domain/provider.ts'
import { asCommand, trialOf } from './credentials.ts'
import { loopbackBase, type ProviderEntry } from './entry.ts'
import { fromPaypal, objectionOf, paypalCurrencies, toPaypal } from './paypal-amounts.ts'
import { ask, freshToken } from './paypal-call.ts'
import { captureOf, type Order, orderObject, refundFact, refundObject, standingOf } from './paypal-orders.ts'
import { type PaypalReader, readPaypal, replyToPaypal } from './paypal-reports.ts'

export type PaypalOptions = PaypalReader

const capabilities: Capabilities = {
  signed: true,
  statusCheck: true,
  statusCheckByOurId: false,
  capture: true,
  cancel: false,
  refund: true,
  partialRefund: true,
  idempotencySeconds: 6 * 3_600,
  ends: 'at_limit',
  polled: false,
  approves: true,
  numbered: false,
  reference: { maxLength: 127, alphabet: 'printable' },
  amounts: 'decimal',
  asksFirst: false,
  expiresInSeconds: { min: 60, max: 3 * 3_600 },
  currencies: paypalCurrencies,
}

/** The adapter for one connection. */
export function paypal(options: PaypalOptions): Provider {
  return {
    name: 'paypal',
    capabilities,
    objection: ({ amount, currency }) => objectionOf(amount, currency),
    open: (order) => open(options, order),
    act: async (action, session, key) => asCommand(await act(options, action, session, key)),
    find: (session) => find(options, session),
    tryCredentials: () => tryCredentials(options),
    read: (request, now) => readPaypal(options, request, now),
    reply: replyToPaypal,
  }
}

/** The session's id is the key, and every call for a session says the same. */
async function open(options: PaypalOptions, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const { sessionId, amount, currency } = order
  const body = openingBody(order)
  const made = await ask(options, orderObject, { path: '/v2/checkout/orders', key: sessionId, body })
  if (made.kind !== 'done') return made
  const { id, links, purchase_units: units } = made.value
  const said = fromPaypal(units[0]?.amount ?? null)
  if (said.amount !== amount || said.currency !== currency)
    return { kind: 'unknown', detail: 'PayPal answered with another amount than was asked.' }
  const address = links.find(({ rel }) => rel === 'payer-action' || rel === 'approve')?.href ?? ''
  if (!URL.canParse(address))
    return { kind: 'unknown', detail: 'PayPal answered with an order that has no address.' }
  const checkout = { kind: 'redirect', url: address } as const
  return { kind: 'done', value: { references: [id, sessionId], checkout, endsAt: null } }
}

function openingBody(order: CheckoutOrder) {
  const { sessionId, orderId, amount, currency, returnUrl } = order
  return {
    intent: 'CAPTURE',
    purchase_units: [
      {
        reference_id: orderId,
        // It comes back on everything that is made of the order. No invoice_id: PayPal would hold it against other software.
        custom_id: sessionId,
        amount: toPaypal(amount, currency),
        description: order.description?.slice(0, 127) || `Order ${orderId}`,
      },
    ],
    payment_source: {
      paypal: {
        experience_context: {
          return_url: returnUrl,
          cancel_url: returnUrl,
          user_action: 'PAY_NOW',
          shipping_preference: 'NO_SHIPPING',
        },
      },
    },
  }
}

async function act(
  options: PaypalOptions,
  action: Action,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  switch (action.type) {
    case 'cancel':
      return {
        kind: 'unknown',
        detail: 'PayPal has no call that ends an order; it is over when it is not captured.',
      }
    case 'capture':
      return capture(options, session, key)
    case 'refund':
      return refund(options, session, action, key)
  }
}

async function capture(
  options: PaypalOptions,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  const id = orderIdOf(session)
  if (id === undefined) return noOrder
  const path = `/v2/checkout/orders/${encodeURIComponent(id)}/capture`
  const captured = await ask(options, orderObject, { path, key, body: {} })
  if (captured.kind !== 'done') return captured
  const standing = captured.value.status === 'COMPLETED' ? standingOf(captured.value) : null
  return standing === null
    ? { kind: 'unknown', detail: 'PayPal answered with an order that is not captured.' }
    : { kind: 'done', value: standing.facts }
}

async function refund(
  options: PaypalOptions,
  session: SessionReference,
  { amount, reason }: { amount: number; reason?: string },
  key: string,
): Promise<Outcome<Fact[]>> {
  const order = await orderOf(options, session)
  if (order.kind !== 'done') return asQuestion(order)
  const taken = captureOf(order.value)
  if (taken === undefined) return { kind: 'unknown', detail: 'PayPal names no capture for this order yet.' }
  const refunded = await ask(options, refundObject, {
    path: `/v2/payments/captures/${encodeURIComponent(taken.id)}/refund`,
    key,
    body: {
      amount: toPaypal(amount, session.currency),
      custom_id: session.sessionId,
      ...(reason !== undefined && { note_to_payer: reason.slice(0, 255) }),
    },
  })
  if (refunded.kind !== 'done') return refunded
  const fact = refundFact(refunded.value)
  if (fact === null)
    return { kind: 'unknown', detail: 'PayPal answered with a refund that cannot be understood.' }
  return fact.type === 'refund_failed'
    ? { kind: 'declined', code: 'declined', detail: 'The refund failed.' }
    : { kind: 'done', value: [fact] }
}

/** The order comes before everything that is made of it, so it is the first that PayPal named. */
const orderIdOf = (session: SessionReference): string | undefined =>
  session.references.find((one) => one !== session.sessionId)

const noOrder: Outcome<never> = { kind: 'unknown', detail: 'The id of the order is not known here.' }

async function orderOf(options: PaypalOptions, session: SessionReference): Promise<Outcome<Order>> {
  const id = orderIdOf(session)
  if (id === undefined) return noOrder
  return ask(options, orderObject, { path: `/v2/checkout/orders/${encodeURIComponent(id)}` })
}

/** A refusal to tell how an order stands says nothing of what was done about it before. */
const asQuestion = (outcome: Exclude<Outcome<unknown>, { kind: 'done' }>): Outcome<never> =>
  outcome.kind === 'unknown'
    ? outcome
    : { kind: 'unknown', detail: 'PayPal refused to tell how the order stands.' }

async function find(options: PaypalOptions, session: SessionReference): Promise<Outcome<Found>> {
  const found = await orderOf(options, session)
  if (found.kind !== 'done') return asQuestion(found)
  const standing = standingOf(found.value)
  if (standing === null)
    return { kind: 'unknown', detail: 'PayPal answered with a status that is not known here.' }
  const orderId = found.value.purchase_units[0]?.reference_id
  const taken = captureOf(found.value)
  const references = [found.value.id, ...(taken === undefined ? [] : [taken.id])]
  return { kind: 'done', value: { ...standing, references, ...(orderId !== undefined && { orderId }) } }
}

async function tryCredentials(options: PaypalOptions): Promise<Trial> {
  const token = await freshToken(options)
  return trialOf(token)
}

const where = 'developer.paypal.com, Apps & Credentials, your app'
const credential = (name: string) =>
  z
    .string({ error: `The ${name} is missing: ${where}.` })
    .regex(/^[\w-]{10,200}$/, { error: `A ${name} is a long text of letters, digits, _ and -: ${where}.` })

const webhookId = z.lazy(() =>
  z.string({ error: `The webhook id is missing: ${where}, Webhooks.` }).regex(/^[0-9A-Za-z]{10,50}$/, {
    error: `A webhook id is letters and digits, as 1JE4291016473214C: ${where}, Webhooks.`,
  }),
)

const credentials = z.lazy(() =>
  z
    .strictObject({
      client_id: credential('client id'),
      client_secret: credential('client secret'),
      webhook_id: webhookId.optional(),
      webhook_ids: z
        .array(webhookId, { error: `List the ids of the webhook, the newest first: ${where}, Webhooks.` })
        .max(10, { error: 'At most 10 webhook ids are active at once.' })
        .optional(),
    })
    .refine((given) => given.webhook_id !== undefined || given.webhook_ids !== undefined, {
      path: ['webhook_id'],
      error: `The webhook id is missing: ${where}, Webhooks. While one is being replaced, list both as webhook_ids.`,
    }),
)

/** PayPal's line in the registry. */
export const paypalEntry: ProviderEntry = {
  capabilities,
  live: true,
  credentials,
  settings: z.lazy(() =>
    z.strictObject({
      api_base: loopbackBase.optional(),
      shared_account: z
        .boolean({ error: 'true when other software takes payments with the same PayPal account.' })
        .optional(),
    }),
  ),
  make({ credentials: own, settings, livemode }, { fetch }) {
    const given = own as Credentials
    const { api_base: base, shared_account: sharedAccount } = settings as {
      api_base?: string
      shared_account?: boolean
    }
    return paypal({
      clientId: given.client_id,
      clientSecret: given.client_secret,
      webhookIds: [
        ...(given.webhook_id === undefined ? [] : [given.webhook_id]),
        ...(given.webhook_ids ?? []),
      ],
      livemode,
      fetch,
      ...(base !== undefined && { apiBase: base.replace(/\/+$/, '') }),
      ...(sharedAccount !== undefined && { sharedAccount }),
    })
  },
}

type Credentials = z.output<typeof credentials>
