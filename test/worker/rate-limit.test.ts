import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeApiKey } from '../../src/crypto/api-keys.ts'
import { signatureHeaders } from '../../src/crypto/standard-webhooks.ts'
import type { Env } from '../../src/env.ts'
import { questionsOf } from '../../src/payment/side.ts'
import { storageOf } from '../../src/payment/sqlite.ts'
import { load } from '../../src/payment/storage.ts'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { clearDirectory } from '../../src/store/directory.ts'
import { ADMIN, aDoor, type Call, credentials } from './door.ts'
import { inside } from './till.ts'

type Temper = 'counts' | 'throws'

/** A counter that lets `most` through for each key, and remembers whom it was asked about. */
function aLimit(most: number, temper: Temper = 'counts') {
  const seen = new Map<string, number>()
  return {
    seen,
    async limit({ key }: { key: string }) {
      if (temper === 'throws') throw new Error('the counter is broken by the test')
      seen.set(key, (seen.get(key) ?? 0) + 1)
      return { success: seen.get(key)! <= most }
    },
  }
}

interface Limits {
  keys?: ReturnType<typeof aLimit>
  addresses?: ReturnType<typeof aLimit>
  hints?: ReturnType<typeof aLimit>
  on?: boolean
}

async function aLimitedDoor({
  keys = aLimit(1e6),
  addresses = aLimit(1e6),
  hints = aLimit(1e6),
  on = true,
}: Limits) {
  const settings: Partial<Env> = { KEY_LIMIT: keys, ADDRESS_LIMIT: addresses, HINT_LIMIT: hints }
  const door = aDoor({ ...settings, RATE_LIMITS: on ? 'true' : 'false' })
  door.now = Date.now()
  // What the test needs is made through a door that counts nobody, so that counting begins with the test.
  const maker = aDoor()
  const { id } = await maker.aMerchant()
  const [secret, publishable] = [(await maker.aKey(id)).key, (await maker.aKey(id, 'publishable')).key]
  const connection = await maker.aConnection(id)
  return { ...door, door, merchantId: id, secret, publishable, connectionId: connection.id as string }
}

const order = (order_id: string) => ({
  ...{ order_id, amount: 100, currency: 'AMD', return_url: 'https://shop.example/done' },
})
let orders = 0
const opening = (as: string, more: Call = {}): Call => {
  const body = order(`L-${++orders}`)
  return { as, body, ...more, headers: { 'idempotency-key': `k-${orders}`, ...more.headers } }
}
const from = (address: string) => ({ headers: { 'cf-connecting-ip': address } })

beforeEach(() => clearDirectory())
afterEach(() => vi.restoreAllMocks())

describe('a key', () => {
  it('that writes too often is 429 with Retry-After, before anything is done; another key goes on', async () => {
    const keys = aLimit(2)
    const { call, door, secret, merchantId } = await aLimitedDoor({ keys })
    for (let n = 0; n < 2; n++) expect((await call('/v1/payment-sessions', opening(secret))).status).toBe(201)
    const refused = await call('/v1/payment-sessions', opening(secret))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
    expect(await refused.json()).toMatchObject({ code: 'rate_limited', status: 429 })
    expect(JSON.parse(door.lines.at(-1)!)).toMatchObject({ limited: 'key', code: 'rate_limited' })
    expect((await call(`/v1/payments?order_id=L-${orders}`, { as: secret })).status).toBe(200)
    const { key } = await aDoor().aKey(merchantId)
    expect((await call('/v1/payment-sessions', opening(key))).status).toBe(201)
  })

  it('of an administrator is counted like any other, and never as a guess at the admin token', async () => {
    const { call, merchantId } = await aLimitedDoor({ keys: aLimit(1), addresses: aLimit(0) })
    const path = `/v1/admin/merchants/${merchantId}`
    const body = { name: 'Ani', role: 'admin', livemode: false }
    const { token: as } = await aDoor().json(201, `${path}/operators`, { as: ADMIN, body })
    const make = () => call(`${path}/keys`, { as, body: { kind: 'secret', livemode: false } })
    expect([(await make()).status, (await make()).status]).toEqual([201, 429])
    expect((await call(`${path}/keys`, { as })).status).toBe(200)
    expect((await call(`${path}/keys`, { as: ADMIN })).status).toBe(429)
  })

  it('reads as often as it likes', async () => {
    const keys = aLimit(0)
    const { call, secret } = await aLimitedDoor({ keys })
    for (const path of ['/v1/payments', '/v1/destinations', '/v1/events'])
      expect((await call(path, { as: secret })).status).toBe(200)
    expect(keys.seen.size).toBe(0)
  })

  it('is let through by a counter that fails, and by a deployment that counts nobody', async () => {
    const broken = await aLimitedDoor({ keys: aLimit(0, 'throws'), addresses: aLimit(0, 'throws') })
    expect((await broken.call('/v1/payment-sessions', opening(broken.secret))).status).toBe(201)
    expect(JSON.parse(broken.door.lines.at(-1)!)).toMatchObject({ limit_failed: 'Error' })
    const off = await aLimitedDoor({ keys: aLimit(0), addresses: aLimit(0), on: false })
    expect((await off.call('/v1/payment-sessions', opening(off.secret))).status).toBe(201)
    expect((await off.call('/v1/payments')).status).toBe(401)
  })

  it('that is publishable is counted by address, so that one visitor cannot shut the store', async () => {
    const addresses = aLimit(1)
    const { call, publishable } = await aLimitedDoor({ addresses })
    const ask = (address: string) => {
      const headers = { ...from(address).headers, origin: 'https://shop.example' }
      const body = { order_id: 'P-1', return_url: 'https://shop.example/done' }
      return call('/v1/payment-sessions', opening(publishable, { body, headers }))
    }
    expect((await ask('192.0.2.1')).status).toBe(422)
    const refused = await ask('192.0.2.1')
    expect(refused.status).toBe(429)
    // Its page may read why, and when to come back.
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect((await ask('192.0.2.2')).status).toBe(422)
  })
})

describe('an address', () => {
  it('whose keys are refused too often is 429, while a good key from there still works', async () => {
    const { call, secret } = await aLimitedDoor({ addresses: aLimit(2) })
    const invented = () => makeApiKey('secret', false, crypto.getRandomValues(new Uint8Array(32)))
    const statuses: number[] = []
    for (let n = 0; n < 3; n++) statuses.push((await call('/v1/payments', { as: invented() })).status)
    expect(statuses).toEqual([401, 401, 429])
    expect((await call('/v1/payments')).status).toBe(429)
    expect((await call('/v1/payments', { as: secret })).status).toBe(200)
    expect((await call('/v1/payments', { as: invented(), ...from('192.0.2.9') })).status).toBe(401)
  })

  it('that tries admin tokens is stopped before its guess is looked at, also the right one', async () => {
    const { call } = await aLimitedDoor({ addresses: aLimit(3) })
    const statuses: number[] = []
    for (const as of ['a', 'b', 'c', ADMIN]) statuses.push((await call('/v1/admin/merchants', { as })).status)
    expect(statuses).toEqual([401, 401, 401, 429])
    expect((await call('/v1/admin/merchants', { as: ADMIN, ...from('192.0.2.9') })).status).toBe(200)
  })

  it.each([
    ['GET', '/pay/ps_x'],
    ['GET', '/return/ps_x'],
    ['POST', '/return/ps_x'],
    ['GET', '/v1/payment-sessions/ps_x/live?client_secret=x'],
  ])('that comes too often to %s %s is 429', async (method, path) => {
    const { call } = await aLimitedDoor({ addresses: aLimit(1) })
    const visit = (address: string) => call(path, { method, ...from(address) }).then(({ status }) => status)
    expect([await visit('192.0.2.1'), await visit('192.0.2.1')]).toEqual([404, 429])
    expect(await visit('192.0.2.2')).toBe(404)
  })

  it('of IPv6 is its first 64 bits, however it is spelled', async () => {
    const addresses = aLimit(1e6)
    const { call } = await aLimitedDoor({ addresses })
    for (const address of [
      '2001:db8:1:2::1',
      '2001:0DB8:0001:0002:ffff:0:0:9',
      '2001:db8:1:3::1',
      '192.0.2.1',
    ])
      await call('/pay/ps_x', from(address))
    expect([...addresses.seen]).toEqual([
      ['pay 2001:db8:1:2', 2],
      ['pay 2001:db8:1:3', 1],
      ['pay 192.0.2.1', 1],
    ])
  })

  it('is let through to its checkout by a counter that fails', async () => {
    const { call } = await aLimitedDoor({ addresses: aLimit(0, 'throws') })
    expect((await call('/pay/ps_x')).status).toBe(404)
    expect((await call('/v1/payments')).status).toBe(401)
  })
})

describe('a report', () => {
  /** One about this session, signed at this age. */
  async function told(door: Awaited<ReturnType<typeof aLimitedDoor>>, session: object, ageSeconds = 0) {
    const { id, order_id, provider_reference: reference } = session as Record<string, string>
    const said = { reference, order_id, session_id: id, amount: 100, currency: 'AMD' }
    const body = JSON.stringify({ type: 'payment.captured', timestamp: '', data: said })
    const at = Math.floor(Date.now() / 1_000) - ageSeconds
    const headers = await signatureHeaders(credentials.webhook_secrets, `rpt_${ageSeconds}`, at, body)
    return door.call(`/webhooks/sandbox/${door.connectionId}`, { body, headers })
  }

  it('that is signed is never counted, whatever the counters say', async () => {
    for (const temper of ['counts', 'throws'] as const) {
      const none = () => aLimit(0, temper)
      const door = await aLimitedDoor({ addresses: none(), hints: none() })
      const session = await door.json(201, '/v1/payment-sessions', opening(door.secret))
      expect((await told(door, session)).status).toBe(200)
      const paid = await door.json(200, `/v1/payments/${session.payment_id}`, { as: door.secret })
      expect(paid.status).toBe('paid')
    }
  })

  it.each([
    ['within its limit makes the gateway ask', aLimit(1), 1],
    ['over its limit is answered as usual and dropped', aLimit(0), 0],
    ['that nobody can count is answered as usual and dropped', aLimit(0, 'throws'), 0],
  ])('without a fresh signature %s', async (_, hints, asked) => {
    const door = await aLimitedDoor({ hints })
    const session = await door.json(201, '/v1/payment-sessions', opening(door.secret))
    const standing = vi.spyOn(SandboxBook.prototype, 'standing')
    const response = await told(door, session, 3_600)
    expect([response.status, await response.json()]).toEqual([401, { received: false }])
    expect(JSON.parse(door.door.lines.at(-1)!).limited).toBe(asked === 0 ? 'hint' : undefined)
    if (asked > 0) await vi.waitFor(() => expect(standing).toHaveBeenCalled(), 20_000)
    else expect(await meansToAsk(session.payment_id)).toBe(false)
  })

  it('of PayPal that names a certificate which is new here counts, so that forgers cannot make us fetch without end', async () => {
    const { door, merchantId } = await aLimitedDoor({ hints: aLimit(2) })
    const ids = { client_id: 'made-up-client-id', client_secret: 'made-up-client-secret' }
    const credentials = { ...ids, webhook_id: '1JE4291016473214C' }
    const { id } = await aDoor().aConnection(merchantId, { provider: 'paypal', credentials })
    for (let nth = 0; nth < 4; nth++) {
      const headers = {
        'paypal-transmission-id': 'id',
        'paypal-transmission-time': '2026-11-22T12:00:00Z',
        'paypal-transmission-sig': 'bm9uZQ==',
        'paypal-auth-algo': 'SHA256withRSA',
        'paypal-cert-url': `https://api.sandbox.paypal.com/v1/notifications/certs/CERT-${nth}`,
      }
      expect((await door.call(`/webhooks/paypal/${id}`, { body: {}, headers })).status).toBe(401)
    }
    const fetched = 'the certificate could not be fetched'
    const spared = 'too many certificates to fetch'
    const why = door.lines.map((line) => JSON.parse(line).why).filter((said) => said !== undefined)
    expect(why).toEqual([fetched, fetched, spared, spared])
  })

  /** Whether the object means to ask the provider within the next minute. */
  function meansToAsk(paymentId: string): Promise<boolean> {
    return inside(paymentId, ({ storage }) => {
      const { side } = load(storageOf(storage)) ?? {}
      return side !== undefined && questionsOf(side).some(([, { at }]) => at < Date.now() + 60_000)
    })
  }
})

it('the platform’s own counters count, as wrangler.toml sets them', async () => {
  const door = aDoor({ RATE_LIMITS: 'true' })
  const statuses = new Set<number>()
  for (let n = 0; n < 101; n++) statuses.add((await door.call('/pay/ps_x', from('192.0.2.77'))).status)
  // The window may turn in between, and then a second hundred fills it.
  for (let n = 0; n < 100 && !statuses.has(429); n++)
    statuses.add((await door.call('/pay/ps_x', from('192.0.2.77'))).status)
  expect([...statuses]).toEqual([404, 429])
  expect(await env.KEY_LIMIT.limit({ key: 'a' })).toEqual({ success: true })
})
