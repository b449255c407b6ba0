/** Many histories on all cores: each thread takes the next seeds until there are none left, or until one breaks a rule. */
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Mutant } from './runtime.ts'

/** What one thread is asked to do. */
export interface Order {
  first: number
  last: number
  /** Takes every `step`th seed, so that threads share the work evenly. */
  step: number
  mutant: Mutant | null
  /** Ends at the first broken rule. */
  stops: boolean
  /** All providers are like this one of the registry. */
  like: string | null
}

/** A seed whose history broke a rule. */
export interface Failure {
  seed: number
  rule: string
  detail: string
}

export interface Totals {
  histories: number
  failures: Failure[]
  counts: Record<string, number>
  tempers: Record<string, number>
  /** A number that stands for all hashes of all histories, in whatever order they were run. */
  hash: string
}

/** What a thread sends: now and then how far it is, and at its end everything. */
export type Word = { kind: 'progress'; histories: number; failures: number } | { kind: 'end'; totals: Totals }

export interface Wanted {
  first: number
  histories: number
  threads: number
  mutant?: Mutant | null
  stops?: boolean
  like?: string | null
  progress?(histories: number, failures: number): void
}

/** Runs them all and adds up. */
export async function runMany(wanted: Wanted): Promise<Totals> {
  const { first, histories, threads, mutant = null, stops = false, like = null } = wanted
  const said = new Map<number, { histories: number; failures: number }>()
  const running: Worker[] = []
  const parts = Array.from({ length: Math.min(threads, histories) }, (_, index) => {
    const span = { first: first + index, last: first + histories - 1, step: threads }
    const order: Order = { ...span, mutant, stops, like }
    return runThread(order, running, (word) => {
      said.set(index, word)
      const all = [...said.values()]
      const sum = (of: 'histories' | 'failures') => all.reduce((total, one) => total + one[of], 0)
      wanted.progress?.(sum('histories'), sum('failures'))
    })
  })
  return (await Promise.all(parts)).reduce(added)
}

function runThread(
  order: Order,
  running: Worker[],
  heard: (word: { histories: number; failures: number }) => void,
): Promise<Totals> {
  const options = { workerData: order, execArgv: ['--no-warnings'] }
  const thread = new Worker(path.join(import.meta.dirname, 'thread.ts'), options)
  running.push(thread)
  return new Promise((resolve, reject) => {
    let totals: Totals | null = null
    thread.on('message', (word: Word) => {
      if (word.kind === 'progress') heard(word)
      else totals = word.totals
      // Whoever finds something first has found enough.
      if (word.kind === 'end' && order.stops && word.totals.failures.length > 0)
        for (const other of running) other.postMessage('stop')
    })
    thread.on('error', reject)
    thread.on('exit', () => {
      if (totals === null) reject(new Error('A thread of the simulation ended before its work was done.'))
      else resolve(totals)
    })
  })
}

/** Two parts as one; the order does not matter. */
export function added(one: Totals, other: Totals): Totals {
  return {
    histories: one.histories + other.histories,
    failures: [...one.failures, ...other.failures].sort((a, b) => a.seed - b.seed),
    counts: summed(one.counts, other.counts),
    tempers: summed(one.tempers, other.tempers),
    hash: mixed(one.hash, other.hash),
  }
}

function summed(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const sum = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

/** Commutative, so that threads may end in any order. */
export function mixed(one: string, other: string): string {
  const sum = (BigInt(`0x${one}`) + BigInt(`0x${other}`)) % 2n ** 64n
  return sum.toString(16).padStart(16, '0')
}
