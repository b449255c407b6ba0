/** Events, as business systems were told of them. Contract §8. */
import { Hono } from 'hono'
import * as z from 'zod'
import { GatewayError } from '../domain/errors.ts'
import { eventTypes } from '../domain/event.ts'
import { isPaymentId } from '../domain/ids.ts'
import { recordsOf } from '../store/database.ts'
import { eventById, listEvents, type RecordedEvent } from '../store/events.ts'
import { allow } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { listOf, pageRequestOf, paging } from './schemas.ts'
import { validatedQuery } from './validated.ts'

const filter = z.lazy(() =>
  z.strictObject({
    ...paging(),
    type: z.enum(eventTypes).optional(),
    payment_id: z.string().max(64).optional(),
  }),
)

export const events = new Hono<Gateway>()
  .get('/', allow('secret', 'operator'), validatedQuery(filter), async (c) => {
    const { merchantId, livemode } = c.var.caller
    const { type, payment_id, ...query } = c.req.valid('query')
    const page = await listEvents(
      recordsOf(c.env, merchantId),
      { merchantId, livemode, type, paymentId: payment_id },
      pageRequestOf(query),
    )
    return c.json(listOf(page, viewOf))
  })
  .get('/:id', allow('secret', 'operator'), async (c) => {
    const event = await eventById(recordsOf(c.env, c.var.caller.merchantId), c.var.caller, c.req.param('id'))
    if (event === null) throw new GatewayError({ code: 'not_found', detail: 'No such event.' })
    return c.json(viewOf(event))
  })

/** The frozen body is what was sent, word for word; around it stands what finds it again. */
export function viewOf({ id, type, stream, sequence, livemode, body }: RecordedEvent) {
  const { timestamp, data } = JSON.parse(body) as { timestamp: string; data: Record<string, unknown> }
  const payment_id = isPaymentId(stream) ? stream : null
  return { id, object: 'event', type, timestamp, payment_id, sequence, data, created_at: timestamp, livemode }
}
