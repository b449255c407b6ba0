/**
 * Idram as far as the gateway meets it: a form that the customer's browser posts, a page, the precheck, the confirmation
 * under its checksum, and what Idram does with our replies to both. Written from the protocol.
 */
import { createHash, randomInt } from 'node:crypto'
import {
  choicePage,
  farewellPage,
  type Routes,
  redirect,
  type Sent,
  type Simulator,
  simulate,
} from './base.ts'

export interface IdramSettings {
  account: string
  secretKey: string
  /** RESULT_URL. Unknown (empty): everything is said into the void, and no money moves. */
  webhookUrl: string
  successUrl: string
  failUrl: string
  /** Epoch milliseconds. */
  now: () => number
  /** How its posts travel. */
  fetch: (request: Request) => Promise<Response>
}

export interface IdramBill {
  bill: string
  /** As it was posted. */
  amount: string
  /** `canceled`: the money moved, and our reply to the confirmation made Idram give it back. */
  state: 'open' | 'refused' | 'paid' | 'canceled' | 'left'
  /** One for each movement of money. */
  transactions: string[]
}

export interface IdramSimulator extends Simulator {
  /** A customer's browser posts our form; answers the bill that it made. */
  post(fields: Record<string, string>): Promise<IdramBill>
  /** A customer pays: the precheck, then the money, then the confirmation. */
  pay(bill: IdramBill): Promise<void>
  /** Confirms the newest money once more, as Idram's staff can. */
  confirm(bill: IdramBill): Promise<void>
  /** How many bills there are with this number. */
  checkouts(bill: string): number
  /** What Idram wrote to the alert address. */
  readonly alerts: string[]
}

class Idram {
  readonly settings: IdramSettings = {
    account: '100000114',
    secretKey: 'idram-simulated',
    webhookUrl: '',
    successUrl: '/thanks',
    failUrl: '/failed',
    now: Date.now,
    fetch,
  }
  readonly bills: IdramBill[] = []
  readonly alerts: string[] = []
  readonly simulator: Simulator

  constructor(given: Partial<IdramSettings>) {
    Object.assign(this.settings, given)
    this.simulator = simulate('idram', {
      configure: (more) => Object.assign(this.settings, more),
      api: this.api(),
      pages: this.pages(),
    })
  }

  /** What a browser meets first; the one place where Idram can be in trouble with us. */
  api(): Routes {
    return {
      'POST /Payment/GetPayment': ({ text }) => {
        const form = new URLSearchParams(text)
        const wrong = objectionTo(form, this.settings.account)
        if (wrong !== null) return new Response(`Idram, simulated: ${wrong}`, { status: 400 })
        const [bill, amount] = [form.get('EDP_BILL_NO') ?? '', form.get('EDP_AMOUNT') ?? '']
        this.bills.push({ bill, amount, state: 'open', transactions: [] })
        return redirect(`/bills/${this.bills.length - 1}`)
      },
    }
  }

  pages(): Routes {
    return {
      'GET /bills/:place': ({ params }) => {
        const found = this.bills[Number(params.place)]
        if (found?.state !== 'open') return farewellPage('This bill is settled.', this.settings.failUrl)
        return choicePage('Idram, simulated', `${found.amount} AMD`, {
          pay: 'Pay',
          decline: 'Pay with an empty wallet',
          cancel: 'Back to the shop',
        })
      },
      'POST /bills/:place': async ({ params, text }) => {
        const found = this.bills[Number(params.place)]
        if (found === undefined) return redirect(this.settings.failUrl)
        const choice = new URLSearchParams(text).get('choice')
        if (choice === 'pay') await this.pay(found)
        if (choice === 'decline') await this.isAllowed(found)
        if (choice === 'cancel') found.state = 'left'
        const back = found.state === 'paid' ? this.settings.successUrl : this.settings.failUrl
        return redirect(
          `${back}${back.includes('?') ? '&' : '?'}EDP_BILL_NO=${encodeURIComponent(found.bill)}`,
        )
      },
    }
  }

  async pay(bill: IdramBill): Promise<void> {
    if (bill.state !== 'open' && bill.state !== 'refused') return
    if (!(await this.isAllowed(bill))) {
      bill.state = 'refused'
      return
    }
    bill.state = 'paid'
    bill.transactions.push(String(randomInt(10 ** 13, 10 ** 14)))
    if (this.simulator.is('loses_reports')) return
    await this.confirm(bill)
    if (this.simulator.is('repeats')) await this.confirm(bill)
  }

  async isAllowed({ bill, amount }: IdramBill): Promise<boolean> {
    const { account } = this.settings
    const asked = { EDP_PRECHECK: 'YES', EDP_BILL_NO: bill, EDP_REC_ACCOUNT: account, EDP_AMOUNT: amount }
    const reply = await this.post(asked)
    return reply?.status === 200 && reply.text === 'OK'
  }

  /** By the text of 16.10.2025: only `OK` keeps the money; any other success gives it back; trouble leaves it where it is. */
  async confirm(bill: IdramBill): Promise<void> {
    const reply = await this.post(this.confirmation(bill))
    if (reply?.status === 200 && reply.text === 'OK') return
    this.alerts.push(`Bill ${bill.bill} was answered ${reply?.status ?? 'not at all'}.`)
    if (reply !== null && reply.status >= 200 && reply.status < 300) bill.state = 'canceled'
  }

  confirmation({ bill, amount: posted, transactions }: IdramBill): Record<string, string> {
    const { account, secretKey, now } = this.settings
    const amount = (Number(posted) - (this.simulator.lies() ? 0.01 : 0)).toFixed(2)
    const [payer, transaction = ''] = ['100000202', transactions.at(-1)]
    const [year, month, day] = new Date(now()).toISOString().slice(0, 10).split('-')
    const date = `${day}/${month}/${year}`
    const checked = [account, amount, secretKey, bill, payer, transaction, date].join(':')
    return {
      EDP_BILL_NO: bill,
      EDP_REC_ACCOUNT: account,
      EDP_PAYER_ACCOUNT: payer,
      EDP_AMOUNT: amount,
      EDP_TRANS_ID: transaction,
      EDP_TRANS_DATE: date,
      EDP_CHECKSUM: createHash('md5').update(checked).digest('hex').toUpperCase(),
    }
  }

  /** Null when there was no answer. */
  async post(fields: Record<string, string>): Promise<{ status: number; text: string } | null> {
    const body = new URLSearchParams(fields).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const sent: Sent = { url: this.settings.webhookUrl, headers, body }
    this.simulator.sent.push(sent)
    if (sent.url === '') return null
    try {
      const reply = await this.settings.fetch(new Request(sent.url, { method: 'POST', headers, body }))
      return { status: reply.status, text: await reply.text() }
    } catch {
      return null
    }
  }
}

/** Idram, with `settings` over made-up ones. */
export function idramSimulator(given: Partial<IdramSettings> = {}): IdramSimulator {
  const idram = new Idram(given)
  return Object.assign(idram.simulator, {
    alerts: idram.alerts,
    async post(fields: Record<string, string>) {
      const body = new URLSearchParams(fields)
      const posted = new Request('http://idram.invalid/Payment/GetPayment', { method: 'POST', body })
      const answer = await idram.simulator.handle(posted)
      const place = /^\/bills\/(\d+)$/.exec(answer.headers.get('location') ?? '')?.[1]
      const made = place === undefined ? undefined : idram.bills[Number(place)]
      if (made === undefined) throw new Error(await answer.text())
      return made
    },
    pay: (bill: IdramBill) => idram.pay(bill),
    confirm: (bill: IdramBill) => idram.confirm(bill),
    checkouts: (bill: string) => idram.bills.filter((one) => one.bill === bill).length,
  })
}

/** Why this form makes no bill; null when it does. */
function objectionTo(form: URLSearchParams, account: string): string | null {
  if (form.get('EDP_REC_ACCOUNT') !== account) return 'no such account'
  if (!['RU', 'EN', 'AM'].includes(form.get('EDP_LANGUAGE') ?? '')) return 'no such language'
  const amount = form.get('EDP_AMOUNT') ?? ''
  if (!/^\d+(\.\d{1,2})?$/.test(amount) || Number(amount) <= 0) return 'no such amount'
  return (form.get('EDP_BILL_NO') ?? '') === '' ? 'no bill' : null
}
