/**
 * Settlement in D1: files that merchants bring, what became of each of their rows, and which money is accounted for. As
 * in schema.ts, times are milliseconds since the epoch and amounts minor units; the migrations add WITHOUT ROWID.
 */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Outcome, Reason } from '../domain/settlement/judge.ts'
import type { LayoutName, Mapping } from '../domain/settlement/layouts.ts'
import type { RowKind } from '../domain/settlement/row.ts'
import type { Tally } from '../domain/settlement/tally.ts'

const flag = (name: string) => integer(name, { mode: 'boolean' }).notNull()

/** Where the work on a reconciliation stands: rows of files, then payments that no row accounts for, then what is old. */
export type Stage =
  | { at: 'rows'; file: number; chunk: number }
  | { at: 'payments'; type: number; since: number; eventId: string; found: number }
  | { at: 'cleaning' }

/** A provider's settlement files of one connection and period, compared with what is recorded here. */
export const reconciliations = sqliteTable(
  'reconciliations',
  {
    id: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    livemode: flag('livemode'),
    connectionId: text('connection_id').notNull(),
    layout: text().$type<LayoutName>().notNull(),
    mapping: text({ mode: 'json' }).$type<Mapping>().notNull(),
    /** The period: from `since` on, before `until`. */
    since: integer().notNull(),
    until: integer().notNull(),
    graceMs: integer('grace_ms').notNull(),
    /** From when on payments must be accounted for: earlier than `since` where an earlier period left some to this one. */
    checkedFrom: integer('checked_from').notNull(),
    /** How many files must be here before it begins. */
    filesExpected: integer('files_expected').notNull(),
    /** The SHA-256 of what it was made with, so that a repeated request is known. */
    fingerprint: text().notNull(),
    /** Counts from 1 with the first run; 0 while files are missing. Items belong to a run. */
    run: integer().notNull(),
    /** The run whose result is shown; 0 before the first is through. */
    finishedRun: integer('finished_run').notNull(),
    /** Null while nothing is to be done. */
    stage: text({ mode: 'json' }).$type<Stage>(),
    tally: text({ mode: 'json' }).$type<Tally>().notNull(),
    /** The tally of the run that is shown. */
    summary: text({ mode: 'json' }).$type<Tally>(),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    finishedAt: integer('finished_at'),
    /** When the sweeper sends it on its way again; null while nothing is to be done. */
    dueAt: integer('due_at'),
  },
  (t) => [
    index('reconciliations_newest').on(t.merchantId, t.livemode, t.createdAt, t.id),
    index('reconciliations_due').on(t.dueAt).where(sql`due_at is not null`),
  ],
)

/** A file that was sent. It belongs to its reconciliation from the moment that the whole of it is here. */
export const settlementFiles = sqliteTable(
  'settlement_files',
  {
    id: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    reconciliationId: text('reconciliation_id').notNull(),
    /** Its number within the reconciliation, from 1; null until it is here. */
    n: integer(),
    sha256: text(),
    bytes: integer(),
    rows: integer(),
    chunks: integer(),
    /** When it began to come, or came. */
    at: integer().notNull(),
  },
  (t) => [
    uniqueIndex('settlement_files_in_order').on(t.reconciliationId, t.n).where(sql`n is not null`),
    // Those whose sender or Worker died in the middle.
    index('settlement_files_unfinished').on(t.at).where(sql`n is null`),
  ],
)

/** Some hundred rows of a file, as JSON text: one row written instead of hundreds. */
export const settlementChunks = sqliteTable(
  'settlement_chunks',
  { fileId: text('file_id').notNull(), n: integer().notNull(), rows: text().notNull() },
  (t) => [primaryKey({ columns: [t.fileId, t.n] })],
)

/** Which rows have accounted for what: see `Claim` in src/domain/settlement/judge.ts. */
export const settlements = sqliteTable(
  'settlements',
  {
    subject: text().notNull(),
    identity: text().notNull(),
    reconciliationId: text('reconciliation_id').notNull(),
    merchantId: text('merchant_id').notNull(),
    place: integer().notNull(),
    since: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.subject, t.identity, t.reconciliationId] })],
)

/** What became of each row of a run, and the payments that no row accounts for. */
export const settlementItems = sqliteTable(
  'settlement_items',
  {
    reconciliationId: text('reconciliation_id').notNull(),
    run: integer().notNull(),
    /** File and line in one number; payments without a row come behind all files. */
    place: integer().notNull(),
    outcome: text().$type<Outcome>().notNull(),
    reason: text().$type<Reason>(),
    kind: text().$type<RowKind>().notNull(),
    transactionId: text('transaction_id'),
    reference: text(),
    orderId: text('order_id'),
    amount: integer(),
    currency: text().notNull(),
    fee: integer(),
    feeCurrency: text('fee_currency'),
    date: text(),
    paymentId: text('payment_id'),
    sessionId: text('session_id'),
    expectedAmount: integer('expected_amount'),
    expectedCurrency: text('expected_currency'),
  },
  (t) => [
    primaryKey({ columns: [t.reconciliationId, t.run, t.place] }),
    // Costs a row only where something differs.
    index('settlement_items_differing')
      .on(t.reconciliationId, t.run, t.outcome, t.place)
      .where(sql`outcome not in ('matched', 'fee')`),
  ],
)

/** Differences that were raised as exceptions, so that none is raised twice, and which the facts may end. */
export const settlementDifferences = sqliteTable(
  'settlement_differences',
  {
    cause: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    /** The object that raised it. */
    stream: text().notNull(),
    outcome: text().$type<Outcome>().notNull(),
    connectionId: text('connection_id').notNull(),
    sessionId: text('session_id'),
    /** When the facts ended it; null while they have not, whatever a person has said. */
    endedAt: integer('ended_at'),
    /** When the provider is asked (again) what became of a payment that it never settled; null for other differences. */
    askAt: integer('ask_at'),
  },
  (t) => [index('settlement_differences_to_ask').on(t.askAt).where(sql`ask_at is not null`)],
)
