/**
 * The tries that went out to a destination last. They are found along the newest events, since deliveries have no index
 * by time: that would cost a row for each.
 */
import { sql } from 'drizzle-orm'
import { isTaken, subscribes } from '../domain/delivery.ts'
import { eventTypes } from '../domain/event.ts'
import type { Records } from './database.ts'
import type { Destination } from './destinations.ts'
import { walkOf } from './event-walk.ts'
import { type Attempt, deliveries } from './schema.ts'

/** So many events are looked at, whatever became of them at this destination. */
const EVENTS = 100
/** So many tries are answered, the newest ones, and no more of any one delivery than its schedule usually makes. */
const TRIES = 100
const OF_ONE = 10

export type Try = Pick<Attempt, 'at' | 'durationMs' | 'status'>

export interface Latest {
  /** Oldest first. */
  tries: Try[]
  /**
   * For each event that was taken, how long it took from when it happened to the end of the first try that was. One that
   * was tried more often is left out, since the first of its tries are not read.
   */
  arrivalsMs: number[]
}

/** How the newest events of the types that the destination takes fared there. Reads a bounded number of rows. */
export async function latestTries(db: Records, destination: Destination): Promise<Latest> {
  const { merchantId, livemode, id } = destination
  const types = eventTypes.filter((type) => destination.eventTypes.some((one) => subscribes(one, type)))
  const walk = walkOf('at, event_id', { merchantId, livemode, types, after: null, limit: EVENTS })
  const delivery = sql`'dlv_' || substr(walked.event_id, 5) || ${id.slice('dst_'.length)}`
  const rows = await db
    .select({ eventAt: sql<number>`walked.at`, count: deliveries.attemptCount, newest: newestTries })
    .from(sql`(${walk}) as walked`)
    .innerJoin(deliveries, sql`${deliveries.id} = ${delivery}`)
  const told = rows.map(({ newest, ...row }) => ({ ...row, tries: triesIn(newest) }))
  return {
    tries: told
      .flatMap(({ tries }) => tries)
      .sort((left, right) => left.at - right.at)
      .slice(-TRIES),
    arrivalsMs: told.flatMap(({ eventAt, count, tries }) => {
      const taken = count > OF_ONE ? undefined : tries.find(({ status }) => isTaken(status))
      // The clocks of two machines: the object's that wrote the event, and the Worker's that sent it.
      return taken === undefined ? [] : [Math.max(0, taken.at + taken.durationMs - eventAt)]
    }),
  }
}

const members = ['at', 'durationMs', 'status']
const paths = Array.from({ length: OF_ONE }, (_, back) =>
  members.map((member) => `'$[#-${back + 1}].${member}'`),
).flat()

/**
 * The newest tries of a delivery in one JSON text, one member after another. Not with the answers, which are up to 2 kB
 * each; and by their places, since D1 counts each element of a `json_each` as a row that is read.
 */
const newestTries = sql<string>`json_extract(${deliveries.attempts}, ${sql.raw(paths.join(', '))})`

/** Oldest first; places where there was none are null. */
function triesIn(newest: string): Try[] {
  const values = JSON.parse(newest) as (number | null)[]
  const tries = Array.from({ length: OF_ONE }, (_, n) => values.slice(n * members.length))
  return tries
    .flatMap(([at = null, durationMs, status = null]) =>
      at === null ? [] : [{ at, durationMs: durationMs ?? 0, status }],
    )
    .reverse()
}
