/**
 * Operators who come through Cloudflare Access: the identity on the request is checked with the team's keys and means the
 * operator that the deployer registered for that e-mail. Where nothing is configured, the header means nothing.
 */
import type { Context } from 'hono'
import * as z from 'zod'
import { type AccessJudge, type ReadAccessToken, readAccessToken } from '../crypto/access-token.ts'
import { GatewayError } from '../domain/errors.ts'
import { call, jsonOf } from '../providers/call.ts'
import { findOperators } from '../store/directory.ts'
import type { KeyRecord } from '../store/keys.ts'
import type { Gateway } from './gateway.ts'

const FRESH_MS = 600_000
/** A team's keys are replaced every six weeks, and the older one is good for a week more. */
const STALE_MS = 86_400_000
/** Tokens that name an unknown key, and a team that does not answer, make us ask no more often than this. */
const ASK_AGAIN_MS = 30_000
const limits = { timeoutMs: 3_000, maxBytes: 100_000 }

const keySet = z.lazy(() =>
  z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })).min(1) }),
)
type KeySet = z.output<typeof keySet>

interface Held {
  keys: KeySet | null
  /** Milliseconds since the epoch: of the keys, and of the last time that anybody asked. */
  readAt: number
  askedAt: number
}

/** The isolate's, by team. */
const teams = new Map<string, Held>()

/** Makes the isolate as if it had just started; for tests. */
export function forgetTeams(): void {
  teams.clear()
}

export type ByAccess =
  /** Access is not configured, or the request did not come through it. */
  | { kind: 'none' }
  | { kind: 'operator'; operator: KeyRecord }
  /** `why` is for the log. */
  | { kind: 'refused'; why: string }

/** Who the request's Access identity is. Throws `forbidden` where the request must say more or comes from another site. */
export async function operatorByAccess(c: Context<Gateway>): Promise<ByAccess> {
  const { ACCESS_TEAM_DOMAIN: teamDomain, ACCESS_AUD: audiences } = c.var.settings
  const token = c.req.header('cf-access-jwt-assertion')
  if (teamDomain === '' || token === undefined || token === '') return { kind: 'none' }
  const read = await readWithNewest(token, { teamDomain, audiences, now: c.var.now })
  if (read.kind !== 'ok')
    return { kind: 'refused', why: read.kind === 'refused' ? read.why : 'access_key_unknown' }
  refuseOtherSites(c)
  const { now } = c.var
  const registered = (await findOperators(c.env, read.email, now)).filter(
    ({ expiresAt }) => expiresAt === null || expiresAt > now,
  )
  return theOne(registered, c.req.header('tollgate-operator'))
}

/** A browser that is logged in sends its identity with whatever any page makes it send. */
function refuseOtherSites(c: Context<Gateway>): void {
  const origin = c.req.header('origin')
  if (origin === undefined || origin === c.var.origin || origin === new URL(c.req.url).origin) return
  throw new GatewayError({ code: 'forbidden', detail: 'An Access identity is good on this origin only.' })
}

/** One person may look after several merchants, or both modes of one. */
function theOne(registered: readonly KeyRecord[], named: string | undefined): ByAccess {
  const fitting = registered.filter(({ id }) => named === undefined || id === named)
  const [operator, another] = fitting
  if (operator === undefined) return { kind: 'refused', why: 'access_not_registered' }
  if (another === undefined) return { kind: 'operator', operator }
  throw new GatewayError({
    code: 'forbidden',
    detail: 'You are an operator in several places. Name one in the header Tollgate-Operator.',
    extra: { operators: fitting.map(({ id }) => id).join(' ') },
  })
}

async function readWithNewest(token: string, judge: AccessJudge): Promise<ReadAccessToken> {
  const keys = await keysOf(judge, FRESH_MS)
  const read = await readAccessToken(token, keys, judge)
  if (read.kind !== 'unknown_key') return read
  const newest = await keysOf(judge, ASK_AGAIN_MS)
  return newest === keys ? read : readAccessToken(token, newest, judge)
}

/** The team's keys, not older than `freshMs` where they can be had. Throws `temporarily_unavailable` when there are none. */
async function keysOf({ teamDomain, now }: AccessJudge, freshMs: number): Promise<KeySet> {
  const held = teams.get(teamDomain) ?? { keys: null, readAt: 0, askedAt: Number.NEGATIVE_INFINITY }
  const usable = held.keys !== null && now - held.readAt < STALE_MS ? held.keys : null
  const isFresh = usable !== null && now - held.readAt < freshMs
  const askedJustNow = usable !== null && now - held.askedAt < ASK_AGAIN_MS
  if (usable !== null && (isFresh || askedJustNow)) return usable
  teams.set(teamDomain, { ...held, askedAt: now })
  const keys = await fetched(teamDomain)
  if (keys !== null) {
    teams.set(teamDomain, { keys, readAt: now, askedAt: now })
    return keys
  }
  if (usable !== null) return usable
  throw new GatewayError({
    code: 'temporarily_unavailable',
    detail: 'The keys of Cloudflare Access cannot be read just now. Nothing was changed; please try again.',
    retryAfterSeconds: 5,
  })
}

async function fetched(teamDomain: string): Promise<KeySet | null> {
  const address = `https://${teamDomain}/cdn-cgi/access/certs`
  const answer = await call((request) => fetch(request), address, { method: 'GET', headers: {} }, limits)
  if (answer.kind !== 'answered' || answer.status !== 200) return null
  const read = keySet.safeParse(jsonOf(answer.text))
  return read.success ? read.data : null
}
