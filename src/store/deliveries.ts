/** Deliveries as merchants and operators see them: one event to one destination, with every try. */
import { and, desc, eq, exists, getTableColumns, gt, isNull, lt, lte, ne, or, sql } from 'drizzle-orm'
import { eventTypes } from '../domain/event.ts'
import { deliveryId } from '../domain/ids.ts'
import { type By, withEntry } from './admin-log.ts'
import type { Records } from './database.ts'
import { type Walk, walkEvents, walkOf } from './event-walk.ts'
import {
  MOST_SCANNED,
  olderThan,
  type Page,
  type PageRequest,
  type Place,
  pageOf,
  pageOfScan,
} from './page.ts'
import { deliveries, destinations } from './schema.ts'

export type Delivery = typeof deliveries.$inferSelect
export type DeliveryStatus = Delivery['status']

/** A delivery as lists show it, without its attempts. */
export type ListedDelivery = Omit<Delivery, 'attempts' | 'answer'>

/** Whose deliveries, and which of them. */
export interface DeliveryFilter {
  merchantId: string
  livemode: boolean
  status?: DeliveryStatus | undefined
  destinationId?: string | undefined
  paymentId?: string | undefined
}

const { attempts: _attempts, answer: _answer, ...listed } = getTableColumns(deliveries)

/**
 * Newest first. A page may be shorter than asked for and still lead on: what is neither in trouble nor of one payment has
 * no index, because that would cost a row for every delivery.
 */
export async function listDeliveries(
  db: Records,
  filter: DeliveryFilter,
  page: PageRequest,
): Promise<Page<ListedDelivery>> {
  if (filter.paymentId !== undefined) return await listOfPayment(db, filter.paymentId, filter, page)
  if (filter.status === 'failed' || filter.status === 'held')
    return await listTroubled(db, filter.status, filter, page)
  return await listAlongEvents(db, filter, page)
}

/** A delivery's id begins with its event's characters, and those with its payment's: the key is the order. */
async function listOfPayment(
  db: Records,
  paymentId: string,
  { merchantId, livemode, status, destinationId }: DeliveryFilter,
  { limit, after }: PageRequest,
): Promise<Page<ListedDelivery>> {
  const start = `dlv_${paymentId.slice('pay_'.length)}`
  const rows = await db
    .select(listed)
    .from(deliveries)
    .where(
      and(
        gt(deliveries.id, start),
        lt(deliveries.id, after?.id ?? `${start}~`),
        eq(deliveries.stream, paymentId),
        // The plus keeps SQLite from walking an index of the merchant's instead.
        sql`+${deliveries.merchantId} = ${merchantId}`,
        eq(deliveries.livemode, livemode),
        status === undefined ? undefined : sql`+${deliveries.status} = ${status}`,
        destinationId === undefined ? undefined : eq(deliveries.destinationId, destinationId),
      ),
    )
    .orderBy(desc(deliveries.id))
    .limit(limit + 1)
  return pageOf(rows, limit, (row) => ({ at: row.createdAt, id: row.id }))
}

async function listTroubled(
  db: Records,
  status: 'failed' | 'held',
  { merchantId, livemode, destinationId }: DeliveryFilter,
  { limit, after }: PageRequest,
): Promise<Page<ListedDelivery>> {
  const most = destinationId === undefined ? limit + 1 : MOST_SCANNED - 1
  const rows = await db
    .select(listed)
    .from(deliveries)
    .where(
      and(
        eq(deliveries.merchantId, merchantId),
        eq(deliveries.livemode, livemode),
        // SQLite takes a partial index only for a query that repeats the index's own condition, word by word.
        sql`${deliveries.status} in ('failed', 'held')`,
        eq(deliveries.status, status),
        olderThan(deliveries.createdAt, deliveries.id, after),
      ),
    )
    .orderBy(desc(deliveries.createdAt), desc(deliveries.id))
    .limit(most)
  const scanned = rows.map((row) => ({
    place: { at: row.createdAt, id: row.id },
    row: destinationId === undefined || row.destinationId === destinationId ? row : null,
  }))
  return pageOfScan(scanned, { limit, most })
}

/** A place behind all deliveries of an event. */
const endOf = (event: WalkedEvent): Place => ({
  at: event.at,
  id: `${deliveryId(event.event_id, 'dst_')}${'z'.repeat(27)}`,
})

interface WalkedEvent {
  at: number
  event_id: string
}

/**
 * Walks the events, newest first, and takes what lies in the deliveries' key under each. So many events are walked that
 * a page with one filter reads three rows for each that was asked for.
 */
async function listAlongEvents(
  db: Records,
  filter: DeliveryFilter,
  { limit, after }: PageRequest,
): Promise<Page<ListedDelivery>> {
  const { merchantId, livemode, status, destinationId } = filter
  const current = after === null ? null : { at: after.at, event_id: `evt_${after.id.slice(4, 36)}` }
  const walk = {
    ...{ merchantId, livemode },
    after: current === null ? null : { at: current.at, id: current.event_id },
  }
  if (destinationId !== undefined) {
    const most = status === undefined ? limit + 2 : MOST_SCANNED / 2 - eventTypes.length
    const scanned = await ofDestination(db, destinationId, { ...walk, limit: most })
    return pageOfScan(scanned.map(withStatus(status)), { limit, most })
  }
  const most = Math.min(Math.floor(limit / 2) + 1, MOST_SPANS)
  const events = await walkEvents<WalkedEvent>(db, WALKED, { ...walk, limit: most })
  const under = current === null ? events : [current, ...events]
  const rows = await allUnder(db, under, after, limit + 1)
  const times = new Map(under.map((event) => [event.event_id, event.at]))
  const page = pageOf(rows, limit, (row) => ({ at: times.get(row.eventId)!, id: row.id }))
  const end = events.length < most ? null : endOf(events.at(-1)!)
  return {
    rows: page.rows.filter((row) => status === undefined || row.status === status),
    next: page.next ?? end,
  }
}

const WALKED = 'at, event_id'
/** Two parameters each, of the hundred that D1 takes. */
const MOST_SPANS = 45

type Scanned = { place: Place; row: ListedDelivery | null }

const withStatus =
  (status: DeliveryStatus | undefined) =>
  ({ place, row }: Scanned): Scanned => ({
    place,
    row: status === undefined || row?.status === status ? row : null,
  })

/** The deliveries of these events in their order, and those of one event in the key's, from `after` on. */
async function allUnder(
  db: Records,
  events: readonly WalkedEvent[],
  after: Place | null,
  limit: number,
): Promise<ListedDelivery[]> {
  if (events.length === 0) return []
  const spans = events.map((event, index) => {
    const start = deliveryId(event.event_id, 'dst_')
    return sql`(${index === 0 && after !== null ? after.id : start}, ${`${start}~`})`
  })
  // Ordered by nothing but the order of the loops, so that it ends with the page: a sort would read what it throws away.
  return await db
    .select(listed)
    .from(sql`(values ${sql.join(spans, sql`, `)}) as span`)
    .crossJoin(deliveries)
    .where(sql`${deliveries.id} > span.column1 and ${deliveries.id} < span.column2`)
    .limit(limit)
}

/** One look into the key for each event, since its delivery's id says event and destination. */
async function ofDestination(db: Records, destinationId: string, walk: Walk): Promise<Scanned[]> {
  const id = sql`'dlv_' || substr(walked.event_id, 5) || ${destinationId.slice('dst_'.length)}`
  const rows = await db
    .select({ ...listed, eventAt: sql<number>`walked.at`, walkedId: sql<string>`walked.event_id` })
    .from(sql`(${walkOf(WALKED, walk)}) as walked`)
    .leftJoin(deliveries, sql`${deliveries.id} = ${id}`)
    .orderBy(sql`walked.at desc, walked.event_id desc`)
  return rows.map(({ eventAt, walkedId, ...row }) => ({
    place: endOf({ at: eventAt, event_id: walkedId }),
    row: row.id === null ? null : (row as ListedDelivery),
  }))
}

/** Whose delivery is asked for. */
export interface Owner {
  merchantId: string
  livemode: boolean
}

/** One delivery with its attempts; null when this owner has none of that id. */
export async function deliveryOf(db: Records, owner: Owner, id: string): Promise<Delivery | null> {
  const row = await db.select().from(deliveries).where(ownedBy(owner, id)).get()
  return row ?? null
}

const ownedBy = (owner: Owner, id: string) =>
  and(
    eq(deliveries.id, id),
    eq(deliveries.merchantId, owner.merchantId),
    eq(deliveries.livemode, owner.livemode),
  )

/**
 * Makes a delivery due now, whatever became of it, unless a try of it is running or its destination is deleted; then
 * null. The next try counts as a person's, who has decided about a doubt with it, and who stands in the admin log.
 */
export async function askForRetry(db: Records, owner: Owner, id: string, by: By): Promise<Delivery | null> {
  const now = by.at
  const destination = db
    .select({ one: sql`1` })
    .from(destinations)
    .where(and(eq(destinations.id, deliveries.destinationId), isNull(destinations.deletedAt)))
  const where = and(
    ownedBy(owner, id),
    or(isNull(deliveries.leaseUntil), lte(deliveries.leaseUntil, now), ne(deliveries.status, 'pending')),
    exists(destination),
  )
  const retry = db
    .update(deliveries)
    .set({ status: 'pending', dueAt: now, leaseUntil: null, nextTrigger: 'manual', doubtful: false })
    .where(where)
    .returning()
  const { merchantId, livemode } = owner
  const note = {
    chain: 'destinations',
    merchantId,
    livemode,
    action: 'delivery.retried',
    subject: id,
    fields: [],
  } as const
  const [row] = await withEntry(db, by, note, retry, { table: deliveries, where })
  return row ?? null
}
