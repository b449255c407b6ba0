/**
 * The virtual clock and the scheduler. Whatever would cross a wire waits here, at a time of the history's choosing, so
 * that every `await` on the outside is a place where others overtake, or where the one who waits dies.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Chance } from './chance.ts'

/** Somebody who runs code: a Worker's invocation, an object in memory, or the outside world, which never dies. */
export interface Actor {
  name: string
  alive: boolean
  /** A Worker may die while it waits; what happens to objects and the world is decided elsewhere. */
  mortal: boolean
  /** What its death means to those who wait for it. */
  onDeath?: () => void
}

/** What the platform, and not the code, is to blame for. Anything else that is thrown is a bug. */
export class Misfortune extends Error {}

interface Due {
  at: number
  order: number
  actor: Actor
  what: string
  run: () => void
}

const running = new AsyncLocalStorage<Actor>()
// Taken before anything is replaced by its virtual twin.
const realImmediate = setImmediate
const turn = () => new Promise<void>((resolve) => realImmediate(resolve))

/** Noon of the day on which every history begins, in milliseconds since the epoch. */
export const BEGINNING = Date.UTC(2026, 0, 5, 12)

export class Clockwork {
  now = BEGINNING
  steps = 0
  /** Kept only when a failing history is told. */
  trace: string[] | null = null
  readonly chance: Chance
  /** Probability that a Worker dies at a wait. */
  deathRate = 0
  /** Probability that a Worker stands still for long enough that others take over from it. */
  stallRate = 0
  /** Shortest and longest wait on a wire, in milliseconds. */
  latency: [number, number] = [1, 50]
  deaths = 0
  /** Hears of an error that nobody foresaw. */
  onBug: (said: string) => void = () => {}
  #hash = 0x811c9dc5
  #second = 0x01000193
  readonly #heap: Due[] = []
  readonly world: Actor = { name: 'world', alive: true, mortal: false }

  constructor(chance: Chance) {
    this.chance = chance
  }

  get actor(): Actor {
    return running.getStore() ?? this.world
  }

  /** A line of the history; all lines together are its hash. */
  tell(line: string): void {
    const text = `${this.now - BEGINNING} ${line}`
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      this.#hash = Math.imul(this.#hash ^ code, 0x01000193)
      this.#second = Math.imul(this.#second + code, 0x85ebca6b) ^ (this.#second >>> 13)
    }
    this.trace?.push(text)
  }

  /** The same for the same history. */
  get hash(): string {
    return [this.#hash, this.#second].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('')
  }

  /** Runs `run` at that time, unless the actor is dead by then. */
  at(time: number, what: string, run: () => void, actor: Actor = this.actor): Due {
    const due = { at: Math.max(time, this.now), order: this.chance.next(), actor, what, run }
    push(this.#heap, due)
    return due
  }

  /** Waits on the outside. A Worker may die here; then nothing after it ever happens. */
  async pause(what: string, wait = this.chance.wait(...this.latency)): Promise<void> {
    const { actor } = this
    if (!actor.alive) return await never()
    if (actor.mortal && this.chance.happens(this.deathRate)) {
      this.deaths += 1
      this.at(this.now + wait, `† ${actor.name} at ${what}`, () => this.kill(actor), this.world)
      return await never()
    }
    const stall = actor.mortal && this.chance.happens(this.stallRate) ? this.chance.whole(10_000, 60_000) : 0
    await new Promise<void>((resolve) => {
      this.at(this.now + wait + stall, `${actor.name}: ${what}`, resolve, actor)
    })
  }

  kill(actor: Actor): void {
    if (!actor.alive) return
    actor.alive = false
    actor.onDeath?.()
  }

  /** Runs the work as this actor. */
  as<T>(actor: Actor, work: () => T): T {
    return running.run(actor, work)
  }

  /** A Worker's invocation: it may die at any wait. `onDeath` is called then, and `onEnd` otherwise. */
  worker(name: string, work: () => Promise<void>, onEnd: () => void = () => {}, onDeath = onEnd): void {
    const actor: Actor = { name, alive: true, mortal: true, onDeath }
    running.run(actor, () => {
      const end = () => {
        if (!actor.alive) return
        actor.alive = false
        onEnd()
      }
      work().then(end, (error) => {
        this.tell(`${name} threw ${String(error)}`)
        if (!(error instanceof Misfortune)) this.onBug(`${name}: ${String(error?.stack ?? error)}`)
        end()
      })
    })
  }

  /** When the next thing happens; null when nothing is left to happen. */
  get next(): number | null {
    return this.#heap[0]?.at ?? null
  }

  /** Whether something of this name is still to happen. */
  waitsFor(isMeant: (what: string) => boolean): boolean {
    return this.#heap.some(({ what, actor }) => actor.alive && isMeant(what))
  }

  /** One step: the next thing happens, and everything that follows without waiting. */
  async step(): Promise<void> {
    const due = pop(this.#heap)
    if (due === undefined) return
    this.now = Math.max(this.now, due.at)
    if (!due.actor.alive) return
    this.steps += 1
    this.tell(due.what)
    this.as(due.actor, due.run)
    await turn()
  }
}

/** A promise for those who died waiting. */
const never = () => new Promise<never>(() => {})

const before = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.order < b.order)

function push(heap: Due[], due: Due): void {
  let index = heap.length
  heap.push(due)
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(due, heap[parent]!)) break
    heap[index] = heap[parent]!
    index = parent
  }
  heap[index] = due
}

function pop(heap: Due[]): Due | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) return first
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1
    if (!before(heap[child]!, last)) break
    heap[index] = heap[child]!
    index = child
  }
  heap[index] = last
  return first
}
