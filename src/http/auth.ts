/**
 * Who asks. Keys and operator tokens are found by their hash through the isolate's cache; one message serves every
 * reason for 401, so that nobody can probe, and the reason goes to the log.
 */
import type { Context, ExecutionContext, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { readApiKey } from '../crypto/api-keys.ts'
import { isSecret } from '../crypto/compare.ts'
import { GatewayError } from '../domain/errors.ts'
import type { By, Scope } from '../store/admin-log.ts'
import { findKey, findMerchant, holdsKey } from '../store/directory.ts'
import type { KeyRecord } from '../store/keys.ts'
import type { Merchant } from '../store/merchants.ts'
import { operatorByAccess } from './access.ts'
import { allowOrigin } from './cors.ts'
import type { Administrator, Caller, Gateway } from './gateway.ts'
import { limitVisits, limitWrites } from './rate-limit.ts'
import { telling } from './traits.ts'

/**
 * Lets callers of these kinds in and puts who they are into `c.var.caller`: 401 for nobody we know, 403 for somebody
 * else. A publishable key is also refused (403) from an origin that its merchant does not list.
 */
export function allow(...kinds: [Caller['kind'], ...Caller['kind'][]]): MiddlewareHandler<Gateway> {
  const authenticate = createMiddleware<Gateway>(async function authenticate(c, next) {
    const caller = await entered(c)
    if (!kinds.includes(caller.kind))
      throw new GatewayError({ code: 'forbidden', detail: `This is not open to ${nameOf[caller.kind]}.` })
    if (caller.kind === 'publishable') allowOrigin(c, await merchantOf(c, caller.merchantId))
    // Behind the origin's check, so that a browser may read that it was too often.
    await limitWrites(c)
    await next()
  })
  return telling({ kind: 'callers', callers: kinds }, authenticate)
}

/** Throws `forbidden` for an operator who may only look; keys and the other roles may act. */
export function mayAct(c: Context<Gateway>): void {
  if (c.var.caller.role === 'viewer')
    throw new GatewayError({ code: 'forbidden', detail: 'A viewer only looks.' })
}

/** Throws `forbidden` for an operator who does not administer its merchant; keys may. */
export function mayManage(c: Context<Gateway>): void {
  const { kind, role } = c.var.caller
  if (kind === 'operator' && role !== 'admin') throw administratorsOnly()
}

const administratorsOnly = () =>
  new GatewayError({ code: 'forbidden', detail: 'This takes an operator with the role admin.' })

/** Who changes something here, as the admin log names it. */
export const byOf = (c: Context<Gateway>, actor: string): By => ({
  actor,
  requestId: c.var.requestId,
  at: c.var.now,
})

/** Lets the deployer in. Without an ADMIN_TOKEN nobody is. */
export function allowDeployer(): MiddlewareHandler<Gateway> {
  const authenticate = createMiddleware<Gateway>(async function authenticateDeployer(c, next) {
    await deployerIn(c)
    await next()
  })
  return telling({ kind: 'callers', callers: ['deployer'] }, authenticate)
}

/**
 * Lets in who administers the merchant that the path names: the deployer, or an operator of it with the role admin, whom
 * `c.var.administrator` confines to its mode. Another role is 403, and another merchant 404; keys are nobody here.
 */
export function allowAdministrator(): MiddlewareHandler<Gateway> {
  const authenticate = createMiddleware<Gateway>(async function authenticateAdministrator(c, next) {
    const bearer = bearerOf(c)
    // Texts that are no token of ours are guesses at the ADMIN_TOKEN, and counted as such.
    const isGuess = bearer !== null && readApiKey(bearer) === null
    c.set('administrator', isGuess ? await deployerIn(c) : await operatorIn(c))
    await next()
  })
  return telling({ kind: 'callers', callers: ['deployer', 'operator'] }, authenticate)
}

/** What of the path's merchant the administrator may see and change. */
export const scopeOf = (c: Context<Gateway>): Scope => ({
  merchantId: c.req.param('merchantId') ?? '',
  livemode: c.var.administrator.livemode,
})

/** Throws `forbidden` when the mode is not the administrator's. */
export function mayAdminister(c: Context<Gateway>, livemode: boolean): void {
  const own = c.var.administrator.livemode
  if (own === null || own === livemode) return
  const detail = `Your token administers ${own ? 'live' : 'test'} mode only. Send "livemode": ${own}.`
  throw new GatewayError({ code: 'forbidden', detail })
}

async function deployerIn(c: Context<Gateway>): Promise<Administrator> {
  // Counted before the token is looked at: past the limit a right guess is refused like a wrong one.
  await limitVisits(c, 'admin')
  if (!isSecret(bearerOf(c) ?? '', c.env.ADMIN_TOKEN ?? '')) throw unauthorized()
  c.var.log.caller = 'deployer'
  return { actor: 'deployer', livemode: null, expiresAt: null }
}

async function operatorIn(c: Context<Gateway>): Promise<Administrator> {
  const { id, kind, role, merchantId, livemode, expiresAt } = await entered(c)
  if (kind !== 'operator') throw refused(c, 'key_of_merchant')
  if (role !== 'admin') throw administratorsOnly()
  if (merchantId !== c.req.param('merchantId'))
    throw new GatewayError({ code: 'not_found', detail: 'There is no such merchant.' })
  await limitWrites(c)
  return { actor: id, livemode, expiresAt }
}

/** The merchant behind a caller. Throws `unauthorized` when it is gone, for then its key is worth nothing. */
export async function merchantOf(c: Context<Gateway>, merchantId: string): Promise<Merchant> {
  const merchant = await findMerchant(c.env, merchantId, c.var.now)
  if (merchant === null) throw refused(c, 'merchant_unknown')
  return merchant
}

const nameOf = {
  secret: 'secret keys',
  publishable: 'publishable keys',
  operator: 'operator tokens',
} as const satisfies Record<Caller['kind'], string>

/** The caller, from here on known to the rest of the request and to its log line. */
async function entered(c: Context<Gateway>): Promise<Caller> {
  const caller = await knownCaller(c)
  c.set('caller', caller)
  c.var.log.caller = caller.id
  c.var.log.merchant = caller.merchantId
  return caller
}

/** Refusals are counted by address, and over the limit are 429. Callers with a key never wait for those without. */
async function knownCaller(c: Context<Gateway>): Promise<Caller> {
  try {
    return await callerOf(c)
  } catch (error) {
    if (error instanceof GatewayError && error.refusal.code === 'unauthorized')
      await limitVisits(c, 'unauthorized')
    throw error
  }
}

const acting = new WeakMap<ExecutionContext, KeyRecord>()

/**
 * The context for a request that the console makes within this Worker for an operator whom it has let in. It proves who
 * asks: nothing that arrives over the network comes with one that was made here, whatever its headers say.
 */
export function actingAs(operator: KeyRecord, around: ExecutionContext): ExecutionContext {
  const context: ExecutionContext = {
    waitUntil: (promise) => around.waitUntil(promise),
    passThroughOnException: () => around.passThroughOnException(),
    props: {},
  }
  acting.set(context, operator)
  return context
}

/** The operator for whom the console asks; undefined for every request from outside. */
function actingOperator(c: Context<Gateway>): KeyRecord | undefined {
  try {
    return acting.get(c.executionCtx)
  } catch {
    // Hono throws where a request came without any context, as in tests.
    return undefined
  }
}

async function callerOf(c: Context<Gateway>): Promise<Caller> {
  const operator = actingOperator(c)
  if (operator !== undefined) {
    c.var.log.proof = 'console'
    return believed(c, operator)
  }
  const token = bearerOf(c)
  if (token === null) return accessCaller(c)
  const read = readApiKey(token, holdsKey)
  if (read === null) throw refused(c, 'key_invented')
  const key = await findKey(c.env, read.hash, c.var.now)
  if (key === null) throw refused(c, 'key_unknown')
  return believed(c, key)
}

/** The caller that a key means, unless its time is over. */
function believed(c: Context<Gateway>, key: KeyRecord): Caller {
  if (key.revokedAt !== null) throw refused(c, 'key_revoked')
  if (key.expiresAt !== null && key.expiresAt <= c.var.now) throw refused(c, 'key_expired')
  return callerBy(key)
}

/** Whoever brings no key may have logged in at Cloudflare Access. The actor is the operator, however it proved itself. */
async function accessCaller(c: Context<Gateway>): Promise<Caller> {
  const come = await operatorByAccess(c)
  if (come.kind !== 'operator') throw refused(c, come.kind === 'none' ? 'key_missing' : come.why)
  c.var.log.proof = 'access'
  return callerBy(come.operator)
}

const callerBy = ({ id, kind, merchantId, livemode, role, expiresAt }: KeyRecord): Caller => ({
  ...{ id, kind, merchantId, livemode, role, expiresAt },
})

function bearerOf(c: Context): string | null {
  return /^Bearer +(\S{1,512})$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? null
}

function refused(c: Context<Gateway>, why: string): GatewayError {
  c.var.log.refused = why
  return unauthorized()
}

const unauthorized = () =>
  new GatewayError({
    code: 'unauthorized',
    detail:
      'Send a key that is valid here as `Authorization: Bearer …`; the deployer makes keys under /v1/admin.',
  })
