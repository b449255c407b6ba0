/**
 * Browsers of other origins: only the routes that a storefront calls, and only from origins that its merchant lists.
 * A preflight carries no key, so its merchant is unknown; it is allowed by route, and the request itself is judged.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { GatewayError } from '../domain/errors.ts'
import type { Merchant } from '../store/merchants.ts'
import type { Gateway } from './gateway.ts'
import { openHeaders } from './open-headers.ts'

const storefrontRoutes = /^\/v1\/payment-sessions(\/[^/]+(\/live)?)?$/

/** Answers the preflights of storefront routes, and lets allowed origins read every answer, refusals too. */
export function crossOrigin(): MiddlewareHandler<Gateway> {
  return createMiddleware<Gateway>(async function shareWithOrigin(c, next) {
    const origin = c.req.header('origin')
    const isPreflight =
      c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined
    if (isPreflight && origin !== undefined && storefrontRoutes.test(c.req.path))
      return c.body(null, 204, {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key, traceparent',
        'access-control-max-age': '600',
        vary: 'origin',
      })
    await next()
    // Hono drops headers that were set before an error, so they are set on the answer that goes out.
    if (!storefrontRoutes.test(c.req.path)) return undefined
    const headers = openHeaders(c)
    headers.append('vary', 'origin')
    if (c.var.allowedOrigin === undefined) return undefined
    headers.set('access-control-allow-origin', c.var.allowedOrigin)
    headers.set('access-control-expose-headers', 'request-id, idempotent-replayed, retry-after')
    return undefined
  })
}

/**
 * Lets a browser of an origin that the merchant lists read the answer. A request without an `Origin` passes (apps and
 * servers send none); a foreign one throws `forbidden`. `allow('publishable')` has done this already.
 */
export function allowOrigin(c: Context<Gateway>, merchant: Merchant): void {
  const origin = c.req.header('origin')
  if (origin === undefined) return
  if (!merchant.allowedOrigins.includes(origin))
    throw new GatewayError({
      code: 'forbidden',
      detail: 'This origin is not among the allowed_origins of the merchant.',
    })
  c.set('allowedOrigin', origin)
}
