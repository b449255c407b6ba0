/** Events as the records keep them: the journal's rows that business systems are told of. */
import { and, desc, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { Records } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { journal } from './schema.ts'

export interface RecordedEvent {
  id: string
  type: string
  /** `pay_…`, or `inb_…` for an event without a payment. */
  stream: string
  sequence: number | null
  /** Milliseconds since the epoch. */
  at: number
  livemode: boolean
  /** The frozen JSON text. */
  body: string
}

export interface EventFilter {
  merchantId: string
  livemode: boolean
  type?: string | undefined
  paymentId?: string | undefined
}

const columns = {
  id: journal.eventId,
  type: journal.eventType,
  stream: journal.stream,
  sequence: journal.eventSequence,
  at: journal.at,
  livemode: journal.livemode,
  body: journal.eventBody,
}

type Row = { [K in keyof RecordedEvent]: RecordedEvent[K] | null }
/** A row with an event id has all of an event. */
const asEvent = (row: Row) => row as RecordedEvent

/** The plus keeps SQLite from walking all of a merchant's events where the stream, which is the key, is known. */
const isOf = (merchantId: string) => sql`+${journal.merchantId} = ${merchantId}`

/** Newest first. */
export async function listEvents(
  db: Records,
  filter: EventFilter,
  page: PageRequest,
): Promise<Page<RecordedEvent>> {
  const rows = await db
    .select(columns)
    .from(journal)
    .where(
      and(
        filter.paymentId === undefined ? eq(journal.merchantId, filter.merchantId) : isOf(filter.merchantId),
        eq(journal.livemode, filter.livemode),
        // Word for word the condition of the partial index that holds events only.
        isNotNull(journal.eventId),
        filter.type === undefined ? undefined : eq(journal.eventType, filter.type),
        filter.paymentId === undefined ? undefined : eq(journal.stream, filter.paymentId),
        olderThan(journal.at, journal.eventId, page.after),
      ),
    )
    .orderBy(desc(journal.at), desc(journal.eventId))
    .limit(page.limit + 1)
  return pageOf(rows.map(asEvent), page.limit, (row) => ({ at: row.at, id: row.id }))
}

/** One event; null when this owner has none of that id. An event's id begins with its stream's characters. */
export async function eventById(
  db: Records,
  owner: { merchantId: string; livemode: boolean },
  id: string,
): Promise<RecordedEvent | null> {
  const core = id.slice('evt_'.length, 'evt_'.length + 26)
  const row = await db
    .select(columns)
    .from(journal)
    .where(
      and(
        inArray(journal.stream, [`pay_${core}`, `inb_${core}`]),
        eq(journal.eventId, id),
        isOf(owner.merchantId),
        eq(journal.livemode, owner.livemode),
      ),
    )
    .get()
  return row ? asEvent(row) : null
}
