/** Destinations: a merchant's business systems. Contract §8; changing, pausing and replaying them comes with its own issue. */
import { Hono } from 'hono'
import * as z from 'zod'
import { seal } from '../crypto/seal.ts'
import { secretFrom } from '../crypto/standard-webhooks.ts'
import { refuseAddress } from '../domain/address.ts'
import { GatewayError } from '../domain/errors.ts'
import { eventTypes } from '../domain/event.ts'
import { freshId } from '../domain/ids.ts'
import { recordsOf } from '../store/database.ts'
import { addDestination, type Destination, destinationOf, listDestinations } from '../store/destinations.ts'
import { allow } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { line, listOf, pageRequestOf, paging, timeOf } from './schemas.ts'
import { invalid, validated, validatedQuery } from './validated.ts'

const families = [...new Set(eventTypes.map((type) => `${type.split('.')[0]}.*`))]

const newDestination = z.strictObject({
  kind: z.enum(['crm', 'erp', 'fiscal', 'fulfillment', 'notification', 'reconciliation', 'other']),
  url: z.string().min(1).max(2_048),
  event_types: z
    .array(
      z.enum(['*', ...families, ...eventTypes], {
        error: `An event type such as payment.paid, one of ${families.join(', ')}, or *.`,
      }),
    )
    .min(1, { error: 'At least one event type; * means all.' })
    .max(50)
    .transform((types) => [...new Set(types)]),
  description: line(500).optional(),
  ordered: z.boolean().default(false),
  max_per_second: z.int().min(1).max(1_000).optional(),
  timeout_ms: z.int().min(100).max(30_000).optional(),
})

export const destinations = new Hono<Gateway>()
  .post('/', allow('secret'), validated(newDestination), async (c) => {
    const asked = c.req.valid('json')
    const refusal = refuseAddress(asked.url, c.var.settings.ALLOW_PRIVATE_ADDRESSES)
    if (refusal !== null) throw invalid([{ pointer: '/url', detail: `It ${refusal}.` }])
    const { merchantId, livemode } = c.var.caller
    const id = freshId('dst', crypto.getRandomValues(new Uint8Array(17)))
    const secret = secretFrom(crypto.getRandomValues(new Uint8Array(32)))
    const destination: Destination = {
      ...{
        id,
        merchantId,
        livemode,
        kind: asked.kind,
        eventTypes: asked.event_types,
        ordered: asked.ordered,
      },
      url: new URL(asked.url).href,
      description: asked.description ?? null,
      maxPerSecond: asked.max_per_second ?? null,
      timeoutMs: asked.timeout_ms ?? null,
      secrets: await seal(c.env, JSON.stringify([secret]), id),
      status: 'active',
      pausedBecause: null,
      createdAt: c.var.now,
      deletedAt: null,
    }
    await addDestination(recordsOf(c.env, merchantId), destination)
    // Shown this once: from here on it exists sealed only.
    return c.json({ ...viewOf(destination), secret }, 201)
  })
  .get('/', allow('secret', 'operator'), validatedQuery(z.strictObject(paging)), async (c) => {
    const { merchantId, livemode } = c.var.caller
    const db = recordsOf(c.env, merchantId)
    const page = await listDestinations(db, { merchantId, livemode }, pageRequestOf(c.req.valid('query')))
    return c.json(listOf(page, viewOf))
  })
  .get('/:id', allow('secret', 'operator'), async (c) => {
    const found = await destinationOf(
      recordsOf(c.env, c.var.caller.merchantId),
      c.var.caller,
      c.req.param('id'),
    )
    if (found === null) throw new GatewayError({ code: 'not_found', detail: 'No such destination.' })
    return c.json(viewOf(found))
  })

function viewOf(destination: Destination) {
  return {
    id: destination.id,
    object: 'destination',
    kind: destination.kind,
    url: destination.url,
    event_types: destination.eventTypes,
    description: destination.description,
    ordered: destination.ordered,
    max_per_second: destination.maxPerSecond,
    timeout_ms: destination.timeoutMs,
    status: destination.status,
    paused_because: destination.pausedBecause,
    created_at: timeOf(destination.createdAt),
    livemode: destination.livemode,
  }
}
