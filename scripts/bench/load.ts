/** Load in two shapes: so many callers who each wait for their answer, and so many requests a second whatever happens. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Answer, Connection } from './connection.ts'
import type { Sample } from './figures.ts'

/** One request, and what its answer must be. */
export interface Call {
  bytes: Buffer
  status: number
  took?(body: string): void
}

export interface Target {
  origin: URL
  /** The next request; null when there is nothing left to ask for. */
  next(): Call | null
}

/** Callers who each send the next request when the last one was answered, or requests evenly over a second. */
export type Level = { callers: number } | { perSecond: number }

export const nameOfLevel = (level: Level): string =>
  'callers' in level ? `${level.callers} at once` : `${level.perSecond} a second`

const EVEN_CONNECTIONS = 64

/** Loads the target for so many seconds, or until it has nothing left to be asked for. */
export async function load(target: Target, level: Level, seconds: number): Promise<Sample> {
  const count = 'callers' in level ? level.callers : EVEN_CONNECTIONS
  const connections = await Promise.all(Array.from({ length: count }, () => Connection.open(target.origin)))
  const sample: Sample = { done: 0, seconds: 0, latencies: [], cpuMs: null, wrong: {} }
  const began = performance.now()
  const until = began + seconds * 1_000
  if ('callers' in level) await Promise.all(connections.map((one) => inTurn(target, one, until, sample)))
  else await evenly(target, connections, level.perSecond, until, sample)
  sample.seconds = (performance.now() - began) / 1_000
  for (const one of connections) one.close()
  return sample
}

async function inTurn(target: Target, connection: Connection, until: number, sample: Sample): Promise<void> {
  while (performance.now() < until) {
    const call = target.next()
    if (call === null) return
    await exchange(connection, call, performance.now(), sample)
  }
}

/** A request's time runs from when it was to be sent, so that one that had to wait for its turn does not look fast. */
async function evenly(
  target: Target,
  connections: Connection[],
  perSecond: number,
  until: number,
  sample: Sample,
): Promise<void> {
  const began = performance.now()
  const free = [...connections]
  const late: { call: Call; due: number }[] = []
  const running: Promise<void>[] = []
  const begin = (call: Call, due: number): void => {
    const connection = free.pop()
    if (connection === undefined) {
      late.push({ call, due })
      return
    }
    const answered = exchange(connection, call, due, sample).then(() => {
      free.push(connection)
      const next = late.shift()
      if (next !== undefined) begin(next.call, next.due)
    })
    running.push(answered)
  }
  for (let n = 0; ; n++) {
    const due = began + (n * 1_000) / perSecond
    const call = due >= until ? null : target.next()
    if (call === null) break
    if (due > performance.now()) await pause(due - performance.now())
    begin(call, due)
  }
  // Those that waited for a connection are begun by those that had one.
  for (let n = 0; n < running.length; n++) await running[n]
}

async function exchange(connection: Connection, call: Call, since: number, sample: Sample): Promise<void> {
  try {
    const answer = await connection.send(call.bytes)
    if (answer.status === call.status) {
      sample.done += 1
      sample.latencies.push(performance.now() - since)
      call.took?.(answer.body)
    } else countWrong(sample, whatItSays(answer))
  } catch {
    countWrong(sample, 'broken connection')
  }
}

/** Its status, and the problem's own code where it names one: a 503 of ours says why. */
function whatItSays({ status, body }: Answer): string {
  const code = /"code":"(\w+)"/.exec(body)?.[1]
  return code === undefined ? String(status) : `${status} ${code}`
}

function countWrong(sample: Sample, what: string): void {
  sample.wrong[what] = (sample.wrong[what] ?? 0) + 1
}
