/** Rebuilds: which records are made again, how far that is, and what could not be told. They lie in the directory. */
import { and, asc, eq, gt, gte, isNull, lt, lte } from 'drizzle-orm'
import type { Records } from './database.ts'
import { merchants } from './schema.ts'
import { rebuilds } from './schema-upkeep.ts'

export type Rebuild = typeof rebuilds.$inferSelect

export async function addRebuild(directory: Records, rebuild: Rebuild): Promise<void> {
  await directory.insert(rebuilds).values(rebuild)
}

/** Null when there is none of that id. */
export async function rebuildOf(directory: Records, id: string): Promise<Rebuild | null> {
  return (await directory.select().from(rebuilds).where(eq(rebuilds.id, id)).get()) ?? null
}

/** Moves a rebuild on, unless somebody else has moved it or it is finished; false then. */
export async function moveRebuild(directory: Records, from: Rebuild, to: Rebuild): Promise<boolean> {
  const moved = await directory
    .update(rebuilds)
    .set(to)
    .where(
      and(
        eq(rebuilds.id, from.id),
        eq(rebuilds.asked, from.asked),
        eq(rebuilds.cursorMerchant, from.cursorMerchant),
        eq(rebuilds.cursorStream, from.cursorStream),
        isNull(rebuilds.finishedAt),
      ),
    )
    .returning({ id: rebuilds.id })
  return moved.length > 0
}

/** Rebuilds that have not moved since `before`; each is put off to `now`, so that the next look leaves them alone. */
export async function takeStuckRebuilds(
  directory: Records,
  { before, now }: { before: number; now: number },
): Promise<string[]> {
  const stuck = await directory
    .update(rebuilds)
    .set({ movedAt: now })
    .where(and(isNull(rebuilds.finishedAt), lte(rebuilds.movedAt, before)))
    .returning({ id: rebuilds.id })
  return stuck.map(({ id }) => id)
}

/** Lets go of what was finished before this time. */
export async function forgetRebuilds(directory: Records, before: number): Promise<void> {
  await directory.delete(rebuilds).where(lt(rebuilds.finishedAt, before))
}

/** Ids of merchants from this one on. */
export async function merchantsFrom(directory: Records, id: string, limit: number): Promise<string[]> {
  const rows = await directory
    .select({ id: merchants.id })
    .from(merchants)
    .where(gte(merchants.id, id))
    .orderBy(asc(merchants.id))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** The merchant whose id follows; null behind the last. */
export async function merchantAfter(directory: Records, id: string): Promise<string | null> {
  const [next] = await directory
    .select({ id: merchants.id })
    .from(merchants)
    .where(gt(merchants.id, id))
    .orderBy(asc(merchants.id))
    .limit(1)
  return next?.id ?? null
}
