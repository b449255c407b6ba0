/**
 * Writes what objects publish: one D1 batch for many publications, hence one transaction. Each table's rows travel as
 * one JSON parameter, since D1 binds at most a hundred of them, and every statement may be repeated without effect.
 */
import { and, gt, notExists, type SQL, sql } from 'drizzle-orm'
import { heldUntil } from '../domain/health.ts'
import type { Publication, PublishedContent } from '../domain/publication.ts'
import { isIn, type Records } from './database.ts'
import { deliveries, destinations, exceptions, journal, payments, references } from './schema.ts'

/** A publication whose content has arrived, in the message or from its object. */
export type Recordable = Publication & { content: PublishedContent }

/** A delivery that was made by this very write. */
export interface NewDelivery {
  deliveryId: string
  merchantId: string
  /** Whether its destination has failed lately. */
  isTroubled: boolean
}

export interface WriteOptions {
  /** Milliseconds since the epoch. */
  now: number
  /** How long the first try of a new delivery waits. */
  firstDelayMs: number
  /** Seconds of the whole schedule, after which what a breaker holds has waited long enough. */
  scheduleSeconds: readonly number[]
  /** How long from then on the first tries belong to whoever gets the message that is sent for them. */
  leaseMs: number
}

/**
 * Records the publications in one transaction and gives back the deliveries that came of it. Repeats, overlaps and any
 * order are harmless: older snapshots lose by version, and an entry fans out only in the write that brings it.
 */
export async function writeRecords(
  db: Records,
  publications: readonly Recordable[],
  options: WriteOptions,
): Promise<NewDelivery[]> {
  const rows = rowsOf(publications)
  // The fan-out must look at the journal before this batch's entries are in it.
  const events = rows.journal.filter((entry) => entry.eventId !== null)
  const fanOut = inParts(events).map((part) => insertDeliveries(db, part, options))
  const merchantIds = [...new Set(events.map((event) => String(event.merchantId)))]
  const [first, ...others] = [
    ...fanOut,
    ...(fanOut.length === 0 ? [] : [troubledOf(db, merchantIds)]),
    ...statementsFor(db, rows, 'first'),
  ]
  if (first === undefined) return []
  const results = (await db.batch([first, ...others])) as unknown[]
  const made = (results.slice(0, fanOut.length) as MadeDelivery[][]).flat()
  if (fanOut.length === 0) return []
  const troubled = new Set((results[fanOut.length] as { id: string }[]).map(({ id }) => id))
  return made
    .filter((delivery) => delivery.status === 'pending')
    .map(({ deliveryId, merchantId, destinationId }) => ({
      deliveryId,
      merchantId,
      isTroubled: troubled.has(destinationId),
    }))
}

/**
 * Makes the records what these publications say, also where rows were spoiled, and tells nobody: what was confirmed was
 * told when it was. Gives how many rows were missing or other. Rows that are newer, and rows that no object knows, stay.
 */
export async function rewriteRecords(db: Records, publications: readonly Recordable[]): Promise<number> {
  const [first, ...others] = statementsFor(db, rowsOf(publications), 'again')
  if (first === undefined) return 0
  const results = (await db.batch([first, ...others])) as unknown as D1Result[]
  return results.reduce((sum, { meta }) => sum + meta.changes, 0)
}

/** Whether rows come for the first time, perhaps repeated, or are to correct what is there. */
type How = 'first' | 'again'

function statementsFor(db: Records, rows: ReturnType<typeof rowsOf>, how: How) {
  return [
    ...inParts(rows.payments).map((part) => upsertPayments(db, part, how)),
    ...inParts(rows.journal).map((part) => insertJournal(db, part, how)),
    ...inParts(rows.references).map((part) => insertReferences(db, part, how)),
    ...inParts(rows.exceptions).map((part) => upsertExceptions(db, part, how)),
  ]
}

type MadeDelivery = Pick<NewDelivery, 'deliveryId' | 'merchantId'> & { destinationId: string; status: string }

/** Destinations of these merchants that have failed since they last took something. */
function troubledOf(db: Records, merchantIds: readonly string[]) {
  return db
    .select({ id: destinations.id })
    .from(destinations)
    .where(and(gt(destinations.failures, 0), isIn(destinations.merchantId, merchantIds)))
}

/** Characters of one JSON parameter; D1 takes 2 MB, and a character may be three bytes. */
const PART_CHARACTERS = 600_000

/** Splits rows into runs whose JSON fits into one parameter. */
function inParts(rows: readonly Row[]): Row[][] {
  const parts: Row[][] = []
  let room = 0
  for (const row of rows) {
    const size = JSON.stringify(row).length
    if (parts.length === 0 || size > room) {
      parts.push([])
      room = PART_CHARACTERS
    }
    parts.at(-1)!.push(row)
    room -= size
  }
  return parts
}

/** The rows to write, each at most once: of a payment or exception that was published twice only the newest counts. */
export function rowsOf(publications: readonly Recordable[]) {
  const newestPayments = new Map<string, Row>()
  const newestExceptions = new Map<string, Row>()
  const entries = new Map<string, Row>()
  const known = new Map<string, Row>()
  for (const { stream, merchantId, livemode, content } of publications) {
    const owner = { merchantId, livemode: livemode ? 1 : 0 }
    for (const { event, ...entry } of content.entries)
      entries.set(`${stream} ${entry.seq}`, {
        ...owner,
        ...entry,
        stream,
        eventId: event?.id ?? null,
        eventType: event?.type ?? null,
        eventSequence: event?.sequence ?? null,
        eventBody: event?.body ?? null,
      })
    for (const exception of content.exceptions)
      keepNewest(newestExceptions, { ...owner, ...exception, stream })
    if (content.payment === null) continue
    const { references: named, ...payment } = content.payment
    keepNewest(newestPayments, { ...owner, ...payment })
    for (const reference of named)
      known.set(`${reference.connectionId} ${reference.reference}`, { ...reference })
  }
  return {
    payments: [...newestPayments.values()],
    exceptions: [...newestExceptions.values()],
    journal: [...entries.values()],
    references: [...known.values()],
  }
}

export type Row = Record<string, string | number | null>

function keepNewest(newest: Map<string, Row>, row: Row): void {
  const known = newest.get(String(row.id))
  if (known === undefined || Number(known.version) < Number(row.version)) newest.set(String(row.id), row)
}

/** `select` of these members from each object of a JSON array, in the order of the table's columns. */
function selectFrom(rows: readonly Row[], members: readonly string[]): SQL {
  const picked = members.map((member) => sql.raw(`value ->> '$.${member}'`))
  // SQLite needs the `where` to tell a following `on conflict` from a join's `on`.
  return sql`select ${sql.join(picked, sql`, `)} from json_each(${JSON.stringify(rows)}) where true`
}

/** Members of a row are named like the table's properties, so one list serves both. */
const membersOf = (table: object): string[] => Object.keys(table).filter((name) => name !== 'enableRLS')

/** What an upsert sets: every column but the key, from the row that came. */
function excluded(table: Record<string, unknown>, members: readonly string[]): Record<string, SQL> {
  const columns = table as Record<string, { name: string }>
  return Object.fromEntries(members.map((member) => [member, sql.raw(`excluded.${columns[member]!.name}`)]))
}

/** Whether one of these columns has another value than the row that came. */
function differs(table: object, name: string, members: readonly string[]): SQL {
  const columns = table as Record<string, { name: string }>
  const pairs = members.map((member) => columns[member]!.name)
  return sql.raw(`(${pairs.map((column) => `excluded.${column} is not ${name}.${column}`).join(' or ')})`)
}

const without = (table: object, ...names: string[]): string[] =>
  membersOf(table).filter((member) => !names.includes(member))

function upsertPayments(db: Records, rows: readonly Row[], how: How) {
  const changing = ['status', 'amount', 'currency', 'version', 'overdueAt', 'body']
  const isNewer = sql`excluded.version > ${payments.version}`
  // When the sweeper looks again is not the object's to say.
  const isOther = differs(payments, 'payments', without(payments, 'id', 'overdueAt'))
  return db
    .insert(payments)
    .select(selectFrom(rows, membersOf(payments)))
    .onConflictDoUpdate({
      target: payments.id,
      set: excluded({ ...payments }, how === 'first' ? changing : without(payments, 'id')),
      setWhere:
        how === 'first'
          ? isNewer
          : sql`${isNewer} or (excluded.version = ${payments.version} and ${isOther})`,
    })
}

function upsertExceptions(db: Records, rows: readonly Row[], how: How) {
  const changing = ['status', 'detail', 'resolvedAt', 'resolution', 'note', 'resolvedBy', 'version']
  const isNewer = sql`excluded.version > ${exceptions.version}`
  const isOther = differs(exceptions, 'exceptions', without(exceptions, 'id'))
  return db
    .insert(exceptions)
    .select(selectFrom(rows, membersOf(exceptions)))
    .onConflictDoUpdate({
      target: exceptions.id,
      set: excluded({ ...exceptions }, how === 'first' ? changing : without(exceptions, 'id')),
      setWhere:
        how === 'first'
          ? isNewer
          : sql`${isNewer} or (excluded.version = ${exceptions.version} and ${isOther})`,
    })
}

function insertJournal(db: Records, rows: readonly Row[], how: How) {
  const insert = db.insert(journal).select(selectFrom(rows, membersOf(journal)))
  if (how === 'first') return insert.onConflictDoNothing()
  // An object may have forgotten a trace, which the chain does not hold either.
  const told = without(journal, 'stream', 'seq', 'trace')
  return insert.onConflictDoUpdate({
    target: [journal.stream, journal.seq],
    set: excluded({ ...journal }, told),
    setWhere: differs(journal, 'journal', told),
  })
}

function insertReferences(db: Records, rows: readonly Row[], how: How) {
  const insert = db.insert(references).select(selectFrom(rows, membersOf(references)))
  if (how === 'first') return insert.onConflictDoNothing()
  return insert.onConflictDoUpdate({
    target: [references.connectionId, references.reference],
    set: excluded({ ...references }, ['sessionId']),
    setWhere: differs(references, 'provider_references', ['sessionId']),
  })
}

/**
 * One delivery per event and subscribed destination. An entry that the journal has already was fanned out when it came,
 * to the destinations of that moment. A paused destination's deliveries wait as `held`; while only its breaker is open,
 * for no longer than their schedule.
 * `deliveryId` and `subscribes` of the domain say the same as this SQL; tests compare them.
 */
function insertDeliveries(db: Records, events: readonly Row[], options: WriteOptions) {
  const { now } = options
  const dueAt = now + options.firstDelayMs
  const waitedEnoughAt = heldUntil(now, options.scheduleSeconds)
  const slim = events.map(({ stream, seq, merchantId, livemode, eventId, eventType }) => ({
    stream: stream!,
    seq: seq!,
    merchantId: merchantId!,
    livemode: livemode!,
    eventId: eventId!,
    eventType: eventType!,
  }))
  const event = (member: keyof (typeof slim)[number]) => sql.raw(`event.value ->> '$.${member}'`)
  const eventType = event('eventType')
  const recorded = db
    .select({ one: sql`1` })
    .from(journal)
    .where(and(sql`${journal.stream} = ${event('stream')}`, sql`${journal.seq} = ${event('seq')}`))
  const active = sql`${destinations.status} = 'active'`
  const failing = sql`${destinations.pausedBecause} = 'failing'`
  const select = sql`
    select
      'dlv_' || substr(${event('eventId')}, 5) || substr(${destinations.id}, 5),
      ${destinations.merchantId}, ${destinations.livemode}, ${event('stream')}, ${event('seq')},
      ${event('eventId')}, ${eventType}, ${destinations.id},
      case when ${active} then 'pending' else 'held' end, 0,
      case when ${active} then ${dueAt} when ${failing} then ${waitedEnoughAt} end,
      case when ${active} then ${dueAt + options.leaseMs} end,
      'schedule', '[]', ${now}, null, 0
    from json_each(${JSON.stringify(slim)}) as event
    cross join ${destinations}
    where ${destinations.merchantId} = ${event('merchantId')}
      and ${destinations.livemode} = ${event('livemode')}
      and ${destinations.deletedAt} is null
      and exists (
        select 1 from json_each(${destinations.eventTypes}) as pattern
        where pattern.value in ('*', ${eventType})
          or (
            substr(pattern.value, -2) = '.*'
            and substr(${eventType}, 1, length(pattern.value) - 1) = substr(pattern.value, 1, length(pattern.value) - 1)
          )
      )
      and ${notExists(recorded)}`
  return db.insert(deliveries).select(select).onConflictDoNothing().returning({
    deliveryId: deliveries.id,
    merchantId: deliveries.merchantId,
    destinationId: deliveries.destinationId,
    status: deliveries.status,
  })
}
