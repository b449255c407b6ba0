/**
 * Durable Objects: found by name, one instance each, evicted at any moment with everything that they had in memory and
 * nothing that they had written; their alarms ring late or twice, and calls to them are lost on either way.
 */
import { NodeStorage } from '../support/sqlite.ts'
import { type Actor, type Clockwork, Misfortune } from './clockwork.ts'

/** A class of objects, as production wrote it. */
export type ObjectClass = new (ctx: never, env: never) => object

/** How objects and the way to them misbehave: probabilities. */
export interface ObjectTrouble {
  /** A call that never arrives, and an answer that does not come back. */
  unreached: number
  unanswered: number
  /** An eviction at a step of the object. */
  evicted: number
  alarmTwice: number
  alarmLate: number
}

interface Instance {
  actor: Actor
  object: Record<string, (...args: unknown[]) => Promise<unknown>>
  /** How those who wait for an answer hear that there will be none. */
  waiting: Set<(error: Error) => void>
}

/** What is kept of an object while nobody runs it. */
export interface Kept {
  name: string
  storage: NodeStorage
  instance: Instance | null
  /** The alarm that was given to the clock last. */
  rings: number | null
  failures: number
  /** The newest journal position that the invariants saw. */
  versions: number
}

/** What the platform says of a call that it lost; most may simply be repeated. */
function lost(retryable: boolean): Error {
  return Object.assign(new Misfortune('Network connection lost.'), { retryable, overloaded: false })
}

export class SimulatedObjects {
  readonly kept = new Map<string, Kept>()
  readonly #clock: Clockwork
  readonly #trouble: ObjectTrouble
  readonly #class: ObjectClass
  readonly #env: () => object
  /** Objects that may have been written to since this was last emptied. */
  readonly touched = new Set<Kept>()

  constructor(clock: Clockwork, trouble: ObjectTrouble, of: ObjectClass, env: () => object) {
    this.#clock = clock
    this.#trouble = trouble
    this.#class = of
    this.#env = env
  }

  /** The namespace binding: a stub whose methods are calls over the wire. */
  getByName(name: string): unknown {
    const call =
      (method: string) =>
      (...args: unknown[]) =>
        this.#call(name, method, args)
    return new Proxy({}, { get: (_, method) => (method === 'then' ? undefined : call(String(method))) })
  }

  async #call(name: string, method: string, args: unknown[]): Promise<unknown> {
    const { chance } = this.#clock
    const sent = structuredClone(args)
    const what = `${name.slice(0, 8)}.${method}`
    await this.#clock.pause(`${what} →`)
    if (chance.happens(this.#trouble.unreached)) throw lost(chance.happens(0.7))
    const answer = await this.#run(name, method, sent)
    if (chance.happens(this.#trouble.evicted)) this.evict(name)
    await this.#clock.pause(`${what} ←`)
    if (chance.happens(this.#trouble.unanswered)) throw lost(chance.happens(0.7))
    return structuredClone(answer)
  }

  #run(name: string, method: string, args: unknown[]): Promise<unknown> {
    const kept = this.#keptOf(name)
    const instance = this.#instanceOf(kept)
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        instance.waiting.delete(fail)
        reject(error)
      }
      instance.waiting.add(fail)
      this.#clock.as(instance.actor, () => {
        instance.object[method]!(...args).then(
          (value) => {
            if (!instance.actor.alive) return
            instance.waiting.delete(fail)
            this.#touch(kept)
            resolve(value)
          },
          (error) => {
            if (!(error instanceof Misfortune))
              this.#clock.onBug(`${method}: ${String(error?.stack ?? error)}`)
            fail(error)
          },
        )
        this.#touch(kept)
      })
    })
  }

  #keptOf(name: string): Kept {
    const known = this.kept.get(name)
    if (known !== undefined) return known
    const kept: Kept = {
      name,
      storage: new NodeStorage(),
      instance: null,
      rings: null,
      failures: 0,
      versions: 0,
    }
    this.kept.set(name, kept)
    return kept
  }

  #instanceOf(kept: Kept): Instance {
    if (kept.instance !== null) return kept.instance
    const actor: Actor = { name: kept.name.slice(0, 8), alive: true, mortal: false }
    const { storage } = kept
    const guard = <T>(use: () => T): T => {
      // Code of an evicted object may still be in the air here; in truth it stopped when the object did.
      if (!actor.alive) throw new Misfortune('This object was evicted.')
      this.#touch(kept)
      return use()
    }
    const setAlarm = (at: number | null) => guard(() => storage.setAlarm(at))
    const ctx = {
      id: { name: kept.name },
      storage: {
        sql: {
          exec: (query: string, ...of: never[]) => ({
            toArray: () => guard(() => storage.exec(query, ...of)),
          }),
        },
        transactionSync: <T>(step: () => T) => guard(() => storage.transactionSync(step)),
        setAlarm: async (at: number) => setAlarm(at),
        deleteAlarm: async () => setAlarm(null),
      },
      waitUntil: (work: Promise<unknown>) => void work.catch(() => {}),
      getWebSockets: () => [],
    }
    const object = new this.#class(ctx as never, this.#env() as never) as Instance['object']
    kept.instance = { actor, object, waiting: new Set() }
    return kept.instance
  }

  /** Everything in memory is gone, and every call that was in it fails. */
  evict(name: string): void {
    const kept = this.kept.get(name)
    const instance = kept?.instance
    if (kept === undefined || instance == null) return
    this.#clock.tell(`† ${name.slice(0, 8)} evicted`)
    this.#clock.kill(instance.actor)
    kept.instance = null
    for (const fail of instance.waiting) fail(lost(this.#clock.chance.happens(0.7)))
  }

  /** Gives alarms that were set meanwhile to the clock. */
  windUp(): void {
    for (const kept of this.kept.values()) {
      const { alarm } = kept.storage
      if (alarm === kept.rings) continue
      kept.rings = alarm
      if (alarm !== null) this.#ringAt(kept, alarm, this.#late())
    }
  }

  #late(): number {
    const { chance } = this.#clock
    return chance.happens(this.#trouble.alarmLate) ? chance.wait(1_000, 3_600_000) : chance.wait(1, 200)
  }

  #ringAt(kept: Kept, alarm: number, late: number): void {
    const ring = () => {
      if (kept.storage.alarm !== alarm || kept.rings !== alarm) return
      kept.storage.alarm = null
      kept.rings = null
      this.#alarm(kept, alarm)
      if (this.#clock.chance.happens(this.#trouble.alarmTwice)) this.#alarm(kept, alarm)
    }
    this.#clock.at(alarm + late, `alarm of ${kept.name.slice(0, 8)}`, ring, this.#clock.world)
  }

  /** The platform tries an alarm that threw six times more; one whose object went away counts as thrown. */
  #alarm(kept: Kept, alarm: number): void {
    const instance = this.#instanceOf(kept)
    const failed = () => {
      kept.failures += 1
      if (kept.failures > 6) return
      const again = () => kept.storage.alarm === null && this.#alarm(kept, alarm)
      const wait = 2_000 * 2 ** kept.failures
      this.#clock.at(
        this.#clock.now + wait,
        `alarm of ${kept.name.slice(0, 8)} again`,
        again,
        this.#clock.world,
      )
    }
    instance.waiting.add(failed)
    this.#clock.as(instance.actor, () => {
      instance.object.alarm!().then(
        () => {
          instance.waiting.delete(failed)
          kept.failures = 0
        },
        (error) => {
          instance.waiting.delete(failed)
          if (!(error instanceof Misfortune)) this.#clock.onBug(`alarm: ${String(error?.stack ?? error)}`)
          failed()
        },
      )
    })
    this.#touch(kept)
    const { chance } = this.#clock
    if (chance.happens(this.#trouble.evicted)) {
      const wait = chance.wait(...this.#clock.latency)
      this.#clock.at(this.#clock.now + wait, 'evict', () => this.evict(kept.name), this.#clock.world)
    }
  }

  #touch(kept: Kept): void {
    this.touched.add(kept)
  }
}
