import { env, exports } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { providerFor } from '../../src/providers/index.ts'
import { ADMIN, aDoor } from './door.ts'
import { anOrder, secret } from './sandbox-shop.ts'

const origin = 'https://pay.example'

async function aConnection() {
  const door = aDoor()
  const merchant = await door.aMerchant()
  const credentials = { webhook_secrets: [secret] }
  const body = { provider: 'sandbox', livemode: false, credentials }
  const made = await door.json(201, `/v1/admin/merchants/${merchant.id}/connections`, { as: ADMIN, body })
  return { id: made.id as string, provider: 'sandbox', livemode: false, credentials, settings: {} }
}

it('a click on the page the Worker serves is reported to the Worker, which takes the report', async () => {
  const connection = await aConnection()
  const provider = providerFor(env, connection, origin)
  const order = anOrder({
    returnUrl: `${origin}/healthz`,
    webhookUrl: `${origin}/webhooks/sandbox/${connection.id}`,
  })
  const opened = await provider.open(order)
  if (opened.kind !== 'done' || opened.value.checkout.kind !== 'redirect')
    throw new Error(JSON.stringify(opened))
  const { url } = opened.value.checkout
  const shown = await exports.default.fetch(url)
  expect(shown.headers.get('content-security-policy')).toContain("style-src 'sha256-")
  expect(await shown.text()).toContain(order.orderId)

  const body = new URLSearchParams({ choice: 'pay' })
  const clicked = await exports.default.fetch(url, { method: 'POST', body, redirect: 'manual' })
  expect([clicked.status, clicked.headers.get('location')]).toEqual([303, order.returnUrl])
  await vi.waitFor(async () => {
    const after = await (await exports.default.fetch(url)).text()
    expect(after).toContain('<td>payment.captured</td><td>1</td><td>200</td>')
  })
})

it('the sandbox opens no checkout for a request from outside', async () => {
  const response = await exports.default.fetch(`${origin}/sandbox/api/checkouts`, {
    method: 'POST',
    body: '{}',
  })
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ error: { code: 'unknown_checkout' } })
})
