/** What is held for a destination: released in its order, tried one by one as a probe, or ended when it waited enough. */
import { and, asc, eq, exists, isNotNull, lte, notExists, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { type Health, halfOpen } from '../domain/health.ts'
import type { Records } from './database.ts'
import { type Released, type Replay, unfinishedReplays } from './replays.ts'
import { deliveries, destinations } from './schema.ts'

/** A destination that needs work: a probe while it is failing, a release of what it held otherwise. */
export interface DueDestination {
  id: string
  merchantId: string
  health: Health
  deleted: boolean
}

/** What a sweep of the backlog finds. */
export interface Backlog {
  /** Deliveries that a breaker had held for long enough and that have ended now. */
  ended: number
  /** The longest overdue first. */
  destinations: DueDestination[]
  /** Not through yet, oldest first. */
  replays: Replay[]
}

/** Ends what was held for long enough, and reads what else there is to do: one round trip, as most sweeps find nothing. */
export async function takeBacklog(
  db: Records,
  now: number,
  limits: { ended: number; destinations: number; replays: number },
): Promise<Backlog> {
  const due = db
    .select()
    .from(destinations)
    .where(and(isNotNull(destinations.dueAt), lte(destinations.dueAt, now)))
    .orderBy(asc(destinations.dueAt))
    .limit(limits.destinations)
  const [ended, rows, running] = await db.batch([
    endLongHeld(db, now, limits.ended),
    due,
    unfinishedReplays(db, limits.replays),
  ])
  return { ended: ended.length, destinations: rows.map(asDue), replays: running }
}

type DestinationRow = typeof destinations.$inferSelect

function asDue({ id, merchantId, deletedAt, ...row }: DestinationRow): DueDestination {
  const { status, pausedBecause, failures, failingSince, dueAt } = row
  const health = { status, pausedBecause, failures, failingSince, dueAt }
  return { id, merchantId, health, deleted: deletedAt !== null }
}

/**
 * Makes the oldest deliveries that are held for a destination due now, at most `limit`; those of a deleted one end as
 * failed. With the last of them the destination's own work is done.
 */
export async function releaseHeld(
  db: Records,
  { id, health, deleted }: DueDestination,
  now: number,
  limit: number,
): Promise<Released[]> {
  const next = deleted
    ? ({ status: 'failed', dueAt: null } as const)
    : ({ status: 'pending', dueAt: now, leaseUntil: null } as const)
  const held = heldFor(db, id, limit)
  const release = db
    .update(deliveries)
    .set(next)
    .where(sql`${deliveries.id} in ${held}`)
    .returning({ id: deliveries.id, merchantId: deliveries.merchantId, attempts: deliveries.attemptCount })
  const finish = db
    .update(destinations)
    .set({ dueAt: null })
    .where(and(unchanged(id, health), notExists(heldFor(db, id, 1))))
  const [released] = await db.batch([release, finish])
  return deleted ? [] : released.map(asTry)
}

const asTry = (row: { id: string; merchantId: string; attempts: number }): Released => ({
  deliveryId: row.id,
  merchantId: row.merchantId,
  attempt: row.attempts + 1,
})

/**
 * Makes the oldest held delivery a probe that is due now, and puts the next probe off to `nextAt`; with nothing held
 * the breaker is half open, and the next event tells. Null when there is nothing to probe with.
 */
export async function takeProbe(
  db: Records,
  { id, health }: DueDestination,
  now: number,
  nextAt: number,
): Promise<Released | null> {
  const isHeld = exists(heldFor(db, id, 1))
  const putOff = db
    .update(destinations)
    .set({ dueAt: nextAt })
    .where(and(unchanged(id, health), isHeld))
  const open = db
    .update(destinations)
    .set(halfOpen(health))
    .where(and(unchanged(id, health), notExists(heldFor(db, id, 1))))
  const take = db
    .update(deliveries)
    .set({ status: 'pending', dueAt: now, leaseUntil: null, nextTrigger: 'probe' })
    .where(sql`${deliveries.id} in ${heldFor(db, id, 1)}`)
    .returning({ id: deliveries.id, merchantId: deliveries.merchantId, attempts: deliveries.attemptCount })
  const [, , [probe]] = await db.batch([putOff, open, take])
  return probe === undefined ? null : asTry(probe)
}

/** What others have done to the destination in the meantime stands. */
const unchanged = (id: string, { pausedBecause, dueAt }: Health): SQL | undefined =>
  and(
    eq(destinations.id, id),
    sql`${destinations.pausedBecause} is ${pausedBecause}`,
    sql`${destinations.dueAt} is ${dueAt}`,
  )

/** In the words of the partial index, which SQLite takes for nothing else. */
function heldFor(db: Records, destinationId: string, limit: number) {
  const held = alias(deliveries, 'held')
  return db
    .select({ id: held.id })
    .from(held)
    .where(and(eq(held.destinationId, destinationId), sql`${held.status} = 'held'`))
    .orderBy(asc(held.createdAt), asc(held.id))
    .limit(limit)
}

/**
 * Ends deliveries that were held by a breaker for as long as their schedule would have tried; they are due at once, for
 * the telling of their payment. Those of a destination that said 410 were told when it said so.
 */
function endLongHeld(db: Records, now: number, limit: number) {
  const late = alias(deliveries, 'late')
  const waitedEnough = db
    .select({ id: late.id })
    .from(late)
    .innerJoin(destinations, eq(destinations.id, late.destinationId))
    .where(
      and(
        isNotNull(late.dueAt),
        lte(late.dueAt, now),
        eq(late.status, 'held'),
        eq(destinations.status, 'paused'),
        or(eq(destinations.pausedBecause, 'failing'), eq(destinations.pausedBecause, 'asked')),
      ),
    )
    .limit(limit)
  return db
    .update(deliveries)
    .set({ status: 'failed', dueAt: now })
    .where(sql`${deliveries.id} in ${waitedEnough}`)
    .returning({ id: deliveries.id })
}
