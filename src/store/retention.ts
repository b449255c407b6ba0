/**
 * What is kept for a time and then goes: the answers of business systems, and deliveries that have ended. The journal and
 * its events stay. A walk along the deliveries' key finds them, since an index would cost a row for each delivery.
 */
import { and, eq, gt, inArray, isNotNull, isNull, lt, lte, notExists, sql } from 'drizzle-orm'
import { type Chore, moveChore } from './chores.ts'
import type { Records } from './database.ts'
import { deliveries, exceptions, replays } from './schema.ts'

/** Times in milliseconds since the epoch: what was last tried before them may go. */
export interface Limits {
  answersBefore: number
  deliveriesBefore: number
}

export interface Forgotten {
  answers: number
  deliveries: number
  /** False when the walk is through. */
  goesOn: boolean
}

/**
 * Looks at the next `limit` deliveries and lets go what is old enough. What is still to be delivered, owes its payment
 * something, or belongs to a payment with an open exception stays whole, however old it is.
 */
export async function forgetPage(
  db: Records,
  chore: Chore,
  limits: Limits,
  limit: number,
  now: number,
): Promise<Forgotten> {
  const [edge] = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(gt(deliveries.id, chore.cursor))
    .orderBy(deliveries.id)
    .limit(1)
    .offset(limit - 1)
  const page = and(
    gt(deliveries.id, chore.cursor),
    edge === undefined ? undefined : lte(deliveries.id, edge.id),
    inArray(deliveries.status, ['delivered', 'failed']),
    isNull(deliveries.dueAt),
    isNull(deliveries.answer),
    notExists(openExceptionOf(db)),
  )
  const removed = db
    .delete(deliveries)
    .where(and(page, lt(lastTriedAt, limits.deliveriesBefore)))
    .returning({ id: deliveries.id })
  const emptied = db
    .update(deliveries)
    .set({ attempts: withoutAnswers })
    .where(and(page, lt(lastTriedAt, limits.answersBefore), hasAnswers))
    .returning({ id: deliveries.id })
  const ended = db
    .delete(replays)
    .where(and(isNotNull(replays.finishedAt), lt(replays.finishedAt, limits.deliveriesBefore)))
  const move = moveChore(db, chore, edge?.id ?? null, now)
  const [gone, bare] =
    edge === undefined
      ? await db.batch([removed, emptied, move, ended])
      : await db.batch([removed, emptied, move])
  return { deliveries: gone.length, answers: bare.length, goesOn: edge !== undefined }
}

/** A person's retry of an old event is as young as its try. */
const lastTriedAt = sql<number>`coalesce(${deliveries.attempts} ->> '$[#-1].at', ${deliveries.createdAt})`

const hasAnswers = sql`exists (
  select 1 from json_each(${deliveries.attempts}) as made where made.value ->> '$.responseBody' is not null)`

const withoutAnswers = sql<never>`(
  select json_group_array(json_set(made.value, '$.responseBody', null)) from json_each(${deliveries.attempts}) as made)`

/** An exception's id begins with its object's characters, so its key finds it. */
function openExceptionOf(db: Records) {
  const start = sql`'exc_' || substr(${deliveries.stream}, 5)`
  return db
    .select({ one: sql`1` })
    .from(exceptions)
    .where(
      and(
        sql`${exceptions.id} > ${start}`,
        sql`${exceptions.id} < ${start} || '~'`,
        eq(exceptions.status, 'open'),
      ),
    )
}
