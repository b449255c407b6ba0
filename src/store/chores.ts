/**
 * Chores of the day: walks through a database that are made once a day, a piece at a time. Where a walk stands is kept
 * beside what it walks through, so that whoever runs next goes on there, and of two who run at once one moves it.
 */
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Records } from './database.ts'
import { chores } from './schema-upkeep.ts'

export type Chore = typeof chores.$inferSelect

/** The walk as it stands, begun if it is today's first; null when today's is done. `now` in milliseconds since the epoch. */
export async function choreOf(db: Records, name: string, now: number): Promise<Chore | null> {
  const known = await db.select().from(chores).where(eq(chores.name, name)).get()
  const day = dayOf(now)
  if (known !== undefined && known.finishedAt === null) return known
  if (known !== undefined && known.day >= day) return null
  const fresh = { day, cursor: '', startedAt: now, finishedAt: null }
  const begun = await db
    .insert(chores)
    .values({ name, ...fresh })
    .onConflictDoUpdate({
      target: chores.name,
      set: fresh,
      setWhere: sql`${chores.day} < ${day} and ${chores.finishedAt} is not null`,
    })
    .returning()
  return begun[0] ?? null
}

/** Whether the walk still stands where it was read. */
export const standsAt = ({ name, day, cursor }: Chore) =>
  and(eq(chores.name, name), eq(chores.day, day), eq(chores.cursor, cursor), isNull(chores.finishedAt))

/** Moves the walk on, or ends it with null, if nobody else has moved it. A statement, to commit with what was done. */
export function moveChore(db: Records, chore: Chore, cursor: string | null, now: number) {
  return db
    .update(chores)
    .set(cursor === null ? { finishedAt: now } : { cursor })
    .where(standsAt(chore))
}

/** The UTC day of a time. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
