/**
 * Tables of what a deployment does for its records by itself: rebuilds, the day's chores, checkpoints. As in the schema
 * beside it, times are milliseconds since the epoch, and WITHOUT ROWID is added in the migrations.
 */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Leaf } from '../crypto/checkpoints.ts'

/** What could not be told again, and why. */
export interface Untold {
  /** A payment's or inbox's id. */
  stream: string
  why: string
}

/** Records that are made again from their objects, a page of objects at a time. In the directory, beside the merchants. */
export const rebuilds = sqliteTable(
  'rebuilds',
  {
    id: text().primaryKey(),
    /** Null for all merchants. */
    merchantId: text('merchant_id'),
    /** Only these objects; null for all that are known. */
    streams: text({ mode: 'json' }).$type<string[]>(),
    /** The merchant and the object that were done last; empty before the first. */
    cursorMerchant: text('cursor_merchant').notNull(),
    cursorStream: text('cursor_stream').notNull(),
    /** Objects that were asked, rows that were missing or other, and objects that could not be told again. */
    asked: integer().notNull(),
    rows: integer().notNull(),
    failed: integer().notNull(),
    /** The first of those. */
    failures: text({ mode: 'json' }).$type<Untold[]>().notNull(),
    createdAt: integer('created_at').notNull(),
    movedAt: integer('moved_at').notNull(),
    finishedAt: integer('finished_at'),
  },
  (t) => [index('rebuilds_unfinished').on(t.movedAt).where(sql`finished_at is null`)],
)

/**
 * What checkpoints noted of each journal last, by the beginnings of their ids: stream, position, hash, and the day of the
 * note. A row for many journals, because rows are what costs.
 */
export const chainBuckets = sqliteTable('chain_buckets', {
  bucket: integer().primaryKey(),
  leaves: text({ mode: 'json' })
    .$type<[stream: string, seq: number, head: string, day: string][]>()
    .notNull(),
})

/** What a day's checkpoint noted in a bucket: the journals that had grown. Never updated. */
export const checkpointPieces = sqliteTable(
  'checkpoint_pieces',
  {
    day: text().notNull(),
    bucket: integer().notNull(),
    leaves: text({ mode: 'json' }).$type<Leaf[]>().notNull(),
    digest: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.bucket] })],
)

/** The days' checkpoints of this database, chained. Never updated. */
export const checkpoints = sqliteTable('checkpoints', {
  seq: integer().primaryKey(),
  day: text().notNull(),
  at: integer().notNull(),
  /** How many journals had grown. */
  journals: integer().notNull(),
  root: text().notNull(),
  prevHash: text('prev_hash').notNull(),
  hash: text().notNull(),
})

/** Work that each database needs once a day, a bounded piece at a time: how far each kind of it has come. */
export const chores = sqliteTable('chores', {
  name: text().primaryKey(),
  /** The UTC day that it began on, such as `2026-11-22`. */
  day: text().notNull(),
  /** The last place that was done; empty before the first. */
  cursor: text().notNull(),
  startedAt: integer('started_at').notNull(),
  finishedAt: integer('finished_at'),
})
