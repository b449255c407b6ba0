/**
 * FastShift as far as the gateway meets it: orders under our own GUIDs, a page that stands for the customer's app, and a
 * webhook and a redirect that carry a status and a number and prove neither. Written from its document v1.0.
 */
import { randomUUID } from 'node:crypto'
import {
  type Asked,
  choicePage,
  farewellPage,
  json,
  type Route,
  type Routes,
  redirect,
  type Simulator,
  simulate,
} from './base.ts'

export interface FastshiftSettings {
  token: string
  /** Epoch milliseconds. */
  now: () => number
  /** How long an order can be paid. */
  livesMs: number
  /** How a webhook's body is written: the document does not say. */
  webhookAs: 'json' | 'form'
}

type Status = 'pending' | 'completed' | 'rejected' | 'expired'

interface Order {
  said: Said
  number: string
  guid: string
  amount: number
  status: Status
  createdAt: number
  endedAt: number | null
}

interface Said {
  order_number?: unknown
  amount?: unknown
  description?: unknown
  callback_url?: unknown
  webhook_url?: unknown
  external_order_id?: unknown
}

export interface FastshiftSimulator extends Simulator {
  /** The customer confirms in the app. */
  pay(number: string): void
  reject(number: string): void
  /** How many orders there are for this order of the merchant. */
  orders(orderId: string): number
  /** Whole drams that were paid for it. */
  paid(orderId: string): number
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const YEREVAN_MS = 4 * 3_600_000

/** FastShift's books, and what its API, its page and its webhooks make of them. */
class Fastshift {
  readonly settings: FastshiftSettings = {
    ...{ token: 'simulated-token', now: Date.now, livesMs: 30 * 60_000, webhookAs: 'json' },
  }
  readonly orders = new Map<string, Order>()
  readonly simulator: Simulator

  constructor(given: Partial<FastshiftSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('fastshift', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  api(): Routes {
    return {
      'POST /api/en/vpos/order/register': this.authorized((asked) => this.register(asked)),
      'GET /api/en/vpos/order/status/:number': this.authorized(({ params }) => {
        const found = this.at(params.number)
        if (found === undefined) return json(404, { status: 'NOT_FOUND' })
        return json(200, { status: 'OK', data: { order: this.view(found), fastshift_id: '00012345' } })
      }),
    }
  }

  pages(): Routes {
    return {
      'GET /pay/:number': ({ params }) => {
        const found = this.at(params.number)
        if (found?.status !== 'pending') return farewellPage('This order is over.', this.callbackOf(found))
        const choices = { pay: 'Confirm in the app', decline: 'Reject', cancel: 'Back to the shop' }
        return choicePage('FastShift, simulated', `${found.amount} AMD`, choices)
      },
      'POST /pay/:number': ({ params, text }) => {
        const found = this.at(params.number)
        const choice = new URLSearchParams(text).get('choice')
        if (found?.status === 'pending' && choice === 'pay') this.move(found, 'completed')
        if (found?.status === 'pending' && choice === 'decline') this.move(found, 'rejected')
        return redirect(this.callbackOf(found))
      },
    }
  }

  authorized(route: Route): Route {
    return (asked) => {
      const given = asked.request.headers.get('authorization')
      if (given === null) return json(401, { status: 'UNAUTHORIZED' })
      return given === `Bearer ${this.settings.token}` ? route(asked) : json(403, { status: 'FORBIDDEN' })
    }
  }

  register({ url, text }: Asked): Response {
    const said = JSON.parse(text) as Said
    const { order_number: number, amount, description, callback_url: callback } = said
    const wrong = {
      ...(!guid.test(String(number)) && { order_number: 'It must be a GUID.' }),
      ...(!(Number.isSafeInteger(amount) && Number(amount) > 0) && { amount: `It is ${String(amount)}.` }),
      ...(!description && { description: 'It is missing.' }),
      ...(!URL.canParse(String(callback)) && { callback_url: 'It is no address.' }),
    }
    if (Object.keys(wrong).length > 0) return json(422, { status: 'INVALID_DATA', errors: wrong })
    const name = String(number)
    if (this.orders.has(name)) return json(400, { status: 'ERROR', message: `Order ${name} exists.` })
    const now = this.settings.now()
    const made: Order = {
      ...{ said, number: name, guid: randomUUID(), amount: Number(amount), status: 'pending' },
      ...{ createdAt: now, endedAt: null },
    }
    this.orders.set(name, made)
    return json(200, {
      status: 'OK',
      data: { order: this.view(made), redirect_url: `${url.origin}/pay/${name}` },
    })
  }

  /** The order as time has made it. */
  at(number: string | undefined): Order | undefined {
    const found = this.orders.get(number ?? '')
    const isOver =
      found?.status === 'pending' && this.settings.now() >= found.createdAt + this.settings.livesMs
    if (isOver) this.move(found, 'expired')
    return found
  }

  move(order: Order, status: Status): void {
    Object.assign(order, { status, endedAt: this.settings.now() })
    const told = { status, order_number: order.number }
    const asJson = this.settings.webhookAs === 'json'
    this.simulator.report({
      url: String(order.said.webhook_url ?? ''),
      headers: { 'content-type': asJson ? 'application/json' : 'application/x-www-form-urlencoded' },
      body: asJson ? JSON.stringify(told) : new URLSearchParams(told).toString(),
    })
  }

  callbackOf(order: Order | undefined): string {
    if (order === undefined) return '/'
    const callback = new URL(String(order.said.callback_url))
    callback.searchParams.set('status', order.status)
    callback.searchParams.set('order_number', order.number)
    return callback.href
  }

  view({ said, number, guid: theirs, amount, status, createdAt, endedAt }: Order) {
    return {
      ...{ order_number: number, order_guid: theirs, description: said.description, status },
      amount: this.simulator.lies() ? amount - 1 : amount,
      created_at: local(createdAt),
      completed_at: endedAt === null ? null : local(endedAt),
      expires_at: local(createdAt + this.settings.livesMs),
      ...{ account_guid: null, external_order_id: said.external_order_id ?? null },
    }
  }
}

/** FastShift, with `settings` over made-up ones. */
export function fastshiftSimulator(given: Partial<FastshiftSettings> = {}): FastshiftSimulator {
  const books = new Fastshift(given)
  const pending = (number: string): Order => {
    const found = books.at(number)
    if (found?.status !== 'pending') throw new Error(`Order ${number} cannot be paid.`)
    return found
  }
  const of = (orderId: string) =>
    [...books.orders.values()].filter(({ said }) => said.external_order_id === orderId)
  return Object.assign(books.simulator, {
    pay: (number: string) => books.move(pending(number), 'completed'),
    reject: (number: string) => books.move(pending(number), 'rejected'),
    orders: (orderId: string) => of(orderId).length,
    paid: (orderId: string) =>
      of(orderId).reduce((sum, { status, amount }) => sum + (status === 'completed' ? amount : 0), 0),
  })
}

/** As the document shows dates, without a zone; whose they are it does not say, so they are Yerevan's. */
const local = (at: number) => new Date(at + YEREVAN_MS).toISOString().slice(0, 19).replace('T', ' ')
