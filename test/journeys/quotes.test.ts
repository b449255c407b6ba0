// A storefront that knows only its cart: the merchant's back end quotes it over HTTP, and the customer pays what was quoted.
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { orderNumber, type Session, shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const prices: Record<string, number> = { coffee: 210_000, cup: 90_000 }

/** The merchant's back end: verifies who asks, prices the cart, and makes one order for each key. */
const orders = new Map<string, string>()
const server: Server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString()
  const headers = request.headers as Record<string, string>
  new Webhook(dev.order_signing_secret, { format: 'raw' }).verify(body, headers)
  const { items } = JSON.parse(body) as { items: string[] }
  const key = headers['idempotency-key'] ?? ''
  const orderId = orders.get(key) ?? orderNumber()
  orders.set(key, orderId)
  const isKnown = headers.authorization === 'Bearer ani' && items.every((item) => item in prices)
  const amount = items.reduce((sum, item) => sum + (prices[item] ?? 0), 0)
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify(
      isKnown
        ? { allowed: true, order_id: orderId, amount, currency: 'AMD' }
        : { allowed: false, reason: 'not_for_sale' },
    ),
  )
})

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const changed = await shop.call(
    'PATCH',
    `/v1/admin/merchants/${dev.merchant_id}`,
    { quote_url: `http://127.0.0.1:${port}/quote` },
    { authorization: `Bearer ${dev.admin_token}` },
  )
  expect(changed.status).toBe(200)
})

afterAll(() => void server.close())

const ask = (items: string[], key: string) =>
  shop.call(
    'POST',
    '/v1/payment-sessions',
    { quote: { items }, customer_token: 'ani', return_url: `${dev.sink_url}/demo/order` },
    { authorization: `Bearer ${dev.publishable_key}`, 'idempotency-key': key },
  )

describe('a cart', () => {
  it('is paid at the price that the merchant’s back end quotes, once however often it is asked', async () => {
    const key = randomUUID()
    const answers = await Promise.all([1, 2, 3].map(() => ask(['coffee', 'coffee', 'cup'], key)))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    const session = answers[0]!.body as unknown as Session
    expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set([session.id]))
    expect(session).toMatchObject({ amount: 510_000, currency: 'AMD' })
    await shop.checkOut(session)
    await shop.untilPaid(session.payment_id)
    expect((await shop.payment(session.payment_id)).amount_captured).toBe(510_000)
  })

  it('that the merchant does not sell is refused with its reason', async () => {
    const { status, body } = await ask(['gold'], randomUUID())
    expect([status, body.code, body.reason]).toEqual([422, 'quote_refused', 'not_for_sale'])
  })
})
