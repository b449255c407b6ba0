/** The journal's rows: chained by SHA-256, read back, verified, and made into what is published. */
import { hashOfParts, verifyChain } from '../crypto/chain.ts'
import { apply } from '../domain/apply.ts'
import type { Entry, PlacedEntry } from '../domain/entry.ts'
import { eventTypeOf } from '../domain/event.ts'
import type { Payment } from '../domain/payment.ts'
import type { PublishedEntry, PublishedEvent } from '../domain/publication.ts'
import type { ObjectStorage, SqlValue } from './storage.ts'

/** What a row carries besides its entry: an idempotency key with its answer, or a report's mark. */
export interface Marks {
  key?: string
  fingerprint?: string
  /** JSON text of the answer kept for the key. */
  answer?: string
  /** Connection and report id. */
  report?: string
  /** Hash of the report's body: the same id with another body is a contradiction. */
  reportHash?: string
  outcome?: string
  /** The report's body, cut and scrubbed. It never leaves the object. */
  reportBody?: string
}

/** The chain's hash of one entry: everything that the row tells, on top of the entry before. */
export function hashOf(row: Omit<PublishedEntry, 'hash'>): string {
  return hashOfParts([
    row.prevHash,
    row.seq,
    row.at,
    row.type,
    row.actor,
    row.data,
    row.event === null ? null : [row.event.id, row.event.type, row.event.sequence, row.event.body],
  ])
}

/** An entry with its place in the chain, before it is written: the newest one of a step takes other state with it. */
export interface ChainedRow {
  hash: string
  values: SqlValue[]
}

/** Chains one entry to the one before it. */
export function chained(
  placed: PlacedEntry,
  event: PublishedEvent | null,
  prevHash: string,
  marks: Marks,
): ChainedRow {
  const { seq, at, actor, entry } = placed
  const data = JSON.stringify(entry.data)
  const hash = hashOf({ seq, at, type: entry.type, actor, data, prevHash, event })
  const values = [
    ...[seq, at, entry.type, actor, data, prevHash, hash],
    ...[event?.id ?? null, event?.type ?? null, event?.sequence ?? null, event?.body ?? null],
    ...[marks.key ?? null, marks.fingerprint ?? null, marks.answer ?? null],
    ...[marks.report ?? null, marks.reportHash ?? null, marks.outcome ?? null, marks.reportBody ?? null],
  ]
  return { hash, values }
}

/** Writes the entry, and with the newest one of a step the state beside it. */
export function insert(
  storage: ObjectStorage,
  row: ChainedRow,
  beside: string | null,
  checkpoint: string | null,
): void {
  storage.exec(
    `INSERT INTO journal (seq, at, type, actor, data, prev_hash, hash, event_id, event_type, event_sequence, event_body,
       key, fingerprint, answer, report, report_hash, outcome, report_body, beside, checkpoint)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...row.values,
    beside,
    checkpoint,
  )
}

/** Entries of a range, both ends inclusive, oldest first. */
export function entriesBetween(storage: ObjectStorage, from: number, to: number): PublishedEntry[] {
  return storage
    .exec(
      `SELECT seq, at, type, actor, data, prev_hash, hash, event_id, event_type, event_sequence, event_body
       FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq`,
      from,
      to,
    )
    .map(entryOf)
}

function entryOf(row: Record<string, SqlValue>): PublishedEntry {
  const event =
    row.event_id == null
      ? null
      : {
          id: String(row.event_id),
          type: String(row.event_type),
          sequence: row.event_sequence == null ? null : Number(row.event_sequence),
          body: String(row.event_body),
        }
  return {
    seq: Number(row.seq),
    at: Number(row.at),
    type: String(row.type),
    actor: String(row.actor),
    data: String(row.data),
    prevHash: String(row.prev_hash),
    hash: String(row.hash),
    event,
  }
}

/** Walks the chain from its beginning; names the first entry that does not follow from the one before. */
export const verify = (entries: readonly PublishedEntry[], head: string) => verifyChain(entries, head, hashOf)

/** The payment after one more entry, with its event counted. The one step that writing and replaying share. */
export function step(
  payment: Payment | null,
  placed: PlacedEntry,
): { payment: Payment; type: ReturnType<typeof eventTypeOf> } {
  const after = apply(payment, placed)
  const type = eventTypeOf(payment, after, placed.entry)
  return { payment: type === null ? after : { ...after, events: after.events + 1 }, type }
}

/** The payment that the journal tells of. */
export function replay(entries: readonly PublishedEntry[]): Payment | null {
  return entries.reduce<Payment | null>(after, null)
}

/** The payment after the entries of a range, both ends inclusive; read without what only others need of them. */
export function replayFrom(
  storage: ObjectStorage,
  from: number,
  to: number,
  payment: Payment | null,
): Payment | null {
  const rows = storage.exec(
    'SELECT seq, at, type, actor, data FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq',
    from,
    to,
  ) as unknown as Told[]
  return rows.reduce<Payment | null>(after, payment)
}

type Told = Pick<PublishedEntry, 'seq' | 'at' | 'type' | 'actor' | 'data'>

function after(payment: Payment | null, { seq, at, type, actor, data }: Told): Payment {
  const entry = { type, data: JSON.parse(data) } as Entry
  return step(payment, { seq, at, actor, entry }).payment
}
