/**
 * Ameriabank's vPOS 3.1 as far as the gateway meets it: payments under numbers of digits, a page to pay at, details, and
 * commands. It reports nothing to anybody.
 */
import { randomUUID } from 'node:crypto'
import {
  choicePage,
  farewellPage,
  json,
  type Route,
  type Routes,
  redirect,
  type Simulator,
  simulate,
} from './base.ts'

export interface AmeriabankSettings {
  clientId: string
  username: string
  password: string
  /** Whether payments are only held on the page; at the real bank it is the merchant's setting, one-stage by default. */
  twoStage: boolean
  /** The range of order numbers that the bank gave. */
  numbers: { first: number; last: number }
  /** Epoch milliseconds. */
  now: () => number
}

interface Payment {
  paymentId: string
  orderId: number
  /** Hundredths, for all four currencies have two decimals. */
  amount: number
  currency: string
  opaque: string
  backUrl: string
  endsAt: number
  status: number
  code: string
  paidAt: number
  deposited: number
  refunded: number
}

export interface AmeriabankSimulator extends Simulator {
  /** A customer pays on the page: deposited, or held in two stages. */
  pay(paymentId: string): void
  payments(): number
  /** Taken and given back over all payments, minor units. */
  moved(): { captured: number; refunded: number }
  /** Somebody at the bank does what no call of ours did. */
  byHand(
    paymentId: string,
    change: Partial<Pick<Payment, 'status' | 'code' | 'deposited' | 'refunded'>>,
  ): void
}

const MAX_SECONDS = 1_200
const CANCEL_MS = 72 * 3_600_000

class Ameriabank {
  readonly settings: AmeriabankSettings = {
    ...{ clientId: 'simulated-client', username: 'shop', password: 'simulated', twoStage: false },
    numbers: { first: 1, last: 2_147_483_647 },
    now: Date.now,
  }
  readonly payments: Payment[] = []
  readonly simulator: Simulator

  constructor(given: Partial<AmeriabankSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('ameriabank', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  api(): Routes {
    const at = (name: string, run: (body: Record<string, unknown>) => Response): [string, Route] => [
      `POST /VPOS/api/VPOS/${name}`,
      ({ text }) => {
        const body = JSON.parse(text) as Record<string, unknown>
        const { username, password } = this.settings
        const isKnown = body.Username === username && body.Password === password
        return isKnown ? run(body) : refusal('20', `Incorrect Username and Password: ${body.Password}`)
      },
    ]
    const one = (run: (payment: Payment, amount: number) => Response) => (body: Record<string, unknown>) => {
      const payment = this.by(String(body.PaymentID))
      return payment === undefined ? refusal('06', 'Unknown order') : run(payment, hundredths(body.Amount))
    }
    return Object.fromEntries([
      at('InitPayment', (body) => this.init(body)),
      at(
        'GetPaymentDetails',
        one((payment) => json(200, this.view(payment))),
      ),
      at(
        'ConfirmPayment',
        one((payment, amount) => this.confirm(payment, amount)),
      ),
      at(
        'CancelPayment',
        one((payment) => this.cancel(payment)),
      ),
      at(
        'RefundPayment',
        one((payment, amount) => this.refund(payment, amount)),
      ),
    ])
  }

  pages(): Routes {
    return {
      'GET /VPOS/Payments/Pay': ({ url }) => {
        const payment = this.by(url.searchParams.get('id') ?? '')
        if (payment?.status !== 0) return farewellPage('This payment is over.', backOf(payment))
        const text = `${payment.amount / 100} of currency ${payment.currency}`
        return choicePage('Ameriabank, simulated', text, {
          pay: 'Pay',
          hold: 'Pay in two stages: hold only',
          decline: 'Decline',
          cancel: 'Back to the shop',
        })
      },
      'POST /VPOS/Payments/Pay': ({ url, text }) => {
        const payment = this.by(url.searchParams.get('id') ?? '')
        const choice = new URLSearchParams(text).get('choice')
        if (payment?.status === 0 && (choice === 'pay' || choice === 'hold'))
          this.pay(payment, choice === 'hold' || this.settings.twoStage)
        if (payment?.status === 0 && choice === 'decline') Object.assign(payment, { status: 6, code: '0116' })
        return redirect(backOf(payment))
      },
    }
  }

  init(body: Record<string, unknown>): Response {
    const { OrderID: orderId, Currency: currency = '051', Timeout: seconds = MAX_SECONDS } = body
    const amount = hundredths(body.Amount)
    const { first, last } = this.settings.numbers
    if (body.ClientID !== this.settings.clientId) return refusal('20', 'Incorrect ClientID')
    if (typeof orderId !== 'number' || !Number.isInteger(orderId) || orderId < first || orderId > last)
      return refusal('05', 'OrderID')
    if (this.payments.some((one) => one.orderId === orderId)) return refusal('01', 'Order already exists')
    if (!['051', '978', '840', '643'].includes(String(currency))) return refusal('03', 'Currency')
    if (!Number.isSafeInteger(amount) || amount < 1 || !body.Description) return refusal('510', 'Parameters')
    if (Number(seconds) > MAX_SECONDS || Number(seconds) < 1) return refusal('510', 'Timeout')
    const payment: Payment = {
      ...{ paymentId: randomUUID().toUpperCase(), orderId, amount, currency: String(currency) },
      ...{ opaque: String(body.Opaque ?? ''), backUrl: String(body.BackURL ?? '') },
      endsAt: this.settings.now() + Number(seconds) * 1_000,
      ...{ status: 0, code: '0-100', paidAt: 0, deposited: 0, refunded: 0 },
    }
    this.payments.push(payment)
    return json(200, { PaymentID: payment.paymentId, ResponseCode: 1, ResponseMessage: 'OK' })
  }

  /** One whose time is over unpaid is declined the moment it is looked at. */
  by(paymentId: string): Payment | undefined {
    const payment = this.payments.find((one) => one.paymentId === paymentId)
    if (payment?.status === 0 && this.settings.now() >= payment.endsAt)
      Object.assign(payment, { status: 6, code: '0-2007' })
    return payment
  }

  pay(payment: Payment, isHeld: boolean): void {
    Object.assign(payment, { status: isHeld ? 1 : 2, code: '00', paidAt: this.settings.now() })
    if (!isHeld) payment.deposited = payment.amount
  }

  confirm(payment: Payment, amount: number): Response {
    if (payment.status !== 1) return refusal('07', 'System error')
    if (!Number.isSafeInteger(amount) || amount < 1 || amount > payment.amount)
      return refusal('510', 'Amount')
    Object.assign(payment, { status: 2, deposited: amount })
    return done()
  }

  cancel(payment: Payment): Response {
    const isLate = this.settings.now() - payment.paidAt > CANCEL_MS
    if (![1, 2].includes(payment.status) || isLate) return refusal('550', 'System error')
    payment.status = 3
    return done()
  }

  refund(payment: Payment, amount: number): Response {
    if (![2, 4].includes(payment.status)) return refusal('07', 'System error')
    if (!Number.isSafeInteger(amount) || amount < 1) return refusal('510', 'Amount')
    if (amount > payment.deposited - payment.refunded) return refusal('550', 'System error')
    Object.assign(payment, { status: 4, refunded: payment.refunded + amount })
    return done()
  }

  view(payment: Payment): object {
    const { status, code, amount, deposited, refunded, currency, orderId, opaque } = payment
    const told = (sum: number) => (this.simulator.lies() && sum > 0 ? sum - 1 : sum) / 100
    return {
      ResponseCode: code,
      ResponseMessage: code === '00' ? 'Payment Successfully Completed' : '',
      OrderStatus: String(status),
      PaymentState: status === 2 ? 'Successful' : String(status),
      Amount: told(amount),
      ApprovedAmount: told([1, 2, 3, 4].includes(status) ? amount : 0),
      DepositedAmount: told(deposited),
      RefundedAmount: told(refunded),
      Currency: currency,
      OrderID: String(orderId),
      Opaque: opaque,
      CardNumber: '499999******0001',
      ClientName: 'ANNA SIMULATED',
    }
  }
}

/** Ameriabank, with `settings` over made-up ones. */
export function ameriabankSimulator(given: Partial<AmeriabankSettings> = {}): AmeriabankSimulator {
  const bank = new Ameriabank(given)
  const own = (id: string): Payment => {
    const payment = bank.by(id)
    if (payment === undefined) throw new Error(`There is no payment ${id}.`)
    return payment
  }
  return Object.assign(bank.simulator, {
    pay: (id: string) => bank.pay(own(id), bank.settings.twoStage),
    payments: () => bank.payments.length,
    moved: () => ({
      captured: bank.payments.reduce((sum, { deposited }) => sum + deposited, 0),
      refunded: bank.payments.reduce((sum, { refunded }) => sum + refunded, 0),
    }),
    byHand(id: string, change: object) {
      Object.assign(own(id), change)
    },
  })
}

/** A decimal of major units, as a number or text. */
const hundredths = (decimal: unknown): number => Math.round(Number(decimal) * 1e6) / 1e4

const done = () => json(200, { ResponseCode: '00', ResponseMessage: 'OK' })

function backOf(payment: Payment | undefined): string {
  if (payment === undefined || payment.backUrl === '') return '/'
  const url = new URL(payment.backUrl)
  const { orderId, paymentId, opaque, code } = payment
  // The bank's own spelling.
  const brought = { orderID: String(orderId), resposneCode: code, paymentID: paymentId, opaque }
  for (const [name, value] of Object.entries(brought)) url.searchParams.set(name, value)
  return url.href
}

const refusal = (ResponseCode: string, ResponseMessage: string): Response =>
  json(200, { ResponseCode, ResponseMessage })
