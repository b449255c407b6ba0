/**
 * The demo merchant's back end: it opens a session with the secret key when somebody presses "Buy", and afterwards shows
 * what became of the order and which business system heard of it. It uses the public API and nothing else.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Received } from './received.ts'
import { html, page, type Raw } from './shop-page.ts'

export interface ShopSetup {
  gateway: string
  /** This shop's own address. */
  url: string
  secretKey: string
  /** Connections to pay through besides the default one, by the provider's name. */
  connections: Record<string, string>
  /** What a business system received of a payment. */
  received(system: string, paymentId: string): Received[]
}

/** What a purchase costs in each currency, in minor units. */
const prices: Record<string, number> = { AMD: 1_250_000, USD: 2_999, EUR: 2_500, JPY: 4_000, KWD: 7_500 }
const systems = ['crm', 'erp', 'fiscal', 'notification']

/** Answers the request when it is for the shop; otherwise says false. */
export async function serveShop(
  setup: ShopSetup | null,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'http://shop')
  const route = `${request.method} ${url.pathname}`
  if (!['GET /', 'POST /demo/buy', 'GET /demo/order'].includes(route)) return false
  if (!setup) show(response, 503, page('The shop is still starting', html`<p>Try again in a moment.</p>`))
  else if (route === 'GET /') redirect(response, `${setup.gateway}/`)
  else if (route === 'POST /demo/buy') await buy(setup, response, new URLSearchParams(body))
  else await showOrder(setup, response, url.searchParams.get('session_id') ?? '')
  return true
}

async function buy(setup: ShopSetup, response: ServerResponse, wanted: URLSearchParams): Promise<void> {
  const currency = wanted.get('currency') ?? 'AMD'
  const amount = prices[currency]
  const connection = setup.connections[wanted.get('provider') ?? '']
  const orderId = `DEMO-${Date.now().toString(36).toUpperCase()}`
  const opened = await call(setup, 'POST', '/v1/payment-sessions', {
    order_id: orderId,
    amount: amount ?? prices.AMD,
    currency: amount === undefined ? 'AMD' : currency,
    description: 'A bag of coffee',
    ...(connection !== undefined && { connection_id: connection }),
    return_url: `${setup.url}/demo/order`,
    cancel_url: `${setup.url}/demo/order`,
  })
  if (typeof opened.body.checkout_url === 'string') return redirect(response, opened.body.checkout_url)
  const what = html`<p>The gateway answered ${opened.status}:</p><pre>${JSON.stringify(opened.body, null, 2)}</pre>`
  show(response, 502, page('The session did not open', what))
}

async function showOrder(setup: ShopSetup, response: ServerResponse, sessionId: string): Promise<void> {
  const session = await call(setup, 'GET', `/v1/payment-sessions/${encodeURIComponent(sessionId)}`)
  const paymentId = session.body.payment_id
  if (typeof paymentId !== 'string') {
    return show(
      response,
      404,
      page('No such order', html`<p><a href="${setup.gateway}/">Back to the start</a></p>`),
    )
  }
  const payment = await call(setup, 'GET', `/v1/payments/${paymentId}`)
  const rows = systems.map((system) => rowOf(system, setup.received(system, paymentId)))
  const what = html`
    <p>Order <b>${String(payment.body.order_id)}</b> is <b>${String(payment.body.status)}</b>
    (payment <code>${paymentId}</code>).</p>
    <table><caption>What each business system has received of it</caption>
    <tr><th scope="col">System</th><th scope="col">Events, in order</th></tr>${rows}</table>
    <p>This page looks again every three seconds. <a href="${setup.gateway}/">Buy something else</a></p>`
  show(response, 200, page('Thank you', what, 3))
}

function rowOf(system: string, events: Received[]): Raw {
  const first = events.filter((event) => !event.duplicate)
  const types = first.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0)).map((event) => event.type)
  return html`<tr><th scope="row">${system}</th><td>${types.join(' → ') || 'nothing yet'}</td></tr>`
}

async function call(setup: ShopSetup, method: string, path: string, body?: Record<string, unknown>) {
  const answer = await fetch(`${setup.gateway}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${setup.secretKey}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json().catch(() => ({}))) as Record<string, unknown> }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location }).end()
}

function show(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    })
    .end(text)
}
