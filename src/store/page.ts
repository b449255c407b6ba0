/** Pages of lists: newest first, found again by the place of the last row rather than by counting rows. */
import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { fromBase64Url, toBase64Url } from '../crypto/base64.ts'

/** Where a page ended: the time and id of its last row. */
export interface Place {
  /** Milliseconds since the epoch. */
  at: number
  id: string
}

/** Which rows are asked for: at most `limit`, older than `after`. */
export interface PageRequest {
  limit: number
  after: Place | null
}

export interface Page<T> {
  rows: T[]
  /** Null on the last page. */
  next: Place | null
}

/** Rows strictly after a place, in the order of an index that ends with these two columns. */
export function olderThan(at: SQLiteColumn, id: SQLiteColumn, after: Place | null): SQL | undefined {
  return after === null ? undefined : sql`(${at}, ${id}) < (${after.at}, ${after.id})`
}

/** Makes a page of rows that were asked for with one more than `limit`. */
export function pageOf<T>(rows: T[], limit: number, placeOf: (row: T) => Place): Page<T> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  return { rows: kept, next: rows.length > limit && last !== undefined ? placeOf(last) : null }
}

/** The place as an opaque text for the wire. */
export function cursorOf(place: Place | null): string | null {
  return place === null ? null : toBase64Url(new TextEncoder().encode(`${place.at}:${place.id}`))
}

/** Reads what `cursorOf` wrote; null when it was not written there. */
export function placeOf(cursor: string): Place | null {
  const bytes = fromBase64Url(cursor)
  if (bytes === null) return null
  const [, at, id] = /^(\d{1,15}):([a-z]{2,4}_[a-z0-9]{1,120})$/.exec(new TextDecoder().decode(bytes)) ?? []
  return at === undefined || id === undefined ? null : { at: Number(at), id }
}
