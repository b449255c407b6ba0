/** `PUT /v1/orders/{order_id}`: a merchant's back end fixes an order's terms before any browser is involved. */
import { Hono } from 'hono'
import * as z from 'zod'
import { paymentIdOf } from '../crypto/hash.ts'
import { mintOrderToken } from '../crypto/order-token.ts'
import { DAY_MS } from '../domain/clock.ts'
import { GatewayError } from '../domain/errors.ts'
import { timeOf } from '../domain/view.ts'
import { atPayment } from '../payment/stub.ts'
import { allow, merchantOf } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { amount, currency, customer, line, metadata, orderId } from './schemas.ts'
import { checked, invalid, validated } from './validated.ts'

const terms = z.lazy(() =>
  z.strictObject({
    amount,
    currency,
    description: line(500).optional(),
    customer: customer.optional(),
    metadata: metadata.default({}),
    expires_at: z.iso.datetime({ offset: true }).optional(),
    access: z.enum(['token', 'open']).default('token'),
  }),
)

export const orders = new Hono<Gateway>().put('/:order_id', allow('secret'), validated(terms), async (c) => {
  const { caller, now } = c.var
  const body = c.req.valid('json')
  const id = checked(orderId, c.req.param('order_id'), 'query')
  const merchant = await merchantOf(c, caller.merchantId)
  if (!merchant.currencies.includes(body.currency))
    throw invalid([
      { pointer: '/currency', detail: `This merchant takes ${merchant.currencies.join(', ')}.` },
    ])
  const expiresAt = body.expires_at === undefined ? null : Date.parse(body.expires_at)
  if (expiresAt !== null && expiresAt <= now)
    throw invalid([{ pointer: '/expires_at', detail: 'This is in the past.' }])
  const { merchantId, livemode } = caller
  const paymentId = paymentIdOf(merchantId, livemode, id)
  c.var.log.payment = paymentId
  const registered = await atPayment(c.env, paymentId, async (stub) =>
    stub.register(
      {
        ...{ paymentId, merchantId, livemode, orderId: id, actor: caller.id },
        terms: {
          amount: body.amount,
          currency: body.currency,
          access: body.access,
          expiresAt,
          description: body.description ?? null,
          metadata: body.metadata,
        },
        customer: body.customer ?? null,
      },
      c.var.trace,
    ),
  )
  if (registered.kind === 'refused') throw new GatewayError(registered.refusal)
  const secret = merchant.orderSigningSecrets[livemode ? 'live' : 'test'][0]
  if (secret === undefined) throw new Error(`Merchant ${merchantId} has no order-signing secret.`)
  const order = {
    orderId: id,
    amount: body.amount,
    currency: body.currency,
    description: body.description ?? null,
    customerId: body.customer?.id ?? null,
    issuedAt: now,
    expiresAt: Math.min(expiresAt ?? Number.POSITIVE_INFINITY, now + DAY_MS),
  }
  return c.json(
    {
      object: 'order',
      order_id: id,
      payment_id: paymentId,
      amount: body.amount,
      currency: body.currency,
      description: body.description ?? null,
      metadata: body.metadata,
      access: body.access,
      expires_at: expiresAt === null ? null : timeOf(expiresAt),
      order_token: await mintOrderToken(merchantId, order, secret),
      created_at: timeOf(registered.registeredAt),
      livemode,
    },
    registered.created ? 201 : 200,
  )
})
