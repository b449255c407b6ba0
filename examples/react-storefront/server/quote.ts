/** The store's answer to the gateway's question what a cart costs. Only the gateway can ask: it signs what it sends. */
import { Webhook } from 'standardwebhooks'
import { priced } from './catalogue.ts'
import type { Orders } from './orders.ts'

interface QuoteDesk {
  orders: Orders
  /** The merchant's order-signing secret, as it is. */
  orderSigningSecret: string
  /** Milliseconds since the epoch. */
  now(): number
}

/** Answers one question: 200 with the order, 422 with the reason why not, 401 to whoever is not the gateway. */
export async function answerQuote(desk: QuoteDesk, request: Request): Promise<Response> {
  const body = await request.text()
  try {
    new Webhook(desk.orderSigningSecret, { format: 'raw' }).verify(body, Object.fromEntries(request.headers))
  } catch {
    return Response.json(
      { error: 'Only the gateway may ask, signed with the order-signing secret.' },
      { status: 401 },
    )
  }
  const customer = customerOf(request)
  const cart = JSON.parse(body) as { cart_id?: unknown; currency?: unknown; items?: unknown }
  if (customer === null || typeof cart.cart_id !== 'string' || !/^[\w-]{1,64}$/.test(cart.cart_id))
    return no('no_cart', 'The cart has no number, or the customer is unknown.')
  const price = priced(cart)
  if (price.kind === 'refused') return no(price.reason, price.message)
  const order = desk.orders.quoted(customer, cart.cart_id, price, desk.now())
  const description = price.lines.map(({ sku, count }) => `${count} × ${sku}`).join(', ')
  const { amount, currency } = price
  return Response.json({ allowed: true, order_id: order.id, amount, currency, description })
}

const no = (reason: string, message: string) =>
  Response.json({ allowed: false, reason, message }, { status: 422 })

/** Whose request it is: in this store a customer is whoever holds the token that their browser made up. */
export function customerOf(request: Request): string | null {
  return /^Bearer ([\w-]{20,100})$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? null
}
