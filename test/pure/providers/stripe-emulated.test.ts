// Stripe's adapter against an emulator that others wrote. It knows no amounts, so its report must not look like money.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEmulator } from 'emulate'
import { expect, it } from 'vitest'
import { freePort } from '../../../scripts/local/ports.ts'
import type { Fetch } from '../../../src/providers/call.ts'
import { stripe } from '../../../src/providers/stripe.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder, arriving } from '../../providers/order.ts'
import { Desk } from '../../support/desk.ts'

const secret = 'whsec_emulated'

it('opens a checkout at an emulated Stripe, reads its signed report, and takes no missing amount for money', async () => {
  const arrived = Promise.withResolvers<{ headers: Record<string, string>; body: string }>()
  const listener = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
      arrived.resolve({ headers: Object.fromEntries(headers), body: Buffer.concat(chunks).toString() })
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const webhooks = [{ url, events: ['checkout.session.completed'], secret }]
  const emulator = await createEmulator({
    service: 'stripe',
    port: await freePort(),
    seed: { stripe: { webhooks } },
  })
  try {
    const provider = stripe({
      secretKey: 'sk_test_emulated',
      webhookSecrets: [secret],
      fetch: withPrices(emulator.url),
      apiBase: emulator.url,
    })
    const desk = new Desk(provider)
    desk.rig.now = Date.now()
    await desk.open({ money: { amount: 2_000, currency: 'USD' } })
    const { id, references } = desk.rig.session()
    const session = { ...sessionOf(anOrder(), null), sessionId: id, references }
    const { orderId } = desk.rig.payment
    expect(done(await provider.find(session))).toMatchObject({ facts: [], payable: true, orderId })

    const checkout = desk.rig.stored.side.sessions[id]?.checkout
    const page = checkout?.kind === 'redirect' ? checkout.url : ''
    expect(await (await fetch(page)).text()).toContain(orderId)
    await fetch(`${page}/complete`, { method: 'POST', redirect: 'manual' })
    const { headers, body } = await arrived.promise
    const heard = await provider.read(arriving(body, headers), Date.now())
    const named = { reference: references[0], sessionId: id, orderId }
    expect(heard).toMatchObject({
      reports: [{ id: null, named, fact: { type: 'captured', amount: null, currency: null } }],
    })
    expect(done(await provider.find(session)).facts).toEqual([
      { type: 'captured', amount: null, currency: null },
    ])
    expect(await desk.hear(arriving(body, headers))).toEqual(['mismatched'])
    expect([desk.rig.status, desk.rig.exceptions]).toEqual(['pending', ['report_mismatch']])
  } finally {
    await emulator.close()
    listener.close()
  }
})

/** The emulator takes only prices that exist, so each one is made there first. */
const withPrices =
  (base: string): Fetch =>
  async (request) => {
    if (request.method !== 'POST' || !request.url.endsWith('/v1/checkout/sessions')) return fetch(request)
    const form = new URLSearchParams(await request.text())
    const take = (name: string) => {
      const value = form.get(`line_items[0][price_data]${name}`) ?? ''
      form.delete(`line_items[0][price_data]${name}`)
      return value
    }
    const post = async (path: string, fields: Record<string, string>) => {
      const body = new URLSearchParams(fields)
      const answer = await fetch(`${base}${path}`, { method: 'POST', headers: request.headers, body })
      return ((await answer.json()) as { id: string }).id
    }
    const product = await post('/v1/products', { name: take('[product_data][name]') })
    const price = await post('/v1/prices', {
      product,
      currency: take('[currency]'),
      unit_amount: take('[unit_amount]'),
    })
    form.set('line_items[0][price]', price)
    return fetch(request.url, { method: 'POST', headers: request.headers, body: form })
  }
