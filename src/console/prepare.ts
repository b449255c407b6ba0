/** What a page needs before anybody is known: its language and zone, its nonce, and the policy that its nonce belongs to. */
import type { Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { base32 } from '../domain/ids.ts'
import type { Gateway } from '../http/gateway.ts'
import type { Console } from './console.ts'
import { isLanguage, type Language, languages, sayIn } from './texts/texts.ts'

/** A preference, and no secret: the browser's own script writes the zone. */
const LANGUAGE = 'tollgate-language'
const ZONE = 'tollgate-zone'
const YEAR_SECONDS = 31_536_000

export const prepare = (gateway: Hono<Gateway>) =>
  createMiddleware<Console>(async function prepareConsole(c, next) {
    c.set('gateway', gateway)
    c.set('nonce', base32(crypto.getRandomValues(new Uint8Array(17)), 26))
    c.set('language', languageOf(c))
    c.set('say', sayIn(c.var.language))
    c.set('zone', zoneOf(c))
    await next()
    c.res.headers.set('content-security-policy', policyWith(c.var.nonce))
    // Not `no-referrer`, under which browsers send a form without its origin.
    c.res.headers.set('referrer-policy', 'same-origin')
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  })

const policyWith = (nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** What the address asks for and the browser then remembers, or what it remembers, or the first that it prefers. */
function languageOf(c: Context<Console>): Language {
  const asked = c.req.query('language') ?? ''
  if (isLanguage(asked)) {
    setCookie(c, LANGUAGE, asked, { path: '/console', sameSite: 'Lax', maxAge: YEAR_SECONDS })
    return asked
  }
  const kept = getCookie(c, LANGUAGE) ?? ''
  if (isLanguage(kept)) return kept
  const preferred = (c.req.header('accept-language') ?? '').split(',').map((part) => part.trim().slice(0, 2))
  return preferred.find(isLanguage) ?? languages[0]
}

function zoneOf(c: Context<Console>): string {
  const zone = getCookie(c, ZONE) ?? ''
  if (!/^[A-Za-z0-9/_+-]{1,64}$/.test(zone)) return 'UTC'
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}
