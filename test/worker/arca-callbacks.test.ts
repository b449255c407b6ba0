/** Callbacks of a BPC bank over HTTP: they reach their payment by its order number, and count only under a checksum. */

import { exports } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import bpc from '../providers/bpc-signed.json' with { type: 'json' }
import { ADMIN } from './door.ts'
import { aTill, type Json, ORIGIN } from './till.ts'

const key = 'made-up-callback-key'

afterEach(() => {
  vi.restoreAllMocks()
})

/** The bank behind the network: it registers everything, and says that it was paid. */
function aBank() {
  const asked: { method: string; orderNumber: string }[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) => {
    const { url } = request as Request
    const form = new URLSearchParams(await (request as Request).text())
    const orderNumber = form.get('orderNumber') ?? ''
    asked.push({ method: url.slice(url.lastIndexOf('/') + 1), orderNumber })
    if (url.endsWith('register.do'))
      return Response.json({ orderId: `md-${orderNumber}`, formUrl: 'https://bank.example/pay' })
    return Response.json({ errorCode: '0', orderStatus: 2, amount: 1_000, currency: '051' })
  })
  return asked
}

async function aShop(callbackKey?: string) {
  const till = await aTill()
  const credentials = { username: 'u', password: 'p', ...(callbackKey && { callback_key: callbackKey }) }
  const path = `/v1/admin/merchants/${till.merchantId}/connections`
  const body = { provider: 'arca', livemode: false, credentials }
  const connection = await till.json(201, path, { as: ADMIN, body })
  const session = await till.open({ connection_id: connection.id })
  return { till, session, connection }
}

function callback({ connection, session }: { connection: Json; session: Json }, amount: number, by?: string) {
  const mdOrder: string = session.provider_reference
  const fields = {
    amount: String(amount),
    mdOrder,
    operation: 'deposited',
    orderNumber: mdOrder.slice(3),
    status: '1',
  }
  const text = Object.entries(fields)
    .map(([name, value]) => `${name};${value};`)
    .join('')
  const checksum = by && createHmac('sha256', by).update(text).digest('hex').toUpperCase()
  const query = new URLSearchParams({ ...fields, ...(checksum && { checksum }) })
  return exports.default.fetch(`${ORIGIN}/webhooks/arca/${connection.id}?${query}`)
}

describe('a callback of an ArCa bank', () => {
  it('that is signed pays its payment, once however often it comes, and the bank need not be asked', async () => {
    const asked = aBank()
    const shop = await aShop(key)
    for (let times = 0; times < 2; times++) expect((await callback(shop, 1_000, key)).status).toBe(200)
    expect(await shop.till.paymentOf(shop.session)).toMatchObject({ status: 'paid', open_exceptions: 0 })
    expect(asked.map(({ method }) => method)).toEqual(['register.do'])
    const events = await shop.till.eventsOf(shop.session.payment_id)
    expect(events.filter((type) => type === 'payment.paid')).toHaveLength(1)
  })

  it('that tells another amount than before is not taken for a repeat, though a GET has no body', async () => {
    aBank()
    const shop = await aShop(key)
    await callback(shop, 1_000, key)
    await callback(shop, 2_000, key)
    expect(await shop.till.paymentOf(shop.session)).toMatchObject({ status: 'paid', open_exceptions: 1 })
  })

  it('under another key changes nothing', async () => {
    const asked = aBank()
    const shop = await aShop(key)
    expect((await callback(shop, 1_000, 'of somebody else')).status).toBe(401)
    expect((await callback(shop, 1_000)).status).toBe(401)
    expect(await shop.till.paymentOf(shop.session)).toMatchObject({ status: 'pending' })
    expect(asked).toHaveLength(1)
  })

  it('is verified in the runtime under the bank’s own key too, and a changed one is not', async () => {
    aBank()
    const { connection } = await aShop(bpc.public_key)
    const sends = (change: object) =>
      exports.default.fetch(`${ORIGIN}/webhooks/arca/${connection.id}`, {
        method: 'POST',
        body: new URLSearchParams({ ...bpc.fields, ...change }),
      })
    expect([(await sends({})).status, (await sends({ amount: '1' })).status]).toEqual([200, 401])
  })

  it('that the bank does not sign makes us ask, and only what the bank answers counts', async () => {
    aBank()
    const shop = await aShop()
    expect((await callback(shop, 7)).status).toBe(200)
    await vi.waitFor(
      async () => expect(await shop.till.paymentOf(shop.session)).toMatchObject({ status: 'paid' }),
      { timeout: 20_000, interval: 200 },
    )
    expect(await shop.till.paymentOf(shop.session)).toMatchObject({
      amount_captured: 1_000,
      open_exceptions: 0,
    })
  })
})
