/**
 * Stripe by Checkout Sessions, with a small client of its own. Stripe names one checkout by several references (`cs_`,
 * `pi_`, `ch_`), and by our session's id wherever our metadata travels along.
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
import { fromStripe, objectionOf, toStripe } from './stripe-amounts.ts'
import { ask, type StripeAccount } from './stripe-call.ts'
import {
  checkoutSession,
  factsOfCharge,
  factsOfIntent,
  type Intent,
  paymentIntent,
  readStripe,
  refundObject,
  replyToStripe,
  standingOf,
} from './stripe-reports.ts'

/** What the hosted page speaks; any other locale is refused by Stripe, so it is left to the browser. */
const locales = new Set(
  (
    'bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl ' +
    'sv th tr vi zh zh-HK zh-TW'
  ).split(' '),
)

export interface StripeOptions extends StripeAccount {
  /** `whsec_…`; any of them verifies. None: the door is closed. */
  webhookSecrets: readonly string[]
  /** Other software takes payments with the same account: what lacks our marks is not ours. */
  sharedAccount?: boolean
}

const capabilities: Capabilities = {
  signed: true,
  statusCheck: true,
  statusCheckByOurId: false,
  capture: true,
  cancel: true,
  refund: true,
  partialRefund: true,
  idempotencySeconds: 86_400,
  ends: 'at_once',
  polled: false,
  approves: false,
  numbered: false,
  reference: { maxLength: 200, alphabet: 'printable' },
  amounts: 'minor',
  asksFirst: false,
  expiresInSeconds: { min: 1_800, max: 86_400 },
  currencies: 'any',
}

/** The adapter for one connection. */
export function stripe(options: StripeOptions): Provider {
  return {
    name: 'stripe',
    capabilities,
    objection: ({ amount, currency }) => objectionOf(amount, currency),
    open: (order) => open(options, order),
    act: async (action, session, key) => asCommand(await act(options, action, session, key)),
    find: (session) => find(options, session),
    tryCredentials: () => tryCredentials(options),
    read: async (request, now) => readStripe(options, request, now),
    reply: replyToStripe,
  }
}

/**
 * The session's id is the key, and every call for a session says the same, or Stripe would refuse the repeat. Hence no
 * `expires_at`: it must lie half an hour ahead at each call. Stripe's own limit is a day; we end earlier by its expire call.
 */
async function open(options: StripeOptions, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const { sessionId, amount, currency } = order
  const made = await ask(options, checkoutSession, {
    path: '/v1/checkout/sessions',
    key: sessionId,
    form: openingForm(order),
  })
  if (made.kind !== 'done') return made
  const {
    id,
    url,
    amount_total: total,
    currency: said,
    expires_at: endsAt,
    payment_intent: intent,
  } = made.value
  const differs = total != null && (fromStripe(total, currency) !== amount || said !== currency)
  if (differs) return { kind: 'unknown', detail: 'Stripe answered with another amount than was asked.' }
  if (!url || !URL.canParse(url))
    return { kind: 'unknown', detail: 'Stripe answered with a checkout that has no address.' }
  return {
    kind: 'done',
    value: {
      references: [id, sessionId, ...(intent ? [intentId(intent)] : [])],
      checkout: { kind: 'redirect', url },
      endsAt: endsAt == null ? null : endsAt * 1_000,
    },
  }
}

function openingForm(order: CheckoutOrder): Record<string, string> {
  const { sessionId, orderId, paymentId, amount, currency, captureMethod, returnUrl } = order
  const email = order.customer?.email
  const form: Record<string, string> = {
    mode: 'payment',
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': currency.toLowerCase(),
    'line_items[0][price_data][unit_amount]': String(toStripe(amount, currency)),
    'line_items[0][price_data][product_data][name]': order.description?.slice(0, 250) || `Order ${orderId}`,
    success_url: returnUrl,
    cancel_url: returnUrl,
    client_reference_id: sessionId,
  }
  // Stripe does not copy the checkout's metadata to its payment, whose reports would then name nobody of ours.
  const marks = {
    session_id: sessionId,
    order_id: orderId,
    payment_id: paymentId,
    capture_method: captureMethod,
  }
  for (const [name, value] of Object.entries(marks)) {
    form[`metadata[${name}]`] = value
    form[`payment_intent_data[metadata][${name}]`] = value
  }
  if (captureMethod === 'manual') form['payment_intent_data[capture_method]'] = 'manual'
  if (email !== undefined && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) form.customer_email = email
  if (order.locale !== undefined && locales.has(order.locale)) form.locale = order.locale
  return form
}

async function act(
  options: StripeOptions,
  action: Action,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  const { currency, sessionId } = session
  if (action.type === 'cancel') return cancel(options, session)
  const intent = await intentOf(options, session)
  if (intent.kind !== 'done') return intent
  const amount = String(toStripe(action.amount, currency))
  if (action.type === 'capture') {
    const path = `/v1/payment_intents/${encodeURIComponent(intent.value)}/capture`
    const captured = await ask(options, paymentIntent, { path, key, form: { amount_to_capture: amount } })
    return captured.kind === 'done' ? captureFacts(captured.value) : captured
  }
  const form: Record<string, string> = {
    payment_intent: intent.value,
    amount,
    // The charge beside the refund tells the total, on which our command and Stripe's report of it meet.
    'expand[0]': 'charge',
    'metadata[session_id]': sessionId,
    ...(action.reason !== undefined && { 'metadata[reason]': action.reason.slice(0, 500) }),
  }
  const refunded = await ask(options, refundObject, { path: '/v1/refunds', key, form })
  if (refunded.kind !== 'done') return refunded
  const { id, status, charge } = refunded.value
  if (status === 'failed' || status === 'canceled')
    return { kind: 'declined', code: 'declined', detail: `The refund ${status}.` }
  if (
    !['succeeded', 'pending', 'requires_action'].includes(status) ||
    typeof charge !== 'object' ||
    charge === null
  )
    return { kind: 'unknown', detail: 'Stripe answered with a refund that cannot be understood.' }
  const facts = factsOfCharge(charge).filter((fact) => fact.type === 'refunded')
  return { kind: 'done', value: facts.map((fact) => ({ ...fact, reference: id })) }
}

function captureFacts(intent: Intent): Outcome<Fact[]> {
  if (intent.status === 'processing') return { kind: 'done', value: [{ type: 'capture_pending' }] }
  const facts = intent.status === 'succeeded' ? factsOfIntent(intent) : null
  return facts === null
    ? { kind: 'unknown', detail: 'Stripe answered with a payment that is not captured.' }
    : { kind: 'done', value: facts }
}

/** Without keys: ending is harmless to repeat, and a stored answer from a bad moment would stand in the way for a day. */
async function cancel(options: StripeOptions, session: SessionReference): Promise<Outcome<Fact[]>> {
  const reference = session.references.find((one) => one.startsWith('cs_'))
  if (reference === undefined) return noCheckout
  const path = `/v1/checkout/sessions/${encodeURIComponent(reference)}`
  const found = await ask(options, checkoutSession, { path: `${path}?expand[]=payment_intent` })
  if (found.kind !== 'done') return found
  const { status, payment_intent: intent } = found.value
  const ended: Outcome<Fact[]> = { kind: 'done', value: [{ type: 'canceled' }] }
  if (status === 'expired') return ended
  if (status === 'open') {
    const expired = await ask(options, checkoutSession, { path: `${path}/expire`, form: {} })
    if (expired.kind !== 'done') return expired
    return expired.value.status === 'expired' ? ended : stillThere
  }
  if (typeof intent !== 'object' || intent === null) return stillThere
  if (intent.status === 'canceled') return ended
  if (intent.status === 'succeeded')
    return { kind: 'declined', code: 'declined', detail: 'The payment was captured already.' }
  const path2 = `/v1/payment_intents/${encodeURIComponent(intent.id)}/cancel`
  const released = await ask(options, paymentIntent, { path: path2, form: {} })
  if (released.kind !== 'done') return released
  return released.value.status === 'canceled' ? ended : stillThere
}

const stillThere: Outcome<never> = {
  kind: 'unknown',
  detail: 'Stripe did not say that the checkout has ended.',
}
const noCheckout: Outcome<never> = {
  kind: 'unknown',
  detail: 'The reference of the checkout is not known here.',
}

/** The payment behind the checkout; it exists once the customer has begun to pay. */
async function intentOf(options: StripeOptions, session: SessionReference): Promise<Outcome<string>> {
  const known = session.references.find((one) => one.startsWith('pi_'))
  if (known !== undefined) return { kind: 'done', value: known }
  const reference = session.references.find((one) => one.startsWith('cs_'))
  if (reference === undefined) return noCheckout
  const path = `/v1/checkout/sessions/${encodeURIComponent(reference)}`
  const found = await ask(options, checkoutSession, { path })
  if (found.kind !== 'done') return found
  const { payment_intent: intent } = found.value
  return intent
    ? { kind: 'done', value: intentId(intent) }
    : { kind: 'unknown', detail: 'Stripe names no payment for this checkout yet.' }
}

async function find(options: StripeOptions, session: SessionReference): Promise<Outcome<Found>> {
  const reference = session.references.find((one) => one.startsWith('cs_'))
  if (reference === undefined) return noCheckout
  const path = `/v1/checkout/sessions/${encodeURIComponent(reference)}?expand[]=payment_intent.latest_charge`
  const found = await ask(options, checkoutSession, { path })
  if (found.kind === 'declined')
    return { kind: 'unknown', detail: 'Stripe refused to tell how the checkout stands.' }
  if (found.kind === 'unknown') return found
  const { id, payment_intent: intent, metadata } = found.value
  const standing = standingOf(found.value)
  if (standing === null)
    return { kind: 'unknown', detail: 'Stripe answered with a status that is not known here.' }
  const charge = typeof intent === 'object' ? intent?.latest_charge : null
  const more = [intent ? intentId(intent) : null, typeof charge === 'object' ? charge?.id : charge]
  return {
    kind: 'done',
    value: {
      ...standing,
      references: [id, ...more.filter((one) => typeof one === 'string')],
      ...(metadata.order_id !== undefined && { orderId: metadata.order_id }),
    },
  }
}

async function tryCredentials(options: StripeOptions): Promise<Trial> {
  const listed = await ask(options, z.object({ object: z.literal('list') }), {
    path: '/v1/checkout/sessions?limit=1',
  })
  return trialOf(listed)
}

const intentId = (intent: Intent | string): string => (typeof intent === 'string' ? intent : intent.id)

/** Stripe's line in the registry. */
export const stripeEntry: ProviderEntry = {
  capabilities,
  live: true,
  credentials: z.lazy(() =>
    z.strictObject({
      secret_key: z
        .string({ error: 'The secret key is missing: Stripe Dashboard, Developers, API keys.' })
        .regex(
          /^(?:sk|rk)_(?:test|live)_\w+$/,
          'A secret key begins with sk_test_, sk_live_, rk_test_ or rk_live_: Stripe Dashboard, Developers, API keys.',
        ),
      webhook_secrets: z
        .array(
          z.string().regex(/^whsec_\S+$/, {
            error:
              'A signing secret begins with whsec_: Stripe Dashboard, Developers, Webhooks, your endpoint.',
          }),
          {
            error:
              'List the signing secrets of the webhook endpoint, the newest first: Stripe Dashboard, Developers, Webhooks.',
          },
        )
        .max(10, { error: 'At most 10 webhook secrets are active at once.' }),
    }),
  ),
  modeOf(credentials) {
    const { secret_key: key } = credentials as { secret_key: string }
    return { field: 'secret_key', livemode: /^.._live_/.test(key) }
  },
  settings: z.lazy(() =>
    z.strictObject({
      api_base: loopbackBase.optional(),
      shared_account: z
        .boolean({ error: 'true when other software takes payments with the same Stripe account.' })
        .optional(),
    }),
  ),
  make({ credentials, settings }, { fetch }) {
    const { secret_key: secretKey, webhook_secrets: webhookSecrets } = credentials as {
      secret_key: string
      webhook_secrets: string[]
    }
    const { api_base: base, shared_account: sharedAccount } = settings as {
      api_base?: string
      shared_account?: boolean
    }
    return stripe({
      secretKey,
      webhookSecrets,
      fetch,
      ...(base !== undefined && { apiBase: base.replace(/\/+$/, '') }),
      ...(sharedAccount !== undefined && { sharedAccount }),
    })
  },
}
