/** The gateway's HTTP side: what every request passes, in this order, and where each resource is mounted. */
import { type Context, Hono } from 'hono'
import { GatewayError } from '../domain/errors.ts'
import { admin } from './admin.ts'
import { largestBody } from './body-limit.ts'
import { corrections } from './corrections.ts'
import { crossOrigin } from './cors.ts'
import { deliveries } from './deliveries.ts'
import { destinations } from './destinations.ts'
import { events } from './events.ts'
import { exceptions } from './exceptions.ts'
import type { Gateway } from './gateway.ts'
import { home } from './home.ts'
import { orders } from './orders.ts'
import { pay } from './pay.ts'
import { paymentSessions } from './payment-sessions.ts'
import { paymentTracks } from './payment-tracks.ts'
import { payments } from './payments.ts'
import { problem } from './problem.ts'
import { providerIngress } from './provider-ingress.ts'
import { reconciliations } from './reconciliations.ts'
import { reference } from './reference.ts'
import { arrive, configured, guarded, logged, type Surroundings } from './request-log.ts'

export const VERSION = '0.1.0'
const LARGEST_BODY = 64 * 1024

/** The application; tests bring their own clock and take the log lines. */
export function buildApp(given: Partial<Surroundings> = {}) {
  const surroundings: Surroundings = { clock: Date.now, write: (line) => console.log(line), ...given }
  const app = new Hono<Gateway>()
  app.use(arrive(surroundings), logged(surroundings), guarded(), crossOrigin(), configured(), limited())
  app.onError((error, c) => problem(c, error))
  app.notFound((c) => problem(c, nothingHere(app, c)))
  app.get('/healthz', (c) => c.json({ status: 'ok', version: VERSION }))
  app.route('/v1/admin', admin)
  app.route('/v1/destinations', destinations)
  app.route('/v1/deliveries', deliveries)
  app.route('/v1/events', events)
  app.route('/v1/exceptions', exceptions)
  app.route('/v1/reconciliations', reconciliations)
  app.route('/v1/payment-sessions', paymentSessions)
  app.route('/v1/orders', orders)
  app.route('/v1/payments', payments)
  app.route('/v1/payments', paymentTracks)
  app.route('/v1/payments', corrections)
  app.route('/', pay)
  app.route('/', providerIngress)
  app.route('/', home)
  app.route('/', reference)
  return app
}

export const app = buildApp()

/** Reports and settlement files may be larger, and their routes set their own limits. */
const ownLimit =
  /^\/webhooks\/|^\/v1\/reconciliations(\/[^/]+\/files)?$|^\/console\/reconciliations(\/[^/]+)?$/

function limited() {
  const limit = largestBody(LARGEST_BODY, 'A request body is at most 64 KiB here.')
  return async function limitBody(c: Context<Gateway>, next: () => Promise<void>) {
    return ownLimit.test(c.req.path) ? next() : limit(c, next)
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** A path that another method would find is 405, and says which. */
function nothingHere(app: Hono<Gateway>, c: Context<Gateway>): GatewayError {
  const others = methods.filter((method) => {
    const [found] = app.router.match(method, c.req.path)
    return found.some(([[, route]]) => route.method === method)
  })
  if (others.length === 0)
    return new GatewayError({ code: 'not_found', detail: 'There is nothing at this address.' })
  const allow = others.join(', ')
  return new GatewayError({
    code: 'method_not_allowed',
    detail: `This address takes ${allow}.`,
    extra: { allow },
  })
}
