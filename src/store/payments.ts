/** Payments as lists and the sweeper see them. The payment's own object stays the truth. */
import { and, asc, desc, eq, gte, inArray, isNotNull, lt, lte, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Records } from './database.ts'
import {
  MOST_SCANNED,
  olderThan,
  type Page,
  type PageRequest,
  type Place,
  pageOf,
  pageOfScan,
} from './page.ts'
import { journal, payments, references } from './schema.ts'

/** Whose rows, and which of them. Every list needs the first two, so that test and live never mix. */
export interface PaymentFilter {
  merchantId: string
  livemode: boolean
  /** The payment of an order; its id is derived from the order, so this is a look-up by key. */
  paymentId?: string | undefined
  status?: string | undefined
  /** Milliseconds since the epoch; the first inclusive, the second exclusive. */
  createdAfter?: number | undefined
  createdBefore?: number | undefined
}

export interface ListedPayment {
  id: string
  createdAt: number
  /** The JSON text of the payment's public view. */
  body: string
}

/** Newest first. A few seconds behind the objects. */
export async function listPayments(
  db: Records,
  filter: PaymentFilter,
  page: PageRequest,
): Promise<Page<ListedPayment>> {
  if (filter.paymentId === undefined && !isIndexed(filter.status))
    return await listAlongCreation(db, filter, page)
  const { merchantId, livemode, paymentId, status, createdAfter, createdBefore } = filter
  const rows = await db
    .select(listed)
    .from(payments)
    .where(
      and(
        paymentId === undefined
          ? sql`${payments.status} in ('authorized', 'failed', 'canceled', 'expired')`
          : eq(payments.id, paymentId),
        eq(payments.merchantId, merchantId),
        eq(payments.livemode, livemode),
        status === undefined ? undefined : eq(payments.status, status),
        createdAfter === undefined ? undefined : gte(payments.createdAt, createdAfter),
        upTo(createdBefore, page.after, payments.createdAt, payments.id),
      ),
    )
    .orderBy(desc(payments.createdAt), desc(payments.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

const listed = { id: payments.id, createdAt: payments.createdAt, body: payments.body }

/** Statuses that ordinary payments never have are indexed; the others would cost a row for each payment. */
const isIndexed = (status: string | undefined) =>
  status !== undefined && ['authorized', 'failed', 'canceled', 'expired'].includes(status)

/**
 * Walks the events `payment.created`, of which each payment has one, at the time of its creation: an index of the
 * payments' own would be a row more for each. Every payment that is looked at is two rows that are read.
 */
async function listAlongCreation(
  db: Records,
  { merchantId, livemode, status, createdAfter, createdBefore }: PaymentFilter,
  { limit, after }: PageRequest,
): Promise<Page<ListedPayment>> {
  const isMixed = createdAfter !== undefined || createdBefore !== undefined
  // Two rows each, and one more at the edge of the page before.
  const some = isMixed ? MOST_SCANNED / 2 - 1 : Math.floor(limit * 1.5) - 1
  const most = status === undefined ? limit + 1 : some
  const scanned = await db
    .select({ at: journal.at, stream: journal.stream, ...listed })
    .from(journal)
    .leftJoin(
      payments,
      and(eq(payments.id, journal.stream), status === undefined ? undefined : eq(payments.status, status)),
    )
    .where(
      and(
        eq(journal.merchantId, merchantId),
        eq(journal.livemode, livemode),
        isNotNull(journal.eventId),
        eq(journal.eventType, 'payment.created'),
        createdAfter === undefined ? undefined : gte(journal.at, createdAfter),
        upTo(createdBefore, placeInEvents(after), journal.at, journal.eventId),
      ),
    )
    .orderBy(desc(journal.at), desc(journal.eventId))
    .limit(most)
  const found = scanned.map(({ at, stream, id, createdAt, body }) => ({
    place: { at, id: stream },
    row: id === null ? null : { id, createdAt: createdAt!, body: body! },
  }))
  return pageOfScan(found, { limit, most })
}

/** The tighter of two ends: with both, SQLite would begin at the looser one and skip all that was on earlier pages. */
const upTo = (before: number | undefined, after: Place | null, at: SQLiteColumn, id: SQLiteColumn) =>
  before !== undefined && (after === null || before <= after.at) ? lt(at, before) : olderThan(at, id, after)

const placeInEvents = (place: Place | null): Place | null =>
  place === null ? null : { at: place.at, id: `evt_${place.id.slice('pay_'.length)}000001` }

/** The session behind a provider's reference, for reports that name nothing else; null when it is not known (yet). */
export async function sessionOfReference(
  db: Records,
  connectionId: string,
  reference: string,
): Promise<string | null> {
  const row = await db
    .select({ sessionId: references.sessionId })
    .from(references)
    .where(and(eq(references.connectionId, connectionId), eq(references.reference, reference)))
    .get()
  return row?.sessionId ?? null
}

/**
 * Payments whose objects should have done something by now. Each is put off by `againAfterMs`, so that one whose
 * object stays silent neither fills every page nor is poked at every sweep; its next record sets the true time again.
 */
export async function takeOverduePayments(
  db: Records,
  now: number,
  againAfterMs: number,
  limit: number,
): Promise<string[]> {
  const overdue = db
    .select({ id: payments.id })
    .from(payments)
    .where(and(isNotNull(payments.overdueAt), lte(payments.overdueAt, now)))
    .orderBy(asc(payments.overdueAt))
    .limit(limit)
  const rows = await db
    .update(payments)
    .set({ overdueAt: now + againAfterMs })
    .where(inArray(payments.id, overdue))
    .returning({ id: payments.id })
  return rows.map((row) => row.id)
}
