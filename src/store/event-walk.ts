/**
 * A merchant's events of all types or of some, newest first. Their index begins with the type, so that one type (and
 * with it the list of payments) is read straight off; all of them together are merged, one row of each at a time.
 */
import { type SQL, sql } from 'drizzle-orm'
import { type EventType, eventTypes } from '../domain/event.ts'
import type { Records } from './database.ts'
import type { Place } from './page.ts'

export interface Walk {
  merchantId: string
  livemode: boolean
  /** Without them, all. */
  types?: readonly EventType[] | undefined
  after: Place | null
  limit: number
}

/** SQLite here takes no more members of one compound, but compounds of compounds. */
const MOST_TOGETHER = 5

/** `columns` of the journal's rows, which must hold `at` and `event_id`. Reads little more rows than it answers. */
export function walkEvents<Row>(db: Records, columns: string, walk: Walk): Promise<Row[]> {
  return db.all<Row>(walkOf(columns, walk))
}

/** The same as a statement, to be joined with what lies under the events. */
export function walkOf(columns: string, walk: Walk): SQL {
  const members = (walk.types ?? eventTypes).map((type) => ofType(type, columns, walk))
  return sql`${merged(members)} ${newestFirst} limit ${walk.limit}`
}

const newestFirst = sql.raw('order by at desc, event_id desc')

function ofType(type: EventType, columns: string, { merchantId, livemode, after }: Walk): SQL {
  const older = after === null ? sql`` : sql` and (at, event_id) < (${after.at}, ${after.id})`
  // What is ours is written out, since a statement takes no more than a hundred parameters.
  const fixed = sql.raw(
    `event_id is not null and livemode = ${livemode ? 1 : 0} and event_type = '${type}' and merchant_id = `,
  )
  return sql`select ${sql.raw(columns)} from journal where ${fixed}${merchantId}${older}`
}

/** Each is in its order already, and SQLite merges such members lazily: nobody is read further than it is needed. */
function merged(members: readonly SQL[]): SQL {
  if (members.length <= MOST_TOGETHER) return sql.join([...members], sql` union all `)
  const groups = Array.from({ length: Math.ceil(members.length / MOST_TOGETHER) }, (_, index) =>
    members.slice(index * MOST_TOGETHER, (index + 1) * MOST_TOGETHER),
  )
  return merged(groups.map((group) => sql`select * from (${merged(group)} ${newestFirst})`))
}
