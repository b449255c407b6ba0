/** Deliveries as merchants and operators see them: one event to one destination, with every try. */
import {
  and,
  desc,
  eq,
  exists,
  getTableColumns,
  gt,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Records } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { deliveries, destinations, journal } from './schema.ts'

export type Delivery = typeof deliveries.$inferSelect
export type DeliveryStatus = Delivery['status']

/** A delivery as lists show it, without its attempts. */
export type ListedDelivery = Omit<Delivery, 'attempts'>

/** Whose deliveries, and which of them. */
export interface DeliveryFilter {
  merchantId: string
  livemode: boolean
  status?: DeliveryStatus | undefined
  destinationId?: string | undefined
  paymentId?: string | undefined
}

const { attempts: _attempts, ...listed } = getTableColumns(deliveries)

/** Newest first. */
export async function listDeliveries(
  db: Records,
  filter: DeliveryFilter,
  page: PageRequest,
): Promise<Page<ListedDelivery>> {
  const conditions = [
    withStatus(filter.status),
    filter.destinationId === undefined ? undefined : eq(deliveries.destinationId, filter.destinationId),
  ]
  const isTroubled = filter.status === 'failed' || filter.status === 'held'
  if (filter.paymentId === undefined && !isTroubled)
    return await listAlongEvents(db, filter, conditions, page)
  const rows = await db
    .select(listed)
    .from(deliveries)
    .where(
      and(
        filter.paymentId === undefined
          ? eq(deliveries.merchantId, filter.merchantId)
          : sql`+${deliveries.merchantId} = ${filter.merchantId}`,
        eq(deliveries.livemode, filter.livemode),
        ...conditions,
        filter.paymentId === undefined ? undefined : ofPayment(filter.paymentId),
        olderThan(deliveries.createdAt, deliveries.id, page.after),
      ),
    )
    .orderBy(desc(deliveries.createdAt), desc(deliveries.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

/**
 * Walks the events' index, newest first, and takes what lies in the deliveries' key under each event: a delivery's id
 * begins with its event's characters. An index of the deliveries' own would cost a row for every one of them.
 */
async function listAlongEvents(
  db: Records,
  { merchantId, livemode }: DeliveryFilter,
  conditions: (SQL | undefined)[],
  { limit, after }: PageRequest,
): Promise<Page<ListedDelivery>> {
  const start = sql`'dlv_' || substr(${journal.eventId}, 5)`
  const rows = await db
    .select({ ...listed, eventAt: sql<number>`${journal.at}`.as('event_at') })
    .from(journal)
    .crossJoin(deliveries)
    .where(
      and(
        eq(journal.merchantId, merchantId),
        eq(journal.livemode, livemode),
        isNotNull(journal.eventId),
        sql`${deliveries.id} > ${start} and ${deliveries.id} < ${start} || '~'`,
        ...conditions,
        after === null ? undefined : lte(journal.at, after.at),
        olderThan(journal.at, deliveries.id, after),
      ),
    )
    .orderBy(desc(journal.at), desc(journal.eventId), desc(deliveries.id))
    .limit(limit + 1)
  return pageOf(rows, limit, (row) => ({ at: row.eventAt, id: row.id }))
}

/** SQLite takes a partial index only for a query that repeats the index's own condition, word by word. */
function withStatus(status: DeliveryStatus | undefined): SQL | undefined {
  if (status === undefined) return undefined
  const exactly = eq(deliveries.status, status)
  if (status === 'pending') return and(exactly, isNotNull(deliveries.dueAt))
  return status === 'delivered' ? exactly : and(sql`${deliveries.status} in ('failed', 'held')`, exactly)
}

/**
 * A delivery's id begins with its payment's characters, so a payment's deliveries lie side by side in the key. The plus
 * before the merchant keeps SQLite from walking all of the merchant's rows instead.
 */
function ofPayment(paymentId: string): SQL | undefined {
  const start = `dlv_${paymentId.slice('pay_'.length)}`
  return and(gt(deliveries.id, start), lt(deliveries.id, `${start}~`), eq(deliveries.stream, paymentId))
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
 * null. The next try counts as a person's.
 */
export async function askForRetry(
  db: Records,
  owner: Owner,
  id: string,
  now: number,
): Promise<Delivery | null> {
  const destination = db
    .select({ one: sql`1` })
    .from(destinations)
    .where(and(eq(destinations.id, deliveries.destinationId), isNull(destinations.deletedAt)))
  const [row] = await db
    .update(deliveries)
    .set({ status: 'pending', dueAt: now, leaseUntil: null, nextTrigger: 'manual' })
    .where(
      and(
        ownedBy(owner, id),
        or(isNull(deliveries.leaseUntil), lte(deliveries.leaseUntil, now), ne(deliveries.status, 'pending')),
        exists(destination),
      ),
    )
    .returning()
  return row ?? null
}
