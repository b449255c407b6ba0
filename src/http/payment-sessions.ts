/** `/v1/payment-sessions`: opening, reading, cancelling and watching a session. Contract §5. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { GatewayError } from '../domain/errors.ts'
import { paymentOfSession } from '../domain/ids.ts'
import { ask, endAtProvider } from '../payment/ask.ts'
import type { Answer, Key } from '../payment/keys.ts'
import { openSession } from '../payment/open.ts'
import { providersOf } from '../payment/providers.ts'
import { atPayment, openerAt } from '../payment/stub.ts'
import { respond } from './answer.ts'
import { allow, merchantOf } from './auth.ts'
import { allowOrigin } from './cors.ts'
import type { Gateway } from './gateway.ts'
import { idempotencyKey } from './idempotency.ts'
import { serverSentEvents } from './live.ts'
import { openRequest } from './open-request.ts'
import { perAddress } from './rate-limit.ts'
import { noBody } from './schemas.ts'
import { validated, validatedQuery } from './validated.ts'

const clientSecret = z.string().min(1).max(128)
const withSecret = z.lazy(() => z.strictObject({ client_secret: clientSecret }))
const mayHaveSecret = z.lazy(() => z.strictObject({ client_secret: clientSecret.optional() }))

export const paymentSessions = new Hono<Gateway>()
  .post('/', allow('secret', 'publishable'), async (c) => {
    const asked = await openRequest(c, c.var.caller, idempotencyKey(c))
    const object = openerAt(c.env, asked.request.paymentId, c.var.trace)
    const opening = openSession(object, providersOf(c.env, c.var.now, c.var.origin), asked)
    // The caller may hang up; what was begun at the provider is finished all the same.
    c.executionCtx.waitUntil(opening.catch(() => {}))
    const { answer, replayed } = await opening
    return respond(c, answer, replayed)
  })
  .get('/:id', allow('secret', 'publishable', 'operator'), validatedQuery(mayHaveSecret), async (c) => {
    const { caller } = c.var
    const { sessionId, paymentId } = namedIn(c)
    if (caller.kind !== 'publishable') {
      const json = await atPayment(c.env, paymentId, async (stub) =>
        stub.session(caller, sessionId, c.var.origin),
      )
      if (json === null) throw noSession()
      return c.body(caller.kind === 'secret' ? json : withoutSecret(json), 200, asJson)
    }
    const secret = c.req.valid('query').client_secret
    if (secret === undefined)
      throw new GatewayError({
        code: 'forbidden',
        detail: 'With a publishable key, send the client_secret of the session.',
      })
    const reduced = await atPayment(c.env, paymentId, async (stub) => stub.reduced(caller, sessionId, secret))
    if (reduced === null) throw noSession()
    return c.body(reduced.json, 200, asJson)
  })
  .post('/:id/cancel', allow('secret'), validated(noBody, { mayBeAbsent: true }), async (c) => {
    const { sessionId, paymentId } = namedIn(c)
    const name = `cancel ${sessionId} ${idempotencyKey(c)}`
    const canceling = cancel(c, paymentId, sessionId, { name, fingerprint: sessionId })
    c.executionCtx.waitUntil(canceling.catch(() => {}))
    const { answer, replayed } = await canceling
    return respond(c, answer, replayed)
  })
  .get('/:id/live', perAddress('live'), validatedQuery(withSecret), async (c) => {
    const { sessionId, paymentId } = namedIn(c)
    const { client_secret: secret } = c.req.valid('query')
    const reduced = await atPayment(c.env, paymentId, async (stub) => stub.reduced(null, sessionId, secret))
    if (reduced === null) throw noSession()
    allowOrigin(c, await merchantOf(c, reduced.merchantId))
    const watch = new Request(`https://payment/${sessionId}`, { headers: { upgrade: 'websocket' } })
    const watched = await c.env.PAYMENT.getByName(paymentId).fetch(watch)
    if (c.req.header('upgrade')?.toLowerCase() === 'websocket') return watched
    return serverSentEvents(watched)
  })

async function cancel(
  c: Context<Gateway>,
  paymentId: string,
  sessionId: string,
  key: Key,
): Promise<{ answer: Answer; replayed: boolean }> {
  const { caller, origin } = c.var
  // Whose it is comes first: a kept answer holds the client secret, and keys can be guessed.
  const mine = await atPayment(c.env, paymentId, async (stub) => stub.session(caller, sessionId, origin))
  if (mine === null) throw noSession()
  const known = await atPayment(c.env, paymentId, async (stub) => stub.keyed(key))
  if (known.kind === 'answered') return { answer: known.answer, replayed: true }
  const object = openerAt(c.env, paymentId, c.var.trace)
  const begun = await object.beginEnd(sessionId, caller.id)
  if (begun?.kind === 'refused' && begun.status !== 'canceled')
    throw new GatewayError({
      code: 'not_allowed_now',
      detail: `A session that is ${begun.status} cannot be canceled.`,
      extra: { session_status: begun.status },
    })
  if (begun?.kind === 'call') {
    await endAtProvider(object, providersOf(c.env, c.var.now, c.var.origin), begun.subject, caller.id)
    // What the provider did not confirm, it may still tell when asked.
    await ask(object, providersOf(c.env, c.var.now, c.var.origin), sessionId)
  }
  const answer = await atPayment(c.env, paymentId, async (stub) =>
    stub.answered({ command: 'cancel', sessionId, key, actor: caller.id, origin }, c.var.trace),
  )
  if (answer === null) throw noSession()
  return { answer, replayed: false }
}

function namedIn(c: Context<Gateway>): { sessionId: string; paymentId: string } {
  const sessionId = c.req.param('id') ?? ''
  const paymentId = paymentOfSession(sessionId)
  if (paymentId === null) throw noSession()
  c.var.log.session = sessionId
  return { sessionId, paymentId }
}

/** An operator looks at sessions and does not pay them. */
function withoutSecret(json: string): string {
  const { client_secret: _, ...session } = JSON.parse(json) as Record<string, unknown>
  return JSON.stringify(session)
}

const asJson = { 'content-type': 'application/json' }

const noSession = () => new GatewayError({ code: 'not_found', detail: 'There is no such session.' })
