/** Many histories on all cores: each process takes the next seeds until there are none left, or until one breaks a rule. */
import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import type { Mutant } from './runtime.ts'

/** What one process is asked to do. */
export interface Order {
  first: number
  last: number
  /** Takes every `step`th seed, so that processes share the work evenly. */
  step: number
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

/** What a process sends: now and then how far it is, and at its end everything. */
export type Word =
  | { kind: 'progress'; histories: number; failures: Failure[] }
  | { kind: 'end'; totals: Totals }

export interface Wanted {
  first: number
  histories: number
  stops?: boolean
  like?: string | null
  progress?(histories: number, failures: Failure[]): void
}

/**
 * Processes that have read the code once, with the same bug planted or none, and run histories until they are let go.
 * They are not threads, because SQLite's locks are one process's: two threads get little more done than one.
 */
export class Crew {
  readonly #members: ChildProcess[]

  constructor(members: number, mutant: Mutant | null = null) {
    const file = path.join(import.meta.dirname, 'member.ts')
    const options = { execArgv: ['--no-warnings'], execPath: process.execPath }
    const planted = mutant === null ? [] : [JSON.stringify(mutant)]
    this.#members = Array.from({ length: members }, () => fork(file, planted, options))
  }

  /** Runs them all and adds up. One task at a time. */
  async run({ first, histories, stops = false, like = null, progress }: Wanted): Promise<Totals> {
    const said = new Map<number, { histories: number; failures: Failure[] }>()
    const step = this.#members.length
    const parts = this.#members.slice(0, histories).map((member, index) => {
      const order: Order = { first: first + index, last: first + histories - 1, step, stops, like }
      return this.#give(member, order, (word) => {
        said.set(index, word)
        const all = [...said.values()]
        const done = all.reduce((total, { histories }) => total + histories, 0)
        progress?.(
          done,
          all.flatMap(({ failures }) => failures),
        )
      })
    })
    return (await Promise.all(parts)).reduce(added)
  }

  letGo(): void {
    for (const member of this.#members) member.kill()
  }

  #give(
    member: ChildProcess,
    order: Order,
    heard: (word: { histories: number; failures: Failure[] }) => void,
  ): Promise<Totals> {
    return new Promise((resolve, reject) => {
      const onMessage = (said: unknown) => {
        const word = said as Word
        if (word.kind === 'progress') return heard(word)
        // Whoever finds something first has found enough.
        if (order.stops && word.totals.failures.length > 0) for (const one of this.#members) one.send('stop')
        settle()
        resolve(word.totals)
      }
      const onError = (error: Error) => {
        settle()
        reject(error)
      }
      const onExit = () => onError(new Error('A process of the simulation ended before its work was done.'))
      const settle = () => member.off('message', onMessage).off('error', onError).off('exit', onExit)
      member.on('message', onMessage).on('error', onError).on('exit', onExit)
      member.send(order)
    })
  }
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

/** Commutative, so that processes may end in any order. */
export function mixed(one: string, other: string): string {
  const sum = (BigInt(`0x${one}`) + BigInt(`0x${other}`)) % 2n ** 64n
  return sum.toString(16).padStart(16, '0')
}
