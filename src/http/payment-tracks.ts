/** `/v1/payments/{id}/fiscal-receipts` and `/fulfillment`: what the systems behind those tracks tell. Contract §6. */
import { type Context, Hono } from 'hono'
import { fulfillmentWord, receiptWord } from '../delivery/words.ts'
import { GatewayError } from '../domain/errors.ts'
import { isPaymentId } from '../domain/ids.ts'
import type { Key } from '../payment/keys.ts'
import { atPayment } from '../payment/stub.ts'
import type { Tracked } from '../payment/tracking.ts'
import { respond } from './answer.ts'
import { allow, mayAct } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { idempotencyKey } from './idempotency.ts'
import { validated } from './validated.ts'

export const paymentTracks = new Hono<Gateway>()
  .post('/:id/fiscal-receipts', allow('secret', 'operator'), validated(receiptWord), async (c) => {
    const word = c.req.valid('json')
    const { id, key, actor } = await told(c, 'fiscal_receipt', word)
    return answer(
      c,
      await atPayment(c.env, id, async (stub) => stub.tellReceipt({ word, key, actor }, c.var.trace)),
    )
  })
  .post('/:id/fulfillment', allow('secret', 'operator'), validated(fulfillmentWord), async (c) => {
    const word = c.req.valid('json')
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
