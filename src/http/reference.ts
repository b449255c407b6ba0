/**
 * `/openapi.json` and the page at `/docs` that shows it. Both are made when the Worker is built (scripts/make-public.ts) and
 * lie beside it as static assets, so that neither they nor what makes them weighs on a payment's request.
 */
import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import { base32 } from '../domain/ids.ts'
import { asset } from './asset.ts'
import type { Gateway } from './gateway.ts'

export const reference = new Hono<Gateway>()
  .get('/openapi.json', (c) => asset(c, '/openapi.json', { 'access-control-allow-origin': '*' }))
  .get('/docs', (c) => {
    const nonce = base32(crypto.getRandomValues(new Uint8Array(17)), 26)
    c.header('content-security-policy', policyWith(nonce))
    return c.html(page(nonce))
  })
  .get('/docs/reference.js', (c) => asset(c, '/docs/reference.js'))

/** The reference's script makes styles of its own, of which not all can carry a nonce; scripts must. */
const policyWith = (nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** Nothing is fetched from elsewhere: no fonts, no telemetry, no assistant, no proxy for trying calls. */
const settings = JSON.stringify({
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
})

const page = (nonce: string) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Tollgate API</title>
</head>
<body>
<div id="reference"></div>
<noscript>This page needs JavaScript. The same, for machines: <a href="/openapi.json">openapi.json</a></noscript>
<script nonce="${nonce}" src="/docs/reference.js"></script>
<script nonce="${nonce}">Scalar.createApiReference('#reference', ${raw(settings)})</script>
</body>
</html>`
