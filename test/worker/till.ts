/**
 * A merchant with keys and a sandbox connection, in front of the real Worker, objects, database and queues. Everything
 * goes over HTTP; what the objects hold is looked at from inside only where nothing outside shows it.
 */
import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { paymentIdOf } from '../../src/crypto/hash.ts'
import { mintOrderToken } from '../../src/crypto/order-token.ts'
import { signatureHeaders } from '../../src/crypto/standard-webhooks.ts'
import { storageOf } from '../../src/payment/sqlite.ts'
import { load } from '../../src/payment/storage.ts'
import { ADMIN, aDoor, type Call } from './door.ts'
import { secret as webhookSecret } from './sandbox-shop.ts'

export const ORIGIN = 'https://pay.example'
export const SHOP = 'https://shop.example'

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers as their callers would.
export type Json = any

export interface Ask extends Call {
  key?: string
}

export interface Told {
  type?: string
  id?: string
  /** Replaces members of the report's data; undefined takes one away. */
  data?: Record<string, unknown>
  /** Signed as if sent at this time, in milliseconds. */
  at?: number
  secret?: string
  connection?: string
  /** Sent instead of the report's own body, and signed. */
  raw?: string
  headers?: Record<string, string>
}

let orders = 0
/** An order number that no other test has. */
export const anOrderId = () => `T-${++orders}`
let keys = 0
export const aKey = () => `key-${++keys}`

export type Till = Awaited<ReturnType<typeof aTill>>

/** Requests to the Worker, with this secret key unless they say as whom; as nobody with the empty text. */
function callsOf(secretKey: string) {
  async function call(path: string, { method, as, body, key, headers = {} }: Ask = {}): Promise<Response> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    return exports.default.fetch(`${ORIGIN}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(as === undefined
          ? { authorization: `Bearer ${secretKey}` }
          : as === ''
            ? {}
            : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    })
  }

  async function json(status: number, path: string, what: Ask = {}): Promise<Json> {
    const response = await call(path, what)
    const text = await response.text()
    if (response.status !== status) throw new Error(`${path} answered ${response.status}: ${text}`)
    return JSON.parse(text)
  }

  return { call, json }
}

async function aMerchantWithKeys() {
  const door = aDoor()
  const merchant = await door.aMerchant({ allowed_origins: [SHOP], currencies: ['AMD', 'USD', 'JPY'] })
  const [secretKey, publishable, liveKey] = await Promise.all([
    door.aKey(merchant.id).then(({ key }) => key as string),
    door.aKey(merchant.id, 'publishable').then(({ key }) => key as string),
    door.aKey(merchant.id, 'secret', true).then(({ key }) => key as string),
  ])
  const connection = await door.json(201, `/v1/admin/merchants/${merchant.id}/connections`, {
    as: ADMIN,
    body: {
      provider: 'sandbox',
      livemode: false,
      credentials: { webhook_secrets: [webhookSecret] },
      default: true,
    },
  })
  return { door, merchant, secretKey, publishable, liveKey, connection }
}

/** One merchant's till. Each test may have its own; the database is shared within a file. */
export async function aTill() {
  const { door, merchant, secretKey, publishable, liveKey, connection } = await aMerchantWithKeys()
  const { call, json } = callsOf(secretKey)

  const order = (change: object = {}) => ({
    ...{ order_id: anOrderId(), amount: 1_000, currency: 'AMD', return_url: `${SHOP}/done` },
    ...change,
  })

  const open = (change: object = {}, status = 201): Promise<Json> =>
    json(status, '/v1/payment-sessions', { body: order(change), key: aKey() })

  /** A report as the sandbox would sign and send it. */
  async function report(session: Json, told: Told = {}): Promise<Response> {
    const { type = 'captured', id = `rpt_${crypto.randomUUID()}`, at = Date.now() } = told
    const body = told.raw ?? JSON.stringify(reportOf(session, type, told.data))
    const signed = await signatureHeaders([told.secret ?? webhookSecret], id, Math.floor(at / 1_000), body)
    return exports.default.fetch(`${ORIGIN}/webhooks/sandbox/${told.connection ?? connection.id}`, {
      method: 'POST',
      headers: { ...signed, 'content-type': 'application/json', ...told.headers },
      body,
    })
  }

  const paymentOf = (session: { payment_id: string }): Promise<Json> =>
    json(200, `/v1/payments/${session.payment_id}`)

  /** The payment's events, oldest first, from the object's own journal rows. */
  async function eventsOf(paymentId: string): Promise<string[]> {
    return inside(paymentId, (state) =>
      state.storage.sql
        .exec<{ event_type: string }>(
          'SELECT event_type FROM journal WHERE event_type IS NOT NULL ORDER BY seq',
        )
        .toArray()
        .map((row) => row.event_type),
    )
  }

  const token = (change: object = {}) => {
    const now = Date.now()
    const signed = {
      orderId: anOrderId(),
      amount: 1_000,
      currency: 'AMD',
      issuedAt: now,
      expiresAt: now + 3_600_000,
    }
    return mintOrderToken(
      merchant.id,
      { ...signed, description: null, customerId: null, ...change },
      merchant.order_signing_secrets.test,
    )
  }

  return {
    ...{ door, merchantId: merchant.id as string, secretKey, publishable, liveKey, call, json, order, open },
    ...{
      report,
      paymentOf,
      eventsOf,
      token,
      connectionId: connection.id as string,
      paymentId: derived(merchant.id),
    },
  }
}

const derived = (merchantId: string) => (orderId: string) => paymentIdOf(merchantId, false, orderId)

function reportOf(session: Json, type: string, data: Record<string, unknown> = {}) {
  const now = new Date().toISOString()
  return {
    type: `payment.${type}`,
    timestamp: now,
    data: {
      ...{ reference: session.provider_reference, order_id: session.order_id, session_id: session.id },
      ...{ amount: session.amount, currency: session.currency, occurred_at: now },
      ...data,
    },
  }
}

/** Looks into a payment's object. */
export function inside<T>(
  paymentId: string,
  look: (state: DurableObjectState) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject(env.PAYMENT.getByName(paymentId), (_, state) => look(state))
}

/** Whether the object of this order holds anything at all. */
export function holdsNothing(paymentId: string): Promise<boolean> {
  return inside(paymentId, (state) => load(storageOf(state.storage)) === null)
}

/** How many checkouts the sandbox ever made in this file. */
export async function checkouts(): Promise<number> {
  return (await listDurableObjectIds(env.SANDBOX)).length
}

/** What was asked of the provider's page: a customer's click. */
export async function click(
  session: Json,
  choice: string,
  fields: Record<string, string> = {},
): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}/sandbox/checkout/${session.provider_reference}`, {
    method: 'POST',
    body: new URLSearchParams({ choice, ...fields }),
    redirect: 'manual',
  })
}
