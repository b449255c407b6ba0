/**
 * A BPC payment gateway, as ArCa iPay and several banks run it: orders registered under the merchant's own numbers, a page
 * to pay at, deposits, reversals, refunds, and, where the bank has switched them on, signed callbacks.
 */
import { createHmac, randomUUID } from 'node:crypto'
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

export interface ArcaSettings {
  username: string
  password: string
  /** Where the bank calls back to, and the key it signs with; empty where it does neither. */
  callbackUrl: string
  callbackKey: string
  /** Whether the status tells sums (`paymentAmountInfo`), single refunds, or neither; it is the merchant's setting there. */
  tells: 'sums' | 'refunds' | 'nothing'
  /** Epoch milliseconds. */
  now: () => number
}

interface Order {
  mdOrder: string
  orderNumber: string
  amount: number
  currency: string
  returnUrl: string
  isTwoStage: boolean
  endsAt: number
  status: number
  actionCode: number
  paidAt: number
  deposited: number
  refunds: { amount: number; date: number; referenceNumber: string }[]
}

export interface ArcaSimulator extends Simulator {
  /** A customer pays on the page: deposited, or held where it was registered as two-stage. By either id. */
  pay(id: string): void
  /** How many orders were registered under numbers that begin so. */
  orders(prefix: string): number
  /** What has moved: taken and given back, minor units. */
  books(id: string): { deposited: number; refunded: number; status: number }
  /** The same over all orders. */
  moved(): { captured: number; refunded: number }
  /** Somebody at the bank does what no call of ours did. */
  byHand(id: string, change: Partial<Pick<Order, 'status' | 'actionCode' | 'deposited'>>): void
}

const MAX_SECONDS = 1_200
/** Armenia has no summer time. */
const YEREVAN_MS = 4 * 3_600_000

class Arca {
  readonly settings: ArcaSettings = {
    username: 'shop-api',
    password: 'simulated',
    callbackUrl: '',
    callbackKey: '',
    tells: 'sums',
    now: Date.now,
  }
  readonly orders: Order[] = []
  readonly simulator: Simulator

  constructor(given: Partial<ArcaSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('arca', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  api(): Routes {
    const at = (name: string, route: (form: URLSearchParams, asked: Asked) => Response): [string, Route] => [
      `POST /payment/rest/${name}`,
      (asked) => {
        const form = new URLSearchParams(asked.text)
        const { username, password } = this.settings
        const isKnown = form.get('userName') === username && form.get('password') === password
        return isKnown ? route(form, asked) : error(5, `Access denied: ${form.get('password')}`)
      },
    ]
    return Object.fromEntries([
      at('register.do', (form, asked) => this.register(form, asked, false)),
      at('registerPreAuth.do', (form, asked) => this.register(form, asked, true)),
      at('getOrderStatusExtended.do', (form) => {
        const order = this.by(form.get('orderId') ?? form.get('orderNumber') ?? '')
        return order === undefined ? error(6, 'Unknown order') : json(200, this.view(order))
      }),
      at('deposit.do', (form) => this.command(form, (order) => this.deposit(order, form))),
      at('reverse.do', (form) => this.command(form, (order) => this.reverse(order))),
      at('refund.do', (form) => this.command(form, (order) => this.refund(order, form))),
    ])
  }

  pages(): Routes {
    return {
      'GET /payment/merchants/pay.html': ({ url }) => {
        const order = this.by(url.searchParams.get('mdOrder') ?? '')
        if (order?.status !== 0) return farewellPage('This order is over.', backOf(order))
        const text = `${order.amount} minor units of currency ${order.currency}`
        return choicePage('ArCa iPay, simulated', text, {
          pay: 'Pay',
          decline: 'Decline for good',
          cancel: 'Back to the shop',
        })
      },
      'POST /payment/merchants/pay.html': ({ url, text }) => {
        const order = this.by(url.searchParams.get('mdOrder') ?? '')
        const choice = new URLSearchParams(text).get('choice')
        if (choice === 'pay' && order?.status === 0) this.pay(order)
        if (choice === 'decline' && order?.status === 0) {
          Object.assign(order, { status: 6, actionCode: 116 })
          this.tell(order, 'deposited', false)
        }
        return redirect(backOf(order))
      },
    }
  }

  register(form: URLSearchParams, { url }: Asked, isTwoStage: boolean): Response {
    const orderNumber = form.get('orderNumber') ?? ''
    const amount = Number(form.get('amount'))
    const seconds = Number(form.get('sessionTimeoutSecs') ?? MAX_SECONDS)
    if (!/^[\w-]{1,32}$/.test(orderNumber)) return error(orderNumber === '' ? 4 : 5, 'orderNumber')
    if (this.by(orderNumber) !== undefined) return error(1, 'Order number is already registered')
    if (!['051', '643', '840', '978'].includes(form.get('currency') ?? '643')) return error(3, 'currency')
    if (!Number.isSafeInteger(amount) || amount < 1) return error(5, 'amount')
    if (!form.has('returnUrl')) return error(4, 'returnUrl')
    if (seconds > MAX_SECONDS || seconds < 1) return error(5, 'sessionTimeoutSecs')
    if (/[%+\r\n]/.test(form.get('description') ?? '')) return error(5, 'description')
    const order: Order = {
      mdOrder: randomUUID(),
      orderNumber,
      amount,
      currency: form.get('currency') ?? '643',
      returnUrl: form.get('returnUrl') ?? '',
      isTwoStage,
      endsAt: this.settings.now() + seconds * 1_000,
      ...{ status: 0, actionCode: -100, paidAt: 0, deposited: 0, refunds: [] },
    }
    this.orders.push(order)
    const formUrl = `${url.origin}/payment/merchants/pay.html?mdOrder=${order.mdOrder}`
    return json(200, { orderId: order.mdOrder, formUrl })
  }

  /** By the bank's id or the merchant's number; an unpaid order whose time is over is declined the moment it is looked at. */
  by(id: string): Order | undefined {
    const order = this.orders.find(({ mdOrder, orderNumber }) => mdOrder === id || orderNumber === id)
    if (order?.status === 0 && this.settings.now() >= order.endsAt)
      Object.assign(order, { status: 6, actionCode: -2007 })
    return order
  }

  pay(order: Order): void {
    const { isTwoStage, amount } = order
    const paidAt = this.settings.now()
    Object.assign(order, { status: isTwoStage ? 1 : 2, actionCode: 0, paidAt })
    if (!isTwoStage) order.deposited = amount
    this.tell(order, isTwoStage ? 'approved' : 'deposited', true, amount)
  }

  command(form: URLSearchParams, run: (order: Order) => Response): Response {
    const order = this.by(form.get('orderId') ?? '')
    return order === undefined ? error(6, 'Unknown order') : run(order)
  }

  deposit(order: Order, form: URLSearchParams): Response {
    const amount = Number(form.get('amount') ?? 0) || order.amount
    if (order.status !== 1) return error(7, 'Payment must be in a correct state')
    if (amount > order.amount || amount < 1) return error(5, 'amount')
    Object.assign(order, { status: 2, deposited: amount })
    this.tell(order, 'deposited', true, amount)
    return json(200, { errorCode: 0 })
  }

  /** Until the end of the day on which it was paid. */
  reverse(order: Order): Response {
    const dayOf = (at: number) => Math.floor((at + YEREVAN_MS) / 86_400_000)
    const isToday = dayOf(order.paidAt) === dayOf(this.settings.now())
    if (![1, 2].includes(order.status) || !isToday) return error(7, 'Reversal is impossible')
    order.status = 3
    this.tell(order, 'reversed', true)
    return json(200, { errorCode: '0' })
  }

  refund(order: Order, form: URLSearchParams): Response {
    const amount = Number(form.get('amount'))
    if (![2, 4].includes(order.status)) return error(7, 'Payment must be in a correct state')
    if (!Number.isSafeInteger(amount) || amount < 1) return error(5, 'amount')
    if (amount > order.deposited - refundedOf(order)) return error(7, 'The amount exceeds what was deposited')
    order.status = 4
    order.refunds.push({
      amount,
      date: this.settings.now(),
      referenceNumber: String(order.refunds.length + 1),
    })
    this.tell(order, 'refunded', true, amount)
    return json(200, { errorCode: '0', errorMessage: 'Success' })
  }

  view(order: Order): object {
    const { orderNumber, status, actionCode, amount, currency, mdOrder, refunds, deposited } = order
    const told = (sum: number) => (this.simulator.lies() && sum > 0 ? sum - 1 : sum)
    const { tells } = this.settings
    return {
      errorCode: '0',
      errorMessage: 'Success',
      orderNumber,
      orderStatus: status,
      actionCode,
      actionCodeDescription: '',
      amount: told(amount),
      currency,
      date: this.settings.now(),
      attributes: [{ name: 'mdOrder', value: mdOrder }],
      ...(tells !== 'nothing' && { refunds: refunds.map((one) => ({ ...one, amount: told(one.amount) })) }),
      ...(tells === 'sums' && {
        paymentAmountInfo: {
          approvedAmount: [1, 2, 3, 4].includes(status) ? told(amount) : 0,
          depositedAmount: told(deposited),
          refundedAmount: told(refundedOf(order)),
          paymentState: '',
        },
      }),
    }
  }

  tell({ mdOrder, orderNumber }: Order, operation: string, went: boolean, amount?: number): void {
    const { callbackKey, callbackUrl } = this.settings
    const fields = {
      mdOrder,
      orderNumber,
      operation,
      status: went ? '1' : '0',
      ...(amount !== undefined && { amount: String(amount) }),
    }
    const body = callbackKey === '' ? new URLSearchParams(fields) : signed(fields, callbackKey)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    this.simulator.report({ url: callbackUrl, headers, body: body.toString() })
  }
}

/** A callback's fields with the checksum that a bank would add. */
export function signed(fields: Record<string, string>, key: string): URLSearchParams {
  const sorted = Object.keys(fields).sort()
  const text = sorted.map((name) => `${name};${fields[name]};`).join('')
  const checksum = createHmac('sha256', key).update(text, 'utf8').digest('hex').toUpperCase()
  return new URLSearchParams({ ...fields, checksum })
}

/** ArCa, with `settings` over made-up ones. */
export function arcaSimulator(given: Partial<ArcaSettings> = {}): ArcaSimulator {
  const bank = new Arca(given)
  const own = (id: string): Order => {
    const order = bank.by(id)
    if (order === undefined) throw new Error(`There is no order ${id}.`)
    return order
  }
  return Object.assign(bank.simulator, {
    pay: (id: string) => bank.pay(own(id)),
    orders: (prefix: string) =>
      bank.orders.filter(({ orderNumber }) => orderNumber.startsWith(prefix)).length,
    books(id: string) {
      const order = own(id)
      return { deposited: order.deposited, refunded: refundedOf(order), status: order.status }
    },
    moved: () => ({
      captured: bank.orders.reduce((sum, { deposited }) => sum + deposited, 0),
      refunded: bank.orders.reduce((sum, order) => sum + refundedOf(order), 0),
    }),
    byHand(id: string, change: object) {
      Object.assign(own(id), change)
    },
  })
}

const refundedOf = ({ refunds }: Order): number => refunds.reduce((sum, { amount }) => sum + amount, 0)

const backOf = (order: Order | undefined): string => {
  if (order === undefined) return '/'
  const url = new URL(order.returnUrl)
  url.searchParams.set('orderId', order.mdOrder)
  return url.href
}

const error = (errorCode: number, errorMessage: string): Response =>
  json(200, { errorCode: String(errorCode), errorMessage })
