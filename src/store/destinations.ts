/** Destinations: where a merchant's business systems take events. */
import { and, desc, eq, isNull, type SQL } from 'drizzle-orm'
import { type By, tooMuchAtOnce, withEntry } from './admin-log.ts'
import type { Records } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { destinations } from './schema.ts'

/** `secrets` is a sealed JSON array of the secrets that sign, newest first. */
export type Destination = typeof destinations.$inferSelect
export type NewDestination = typeof destinations.$inferInsert
/** What a person may change of one. */
export type DestinationChange = Partial<Omit<NewDestination, 'id' | 'merchantId' | 'livemode' | 'createdAt'>>

/** So often a change that others overtook is made again. */
const MOST_TRIES = 5

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

export async function addDestination(db: Records, destination: NewDestination, by: By): Promise<Destination> {
  const { id, merchantId: _merchantId, createdAt: _createdAt, ...given } = destination
  const note = noteOf(destination, id, 'created', Object.keys(given))
  const [row] = await withEntry(db, by, note, db.insert(destinations).values(destination).returning())
  return row!
}

/** The destination after the change; null when this owner has none of that id, or deleted it, or it is not `still` so. */
export async function changeDestination(
  db: Records,
  owner: Owner,
  id: string,
  change: DestinationChange,
  by: By,
  still?: SQL,
): Promise<Destination | null> {
  const where = and(eq(destinations.id, id), mine(owner), still)
  const note = noteOf(owner, id, 'deletedAt' in change ? 'deleted' : 'changed', Object.keys(change))
  const update = db.update(destinations).set(change).where(where).returning()
  const [row] = await withEntry(db, by, note, update, { table: destinations, where })
  return row ?? null
}

/** Its secrets, sealed, and until when the older ones of them sign. */
export type Secrets = Pick<Destination, 'secrets' | 'olderSecretUntil'>

/**
 * Replaces its secrets by what `replaced` makes of them; null as above. Two replacements at once both count: the row is
 * written only if its secrets are what was read, else they are read again. Throws when others are always faster.
 */
export async function replaceSecrets(
  db: Records,
  owner: Owner,
  id: string,
  replaced: (before: Secrets) => Promise<Secrets>,
  by: By,
): Promise<Destination | null> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = await destinationOf(db, owner, id)
    if (before === null) return null
    const still = eq(destinations.secrets, before.secrets)
    const changed = await changeDestination(db, owner, id, await replaced(before), by, still)
    if (changed !== null) return changed
  }
  throw tooMuchAtOnce()
}

const noteOf = (owner: Owner, id: string, verb: string, fields: string[]) => ({
  chain: 'destinations' as const,
  merchantId: owner.merchantId,
  livemode: owner.livemode,
  action: `destination.${verb}`,
  subject: id,
  fields,
})

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
