/** Which database holds a merchant's records. Everything that reads or writes D1 gets its database from here. */
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import type { Env } from '../env.ts'
import * as schema from './schema.ts'

/** One database of records. Functions of the store take it first. */
export type Records = DrizzleD1Database<typeof schema>

const opened = new WeakMap<D1Database, Records>()

/** The records behind a binding, or behind anything that answers like one; the same object for the same binding. */
export function recordsIn(database: D1Database): Records {
  const known = opened.get(database)
  if (known) return known
  const records = drizzle(database, { schema })
  opened.set(database, records)
  return records
}

/** The database that holds everything of this merchant. */
export function recordsOf(env: Pick<Env, 'DB'>, _merchantId: string): Records {
  return recordsIn(env.DB)
}

/** Every database, for sweeps that belong to no merchant. */
export function shardsOf(env: Pick<Env, 'DB'>): Records[] {
  return [recordsIn(env.DB)]
}
