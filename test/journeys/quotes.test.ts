// A storefront that knows only its cart: the demo store's back end quotes it over HTTP, and the customer pays what was quoted.
import { randomUUID } from 'node:crypto'
import { describe, expect, inject, it } from 'vitest'
import { type Session, shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)

const ask = (skus: string[], key: string) =>
  shop.call(
    'POST',
    '/v1/payment-sessions',
    {
      quote: { cart_id: key, currency: 'AMD', items: skus.map((sku) => ({ sku, count: 2 })) },
      customer_token: 'c-a-customer-of-this-test',
      return_url: `${dev.store_url}thanks`,
    },
    { authorization: `Bearer ${dev.publishable_key}`, 'idempotency-key': key },
  )

describe('a cart', () => {
  it('is paid at the price that the merchant’s back end quotes, once however often it is asked', async () => {
    const key = randomUUID()
    const answers = await Promise.all([1, 2, 3].map(() => ask(['coffee', 'cup'], key)))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    const session = answers[0]!.body as unknown as Session
    expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set([session.id]))
    expect(session).toMatchObject({ amount: 2_260_000, currency: 'AMD' })
    await shop.checkOut(session)
    await shop.untilPaid(session.payment_id)
    expect((await shop.payment(session.payment_id)).amount_captured).toBe(2_260_000)
  })

  it('that the merchant does not sell is refused with its reason', async () => {
    const { status, body } = await ask(['gold'], randomUUID())
    expect([status, body.code, body.reason]).toEqual([422, 'quote_refused', 'not_for_sale'])
  })
})
