/**
 * What a try does to its destination's health: counted by the database, because tries that end at once must each count.
 * What a person has done to the destination in the meantime stands.
 */
import { and, eq, gt, or, type SQL, sql } from 'drizzle-orm'
import { FAILING_TO_OPEN_MS, FAILURES_TO_OPEN } from '../domain/health.ts'
import type { Records } from './database.ts'
import { destinations } from './schema.ts'

/** How a try went for its destination. */
export type Verdict = 'taken' | 'failed' | 'gone'

/** The change to the destination, to be made in one batch with the delivery's row; `held` is the claim's condition. */
export function changeHealth(
  db: Records,
  id: string,
  verdict: Verdict,
  times: { now: number; probeMs: number },
  held: SQL,
) {
  const { set, where } = changes[verdict](times)
  return db
    .update(destinations)
    .set(set)
    .where(and(eq(destinations.id, id), where, held))
}

const { status, pausedBecause, failures, failingSince, dueAt } = destinations
const isFailing = sql`${pausedBecause} = 'failing'`

const changes = {
  taken: ({ now }: { now: number }) => ({
    set: {
      status: sql`case when ${isFailing} then 'active' else ${status} end`,
      pausedBecause: sql`nullif(${pausedBecause}, 'failing')`,
      failures: 0,
      failingSince: null,
      // What was held is released from now on.
      dueAt: sql`case when ${isFailing} then ${now} else ${dueAt} end`,
    },
    where: or(gt(failures, 0), eq(pausedBecause, 'failing')),
  }),
  failed: ({ now, probeMs }: { now: number; probeMs: number }) => {
    const opens = sql`(${status} = 'active' and ${failures} + 1 >= ${FAILURES_TO_OPEN}
      and ${now} - coalesce(${failingSince}, ${now}) >= ${FAILING_TO_OPEN_MS})`
    return {
      set: {
        status: sql`case when ${opens} then 'paused' else ${status} end`,
        pausedBecause: sql`case when ${opens} then 'failing' else ${pausedBecause} end`,
        failures: sql`${failures} + 1`,
        failingSince: sql`coalesce(${failingSince}, ${now})`,
        dueAt: sql`case when ${opens} then ${now + probeMs} else ${dueAt} end`,
      },
      where: undefined,
    }
  },
  gone: () => ({
    set: { status: 'paused' as const, pausedBecause: 'gone' as const, dueAt: null },
    where: or(eq(status, 'active'), eq(pausedBecause, 'failing')),
  }),
}
