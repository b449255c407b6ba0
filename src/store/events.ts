/** Events as the records keep them: the journal's rows that business systems are told of. */
import { and, desc, eq, inArray, isNotNull, lt, sql } from 'drizzle-orm'
import type { EventType } from '../domain/event.ts'
import type { Records } from './database.ts'
import { walkEvents } from './event-walk.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
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
  type?: EventType | undefined
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

const WALKED =
  'event_id as id, event_type as type, stream, event_sequence as sequence, at, livemode, event_body as body, event_id'

/** Newest first. */
export async function listEvents(
  db: Records,
  filter: EventFilter,
  page: PageRequest,
): Promise<Page<RecordedEvent>> {
  const limit = page.limit + 1
  const rows =
    filter.paymentId === undefined
      ? await walkEvents<RecordedEvent>(db, WALKED, {
          ...filter,
          types: typesIn(filter),
          after: page.after,
          limit,
        })
      : await eventsOfPayment(db, filter.paymentId, filter, { limit, after: page.after })
  const events = rows.map((row) => ({ ...row, livemode: Boolean(row.livemode) }))
  return pageOf(events, page.limit, (row) => ({ at: row.at, id: row.id }))
}

const typesIn = ({ type }: EventFilter) => (type === undefined ? undefined : [type])

/** Within a stream the key is the order. */
async function eventsOfPayment(
  db: Records,
  paymentId: string,
  { merchantId, livemode, type }: EventFilter,
  { limit, after }: PageRequest,
): Promise<RecordedEvent[]> {
  const rows = await db
    .select(columns)
    .from(journal)
    .where(
      and(
        eq(journal.stream, paymentId),
        isOf(merchantId),
        eq(journal.livemode, livemode),
        isNotNull(journal.eventId),
        type === undefined ? undefined : eq(journal.eventType, type),
        after === null ? undefined : lt(journal.eventId, after.id),
      ),
    )
    .orderBy(desc(journal.seq))
    .limit(limit)
  return rows.map(asEvent)
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
