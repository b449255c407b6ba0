/**
 * The store's orders: one for each cart of a customer, kept in one file. A cart that is quoted again keeps its number, so that
 * the gateway can see to it that it is paid once, in however many tabs it stands.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Line, Priced } from './catalogue.ts'

export interface Quote {
  lines: Line[]
  /** In minor units of `currency`. */
  amount: number
  currency: string
}

export interface Order {
  id: string
  /** The token of the customer whose it is; nobody else may read it. */
  customer: string
  cartId: string
  /** RFC 3339. */
  createdAt: string
  /** What the cart was quoted at, newest last: a payment is of one of them. */
  quotes: Quote[]
  /** The payment at the gateway, once it is known. */
  paymentId?: string
}

/** A demo's book does not grow for ever: the oldest orders are forgotten. */
const mostOrders = 1_000
const mostQuotes = 20

export class Orders {
  readonly #file: string
  readonly #orders: Map<string, Order>

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    this.#file = path.join(folder, 'orders.json')
    const known: Order[] = existsSync(this.#file) ? JSON.parse(readFileSync(this.#file, 'utf8')) : []
    this.#orders = new Map(known.map((order) => [order.id, order]))
  }

  /** The order of this cart, made now if it is new, with this quote as its newest. `now` in milliseconds since the epoch. */
  quoted(customer: string, cartId: string, priced: Extract<Priced, { kind: 'priced' }>, now: number): Order {
    const { lines, amount, currency } = priced
    const quote = { lines, amount, currency }
    const known = this.of(customer).find((order) => order.cartId === cartId)
    if (known !== undefined && isSame(known.quotes.at(-1), quote)) return known
    const order = known ?? {
      id: freshNumber(),
      customer,
      cartId,
      createdAt: new Date(now).toISOString(),
      quotes: [],
    }
    order.quotes = [...order.quotes.filter((one) => !isSame(one, quote)), quote].slice(-mostQuotes)
    this.#orders.set(order.id, order)
    this.#save()
    return order
  }

  /** A customer's order; null when there is none with this number, or it is somebody else's. */
  find(customer: string, id: string): Order | null {
    const order = this.#orders.get(id)
    return order?.customer === customer ? order : null
  }

  /** A customer's orders, newest first. */
  of(customer: string): Order[] {
    return [...this.#orders.values()].filter((order) => order.customer === customer).reverse()
  }

  paidAs(order: Order, paymentId: string): void {
    order.paymentId = paymentId
    this.#save()
  }

  #save(): void {
    for (const id of this.#orders.keys()) {
      if (this.#orders.size <= mostOrders) break
      this.#orders.delete(id)
    }
    const draft = `${this.#file}.${process.pid}`
    writeFileSync(draft, JSON.stringify([...this.#orders.values()]))
    renameSync(draft, this.#file)
  }
}

const isSame = (one: Quote | undefined, other: Quote) => JSON.stringify(one) === JSON.stringify(other)

const freshNumber = () => `G-${randomBytes(6).toString('hex').toUpperCase()}`
