/** Destinations: where a merchant's business systems take events. */
import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Records } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { destinations } from './schema.ts'

/** `secrets` is a sealed JSON array of the secrets that sign, newest first. */
export type Destination = typeof destinations.$inferSelect
export type NewDestination = typeof destinations.$inferInsert
/** What a person may change of one. */
export type DestinationChange = Partial<Omit<NewDestination, 'id' | 'merchantId' | 'livemode' | 'createdAt'>>

interface Owner {
  merchantId: string
  livemode: boolean
}

const mine = (owner: Owner) =>
  and(
    eq(destinations.merchantId, owner.merchantId),
    eq(destinations.livemode, owner.livemode),
    isNull(destinations.deletedAt),
  )

export async function addDestination(db: Records, destination: NewDestination): Promise<Destination> {
  const [row] = await db.insert(destinations).values(destination).returning()
  return row!
}

/** The destination after the change; null when this owner has none of that id, or deleted it. */
export async function changeDestination(
  db: Records,
  owner: Owner,
  id: string,
  change: DestinationChange,
): Promise<Destination | null> {
  const [row] = await db
    .update(destinations)
    .set(change)
    .where(and(eq(destinations.id, id), mine(owner)))
    .returning()
  return row ?? null
}

/** Newest first, without deleted ones. */
export async function listDestinations(
  db: Records,
  owner: Owner,
  page: PageRequest,
): Promise<Page<Destination>> {
  const rows = await db
    .select()
    .from(destinations)
    .where(and(mine(owner), olderThan(destinations.createdAt, destinations.id, page.after)))
    .orderBy(desc(destinations.createdAt), desc(destinations.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
}

/** One destination; null when this owner has none of that id, or deleted it. */
export async function destinationOf(db: Records, owner: Owner, id: string): Promise<Destination | null> {
  const row = await db
    .select()
    .from(destinations)
    .where(and(eq(destinations.id, id), mine(owner)))
    .get()
  return row ?? null
}
