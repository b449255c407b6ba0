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
  type Routes,
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
  /** Minor units, over all checkouts that were ever made. */
  moved(): { captured: number; refunded: number }
  dispute(id: string, status: string): void
}

const threeDecimal = 'BHD JOD KWD OMR TND'.split(' ')
const wholeOnly = ['ISK', 'UGX']

/** Stripe's books, and what its API, its pages and its events make of them. */
class Stripe {
  readonly settings: StripeSettings = {
    secretKey: 'sk_test_simulated',
    webhookUrl: '',
    webhookSecret: 'whsec_simulated',
    now: Date.now,
  }
  readonly checkouts = new Map<string, Checkout>()
  readonly simulator: Simulator

  constructor(given: Partial<StripeSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('stripe', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  api(): Routes {
    const keyed = answersByKey('idempotency-key', () => refusal(400, null, null, 'idempotency_error'))
    return {
      'POST /v1/checkout/sessions': this.authorized(keyed((asked) => this.create(asked))),
      'GET /v1/checkout/sessions': this.authorized(({ url }) => {
        const all = [...this.checkouts.values()].reverse()
        const data = all.slice(0, Number(url.searchParams.get('limit') ?? 10))
        return json(200, { object: 'list', data: data.map((one) => this.checkoutView(one, url)) })
      }),
      'GET /v1/checkout/sessions/:id': this.authorized(({ url, params }) => {
        const found = this.checkouts.get(params.id ?? '')
        return found ? json(200, this.checkoutView(found, url)) : refusal(404, 'resource_missing', 'id')
      }),
      'POST /v1/checkout/sessions/:id/expire': this.authorized(keyed((asked) => this.expire(asked))),
      'POST /v1/payment_intents/:id/capture': this.authorized(keyed((asked) => this.capture(asked))),
      'POST /v1/payment_intents/:id/cancel': this.authorized(keyed((asked) => this.cancel(asked))),
      'POST /v1/refunds': this.authorized(keyed((asked) => this.refund(asked))),
    }
  }

  pages(): Routes {
    return {
      'GET /c/pay/:id': ({ params }) => {
        const found = this.checkouts.get(params.id ?? '')
        if (found?.status !== 'open') return farewellPage('This checkout is over.', successOf(found))
        const text = `${found.amount} ${found.currency.toUpperCase()} (in Stripe's units)`
        return choicePage('Stripe, simulated', text, {
          pay: 'Pay',
          decline: 'Decline',
          cancel: 'Back to the shop',
        })
      },
      'POST /c/pay/:id': ({ params, text }) => {
        const found = this.checkouts.get(params.id ?? '')
        const choice = new URLSearchParams(text).get('choice')
        if (choice === 'pay' && found?.status === 'open') this.pay(found)
        if (choice === 'decline' && found?.status === 'open') {
          const event = { id: `pi_${found.id}`, object: 'payment_intent', status: 'requires_payment_method' }
          this.tell('payment_intent.payment_failed', { ...event, ...marks(found) })
          return redirect(`/c/pay/${found.id}`)
        }
        return redirect(successOf(found))
      },
    }
  }

  authorized(route: Route): Route {
    return (asked) =>
      asked.request.headers.get('authorization') === `Bearer ${this.settings.secretKey}`
        ? route(asked)
        : json(401, {
            error: {
              type: 'invalid_request_error',
              message: `Invalid API Key: ${asked.request.headers.get('authorization')}`,
            },
          })
  }

  create({ url, text }: Asked): Response {
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
      expiresAt: Math.floor(this.settings.now() / 1_000) + 86_400,
      intent: null,
    }
    this.checkouts.set(made.id, made)
    return json(200, this.checkoutView(made, url))
  }

  expire({ url, params }: Asked): Response {
    const found = this.checkouts.get(params.id ?? '')
    if (!found) return refusal(404, 'resource_missing', 'id')
    if (found.status !== 'open') return refusal(400, null, null)
    found.status = 'expired'
    this.tell('checkout.session.expired', this.checkoutView(found, url))
    return json(200, this.checkoutView(found, url))
  }

  pay(found: Checkout): void {
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
    this.tell(
      isHeld ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded',
      this.intentView(found.intent),
    )
    this.tell('checkout.session.completed', this.checkoutView(found, new URL('http://stripe.invalid')))
  }

  capture({ params, text }: Asked): Response {
    const intent = this.intentBy(params.id)
    if (!intent) return refusal(404, 'resource_missing', 'intent')
    const amount = Number(new URLSearchParams(text).get('amount_to_capture') ?? intent.checkout.amount)
    if (intent.status !== 'requires_capture') return refusal(400, 'payment_intent_unexpected_state', null)
    if (amount > intent.checkout.amount) return refusal(400, 'amount_too_large', 'amount_to_capture')
    Object.assign(intent, { status: 'succeeded', captured: amount })
    this.tell('payment_intent.succeeded', this.intentView(intent))
    return json(200, this.intentView(intent))
  }

  cancel({ params }: Asked): Response {
    const intent = this.intentBy(params.id)
    if (!intent) return refusal(404, 'resource_missing', 'intent')
    if (intent.status !== 'requires_capture') return refusal(400, 'payment_intent_unexpected_state', null)
    intent.status = 'canceled'
    this.tell('payment_intent.canceled', this.intentView(intent))
    return json(200, this.intentView(intent))
  }

  refund({ text }: Asked): Response {
    const form = new URLSearchParams(text)
    const intent = this.intentBy(form.get('payment_intent') ?? '')
    if (!intent) return refusal(404, 'resource_missing', 'payment_intent')
    const left = intent.captured - refundedOf(intent)
    const amount = Number(form.get('amount') ?? left)
    if (amount > left || amount < 1)
      return refusal(400, left === 0 ? 'charge_already_refunded' : null, 'amount')
    const id = `re_${randomUUID().replaceAll('-', '').slice(0, 24)}`
    intent.refunds.push({ id, amount })
    this.tell('charge.refunded', this.chargeView(intent))
    const { currency } = intent.checkout
    const made = { id, object: 'refund', amount, currency, status: 'succeeded', payment_intent: intent.id }
    const session = form.get('metadata[session_id]')
    const metadata = session === null ? {} : { session_id: session }
    this.tell('refund.created', { ...made, charge: intent.chargeId, metadata })
    const isExpanded = form.get('expand[0]') === 'charge'
    return json(200, { ...made, metadata, charge: isExpanded ? this.chargeView(intent) : intent.chargeId })
  }

  intentBy(id: string | undefined): Intent | undefined {
    return (
      [...this.checkouts.values()].map(({ intent }) => intent).find((intent) => intent?.id === id) ??
      undefined
    )
  }

  told(amount: number): number {
    return this.simulator.lies() ? amount - 1 : amount
  }

  checkoutView(checkout: Checkout, url: URL) {
    const { id, form, status, intent, currency, amount, expiresAt } = checkout
    // `expand[]` and `expand[0]` are the same to Stripe.
    const isExpanded = [...url.searchParams].some(
      ([name, what]) => name.startsWith('expand[') && what.startsWith('payment_intent'),
    )
    return {
      id,
      object: 'checkout.session',
      url: status === 'open' ? `${url.origin}/c/pay/${id}` : null,
      status,
      payment_status: intent?.status === 'succeeded' ? 'paid' : 'unpaid',
      amount_total: this.told(amount),
      currency,
      expires_at: expiresAt,
      client_reference_id: form.get('client_reference_id'),
      payment_intent: intent === null ? null : isExpanded ? this.intentView(intent, true) : intent.id,
      metadata: metadataIn(form, 'metadata'),
    }
  }

  intentView(intent: Intent, isExpanded = false) {
    const { id, status, captured, checkout, chargeId } = intent
    return {
      id,
      object: 'payment_intent',
      status,
      amount: checkout.amount,
      amount_received: this.told(captured),
      amount_capturable: status === 'requires_capture' ? this.told(checkout.amount) : 0,
      currency: checkout.currency,
      latest_charge: isExpanded ? this.chargeView(intent) : chargeId,
      ...marks(checkout),
    }
  }

  chargeView(intent: Intent) {
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

  tell(type: string, object: object): void {
    const created = Math.floor(this.settings.now() / 1_000)
    const body = JSON.stringify({
      id: `evt_${randomUUID().replaceAll('-', '')}`,
      object: 'event',
      created,
      livemode: false,
      type,
      data: { object },
    })
    const signature = createHmac('sha256', this.settings.webhookSecret)
      .update(`${created}.${body}`)
      .digest('hex')
    const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${created},v1=${signature}` }
    this.simulator.report({ url: this.settings.webhookUrl, headers, body })
  }
}

/** Stripe, with `settings` over made-up ones. */
export function stripeSimulator(given: Partial<StripeSettings> = {}): StripeSimulator {
  const stripe = new Stripe(given)
  return Object.assign(stripe.simulator, {
    pay: (id: string) => stripe.pay(stripe.checkouts.get(id)!),
    checkouts: (ours: string) =>
      [...stripe.checkouts.values()].filter(({ form }) => form.get('client_reference_id') === ours).length,
    moved() {
      const intents = [...stripe.checkouts.values()].flatMap(({ intent }) => intent ?? [])
      return {
        captured: intents.reduce((sum, { captured }) => sum + captured, 0),
        refunded: intents.reduce((sum, intent) => sum + refundedOf(intent), 0),
      }
    },
    dispute(id: string, status: string) {
      const intent = stripe.checkouts.get(id)?.intent
      if (!intent) throw new Error('Nothing was paid there.')
      intent.disputed = true
      const of = { payment_intent: intent.id, charge: intent.chargeId, amount: intent.captured }
      const type = ['won', 'lost'].includes(status) ? 'charge.dispute.closed' : 'charge.dispute.created'
      stripe.tell(type, { id: `dp_${intent.id.slice(3)}`, object: 'dispute', status, ...of })
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
