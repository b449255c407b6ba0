import { beforeEach, describe, expect, it } from 'vitest'
import { makeApiKey } from '../../src/crypto/api-keys.ts'
import { allow } from '../../src/http/auth.ts'
import { clearDirectory } from '../../src/store/directory.ts'
import { ADMIN, aDoor } from './door.ts'

/** A door with a route that only says who came in. */
function aGuardedDoor() {
  const door = aDoor()
  door.app.get('/secret-only', allow('secret'), (c) => c.json(c.var.caller))
  return door
}

beforeEach(() => clearDirectory())

describe('a key', () => {
  it('says whose it is and in which mode', async () => {
    const door = aGuardedDoor()
    const merchant = await door.aMerchant()
    for (const livemode of [false, true]) {
      const made = await door.aKey(merchant.id, 'secret', livemode)
      expect(made.key.startsWith(livemode ? 'sk_live_' : 'sk_test_')).toBe(true)
      expect(await door.json(200, '/secret-only', { as: made.key })).toEqual({
        id: made.id,
        kind: 'secret',
        merchantId: merchant.id,
        livemode,
        role: null,
        expiresAt: null,
      })
    }
  })

  it('costs no D1 statement once it is known, and one a minute', async () => {
    const door = aGuardedDoor()
    const { key } = await door.aKey((await door.aMerchant()).id)
    await door.call('/secret-only', { as: key })
    door.statements = 0
    for (let n = 0; n < 10; n++) expect((await door.call('/secret-only', { as: key })).status).toBe(200)
    expect(door.statements).toBe(0)
    door.now += 60_000
    await door.call('/secret-only', { as: key })
    expect(door.statements).toBe(1)
  })

  it('that was invented costs no D1 statement at all', async () => {
    const door = aGuardedDoor()
    const { key } = await door.aKey((await door.aMerchant()).id)
    door.statements = 0
    const mistyped = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')
    for (const as of ['x', `sk_test_${'0'.repeat(56)}`, mistyped, key.replace('test', 'live'), 'sk_test_'])
      expect((await door.call('/secret-only', { as })).status, as).toBe(401)
    expect(door.statements).toBe(0)
  })

  it('with a right checksum that nobody made is asked for once, and not again for a minute', async () => {
    const door = aGuardedDoor()
    const as = makeApiKey('secret', false, crypto.getRandomValues(new Uint8Array(32)))
    for (let n = 0; n < 5; n++) expect((await door.call('/secret-only', { as })).status).toBe(401)
    expect(door.statements).toBe(1)
  })

  it('stops within 60 s of its revocation in an isolate that knew it, and at once in the one that revoked it', async () => {
    const door = aGuardedDoor()
    const merchant = await door.aMerchant()
    const { id, key } = await door.aKey(merchant.id)
    const elsewhere = await door.aKey(merchant.id)
    await door.call('/secret-only', { as: key })
    await door.call('/secret-only', { as: elsewhere.key })
    await door.json(200, `/v1/admin/merchants/${merchant.id}/keys/${id}`, { method: 'DELETE', as: ADMIN })
    expect((await door.call('/secret-only', { as: key })).status).toBe(401)
    // As another isolate would: the row is revoked behind this one's back.
    await door.env.DB.prepare('update keys set revoked_at = ? where id = ?')
      .bind(door.now, elsewhere.id)
      .run()
    door.now += 59_999
    expect((await door.call('/secret-only', { as: elsewhere.key })).status).toBe(200)
    door.now += 1
    expect((await door.call('/secret-only', { as: elsewhere.key })).status).toBe(401)
  })

  it('is not refused but put off, with 503, when D1 cannot be read; and its absence is not remembered', async () => {
    const door = aGuardedDoor()
    const { key } = await door.aKey((await door.aMerchant()).id)
    door.isBroken = true
    const response = await door.call('/secret-only', { as: key })
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.json()).toMatchObject({ code: 'temporarily_unavailable' })
    door.isBroken = false
    expect((await door.call('/secret-only', { as: key })).status).toBe(200)
  })

  it('that was read does not outlive its minute while D1 cannot be read, since it may have been revoked', async () => {
    const door = aGuardedDoor()
    const { key } = await door.aKey((await door.aMerchant()).id)
    await door.call('/secret-only', { as: key })
    door.isBroken = true
    door.now += 59_000
    expect((await door.call('/secret-only', { as: key })).status).toBe(200)
    door.now += 1_000
    expect((await door.call('/secret-only', { as: key })).status).toBe(503)
  })

  it('of another kind is 403 where it is known but not wanted', async () => {
    const door = aGuardedDoor()
    const { key } = await door.aKey((await door.aMerchant()).id, 'publishable')
    expect(await door.json(403, '/secret-only', { as: key })).toMatchObject({ code: 'forbidden' })
  })

  it.each([
    ['nothing', {}],
    ['an empty header', { authorization: '' }],
    ['another scheme', { authorization: 'Basic c2s6' }],
    ['two words', { authorization: 'Bearer a b' }],
    ['a very long text', { authorization: `Bearer ${'x'.repeat(5_000)}` }],
  ])('that is %s is 401, with the same words for every reason', async (_, headers) => {
    const response = await aGuardedDoor().call('/secret-only', { headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({
      code: 'unauthorized',
      detail: expect.stringContaining('Bearer'),
    })
  })

  it('never reaches the log, though its id and the reason of a refusal do', async () => {
    const door = aGuardedDoor()
    const { id, key } = await door.aKey((await door.aMerchant()).id)
    await door.call('/secret-only', { as: key })
    await door.call('/secret-only', { as: 'nonsense' })
    expect(door.lines.join('\n')).not.toContain(key)
    expect(JSON.parse(door.lines.at(-2)!)).toMatchObject({ caller: id, route: '/secret-only', status: 200 })
    expect(JSON.parse(door.lines.at(-1)!)).toMatchObject({ refused: 'key_invented', code: 'unauthorized' })
  })
})

describe('an operator token', () => {
  it('carries its role and its mode, and ends when it says', async () => {
    const door = aDoor()
    door.app.get('/operators', allow('operator'), (c) => c.json(c.var.caller))
    const merchant = await door.aMerchant()
    const expiresAt = new Date(door.now + 30_000).toISOString()
    const body = { name: 'Ani', role: 'viewer', livemode: true, expires_at: expiresAt }
    const made = await door.json(201, `/v1/admin/merchants/${merchant.id}/operators`, { as: ADMIN, body })
    const seen = await door.json(200, '/operators', { as: made.token })
    expect(seen).toEqual({
      id: made.id,
      kind: 'operator',
      merchantId: merchant.id,
      livemode: true,
      role: 'viewer',
      expiresAt: Date.parse(expiresAt),
    })
    door.now += 30_000
    expect((await door.call('/operators', { as: made.token })).status).toBe(401)
  })
})

describe('a publishable key', () => {
  // Nobody opens a session with this: it passes the door and is then refused for want of an Idempotency-Key.
  const path = '/v1/payment-sessions'

  it('works from an allowed origin, whose browser may then read the answer, refusals too', async () => {
    const door = aDoor()
    const { key } = await door.aKey((await door.aMerchant()).id, 'publishable')
    const headers = { origin: 'https://shop.example' }
    const response = await door.call(path, { as: key, body: {}, headers })
    expect(await response.json()).toMatchObject({ code: 'idempotency_key_missing' })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(response.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect(response.headers.get('vary')).toContain('origin')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('works without an origin, as apps and servers send none', async () => {
    const door = aDoor()
    const { key } = await door.aKey((await door.aMerchant()).id, 'publishable')
    const response = await door.call(path, { as: key, body: {} })
    expect(await response.json()).toMatchObject({ code: 'idempotency_key_missing' })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it.each([
    'https://evil.example',
    'http://shop.example',
    'https://shop.example:444',
    'https://shop.example.evil.example',
    'null',
  ])('is 403 from the foreign origin %s, which may not read even that', async (origin) => {
    const door = aGuardedDoor()
    const { key } = await door.aKey((await door.aMerchant()).id, 'publishable')
    const response = await door.call(path, { as: key, body: {}, headers: { origin } })
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(await response.json()).toMatchObject({ code: 'forbidden' })
  })
})

describe('a preflight', () => {
  const ask = { origin: 'https://anybody.example', 'access-control-request-method': 'POST' }

  it.each(['/v1/payment-sessions', '/v1/payment-sessions/ps_1', '/v1/payment-sessions/ps_1/live'])(
    'of the storefront route %s is answered without a key',
    async (path) => {
      const response = await aDoor().call(path, { method: 'OPTIONS', headers: ask })
      expect(response.status).toBe(204)
      expect(response.headers.get('access-control-allow-origin')).toBe('https://anybody.example')
      expect(response.headers.get('access-control-allow-headers')).toContain('idempotency-key')
    },
  )

  it.each(['/v1/admin/merchants', '/v1/payments', '/v1/destinations', '/healthz'])(
    'of %s, which no storefront calls, allows nothing',
    async (path) => {
      const response = await aDoor().call(path, { method: 'OPTIONS', headers: ask })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    },
  )
})

describe('the deployer', () => {
  it.each([undefined, 'wrong', `${ADMIN}x`, ADMIN.slice(1)])(
    'does not come in with the token %s',
    async (as) => {
      expect((await aDoor().call('/v1/admin/merchants', as === undefined ? {} : { as })).status).toBe(401)
    },
  )

  it('does not come in at all where no token is set', async () => {
    const door = aDoor({ ADMIN_TOKEN: '' })
    for (const headers of [{}, { authorization: 'Bearer ' }, { authorization: `Bearer ${ADMIN}` }])
      expect((await door.call('/v1/admin/merchants', { headers })).status).toBe(401)
  })

  it('is not a merchant, nor a merchant the deployer', async () => {
    const door = aGuardedDoor()
    const { key } = await door.aKey((await door.aMerchant()).id)
    expect((await door.call('/v1/admin/merchants', { as: key })).status).toBe(401)
    expect((await door.call('/secret-only', { as: ADMIN })).status).toBe(401)
  })
})

describe('every route under /v1', () => {
  /** Browsers' live connections cannot send a key; the session's client_secret proves them. */
  const withoutKey = ['/v1/payment-sessions/:id/live']

  it('asks who calls before it looks at anything else', async () => {
    const door = aDoor()
    const routes = door.app.routes.filter(
      ({ method, path }) => method !== 'ALL' && path.startsWith('/v1/') && !withoutKey.includes(path),
    )
    expect(routes.length).toBeGreaterThan(20)
    for (const { method, path } of routes) {
      const response = await door.call(path.replaceAll(/:\w+/g, 'x'), { method })
      expect(response.status, `${method} ${path}`).toBe(401)
    }
  })
})
