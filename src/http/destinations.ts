/** Destinations: a merchant's business systems, and what is sent to them. Contract §8. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { seal } from '../crypto/seal.ts'
import { secretFrom } from '../crypto/standard-webhooks.ts'
import { refuseAddress } from '../domain/address.ts'
import { freshId } from '../domain/ids.ts'
import { recordsOf } from '../store/database.ts'
import {
  addDestination,
  type Destination,
  type DestinationChange,
  listDestinations,
} from '../store/destinations.ts'
import { allow, byOf, mayManage } from './auth.ts'
import { change, destinationIn, eventPatterns, viewOf } from './destination.ts'
import { destinationActions } from './destination-actions.ts'
import type { Gateway } from './gateway.ts'
import { latency } from './latency.ts'
import { line, listOf, pageQuery, pageRequestOf } from './schemas.ts'
import { invalid, validated, validatedQuery } from './validated.ts'

/** What a delivery says itself, or what belongs to the connection. */
const reservedHeaders =
  /^(host|connection|content-.*|transfer-encoding|te|upgrade|user-agent|webhook-.*|tollgate-.*|traceparent|tracestate|cf-.*)$/

const headers = z.lazy(() =>
  z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'A header’s name is 1 to 64 letters, digits and hyphens.' })
        .toLowerCase()
        .refine((name) => !reservedHeaders.test(name), { error: 'The gateway sets this header itself.' }),
      z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/, {
        error: '1 to 1024 printable ASCII characters.',
      }),
    )
    .refine((all) => Object.keys(all).length <= 10, { error: 'At most 10 headers.' }),
)

const changeable = () => ({
  kind: z.enum(['crm', 'erp', 'fiscal', 'fulfillment', 'notification', 'reconciliation', 'other']),
  url: z.string().min(1).max(2_048),
  event_types: eventPatterns,
  description: line(500),
  ordered: z.boolean(),
  max_per_second: z.int().min(1).max(1_000),
  timeout_ms: z.int().min(100).max(30_000),
  on_timeout: z.enum(['retry', 'hold']),
  headers,
})

const newDestination = z.lazy(() => {
  const { ordered, on_timeout, description, max_per_second, timeout_ms, ...needed } = changeable()
  return z.strictObject({
    ...needed,
    ...{ ordered: ordered.default(false), on_timeout: on_timeout.default('retry') },
    headers: headers.optional(),
    ...{ description: description.optional(), max_per_second: max_per_second.optional() },
    timeout_ms: timeout_ms.optional(),
  })
})

/** What is left out stays; null takes away. */
const destinationChange = z.lazy(() => {
  const { description, max_per_second, timeout_ms, ...fixed } = changeable()
  return z
    .strictObject({
      ...fixed,
      ...{ headers: headers.nullable(), description: description.nullable() },
      ...{ max_per_second: max_per_second.nullable(), timeout_ms: timeout_ms.nullable() },
    })
    .partial()
})

export const destinations = new Hono<Gateway>()
  .post('/', allow('secret'), validated(newDestination), async (c) => {
    const asked = c.req.valid('json')
    refuseHold(asked.kind, asked.on_timeout)
    const { merchantId, livemode } = c.var.caller
    const id = freshId('dst', crypto.getRandomValues(new Uint8Array(17)))
    const secret = secretFrom(crypto.getRandomValues(new Uint8Array(32)))
    const destination = await addDestination(
      recordsOf(c.env, merchantId),
      {
        ...{
          id,
          merchantId,
          livemode,
          kind: asked.kind,
          eventTypes: asked.event_types,
          ordered: asked.ordered,
        },
        url: allowedUrl(c, asked.url),
        description: asked.description ?? null,
        maxPerSecond: asked.max_per_second ?? null,
        timeoutMs: asked.timeout_ms ?? null,
        onTimeout: asked.on_timeout,
        secrets: await seal(c.env, JSON.stringify([secret]), id),
        headers: await sealedHeaders(c, asked.headers, id),
        status: 'active',
        createdAt: c.var.now,
      },
      byOf(c, c.var.caller.id),
    )
    c.var.log.destination = id
    // Shown this once: from here on it exists sealed only.
    return c.json({ ...(await viewOf(c, destination)), secret }, 201)
  })
  .get('/', allow('secret', 'operator'), validatedQuery(pageQuery), async (c) => {
    const { merchantId, livemode } = c.var.caller
    const db = recordsOf(c.env, merchantId)
    const page = await listDestinations(db, { merchantId, livemode }, pageRequestOf(c.req.valid('query')))
    const views = await Promise.all(page.rows.map((row) => viewOf(c, row)))
    return c.json(listOf({ rows: views, next: page.next }, (view) => view))
  })
  .get('/:id', allow('secret', 'operator'), async (c) => c.json(await viewOf(c, await destinationIn(c))))
  .patch('/:id', allow('secret', 'operator'), validated(destinationChange), async (c) => {
    mayManage(c)
    const { id, kind, onTimeout } = await destinationIn(c)
    const asked = c.req.valid('json')
    refuseHold(asked.kind ?? kind, asked.on_timeout ?? onTimeout)
    const changed = await change(c, await changeOf(c, id))
    return c.json(await viewOf(c, changed))
  })
  .delete('/:id', allow('secret'), async (c) => {
    await destinationIn(c)
    // Due now, so that the sweeper ends what was held for it.
    await change(c, { deletedAt: c.var.now, dueAt: c.var.now })
    return c.body(null, 204)
  })
  .route('/', destinationActions)
  .route('/', latency)

async function changeOf(
  c: Context<Gateway, string, { out: { json: z.output<typeof destinationChange> } }>,
  id: string,
): Promise<DestinationChange> {
  const asked = c.req.valid('json')
  const columns = {
    kind: asked.kind,
    url: asked.url === undefined ? undefined : allowedUrl(c, asked.url),
    eventTypes: asked.event_types,
    description: asked.description,
    ordered: asked.ordered,
    maxPerSecond: asked.max_per_second,
    timeoutMs: asked.timeout_ms,
    onTimeout: asked.on_timeout,
    headers: asked.headers === undefined ? undefined : await sealedHeaders(c, asked.headers, id),
  }
  const given = Object.entries(columns).filter(([, value]) => value !== undefined)
  if (given.length === 0) throw invalid([{ pointer: '', detail: 'Name at least one field to change.' }])
  return Object.fromEntries(given) as DestinationChange
}

/** Elsewhere a repeat does no harm, and an event that stops would only be missing. */
function refuseHold(kind: Destination['kind'], onTimeout: Destination['onTimeout']): void {
  if (onTimeout === 'hold' && kind !== 'fiscal')
    throw invalid([{ pointer: '/on_timeout', detail: 'Only a fiscal destination may hold.' }])
}

function allowedUrl(c: Context<Gateway>, url: string): string {
  const refusal = refuseAddress(url, c.var.settings.ALLOW_PRIVATE_ADDRESSES)
  if (refusal !== null) throw invalid([{ pointer: '/url', detail: `It ${refusal}.` }])
  return new URL(url).href
}

type Headers = Record<string, string> | null | undefined

async function sealedHeaders(c: Context<Gateway>, given: Headers, id: string): Promise<string | null> {
  if (!given || Object.keys(given).length === 0) return null
  return await seal(c.env, JSON.stringify(given), id)
}
