/** What is recorded here about the rows of a settlement file, and what became of them. */
import { and, asc, eq, gt, gte, isNotNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Claim, Judged, KnownRefund, KnownSession, Outcome } from '../domain/settlement/judge.ts'
import { isIn, type Records } from './database.ts'
import { MOST_SCANNED, type Page, type PageRequest, pageOfScan } from './page.ts'
import type { Reconciliation } from './reconciliations.ts'
import { journal, payments, references } from './schema.ts'
import { settlementItems, settlements } from './settlement-schema.ts'

export type Item = typeof settlementItems.$inferSelect

/** A payment's sessions through one connection, as far as settlement asks. */
export interface KnownPayment {
  id: string
  sessions: KnownSession[]
}

/** The session behind each of these references of a connection. */
export async function sessionsOfReferences(
  db: Records,
  connectionId: string,
  named: readonly string[],
): Promise<Map<string, string>> {
  if (named.length === 0) return new Map()
  const rows = await db
    .select({ reference: references.reference, sessionId: references.sessionId })
    .from(references)
    .where(and(eq(references.connectionId, connectionId), isIn(references.reference, named)))
  return new Map(rows.map((row) => [row.reference, row.sessionId]))
}

/** Of a payment's recorded view only what settlement compares, so that a chunk's payments fit into memory. */
const slimSessions = sql<string>`(
  select json_group_array(json_object('id', one.value ->> '$.id', 'connection_id', one.value ->> '$.connection_id',
    'currency', one.value ->> '$.currency', 'captured', one.value ->> '$.amount_captured'))
  from json_each(${payments.body}, '$.sessions') as one)`
const slimRefunds = sql<string>`(
  select json_group_array(json_object('id', one.value ->> '$.id', 'session_id', one.value ->> '$.session_id',
    'amount', one.value ->> '$.amount', 'status', one.value ->> '$.status',
    'reference', one.value ->> '$.provider_reference'))
  from json_each(${payments.body}, '$.refunds') as one)`
const slim = {
  id: payments.id,
  sessions: slimSessions,
  refunds: slimRefunds,
  dispute: sql<string | null>`${payments.body} ->> '$.dispute_status'`,
}

type Slim = { id: string; sessions: string; refunds: string; dispute: string | null }

/** The payments of these ids that belong to the reconciliation's owner, with their sessions at its connection. */
export async function paymentsOf(
  db: Records,
  of: Pick<Reconciliation, 'merchantId' | 'livemode' | 'connectionId'>,
  ids: readonly string[],
): Promise<Map<string, KnownPayment>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select(slim)
    .from(payments)
    .where(
      and(isIn(payments.id, ids), eq(payments.merchantId, of.merchantId), eq(payments.livemode, of.livemode)),
    )
  return new Map(rows.map((row) => [row.id, knownPayment(row, of.connectionId)]))
}

function knownPayment(row: Slim, connectionId: string): KnownPayment {
  const sessions: { id: string; connection_id: string; currency: string; captured: number }[] = JSON.parse(
    row.sessions,
  )
  const refunds: (KnownRefund & { session_id: string })[] = JSON.parse(row.refunds)
  return {
    id: row.id,
    sessions: sessions
      .filter((session) => session.connection_id === connectionId)
      .map(({ id, currency, captured }) => ({
        ...{ id, paymentId: row.id, currency, captured },
        refunds: refunds
          .filter((refund) => refund.session_id === id)
          .map(({ session_id: _, ...refund }) => refund),
        isDisputed: row.dispute !== null && row.dispute !== 'none',
      })),
  }
}

/** Who has claimed these subjects, in whatever reconciliation of the merchant. */
export async function claimsOf(
  db: Records,
  merchantId: string,
  subjects: readonly string[],
): Promise<Claim[]> {
  if (subjects.length === 0) return []
  return await db
    .select({
      subject: settlements.subject,
      identity: settlements.identity,
      reconciliationId: settlements.reconciliationId,
      place: settlements.place,
      since: settlements.since,
    })
    .from(settlements)
    .where(and(isIn(settlements.subject, subjects), eq(settlements.merchantId, merchantId)))
}

/** Rows of one parameter: JSON of some 100 KB. */
const AT_ONCE = 250

function inParts<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, n) =>
    rows.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  )
}

/** Writes what became of rows, and what they claim, in one transaction; writing the same again changes nothing. */
export async function writeJudged(
  db: Records,
  { id, run, merchantId }: Pick<Reconciliation, 'id' | 'run' | 'merchantId'>,
  judged: readonly Judged[],
  claims: readonly Claim[],
): Promise<void> {
  const items = judged.map((one) => itemOf(id, run, one))
  const [first, ...others] = [
    ...inParts(items).map((part) => insertItems(db, part)),
    ...inParts(claims).map((part) => insertClaims(db, merchantId, part)),
  ]
  if (first !== undefined) await db.batch([first, ...others])
}

function itemOf(reconciliationId: string, run: number, judged: Judged): Item {
  const { place, row, outcome, reason, session, expected } = judged
  return {
    ...{ reconciliationId, run, place, outcome, reason, kind: row.kind, transactionId: row.id },
    ...{ reference: row.references[0] ?? null, orderId: row.orderId, date: row.date },
    ...{ amount: row.amount, currency: row.currency, fee: row.fee, feeCurrency: row.feeCurrency },
    ...{ paymentId: session?.paymentId ?? null, sessionId: session?.id ?? null },
    ...{ expectedAmount: expected?.amount ?? null, expectedCurrency: expected?.currency ?? null },
  }
}

/** `select` of these members from each object of a JSON array, in the order of the table's columns. */
function selectFrom(rows: readonly object[], members: readonly string[]): SQL {
  const picked = members.map((member) => sql.raw(`value ->> '$.${member}'`))
  // SQLite needs the `where` to tell a following `on conflict` from a join's `on`.
  return sql`select ${sql.join(picked, sql`, `)} from json_each(${JSON.stringify(rows)}) where true`
}

const membersOf = (table: object) => Object.keys(table).filter((name) => name !== 'enableRLS')

const insertItems = (db: Records, items: readonly Item[]) =>
  db
    .insert(settlementItems)
    .select(selectFrom(items, membersOf(settlementItems)))
    .onConflictDoNothing()

const insertClaims = (db: Records, merchantId: string, claims: readonly Claim[]) =>
  db
    .insert(settlements)
    .select(
      selectFrom(
        claims.map((claim) => ({ ...claim, merchantId })),
        membersOf(settlements),
      ),
    )
    .onConflictDoNothing()

/** A payment that took money and that no row accounts for. */
export interface Unsettled {
  paymentId: string
  session: KnownSession
}

/** Events that tell of money, in the order in which they are walked. */
export const payingEvents = ['payment.paid', 'payment.corrected'] as const

/** Where a walk along one type of event stands. */
export interface Walk {
  type: number
  /** Milliseconds since the epoch and id of the last event that was looked at. */
  since: number
  eventId: string
}

/**
 * The next events of a kind before `until`, as their payments' sessions that took money through the connection. A
 * correction counts only where no `payment.paid` of the same payment is within the period, which has been walked then.
 */
export async function walkPaid(
  db: Records,
  of: Pick<Reconciliation, 'merchantId' | 'livemode' | 'connectionId' | 'checkedFrom'>,
  walk: Walk,
  until: number,
  limit: number,
): Promise<{ sessions: KnownSession[]; last: Walk | null }> {
  const rows = await db
    .select({ at: journal.at, eventId: journal.eventId, ...slim })
    .from(journal)
    .innerJoin(payments, eq(payments.id, journal.stream))
    .where(
      and(
        eq(journal.merchantId, of.merchantId),
        eq(journal.livemode, of.livemode),
        isNotNull(journal.eventId),
        eq(journal.eventType, payingEvents[walk.type]!),
        gte(journal.at, walk.since),
        lt(journal.at, until),
        sql`(${journal.at}, ${journal.eventId}) > (${walk.since}, ${walk.eventId})`,
      ),
    )
    .orderBy(asc(journal.at), asc(journal.eventId))
    .limit(limit)
  const walked = walk.type === 0 ? new Set<string>() : await paidWithin(db, rows, of.checkedFrom, until)
  const sessions = rows
    .filter(({ id }) => !walked.has(id))
    .flatMap((row) => knownPayment(row, of.connectionId).sessions)
    .filter(({ captured }) => captured > 0)
  const last = rows.length < limit ? null : rows.at(-1)
  return { sessions, last: last ? { type: walk.type, since: last.at, eventId: last.eventId! } : null }
}

async function paidWithin(db: Records, rows: readonly { id: string }[], from: number, until: number) {
  const paid = await db
    .select({ id: journal.stream })
    .from(journal)
    .where(
      and(
        isIn(
          journal.stream,
          rows.map(({ id }) => id),
        ),
        eq(journal.eventType, payingEvents[0]),
        gte(journal.at, from),
        lt(journal.at, until),
      ),
    )
  return new Set(paid.map(({ id }) => id))
}

/** Lists payments that no row accounts for. */
export async function writeMissing(
  db: Records,
  { id, run }: Pick<Reconciliation, 'id' | 'run'>,
  missing: readonly (KnownSession & { place: number })[],
): Promise<void> {
  const items = missing.map(
    (session): Item => ({
      ...{ reconciliationId: id, run, place: session.place, outcome: 'missing_there', reason: null },
      ...{ kind: 'payment', transactionId: null, reference: null, orderId: null, date: null },
      ...{ amount: null, currency: session.currency, fee: null, feeCurrency: null },
      ...{ paymentId: session.paymentId, sessionId: session.id },
      ...{ expectedAmount: session.captured, expectedCurrency: session.currency },
    }),
  )
  for (const part of inParts(items)) await insertItems(db, part)
}

/** Whether a list of this outcome is found by the index of what differs. */
const isIndexed = (outcome: Outcome | undefined) =>
  outcome !== undefined && outcome !== 'matched' && outcome !== 'fee'

/** Items of a run in the order of its files; `after` holds the place of the last one. */
export async function listItems(
  db: Records,
  { id, run, outcome }: { id: string; run: number; outcome?: Outcome | undefined },
  { limit, after }: PageRequest,
): Promise<Page<Item>> {
  const scans = outcome !== undefined && !isIndexed(outcome)
  const most = scans ? MOST_SCANNED : limit + 1
  const rows = await db
    .select()
    .from(settlementItems)
    .where(
      and(
        eq(settlementItems.reconciliationId, id),
        eq(settlementItems.run, run),
        isIndexed(outcome)
          ? and(sql`outcome not in ('matched', 'fee')`, eq(settlementItems.outcome, outcome!))
          : undefined,
        after === null ? undefined : gt(settlementItems.place, after.at),
      ),
    )
    .orderBy(asc(settlementItems.place))
    .limit(most)
  const scanned = rows.map((row) => ({
    place: { at: row.place, id },
    row: outcome === undefined || row.outcome === outcome ? row : null,
  }))
  return pageOfScan(scanned, { limit, most })
}

/** Removes items of earlier runs, at most `limit` of them; gives how many there were. */
export async function removeOldItems(db: Records, id: string, run: number, limit: number): Promise<number> {
  const old = sql`(reconciliation_id, run, place) in (
    select reconciliation_id, run, place from settlement_items
    where reconciliation_id = ${id} and run < ${run} limit ${limit})`
  const removed = await db.delete(settlementItems).where(old)
  return removed.meta.changes
}
