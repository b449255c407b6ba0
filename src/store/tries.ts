/**
 * The tries of deliveries: claimed, settled, and taken up again by the sweeper. Each change is one conditional statement,
 * so that of two who want the same try one gets it and the other nothing.
 */
import { and, asc, eq, exists, inArray, isNotNull, isNull, lte, or, sql } from 'drizzle-orm'
import type { Trigger } from '../domain/delivery.ts'
import type { Records } from './database.ts'
import type { Delivery, DeliveryStatus } from './deliveries.ts'
import { type Attempt, deliveries, destinations, journal } from './schema.ts'

/** A try that this caller alone may make until `leaseUntil`. */
export interface Claim {
  deliveryId: string
  /** The number of this try, from 1. */
  attempt: number
  /** Milliseconds since the epoch; also the claim's name, since no two claims of a delivery share it. */
  leaseUntil: number
  trigger: Trigger
  /** The tries before this one. */
  attempts: Attempt[]
  merchantId: string
  livemode: boolean
  stream: string
  eventId: string
  eventType: string
  destinationId: string
  /** The event's frozen bytes; null when the journal lost them. */
  body: string | null
  destination: {
    url: string
    secrets: string
    timeoutMs: number | null
    status: 'active' | 'paused'
    deleted: boolean
  } | null
}

/** Names a delivery and the try that a message stands for. */
export interface Wanted {
  deliveryId: string
  attempt: number
}

/**
 * Claims those tries that nobody has made or is making, and reads what they need: one D1 batch for all of them. What
 * does not come back was made already, is being made, or is off.
 */
export async function claimTries(
  db: Records,
  wanted: readonly Wanted[],
  now: number,
  leaseMs: number,
): Promise<Claim[]> {
  const leaseUntil = now + leaseMs
  const pairs = JSON.stringify(wanted.map(({ deliveryId, attempt }) => [deliveryId, attempt - 1]))
  const ids = JSON.stringify(wanted.map(({ deliveryId }) => deliveryId))
  const claim = db
    .update(deliveries)
    .set({ leaseUntil })
    .where(
      and(
        sql`(${deliveries.id}, ${deliveries.attemptCount}) in (select value ->> 0, value ->> 1 from json_each(${pairs}))`,
        eq(deliveries.status, 'pending'),
        or(isNull(deliveries.leaseUntil), lte(deliveries.leaseUntil, now)),
      ),
    )
    .returning()
  // Within a batch D1 answers objects, so no two columns may have one name.
  const around = db
    .select({
      deliveryId: deliveries.id,
      body: journal.eventBody,
      url: destinations.url,
      secrets: destinations.secrets,
      timeoutMs: destinations.timeoutMs,
      status: destinations.status,
      deletedAt: destinations.deletedAt,
    })
    .from(deliveries)
    .leftJoin(destinations, eq(destinations.id, deliveries.destinationId))
    .leftJoin(journal, and(eq(journal.stream, deliveries.stream), eq(journal.seq, deliveries.seq)))
    .where(sql`${deliveries.id} in (select value from json_each(${ids}))`)
  const [claimed, rows] = await db.batch([claim, around])
  const found = new Map(rows.map((row) => [row.deliveryId, row]))
  return claimed.map((delivery): Claim => {
    const { body = null, url, secrets, timeoutMs, status, deletedAt } = found.get(delivery.id) ?? {}
    const known = typeof url === 'string' && typeof secrets === 'string' && status
    return {
      deliveryId: delivery.id,
      attempt: delivery.attemptCount + 1,
      leaseUntil,
      trigger: delivery.nextTrigger,
      attempts: delivery.attempts,
      merchantId: delivery.merchantId,
      livemode: delivery.livemode,
      stream: delivery.stream,
      eventId: delivery.eventId,
      eventType: delivery.eventType,
      destinationId: delivery.destinationId,
      body,
      destination: known
        ? { url, secrets, timeoutMs: timeoutMs ?? null, status, deleted: typeof deletedAt === 'number' }
        : null,
    }
  })
}

/** How a claimed try ended, as the row keeps it. */
export interface Settlement {
  status: DeliveryStatus
  /** When the row needs work next; null when it needs none. */
  dueAt: number | null
  /** All attempts to keep; the new one among them. Undefined when none was made. */
  attempts?: Attempt[]
  /** The destination said that it is gone for good. */
  pausesDestination?: boolean
}

/** Saves how a claimed try ended, if the claim still holds; false when it was lost to somebody else. */
export async function settleTry(db: Records, claim: Claim, settlement: Settlement): Promise<boolean> {
  const held = and(
    eq(deliveries.id, claim.deliveryId),
    eq(deliveries.leaseUntil, claim.leaseUntil),
    eq(deliveries.attemptCount, claim.attempt - 1),
  )
  const made =
    settlement.attempts === undefined
      ? {}
      : { attempts: settlement.attempts, attemptCount: claim.attempt, nextTrigger: 'schedule' as const }
  const save = db
    .update(deliveries)
    .set({ status: settlement.status, dueAt: settlement.dueAt, leaseUntil: null, ...made })
    .where(held)
    .returning({ id: deliveries.id })
  if (!settlement.pausesDestination) return (await save).length > 0
  const pause = db
    .update(destinations)
    .set({ status: 'paused', pausedBecause: 'gone' })
    .where(
      and(
        eq(destinations.id, claim.destinationId),
        eq(destinations.status, 'active'),
        exists(db.select({ one: sql`1` }).from(deliveries).where(held)),
      ),
    )
  const [, saved] = await db.batch([pause, save])
  return saved.length > 0
}

/**
 * What an ended delivery still had to tell its payment has been told. Answers the status that the row has in truth,
 * since a person may have asked for another try in the meantime; null when it is gone.
 */
export async function clearOwed(
  db: Records,
  id: string,
  status: DeliveryStatus,
): Promise<DeliveryStatus | null> {
  const clear = db
    .update(deliveries)
    .set({ dueAt: null })
    .where(and(eq(deliveries.id, id), eq(deliveries.status, status), isNotNull(deliveries.dueAt)))
  const read = db.select({ status: deliveries.status }).from(deliveries).where(eq(deliveries.id, id))
  const [, [row]] = await db.batch([clear, read])
  return row?.status ?? null
}

/** A delivery that the sweeper took up. */
export type Due = Pick<
  Delivery,
  'id' | 'merchantId' | 'stream' | 'status' | 'attemptCount' | 'eventId' | 'eventType' | 'destinationId'
>

/**
 * Takes a page of deliveries that were due before `before` and that nobody works on, oldest first, and puts each off
 * to `now`. So the next sweep leaves them alone while their messages travel, and one that never succeeds cannot fill
 * every page.
 */
export async function takeDueDeliveries(
  db: Records,
  times: { before: number; now: number },
  limit: number,
): Promise<Due[]> {
  const due = db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        isNotNull(deliveries.dueAt),
        lte(deliveries.dueAt, times.before),
        or(isNull(deliveries.leaseUntil), lte(deliveries.leaseUntil, times.now)),
      ),
    )
    .orderBy(asc(deliveries.dueAt))
    .limit(limit)
  return await db.update(deliveries).set({ dueAt: times.now }).where(inArray(deliveries.id, due)).returning({
    id: deliveries.id,
    merchantId: deliveries.merchantId,
    stream: deliveries.stream,
    status: deliveries.status,
    attemptCount: deliveries.attemptCount,
    eventId: deliveries.eventId,
    eventType: deliveries.eventType,
    destinationId: deliveries.destinationId,
  })
}
