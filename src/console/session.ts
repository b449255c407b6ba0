/**
 * A log-in: an operator's token exchanged for a cookie that a browser keeps from scripts and from other sites. The cookie
 * is sealed, so that it can be neither read nor made elsewhere, and holds the token's hash: the operator is looked up again
 * at each request, so that a revoked token ends its sessions within a minute.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import * as z from 'zod'
import { seal, unseal } from '../crypto/seal.ts'
import { base32 } from '../domain/ids.ts'
import type { Console } from './console.ts'

const NAME = 'tollgate-console'
const OWNER = 'console session'
/** However busy it is, a session ends after a working day. */
export const LONGEST_MS = 12 * 3_600_000
/** A cookie is written again only when it is older than this, so that not every answer carries one. */
const RENEW_MS = 60_000

/**
 * `Lax`, since operators follow links to payments from chats and mails, and a page that is only read changes nothing; a form
 * of another site never carries the cookie, and would be refused if it did (`guard.ts`).
 */
const attributes = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

const shape = z.lazy(() =>
  z.strictObject({ id: z.string(), hash: z.string(), since: z.int(), seen: z.int() }),
)

/** Times are milliseconds since the epoch. */
export interface Session {
  id: string
  /** Of the operator's token. */
  hash: string
  since: number
  /** The last click. */
  seen: number
}

export const aSession = (hash: string, now: number): Session => ({
  id: base32(crypto.getRandomValues(new Uint8Array(17)), 26),
  ...{ hash, since: now, seen: now },
})

/** The request's session; null when it brings none that still holds. */
export async function sessionIn(c: Context<Console>): Promise<Session | null> {
  const sealed = getCookie(c, NAME, 'host')
  if (sealed === undefined || sealed.length > 1_000) return null
  const session = await opened(c, sealed)
  if (session === null) return null
  const idleMs = c.var.settings.CONSOLE_IDLE_MINUTES * 60_000
  const isOver = c.var.now - session.seen >= idleMs || c.var.now - session.since >= LONGEST_MS
  return isOver ? null : session
}

/** Gives the browser its session, or gives it again because somebody has clicked. */
export async function keep(c: Context<Console>, session: Session): Promise<void> {
  setCookie(c, NAME, await seal(c.env, JSON.stringify(session), OWNER), attributes)
}

/** The same where the last click that the cookie knows of was a while ago. */
export async function renew(c: Context<Console>, session: Session): Promise<void> {
  if (c.var.now - session.seen >= RENEW_MS) await keep(c, { ...session, seen: c.var.now })
}

export function drop(c: Context<Console>): void {
  deleteCookie(c, NAME, attributes)
}

async function opened(c: Context<Console>, sealed: string): Promise<Session | null> {
  try {
    return shape.parse(JSON.parse(await unseal(c.env, sealed, OWNER)))
  } catch {
    // Somebody made it up, or the key that sealed it is gone.
    return null
  }
}

/** What a page's forms carry. It opens only for the session that it was made for, and only while a session may last. */
export const formTokenOf = (c: Context<Console>, { id }: Session): Promise<string> =>
  seal(c.env, String(c.var.now), `console form ${id}`)

export async function isOwnForm(c: Context<Console>, { id }: Session, token: unknown): Promise<boolean> {
  if (typeof token !== 'string' || token.length > 1_000) return false
  try {
    const madeAt = Number(await unseal(c.env, token, `console form ${id}`))
    return c.var.now - madeAt < LONGEST_MS
  } catch {
    return false
  }
}
