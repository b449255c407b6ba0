/** Which differences stand, or stood, before a person: so that none is raised twice and the facts can end them. */
import { and, asc, eq, isNotNull, lte, sql } from 'drizzle-orm'
import { isIn, type Records } from './database.ts'
import { settlementDifferences } from './settlement-schema.ts'

export type RaisedDifference = typeof settlementDifferences.$inferSelect

/** Those of these causes that were raised, whatever became of them, by cause. */
export async function raisedBefore(
  db: Records,
  merchantId: string,
  causes: readonly string[],
): Promise<Map<string, RaisedDifference>> {
  if (causes.length === 0) return new Map()
  const rows = await db
    .select()
    .from(settlementDifferences)
    .where(and(isIn(settlementDifferences.cause, causes), eq(settlementDifferences.merchantId, merchantId)))
  return new Map(rows.map((row) => [row.cause, row]))
}

/** Remembers that a difference was raised; one that had ended, or was of another kind, begins anew. */
export async function rememberRaised(db: Records, difference: RaisedDifference): Promise<void> {
  const { cause, merchantId, ...changing } = difference
  await db
    .insert(settlementDifferences)
    .values({ cause, merchantId, ...changing })
    .onConflictDoUpdate({ target: settlementDifferences.cause, set: changing })
}

/** The facts have ended it. */
export async function rememberEnded(db: Records, cause: string, now: number): Promise<void> {
  await db
    .update(settlementDifferences)
    .set({ endedAt: now, askAt: null })
    .where(eq(settlementDifferences.cause, cause))
}

/** Payments that are paid here and were never settled, whose provider is to be asked now; each again `againAfterMs` later. */
export async function takeToAsk(db: Records, now: number, againAfterMs: number, limit: number) {
  const due = db
    .select({ cause: settlementDifferences.cause })
    .from(settlementDifferences)
    .where(and(isNotNull(settlementDifferences.askAt), lte(settlementDifferences.askAt, now)))
    .orderBy(asc(settlementDifferences.askAt))
    .limit(limit)
  return await db
    .update(settlementDifferences)
    .set({ askAt: now + againAfterMs })
    .where(sql`${settlementDifferences.cause} in ${due}`)
    .returning({
      connectionId: settlementDifferences.connectionId,
      sessionId: settlementDifferences.sessionId,
      stream: settlementDifferences.stream,
    })
}
