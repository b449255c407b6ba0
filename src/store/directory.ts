/**
 * Who calls and where money goes, cached in the isolate so that no D1 query stands on the way of a session or a report.
 * A key counts for at most 60 s after it was read. Merchants and connections are read again after 60 s too, but a day's
 * old copy serves while D1 cannot be read. What is not known because of a failure is 503, and is never remembered.
 */
import { DAY_MS } from '../domain/clock.ts'
import { GatewayError } from '../domain/errors.ts'
import { type Connection, type ConnectionSummary, enabledConnections, readConnection } from './connections.ts'
import { type KeyRecord, operatorsOf, readKey } from './keys.ts'
import { type Directory, type Merchant, readMerchant } from './merchants.ts'

const FRESH_MS = 60_000
/** While D1 fails, a copy is served this long before D1 is asked again, so that an outage costs no caller a wait. */
const ASK_AGAIN_MS = 5_000
const READ_TIMEOUT_MS = 3_000
const MOST = 5_000

interface Held<T> {
  value: T
  /** Milliseconds since the epoch before which the value was certainly true. */
  readAt: number
  failedAt: number | null
}

/** Bounded; the entry that was used longest ago leaves first. Absent ids cannot push out present ones. */
class Shelf<T> {
  readonly #present = new Map<string, Held<T | null>>()
  readonly #absent = new Map<string, Held<T | null>>()

  get(id: string): Held<T | null> | null {
    const map = this.#present.has(id) ? this.#present : this.#absent
    const held = map.get(id)
    if (held === undefined) return null
    map.delete(id)
    map.set(id, held)
    return held
  }

  holds(id: string): boolean {
    return this.#present.has(id)
  }

  put(id: string, value: T | null, readAt: number): void {
    this.forget(id)
    const map = value === null ? this.#absent : this.#present
    map.set(id, { value, readAt, failedAt: null })
    for (const oldest of map.keys()) {
      if (map.size <= MOST) break
      map.delete(oldest)
    }
  }

  forget(id: string): void {
    this.#present.delete(id)
    this.#absent.delete(id)
  }

  clear(): void {
    this.#present.clear()
    this.#absent.clear()
  }
}

const shelves = {
  keys: new Shelf<KeyRecord>(),
  operators: new Shelf<KeyRecord[]>(),
  merchants: new Shelf<Merchant>(),
  connections: new Shelf<Connection>(),
  choices: new Shelf<ConnectionSummary[]>(),
}

/** The shelf of choices holds one list for each merchant and mode. */
const choiceOf = (merchantId: string, livemode: boolean) => `${merchantId} ${livemode ? 'live' : 'test'}`

/**
 * The key with this hash, which may be revoked or past its time; null when there is none. `now` in milliseconds since
 * the epoch. Throws `temporarily_unavailable` when D1 cannot be read.
 */
export function findKey(env: Directory, hash: string, now: number): Promise<KeyRecord | null> {
  return find(shelves.keys, hash, now, { freshMs: FRESH_MS, staleMs: 0 }, () => readKey(env, hash))
}

/** Whether this isolate has found a key by this hash; it says nothing of whether the key still counts. */
export const holdsKey = (hash: string): boolean => shelves.keys.holds(hash)

/** The operators that an Access identity means, by its e-mail; they count for as long as a key does. */
export async function findOperators(env: Directory, email: string, now: number): Promise<KeyRecord[]> {
  const read = async () => {
    const found = await operatorsOf(env, email)
    return found.length > 0 ? found : null
  }
  return (await find(shelves.operators, email, now, { freshMs: FRESH_MS, staleMs: 0 }, read)) ?? []
}

/**
 * The merchant with its order-signing secrets; null when there is none. A caller whose signature did not verify may ask
 * with a smaller `freshMs` (not below 5 s, so that forgers cannot make us ask D1 each time) before it refuses, since a
 * secret may have been rotated meanwhile. Throws `temporarily_unavailable` when D1 cannot be read and no copy is held.
 */
export function findMerchant(
  env: Directory,
  id: string,
  now: number,
  freshMs = FRESH_MS,
): Promise<Merchant | null> {
  return find(shelves.merchants, id, now, { freshMs, staleMs: DAY_MS }, () => readMerchant(env, id))
}

/**
 * The connection with its credentials, disabled or not; null when there is none. The rest is as for `findMerchant`.
 */
export function findConnection(
  env: Directory,
  id: string,
  now: number,
  freshMs = FRESH_MS,
): Promise<Connection | null> {
  return find(shelves.connections, id, now, { freshMs, staleMs: DAY_MS }, () => readConnection(env, id))
}

/** The enabled connections between which a session of this mode may choose. The rest is as for `findMerchant`. */
export async function findChoices(
  env: Directory,
  merchantId: string,
  livemode: boolean,
  now: number,
): Promise<ConnectionSummary[]> {
  const read = () => enabledConnections(env, merchantId, livemode)
  const limits = { freshMs: FRESH_MS, staleMs: DAY_MS }
  return (await find(shelves.choices, choiceOf(merchantId, livemode), now, limits, read)) ?? []
}

/** Drops this isolate's copy after a change, so that whoever made it sees it at once; other isolates follow in 60 s. */
export function forget(kind: 'keys' | 'operators' | 'merchants', id: string): void {
  shelves[kind].forget(id)
}

/** The same for a connection, and for the list that it is chosen from. */
export function forgetConnection(of: Pick<Connection, 'id' | 'merchantId' | 'livemode'>): void {
  shelves.connections.forget(of.id)
  shelves.choices.forget(choiceOf(of.merchantId, of.livemode))
}

/** Makes the isolate as if it had just started; for tests. */
export function clearDirectory(): void {
  for (const shelf of Object.values(shelves)) shelf.clear()
}

async function find<T>(
  shelf: Shelf<T>,
  id: string,
  now: number,
  limits: { freshMs: number; staleMs: number },
  read: () => Promise<T | null>,
): Promise<T | null> {
  const held = shelf.get(id)
  if (held && now - held.readAt < limits.freshMs) return held.value
  const usable = held !== null && held.value !== null && now - held.readAt < limits.staleMs
  if (usable && held.failedAt !== null && now - held.failedAt < ASK_AGAIN_MS) return held.value
  try {
    const value = await inTime(read())
    shelf.put(id, value, now)
    return value
  } catch (cause) {
    if (usable) {
      held.failedAt = now
      return held.value
    }
    const unavailable = new GatewayError({
      code: 'temporarily_unavailable',
      detail: 'The gateway cannot look this up just now. Nothing was changed; please try again.',
      retryAfterSeconds: 5,
    })
    unavailable.cause = cause
    throw unavailable
  }
}

/** A database that hangs is a database that cannot be read. */
async function inTime<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('D1 did not answer in time.')), READ_TIMEOUT_MS)
  })
  try {
    return await Promise.race([reading, late])
  } finally {
    clearTimeout(timer)
  }
}
