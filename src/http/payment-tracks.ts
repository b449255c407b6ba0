/** `/v1/payments/{id}/fiscal-receipts` and `/fulfillment`: what the systems behind those tracks tell. Contract §6. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { GatewayError } from '../domain/errors.ts'
import { isPaymentId } from '../domain/ids.ts'
import type { Key } from '../payment/keys.ts'
import { atPayment } from '../payment/stub.ts'
import type { Tracked } from '../payment/tracking.ts'
import { respond } from './answer.ts'
import { allow, mayAct } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { idempotencyKey } from './idempotency.ts'
import { amount, line } from './schemas.ts'
import { validated } from './validated.ts'

/** Also what a fiscal system may answer a delivery with. */
export const receiptBody = z.strictObject({
  kind: z.enum(['sale', 'refund']),
  status: z.enum(['issued', 'failed']),
  refund_id: z.string().max(64).optional(),
  receipt_id: line(128).optional(),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .optional(),
  amount: amount.optional(),
})

const fulfillmentBody = z.strictObject({
  status: z.enum(['not_required', 'pending', 'in_progress', 'delivered', 'returned', 'canceled']),
  note: line(500).optional(),
})

export const paymentTracks = new Hono<Gateway>()
  .post('/:id/fiscal-receipts', allow('secret', 'operator'), validated(receiptBody), async (c) => {
    const { kind, status, refund_id, receipt_id, url, amount: paid } = c.req.valid('json')
    const word = {
      kind,
      status,
      refundId: refund_id ?? null,
      receiptId: receipt_id ?? null,
      url: url ?? null,
      amount: paid ?? null,
    }
    const { id, key, actor } = await told(c, 'fiscal_receipt', word)
    return answer(
      c,
      await atPayment(c.env, id, async (stub) => stub.tellReceipt({ word, key, actor }, c.var.trace)),
    )
  })
  .post('/:id/fulfillment', allow('secret', 'operator'), validated(fulfillmentBody), async (c) => {
    const { status, note } = c.req.valid('json')
    const word = { status, note: note ?? null }
    const { id, key, actor } = await told(c, 'fulfillment', word)
    return answer(
      c,
      await atPayment(c.env, id, async (stub) => stub.tellFulfillment({ word, key, actor }, c.var.trace)),
    )
  })

/** Which payment of the caller's is told of, and under which key. */
async function told(
  c: Context<Gateway>,
  command: string,
  word: object,
): Promise<{ id: string; key: Key; actor: string }> {
  const { caller } = c.var
  mayAct(c)
  const key = { name: `${command} ${idempotencyKey(c)}`, fingerprint: JSON.stringify(word) }
  const id = c.req.param('id') ?? ''
  const isTheirs =
    isPaymentId(id) && (await atPayment(c.env, id, async (stub) => stub.payment(caller))) !== null
  if (!isTheirs) throw nothing()
  c.var.log.payment = id
  return { id, key, actor: caller.id }
}

function answer(c: Context<Gateway>, tracked: Tracked | null): Response {
  if (tracked === null) throw nothing()
  if (tracked.kind === 'refused') throw new GatewayError(tracked.refusal)
  return respond(c, tracked.answer, tracked.replayed)
}

const nothing = () => new GatewayError({ code: 'not_found', detail: 'There is no such payment.' })
