/** Deliveries: what became of an event at a destination, with every try, and a person's "once more". Contract §8. */
import { Hono } from 'hono'
import * as z from 'zod'
import { portsOf, sendTries } from '../delivery/ports.ts'
import { GatewayError } from '../domain/errors.ts'
import { isPaymentId } from '../domain/ids.ts'
import { recordsOf } from '../store/database.ts'
import {
  askForRetry,
  type Delivery,
  deliveryOf,
  type ListedDelivery,
  listDeliveries,
} from '../store/deliveries.ts'
import type { Attempt } from '../store/schema.ts'
import { allow, byOf, mayAct } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { listOf, noBody, pageRequestOf, paging, timeOf } from './schemas.ts'
import { validated, validatedQuery } from './validated.ts'

const filter = z.lazy(() =>
  z.strictObject({
    ...paging(),
    status: z.enum(['pending', 'delivered', 'failed', 'held']).optional(),
    destination_id: z.string().max(64).optional(),
    payment_id: z.string().max(64).optional(),
  }),
)

export const deliveries = new Hono<Gateway>()
  .get('/', allow('secret', 'operator'), validatedQuery(filter), async (c) => {
    const { merchantId, livemode } = c.var.caller
    const { status, destination_id, payment_id, ...query } = c.req.valid('query')
    if (payment_id !== undefined && !isPaymentId(payment_id))
      return c.json(listOf({ rows: [], next: null }, viewOf))
    const page = await listDeliveries(
      recordsOf(c.env, merchantId),
      { merchantId, livemode, status, destinationId: destination_id, paymentId: payment_id },
      pageRequestOf(query),
    )
    return c.json(listOf(page, viewOf))
  })
  .get('/:id', allow('secret', 'operator'), async (c) => {
    const db = recordsOf(c.env, c.var.caller.merchantId)
    return c.json(wholeViewOf(known(await deliveryOf(db, c.var.caller, c.req.param('id')))))
  })
  .post('/:id/retry', allow('secret', 'operator'), validated(noBody, { mayBeAbsent: true }), async (c) => {
    const { caller } = c.var
    mayAct(c)
    const db = recordsOf(c.env, caller.merchantId)
    const id = c.req.param('id')
    const due = await askForRetry(db, caller, id, byOf(c, caller.id))
    if (due === null) throw notNow(known(await deliveryOf(db, caller, id)))
    const next = { deliveryId: id, merchantId: caller.merchantId, attempt: due.attemptCount + 1 }
    await sendTries(portsOf(c.env), [next], 0, 'retries')
    c.var.log.delivery = id
    return c.json(wholeViewOf(due), 202)
  })

function known(delivery: Delivery | null): Delivery {
  if (delivery === null) throw new GatewayError({ code: 'not_found', detail: 'No such delivery.' })
  return delivery
}

function notNow(delivery: Delivery): GatewayError {
  return new GatewayError({
    code: 'not_allowed_now',
    detail:
      'A try of this delivery is running, or its destination was deleted. Read the delivery, then ask again.',
    extra: { delivery_status: delivery.status },
  })
}

export function viewOf(delivery: ListedDelivery) {
  return {
    id: delivery.id,
    object: 'delivery',
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    payment_id: isPaymentId(delivery.stream) ? delivery.stream : null,
    destination_id: delivery.destinationId,
    status: delivery.status,
    attempt_count: delivery.attemptCount,
    // An ended delivery may still be due for telling its payment so; that is no attempt.
    next_attempt_at: delivery.status === 'pending' ? timeOf(delivery.dueAt) : null,
    created_at: timeOf(delivery.createdAt),
    livemode: delivery.livemode,
  }
}

export function wholeViewOf(delivery: Delivery) {
  const { created_at, livemode, ...head } = viewOf(delivery)
  const attempts = delivery.attempts.map(attemptView)
  return { ...head, doubtful: delivery.doubtful, attempts, created_at, livemode }
}

/** One HTTP try as it goes out. */
export function attemptView({ n, at, durationMs, status, error, trigger, responseBody }: Attempt) {
  return { n, at: timeOf(at), duration_ms: durationMs, status, error, trigger, response_body: responseBody }
}
