/** Who gets into the console, and which forms are taken: only a page's own, from a browser on this very origin. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { GatewayError } from '../domain/errors.ts'
import { operatorByAccess } from '../http/access.ts'
import type { Gateway } from '../http/gateway.ts'
import { findKey } from '../store/directory.ts'
import type { KeyRecord } from '../store/keys.ts'
import type { Console } from './console.ts'
import { loginPage } from './login-page.ts'
import { aSession, formTokenOf, isOwnForm, renew, type Session, sessionIn } from './session.ts'

/** Lets the operator of a session in, or whoever comes through Cloudflare Access; others see the page for logging in. */
export const enter = createMiddleware<Console>(async function enterConsole(c, next) {
  const known = (await bySession(c)) ?? (await byAccess(c))
  if (known === null) return loginPage(c, { status: 401, ...(isRead(c) ? { to: here(c) } : {}) })
  const { operator, session } = known
  c.set('operator', operator)
  c.set('session', session)
  c.set('formToken', await formTokenOf(c, session))
  Object.assign(c.var.log, { caller: operator.id, merchant: operator.merchantId })
  return next()
})

/** Refuses every form that is not a page's own. Behind `enter`. */
export const ownForms = createMiddleware<Console>(async function takeOwnForms(c, next) {
  if (!isRead(c)) {
    fromHere(c)
    if (!(await isOwnForm(c, c.var.session, (await c.req.parseBody()).form_token)))
      throw new GatewayError({ code: 'forbidden', detail: c.var.say('form_outdated') })
  }
  await next()
})

/**
 * Throws `forbidden` for what a page of another site has sent, and `unsupported_media_type` for what no form sends: JSON,
 * and text that may be JSON, among them.
 */
export function fromHere(c: Context<Console>): void {
  const origin = c.req.header('origin')
  const own = [c.var.origin, new URL(c.req.url).origin]
  const isHere =
    origin === undefined ? c.req.header('sec-fetch-site') === 'same-origin' : own.includes(origin)
  if (!isHere) throw new GatewayError({ code: 'forbidden', detail: c.var.say('form_foreign') })
  const type = c.req.header('content-type') ?? ''
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i.test(type))
    throw new GatewayError({
      code: 'unsupported_media_type',
      detail: 'The console takes its own forms only.',
    })
}

interface Known {
  operator: KeyRecord
  session: Session
}

async function bySession(c: Context<Console>): Promise<Known | null> {
  const session = await sessionIn(c)
  if (session === null) return null
  const operator = await findKey(c.env, session.hash, c.var.now)
  if (operator === null || !isValid(operator, c.var.now)) return null
  // A page that looks for news by itself is no sign that somebody is there.
  if (c.req.header('tollgate-live') === undefined) await renew(c, session)
  return { operator, session }
}

async function byAccess(c: Context<Console>): Promise<Known | null> {
  const come = await operatorByAccess(c as unknown as Context<Gateway>)
  if (come.kind !== 'operator') return null
  c.var.log.proof = 'access'
  const { operator } = come
  return { operator, session: { ...aSession(operator.hash, c.var.now), id: `access ${operator.id}` } }
}

/** Whether an operator's token is good now. */
export const isValid = ({ kind, revokedAt, expiresAt }: KeyRecord, now: number): boolean =>
  kind === 'operator' && revokedAt === null && (expiresAt === null || expiresAt > now)

const isRead = (c: Context<Console>) => c.req.method === 'GET' || c.req.method === 'HEAD'

/** The path and query of this request. */
function here(c: Context<Console>): string {
  const { pathname, search } = new URL(c.req.url)
  return pathname + search
}
