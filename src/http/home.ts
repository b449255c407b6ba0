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
button, select { font: inherit; min-height: 2.75rem; padding: .25rem 1rem }
button { background: #1a5fb4; border: 2px solid #1a5fb4; border-radius: .4rem; color: #fff; font-weight: bold; cursor: pointer }
:focus-visible { outline: 3px solid #e66100; outline-offset: 2px }
`

// No `form-action`: browsers apply it to redirects too, and buying leads through the demo shop and back to here.
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const systems = ['crm', 'erp', 'fiscal', 'notification']
const currencies = ['AMD', 'USD', 'EUR', 'JPY', 'KWD']

export const home = new Hono<Gateway>().get('/', (c) => {
  const { LOCAL, DEMO_URL, DEMO_PROVIDERS } = c.var.settings
  if (!LOCAL) throw new GatewayError({ code: 'not_found', detail: 'There is nothing at this address.' })
  c.header('content-security-policy', policy)
  c.header('cache-control', 'no-store')
  return c.html(homePage(c.var.origin, DEMO_URL, DEMO_PROVIDERS))
})

function homePage(origin: string, demo: string, providers: readonly string[]) {
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
${demo === '' ? withoutDemo : walk(demo, providers)}
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
const withoutDemo = html`<p>The demo shop and its business systems come with <code>npm start</code>.</p>`

function walk(demo: string, providers: readonly string[]) {
  return html`<h2>Buy something</h2>
<form method="post" action="${demo}/demo/buy">
<p><label for="currency">One bag of coffee, paid in</label>
<select id="currency" name="currency">${currencies.map((code) => html`<option>${code}</option>`)}</select>
<label for="provider">at</label>
<select id="provider" name="provider">${['sandbox', ...providers].map((name) => html`<option>${name}</option>`)}</select>
<button>Buy</button></p>
</form>
<p>Each provider but the sandbox is a simulator on this machine, written from the provider's protocol. It forgets its
checkouts when the system stops; what the gateway knows of them stays.</p>
<ol>
<li>The demo shop's back end opens a session with its secret key and sends you to the checkout.</li>
<li>There you pay, decline or cancel; at the sandbox you choose how its report travels: late, repeated, lost or forged.</li>
<li>Back in the shop you see the payment's status, and which business system has heard of it.</li>
</ol>
<h2>What the business systems received</h2>
<ul>${systems.map((name) => html`<li><a href="${demo}/${name}/received">${name}</a></li>`)}</ul>
<p>Let one of them fail three times, buy again, and watch the event arrive later:</p>
<pre>curl -X PUT ${demo}/crm/behaviour -d '{"mode":"fail","times":3}'</pre>`
}
