// Payments do not wait for the database: once an isolate knows the key, the merchant and the connection, none of its
// statements stands between a customer and a checkout, a provider and its answer, or a store and a status.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paymentIdOf } from '../../src/crypto/hash.ts'
import { mintOrderToken } from '../../src/crypto/order-token.ts'
import { signatureHeaders } from '../../src/crypto/standard-webhooks.ts'
import { clearDirectory } from '../../src/store/directory.ts'
import { ADMIN, aDoor } from './door.ts'
import { secret } from './sandbox-shop.ts'
import { anOrderId, type Json, SHOP } from './till.ts'

const door = aDoor()
let merchant: Json
let secretKey: string
let publishable: string
let connection: Json

beforeAll(async () => {
  door.now = Date.now()
  merchant = await door.aMerchant({ allowed_origins: [SHOP] })
  secretKey = (await door.aKey(merchant.id)).key
  publishable = (await door.aKey(merchant.id, 'publishable')).key
  const body = {
    provider: 'sandbox',
    livemode: false,
    credentials: { webhook_secrets: [secret] },
    default: true,
  }
  connection = await door.json(201, `/v1/admin/merchants/${merchant.id}/connections`, { as: ADMIN, body })
})

beforeEach(() => {
  door.isBroken = false
})

const order = (change: object = {}) => ({
  ...{ order_id: anOrderId(), amount: 1_000, currency: 'AMD', return_url: `${SHOP}/done` },
  ...change,
})
const key = () => ({ 'idempotency-key': crypto.randomUUID() })
const open = (body: object = order()) =>
  door.json(201, '/v1/payment-sessions', { as: secretKey, body, headers: key() })

async function report(session: Json, type = 'captured'): Promise<Response> {
  const { id: session_id, provider_reference: reference, order_id, amount, currency } = session
  const body = JSON.stringify({
    type: `payment.${type}`,
    data: { reference, order_id, session_id, amount, currency },
  })
  const signed = await signatureHeaders([secret], crypto.randomUUID(), Math.floor(door.now / 1_000), body)
  return door.call(`/webhooks/sandbox/${connection.id}`, { body, headers: signed })
}

/** The statements that requests run meanwhile. The consumers of the queues have a database of their own here. */
async function statements(run: () => Promise<unknown>): Promise<number> {
  const before = door.statements
  await run()
  return door.statements - before
}

async function token(orderId: string): Promise<string> {
  const said = { orderId, amount: 1_000, currency: 'AMD', description: null, customerId: null }
  const times = { issuedAt: door.now, expiresAt: door.now + 3_600_000 }
  return mintOrderToken(merchant.id, { ...said, ...times }, merchant.order_signing_secrets.test)
}

it('a cold isolate asks the database for key, merchant and connection, once each', async () => {
  await open()
  clearDirectory()
  expect(await statements(() => open())).toBe(3)
  expect(await statements(() => open())).toBe(0)
})

describe('with warm caches no D1 statement runs', () => {
  it('while a session is opened, opened again, replayed and refused', async () => {
    await open()
    const body = order()
    const headers = key()
    const ran = await statements(async () => {
      await door.json(201, '/v1/payment-sessions', { as: secretKey, body, headers })
      await door.json(201, '/v1/payment-sessions', { as: secretKey, body, headers })
      await door.json(200, '/v1/payment-sessions', { as: secretKey, body, headers: key() })
      await door.json(409, '/v1/payment-sessions', {
        as: secretKey,
        body: { ...body, amount: 2 },
        headers: key(),
      })
    })
    expect(ran).toBe(0)
  })

  it('while a browser opens a session by its token, and reads it', async () => {
    const browser = { as: publishable, headers: { ...key(), origin: SHOP } }
    await door.call('/v1/payment-sessions/ps_x', browser)
    const ran = await statements(async () => {
      const body = { order_token: await token(anOrderId()), return_url: `${SHOP}/done` }
      const session = await door.json(201, '/v1/payment-sessions', { ...browser, body })
      const path = `/v1/payment-sessions/${session.id}?client_secret=${session.client_secret}`
      await door.json(200, path, { as: publishable })
    })
    expect(ran).toBe(0)
  })

  it('while an order is registered, and its customer is sent to pay and comes back', async () => {
    await open()
    const ran = await statements(async () => {
      const orderId = anOrderId()
      const terms = { amount: 1_000, currency: 'AMD' }
      await door.json(201, `/v1/orders/${orderId}`, { as: secretKey, method: 'PUT', body: terms })
      const session = await open({ order_id: orderId, return_url: `${SHOP}/done` })
      expect((await door.call(`/pay/${session.id}`)).status).toBe(303)
      expect((await door.call(`/return/${session.id}`)).status).toBe(303)
    })
    expect(ran).toBe(0)
  })

  it('while reports come in: applied, repeated, mismatched, forged, unmatched', async () => {
    const session = await open()
    await report(session, 'authorized')
    const ran = await statements(async () => {
      expect((await report(session)).status).toBe(200)
      expect((await report(session)).status).toBe(200)
      expect((await report({ ...session, amount: 5 })).status).toBe(200)
      expect((await report({ ...session, id: undefined, order_id: undefined })).status).toBe(200)
    })
    expect(ran).toBe(0)
  })

  it('while a status, a journal and its proof are read', async () => {
    const session = await open()
    const ran = await statements(async () => {
      await door.json(200, `/v1/payment-sessions/${session.id}`, { as: secretKey })
      for (const part of ['', '/journal', '/journal/verify'])
        await door.json(200, `/v1/payments/${session.payment_id}${part}`, { as: secretKey })
    })
    expect(ran).toBe(0)
  })

  it('for keys that were invented: their checksum is wrong', async () => {
    const ran = await statements(async () => {
      for (const invented of [
        'sk_test_x',
        `${secretKey.slice(0, -1)}0`,
        'garbage',
        `pk_live_${'a'.repeat(40)}`,
      ])
        if (invented !== secretKey)
          expect((await door.call('/v1/payments/pay_x', { as: invented })).status).toBe(401)
    })
    expect(ran).toBe(0)
  })
})

describe('while the database is away', () => {
  it('a warm isolate opens, reports and reads as if nothing were', async () => {
    await open()
    door.isBroken = true
    const session = await open()
    expect((await report(session)).status).toBe(200)
    const paid = await door.json(200, `/v1/payments/${session.payment_id}`, { as: secretKey })
    expect(paid).toMatchObject({ status: 'paid' })
  })

  it('a cold isolate says 503 for a key and for a connection, never 401 or 404', async () => {
    const session = await open()
    clearDirectory()
    door.isBroken = true
    const asked = await door.call(`/v1/payments/${session.payment_id}`, { as: secretKey })
    expect([asked.status, (await report(session)).status]).toEqual([503, 503])
    door.isBroken = false
    expect((await report(session)).status).toBe(200)
    const payment = await door.json(
      200,
      `/v1/payments/${paymentIdOf(merchant.id, false, session.order_id)}`,
      {
        as: secretKey,
      },
    )
    expect(payment.status).toBe('paid')
  })
})
