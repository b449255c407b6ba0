/** Replays: events of a span of time that go to one destination once more, a bounded page at a time. */
import {
  and,
  asc,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  notExists,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import { asking, subscribes } from '../domain/delivery.ts'
import { deliveryId } from '../domain/ids.ts'
import { type By, withEntry } from './admin-log.ts'
import { isIn, type Records } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { deliveries, destinations, journal, replays } from './schema.ts'

export type Replay = typeof replays.$inferSelect

/** Who asked for it stands in the admin log. */
export async function addReplay(db: Records, replay: Replay, by: By): Promise<void> {
  const { id: subject, merchantId, livemode } = replay
  const fields = ['destinationId', 'since', 'until', 'eventTypes', 'only']
  const note = {
    ...({ chain: 'destinations', merchantId, livemode } as const),
    ...{ action: 'replay.created', subject, fields },
  }
  await withEntry(db, by, note, db.insert(replays).values(replay))
}

/** Whose replays are asked for. */
interface Owner {
  merchantId: string
  livemode: boolean
}

const mine = ({ merchantId, livemode }: Owner) =>
  and(eq(replays.merchantId, merchantId), eq(replays.livemode, livemode))

/** One replay; null when this owner has none of that id at that destination. */
export async function replayOf(
  db: Records,
  owner: Owner,
  destinationId: string,
  id: string,
): Promise<Replay | null> {
  const row = await db
    .select()
    .from(replays)
    .where(and(eq(replays.id, id), eq(replays.destinationId, destinationId), mine(owner)))
    .get()
  return row ?? null
}

/** A destination's replays, newest first. */
export async function listReplays(
  db: Records,
  owner: Owner,
  destinationId: string,
  page: PageRequest,
): Promise<Page<Replay>> {
  const rows = await db
    .select()
    .from(replays)
    .where(
      and(
        eq(replays.destinationId, destinationId),
        mine(owner),
        olderThan(replays.createdAt, replays.id, page.after),
      ),
    )
    .orderBy(desc(replays.createdAt), desc(replays.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

/** Replays that are not through yet, oldest first. */
export function unfinishedReplays(db: Records, limit: number) {
  return db
    .select()
    .from(replays)
    .where(isNull(replays.finishedAt))
    .orderBy(asc(replays.createdAt))
    .limit(limit)
}

/** A delivery that is due again, and the try that it waits for. */
export interface Released {
  deliveryId: string
  merchantId: string
  attempt: number
}

type ReplayedEvent = Pick<typeof journal.$inferSelect, 'stream' | 'seq' | 'at'> & {
  eventId: string
  eventType: string
}

/**
 * Looks at the next `limit` events of a replay and makes those deliveries due again that it is about; `all` also makes
 * those that never were. What is pending or held anyway is left alone, and so is a doubt, and what was taken by a system that
 * would make a second receipt. Two that do this at once do it once.
 */
export async function replayPage(
  db: Records,
  replay: Replay,
  now: number,
  limit: number,
): Promise<{ replay: Replay; released: Released[] }> {
  const events = await eventsOf(db, replay, limit)
  const wanted = events.filter((event) =>
    replay.eventTypes.some((pattern) => subscribes(pattern, event.eventType)),
  )
  const last = events.at(-1)
  const after: Replay = {
    ...replay,
    cursorAt: last?.at ?? replay.cursorAt,
    cursorId: last?.eventId ?? replay.cursorId,
    events: replay.events + wanted.length,
    finishedAt: events.length < limit ? now : null,
  }
  const again = makeDueAgain(db, replay, wanted, now)
  const [repeated, made] =
    replay.only === 'failed'
      ? [(await db.batch([again]))[0], []]
      : await db.batch([again, insertMissing(db, replay, wanted, now)])
  const moved = { ...after, deliveries: replay.deliveries + repeated.length + made.length }
  // The cursor moves after the rows: a page that is looked at twice finds its deliveries pending and leaves them.
  await db
    .update(replays)
    .set(moved)
    .where(
      and(
        eq(replays.id, replay.id),
        eq(replays.cursorAt, replay.cursorAt),
        eq(replays.cursorId, replay.cursorId),
        isNull(replays.finishedAt),
      ),
    )
  return { replay: moved, released: [...repeated, ...made] }
}

async function eventsOf(db: Records, replay: Replay, limit: number): Promise<ReplayedEvent[]> {
  const { merchantId, livemode, since, until, cursorAt, cursorId } = replay
  const rows = await db
    .select({
      stream: journal.stream,
      seq: journal.seq,
      at: journal.at,
      eventId: journal.eventId,
      eventType: journal.eventType,
    })
    .from(journal)
    .where(
      and(
        eq(journal.merchantId, merchantId),
        eq(journal.livemode, livemode),
        isNotNull(journal.eventId),
        gte(journal.at, Math.max(since, cursorAt)),
        lt(journal.at, until),
        sql`(${journal.at}, ${journal.eventId}) > (${cursorAt}, ${cursorId})`,
      ),
    )
    .orderBy(asc(journal.at), asc(journal.eventId))
    .limit(limit)
  return rows as ReplayedEvent[]
}

const asReleased = {
  deliveryId: deliveries.id,
  merchantId: deliveries.merchantId,
  attempt: sql<number>`${deliveries.attemptCount} + 1`,
}

function makeDueAgain(db: Records, replay: Replay, events: readonly ReplayedEvent[], now: number) {
  const ids = events.map(({ eventId }) => deliveryId(eventId, replay.destinationId))
  const cannotTellRepeats = db
    .select({ one: sql`1` })
    .from(destinations)
    .where(and(eq(destinations.id, replay.destinationId), eq(destinations.onTimeout, 'hold')))
  return db
    .update(deliveries)
    .set({ status: 'pending', dueAt: now, leaseUntil: null, nextTrigger: 'replay' })
    .where(
      and(
        isIn(deliveries.id, ids),
        inArray(deliveries.status, replay.only === 'failed' ? ['failed'] : ['failed', 'delivered']),
        // Those need a decision each.
        eq(deliveries.doubtful, false),
        or(
          ne(deliveries.status, 'delivered'),
          notInArray(deliveries.eventType, [...asking]),
          notExists(cannotTellRepeats),
        ),
      ),
    )
    .returning(asReleased)
}

function insertMissing(db: Records, replay: Replay, events: readonly ReplayedEvent[], now: number) {
  const rows = events.map(({ stream, seq, eventId, eventType }) => ({
    ...{ id: deliveryId(eventId, replay.destinationId), stream, seq, eventId, eventType },
  }))
  const member = (name: string): SQL => sql.raw(`value ->> '$.${name}'`)
  const select = sql`
    select ${member('id')}, ${replay.merchantId}, ${replay.livemode ? 1 : 0}, ${member('stream')},
      ${member('seq')}, ${member('eventId')}, ${member('eventType')}, ${replay.destinationId},
      'pending', 0, ${now}, null, 'replay', '[]', ${now}, null, 0
    from json_each(${JSON.stringify(rows)}) where true`
  return db.insert(deliveries).select(select).onConflictDoNothing().returning(asReleased)
}
