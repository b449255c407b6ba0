/**
 * Stripe as far as the gateway meets it: Checkout Sessions with a page, payments, captures, refunds, stored answers per
 * idempotency key, signed events. Written from the protocol, with Stripe's own refusals of wrong amounts and keys.
 */
import { createHmac, randomUUID } from 'node:crypto'
import {
  type Asked,
  answersByKey,
  choicePage,
  farewellPage,
  json,
  type Route,
  redirect,
  type Simulator,
  simulate,
} from './base.ts'

export interface StripeSettings {
  secretKey: string
  webhookUrl: string
  webhookSecret: string
  /** Epoch milliseconds. */
  now: () => number
}

interface Checkout {
  id: string
  status: 'open' | 'complete' | 'expired'
  form: URLSearchParams
  amount: number
  currency: string
  expiresAt: number
  intent: Intent | null
}

interface Intent {
  id: string
  status: 'requires_capture' | 'succeeded' | 'canceled'
  captured: number
  refunds: { id: string; amount: number }[]
  chargeId: string
  disputed: boolean
  checkout: Checkout
}

export interface StripeSimulator extends Simulator {
  /** A customer pays on the page: captured, or held where it is captured later. */
  pay(id: string): void
  /** How many checkouts there are for this `client_reference_id`. */
  checkouts(ours: string): number
  dispute(id: string, status: string): void
}

const threeDecimal = 'BHD JOD KWD OMR TND'.split(' ')
const wholeOnly = ['ISK', 'UGX']

export function stripeSimulator(given: Partial<StripeSettings> = {}): StripeSimulator {
  const settings: StripeSettings = {
    secretKey: 'sk_test_simulated',
    webhookUrl: '',
    webhookSecret: 'whsec_simulated',
    now: Date.now,
    ...given,
  }
  const checkouts = new Map<string, Checkout>()
  const keyed = answersByKey('idempotency-key', () => refusal(400, null, null, 'idempotency_error'))
  const simulator = simulate('stripe', {
    configure: (more) => Object.assign(settings, more),
    api: {
      'POST /v1/checkout/sessions': authorized(keyed(create)),
      'GET /v1/checkout/sessions/:id': authorized(({ url, params }) => {
        const found = checkouts.get(params.id ?? '')
        return found ? json(200, checkoutView(found, url)) : refusal(404, 'resource_missing', 'id')
      }),
      'POST /v1/checkout/sessions/:id/expire': authorized(keyed(expire)),
      'POST /v1/payment_intents/:id/capture': authorized(keyed(capture)),
      'POST /v1/payment_intents/:id/cancel': authorized(keyed(cancel)),
      'POST /v1/refunds': authorized(keyed(refund)),
    },
    pages: {
      'GET /c/pay/:id': ({ params }) => {
        const found = checkouts.get(params.id ?? '')
        if (found?.status !== 'open') return farewellPage('This checkout is over.', successOf(found))
        const text = `${found.amount} ${found.currency.toUpperCase()} (in Stripe's units)`
        return choicePage('Stripe, simulated', text, {
          pay: 'Pay',
          decline: 'Decline',
          cancel: 'Back to the shop',
        })
      },
      'POST /c/pay/:id': ({ params, text }) => {
        const found = checkouts.get(params.id ?? '')
        const choice = new URLSearchParams(text).get('choice')
        if (choice === 'pay' && found?.status === 'open') pay(found)
        if (choice === 'decline' && found?.status === 'open') {
          const event = { id: `pi_${found.id}`, object: 'payment_intent', status: 'requires_payment_method' }
          tell('payment_intent.payment_failed', { ...event, ...marks(found) })
          return redirect(`/c/pay/${found.id}`)
        }
        return redirect(successOf(found))
      },
    },
  })

  function authorized(route: Route): Route {
    return (asked) =>
      asked.request.headers.get('authorization') === `Bearer ${settings.secretKey}`
        ? route(asked)
        : json(401, {
            error: {
              type: 'invalid_request_error',
              message: `Invalid API Key: ${asked.request.headers.get('authorization')}`,
            },
          })
  }

  function create({ url, text }: Asked): Response {
    const form = new URLSearchParams(text)
    const currency = (form.get('line_items[0][price_data][currency]') ?? '').toUpperCase()
    const amount = Number(form.get('line_items[0][price_data][unit_amount]'))
    if (form.get('mode') !== 'payment') return refusal(400, 'parameter_missing', 'mode')
    if (!/^[A-Z]{3}$/.test(currency)) return refusal(400, null, 'line_items[0][price_data][currency]')
    const step = threeDecimal.includes(currency) ? 10 : wholeOnly.includes(currency) ? 100 : 1
    if (!Number.isSafeInteger(amount) || amount < 1 || amount % step !== 0)
      return refusal(400, 'parameter_invalid_integer', 'line_items[0][price_data][unit_amount]')
    if (!form.has('success_url')) return refusal(400, 'parameter_missing', 'success_url')
    const made: Checkout = {
      id: `cs_test_${randomUUID().replaceAll('-', '')}`,
      status: 'open',
      form,
      amount,
      currency: currency.toLowerCase(),
      expiresAt: Math.floor(settings.now() / 1_000) + 86_400,
      intent: null,
    }
    checkouts.set(made.id, made)
    return json(200, checkoutView(made, url))
  }

  function expire({ url, params }: Asked): Response {
    const found = checkouts.get(params.id ?? '')
    if (!found) return refusal(404, 'resource_missing', 'id')
    if (found.status !== 'open') return refusal(400, null, null)
    found.status = 'expired'
    tell('checkout.session.expired', checkoutView(found, url))
    return json(200, checkoutView(found, url))
  }

  function pay(found: Checkout): void {
    const isHeld = found.form.get('payment_intent_data[capture_method]') === 'manual'
    const unique = randomUUID().replaceAll('-', '').slice(0, 24)
    found.status = 'complete'
    found.intent = {
      id: `pi_${unique}`,
      status: isHeld ? 'requires_capture' : 'succeeded',
      captured: isHeld ? 0 : found.amount,
      refunds: [],
      chargeId: `ch_${unique}`,
      disputed: false,
      checkout: found,
    }
    tell(
      isHeld ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded',
      intentView(found.intent),
    )
    tell('checkout.session.completed', checkoutView(found, new URL('http://stripe.invalid')))
  }

  function capture({ params, text }: Asked): Response {
    const intent = intentBy(params.id)
    if (!intent) return refusal(404, 'resource_missing', 'intent')
    const amount = Number(new URLSearchParams(text).get('amount_to_capture') ?? intent.checkout.amount)
    if (intent.status !== 'requires_capture') return refusal(400, 'payment_intent_unexpected_state', null)
    if (amount > intent.checkout.amount) return refusal(400, 'amount_too_large', 'amount_to_capture')
    Object.assign(intent, { status: 'succeeded', captured: amount })
    tell('payment_intent.succeeded', intentView(intent))
    return json(200, intentView(intent))
  }

  function cancel({ params }: Asked): Response {
    const intent = intentBy(params.id)
    if (!intent) return refusal(404, 'resource_missing', 'intent')
    if (intent.status !== 'requires_capture') return refusal(400, 'payment_intent_unexpected_state', null)
    intent.status = 'canceled'
    tell('payment_intent.canceled', intentView(intent))
    return json(200, intentView(intent))
  }

  function refund({ text }: Asked): Response {
    const form = new URLSearchParams(text)
    const intent = intentBy(form.get('payment_intent') ?? '')
    if (!intent) return refusal(404, 'resource_missing', 'payment_intent')
    const left = intent.captured - refundedOf(intent)
    const amount = Number(form.get('amount') ?? left)
    if (amount > left || amount < 1)
      return refusal(400, left === 0 ? 'charge_already_refunded' : null, 'amount')
    const id = `re_${randomUUID().replaceAll('-', '').slice(0, 24)}`
    intent.refunds.push({ id, amount })
    tell('charge.refunded', chargeView(intent))
    const { currency } = intent.checkout
    const made = { id, object: 'refund', amount, currency, status: 'succeeded', payment_intent: intent.id }
    const session = form.get('metadata[session_id]')
    const metadata = session === null ? {} : { session_id: session }
    tell('refund.created', { ...made, charge: intent.chargeId, metadata })
    const isExpanded = form.get('expand[0]') === 'charge'
    return json(200, { ...made, metadata, charge: isExpanded ? chargeView(intent) : intent.chargeId })
  }

  function intentBy(id: string | undefined): Intent | undefined {
    return (
      [...checkouts.values()].map(({ intent }) => intent).find((intent) => intent?.id === id) ?? undefined
    )
  }

  const told = (amount: number): number => (simulator.lies() ? amount - 1 : amount)

  function checkoutView(checkout: Checkout, url: URL) {
    const { id, form, status, intent, currency, amount, expiresAt } = checkout
    const isExpanded = url.searchParams.getAll('expand[]').some((one) => one.startsWith('payment_intent'))
    return {
      id,
      object: 'checkout.session',
      url: status === 'open' ? `${url.origin}/c/pay/${id}` : null,
      status,
      payment_status: intent?.status === 'succeeded' ? 'paid' : 'unpaid',
      amount_total: told(amount),
      currency,
      expires_at: expiresAt,
      client_reference_id: form.get('client_reference_id'),
      payment_intent: intent === null ? null : isExpanded ? intentView(intent, true) : intent.id,
      metadata: metadataIn(form, 'metadata'),
    }
  }

  function intentView(intent: Intent, isExpanded = false) {
    const { id, status, captured, checkout, chargeId } = intent
    return {
      id,
      object: 'payment_intent',
      status,
      amount: checkout.amount,
      amount_received: told(captured),
      amount_capturable: status === 'requires_capture' ? told(checkout.amount) : 0,
      currency: checkout.currency,
      latest_charge: isExpanded ? chargeView(intent) : chargeId,
      ...marks(checkout),
    }
  }

  function chargeView(intent: Intent) {
    const { id, checkout, captured, chargeId, disputed } = intent
    const { amount, currency } = checkout
    // What a partial capture releases counts as given back.
    const released = captured === 0 ? 0 : amount - captured
    return {
      id: chargeId,
      object: 'charge',
      amount,
      amount_captured: captured,
      amount_refunded: refundedOf(intent) + released,
      refunded: refundedOf(intent) + released === amount,
      currency,
      disputed,
      payment_intent: id,
      ...marks(checkout),
    }
  }

  function tell(type: string, object: object): void {
    const created = Math.floor(settings.now() / 1_000)
    const body = JSON.stringify({
      id: `evt_${randomUUID().replaceAll('-', '')}`,
      object: 'event',
      created,
      livemode: false,
      type,
      data: { object },
    })
    const signature = createHmac('sha256', settings.webhookSecret).update(`${created}.${body}`).digest('hex')
    const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${created},v1=${signature}` }
    simulator.report({ url: settings.webhookUrl, headers, body })
  }

  return Object.assign(simulator, {
    pay: (id: string) => pay(checkouts.get(id)!),
    checkouts: (ours: string) =>
      [...checkouts.values()].filter(({ form }) => form.get('client_reference_id') === ours).length,
    dispute(id: string, status: string) {
      const intent = checkouts.get(id)?.intent
      if (!intent) throw new Error('Nothing was paid there.')
      intent.disputed = true
      const of = { payment_intent: intent.id, charge: intent.chargeId, amount: intent.captured }
      const type = ['won', 'lost'].includes(status) ? 'charge.dispute.closed' : 'charge.dispute.created'
      tell(type, { id: `dp_${intent.id.slice(3)}`, object: 'dispute', status, ...of })
    },
  })
}

const marks = ({ form }: Checkout) => ({ metadata: metadataIn(form, 'payment_intent_data[metadata]') })

const refundedOf = (intent: Intent): number => intent.refunds.reduce((sum, { amount }) => sum + amount, 0)

const successOf = (checkout: Checkout | undefined): string => checkout?.form.get('success_url') ?? '/'

function metadataIn(form: URLSearchParams, prefix: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of form)
    if (name.startsWith(`${prefix}[`)) found[name.slice(prefix.length + 1, -1)] = value
  return found
}

function refusal(
  status: number,
  code: string | null,
  param: string | null,
  type = 'invalid_request_error',
): Response {
  return json(status, {
    error: { type, message: 'No.', ...(code !== null && { code }), ...(param !== null && { param }) },
  })
}
