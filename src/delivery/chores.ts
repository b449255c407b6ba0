/** The day's chores: what every database needs once a day, in pieces that a scheduled run can do beside the sweep. */
import { DAY_MS } from '../domain/clock.ts'
import { choreOf } from '../store/chores.ts'
import type { Records } from '../store/database.ts'
import { forgetRebuilds, takeStuckRebuilds } from '../store/rebuilds.ts'
import { type Forgotten, forgetPage } from '../store/retention.ts'
import { noteHeads } from './checkpoint.ts'
import { chore, type Done } from './chore.ts'
import { compareSample } from './parity.ts'
import type { Ports } from './ports.ts'

/** Deliveries looked at in one statement, and statements of one run: seven million a day and database. */
const PAGE = 500
const PAGES = 10

/** A page of a rebuild takes seconds; one that has not moved for so long has lost its message. */
const STANDS_STILL_MS = 5 * 60_000

/** One run over every database. Never throws. */
export async function doChores(ports: Ports): Promise<void> {
  await goOnRebuilding(ports)
  const ofDatabases = ports.shards().map(async (db) => {
    await chore('retention', () => forget(db, ports), ports)
    await chore('parity', () => compareSample(db, ports), ports)
    await chore('checkpoint', () => noteHeads(db, ports), ports)
  })
  await Promise.all(ofDatabases)
}

async function forget(db: Records, ports: Ports): Promise<Done> {
  const { KEEP_ANSWERS_DAYS, KEEP_DELIVERIES_DAYS } = ports.settings
  const done = { answers: 0, deliveries: 0 }
  for (let pages = 0; pages < PAGES; pages += 1) {
    const now = ports.now()
    const standing = await choreOf(db, 'retention', now)
    if (standing === null) break
    const limits = {
      answersBefore: now - KEEP_ANSWERS_DAYS * DAY_MS,
      deliveriesBefore: now - KEEP_DELIVERIES_DAYS * DAY_MS,
    }
    const page: Forgotten = await forgetPage(db, standing, limits, PAGE, now)
    if (!page.goesOn) await forgetRebuilds(ports.directory(), limits.deliveriesBefore)
    done.answers += page.answers
    done.deliveries += page.deliveries
  }
  return done
}

/** Sends on its way again what has not moved for long. Never throws. */
export async function goOnRebuilding(ports: Ports): Promise<void> {
  await chore(
    'rebuilds',
    async () => {
      const now = ports.now()
      const stuck = await takeStuckRebuilds(ports.directory(), { before: now - STANDS_STILL_MS, now })
      for (const rebuildId of stuck) await ports.sendRebuild({ rebuildId })
      return { sent: stuck.length }
    },
    ports,
  )
}
