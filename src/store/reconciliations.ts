/** Reconciliations: which there are, where the work on each stands, and who may move it on. */
import { and, asc, desc, eq, isNotNull, lte, sql } from 'drizzle-orm'
import { emptyTally } from '../domain/settlement/tally.ts'
import { isIn, type Records } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { reconciliations, type Stage, settlementFiles } from './settlement-schema.ts'

export type Reconciliation = typeof reconciliations.$inferSelect
export type SettlementFile = typeof settlementFiles.$inferSelect

/** Whose reconciliations are asked for. */
export interface Owner {
  merchantId: string
  livemode: boolean
}

const mine = ({ merchantId, livemode }: Owner) =>
  and(eq(reconciliations.merchantId, merchantId), eq(reconciliations.livemode, livemode))

/** One reconciliation; null when this owner has none of that id. */
export async function reconciliationOf(
  db: Records,
  owner: Owner,
  id: string,
): Promise<Reconciliation | null> {
  const row = await db
    .select()
    .from(reconciliations)
    .where(and(eq(reconciliations.id, id), mine(owner)))
    .get()
  return row ?? null
}

/** The same for the queue's side, which has the id from ourselves. */
export async function reconciliationById(db: Records, id: string): Promise<Reconciliation | null> {
  const row = await db.select().from(reconciliations).where(eq(reconciliations.id, id)).get()
  return row ?? null
}

/** Newest first. */
export async function listReconciliations(
  db: Records,
  owner: Owner,
  page: PageRequest,
): Promise<Page<Reconciliation>> {
  const rows = await db
    .select()
    .from(reconciliations)
    .where(and(mine(owner), olderThan(reconciliations.createdAt, reconciliations.id, page.after)))
    .orderBy(desc(reconciliations.createdAt), desc(reconciliations.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

/** Files that are here, in their order. */
export function filesOf(db: Records, ids: readonly string[]): Promise<SettlementFile[]> {
  return db
    .select()
    .from(settlementFiles)
    .where(and(isIn(settlementFiles.reconciliationId, ids), isNotNull(settlementFiles.n)))
    .orderBy(asc(settlementFiles.reconciliationId), asc(settlementFiles.n))
}

/** How many of the newest reconciliations are looked at for the one before. */
const MOST_LOOKED_AT = 200

/**
 * Up to when the connection's payments were checked by the newest earlier period that reaches this one; null when none
 * does, for then nobody knows which earlier payments a file should have told of.
 */
export async function checkedUntil(
  db: Records,
  owner: Owner,
  connectionId: string,
  since: number,
): Promise<number | null> {
  const newest = db
    .select()
    .from(reconciliations)
    .where(mine(owner))
    .orderBy(desc(reconciliations.createdAt), desc(reconciliations.id))
    .limit(MOST_LOOKED_AT)
    .as('newest')
  const row = await db
    .select({ until: newest.until, graceMs: newest.graceMs })
    .from(newest)
    .where(
      and(
        eq(newest.connectionId, connectionId),
        sql`${newest.finishedRun} > 0`,
        sql`${newest.since} < ${since}`,
        sql`${newest.until} >= ${since}`,
      ),
    )
    .orderBy(desc(newest.until))
    .limit(1)
    .get()
  return row === undefined ? null : row.until - row.graceMs
}

const firstStage: Stage = { at: 'rows', file: 1, chunk: 0 }

/** What a new run begins with. Its number makes the messages of earlier runs void. */
export const beginning = (dueAt: number) => ({
  run: sql`${reconciliations.run} + 1`,
  stage: firstStage,
  tally: emptyTally(),
  dueAt,
})

/** Begins a run over the files that are here; null when this owner has no such reconciliation, or files are missing. */
export async function runAgain(
  db: Records,
  owner: Owner,
  id: string,
  dueAt: number,
): Promise<Reconciliation | null> {
  const [row] = await db
    .update(reconciliations)
    .set(beginning(dueAt))
    .where(and(eq(reconciliations.id, id), mine(owner), sql`${reconciliations.run} > 0`))
    .returning()
  return row ?? null
}

/** What a step leads to. */
export type Move = Partial<
  Pick<Reconciliation, 'stage' | 'tally' | 'summary' | 'finishedRun' | 'finishedAt' | 'dueAt'>
>

/**
 * Moves a reconciliation on from where this step found it; false when another one was quicker, or a new run has begun.
 * What a step writes besides may be written twice, and its count may not.
 */
export async function moveOn(db: Records, from: Reconciliation, move: Move): Promise<boolean> {
  const moved = await db
    .update(reconciliations)
    .set(move)
    .where(
      and(
        eq(reconciliations.id, from.id),
        eq(reconciliations.run, from.run),
        sql`${reconciliations.stage} = ${JSON.stringify(from.stage)}`,
      ),
    )
    .returning({ id: reconciliations.id })
  return moved.length > 0
}

/** Reconciliations whose next step is late, each put off by `againAfterMs` so that it is not sent at every sweep. */
export async function takeLate(db: Records, now: number, againAfterMs: number, limit: number) {
  const late = db
    .select({ id: reconciliations.id })
    .from(reconciliations)
    .where(and(isNotNull(reconciliations.dueAt), lte(reconciliations.dueAt, now)))
    .orderBy(asc(reconciliations.dueAt))
    .limit(limit)
  return await db
    .update(reconciliations)
    .set({ dueAt: now + againAfterMs })
    .where(sql`${reconciliations.id} in ${late}`)
    .returning({
      id: reconciliations.id,
      merchantId: reconciliations.merchantId,
      run: reconciliations.run,
    })
}
