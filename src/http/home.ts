/** The page at `/` of a local system: what to click to see it work. A deployment has nothing there. */
import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import { GatewayError } from '../domain/errors.ts'
import type { Gateway } from './gateway.ts'

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 42rem; padding: 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem }
li { margin: .4rem 0 } pre { overflow-x: auto; border: 1px solid #767676; border-radius: .4rem; padding: .75rem }
.main { display: inline-block; padding: .6rem 1.2rem; background: #1a5fb4; border-radius: .4rem; color: #fff; font-weight: bold }
:focus-visible { outline: 3px solid #e66100; outline-offset: 2px }
`

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const systems = ['crm', 'erp', 'fiscal', 'notification']

export const home = new Hono<Gateway>().get('/', (c) => {
  const { LOCAL, DEMO_URL } = c.var.settings
  if (!LOCAL) throw new GatewayError({ code: 'not_found', detail: 'There is nothing at this address.' })
  c.header('content-security-policy', policy)
  c.header('cache-control', 'no-store')
  return c.html(homePage(c.var.origin, DEMO_URL))
})

function homePage(origin: string, demo: string) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>Tollgate, running locally</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>Tollgate is running</h1>
<p>It opens payment sessions for orders, hears what payment providers report, and tells business systems about it.
Everything here is test mode: no real money moves.</p>
${demo === '' ? withoutDemo : walk(demo)}
<h2>Look inside</h2>
<ul>
<li><a href="/healthz">/healthz</a>: is it up</li>
<li>The keys and all addresses are in <code>dev.json</code>, whose place <code>npm start</code> has printed. With the secret key
from there:
<pre>curl -s ${origin}/v1/payments -H "authorization: Bearer $SECRET_KEY"
curl -s ${origin}/v1/deliveries -H "authorization: Bearer $SECRET_KEY"</pre></li>
</ul>
</main>
</body>
</html>`
}

/** `npm run dev` runs the gateway alone. */
const withoutDemo = html`<p>The demo store and its business systems come with <code>npm start</code>.</p>`

function walk(demo: string) {
  return html`<h2>Buy something</h2>
<p><a class="main" href="${demo}/">Open the demo store</a></p>
<ol>
<li>The store sends its cart to the gateway, which asks the store's back end what it costs and opens a session.</li>
<li>At the checkout you pay, decline or cancel; at the sandbox you choose how its report travels: late, repeated, lost or forged.</li>
<li>Back in the store the page says "confirming" until the gateway knows, and the order shows which business system has heard.</li>
</ol>
<p>Each provider but the sandbox is a simulator on this machine, written from the provider's protocol. It forgets its
checkouts when the system stops; what the gateway knows of them stays.</p>
<h2>What the business systems received</h2>
<ul>${systems.map((name) => html`<li><a href="${demo}/${name}/received">${name}</a></li>`)}</ul>
<p>Let one of them fail three times, buy again, and watch the event arrive later:</p>
<pre>curl -X PUT ${demo}/crm/behaviour -d '{"mode":"fail","times":3}'</pre>`
}
