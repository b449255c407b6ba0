/**
 * The tries of deliveries: settled, and taken up again by the sweeper. Each change is one conditional statement, so that
 * of two who want the same try one gets it and the other nothing.
 */
import { and, asc, eq, exists, inArray, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm'
import type { Claim } from './claims.ts'
import type { Records } from './database.ts'
import type { Delivery, DeliveryStatus } from './deliveries.ts'
import { changeHealth, type Verdict } from './health.ts'
import { type Attempt, deliveries, destinations, journal, type KeptAnswer } from './schema.ts'

/** How a claimed try ended, as the row keeps it. */
export interface Settlement {
  status: DeliveryStatus
  /** When the row needs work next; null when it needs none. */
  dueAt: number | null
  /** All attempts to keep; the new one among them. Undefined when none was made. */
  attempts?: Attempt[]
  /** What it was answered with and the payment must be told; undefined when it leaves what the claim has. */
  answer?: KeptAnswer
  /** Nobody knows whether it was taken, and only a person may send it again. */
  doubtful?: true
  /** What it tells of the destination's health; undefined when nothing. */
  verdict?: Verdict
}

const heldBy = (claim: Claim) =>
  and(
    eq(deliveries.id, claim.deliveryId),
    eq(deliveries.leaseUntil, claim.leaseUntil),
    eq(deliveries.attemptCount, claim.attempt - 1),
  )

/** Notes, before a try goes out, that nobody knows how it ends; false when the claim was lost to somebody else. */
export async function beginDoubt(db: Records, claim: Claim): Promise<boolean> {
  const begun = db.update(deliveries).set({ doubtful: true }).where(heldBy(claim))
  return (await begun.returning({ id: deliveries.id })).length > 0
}

/** A claimed try and how it ended. */
export interface EndedTry {
  claim: Claim
  settlement: Settlement
  /** Milliseconds since the epoch, and after how many a destination that fails is probed. */
  times: { now: number; probeMs: number }
}

/** Saves how claimed tries ended, in one batch; of each, whether its claim still held. It is lost to somebody else where not. */
export async function settleTries(db: Records, ended: readonly EndedTry[]): Promise<boolean[]> {
  const statements = ended.map((one) => statementsOf(db, one))
  const [first, ...others] = statements.flat()
  if (first === undefined) return []
  const results = (await db.batch([first, ...others])) as unknown[][]
  // The delivery's row is the last that each of them writes.
  let end = 0
  return statements.map((own) => {
    end += own.length
    return results[end - 1]!.length > 0
  })
}

function statementsOf(db: Records, { claim, settlement, times }: EndedTry) {
  const held = heldBy(claim)
  const { answer, doubtful = false, verdict } = settlement
  const made =
    settlement.attempts === undefined
      ? {}
      : { attempts: settlement.attempts, attemptCount: claim.attempt, nextTrigger: 'schedule' as const }
  const save = db
    .update(deliveries)
    .set({
      ...statusIn(db, claim, settlement, times.now),
      ...{ doubtful, leaseUntil: null, answer: answer ?? claim.answer, ...made },
    })
    .where(held)
    .returning({ id: deliveries.id })
  if (verdict === undefined) return [save]
  const isHeld = exists(db.select({ one: sql`1` }).from(deliveries).where(held))
  return [changeHealth(db, claim.destinationId, verdict, times, isHeld), save]
}

/**
 * How the row is left. Held only for a destination that is still paused: what was held for it may have been released
 * since the claim, and nobody would come for this one; so it is due.
 */
function statusIn(db: Records, claim: Claim, { status, dueAt }: Settlement, now: number) {
  if (status !== 'held') return { status, dueAt }
  const isPaused = exists(
    db
      .select({ one: sql`1` })
      .from(destinations)
      .where(
        and(
          eq(destinations.id, claim.destinationId),
          eq(destinations.status, 'paused'),
          isNull(destinations.deletedAt),
        ),
      ),
  )
  return {
    status: sql`case when ${isPaused} then 'held' else 'pending' end`,
    dueAt: sql`case when ${isPaused} then ${dueAt} else ${now} end`,
  }
}

/**
 * What an ended delivery still had to tell its payment has been told. Answers the status that the row has in truth,
 * since a person may have asked for another try in the meantime; null when it is gone.
 */
export async function clearOwed(
  db: Records,
  { id, status, answer }: Pick<Delivery, 'id' | 'status' | 'answer'>,
): Promise<DeliveryStatus | null> {
  // What a newer try was answered with is another debt.
  const told = answer === null ? isNull(deliveries.answer) : eq(deliveries.answer, answer)
  const clear = db
    .update(deliveries)
    .set({ dueAt: null, answer: null })
    .where(and(eq(deliveries.id, id), eq(deliveries.status, status), isNotNull(deliveries.dueAt), told))
  const read = db.select({ status: deliveries.status }).from(deliveries).where(eq(deliveries.id, id))
  const [, [row]] = await db.batch([clear, read])
  return row?.status ?? null
}

/** The key of the receipt that an event asks for, as its frozen bytes say it; null when it asks for none. */
export async function receiptKeyOf(
  db: Records,
  { stream, seq }: Pick<Delivery, 'stream' | 'seq'>,
): Promise<string | null> {
  const row = await db
    .select({ key: sql<string | null>`${journal.eventBody} ->> '$.data.receipt_key'` })
    .from(journal)
    .where(and(eq(journal.stream, stream), eq(journal.seq, seq)))
    .get()
  return row?.key ?? null
}

/** A delivery that the sweeper took up. */
export type Due = Omit<
  Delivery,
  'attempts' | 'livemode' | 'dueAt' | 'leaseUntil' | 'nextTrigger' | 'createdAt'
>

/** What is held for a destination that said 410 owes its telling; what a breaker holds is still to end, and owes nothing. */
const isOfGone = (db: Records) =>
  exists(
    db
      .select({ id: destinations.id })
      .from(destinations)
      .where(and(eq(destinations.id, deliveries.destinationId), eq(destinations.pausedBecause, 'gone'))),
  )

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
        or(ne(deliveries.status, 'held'), isOfGone(db)),
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
    seq: deliveries.seq,
    answer: deliveries.answer,
    doubtful: deliveries.doubtful,
  })
}
