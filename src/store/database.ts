/**
 * Which database holds what. The directory (merchants, keys, connections) is always in `DB`; a merchant's records lie in
 * one of RECORDS_0, RECORDS_1 …, or in `DB` too where none is bound. Everything that reads or writes D1 asks here.
 */
import { type AnyColumn, type SQL, sql } from 'drizzle-orm'
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import { alphabet } from '../domain/ids.ts'
import type { Env } from '../env.ts'
import * as schema from './schema.ts'

/** One database of records. Functions of the store take it first. */
export type Records = DrizzleD1Database<typeof schema> & { $client: D1Database }

/** The bindings that are databases. */
export type Databases = Pick<Env, 'DB' | `RECORDS_${number}`>

const opened = new WeakMap<D1Database, Records>()

/** The records behind a binding, or behind anything that answers like one; the same object for the same binding. */
export function recordsIn(database: D1Database): Records {
  const known = opened.get(database)
  if (known) return known
  const records = drizzle(database, { schema })
  opened.set(database, records)
  return records
}

/** The database that holds everything of this merchant but its entries in the directory. */
export function recordsOf(env: Databases, merchantId: string): Records {
  const shards = shardsOf(env)
  return shards[shardOf(merchantId, shards.length)]!
}

const counted = new WeakMap<object, Records[]>()

/**
 * Every database of records, in their order. Throws when their bindings have a gap or are not a power of two: merchants
 * would be looked for where they are not, and silence would be worse than a standstill.
 */
export function shardsOf(env: Databases): Records[] {
  const known = counted.get(env)
  if (known) return known
  const count = Object.keys(env).filter((name) => /^RECORDS_\d+$/.test(name)).length
  const bound = Array.from({ length: count }, (_, n) => env[`RECORDS_${n}`]).filter(
    (one) => one !== undefined,
  )
  if (bound.length < count || (count & (count - 1)) !== 0 || count > alphabet.length)
    throw new Error('Unusable bindings: RECORDS_0, RECORDS_1 … must be 1, 2, 4, 8, 16 or 32, without a gap.')
  const shards = (count === 0 ? [env.DB] : bound).map(recordsIn)
  counted.set(env, shards)
  return shards
}

/**
 * Which of `count` databases, a power of two, a merchant's records are in. Its id is random, so its last character
 * spreads merchants as a hash would, and SQL can say the same when a database is split (docs/scaling.md).
 */
export function shardOf(merchantId: string, count: number): number {
  return alphabet.indexOf(merchantId.at(-1) ?? '') & (count - 1)
}

/** `column in (…)` with the values as one parameter, since D1 binds at most a hundred. */
export function isIn(column: AnyColumn, values: readonly (string | number)[]): SQL {
  return sql`${column} in (select value from json_each(${JSON.stringify(values)}))`
}
