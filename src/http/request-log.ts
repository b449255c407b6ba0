/**
 * What surrounds every request: its id, its settings, its one log line, and the headers that every answer carries. The
 * line has ids and outcomes; a path is logged as its pattern, since customers' secrets travel in addresses.
 */
import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import { base32 } from '../domain/ids.ts'
import { traceFrom, traceIdOf, traceOf } from '../domain/trace.ts'
import { settingsOf } from '../env.ts'
import type { Gateway } from './gateway.ts'
import { openHeaders } from './open-headers.ts'

/** Where the application gets its time and leaves its log; tests give their own. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  clock: () => number
  /** Takes one line of JSON. */
  write: (line: string) => void
}

/**
 * Gives the request its id, its time and its trace. An id from outside is not honoured, since it could be chosen to
 * mislead; a trace is, since it is the caller's own and names many requests.
 */
export function arrive({ clock }: Surroundings): MiddlewareHandler<Gateway> {
  return createMiddleware<Gateway>(async function arriveAtGateway(c, next) {
    c.set('now', clock())
    c.set('log', {})
    c.set('trace', traceFrom(c.req.header('traceparent') ?? null) ?? traceOf(anId()))
    c.set('requestId', `req_${base32(crypto.getRandomValues(new Uint8Array(17)), 26)}`)
    await next()
    openHeaders(c).set('request-id', c.var.requestId)
  })
}

const anId = () => crypto.randomUUID().replaceAll('-', '')

/** Writes the request's one line, when its answer is known. */
export function logged({ clock, write }: Surroundings): MiddlewareHandler<Gateway> {
  return createMiddleware<Gateway>(async function logRequest(c, next) {
    await next()
    const status = c.res.status
    write(
      JSON.stringify({
        level: status >= 500 ? 'error' : 'info',
        message: 'request',
        at: new Date(c.var.now).toISOString(),
        request_id: c.var.requestId,
        trace: traceIdOf(c.var.trace),
        method: c.req.method,
        route: routePath(c, -1),
        status,
        duration_ms: clock() - c.var.now,
        ...c.var.log,
      }),
    )
  })
}

/** Reads the deployment's settings; an unusable one fails here, where it is logged. */
export function configured(): MiddlewareHandler<Gateway> {
  return createMiddleware<Gateway>(async function readSettings(c, next) {
    const settings = settingsOf(c.env)
    c.set('settings', settings)
    c.set('origin', new URL(settings.PUBLIC_URL === '' ? c.req.url : settings.PUBLIC_URL).origin)
    await next()
  })
}

const unlessChosen = {
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'strict-transport-security': 'max-age=31536000',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}

/** Headers for every answer that did not choose its own: pages bring their own policy, the rest runs nothing. */
export function guarded(): MiddlewareHandler<Gateway> {
  return createMiddleware<Gateway>(async function guardAnswer(c, next) {
    await next()
    const headers = openHeaders(c)
    headers.set('x-content-type-options', 'nosniff')
    for (const [name, value] of Object.entries(unlessChosen)) if (!headers.has(name)) headers.set(name, value)
  })
}
