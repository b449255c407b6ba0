/**
 * Mollie as far as the gateway meets it: payments with a page, holds, captures, refunds that take their time, chargebacks,
 * answers kept per idempotency key, and webhooks that say no more than an id. Written from the protocol, with Mollie's own
 * refusals of amounts that are no texts or have other decimals than their currency.
 */
import { randomUUID } from 'node:crypto'
import { decimalOf, exponentOf, minorUnitsOf } from '../../src/domain/money.ts'
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

export interface MollieSettings {
  apiKey: string
  /** Epoch milliseconds. */
  now: () => number
  /** Whether an open payment can be canceled over the API: only few methods let anybody do so. */
  cancelable: boolean
  /** Captures and releases are accepted, and done when `settle` says so. */
  slow: boolean
  /** A refund is pending for so long, unless `settle` comes first. */
  refundsAfterMs: number
}

type Status = 'open' | 'pending' | 'authorized' | 'paid' | 'canceled' | 'expired' | 'failed'

interface Refund {
  id: string
  amount: number
  status: 'pending' | 'refunded' | 'failed' | 'canceled'
  at: number
}

interface Payment {
  id: string
  status: Status
  amount: number
  currency: string
  said: Said
  createdAt: number
  authorizedAt: number | null
  releasing: boolean
  captures: { id: string; amount: number; status: 'pending' | 'succeeded' | 'failed' }[]
  refunds: Refund[]
  chargebacks: { id: string; amount: number; reversedAt: string | null }[]
}

interface Said {
  amount?: { currency?: unknown; value?: unknown }
  description?: string
  redirectUrl?: string
  webhookUrl?: string
  captureMode?: string
  metadata?: Record<string, unknown>
}

export interface MollieSimulator extends Simulator {
  /** A customer pays on the page: captured, or held where it is captured later. */
  pay(id: string): void
  /** How many payments there are for this session of ours. */
  payments(sessionId: string): number
  /** What was slow is done now, or fails. */
  settle(id: string, how?: 'well' | 'badly'): void
  chargeBack(id: string): void
  reverse(id: string): void
  /** What was taken and given back there, in minor units. */
  moved(id: string): { captured: number; refunded: number; status: string }
}

const LIVES_MS = 30 * 60_000

/** Mollie's books, and what its API, its pages and its webhooks make of them. */
class Mollie {
  readonly settings: MollieSettings = {
    ...{ apiKey: 'test_simulatedSimulatedSimulated01', now: Date.now, cancelable: true, slow: false },
    refundsAfterMs: 2_000,
  }
  readonly payments = new Map<string, Payment>()
  readonly simulator: Simulator

  constructor(given: Partial<MollieSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('mollie', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  api(): Routes {
    const keyed = answersByKey('idempotency-key', () => refusal(400, 'Bad Request'))
    const of = (route: (payment: Payment, asked: Asked) => Response): Route =>
      this.authorized((asked) => {
        const found = this.payments.get(asked.params.id ?? '')
        return found === undefined ? refusal(404, 'Not Found') : route(this.current(found), asked)
      })
    return {
      'POST /v2/payments': this.authorized(keyed((asked) => this.create(asked))),
      'GET /v2/payments': this.authorized(({ url }) => {
        const some = [...this.payments.values()]
          .reverse()
          .slice(0, Number(url.searchParams.get('limit') ?? 50))
        const embedded = { payments: some.map((one) => this.view(one, url)) }
        return json(200, { count: some.length, _embedded: embedded, _links: {} })
      }),
      'GET /v2/payments/:id': of((payment, { url }) => json(200, this.view(payment, url))),
      'DELETE /v2/payments/:id': of((payment, { url }) => this.cancel(payment, url)),
      'POST /v2/payments/:id/captures': keyed(of((payment, asked) => this.capture(payment, asked))),
      'POST /v2/payments/:id/refunds': keyed(of((payment, asked) => this.refund(payment, asked))),
      'POST /v2/payments/:id/release-authorization': keyed(of((payment) => this.release(payment))),
    }
  }

  pages(): Routes {
    const at = (params: Record<string, string>) => {
      const found = this.payments.get(params.id ?? '')
      return found === undefined ? undefined : this.current(found)
    }
    return {
      'GET /checkout/:id': ({ params }) => {
        const found = at(params)
        if (found?.status !== 'open')
          return farewellPage('This payment is over.', found?.said.redirectUrl ?? '/')
        const text = `${decimalOf(found.amount, found.currency)} ${found.currency}`
        const choices = { pay: 'Pay', decline: 'Decline', cancel: 'Cancel', expire: 'Let it expire' }
        return choicePage('Mollie, simulated', text, choices)
      },
      'POST /checkout/:id': ({ params, text }) => {
        const found = at(params)
        const ends: Record<string, Status> = { decline: 'failed', cancel: 'canceled', expire: 'expired' }
        const choice = new URLSearchParams(text).get('choice') ?? ''
        const end = ends[choice]
        if (found?.status === 'open' && choice === 'pay') this.pay(found)
        if (found?.status === 'open' && end !== undefined) this.move(found, end)
        return redirect(found?.said.redirectUrl ?? '/')
      },
    }
  }

  authorized(route: Route): Route {
    return (asked) =>
      asked.request.headers.get('authorization') === `Bearer ${this.settings.apiKey}`
        ? route(asked)
        : refusal(401, 'Unauthorized Request')
  }

  create({ url, text }: Asked): Response {
    const said = JSON.parse(text) as Said
    const amount = amountIn(said.amount)
    if (amount === 'currency') return refusal(422, 'Unprocessable Entity', 'amount.currency')
    if (amount === 'value' || amount < 1) return refusal(422, 'Unprocessable Entity', 'amount')
    for (const field of ['description', 'redirectUrl'] as const)
      if (!said[field]) return refusal(422, 'Unprocessable Entity', field)
    const made: Payment = {
      id: `tr_${unique()}`,
      status: 'open',
      amount,
      currency: String(said.amount?.currency),
      said,
      createdAt: this.settings.now(),
      authorizedAt: null,
      releasing: false,
      ...{ captures: [], refunds: [], chargebacks: [] },
    }
    this.payments.set(made.id, made)
    return json(201, this.view(made, url))
  }

  /** The payment as time has made it. */
  current(payment: Payment): Payment {
    const now = this.settings.now()
    if (payment.status === 'open' && now >= payment.createdAt + LIVES_MS) this.move(payment, 'expired')
    for (const refund of payment.refunds)
      if (refund.status === 'pending' && now >= refund.at + this.settings.refundsAfterMs)
        refund.status = 'refunded'
    return payment
  }

  pay(payment: Payment): void {
    const isHeld = payment.said.captureMode === 'manual'
    if (isHeld) payment.authorizedAt = this.settings.now()
    this.move(payment, isHeld ? 'authorized' : 'paid')
  }

  cancel(payment: Payment, url: URL): Response {
    if (payment.status !== 'open' || !this.settings.cancelable) return refusal(422, 'Unprocessable Entity')
    this.move(payment, 'canceled')
    return json(200, this.view(payment, url))
  }

  release(payment: Payment): Response {
    if (payment.status !== 'authorized') return refusal(422, 'Unprocessable Entity')
    if (this.settings.slow) payment.releasing = true
    else this.move(payment, 'canceled')
    return new Response(null, { status: 202 })
  }

  capture(payment: Payment, { text }: Asked): Response {
    const said = JSON.parse(text) as Said
    const amount = said.amount === undefined ? payment.amount : amountIn(said.amount)
    if (payment.status !== 'authorized') return refusal(422, 'Unprocessable Entity')
    if (typeof amount === 'string' || amount > payment.amount || said.amount?.currency !== payment.currency)
      return refusal(422, 'Unprocessable Entity', 'amount')
    const made = { id: `cpt_${unique()}`, amount, status: 'pending' as Payment['captures'][number]['status'] }
    payment.captures.push(made)
    if (!this.settings.slow) {
      made.status = 'succeeded'
      this.move(payment, 'paid')
    }
    const { id, status } = made
    return json(201, {
      resource: 'capture',
      id,
      status,
      amount: this.told(amount, payment.currency),
      _links: {},
    })
  }

  refund(payment: Payment, { text }: Asked): Response {
    const said = JSON.parse(text) as Said
    const amount = amountIn(said.amount)
    if (payment.status !== 'paid') return refusal(422, 'Unprocessable Entity')
    if (typeof amount === 'string' || amount < 1 || amount > capturedOf(payment) - givenOf(payment))
      return refusal(422, 'Unprocessable Entity', 'amount')
    const made: Refund = { id: `re_${unique()}`, amount, status: 'pending', at: this.settings.now() }
    payment.refunds.push(made)
    this.tellLater(payment, made)
    return json(201, this.refundView(made, payment))
  }

  /** Mollie calls the webhook on refund changes too. Under a test's own clock the refund is still pending by then. */
  tellLater(payment: Payment, refund: Refund): void {
    const tell = () => {
      if (this.current(payment) && refund.status === 'refunded') this.call(payment)
    }
    setTimeout(tell, this.settings.refundsAfterMs + 50).unref()
  }

  settle(payment: Payment, how: 'well' | 'badly'): void {
    for (const one of payment.captures)
      if (one.status === 'pending') {
        one.status = how === 'well' ? 'succeeded' : 'failed'
        if (how === 'well') payment.status = 'paid'
      }
    for (const one of payment.refunds)
      if (one.status === 'pending') one.status = how === 'well' ? 'refunded' : 'failed'
    if (payment.releasing && how === 'well') payment.status = 'canceled'
    payment.releasing = false
    this.call(payment)
  }

  move(payment: Payment, status: Status): void {
    payment.status = status
    this.call(payment)
  }

  /** The webhook: an id, and nothing to believe. */
  call({ id, said }: Payment): void {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    this.simulator.report({ url: said.webhookUrl ?? '', headers, body: `id=${id}` })
  }

  told(amount: number, currency: string) {
    return { currency, value: decimalOf(this.simulator.lies() ? Math.max(0, amount - 1) : amount, currency) }
  }

  view(payment: Payment, url: URL) {
    const { id, status, amount, currency, said, createdAt, authorizedAt, captures, chargebacks } = payment
    const embed = (url.searchParams.get('embed') ?? '').split(',')
    const isTaken = status === 'paid'
    const isOpen = status === 'open'
    const money = (of: number) => this.told(of, currency)
    const back = chargebacks.filter(({ reversedAt }) => reversedAt === null)
    return {
      ...{
        resource: 'payment',
        id,
        mode: 'test',
        status,
        amount: money(amount),
        metadata: said.metadata ?? null,
      },
      ...{ description: said.description, redirectUrl: said.redirectUrl, webhookUrl: said.webhookUrl },
      ...{ captureMode: said.captureMode ?? 'automatic', createdAt: iso(createdAt) },
      ...(isOpen && { isCancelable: this.settings.cancelable, expiresAt: iso(createdAt + LIVES_MS) }),
      ...(authorizedAt !== null && { authorizedAt: iso(authorizedAt) }),
      ...(captures.length > 0 && { amountCaptured: money(capturedOf(payment)) }),
      ...(isTaken && { amountRefunded: money(givenOf(payment)) }),
      ...(isTaken && { amountRemaining: money(capturedOf(payment) - givenOf(payment)) }),
      ...(back.length > 0 && { amountChargedBack: money(back.reduce((sum, one) => sum + one.amount, 0)) }),
      _links: { ...(isOpen && { checkout: { href: `${url.origin}/checkout/${id}`, type: 'text/html' } }) },
      _embedded: {
        ...(embed.includes('captures') && {
          captures: captures.map((one) => ({ resource: 'capture', ...one, amount: money(one.amount) })),
        }),
        ...(embed.includes('refunds') && {
          refunds: payment.refunds.map((one) => this.refundView(one, payment)),
        }),
        ...(embed.includes('chargebacks') && {
          chargebacks: chargebacks.map((one) => ({
            resource: 'chargeback',
            ...one,
            amount: money(one.amount),
          })),
        }),
      },
    }
  }

  refundView({ id, amount, status, at }: Refund, payment: Payment) {
    const of = { paymentId: payment.id, createdAt: iso(at), _links: {} }
    return { resource: 'refund', id, status, amount: this.told(amount, payment.currency), ...of }
  }
}

/** Mollie, with `settings` over made-up ones. */
export function mollieSimulator(given: Partial<MollieSettings> = {}): MollieSimulator {
  const mollie = new Mollie(given)
  const at = (id: string): Payment => {
    const found = mollie.payments.get(id)
    if (found === undefined) throw new Error(`There is no payment ${id}.`)
    return found
  }
  return Object.assign(mollie.simulator, {
    pay: (id: string) => mollie.pay(at(id)),
    payments: (sessionId: string) =>
      [...mollie.payments.values()].filter(({ said }) => said.metadata?.session_id === sessionId).length,
    settle: (id: string, how: 'well' | 'badly' = 'well') => mollie.settle(at(id), how),
    chargeBack(id: string) {
      at(id).chargebacks.push({ id: `chb_${unique()}`, amount: capturedOf(at(id)), reversedAt: null })
      mollie.call(at(id))
    },
    reverse(id: string) {
      for (const one of at(id).chargebacks) one.reversedAt = iso(mollie.settings.now())
      mollie.call(at(id))
    },
    moved: (id: string) => ({
      captured: capturedOf(at(id)),
      refunded: givenOf(at(id)),
      status: at(id).status,
    }),
  })
}

const unique = () => randomUUID().replaceAll('-', '').slice(0, 22)
const iso = (at: number) => new Date(at).toISOString().replace('.000Z', '+00:00')

function capturedOf({ status, amount, captures }: Payment): number {
  const taken = captures.filter((one) => one.status === 'succeeded')
  if (captures.length > 0) return taken.reduce((sum, one) => sum + one.amount, 0)
  return status === 'paid' ? amount : 0
}

const givenOf = ({ refunds }: Payment): number =>
  refunds
    .filter(({ status }) => status === 'pending' || status === 'refunded')
    .reduce((sum, { amount }) => sum + amount, 0)

/** Mollie takes a text with exactly the currency's decimals, or nothing. */
function amountIn(said: Said['amount']): number | 'currency' | 'value' {
  const { currency, value } = said ?? {}
  const exponent = typeof currency === 'string' ? exponentOf(currency) : undefined
  if (exponent === undefined) return 'currency'
  const shape = exponent === 0 ? /^\d+$/ : new RegExp(`^\\d+\\.\\d{${exponent}}$`)
  if (typeof value !== 'string' || !shape.test(value)) return 'value'
  return minorUnitsOf(value, String(currency)) ?? 'value'
}

function refusal(status: number, title: string, field?: string): Response {
  const documentation = { href: 'https://docs.mollie.com/overview/handling-errors', type: 'text/html' }
  const detail = `No, and we quote you: ${field ?? title}`
  return json(status, {
    status,
    title,
    detail,
    ...(field !== undefined && { field }),
    _links: { documentation },
  })
}
