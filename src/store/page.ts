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

/** Rows that a list with several filters looks through for one page, whatever it finds. */
export const MOST_SCANNED = 1_000

/**
 * Makes a page of what was looked through, at most `most` rows of which some do not match: those came without a row. A
 * page may so hold fewer rows than asked for, even none, and still lead on.
 */
export function pageOfScan<T>(
  scanned: readonly { place: Place; row: T | null }[],
  { limit, most }: { limit: number; most: number },
): Page<T> {
  const matching = scanned.filter((one): one is { place: Place; row: T } => one.row !== null)
  const kept = matching.slice(0, limit)
  const isCut = matching.length > limit
  const end = isCut ? kept.at(-1) : scanned.at(-1)
  return {
    rows: kept.map((one) => one.row),
    next: end !== undefined && (isCut || scanned.length >= most) ? end.place : null,
  }
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
