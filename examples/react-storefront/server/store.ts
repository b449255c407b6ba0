/**
 * The store's back end: quotes carts for the gateway, shows customers their orders, and serves the pages. It knows the
 * secret key and uses the gateway's public interface, and nothing of the gateway's own code.
 */
import { catalogue, currencies, mostOfEach } from './catalogue.ts'
import { type Order, Orders } from './orders.ts'
import { pagesOf } from './pages.ts'
import { answerQuote, customerOf } from './quote.ts'

export interface StoreSetup {
  /** The gateway's origin. */
  gateway: string
  publishableKey: string
  secretKey: string
  orderSigningSecret: string
  /** What customers may choose to pay with. */
  methods: Method[]
  /** Where orders are kept. */
  folder: string
  /** The built pages. */
  pages: string
  /** Milliseconds since the epoch. */
  now(): number
  /** What each business system has received of a payment; the demo shows it to whoever tries it. */
  heard?(paymentId: string): Record<string, string[]>
}

export interface Method {
  /** The connection at the gateway. */
  id: string
  name: string
  /** Upper-case ISO 4217 codes that can be paid there, or 'any'. */
  currencies: readonly string[] | 'any'
}

/** Answers a request, or null when it is none of the store's. */
export type Store = (request: Request) => Promise<Response | null>

const timeoutMs = 10_000

export function storeOf(setup: StoreSetup): Store {
  const orders = new Orders(setup.folder)
  const page = pagesOf(setup.pages, setup.gateway)
  const { gateway, publishableKey, methods, orderSigningSecret, now } = setup
  return async (request) => {
    const { pathname } = new URL(request.url)
    const route = `${request.method} ${pathname}`
    if (route === 'POST /api/quote') return answerQuote({ orders, orderSigningSecret, now }, request)
    if (route === 'GET /api/store')
      return Response.json({ gateway, publishableKey, methods, catalogue, currencies, mostOfEach })
    if (request.method === 'GET' && pathname.startsWith('/api/orders'))
      return showOrders(setup, orders, request)
    return request.method === 'GET' || request.method === 'HEAD' ? page(pathname) : null
  }
}

async function showOrders(setup: StoreSetup, orders: Orders, request: Request): Promise<Response> {
  const customer = customerOf(request)
  if (customer === null) return Response.json({ error: 'Send the customer’s token.' }, { status: 401 })
  const [, id] = /^\/api\/orders\/([\w.-]+)$/.exec(new URL(request.url).pathname) ?? []
  if (id === undefined) return Response.json({ data: orders.of(customer).slice(0, 50).map(viewOf) })
  const order = orders.find(customer, id)
  if (order === null) return Response.json({ error: 'There is no such order.' }, { status: 404 })
  const payment = await paymentOf(setup, orders, order)
  return Response.json({ ...viewOf(order), ...(payment !== null && paidView(order, payment, setup)) })
}

const viewOf = (order: Order) => {
  const { id, createdAt } = order
  return { id, createdAt, ...order.quotes.at(-1) }
}

interface Payment {
  id: string
  status: string
  amount: number
  currency: string
  provider: string | null
  amount_refunded: number
}

/** A cart may have been quoted again since: what the payment is of is what the order shows. */
function paidView(order: Order, payment: Payment, { heard }: StoreSetup) {
  const { id, status, amount, currency, provider, amount_refunded } = payment
  const quote = order.quotes.findLast((one) => one.amount === amount && one.currency === currency)
  return { ...quote, payment: { id, status, provider, amount_refunded }, heard: heard?.(id) ?? {} }
}

/** The order's payment as the gateway knows it now; null while there is none, or the gateway does not answer. */
async function paymentOf(setup: StoreSetup, orders: Orders, order: Order): Promise<Payment | null> {
  if (order.paymentId !== undefined) return ask<Payment>(setup, `/v1/payments/${order.paymentId}`)
  const found = await ask<{ data: Payment[] }>(setup, `/v1/payments?order_id=${order.id}`)
  const payment = found?.data[0]
  if (payment === undefined) return null
  orders.paidAs(order, payment.id)
  return payment
}

async function ask<T>({ gateway, secretKey }: StoreSetup, path: string): Promise<T | null> {
  try {
    const headers = { authorization: `Bearer ${secretKey}` }
    const answer = await fetch(`${gateway}${path}`, { headers, signal: AbortSignal.timeout(timeoutMs) })
    return answer.ok ? ((await answer.json()) as T) : null
  } catch {
    return null
  }
}
