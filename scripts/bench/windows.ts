/** One window of one measure against one of the two systems, and what must be ready before it begins. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Door, REPORTS_OF_A_SESSION } from './doors.ts'
import type { Sample } from './figures.ts'
import { type Call, type Level, load, type Target } from './load.ts'
import type { Outside } from './outside.ts'
import type { System } from './runtimes.ts'

export const measures = ['open', 'report', 'read', 'deliver'] as const
export type Measure = (typeof measures)[number]

/** A system with everything that windows need of it. */
export interface Rig {
  system: System
  door: Door
  outside: Outside
  merchantId: string
  /** Objects for reading, opened before the first window. */
  known: string[]
  /** Answers a second of the last window of each measure: how much must be ready for the next one. */
  rates: Partial<Record<Measure, number>>
}

/**
 * Fresh objects of one window: each stays resident in the local runtime for some seconds with three open files, and at
 * the limit of open files the runtime dies. This is far below it.
 */
const MOST_FRESH = 2_500
const MOST_KNOWN = 200
const FEWEST = 16
const MOST_TARGETS = 600
/** Posts of one event: five destinations. */
const FAN_OUT = 5

/** Runs one window and waits until the system is at rest again, so that the other one has the machine to itself. */
export async function window(rig: Rig, measure: Measure, level: Level, seconds: number): Promise<Sample> {
  const prepared = await prepare(rig, measure, level, seconds)
  await atRest(rig.system, seconds)
  const cpuBefore = rig.system.cpuMs()
  const sample = await prepared()
  await atRest(rig.system, seconds)
  const cpuAfter = rig.system.cpuMs()
  rig.rates[measure] = sample.done / Math.max(sample.seconds, 0.001)
  // With what it leads to: a report is published, recorded and confirmed after it was answered.
  return { ...sample, cpuMs: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore }
}

/** Opens the objects that are read in all windows; in the gateway each is a paid payment, as most that are read. */
export async function makeKnown(rig: Rig, seconds: number): Promise<void> {
  const count = Math.min(Math.max(Math.ceil(seconds * MOST_KNOWN), FEWEST), MOST_KNOWN)
  await open(rig, count)
  rig.known = rig.door.opened.splice(0, count)
  const reports = rig.known.map((name) => rig.door.write(name, 0))
  await all(rig, reports)
}

async function prepare(
  rig: Rig,
  measure: Measure,
  level: Level,
  seconds: number,
): Promise<() => Promise<Sample>> {
  const { door, system } = rig
  const loaded = (next: Target['next']) => () => load({ origin: system.origin, next }, level, seconds)
  switch (measure) {
    case 'open':
      return loaded(upTo(MOST_FRESH, () => door.open()))
    case 'read':
      return loaded(upTo(Number.POSITIVE_INFINITY, (n) => door.read(rig.known[n % rig.known.length]!)))
    case 'report': {
      const targets = targetsOf(rig, level, seconds)
      await open(rig, targets)
      const names = door.opened.splice(0, targets)
      const most = names.length * REPORTS_OF_A_SESSION
      return loaded(upTo(most, (n) => door.write(names[n % targets]!, Math.floor(n / targets))))
    }
    case 'deliver': {
      const perSecond = 'perSecond' in level ? level.perSecond / FAN_OUT : null
      const events = Math.ceil(seconds * (perSecond ?? (rig.rates.deliver ?? 500) / FAN_OUT))
      const urls = Array.from({ length: FAN_OUT }, (_, n) => `${rig.outside.url}/sink/${n + 1}`)
      await system.prepare({ merchantId: rig.merchantId, urls, events })
      return () => delivered(rig, events * FAN_OUT, perSecond)
    }
  }
}

function targetsOf(rig: Rig, level: Level, seconds: number): number {
  const perSecond = 'perSecond' in level ? level.perSecond : (rig.rates.report ?? 500) * 1.3
  const wanted = Math.ceil((perSecond * seconds) / REPORTS_OF_A_SESSION)
  return Math.min(Math.max(wanted, FEWEST), MOST_TARGETS)
}

/** At least so many are opened and not used up. */
async function open(rig: Rig, count: number): Promise<void> {
  const missing = count - rig.door.opened.length
  if (missing > 0)
    await all(
      rig,
      Array.from({ length: missing }, () => rig.door.open()),
    )
}

/** Makes these calls as preparation. Throws when one is not answered as it should be. */
async function all(rig: Rig, calls: Call[]): Promise<void> {
  const target = { origin: rig.system.origin, next: () => calls.pop() ?? null }
  const { wrong } = await load(target, { callers: 16 }, 120)
  if (Object.keys(wrong).length > 0)
    throw new Error(
      `The bench could not be prepared: the ${rig.system.kind} answered ${JSON.stringify(wrong)}.`,
    )
}

function upTo(most: number, call: (n: number) => Call): Target['next'] {
  let n = 0
  return () => (n < most ? call(n++) : null)
}

const ARRIVE_WITHIN_MS = 60_000

/** Everything that was prepared, from the first arrival to the last. */
async function delivered(
  { system, outside }: Rig,
  expected: number,
  perSecond: number | null,
): Promise<Sample> {
  outside.takeArrivals()
  const sentAt = await system.send(perSecond)
  const until = performance.now() + ARRIVE_WITHIN_MS
  while (outside.arrived < expected && performance.now() < until) await pause(5)
  const arrivals = outside.takeArrivals()
  const latencies = arrivals.map(([id, at]) => at - (sentAt.get(id) ?? at))
  const times = arrivals.map(([, at]) => at)
  const missing = expected - arrivals.length
  return {
    done: arrivals.length,
    seconds: (Math.max(...times) - Math.min(...times)) / 1_000,
    latencies,
    cpuMs: null,
    wrong: missing === 0 ? {} : { [missing > 0 ? 'not delivered' : 'delivered twice']: Math.abs(missing) },
  }
}

const LOOK_EVERY_MS = 50
const IDLE_MS = 10
/** A window of a second may take so many seconds to come to rest. */
const REST = 7.5

/** Until the runtime does next to nothing. Where the system does not tell, a moment. */
async function atRest(system: System, seconds: number): Promise<void> {
  const until = performance.now() + REST * seconds * 1_000
  let quiet = 0
  while (quiet < 3 && performance.now() < until) {
    const before = system.cpuMs()
    await pause(LOOK_EVERY_MS)
    const after = system.cpuMs()
    quiet = before === null || after === null || after - before <= IDLE_MS ? quiet + 1 : 0
  }
}
