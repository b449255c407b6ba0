/**
 * Work that destinations owe: probes of those that fail, releases of what was held, replays. All of it in bounded pages
 * through the queue of the retries, so that live events pass by.
 */
import { probeWaitMs } from '../domain/health.ts'
import { type DueDestination, releaseHeld, takeBacklog, takeProbe } from '../store/backlog.ts'
import type { Records } from '../store/database.ts'
import { type Replay, replayPage } from '../store/replays.ts'
import { type Ports, sendTries } from './ports.ts'

/** Deliveries of one statement, and statements of one run: 10,000 a run and database. */
const PAGE = 500
const PAGES = 20

const LIMITS = { ended: PAGE, destinations: 50, replays: 10 }

export type WorkedOff = Record<'released' | 'probed' | 'ended' | 'replayed', number>

/** One run over a database. Throws what the database throws; what was done until then stays done. */
export async function workOff(db: Records, ports: Ports): Promise<WorkedOff> {
  const backlog = await takeBacklog(db, ports.now(), LIMITS)
  const done = { released: 0, probed: 0, ended: backlog.ended, replayed: 0 }
  let pages = PAGES
  for (const destination of backlog.destinations) {
    if (destination.health.pausedBecause === 'failing' && !destination.deleted) {
      if (await probe(db, destination, ports)) done.probed += 1
      continue
    }
    while (pages > 0) {
      pages -= 1
      const released = await release(db, destination, ports)
      done.released += released
      if (released < PAGE) break
    }
  }
  for (const replay of backlog.replays) {
    let moved = replay
    while (pages > 0 && moved.finishedAt === null) {
      pages -= 1
      const before = moved.deliveries
      moved = await advance(db, moved, ports)
      done.replayed += moved.deliveries - before
    }
  }
  return done
}

/** Sends what a destination held on its way, a page of it; gives how many there were. */
export async function release(db: Records, destination: DueDestination, ports: Ports): Promise<number> {
  const released = await releaseHeld(db, destination, ports.now(), PAGE)
  await sendTries(ports, released, 0, 'retries')
  return released.length
}

/** The next page of a replay. */
export async function advance(db: Records, replay: Replay, ports: Ports): Promise<Replay> {
  const page = await replayPage(db, replay, ports.now(), PAGE)
  await sendTries(ports, page.released, 0, 'retries')
  return page.replay
}

async function probe(db: Records, destination: DueDestination, ports: Ports): Promise<boolean> {
  const now = ports.now()
  const probeMs = ports.settings.BREAKER_PROBE_SECONDS * 1_000
  const nextAt = now + probeWaitMs(now - (destination.health.failingSince ?? now), probeMs)
  const taken = await takeProbe(db, destination, now, nextAt)
  if (taken !== null) await sendTries(ports, [taken], 0, 'retries')
  return taken !== null
}
