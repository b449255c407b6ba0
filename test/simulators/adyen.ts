/**
 * Adyen as far as the gateway meets it: payment links with a page, orders to capture, cancel and refund that are only
 * taken and whose ends are reported, stored answers per idempotency key, signed notification items. From the protocol.
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

export interface AdyenSettings {
  apiKey: string
  merchantAccount: string
  /** Hex. */
  hmacKey: string
  webhookUrl: string
  /** Epoch milliseconds. */
  now: () => number
}

interface Money {
  value: number
  currency: string
}

interface Link {
  id: string
  status: 'active' | 'completed' | 'expired'
  reference: string
  amount: Money
  isHeld: boolean
  returnUrl: string
  expiresAt: string
  metadata: object
  payment: Payment | null
}

interface Payment {
  pspReference: string
  status: 'held' | 'captured' | 'canceled'
  captured: number
  refunded: number
}

export interface AdyenSimulator extends Simulator {
  /** A customer pays on the page: captured, or held where it is captured later. The payment's reference. */
  pay(id: string): string
  /** How many links there are under this reference of ours. */
  links(ours: string): number
  /** Every link, oldest first. */
  all(): readonly { id: string }[]
  /** How the money stands there. */
  payment(id: string): Readonly<Payment> | null
  /** An event about the payment of the link: a dispute, or something that Adyen undoes. The event's own reference. */
  tell(id: string, eventCode: string, more?: { pspReference?: string; success?: boolean }): string
}

/** Sixteen letters and digits, as Adyen makes them. */
const reference = (): string => randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()

/** Adyen's books, and what its API, its pages and its notifications make of them. */
class Adyen {
  readonly settings: AdyenSettings = {
    apiKey: 'AQE_simulated_adyen_key',
    merchantAccount: 'SimulatedShop',
    hmacKey: '5A'.repeat(32),
    webhookUrl: '',
    now: Date.now,
  }
  readonly links = new Map<string, Link>()
  readonly simulator: Simulator

  constructor(given: Partial<AdyenSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('adyen', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  api(): Routes {
    const keyed = answersByKey('idempotency-key', () => refusal(422, '704'))
    return {
      'POST /v71/paymentLinks': this.authorized(keyed((asked) => this.create(asked))),
      'GET /v71/paymentLinks/:id': this.authorized(({ url, params }) => {
        const found = this.current(params.id)
        return found ? json(200, this.view(found, url)) : refusal(404, '100_404')
      }),
      'PATCH /v71/paymentLinks/:id': this.authorized(({ url, params }) => {
        const found = this.current(params.id)
        if (found?.status !== 'active') return refusal(422, '29_001')
        found.status = 'expired'
        return json(200, this.view(found, url))
      }),
      'POST /v71/payments/:psp/captures': this.modification((asked) => this.capture(asked)),
      'POST /v71/payments/:psp/cancels': this.modification((asked) => this.cancel(asked)),
      'POST /v71/payments/:psp/refunds': this.modification((asked) => this.refund(asked)),
      'POST /v71/paymentMethods': this.authorized(() => json(200, { paymentMethods: [{ type: 'scheme' }] })),
    }
  }

  pages(): Routes {
    return {
      'GET /pay/:id': ({ params }) => {
        const found = this.current(params.id)
        if (found?.status !== 'active') return farewellPage('This link is over.', found?.returnUrl ?? '/')
        const text = `${found.amount.value} ${found.amount.currency} (in Adyen's units)`
        const choices = { pay: 'Pay', decline: 'Decline', cancel: 'Back to the shop' }
        return choicePage('Adyen, simulated', text, choices)
      },
      'POST /pay/:id': ({ params, text }) => {
        const found = this.current(params.id)
        const choice = new URLSearchParams(text).get('choice')
        if (choice === 'pay' && found?.status === 'active') this.pay(found)
        if (choice === 'decline' && found?.status === 'active') {
          this.tell(found, 'AUTHORISATION', { success: false, amount: found.amount.value })
          return redirect(`/pay/${found.id}`)
        }
        return redirect(found?.returnUrl ?? '/')
      },
    }
  }

  authorized(route: Route): Route {
    return (asked) => {
      const { apiKey, merchantAccount } = this.settings
      const given = asked.request.headers.get('x-api-key')
      if (given !== apiKey) return json(401, { status: 401, errorCode: '000', message: `Bad key ${given}` })
      const body = asked.request.method === 'POST' ? JSON.parse(asked.text) : { merchantAccount }
      return body.merchantAccount === merchantAccount ? route(asked) : refusal(403, '901')
    }
  }

  /** Taken at once, whatever becomes of it. */
  modification(begin: (asked: Asked) => Response): Route {
    return this.authorized(this.keyedModification(begin))
  }

  readonly keyedModification = answersByKey('idempotency-key', () => refusal(422, '704'))

  create({ url, text }: Asked): Response {
    const asked = JSON.parse(text)
    const { amount, reference: ours, returnUrl, expiresAt, metadata = {} } = asked
    if (!Number.isSafeInteger(amount?.value) || amount.value < 1) return refusal(422, '137')
    if (!/^[A-Z]{3}$/.test(amount.currency)) return refusal(422, '138')
    if (typeof ours !== 'string' || ours.length > 80) return refusal(422, '130')
    if (Object.values(metadata).some((value) => String(value).length > 80)) return refusal(422, '177')
    const made: Link = {
      id: `PL${reference()}`,
      status: 'active',
      reference: ours,
      amount,
      isHeld: asked.manualCapture === true,
      returnUrl,
      expiresAt,
      metadata,
      payment: null,
    }
    this.links.set(made.id, made)
    return json(201, this.view(made, url))
  }

  current(id: string | undefined): Link | undefined {
    const found = this.links.get(id ?? '')
    if (found?.status === 'active' && Date.parse(found.expiresAt) <= this.settings.now())
      found.status = 'expired'
    return found
  }

  pay(link: Link): string {
    const { isHeld, amount } = link
    const payment: Payment = {
      pspReference: reference(),
      status: isHeld ? 'held' : 'captured',
      captured: isHeld ? 0 : amount.value,
      refunded: 0,
    }
    Object.assign(link, { status: 'completed', payment })
    const { pspReference } = payment
    this.tell(link, 'AUTHORISATION', { pspReference, originalReference: '', amount: amount.value })
    return pspReference
  }

  of({ params, text }: Asked): { link: Link; payment: Payment; amount: number } | null {
    const link = [...this.links.values()].find(({ payment }) => payment?.pspReference === params.psp)
    if (!link?.payment) return null
    return { link, payment: link.payment, amount: JSON.parse(text).amount?.value ?? 0 }
  }

  capture(asked: Asked): Response {
    const found = this.of(asked)
    if (!found) return refusal(422, '167')
    const { link, payment, amount } = found
    const success = payment.status === 'held' && amount <= link.amount.value
    if (success) Object.assign(payment, { status: 'captured', captured: amount })
    return this.take(asked, this.tell(link, 'CAPTURE', { success, amount }))
  }

  cancel(asked: Asked): Response {
    const found = this.of(asked)
    if (!found) return refusal(422, '167')
    const { link, payment } = found
    const success = payment.status === 'held'
    if (success) payment.status = 'canceled'
    return this.take(asked, this.tell(link, 'CANCELLATION', { success }))
  }

  refund(asked: Asked): Response {
    const found = this.of(asked)
    if (!found) return refusal(422, '167')
    const { link, payment, amount } = found
    const success = amount >= 1 && amount <= payment.captured - payment.refunded
    if (success) payment.refunded += amount
    return this.take(asked, this.tell(link, 'REFUND', { success, amount }))
  }

  take({ params, text }: Asked, pspReference: string): Response {
    const { merchantAccount, reference: ours } = JSON.parse(text)
    const about = { merchantAccount, paymentPspReference: params.psp, reference: ours }
    return json(201, { ...about, pspReference, status: 'received' })
  }

  view(link: Link, url: URL): object {
    const { payment: _payment, isHeld, amount, ...told } = link
    const { merchantAccount } = this.settings
    const value = this.told(amount.value)
    return {
      ...told,
      merchantAccount,
      manualCapture: isHeld,
      amount: { ...amount, value },
      url: `${url.origin}/pay/${link.id}`,
    }
  }

  told(value: number): number {
    return this.simulator.lies() ? value - 1 : value
  }

  tell(
    { reference: merchantReference, amount, payment }: Link,
    eventCode: string,
    more: { pspReference?: string; originalReference?: string; success?: boolean; amount?: number } = {},
  ): string {
    const {
      pspReference = reference(),
      originalReference = payment?.pspReference ?? '',
      success = true,
    } = more
    const { merchantAccount: merchantAccountCode, hmacKey, webhookUrl, now } = this.settings
    const value = this.told(more.amount ?? amount.value)
    const { currency } = amount
    const said = [pspReference, originalReference, merchantAccountCode, merchantReference, value, currency]
    const hmacSignature = createHmac('sha256', Buffer.from(hmacKey, 'hex'))
      .update([...said, eventCode, success].join(':'))
      .digest('base64')
    const item = {
      additionalData: { hmacSignature, cardSummary: '1111', expiryDate: '3/2030' },
      amount: { currency, value },
      eventCode,
      eventDate: new Date(now()).toISOString(),
      merchantAccountCode,
      merchantReference,
      originalReference,
      paymentMethod: 'visa',
      pspReference,
      reason: '',
      success: String(success),
    }
    const body = JSON.stringify({ live: 'false', notificationItems: [{ NotificationRequestItem: item }] })
    this.simulator.report({ url: webhookUrl, headers: { 'content-type': 'application/json' }, body })
    return pspReference
  }
}

/** Adyen, with `settings` over made-up ones. */
export function adyenSimulator(given: Partial<AdyenSettings> = {}): AdyenSimulator {
  const books = new Adyen(given)
  return Object.assign(books.simulator, {
    pay: (id: string) => books.pay(books.links.get(id)!),
    links: (ours: string) => [...books.links.values()].filter((link) => link.reference === ours).length,
    all: () => [...books.links.values()],
    payment: (id: string) => books.links.get(id)?.payment ?? null,
    tell: (id: string, eventCode: string, more = {}) => books.tell(books.links.get(id)!, eventCode, more),
  })
}

const refusal = (status: number, errorCode: string): Response =>
  json(status, { status, errorCode, message: 'No.', errorType: 'validation' })
