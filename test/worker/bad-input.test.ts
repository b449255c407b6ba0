import { listDurableObjectIds } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { aKey, anOrderId, aTill, holdsNothing, type Json, SHOP, type Till } from './till.ts'

let till: Till
let other: Till

beforeAll(async () => {
  till = await aTill()
  other = await aTill()
})

const tables = ['payments', 'journal', 'provider_references', 'exceptions', 'deliveries']

/** What the database holds, and how many checkouts and inboxes there are. */
async function stored(): Promise<Json> {
  const counts = await env.DB.batch<{ n: number }>(
    tables.map((table) => env.DB.prepare(`select count(*) as n from ${table}`)),
  )
  const objects = [await listDurableObjectIds(env.SANDBOX), await listDurableObjectIds(env.INBOX)]
  return [...counts.map(({ results }) => results[0]?.n), ...objects.map((ids) => ids.length)]
}

/** Sends it to the routes that take orders; the order must be unknown afterwards, and nothing else stored. */
async function refused(path: string, how: object, orderId: string): Promise<Json> {
  const before = await stored()
  const response = await till.call(path, { key: aKey(), ...how })
  const problem = (await response.json()) as Json
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(problem).toMatchObject({ status: response.status, type: `urn:tollgate:problem:${problem.code}` })
  expect(JSON.stringify(problem)).not.toMatch(/\bat .*\.ts|Error:|sqlite|D1_/)
  expect(await holdsNothing(till.paymentId(orderId))).toBe(true)
  expect(await stored()).toEqual(before)
  return problem
}

const open = (change: object, how: object = {}) => {
  const body = till.order(change)
  return refused('/v1/payment-sessions', { body, ...how }, body.order_id)
}

const wrong: [string, object, string][] = [
  ['an amount of 0', { amount: 0 }, '/amount'],
  ['a negative amount', { amount: -1 }, '/amount'],
  ['a fraction of a minor unit', { amount: 10.5 }, '/amount'],
  ['an amount as text', { amount: '1000' }, '/amount'],
  ['an amount above 2^53', { amount: 2 ** 53 }, '/amount'],
  ['an amount in exponents', { amount: 1e300 }, '/amount'],
  ['an amount that is null', { amount: null }, '/amount'],
  ['an amount that is a list', { amount: [1_000] }, '/amount'],
  ['an amount alone', { currency: undefined }, '/currency'],
  ['a currency alone', { amount: undefined }, '/amount'],
  ['neither, for an order that nobody registered', { amount: undefined, currency: undefined }, '/amount'],
  ['a currency that nobody has', { currency: 'XXX' }, '/currency'],
  ['a currency in lower case', { currency: 'amd' }, '/currency'],
  ['a currency that the merchant does not take', { currency: 'EUR' }, '/currency'],
  ['an unknown field', { amuont: 5 }, '/amuont'],
  ['a field of another kind of caller', { order_token: 'x' }, '/order_token'],
  ['no return address', { return_url: undefined }, '/return_url'],
  ['a return address elsewhere', { return_url: 'https://evil.example/' }, '/return_url'],
  ['a return address with user info', { return_url: 'https://shop.example@evil.example/' }, '/return_url'],
  ['a return address by another scheme', { return_url: 'javascript:alert(1)' }, '/return_url'],
  ['a return address that splits a header', { return_url: `${SHOP}/\r\nset-cookie: a=b` }, '/return_url'],
  ['a cancel address elsewhere', { cancel_url: 'https://evil.example/' }, '/cancel_url'],
  ['a connection that is unknown', { connection_id: 'con_unknown' }, '/connection_id'],
  ['a time that is too short', { expires_in: 299 }, '/expires_in'],
  ['a time that is too long', { expires_in: 86_401 }, '/expires_in'],
  ['a capture method that is none', { capture_method: 'later' }, '/capture_method'],
  ['metadata of numbers', { metadata: { a: 1 } }, '/metadata/a'],
  ['metadata that is too long', { metadata: { a: 'x'.repeat(501) } }, '/metadata/a'],
  [
    'metadata of 51 pairs',
    { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) },
    '/metadata',
  ],
  ['card data', { card: { number: '4111111111111111' } }, '/card'],
  ['a customer with an unknown field', { customer: { iban: 'x' } }, '/customer/iban'],
  ['a description with control characters', { description: 'a\u0000b' }, ''],
]

describe('a session asked for with', () => {
  it.each(wrong)('%s is refused at its place, and nothing is stored', async (_, change, pointer) => {
    const problem = await open(change)
    if (pointer === '') expect(['malformed_body', 'validation_failed']).toContain(problem.code)
    else {
      expect(problem).toMatchObject({ status: 422, code: 'validation_failed' })
      expect(problem.errors.map((one: Json) => one.pointer)).toContain(pointer)
    }
  })

  it.each(['', '..', '../x', 'a/b', '-a', '.a', 'a b', 'ա', 'x'.repeat(65), 'a\n', 'a%00', "a'--"])(
    'the order number %j is refused',
    async (order_id) => {
      const before = await stored()
      const problem = await till.json(422, '/v1/payment-sessions', {
        body: till.order({ order_id }),
        key: aKey(),
      })
      expect(problem.errors[0].pointer).toBe('/order_id')
      expect(await stored()).toEqual(before)
    },
  )

  it('another merchant’s connection is refused like one that is unknown', async () => {
    const foreign = await open({ connection_id: other.connectionId })
    const unknown = await open({ connection_id: 'con_unknown' })
    expect(foreign.errors).toEqual(unknown.errors)
  })
})

describe('a body that is', () => {
  const raw: [string, object, number, string][] = [
    ['no JSON', { body: '{"amount":' }, 400, 'malformed_body'],
    ['empty', { body: '' }, 400, 'malformed_body'],
    ['a list', { body: '[]' }, 422, 'validation_failed'],
    ['null', { body: 'null' }, 422, 'validation_failed'],
    ['a number', { body: '1' }, 422, 'validation_failed'],
    ['no Unicode', { body: new Uint8Array([0x7b, 0xff, 0x7d]) }, 400, 'malformed_body'],
    ['telling a field twice', { body: '{"amount":1,"amount":2}' }, 400, 'malformed_body'],
    ['reaching for a prototype', { body: '{"__proto__":{"amount":1}}' }, 400, 'malformed_body'],
    [
      'deeper than anybody needs',
      { body: `${'['.repeat(10_000)}${']'.repeat(10_000)}` },
      400,
      'malformed_body',
    ],
    ['of 10 MB', { body: `{"a":"${'x'.repeat(10_000_000)}"}` }, 413, 'body_too_large'],
    [
      'a form',
      { body: 'amount=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    ['of no type', { body: '{}', headers: { 'content-type': '' } }, 415, 'unsupported_media_type'],
  ]

  it.each(raw)('%s is refused, and nothing is stored', async (_, how, status, code) => {
    const orderId = anOrderId()
    expect(await refused('/v1/payment-sessions', how, orderId)).toMatchObject({ status, code })
    const path = `/v1/orders/${orderId}`
    expect(await refused(path, { method: 'PUT', ...how }, orderId)).toMatchObject({ status, code })
  })
})

describe('a caller', () => {
  it('without a key, or with one that is no key, is 401', async () => {
    for (const as of ['', 'sk_test_invented', 'x'.repeat(5_000)])
      expect(await open({}, { as })).toMatchObject({ status: 401, code: 'unauthorized' })
    expect(await open({}, { as: '', headers: { authorization: `Basic ${till.secretKey}` } })).toMatchObject({
      status: 401,
    })
  })

  it('in a browser may not say what it costs, nor how it is captured', async () => {
    for (const field of ['amount', 'currency', 'capture_method', 'expires_in', 'metadata', 'customer']) {
      const body = {
        order_id: anOrderId(),
        return_url: `${SHOP}/done`,
        [field]: field === 'amount' ? 1 : 'AMD',
      }
      const problem = await refused('/v1/payment-sessions', { as: till.publishable, body }, body.order_id)
      expect(problem).toMatchObject({ code: 'validation_failed', errors: [{ pointer: `/${field}` }] })
    }
  })

  it('in a browser of a foreign origin is 403', async () => {
    const body = { order_token: await till.token(), return_url: `${SHOP}/done` }
    for (const origin of [
      'https://evil.example',
      'null',
      'https://shop.example.evil.example',
      'http://shop.example',
    ]) {
      const how = { as: till.publishable, body, headers: { origin } }
      expect(await refused('/v1/payment-sessions', how, anOrderId())).toMatchObject({
        status: 403,
        code: 'forbidden',
      })
    }
  })

  it('with a bare order that is unknown, or not open, learns nothing about it', async () => {
    const known = anOrderId()
    await till.json(201, `/v1/orders/${known}`, { method: 'PUT', body: { amount: 5, currency: 'AMD' } })
    const ask = (order_id: string) =>
      till.json(422, '/v1/payment-sessions', {
        as: till.publishable,
        key: aKey(),
        body: { order_id, return_url: `${SHOP}/x` },
      })
    const [closed, unknown] = [await ask(known), await ask(anOrderId())]
    expect({ ...closed, instance: '' }).toEqual({ ...unknown, instance: '' })
    expect(closed.errors[0].pointer).toBe('/order_token')
    // Its record arrives behind the queue, and not in the middle of another test's counting.
    await vi.waitFor(async () => expect((await stored())[0]).toBe(1), 20_000)
  })

  it('with a key of live mode cannot use the sandbox', async () => {
    expect(await open({}, { as: till.liveKey })).toMatchObject({ code: 'validation_failed' })
    expect(await open({ connection_id: till.connectionId }, { as: till.liveKey })).toMatchObject({
      status: 422,
    })
  })
})

describe('an order token that is', () => {
  const ask = async (order_token: string, more: object = {}) =>
    refused(
      '/v1/payment-sessions',
      { as: till.publishable, body: { order_token, return_url: `${SHOP}/done`, ...more } },
      anOrderId(),
    )

  it('expired, foreign, unsigned or changed is refused by its code', async () => {
    const now = Date.now()
    const [head, body, signature] = (await till.token()).split('.') as [string, string, string]
    const none = btoa(JSON.stringify({ alg: 'none' })).replaceAll('=', '')
    expect((await ask(await till.token({ expiresAt: now - 1_000 }))).code).toBe('order_token_expired')
    const bad = [
      await other.token(),
      `${none}.${body}.`,
      `${head}.${body}.${signature}x`,
      `${head}.${signature}.${body}`,
      'x',
      '..',
    ]
    for (const token of bad) expect((await ask(token)).code).toBe('order_token_invalid')
    expect((await ask(await till.token({ expiresAt: now + 90_000_000 }))).code).toBe('order_token_invalid')
    expect((await ask(await till.token(), { order_id: anOrderId() })).code).toBe('order_token_invalid')
  })
})

describe('an address that is', () => {
  it.each([
    ['GET', '/v1/payments/pay_x'],
    ['GET', '/v1/payments/..%2f..%2fetc'],
    ['GET', `/v1/payments/pay_${'0'.repeat(26)}`],
    ['GET', "/v1/payment-sessions/ps_' or 1=1--"],
    ['GET', `/v1/payment-sessions/ps_${'0'.repeat(39)}`],
    ['POST', `/v1/payment-sessions/ps_${'0'.repeat(39)}/cancel`],
    ['POST', `/v1/payments/pay_${'0'.repeat(26)}/sync`],
  ])('made up, %s %s, is 404, and makes no object write anything', async (method, path) => {
    const before = await stored()
    const response = await till.call(path, { method, ...(method === 'POST' ? { key: aKey() } : {}) })
    expect([response.status, ((await response.json()) as Json).code]).toEqual([404, 'not_found'])
    expect(await holdsNothing(`pay_${'0'.repeat(26)}`)).toBe(true)
    expect(await stored()).toEqual(before)
  })
})
