/** One destination: found by the path, changed, and shown. */
import type { Context } from 'hono'
import * as z from 'zod'
import { unseal } from '../crypto/seal.ts'
import { GatewayError } from '../domain/errors.ts'
import { eventTypes } from '../domain/event.ts'
import { recordsOf } from '../store/database.ts'
import {
  changeDestination,
  type Destination,
  type DestinationChange,
  destinationOf,
} from '../store/destinations.ts'
import { byOf } from './auth.ts'
import { attemptView } from './deliveries.ts'
import type { Gateway } from './gateway.ts'
import { timeOf } from './schemas.ts'

const families = [...new Set(eventTypes.map((type) => `${type.split('.')[0]}.*`))]

/** Types and patterns that a destination takes, or that a replay is about. */
export const eventPatterns = z.lazy(() =>
  z
    .array(
      z.enum(['*', ...families, ...eventTypes], {
        error: `An event type such as payment.paid, one of ${families.join(', ')}, or *.`,
      }),
    )
    .min(1, { error: 'At least one event type; * means all.' })
    .max(50)
    .transform((types) => [...new Set(types)]),
)

/** The destination that the path names. Throws `not_found` when the caller has none of that id. */
export async function destinationIn(c: Context<Gateway>): Promise<Destination> {
  const { caller } = c.var
  const id = c.req.param('id') ?? ''
  const found = await destinationOf(recordsOf(c.env, caller.merchantId), caller, id)
  if (found === null) throw noSuchDestination()
  c.var.log.destination = id
  return found
}

/** Changes the destination that the path names. Throws `not_found` when it was deleted in the meantime. */
export async function change(c: Context<Gateway>, columns: DestinationChange): Promise<Destination> {
  const { caller } = c.var
  const db = recordsOf(c.env, caller.merchantId)
  const changed = await changeDestination(db, caller, c.req.param('id') ?? '', columns, byOf(c, caller.id))
  if (changed === null) throw noSuchDestination()
  return changed
}

export const noSuchDestination = () => new GatewayError({ code: 'not_found', detail: 'No such destination.' })

/** Header values may be credentials, so only names are shown. */
async function headerNames(c: Context<Gateway>, { headers, id }: Destination): Promise<string[]> {
  return headers === null ? [] : Object.keys(JSON.parse(await unseal(c.env, headers, id)))
}

/** A destination as it goes out. */
export async function viewOf(c: Context<Gateway>, destination: Destination) {
  const { lastTest } = destination
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
    on_timeout: destination.onTimeout,
    header_names: await headerNames(c, destination),
    status: destination.status,
    paused_because: destination.pausedBecause,
    failures: destination.failures,
    failing_since: timeOf(destination.failingSince),
    next_probe_at: destination.pausedBecause === 'failing' ? timeOf(destination.dueAt) : null,
    older_secret_until: timeOf(destination.olderSecretUntil),
    last_test: lastTest === null ? null : attemptView(lastTest),
    created_at: timeOf(destination.createdAt),
    livemode: destination.livemode,
  }
}
