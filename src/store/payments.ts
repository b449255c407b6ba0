/** Payments as lists and the sweeper see them. The payment's own object stays the truth. */
import { and, asc, desc, eq, gte, inArray, isNotNull, lt, lte, sql } from 'drizzle-orm'
import type { Records } from './database.ts'
import { olderThan, type Page, type PageRequest, type Place, pageOf } from './page.ts'
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

/**
 * Newest first. A few seconds behind the objects. Walks the events' index by way of each payment's first event, which
 * happens when the payment is created: an index of the payments' own would be a row more for each.
 */
export async function listPayments(
  db: Records,
  filter: PaymentFilter,
  page: PageRequest,
): Promise<Page<ListedPayment>> {
  const { merchantId, livemode, paymentId, status, createdAfter, createdBefore } = filter
  const rows = await db
    .select({ id: payments.id, createdAt: payments.createdAt, body: payments.body })
    .from(journal)
    .crossJoin(payments)
    .where(
      and(
        // The plus keeps SQLite from walking all of a merchant's events where the payment, which is the key, is known.
        paymentId === undefined
          ? eq(journal.merchantId, merchantId)
          : and(eq(journal.stream, paymentId), sql`+${journal.merchantId} = ${merchantId}`),
        eq(journal.livemode, livemode),
        isNotNull(journal.eventId),
        isFirstEvent,
        eq(payments.id, journal.stream),
        status === undefined ? undefined : eq(payments.status, status),
        createdAfter === undefined ? undefined : gte(journal.at, createdAfter),
        createdBefore === undefined ? undefined : lt(journal.at, createdBefore),
        olderThan(journal.at, journal.eventId, placeInEvents(page.after)),
      ),
    )
    .orderBy(desc(journal.at), desc(journal.eventId))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

const FIRST = '000001'
/** An event's id ends with its place among its payment's events, so the index alone can tell. */
const isFirstEvent = sql`substr(${journal.eventId}, -6) = ${FIRST}`

const placeInEvents = (place: Place | null): Place | null =>
  place === null ? null : { at: place.at, id: `evt_${place.id.slice('pay_'.length)}${FIRST}` }

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
