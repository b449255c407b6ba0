// What somebody can do with a publishable key, which stands in the page's source for everybody to read.
import { createHmac } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { makeApiKey } from '../../src/crypto/api-keys.ts'
import { toBase64Url } from '../../src/crypto/base64.ts'
import { mintOrderToken, type SignedOrder } from '../../src/crypto/order-token.ts'
import { ADMIN } from './door.ts'
import { holdings, judged, routes } from './hostile.ts'
import { aKey, anOrderId, aTill, click, holdsNothing, type Json, SHOP, type Till } from './till.ts'

let till: Till
let other: Till
let liveStorefront: string
let signing: { test: string; live: string }

beforeAll(async () => {
  till = await aTill()
  other = await aTill()
  liveStorefront = (await till.door.aKey(till.merchantId, 'publishable', true)).key
  const rotated = `/v1/admin/merchants/${till.merchantId}/rotate-order-signing-secret`
  signing = (await till.door.json(200, rotated, { as: ADMIN, method: 'POST' })).order_signing_secrets
})

afterEach(() => vi.restoreAllMocks())

/** A page that knows the publishable key asks for a session. */
async function ask(body: object, more: { as?: string; key?: string } = {}): Promise<Json> {
  const sent = { return_url: `${SHOP}/done`, ...body }
  const response = await till.call('/v1/payment-sessions', {
    ...{ as: till.publishable, key: aKey(), headers: { origin: SHOP }, ...more },
    body: sent,
  })
  const answer = await judged(response, Date.now(), JSON.stringify(sent))
  return { status: response.status, body: answer, code: answer.code }
}

const register = (order_id: string, access: 'open' | 'token', amount = 1_000): Promise<Json> =>
  till.json(201, `/v1/orders/${order_id}`, { method: 'PUT', body: { amount, currency: 'AMD', access } })

const journalOf = async (session: Json): Promise<string[]> =>
  (await till.json(200, `/v1/payments/${session.payment_id}/journal`)).data.map(({ type }: Json) => type)

describe('a stranger’s order', () => {
  it('that the back end opened is neither locked, read nor ended without its token or secret', async () => {
    const session = await till.open()
    const before = await journalOf(session)
    for (const body of [
      { order_id: session.order_id },
      { order_id: session.order_id, new_attempt: true },
      { order_id: session.order_id, client_secret: 'guess' },
      { order_id: session.order_id, client_secret: '0'.repeat(50), new_attempt: true },
      { order_id: session.order_id, client_secret: session.id },
    ]) {
      const { status, code, body: problem } = await ask(body)
      expect([status, code]).toEqual([409, 'order_locked'])
      expect(JSON.stringify(problem)).not.toContain(session.id)
      expect(JSON.stringify(problem)).not.toContain(session.client_secret)
    }
    expect(await journalOf(session)).toEqual(before)
    expect((await click(session, 'pay')).status).toBe(303)
  })

  it('that is open to browsers is opened once, and only its opener gets the session again', async () => {
    const order_id = anOrderId()
    await register(order_id, 'open')
    const first = await ask({ order_id }, { key: 'mine' })
    expect(first.status).toBe(201)
    for (const body of [{ order_id }, { order_id, new_attempt: true }])
      expect((await ask(body)).code).toBe('order_locked')
    const again = await ask({ order_id, client_secret: first.body.client_secret })
    expect([again.status, again.body.id]).toEqual([200, first.body.id])
  })

  it('is not told from one that nobody has, so that numbers cannot be probed', async () => {
    const closed = anOrderId()
    await register(closed, 'token')
    const words = ({ status, body: { instance: _, ...told } }: Json) => [status, told]
    expect(words(await ask({ order_id: closed }))).toEqual(words(await ask({ order_id: anOrderId() })))
  })

  it('cannot be opened by the token of another order, nor by another number beside a token', async () => {
    const before = await holdings()
    const victim = anOrderId()
    const order_token = await till.token()
    expect((await ask({ order_id: victim, order_token })).code).toBe('order_token_invalid')
    expect(await holdsNothing(till.paymentId(victim))).toBe(true)
    expect(await holdings()).toEqual(before)
  })

  it('is not opened again with a key that its customer used, by who has no token', async () => {
    const orderId = anOrderId()
    const order_token = await till.token({ orderId })
    const first = await ask({ order_token }, { key: 'order-1' })
    expect(first.status).toBe(201)
    const stolen = await ask({ order_id: orderId }, { key: 'order-1' })
    expect([stolen.status, stolen.body.client_secret]).toEqual([422, undefined])
    expect(stolen.code).toBe('idempotency_key_reused')
  })

  it('is tried by browsers so often and no more, and then its back end may still open it', async () => {
    const orderId = anOrderId()
    const order_token = await till.token({ orderId })
    for (let n = 1; n <= 10; n++) {
      const { status, body } = await ask({ order_token, new_attempt: true })
      expect([status, body.attempt]).toEqual([201, n])
    }
    expect((await ask({ order_token, new_attempt: true })).code).toBe('too_many_attempts')
    const asked = { ...till.order({ order_id: orderId, new_attempt: true }) }
    await till.json(201, '/v1/payment-sessions', { body: asked, key: aKey() })
  })

  it('is asked for a thousand times at most by who may, and stays payable', async () => {
    // The rule itself is held in test/pure; here only that many askers at once make one session.
    const order_token = await till.token()
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask({ order_token })))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  })
})

describe('a session', () => {
  it('is not read with guessed secrets, others’ secrets, or none', async () => {
    const [mine, theirs] = [await till.open(), await till.open()]
    const read = async (id: string, query: string, as = till.publishable) =>
      (await till.call(`/v1/payment-sessions/${id}${query}`, { as })).status
    expect(await read(mine.id, `?client_secret=${mine.client_secret}`)).toBe(200)
    expect(await read(mine.id, '')).toBe(403)
    for (const secret of [
      theirs.client_secret,
      mine.client_secret.slice(1),
      `${mine.client_secret}0`,
      mine.client_secret.toUpperCase(),
      mine.id,
      '%00',
      '*',
    ])
      expect(await read(mine.id, `?client_secret=${secret}`), secret).toBe(404)
    expect(await read(mine.id, '?client_secret=')).toBe(422)
    expect(await read(mine.id, `?client_secret=x&client_secret=${mine.client_secret}`)).toBe(422)
    expect(await read(theirs.id, `?client_secret=${mine.client_secret}`)).toBe(404)
    expect(await read(mine.id, `?client_secret=${mine.client_secret}`, other.publishable)).toBe(404)
    expect(await read(mine.id, `?client_secret=${mine.client_secret}`, liveStorefront)).toBe(404)
  })

  it('is found by its whole id only, though most of it can be computed from the order number', async () => {
    const session = await till.open()
    const core = session.id.slice(0, 29)
    for (const id of [
      core,
      `${core}0000000000000`,
      session.id.slice(0, -1),
      `${session.id}0`,
      session.payment_id,
    ])
      for (const path of [
        `/v1/payment-sessions/${id}?client_secret=${session.client_secret}`,
        `/v1/payment-sessions/${id}/live?client_secret=${session.client_secret}`,
        `/pay/${id}`,
        `/return/${id}`,
      ])
        expect((await till.call(path, { as: till.publishable })).status, path).toBe(404)
  })

  it('shows a storefront no more than its reduced view', async () => {
    const session = await till.open()
    const path = `/v1/payment-sessions/${session.id}?client_secret=${session.client_secret}`
    const reduced = await till.json(200, path, { as: till.publishable })
    for (const name of ['client_secret', 'checkout_url', 'provider_reference', 'connection_id', 'metadata'])
      expect(reduced).not.toHaveProperty(name)
  })
})

describe('a publishable key', () => {
  it('opens no other door: every other route under /v1 is 403, or 401 at the deployer’s', async () => {
    const may = [
      'POST /v1/payment-sessions',
      'GET /v1/payment-sessions/:id',
      'GET /v1/payment-sessions/:id/live',
    ]
    const closed = routes().filter((route) => route.includes(' /v1/') && !may.includes(route))
    expect(closed.length).toBeGreaterThan(30)
    const before = await holdings()
    for (const route of closed) {
      const [method, pattern] = route.split(' ') as [string, string]
      const path = pattern.replace(/:\w+/g, 'x')
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
      const response = await till.call(path, { as: till.publishable, method, key: aKey(), ...body })
      expect([route, response.status]).toEqual([route, path.startsWith('/v1/admin') ? 401 : 403])
    }
    expect(await holdings()).toEqual(before)
  })

  it.each([
    'amount',
    'currency',
    'capture_method',
    'metadata',
    'customer',
    'description',
    'expires_in',
    'merchant_id',
  ])('may not say %s', async (field) => {
    const { status, body } = await ask({ order_token: await till.token(), [field]: 1 })
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, `/${field}`])
  })

  it('that is revoked, invented, or of the other mode opens nothing', async () => {
    const made = await till.door.aKey(till.merchantId, 'publishable')
    await till.door.call(`/v1/admin/merchants/${till.merchantId}/keys/${made.id}`, {
      as: ADMIN,
      method: 'DELETE',
    })
    const invented = makeApiKey('publishable', false, crypto.getRandomValues(new Uint8Array(32)))
    const before = await holdings()
    for (const as of [made.key, invented, till.publishable.replace('pk_test', 'pk_live'), ''])
      expect((await ask({ order_token: await till.token() }, { as })).status).toBe(401)
    // Live mode has no connection here, and the token is of test mode.
    expect((await ask({ order_token: await till.token() }, { as: liveStorefront })).code).toBe(
      'order_token_invalid',
    )
    expect(await holdings()).toEqual(before)
  })
})

describe('an order token', () => {
  const now = () => Math.floor(Date.now() / 1_000)
  const claims = (change: object = {}) => ({
    ...{
      iss: till.merchantId,
      order_id: anOrderId(),
      amount: 1,
      currency: 'AMD',
      exp: now() + 600,
      iat: now(),
    },
    ...change,
  })
  const part = (value: unknown) => toBase64Url(new TextEncoder().encode(JSON.stringify(value)))
  const jws = (header: object, payload: object, secret: string, hash = 'sha256') => {
    const signed = `${part(header)}.${part(payload)}`
    return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
  }
  const hs = { alg: 'HS256', typ: 'JWT' }

  it('made by hand as a merchant makes it opens a session, so that what follows fails for its own reason', async () => {
    expect((await ask({ order_token: jws(hs, claims(), signing.test) })).status).toBe(201)
  })

  const forged: [string, () => string][] = [
    ['with alg none', () => `${part({ alg: 'none' })}.${part(claims())}.`],
    ['with alg none in other letters', () => `${part({ alg: 'nOnE', typ: 'JWT' })}.${part(claims())}.AA`],
    ['without an alg', () => jws({ typ: 'JWT' }, claims(), signing.test)],
    ['with HS512', () => jws({ alg: 'HS512' }, claims(), signing.test, 'sha512')],
    ['with RS256 keyed by the secret', () => jws({ alg: 'RS256' }, claims(), signing.test)],
    [
      'with an embedded key',
      () => jws({ ...hs, jwk: { kty: 'oct', k: part('x') } }, claims(), 'x'.repeat(40)),
    ],
    ['with a key of its own choice', () => jws({ ...hs, kid: '../../dev/null' }, claims(), '')],
    ['with a critical header', () => jws({ ...hs, crit: ['exp'] }, claims(), signing.test)],
    ['signed by the merchant’s id', () => jws(hs, claims(), till.merchantId.padEnd(32, '0'))],
    ['signed by the publishable key', () => jws(hs, claims(), till.publishable)],
    ['of the other mode', () => jws(hs, claims(), signing.live)],
    ['that names another merchant', () => jws(hs, claims({ iss: other.merchantId }), signing.test)],
    ['without an order', () => jws(hs, claims({ order_id: undefined }), signing.test)],
    ['whose order is a list', () => jws(hs, claims({ order_id: ['A'] }), signing.test)],
    ['whose amount is text', () => jws(hs, claims({ amount: '1' }), signing.test)],
    ['whose amount is a fraction', () => jws(hs, claims({ amount: 0.5 }), signing.test)],
    ['whose amount is beyond counting', () => jws(hs, claims({ amount: 2 ** 53 }), signing.test)],
    ['that ends never', () => jws(hs, claims({ exp: undefined }), signing.test)],
    ['that ends in a year', () => jws(hs, claims({ exp: now() + 31e6 }), signing.test)],
    ['that begins tomorrow', () => jws(hs, claims({ nbf: now() + 80_000 }), signing.test)],
    [
      'from the future, which would shut out later ones',
      () => jws(hs, claims({ iat: now() + 900 }), signing.test),
    ],
    ['with a claim that nobody knows', () => jws(hs, claims({ admin: true }), signing.test)],
    ['of five parts', () => `${jws(hs, claims(), signing.test)}.a.b`],
    ['as JSON serialization', () => JSON.stringify({ payload: part(claims()), signatures: [] })],
    ['that is very long', () => jws(hs, claims({ description: 'x'.repeat(4_000) }), signing.test)],
  ]

  it.each(forged)('%s opens nothing', async (_, token) => {
    const before = await holdings()
    const { status, code } = await ask({ order_token: token() })
    expect(status).toBe(422)
    expect(['order_token_invalid', 'validation_failed']).toContain(code)
    expect(await holdings()).toEqual(before)
  })

  it('that is expired or superseded opens nothing, and the newest one goes on', async () => {
    const order_id = anOrderId()
    const [older, newer] = [claims({ order_id, iat: now() - 60 }), claims({ order_id, iat: now() - 5 })]
    expect((await ask({ order_token: jws(hs, claims({ exp: now() - 1 }), signing.test) })).code).toBe(
      'order_token_expired',
    )
    const { body: session } = await ask({ order_token: jws(hs, newer, signing.test) })
    expect((await ask({ order_token: jws(hs, older, signing.test) })).code).toBe('order_token_superseded')
    expect((await ask({ order_token: jws(hs, older, signing.test), new_attempt: true })).code).toBe(
      'order_token_superseded',
    )
    const again = await ask({ order_token: jws(hs, { ...newer, iat: now() }, signing.test) })
    expect([again.status, again.body.id]).toEqual([200, session.id])
  })

  it('of another merchant is invalid here, and the right one is not readable elsewhere', async () => {
    const order: SignedOrder = {
      ...{ orderId: anOrderId(), amount: 5, currency: 'AMD', description: null, customerId: null },
      ...{ issuedAt: Date.now(), expiresAt: Date.now() + 60_000 },
    }
    const mine = await mintOrderToken(till.merchantId, order, signing.test)
    expect((await ask({ order_token: await other.token() })).code).toBe('order_token_invalid')
    expect((await ask({ order_token: mine }, { as: other.publishable })).code).toBe('order_token_invalid')
    // The default connection is the till's own, so it is the token that was judged, and it is right at home.
    expect((await ask({ order_token: mine })).status).toBe(201)
  })
})
