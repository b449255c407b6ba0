/** Payments as lists and the sweeper see them. The payment's own object stays the truth. */
import { and, asc, desc, eq, gte, inArray, isNotNull, lt, lte, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { paymentOfSession } from '../domain/ids.ts'
import { isIn, type Records } from './database.ts'
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
  /** Payments that are known otherwise, as that of an order or a provider's reference: a look-up by key. */
  ids?: readonly string[] | undefined
  status?: string | undefined
  /** Minor units. */
  amount?: number | undefined
  currency?: string | undefined
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
  if (filter.ids === undefined && (isByMoney(filter) || !isIndexed(filter.status)))
    return await listAlongCreation(db, filter, page)
  const { merchantId, livemode, ids, createdAfter, createdBefore } = filter
  const rows = await db
    .select(listed)
    .from(payments)
    .where(
      and(
        ids === undefined
          ? sql`${payments.status} in ('authorized', 'failed', 'canceled', 'expired')`
          : inArray(payments.id, [...ids]),
        eq(payments.merchantId, merchantId),
        eq(payments.livemode, livemode),
        ...wanted(filter),
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
  filter: PaymentFilter,
  { limit, after }: PageRequest,
): Promise<Page<ListedPayment>> {
  const { merchantId, livemode, createdAfter, createdBefore } = filter
  const conditions = wanted(filter)
  const isMixed = isByMoney(filter) || createdAfter !== undefined || createdBefore !== undefined
  // Two rows each, and one more at the edge of the page before.
  const some = isMixed ? MOST_SCANNED / 2 - 1 : Math.floor(limit * 1.5) - 1
  const most = conditions.length === 0 ? limit + 1 : some
  const scanned = await db
    .select({ at: journal.at, stream: journal.stream, ...listed })
    .from(journal)
    .leftJoin(payments, and(eq(payments.id, journal.stream), ...conditions))
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

const isByMoney = ({ amount, currency }: PaymentFilter) => amount !== undefined || currency !== undefined

/** What a payment must be like, besides whose it is and when it was made. */
const wanted = ({ status, amount, currency }: PaymentFilter) => [
  ...(status === undefined ? [] : [eq(payments.status, status)]),
  ...(amount === undefined ? [] : [eq(payments.amount, amount)]),
  ...(currency === undefined ? [] : [eq(payments.currency, currency)]),
]

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

/** The payments that a provider knows by this reference, through any of these connections; rarely more than one. */
export async function paymentsOfReference(
  db: Records,
  connectionIds: readonly string[],
  reference: string,
): Promise<string[]> {
  const rows = await db
    .select({ sessionId: references.sessionId })
    .from(references)
    .where(and(isIn(references.connectionId, connectionIds), eq(references.reference, reference)))
    .limit(MOST_OF_REFERENCE)
  const found = rows.flatMap(({ sessionId }) => paymentOfSession(sessionId) ?? [])
  return [...new Set(found)]
}

const MOST_OF_REFERENCE = 100

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
