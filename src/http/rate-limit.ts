/**
 * How often somebody may call: a key for its writes, an address at the doors that take no key. The counters are the
 * platform's, per location and approximate: they stop floods, and no rule about money leans on them. A signed report is
 * never counted.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { groupsOf } from '../domain/address.ts'
import { GatewayError } from '../domain/errors.ts'
import type { Gateway } from './gateway.ts'
import { telling } from './traits.ts'

/** The period of every limit in wrangler.toml; short, since a customer at a checkout waits it out. */
const PERIOD_SECONDS = 10

type Limit = 'KEY_LIMIT' | 'ADDRESS_LIMIT' | 'HINT_LIMIT'
type Counted = 'within' | 'over' | 'unknown'

/**
 * Counts a write of the caller that `allow(…)` has let in. A publishable key is everybody's, so it is counted by address:
 * otherwise one visitor could shut a whole store. Throws `rate_limited`.
 */
export async function limitWrites(c: Context<Gateway>): Promise<void> {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return
  const { id, kind } = c.var.caller
  const counted =
    kind === 'publishable'
      ? await count(c, 'ADDRESS_LIMIT', `${id} ${addressOf(c)}`)
      : await count(c, 'KEY_LIMIT', id)
  if (counted === 'over') throw tooMany(c, kind === 'publishable' ? 'address' : 'key')
}

/** Counts a visit of an address to a door. Throws `rate_limited`. */
export async function limitVisits(c: Context<Gateway>, door: string): Promise<void> {
  if ((await count(c, 'ADDRESS_LIMIT', `${door} ${addressOf(c)}`)) === 'over') throw tooMany(c, 'address')
}

/** The same for a route. */
export function perAddress(door: string): MiddlewareHandler<Gateway> {
  const limit = createMiddleware<Gateway>(async function limitAddress(c, next) {
    await limitVisits(c, door)
    await next()
  })
  return telling({ kind: 'limited' }, limit)
}

/**
 * Whether a request without a fresh signature may make the gateway call the provider. It may not when nobody can count:
 * what is not believed is dropped without harm, since a session is asked about by its own clock.
 */
export async function mayHint(c: Context<Gateway>, connectionId: string): Promise<boolean> {
  if ((await count(c, 'HINT_LIMIT', `${connectionId} ${addressOf(c)}`)) === 'within') return true
  c.var.log.limited = 'hint'
  return false
}

/** A counter that fails is no reason to refuse a caller; who must be refused then is for the caller to say. */
async function count(c: Context<Gateway>, limit: Limit, key: string): Promise<Counted> {
  if (!c.var.settings.RATE_LIMITS) return 'within'
  try {
    return (await c.env[limit].limit({ key })).success ? 'within' : 'over'
  } catch (error) {
    c.var.log.limit_failed = error instanceof Error ? error.name : 'unknown'
    return 'unknown'
  }
}

/** The address as the platform tells it. A household of IPv6 is its first 64 bits, for it owns all the rest. */
function addressOf(c: Context<Gateway>): string {
  const address = (c.req.header('cf-connecting-ip') ?? 'unknown').slice(0, 64)
  if (!URL.canParse(`http://[${address}]`)) return address
  const { hostname } = new URL(`http://[${address}]`)
  const network = groupsOf(hostname.slice(1, -1)).slice(0, 4)
  return network.map((group) => group.toString(16)).join(':')
}

function tooMany(c: Context<Gateway>, by: 'key' | 'address'): GatewayError {
  c.var.log.limited = by
  return new GatewayError({
    code: 'rate_limited',
    detail: `Too many requests from this ${by}. Wait as long as Retry-After says, then repeat with the same key.`,
    retryAfterSeconds: PERIOD_SECONDS,
  })
}
