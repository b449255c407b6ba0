/**
 * What a customer's browser passes on its way: `/pay/{session}` to the provider, `/return/{session}` back to the store.
 * Neither believes a word of what the browser brings; the return only makes the gateway ask the provider.
 */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { GatewayError } from '../domain/errors.ts'
import { base32, paymentOfSession } from '../domain/ids.ts'
import { ask } from '../payment/ask.ts'
import { providersOf } from '../payment/providers.ts'
import type { Way } from '../payment/reading.ts'
import { atPayment, openerAt } from '../payment/stub.ts'
import type { Gateway } from './gateway.ts'
import { perAddress } from './rate-limit.ts'

export const pay = new Hono<Gateway>()
  .get('/pay/:session', perAddress('pay'), async (c) => {
    const { sessionId, way } = await wayOf(c)
    if (way.inDoubt || !(way.state === 'open' || way.state === 'opening'))
      return backToStore(c, sessionId, way)
    if (way.checkout === null) return tryLater(c)
    if (way.checkout.kind === 'redirect') return c.redirect(way.checkout.url, 303)
    return form(c, way.checkout.action, way.checkout.fields)
  })
  .on(['GET', 'POST'], '/return/:session', perAddress('return'), async (c) => {
    const { sessionId, paymentId } = await wayOf(c)
    const worthAsking = await atPayment(c.env, paymentId, async (stub) => stub.subjectToAsk(sessionId))
    if (worthAsking !== null)
      // The customer is sent on whatever the provider says, or does not say.
      await ask(
        openerAt(c.env, paymentId, c.var.trace),
        providersOf(c.env, c.var.now, c.var.origin),
        sessionId,
      ).catch((error) => {
        c.var.log.ask_failed = error instanceof Error ? error.name : 'unknown'
      })
    const { way } = await wayOf(c)
    return backToStore(c, sessionId, way)
  })

async function wayOf(c: Context<Gateway>): Promise<{ sessionId: string; paymentId: string; way: Way }> {
  const sessionId = c.req.param('session') ?? ''
  const paymentId = paymentOfSession(sessionId)
  const way =
    paymentId === null ? null : await atPayment(c.env, paymentId, async (stub) => stub.way(sessionId))
  if (paymentId === null || way === null)
    throw new GatewayError({ code: 'not_found', detail: 'There is no such session.' })
  c.var.log.session = sessionId
  return { sessionId, paymentId, way }
}

const ends = new Set(['failed', 'canceled', 'expired'])

function backToStore(c: Context<Gateway>, sessionId: string, way: Way): Response {
  const address = ends.has(way.state) ? (way.cancelUrl ?? way.returnUrl) : way.returnUrl
  const target = new URL(address)
  target.searchParams.set('session_id', sessionId)
  target.searchParams.set('order_id', way.orderId)
  return c.redirect(target.toString(), 303)
}

function tryLater(c: Context<Gateway>) {
  c.header('refresh', '3')
  c.header('retry-after', '3')
  return c.html(
    html`<!doctype html><html lang="en"><meta charset="utf-8"><title>One moment</title>
<p>The checkout is being prepared. This page tries again by itself in a few seconds.</p></html>`,
    503,
  )
}

/** Some providers take no redirect but a form, which the customer's browser posts. */
function form(c: Context<Gateway>, action: string, fields: Record<string, string>) {
  const nonce = base32(crypto.getRandomValues(new Uint8Array(17)), 26)
  c.header(
    'content-security-policy',
    `default-src 'none'; script-src 'nonce-${nonce}'; form-action ${new URL(action).origin}; frame-ancestors 'none'; base-uri 'none'`,
  )
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return c.html(html`<!doctype html><html lang="en"><meta charset="utf-8"><title>To the checkout</title>
<form id="checkout" method="post" action="${action}">${inputs}<button>Continue to the checkout</button></form>
<script nonce="${nonce}">document.getElementById('checkout').submit()</script></html>`)
}
