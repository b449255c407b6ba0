/**
 * A payment object's own SQLite: one row for the snapshot and one row per journal entry, with the idempotency key,
 * its answer, the report's mark and the event as columns of that row, because rows written are most of the bill.
 *
 * | table   | row                 | holds                                                                    |
 * |---------|---------------------|--------------------------------------------------------------------------|
 * | payment | one                 | snapshot (made from the journal), side (not in the journal), cursor      |
 * | journal | one per entry       | entry, chain hash, event, key and answer, report mark and scrubbed body  |
 */
import type { Payment } from '../domain/payment.ts'
import { entriesBetween, replay } from './journal.ts'
import { SHAPE, type Side } from './side.ts'

export type SqlValue = string | number | null

/** What a step needs of a Durable Object's storage; `node:sqlite` serves it too. */
export interface ObjectStorage {
  exec(query: string, ...bindings: SqlValue[]): Record<string, SqlValue>[]
  /** Everything inside is written, or nothing. */
  transactionSync<T>(step: () => T): T
  /** Milliseconds since the epoch, or null for none; part of the running transaction. */
  setAlarm(at: number | null): void
}

/** Numbered by position, append-only: an object made by an old version takes the steps that it lacks. */
const steps: readonly string[] = [
  `CREATE TABLE payment (
     id INTEGER PRIMARY KEY CHECK (id = 0), schema INTEGER NOT NULL,
     snapshot TEXT NOT NULL, side TEXT NOT NULL, published INTEGER NOT NULL);
   CREATE TABLE journal (
     seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, actor TEXT NOT NULL, data TEXT NOT NULL,
     prev_hash TEXT NOT NULL, hash TEXT NOT NULL,
     event_id TEXT, event_type TEXT, event_sequence INTEGER, event_body TEXT,
     key TEXT, fingerprint TEXT, answer TEXT,
     report TEXT, report_hash TEXT, outcome TEXT, report_body TEXT)`,
]

export interface Stored {
  payment: Payment
  side: Side
  /** The last journal position that the records confirmed. */
  published: number
}

/** What the object holds; null when it was never opened, and then nothing is written, not even a schema. */
export function load(storage: ObjectStorage): Stored | null {
  if (storage.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'payment'").length === 0)
    return null
  const row = storage.exec('SELECT schema, snapshot, side, published FROM payment')[0]
  if (row === undefined) return null
  if (Number(row.schema) < steps.length) {
    upgrade(storage, Number(row.schema))
    storage.exec('UPDATE payment SET schema = ?', steps.length)
  }
  const side = JSON.parse(String(row.side)) as Side
  const isCurrent = side.shape === SHAPE
  const payment = isCurrent ? (JSON.parse(String(row.snapshot)) as Payment) : replayed(storage)
  return { payment, side: { ...side, shape: SHAPE }, published: Number(row.published) }
}

function replayed(storage: ObjectStorage): Payment {
  const payment = replay(entriesBetween(storage, 1, Number.MAX_SAFE_INTEGER))
  if (payment === null) throw new Error('A payment without a journal cannot be.')
  return payment
}

/** Writes the one row. The journal rows of the same step are in the same transaction. */
export function save(storage: ObjectStorage, { payment, side, published }: Stored): void {
  storage.exec(
    `INSERT INTO payment (id, schema, snapshot, side, published) VALUES (0, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET schema = excluded.schema, snapshot = excluded.snapshot, side = excluded.side,
       published = excluded.published`,
    steps.length,
    JSON.stringify(payment),
    JSON.stringify(side),
    published,
  )
}

/** Makes the tables of an object that is opened for the first time. */
export function create(storage: ObjectStorage): void {
  if (storage.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'payment'").length > 0) return
  upgrade(storage, 0)
}

function upgrade(storage: ObjectStorage, from: number): void {
  for (const step of steps.slice(from)) for (const statement of step.split(';')) storage.exec(statement)
}
