/**
 * PayPal as far as the gateway meets it: access tokens, orders with a page where a customer approves, captures, refunds,
 * stored answers per request id, events signed under a certificate that it serves. Written from the protocol.
 */
import { randomUUID, sign } from 'node:crypto'
import { crc32 } from 'node:zlib'
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
import { type Certificate, selfSigned } from './certificate.ts'

export interface PaypalSettings {
  clientId: string
  clientSecret: string
  webhookId: string
  webhookUrl: string
  /** What a capture first is; `PENDING` money comes, or not, later. */
  captures: 'COMPLETED' | 'PENDING' | 'DECLINED'
  /** Epoch milliseconds. */
  now: () => number
}

interface Money {
  currency_code: string
  value: string
}

interface Order {
  id: string
  status: 'PAYER_ACTION_REQUIRED' | 'APPROVED' | 'COMPLETED'
  unit: { reference_id: string; custom_id: string; amount: Money }
  returnUrl: string
  cancelUrl: string
  origin: string
  capture: { id: string; status: string } | null
  refunds: { id: string; amount: Money; status: string }[]
}

export interface PaypalSimulator extends Simulator {
  /** A customer agrees on the page; no money moves. */
  approve(id: string): void
  /** How many orders there are with this mark of ours. */
  orders(ours: string): number
  /** How the money stands there. */
  order(id: string): Readonly<Order> | undefined
  /** Every order, oldest first. */
  all(): readonly Readonly<Order>[]
  /** What became of a capture that was pending, or is taken back. */
  settle(id: string, status: 'COMPLETED' | 'DECLINED'): void
  dispute(id: string, outcome?: string): void
  /** Withdraws every access token. */
  forgetTokens(): void
  readonly certificate: Certificate
}

/** PayPal takes these in whole units. */
const wholeOnly = ['HUF', 'JPY', 'TWD']
let made: Certificate | undefined

/** One for the process: making a key takes a while. */
function theCertificate(): Certificate {
  made ??= selfSigned('messageverificationcerts.paypal.simulated')
  return made
}

/** Seventeen letters and digits, as PayPal makes them. */
const newId = (): string => randomUUID().replaceAll('-', '').slice(0, 17).toUpperCase()

/** PayPal's books, and what its API, its pages and its events make of them. */
class Paypal {
  readonly settings: PaypalSettings = {
    clientId: 'simulated-client-id',
    clientSecret: 'simulated-client-secret',
    webhookId: '1JE4291016473214C',
    webhookUrl: '',
    captures: 'COMPLETED',
    now: Date.now,
  }
  readonly orders = new Map<string, Order>()
  readonly tokens = new Set<string>()
  readonly certificate = theCertificate()
  readonly simulator: Simulator

  constructor(given: Partial<PaypalSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('paypal', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  api(): Routes {
    const keyed = answersByKey('paypal-request-id', () => refusal(422, 'DUPLICATE_REQUEST_ID'))
    return {
      'POST /v1/oauth2/token': (asked) => this.grant(asked),
      'POST /v2/checkout/orders': this.authorized(keyed((asked) => this.create(asked))),
      'GET /v2/checkout/orders/:id': this.authorized(({ params }) => {
        const found = this.orders.get(params.id ?? '')
        return found ? json(200, this.view(found)) : refusal(404, 'INVALID_RESOURCE_ID')
      }),
      'POST /v2/checkout/orders/:id/capture': this.authorized(keyed((asked) => this.capture(asked))),
      'POST /v2/payments/captures/:id/refund': this.authorized(keyed((asked) => this.refund(asked))),
    }
  }

  pages(): Routes {
    return {
      'GET /v1/notifications/certs/CERT-simulated': () => new Response(this.certificate.pem),
      'GET /checkoutnow/:id': ({ params }) => {
        const found = this.orders.get(params.id ?? '')
        if (found?.status !== 'PAYER_ACTION_REQUIRED')
          return farewellPage('There is nothing to approve.', found?.returnUrl ?? '/')
        const { value, currency_code: currency } = found.unit.amount
        const choices = { pay: 'Approve', decline: 'Decline', cancel: 'Back to the shop' }
        return choicePage('PayPal, simulated', `${value} ${currency}`, choices)
      },
      'POST /checkoutnow/:id': ({ params, text }) => {
        const found = this.orders.get(params.id ?? '')
        const choice = new URLSearchParams(text).get('choice')
        if (choice === 'decline' && found) return redirect(`/checkoutnow/${found.id}`)
        if (choice === 'pay' && found?.status === 'PAYER_ACTION_REQUIRED') this.approve(found)
        return redirect((choice === 'pay' ? found?.returnUrl : found?.cancelUrl) ?? '/')
      },
    }
  }

  authorized(route: Route): Route {
    return (asked) => {
      const token = /^Bearer (.+)$/.exec(asked.request.headers.get('authorization') ?? '')?.[1] ?? ''
      return this.tokens.has(token)
        ? route(asked)
        : json(401, { error: 'invalid_token', error_description: `Token ${token} is wrong.` })
    }
  }

  grant({ request }: Asked): Response {
    const { clientId, clientSecret } = this.settings
    const given = atob(request.headers.get('authorization')?.replace('Basic ', '') ?? '')
    if (given !== `${clientId}:${clientSecret}`)
      return json(401, { error: 'invalid_client', error_description: `${given} is wrong.` })
    const token = `A21AA${randomUUID()}`
    this.tokens.add(token)
    return json(200, { access_token: token, token_type: 'Bearer', expires_in: 32_400 })
  }

  create({ url, text }: Asked): Response {
    const asked = JSON.parse(text)
    const [unit] = asked.purchase_units ?? []
    const context = asked.payment_source?.paypal?.experience_context
    const wrong = wrongAmount(unit?.amount)
    if (wrong !== null) return refusal(422, wrong)
    if (asked.intent !== 'CAPTURE' || !URL.canParse(context?.return_url))
      return refusal(400, 'INVALID_PARAMETER_VALUE')
    if (unit.custom_id?.length > 127 || unit.description?.length > 127)
      return refusal(400, 'INVALID_STRING_LENGTH')
    const made: Order = {
      id: newId(),
      status: 'PAYER_ACTION_REQUIRED',
      unit,
      returnUrl: context.return_url,
      cancelUrl: context.cancel_url,
      origin: url.origin,
      capture: null,
      refunds: [],
    }
    this.orders.set(made.id, made)
    return json(200, this.view(made))
  }

  approve(order: Order): void {
    order.status = 'APPROVED'
    this.tell(order, 'CHECKOUT.ORDER.APPROVED', this.view(order))
  }

  capture({ params }: Asked): Response {
    const order = this.orders.get(params.id ?? '')
    if (!order) return refusal(404, 'INVALID_RESOURCE_ID')
    if (order.status === 'COMPLETED') return refusal(422, 'ORDER_ALREADY_CAPTURED')
    if (order.status !== 'APPROVED') return refusal(422, 'ORDER_NOT_APPROVED')
    Object.assign(order, { status: 'COMPLETED', capture: { id: newId(), status: this.settings.captures } })
    this.tellCapture(order)
    return json(201, this.view(order))
  }

  tellCapture(order: Order): void {
    const status = order.capture?.status
    this.tell(order, `PAYMENT.CAPTURE.${status === 'DECLINED' ? 'DENIED' : status}`, this.captureView(order))
  }

  refund({ params, text }: Asked): Response {
    const order = [...this.orders.values()].find(({ capture }) => capture?.id === params.id)
    if (!order?.capture) return refusal(404, 'INVALID_RESOURCE_ID')
    const { amount, custom_id: custom } = JSON.parse(text)
    const left = Number(order.unit.amount.value) - refundedOf(order)
    const wrong = wrongAmount(amount)
    if (wrong !== null) return refusal(422, wrong)
    if (Number(amount.value) > left) return refusal(422, 'REFUND_AMOUNT_EXCEEDED')
    const made = { id: newId(), amount, status: 'COMPLETED', custom_id: custom }
    order.refunds.push(made)
    order.capture.status =
      refundedOf(order) === Number(order.unit.amount.value) ? 'REFUNDED' : 'PARTIALLY_REFUNDED'
    const view = {
      ...made,
      links: [{ rel: 'up', href: `${order.origin}/v2/payments/captures/${order.capture.id}` }],
    }
    this.tell(order, 'PAYMENT.CAPTURE.REFUNDED', view)
    return json(201, view)
  }

  told(amount: Money): Money {
    if (!this.simulator.lies()) return amount
    const step = wholeOnly.includes(amount.currency_code) ? 0 : 2
    return { ...amount, value: (Number(amount.value) - 10 ** -step).toFixed(step) }
  }

  captureView({ id, unit, capture }: Order) {
    return {
      ...capture,
      amount: this.told(unit.amount),
      custom_id: unit.custom_id,
      final_capture: true,
      supplementary_data: { related_ids: { order_id: id } },
    }
  }

  view(order: Order) {
    const { id, status, unit, origin, capture, refunds } = order
    const payments = {
      ...(capture !== null && { captures: [this.captureView(order)] }),
      ...(refunds.length > 0 && { refunds }),
    }
    return {
      id,
      intent: 'CAPTURE',
      status,
      purchase_units: [{ ...unit, amount: this.told(unit.amount), payments }],
      payer: { email_address: 'buyer@example.test', name: { given_name: 'Ani' } },
      links: [
        { rel: 'self', href: `${origin}/v2/checkout/orders/${id}`, method: 'GET' },
        { rel: 'payer-action', href: `${origin}/checkoutnow/${id}`, method: 'GET' },
      ],
    }
  }

  tell({ origin }: Order, type: string, resource: object): void {
    const { webhookUrl: url, webhookId, now } = this.settings
    const at = new Date(now()).toISOString()
    const body = JSON.stringify({ id: `WH-${newId()}`, event_type: type, create_time: at, resource })
    const id = randomUUID()
    const text = `${id}|${at}|${webhookId}|${crc32(body)}`
    const headers = {
      'content-type': 'application/json',
      'paypal-transmission-id': id,
      'paypal-transmission-time': at,
      'paypal-transmission-sig': sign('sha256', Buffer.from(text), this.certificate.privateKey).toString(
        'base64',
      ),
      'paypal-auth-algo': 'SHA256withRSA',
      'paypal-cert-url': `${origin}/v1/notifications/certs/CERT-simulated`,
    }
    this.simulator.report({ url, headers, body })
  }
}

/** PayPal, with `settings` over made-up ones. */
export function paypalSimulator(given: Partial<PaypalSettings> = {}): PaypalSimulator {
  const books = new Paypal(given)
  const order = (id: string): Order => books.orders.get(id)!
  return Object.assign(books.simulator, {
    certificate: books.certificate,
    approve: (id: string) => books.approve(order(id)),
    orders: (ours: string) => [...books.orders.values()].filter(({ unit }) => unit.custom_id === ours).length,
    order: (id: string) => books.orders.get(id),
    all: () => [...books.orders.values()],
    settle(id: string, status: 'COMPLETED' | 'DECLINED') {
      Object.assign(order(id).capture!, { status })
      books.tellCapture(order(id))
    },
    dispute(id: string, outcome?: string) {
      const told = {
        dispute_id: `PP-D-${id.slice(0, 5)}`,
        disputed_transactions: [
          { seller_transaction_id: order(id).capture?.id, custom: order(id).unit.custom_id },
        ],
        ...(outcome !== undefined && { dispute_outcome: { outcome_code: outcome } }),
      }
      books.tell(order(id), `CUSTOMER.DISPUTE.${outcome === undefined ? 'CREATED' : 'RESOLVED'}`, told)
    },
    forgetTokens: () => books.tokens.clear(),
  })
}

const refundedOf = ({ refunds }: Order): number =>
  refunds.reduce((sum, { amount }) => sum + Number(amount.value), 0)

/** PayPal's own word for what is wrong with an amount; null when nothing is. */
function wrongAmount(amount: Money | undefined): string | null {
  if (!amount || !/^[A-Z]{3}$/.test(amount.currency_code)) return 'INVALID_CURRENCY_CODE'
  if (!/^\d{1,10}(?:\.\d{2})?$/.test(amount.value) || Number(amount.value) <= 0) return 'DECIMAL_PRECISION'
  return wholeOnly.includes(amount.currency_code) && amount.value.includes('.')
    ? 'DECIMALS_NOT_SUPPORTED'
    : null
}

const refusal = (status: number, issue: string): Response =>
  json(status, { name: 'UNPROCESSABLE_ENTITY', message: 'No.', details: [{ issue, description: 'No.' }] })
