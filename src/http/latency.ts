/** `/v1/destinations/{id}/latency`: how fast a business system answered lately. */
import { Hono } from 'hono'
import { spreadOf } from '../domain/latency.ts'
import { recordsOf } from '../store/database.ts'
import { type Latest, latestTries } from '../store/latency.ts'
import { allow } from './auth.ts'
import { destinationIn } from './destination.ts'
import type { Gateway } from './gateway.ts'
import { timeOf } from './schemas.ts'

export const latency = new Hono<Gateway>().get('/:id/latency', allow('secret', 'operator'), async (c) => {
  const destination = await destinationIn(c)
  const latest = await latestTries(recordsOf(c.env, destination.merchantId), destination)
  return c.json(viewOf(destination.id, latest))
})

export function viewOf(destinationId: string, { tries, arrivalsMs }: Latest) {
  return {
    object: 'latency',
    destination_id: destinationId,
    answer_ms: spreadOf(tries.map(({ durationMs }) => durationMs)),
    arrival_ms: spreadOf(arrivalsMs),
    tries: tries.map(({ at, durationMs, status }) => ({ at: timeOf(at), duration_ms: durationMs, status })),
  }
}
