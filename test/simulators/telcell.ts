/**
 * Telcell as far as the gateway meets it: the form that makes a bill, the server API that makes, tells, clears, cancels and
 * refunds bills, a page for the customer, and callbacks under their checksum. Written from the protocol.
 */
import { createHash } from 'node:crypto'
import {
  type Asked,
  choicePage,
  farewellPage,
  type Routes,
  redirect,
  type Simulator,
  simulate,
} from './base.ts'

export interface TelcellSettings {
  issuer: string
  shopKey: string
  webhookUrl: string
  /** Where the browser goes from a bill that was posted by a form: registered once. */
  redirectUrl: string
  formula: 'without_buyer' | 'with_buyer'
  /** Sends our name back in base64, as the document has it, or decoded, as some have met it. */
  decodes: boolean
  /** Epoch milliseconds. */
  now: () => number
}

export interface TelcellBill {
  invoice: string
  /** Ours, in base64. */
  issuerId: string
  buyer: string
  sum: number
  status: 'NEW' | 'PAID' | 'REJECTED' | 'EXPIRED' | 'CANCELLED'
  paidAt: string
  refunds: { id: string; sum: number }[]
}

export interface TelcellSimulator extends Simulator {
  /** A customer's browser posts our form; answers the bill that it made. */
  post(fields: Record<string, string>): Promise<TelcellBill>
  /** Every bill with this name of ours, decoded. */
  bills(ours: string): TelcellBill[]
  billBy(invoice: string): TelcellBill
  pay(bill: TelcellBill): void
  /** It ends unpaid, or is given back by hand. */
  end(bill: TelcellBill, status: TelcellBill['status']): void
}

const md5 = (...parts: string[]) => createHash('md5').update(parts.join('')).digest('hex')
const refusal = (code: string) => new Response(`${code} simulated`)
const decoded = (text: string) => Buffer.from(text, 'base64').toString()

class Telcell {
  readonly settings: TelcellSettings = {
    issuer: 'shop@example.test',
    shopKey: 'telcell-simulated',
    webhookUrl: '',
    redirectUrl: '/thanks',
    formula: 'without_buyer',
    decodes: false,
    now: Date.now,
  }
  readonly bills: TelcellBill[] = []
  readonly simulator: Simulator
  #payments = 700_000

  constructor(given: Partial<TelcellSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('telcell', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  api(): Routes {
    const invoices = ({ text }: Asked) => {
      const form = new URLSearchParams(text)
      if (form.get('action') === 'PostInvoice') return this.posted(form)
      const verb = [...form.keys()].find((name) => name.endsWith(':issuer'))?.split(':')[0] ?? ''
      return this.called(verb, form)
    }
    return { 'POST /invoices': invoices, 'POST /proto_test2/invoices': invoices }
  }

  pages(): Routes {
    return {
      'GET /payments/invoice/': ({ url }) => {
        const found = this.bills.find(({ invoice }) => invoice === url.searchParams.get('invoice'))
        if (found?.status !== 'NEW') return farewellPage('This bill is settled.', this.backFrom(url))
        return choicePage('Telcell, simulated', `${found.sum.toFixed(2)} AMD`, {
          pay: 'Pay',
          decline: 'Refuse the bill',
          cancel: 'Back to the shop',
        })
      },
      'POST /payments/invoice/': ({ url, text }) => {
        const found = this.bills.find(({ invoice }) => invoice === url.searchParams.get('invoice'))
        const choice = new URLSearchParams(text).get('choice')
        if (found?.status === 'NEW' && choice === 'pay') this.pay(found)
        if (found?.status === 'NEW' && choice === 'decline') this.end(found, 'REJECTED')
        return redirect(this.backFrom(url))
      },
    }
  }

  backFrom = (url: URL): string => url.searchParams.get('return_url') ?? this.settings.redirectUrl

  posted(form: URLSearchParams): Response {
    const { shopKey, issuer } = this.settings
    const signed = ['issuer', 'currency', 'price', 'product', 'issuer_id', 'valid_days']
    const values = signed.map((name) => form.get(name) ?? '')
    if (form.get('issuer') !== issuer) return refusal('E0002')
    if (form.get('security_code') !== md5(shopKey, ...values)) return refusal('E0005')
    if (form.get('currency') !== '֏') return refusal('E0001')
    const made = this.make(form, form.get('price') ?? '', '')
    return typeof made === 'string' ? refusal(made) : redirect(`/payments/invoice/?invoice=${made.invoice}`)
  }

  called(verb: string, form: URLSearchParams): Response {
    const { shopKey, issuer } = this.settings
    const signed: Record<string, string[]> = {
      bill: ['buyer', 'currency', 'sum', 'description', 'valid_days', 'issuer_id', 'info', 'ssn'],
      check_bill: ['invoice', 'issuer_id'],
      cancel_bill: ['invoice', 'issuer_id'],
      clear_bill: ['issuer_id'],
      refund_bill: ['invoice', 'issuer_id', 'refund_sum'],
    }
    const values = signed[verb]?.map((name) => form.get(name) ?? '')
    if (values === undefined) return refusal('E0001')
    if (form.get(`${verb}:issuer`) !== issuer) return refusal('E0002')
    if (form.get('checksum') !== md5(shopKey, issuer, ...values)) return refusal('E0005')
    if (verb === 'bill') {
      if (form.get('currency') !== '51') return refusal('E0001')
      const made = this.make(form, form.get('sum') ?? '', form.get('buyer') ?? '')
      return typeof made === 'string' ? refusal(made) : new Response(made.invoice)
    }
    const found = this.bills.find(({ issuerId }) => issuerId === form.get('issuer_id'))
    if (found === undefined || (form.get('invoice') ?? found.invoice) !== found.invoice)
      return refusal('E0007')
    return this.commanded(verb, found, Number(form.get('refund_sum')))
  }

  commanded(verb: string, bill: TelcellBill, sum: number): Response {
    if (verb === 'check_bill') return new Response(this.lines(bill))
    if (verb === 'clear_bill') {
      if (bill.status !== 'NEW') return refusal('E0006')
      this.end(bill, 'CANCELLED')
      return new Response('OK')
    }
    const left = bill.sum - bill.refunds.reduce((total, refund) => total + refund.sum, 0)
    if (bill.status !== 'PAID') return refusal('E0001')
    if (verb === 'cancel_bill') {
      if (bill.refunds.length > 0) return refusal('E0001')
      bill.refunds.push({ id: bill.invoice, sum: left })
      this.end(bill, 'CANCELLED')
      return new Response('OK')
    }
    if (!(sum > 0 && sum <= left)) return refusal('E0001')
    this.#payments += 1
    bill.refunds.push({ id: String(this.#payments), sum })
    return new Response(`refund_payment_id=${this.#payments}`)
  }

  /** A bill, or the number of the error. */
  make(form: URLSearchParams, sum: string, buyer: string): TelcellBill | string {
    const issuerId = form.get('issuer_id') ?? ''
    if (!/^\d+(\.\d{1,2})?$/.test(sum) || Number(sum) <= 0 || issuerId === '') return 'E0001'
    if (this.bills.some((bill) => bill.issuerId === issuerId)) return 'E0009'
    const invoice = String(900_001 + this.bills.length)
    const bill = {
      invoice,
      issuerId,
      buyer,
      sum: Number(sum),
      status: 'NEW',
      paidAt: '',
      refunds: [],
    } as const
    const made: TelcellBill = { ...bill, refunds: [] }
    this.bills.push(made)
    return made
  }

  told = (sum: number): string => (sum - (this.simulator.lies() ? 0.01 : 0)).toFixed(2)

  lines({ status, sum, issuerId, paidAt }: TelcellBill): string {
    const said = [`status=${status}`, `sum=${this.told(sum)}`, 'currency=51']
    const content = [...said, `issuer_id=${issuerId}`, `paid_time=${paidAt}`].join('\n')
    return `${content}\nchecksum=${md5(this.settings.shopKey, content)}\n`
  }

  pay(bill: TelcellBill): void {
    if (bill.status !== 'NEW') return
    this.#payments += 1
    Object.assign(bill, { status: 'PAID', paidAt: this.time() })
    this.tell(bill, String(this.#payments))
  }

  end(bill: TelcellBill, status: TelcellBill['status']): void {
    bill.status = status
    this.tell(bill, '')
  }

  time(): string {
    return new Date(this.settings.now() + 4 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
  }

  tell({ invoice, issuerId, buyer, sum, status }: TelcellBill, payment: string): void {
    const { shopKey, formula, decodes, webhookUrl } = this.settings
    const [id, time, total] = [decodes ? decoded(issuerId) : issuerId, this.time(), this.told(sum)]
    const named = formula === 'with_buyer' ? [buyer] : []
    const checksum = md5(shopKey, invoice, id, payment, ...named, '51', total, time, status)
    const body = new URLSearchParams({
      ...{ invoice, issuer_id: id, payment_id: payment, currency: '51', sum: total, time, status, checksum },
      ...(formula === 'with_buyer' && { buyer }),
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    this.simulator.report({ url: webhookUrl, headers, body: body.toString() })
  }
}

/** Telcell, with `settings` over made-up ones. */
export function telcellSimulator(given: Partial<TelcellSettings> = {}): TelcellSimulator {
  const telcell = new Telcell(given)
  const billBy = (wanted: string | null | undefined): TelcellBill => {
    const found = telcell.bills.find(({ invoice }) => invoice === wanted)
    if (found === undefined) throw new Error(`There is no bill ${wanted}.`)
    return found
  }
  return Object.assign(telcell.simulator, {
    billBy,
    async post(fields: Record<string, string>) {
      const body = new URLSearchParams(fields)
      const posted = new Request('http://telcell.invalid/invoices', { method: 'POST', body })
      const { headers } = await telcell.simulator.handle(posted)
      const url = new URL(headers.get('location') ?? '/refused', 'http://telcell.invalid')
      return billBy(url.searchParams.get('invoice'))
    },
    bills: (ours: string) => telcell.bills.filter(({ issuerId }) => decoded(issuerId) === ours),
    pay: (bill: TelcellBill) => telcell.pay(bill),
    end: (bill: TelcellBill, status: TelcellBill['status']) => telcell.end(bill, status),
  })
}
