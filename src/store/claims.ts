/**
 * Who may make a try: one conditional update with a lease, so that of two who want the same try one gets it and the other
 * nothing. First tries are born with a lease, and who takes the first of their message takes them all: one row written
 * instead of one for each.
 */
import { and, eq, exists, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { Trigger } from '../domain/delivery.ts'
import type { Health } from '../domain/health.ts'
import { isIn, type Records } from './database.ts'
import { type Attempt, deliveries, destinations, journal, type KeptAnswer } from './schema.ts'

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
  /** What an earlier try was answered with, and the payment has still to be told. */
  answer: KeptAnswer | null
  /** An earlier try began, and nobody knows how it ended. */
  doubtful: boolean
  merchantId: string
  livemode: boolean
  stream: string
  /** The journal position of the event. */
  seq: number
  eventId: string
  eventType: string
  destinationId: string
  /** Milliseconds since the epoch: when the event became a delivery. */
  createdAt: number
  /** The trace that the event belongs to; null when nobody knows it. */
  trace: string | null
  /** The event's frozen bytes; null when the journal lost them. */
  body: string | null
  destination: ClaimedDestination | null
}

/** The destination of a claimed try, as far as the try needs it. */
export interface ClaimedDestination {
  kind: (typeof destinations.$inferSelect)['kind']
  onTimeout: 'retry' | 'hold'
  url: string
  /** Sealed, as in the table. */
  secrets: string
  olderSecretUntil: number | null
  headers: string | null
  timeoutMs: number | null
  ordered: boolean
  maxPerSecond: number | null
  health: Health
  deleted: boolean
}

/** Tries that came in one message. */
export interface Wanted {
  tries: readonly { deliveryId: string; attempt: number }[]
  /** The lease that these first tries were born with: milliseconds since the epoch. */
  lease?: number
}

/** Of a lease, the part that is left for a try that begins now; with less, the lease is made longer first. */
const ENOUGH_OF_A_LEASE = 0.8

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
  const single = wanted.filter(({ lease }) => lease === undefined).flatMap(({ tries }) => tries)
  const together = wanted.filter((one): one is Born => one.lease !== undefined && one.tries.length > 0)
  const until = now + leaseMs
  const statements = [
    ...(single.length === 0 ? [] : [claimEach(db, single, now, until)]),
    ...together.flatMap((born) => claimBorn(db, born, now, leaseMs)),
  ]
  const ids = wanted.flatMap(({ tries }) => tries.map(({ deliveryId }) => deliveryId))
  const [around, ...results] = await db.batch([circumstancesOf(db, ids), ...statements])
  const found = new Map((around as Circumstances[]).map((row) => [row.deliveryId, row]))
  const rows = results as Row[][]
  const claimed = single.length === 0 ? [] : (rows.shift() ?? [])
  for (const [index] of together.entries()) {
    const [leader, others] = [rows[2 * index] ?? [], rows[2 * index + 1] ?? []]
    // Who did not get the first gets none: the message came twice, and the other one makes its tries.
    if (leader.length > 0) claimed.push(...leader, ...others)
  }
  return claimed.map((row) => claimOf(row, found.get(row.id)))
}

type Born = Wanted & { lease: number }
type Row = typeof deliveries.$inferSelect

const isNext = (pairs: readonly { deliveryId: string; attempt: number }[]): SQL => {
  const list = JSON.stringify(pairs.map(({ deliveryId, attempt }) => [deliveryId, attempt - 1]))
  return sql`(${deliveries.id}, ${deliveries.attemptCount}) in (select value ->> 0, value ->> 1 from json_each(${list}))`
}

function claimEach(db: Records, tries: Wanted['tries'], now: number, leaseUntil: number) {
  return db
    .update(deliveries)
    .set({ leaseUntil })
    .where(
      and(
        isNext(tries),
        eq(deliveries.status, 'pending'),
        or(isNull(deliveries.leaseUntil), lte(deliveries.leaseUntil, now)),
      ),
    )
    .returning()
}

/** Two statements: the first try is claimed by name of its lease, and the others go with it under theirs. */
function claimBorn(db: Records, { tries, lease }: Born, now: number, leaseMs: number) {
  const [first, ...others] = tries
  const isBorn = and(eq(deliveries.status, 'pending'), eq(deliveries.leaseUntil, lease))
  // A claim's lease is its name, so it must differ from the one that it replaces.
  const leaseUntil = Math.max(now + leaseMs, lease + 1)
  const leader = db
    .update(deliveries)
    .set({ leaseUntil })
    .where(and(isNext([first!]), isBorn))
    .returning()
  if (now + ENOUGH_OF_A_LEASE * leaseMs <= lease)
    return [
      leader,
      db
        .select()
        .from(deliveries)
        .where(and(isNext(others), isBorn)),
    ] as const
  const claimedFirst = alias(deliveries, 'claimed_first')
  const isClaimed = db
    .select({ one: sql`1` })
    .from(claimedFirst)
    .where(and(eq(claimedFirst.id, first!.deliveryId), eq(claimedFirst.leaseUntil, leaseUntil)))
  const late = db
    .update(deliveries)
    .set({ leaseUntil })
    .where(and(isNext(others), isBorn, exists(isClaimed)))
    .returning()
  return [leader, late] as const
}

type Circumstances = Awaited<ReturnType<typeof circumstancesOf>>[number]

function circumstancesOf(db: Records, ids: readonly string[]) {
  // Within a batch D1 answers objects, so no two columns may have one name.
  return db
    .select({
      deliveryId: deliveries.id,
      body: journal.eventBody,
      trace: journal.trace,
      kind: destinations.kind,
      onTimeout: destinations.onTimeout,
      url: destinations.url,
      secrets: destinations.secrets,
      olderSecretUntil: destinations.olderSecretUntil,
      headers: destinations.headers,
      timeoutMs: destinations.timeoutMs,
      ordered: destinations.ordered,
      maxPerSecond: destinations.maxPerSecond,
      status: destinations.status,
      pausedBecause: destinations.pausedBecause,
      failures: destinations.failures,
      failingSince: destinations.failingSince,
      dueAt: destinations.dueAt,
      deletedAt: destinations.deletedAt,
    })
    .from(deliveries)
    .leftJoin(destinations, eq(destinations.id, deliveries.destinationId))
    .leftJoin(journal, and(eq(journal.stream, deliveries.stream), eq(journal.seq, deliveries.seq)))
    .where(isIn(deliveries.id, ids))
}

function claimOf(delivery: Row, around: Circumstances | undefined): Claim {
  return {
    deliveryId: delivery.id,
    attempt: delivery.attemptCount + 1,
    leaseUntil: delivery.leaseUntil!,
    trigger: delivery.nextTrigger,
    attempts: delivery.attempts,
    answer: delivery.answer,
    doubtful: delivery.doubtful,
    merchantId: delivery.merchantId,
    livemode: delivery.livemode,
    stream: delivery.stream,
    seq: delivery.seq,
    createdAt: delivery.createdAt,
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    destinationId: delivery.destinationId,
    trace: around?.trace ?? null,
    body: around?.body ?? null,
    destination: around === undefined ? null : destinationIn(around),
  }
}

/** Null when the join found no destination, whose every column is null then. */
function destinationIn(around: Circumstances): ClaimedDestination | null {
  const { kind, url, secrets, status, olderSecretUntil, headers, timeoutMs, maxPerSecond } = around
  if (kind === null || url === null || secrets === null || status === null) return null
  const { pausedBecause, failures, failingSince, dueAt } = around
  return {
    ...{ kind, url, secrets, olderSecretUntil, headers, timeoutMs, maxPerSecond },
    onTimeout: around.onTimeout ?? 'retry',
    ordered: around.ordered === true,
    health: { status, pausedBecause, failures: failures ?? 0, failingSince, dueAt },
    deleted: around.deletedAt !== null,
  }
}
