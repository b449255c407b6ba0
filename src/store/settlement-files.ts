/**
 * Files on their way into D1. Their chunks are written as they come, and belong to nobody until one statement says that
 * the whole file is here: a sender or Worker that dies in the middle leaves nothing but chunks that the sweeper removes.
 */
import { and, asc, eq, isNull, lt, notExists, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { SettlementRow } from '../domain/settlement/row.ts'
import type { Records } from './database.ts'
import { beginning, type Reconciliation } from './reconciliations.ts'
import { reconciliations, settlementChunks, settlementFiles } from './settlement-schema.ts'

/** A file that is coming. */
export interface Coming {
  id: string
  merchantId: string
  reconciliationId: string
  /** Milliseconds since the epoch. */
  at: number
}

export async function beginFile(db: Records, file: Coming): Promise<void> {
  await db
    .insert(settlementFiles)
    .values({ ...file, n: null, sha256: null, bytes: null, rows: null, chunks: null })
}

export async function writeChunk(
  db: Records,
  fileId: string,
  n: number,
  rows: SettlementRow[],
): Promise<void> {
  await db.insert(settlementChunks).values({ fileId, n, rows: JSON.stringify(rows) })
}

/** What a file turned out to be. */
export interface Whole {
  sha256: string
  bytes: number
  rows: number
  chunks: number
}

/** What came of a file: a part of its reconciliation, or nothing because it, or another one, was there before. */
export type Taken =
  /** `begins`: the run that begins with it; null while other files are expected. */
  { kind: 'taken'; begins: number | null } | { kind: 'known' } | { kind: 'full' }

/** Makes a reconciliation with its first file. `known` when it is there already: what it was made with is for its row to say. */
export async function openReconciliation(
  db: Records,
  fresh: Reconciliation,
  file: Coming,
  whole: Whole,
  dueAt: number,
): Promise<Taken> {
  const [made, , begun] = await db.batch([
    db.insert(reconciliations).values(fresh).onConflictDoNothing().returning({ id: reconciliations.id }),
    settle(db, file, whole, sql`${numberOf(file.reconciliationId)} = 1`),
    begin(db, file, dueAt),
  ])
  return made.length === 0 ? { kind: 'known' } : { kind: 'taken', begins: begun[0]?.run ?? null }
}

/** Adds a file, which begins the next run when enough are here. The same file again is known. */
export async function addFile(
  db: Records,
  file: Coming,
  whole: Whole,
  most: number,
  dueAt: number,
): Promise<Taken> {
  const same = alias(settlementFiles, 'same')
  const isNew = notExists(
    db
      .select({ one: sql`1` })
      .from(same)
      .where(
        and(
          eq(same.reconciliationId, file.reconciliationId),
          eq(same.sha256, whole.sha256),
          sql`${same.n} is not null`,
        ),
      ),
  )
  const [taken, begun] = await db.batch([
    settle(db, file, whole, and(isNew, sql`${numberOf(file.reconciliationId)} <= ${most}`)!),
    begin(db, file, dueAt),
  ])
  if (taken.length > 0) return { kind: 'taken', begins: begun[0]?.run ?? null }
  const known = await db
    .select({ id: settlementFiles.id })
    .from(settlementFiles)
    .where(
      and(
        eq(settlementFiles.reconciliationId, file.reconciliationId),
        eq(settlementFiles.sha256, whole.sha256),
        sql`${settlementFiles.n} is not null`,
      ),
    )
    .limit(1)
  return known.length > 0 ? { kind: 'known' } : { kind: 'full' }
}

/** The number that the next file of a reconciliation gets. */
const numberOf = (reconciliationId: string): SQL =>
  sql`(select coalesce(max(n), 0) + 1 from settlement_files where reconciliation_id = ${reconciliationId})`

const settle = (db: Records, file: Coming, whole: Whole, condition: SQL) =>
  db
    .update(settlementFiles)
    .set({ ...whole, n: numberOf(file.reconciliationId) })
    .where(and(eq(settlementFiles.id, file.id), condition))
    .returning({ id: settlementFiles.id })

/** Begins a run when this file was taken and all that are expected are here. */
function begin(db: Records, file: Coming, dueAt: number) {
  const isHere = sql`exists (select 1 from settlement_files where id = ${file.id} and n is not null)`
  const count = sql`(select count(*) from settlement_files where reconciliation_id = ${file.reconciliationId} and n is not null)`
  return db
    .update(reconciliations)
    .set(beginning(dueAt))
    .where(
      and(
        eq(reconciliations.id, file.reconciliationId),
        isHere,
        sql`${count} >= ${reconciliations.filesExpected}`,
      ),
    )
    .returning({ run: reconciliations.run })
}

/** Removes a file that came to nothing. What is left of it when this fails is for the sweeper. */
export async function forgetFile(db: Records, fileId: string): Promise<void> {
  const isUnfinished = and(eq(settlementFiles.id, fileId), isNull(settlementFiles.n))
  await db.batch([
    db
      .delete(settlementChunks)
      .where(
        sql`${settlementChunks.fileId} in ${db.select({ id: settlementFiles.id }).from(settlementFiles).where(isUnfinished)}`,
      ),
    db.delete(settlementFiles).where(isUnfinished),
  ])
}

/** Files that began to come before `before` and never were whole. */
export async function unfinishedFiles(db: Records, before: number, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: settlementFiles.id })
    .from(settlementFiles)
    .where(and(isNull(settlementFiles.n), lt(settlementFiles.at, before)))
    .orderBy(asc(settlementFiles.at))
    .limit(limit)
  return rows.map(({ id }) => id)
}

/** One chunk of the nth file, and how many that file has; null when there is no such file. */
export async function chunkOf(
  db: Records,
  reconciliationId: string,
  file: number,
  chunk: number,
): Promise<{ rows: SettlementRow[]; chunks: number } | null> {
  const found = await db
    .select({ chunks: settlementFiles.chunks, rows: settlementChunks.rows })
    .from(settlementFiles)
    .leftJoin(
      settlementChunks,
      and(eq(settlementChunks.fileId, settlementFiles.id), eq(settlementChunks.n, chunk)),
    )
    .where(and(eq(settlementFiles.reconciliationId, reconciliationId), eq(settlementFiles.n, file)))
    .get()
  if (found === undefined) return null
  return { rows: found.rows === null ? [] : JSON.parse(found.rows), chunks: found.chunks ?? 0 }
}
