/**
 * A payment object's own SQLite: one table with a row per journal entry. The idempotency key, its answer, the report's
 * mark and the event are columns of that row, and so is what the object knows besides its journal, in the newest row:
 * rows written are most of the bill, and the payment itself is what the journal tells.
 *
 * | columns                              | hold                                                               |
 * |--------------------------------------|--------------------------------------------------------------------|
 * | seq … hash                           | the entry and its place in the chain                               |
 * | event_…                              | the event that business systems are told, frozen                   |
 * | key, fingerprint, answer             | an idempotency key with its answer                                 |
 * | report, report_hash, outcome, …_body | a report's mark and its scrubbed body                              |
 * | beside                               | side and cursor, as they are now; only the newest row's counts     |
 * | checkpoint                           | the payment after every thirty-second entry, so that replays end   |
 */
import type { Payment } from '../domain/payment.ts'
import { type ChainedRow, insert, replayFrom } from './journal.ts'
import { emptySide, SHAPE, type Side } from './side.ts'

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
  `CREATE TABLE journal (
     seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, actor TEXT NOT NULL, data TEXT NOT NULL,
     prev_hash TEXT NOT NULL, hash TEXT NOT NULL,
     event_id TEXT, event_type TEXT, event_sequence INTEGER, event_body TEXT,
     key TEXT, fingerprint TEXT, answer TEXT,
     report TEXT, report_hash TEXT, outcome TEXT, report_body TEXT,
     beside TEXT, checkpoint TEXT)`,
]

/** Entries between two checkpoints: the most that a replay goes through. */
const CHECKPOINT_EVERY = 32

export interface Stored {
  payment: Payment
  side: Side
  /** The last journal position that the records confirmed. */
  published: number
}

/** What stands in the newest row. Whose it is stands there too, so that a journal can be verified that cannot be read. */
export interface Beside {
  schema: number
  merchantId: string
  livemode: boolean
  side: Side
  published: number
}

interface Checkpoint {
  shape: number
  payment: Payment
}

/** A payment as the journal tells it up to this entry, whose hash stands for all of it. */
interface Told {
  seq: number
  hash: string
  payment: Payment
}

/**
 * What was told last of each storage, so that a journal is replayed only from where it was replayed to. Its entries never
 * change; only the hash says which they are, because a step that was undone may have told others under the same numbers.
 */
const told = new WeakMap<ObjectStorage, Told>()

const isMade = (storage: ObjectStorage): boolean =>
  told.has(storage) ||
  storage.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'journal'").length > 0

/** What the object holds; null when it was never opened, and then nothing is written, not even a schema. */
export function load(storage: ObjectStorage): Stored | null {
  const newest = loadBeside(storage)
  if (newest === null) return null
  const { side, published } = newest.beside
  const payment = paymentSince(storage, newest.seq, side.head) ?? paymentAt(storage, newest.seq)
  told.set(storage, { seq: newest.seq, hash: side.head, payment })
  return { payment, side, published }
}

/** The newest position of the journal and what stands beside it; null when the object was never opened. */
export function loadBeside(storage: ObjectStorage): { seq: number; beside: Beside } | null {
  if (!isMade(storage)) return null
  const row = storage.exec('SELECT seq, beside FROM journal ORDER BY seq DESC LIMIT 1')[0]
  if (row === undefined) return null
  const kept = JSON.parse(String(row.beside)) as Beside
  // An older version may have kept less.
  const beside = { ...kept, side: { ...emptySide(), ...kept.side } }
  if (beside.schema < steps.length) upgrade(storage, beside.schema)
  return { seq: Number(row.seq), beside }
}

/** The payment up to this entry from what was told before; null when that is no part of it. */
function paymentSince(storage: ObjectStorage, seq: number, hash: string): Payment | null {
  const before = told.get(storage)
  if (before === undefined || before.seq > seq) return null
  if (before.seq === seq) return before.hash === hash ? before.payment : null
  const [row] = storage.exec('SELECT hash FROM journal WHERE seq = ?', before.seq)
  return row?.hash === before.hash ? replayFrom(storage, before.seq + 1, seq, before.payment) : null
}

/** The payment that the journal tells of up to this entry. A checkpoint of another shape is passed over. */
function paymentAt(storage: ObjectStorage, seq: number): Payment {
  const row =
    seq < CHECKPOINT_EVERY
      ? undefined
      : storage.exec(
          'SELECT seq, checkpoint FROM journal WHERE checkpoint IS NOT NULL ORDER BY seq DESC LIMIT 1',
        )[0]
  const checkpoint = row === undefined ? null : (JSON.parse(String(row.checkpoint)) as Checkpoint)
  const isCurrent = checkpoint?.shape === SHAPE
  const payment = isCurrent
    ? replayFrom(storage, Number(row?.seq) + 1, seq, checkpoint.payment)
    : replayFrom(storage, 1, seq, null)
  if (payment === null) throw new Error('A payment without a journal cannot be.')
  return payment
}

/** Saves the state beside the journal: with the step's newest row where there is one, else into the row that is there. */
export function save(
  storage: ObjectStorage,
  { payment, side, published }: Stored,
  row: ChainedRow | null,
): void {
  const { merchantId, livemode } = payment
  const kept: Beside = { schema: steps.length, merchantId, livemode, side, published }
  const beside = JSON.stringify(kept)
  if (row === null) {
    storage.exec('UPDATE journal SET beside = ? WHERE seq = ?', beside, payment.version)
    return
  }
  const checkpoint: Checkpoint = { shape: SHAPE, payment }
  const isPlace = payment.version % CHECKPOINT_EVERY === 0
  insert(storage, row, beside, isPlace ? JSON.stringify(checkpoint) : null)
}

/** Forgets what older rows hold beside the journal, but for their traces; only of use where that was personal. */
export function forgetOlder(storage: ObjectStorage, seq: number): void {
  storage.exec(
    `UPDATE journal SET beside = json_object('side', json_object('traces', beside -> '$.side.traces'))
     WHERE seq < ? AND beside ->> '$.schema' IS NOT NULL`,
    seq,
  )
}

/** Makes the table of an object that is opened for the first time. */
export function create(storage: ObjectStorage): void {
  if (!isMade(storage)) upgrade(storage, 0)
}

function upgrade(storage: ObjectStorage, from: number): void {
  for (const step of steps.slice(from)) for (const statement of step.split(';')) storage.exec(statement)
}
