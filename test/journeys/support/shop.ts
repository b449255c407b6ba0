/** A merchant, its customer, its provider and its business systems, as small as the journeys need them; HTTP only. */
import { randomBytes, randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expectDescribed } from './described.ts'
import { eventually } from './eventually.ts'
import type { Dev } from './system.ts'

export interface Answer<Body = Record<string, unknown>> {
  status: number
  headers: Headers
  body: Body
}

export interface Session {
  id: string
  payment_id: string
  order_id: string
  attempt: number
  amount: number
  currency: string
  status: string
  provider_reference: string
  checkout_url: string
  client_secret: string
}

export interface Payment {
  id: string
  status: string
  amount_captured: number
  excess_captured: number
  flags: string[]
  version: number
  open_exceptions: number
  sessions: Session[]
  amount_refunded: number
  refunds: { id: string; amount: number; status: string }[]
  fiscal_receipts: { receipt_key: string; status: string; receipt_id: string | null }[]
}

export interface ReceivedEvent {
  webhook_id: string
  type: string
  payment_id: string | null
  sequence: number | null
  at: string
  duplicate: boolean
}

export interface Delivery {
  id: string
  event_type: string
  payment_id: string
  destination_id: string
  status: string
  attempt_count: number
  attempts?: { n: number; status: number | null; error: string | null; trigger: string }[]
}

export const systems = ['crm', 'erp', 'fiscal', 'notification'] as const

/** Whoever asks a system that dies does not wait for ever. */
const answerWithinMs = 30_000

/** An order number that no other test uses. */
export const orderNumber = () => `J-${randomBytes(8).toString('hex')}`

/** The merchant's back end and everybody around it. `dev` is asked each time, since a restart may change addresses. */
export function shopOf(dev: () => Dev) {
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    request(`${dev().url}${path}`, method, body, {
      authorization: `Bearer ${dev().secret_key}`,
      ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
      ...headers,
    })

  const open = async (order: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
    (await call(
      'POST',
      '/v1/payment-sessions',
      {
        order_id: orderNumber(),
        amount: 1_250_000,
        currency: 'AMD',
        return_url: `${dev().sink_url}/thanks`,
        ...order,
      },
      headers,
    )) as unknown as Answer<Session>

  const payment = async (id: string) => (await call('GET', `/v1/payments/${id}`)).body as unknown as Payment

  const received = async (system: string, paymentId: string) => {
    const { body } = await request(`${dev().sink_url}/${system}/received`, 'GET')
    const all = (body as { data: ReceivedEvent[] }).data
    return all.filter((event) => event.payment_id === paymentId)
  }

  return {
    call,
    /** The same, as an operator at the desk. */
    operate: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      call('POST', path, body, { authorization: `Bearer ${dev().operator_token}`, ...headers }),
    /** The same, as the deployer. */
    administer: (method: string, path: string, body?: unknown) =>
      call(method, path, body, { authorization: `Bearer ${dev().admin_token}` }),
    merchantId: () => dev().merchant_id,
    open,
    payment,
    received,
    /** The customer follows the checkout's address and fills in its form. Answers where the browser ends up. */
    checkOut: (session: Session, choice = 'pay', switches: Record<string, string> = {}) =>
      checkOut(session, { choice, ...switches }),
    /** The provider reports; `change` makes it a liar, or slow, or somebody else. */
    report: (body: unknown, change: ReportChange = {}) => report(dev(), body, change),
    behave: (system: string, mode: string, times?: number) =>
      request(`${dev().sink_url}/${system}/behaviour`, 'PUT', { mode, ...(times && { times }) }),
    behaviour: async (system: string) => (await request(`${dev().sink_url}/${system}/behaviour`, 'GET')).body,
    untilPaid: (id: string) => eventually(async () => expectStatus(await payment(id), 'paid')),
    /** Waits until a system has each event type once at least, and gives its events in the order of their sequence. */
    untilReceived: (system: string, paymentId: string, types: string[], timeoutMs = 30_000) =>
      eventually(async () => {
        const events = await received(system, paymentId)
        const missing = types.filter((type) => !events.some((event) => event.type === type))
        if (missing.length > 0) throw new Error(`${system} has not received ${missing.join(', ')}`)
        return events.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
      }, timeoutMs),
  }
}

export type Shop = ReturnType<typeof shopOf>

/** The body of a sandbox report about a session, as the provider would send it. */
export function reportOf(session: Session, type: string, change: Record<string, unknown> = {}) {
  const at = new Date().toISOString()
  return {
    type,
    timestamp: at,
    data: {
      reference: session.provider_reference,
      order_id: session.order_id,
      session_id: session.id,
      amount: session.amount,
      currency: session.currency,
      occurred_at: at,
      ...change,
    },
  }
}

export interface ReportChange {
  id?: string
  at?: Date
  secret?: string
}

async function report(dev: Dev, body: unknown, change: ReportChange): Promise<Answer> {
  const { webhook_url: url, webhook_secret: known } = dev.connections.sandbox
  const { id = `rep_${randomUUID()}`, at = new Date(), secret = known } = change
  const text = JSON.stringify(body)
  return request(url, 'POST', text, {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, text),
  })
}

async function checkOut(session: Session, fields: Record<string, string>): Promise<Answer<string>> {
  const page = await fetch(session.checkout_url)
  const answer = await fetch(page.url, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  })
  return { status: answer.status, headers: answer.headers, body: await answer.text() }
}

async function request(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerWithinMs),
  })
  const text = await answer.text()
  expectDescribed(method, url, answer.status, answer.headers.get('content-type') ?? '', text)
  return { status: answer.status, headers: answer.headers, body: jsonOf(text) }
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return { text }
  }
}

function expectStatus(payment: Payment, status: string): Payment {
  if (payment.status !== status) throw new Error(`The payment is ${payment.status}, not ${status}.`)
  return payment
}
