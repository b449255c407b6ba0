// Quoted orders: the storefront sends a cart, and the merchant's own back end says what it is and costs. Contract §4.
import { evictDurableObject, listDurableObjectIds, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ADMIN } from './door.ts'
import { aKey, anOrderId, aTill, type Json, SHOP, type Till } from './till.ts'

const QUOTE_URL = 'https://api.shop.example/quote'
const cart = { items: [{ sku: 'coffee', count: 2 }] }

let till: Till
let secrets: { test: string; live: string }

const change = (body: object) =>
  till.door.json(200, `/v1/admin/merchants/${till.merchantId}`, { as: ADMIN, method: 'PATCH', body })

beforeAll(async () => {
  till = await aTill()
  const rotated = `/v1/admin/merchants/${till.merchantId}/rotate-order-signing-secret`
  secrets = (await till.door.json(200, rotated, { as: ADMIN, method: 'POST' })).order_signing_secrets
  await change({ quote_url: QUOTE_URL })
})

afterEach(() => vi.restoreAllMocks())

interface Call {
  method: string
  redirect: string
  headers: Headers
  body: string
}

/** The merchant's back end at its quote address; everything else goes where it goes. */
function theShopAnswers(answer: (call: Call) => Response | Promise<Response>): Call[] {
  const calls: Call[] = []
  const real = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as Request, init)
    if (request.url !== QUOTE_URL) return real(request)
    const { method, redirect, headers } = request
    const call = { method, redirect, headers, body: await request.text() }
    calls.push(call)
    return answer(call)
  })
  return calls
}

const allowed = (order_id: string, more: object = {}) =>
  Response.json({ allowed: true, order_id, amount: 4_200, currency: 'AMD', ...more })

/** A storefront asks for a session of its cart. */
async function ask(body: object = {}, key = aKey()): Promise<Json> {
  const response = await till.call('/v1/payment-sessions', {
    ...{ as: till.publishable, key, headers: { origin: SHOP } },
    body: { quote: cart, return_url: `${SHOP}/done`, ...body },
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

describe('a quote', () => {
  it('opens a session for the order and the amount that the merchant answers', async () => {
    const orderId = anOrderId()
    theShopAnswers(() => allowed(orderId, { description: 'Two bags', customer_id: 'c-7', shelf: 3 }))
    const { status, body } = await ask()
    expect(status).toBe(201)
    expect(body).toMatchObject({ order_id: orderId, amount: 4_200, currency: 'AMD', attempt: 1 })
    expect(body.payment_id).toBe(till.paymentId(orderId))
  })

  it('is asked with the cart as it came, the key, the customer’s own token, and a signature', async () => {
    const calls = theShopAnswers(() => allowed(anOrderId()))
    await ask({ customer_token: 'eyJ.customer.token' }, 'cart-77')
    await ask({}, 'cart-78')
    const [first, second] = calls
    expect(first).toMatchObject({ method: 'POST', redirect: 'manual', body: JSON.stringify(cart) })
    expect(first?.headers.get('idempotency-key')).toBe('cart-77')
    expect(first?.headers.get('authorization')).toBe('Bearer eyJ.customer.token')
    expect(first?.headers.get('tollgate-livemode')).toBe('false')
    expect(second?.headers.get('authorization')).toBeNull()
    const webhook = new Webhook(secrets.test, { format: 'raw' })
    const signed = Object.fromEntries(first!.headers)
    expect(webhook.verify(first!.body, signed)).toEqual(cart)
    expect(() => webhook.verify(first!.body.replace('2', '1'), signed)).toThrow()
    expect(first?.headers.get('webhook-id')).not.toBe(second?.headers.get('webhook-id'))
  })

  it('is signed by the secret before too, so that one can be replaced at leisure', async () => {
    const before = secrets.test
    const rotated = `/v1/admin/merchants/${till.merchantId}/rotate-order-signing-secret`
    secrets = (await till.door.json(200, rotated, { as: ADMIN, method: 'POST' })).order_signing_secrets
    const [call] = await (async () => {
      const calls = theShopAnswers(() => allowed(anOrderId()))
      await ask()
      return calls
    })()
    for (const secret of [before, secrets.test])
      expect(() =>
        new Webhook(secret, { format: 'raw' }).verify(call!.body, Object.fromEntries(call!.headers)),
      ).not.toThrow()
  })

  it('is asked again at every repeat, and the repeat finds the first session', async () => {
    const orderId = anOrderId()
    const calls = theShopAnswers(() => allowed(orderId))
    const key = aKey()
    const first = await ask({}, key)
    const again = await ask({ quote: { ...cart, note: 'the same cart, said otherwise' } }, key)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(calls.map(({ headers }) => headers.get('webhook-id'))).toEqual(
      Array(2).fill(calls[0]?.headers.get('webhook-id')),
    )
  })

  it('whose price has changed is another request under the same key, and a fresh one under a new key', async () => {
    const orderId = anOrderId()
    let amount = 4_200
    theShopAnswers(() => allowed(orderId, { amount }))
    const key = aKey()
    await ask({}, key)
    amount = 4_300
    const dearer = await ask({}, key)
    expect([dearer.status, dearer.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect((await ask()).body.code).toBe('order_locked')
  })

  it('that names another order under the same key opens nothing, also after a restart', async () => {
    const [orderId, other] = [anOrderId(), anOrderId()]
    const answers = [orderId, other, other, orderId]
    theShopAnswers(() => allowed(answers.shift() ?? ''))
    const key = aKey()
    const first = await ask({}, key)
    const second = await ask({}, key)
    expect([second.status, second.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect(second.body.detail).toContain(orderId)
    for (const id of await listDurableObjectIds(env.QUOTES)) await evictDurableObject(env.QUOTES.get(id))
    expect((await ask({}, key)).body.code).toBe('idempotency_key_reused')
    await till.json(404, `/v1/payments/${till.paymentId(other)}`)
    expect((await ask({}, key)).body.id).toBe(first.body.id)
  })

  it('asked twice at once opens one session, whichever order the merchant names second', async () => {
    const orders = [anOrderId(), anOrderId()]
    const left = [...orders]
    theShopAnswers(() => allowed(left.shift() ?? ''))
    const key = aKey()
    const both = await Promise.all([ask({}, key), ask({}, key)])
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422])
  })

  it('entitles its customer to the session that is open already', async () => {
    const orderId = anOrderId()
    theShopAnswers(() => allowed(orderId))
    const first = await ask()
    const again = await ask()
    expect([again.status, again.body.id]).toEqual([200, first.body.id])
  })

  it('must agree with an order that is registered', async () => {
    const orderId = anOrderId()
    await till.json(201, `/v1/orders/${orderId}`, { method: 'PUT', body: { amount: 1_000, currency: 'AMD' } })
    theShopAnswers(() => allowed(orderId))
    expect((await ask()).body.code).toBe('amount_mismatch')
  })

  it('remembers the key’s order for a month, and then nothing', async () => {
    const stub = env.QUOTES.getByName('quo_forgotten')
    expect(await stub.firstOrder('A')).toBe('A')
    expect(await stub.firstOrder('B')).toBe('A')
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await stub.firstOrder('B')).toBe('B')
  })
})

describe('a merchant’s refusal', () => {
  it.each([200, 409, 422])('is passed on with its reason, answered with %i', async (status) => {
    const refusal = { allowed: false, reason: 'out_of_stock', message: 'No coffee is left.' }
    theShopAnswers(() => Response.json(refusal, { status }))
    const { status: answered, body } = await ask()
    expect([answered, body.code, body.reason, body.detail]).toEqual([
      ...[422, 'quote_refused', 'out_of_stock', 'No coffee is left.'],
    ])
  })

  it('is not kept: the same key may be allowed later', async () => {
    const orderId = anOrderId()
    let isThere = false
    theShopAnswers(() => (isThere ? allowed(orderId) : Response.json({ allowed: false })))
    const key = aKey()
    expect((await ask({}, key)).body.code).toBe('quote_refused')
    isThere = true
    expect((await ask({}, key)).status).toBe(201)
  })
})

/** A body that says everything with an end that is not told beforehand. */
const stream = (text: string) => new Response(text).body

describe('a quote address that gives no usable answer', () => {
  const bodies: Record<string, () => Response | Promise<Response>> = {
    'cannot be reached': () => Promise.reject(new TypeError('down')),
    redirects: () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } }),
    'answers 500': () => new Response('{"allowed":false}', { status: 500 }),
    'answers yes with an error’s status': () =>
      Response.json({ allowed: true, order_id: 'A', amount: 1, currency: 'AMD' }, { status: 400 }),
    'answers nothing': () => new Response(''),
    'answers a page': () => new Response('<h1>Shop</h1>'),
    'answers an amount twice': () =>
      new Response('{"allowed":true,"order_id":"A","amount":1,"amount":9,"currency":"AMD"}'),
    'answers a fraction': () => allowed('A', { amount: 12.5 }),
    'answers an amount as text': () => allowed('A', { amount: '4200' }),
    'answers less than nothing': () => allowed('A', { amount: -1 }),
    'answers a currency that nobody has': () => allowed('A', { currency: 'XXZ' }),
    'answers an order number that is none': () => allowed('../A'),
    'answers without saying whether it is allowed': () =>
      Response.json({ order_id: 'A', amount: 1, currency: 'AMD' }),
    'answers more than 64 KiB': () => new Response(stream(' '.repeat(64 * 1_024 + 1))),
    'breaks off': () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode('{"allowed":')),
          pull: (controller) => controller.error(new Error('gone')),
        }),
      ),
  }

  it.each(Object.entries(bodies))(
    '%s: 503, nothing is opened, and the same key may try again',
    async (_, answer) => {
      const orderId = anOrderId()
      let isWell = false
      theShopAnswers(() => (isWell ? allowed(orderId) : answer()))
      const key = aKey()
      const { status, body, headers } = await ask({}, key)
      expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'quote_unavailable', '5'])
      expect(JSON.stringify(body)).not.toContain('shop.example')
      isWell = true
      expect((await ask({}, key)).status).toBe(201)
    },
  )

  it('hangs: the customer waits five seconds and no longer', async () => {
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) => {
      if (ms === 5_000) queueMicrotask(run)
      return 0
    }) as typeof setTimeout)
    theShopAnswers(() => new Promise(() => undefined))
    const { status, body } = await ask()
    expect([status, body.code]).toEqual([503, 'quote_unavailable'])
    expect(body.detail).toContain('5 seconds')
  })

  it('has become private: it is not called', async () => {
    const calls = theShopAnswers(() => allowed(anOrderId()))
    const { merchantId, publishable, call } = await aTill()
    const change = env.DB.prepare('UPDATE merchants SET quote_url = ? WHERE id = ?')
    await change.bind('http://169.254.169.254/latest', merchantId).run()
    const body = { quote: cart, return_url: `${SHOP}/done` }
    const answer = await call('/v1/payment-sessions', { as: publishable, key: aKey(), body })
    expect([answer.status, ((await answer.json()) as Json).code]).toEqual([503, 'quote_unavailable'])
    expect(calls).toEqual([])
  })
})

describe('a request with a quote', () => {
  it.each([
    [{ order_id: 'A-1' }, '/order_id'],
    [{ order_token: 'a.b.c' }, '/order_token'],
    [{ amount: 1 }, '/amount'],
    [{ currency: 'AMD' }, '/currency'],
    [{ quote: [] }, '/quote'],
    [{ quote: 'cart' }, '/quote'],
    [{ customer_token: 'a b' }, '/customer_token'],
    [{ customer_token: 'a\r\nx-evil: 1' }, '/customer_token'],
    [{ customer_token: 'é' }, '/customer_token'],
    [{ return_url: 'https://evil.example/' }, '/return_url'],
  ])('and %o is refused before anybody is asked', async (body, pointer) => {
    const calls = theShopAnswers(() => allowed(anOrderId()))
    const { status, body: problem } = await ask(body)
    expect([status, problem.code, problem.errors[0].pointer]).toEqual([422, 'validation_failed', pointer])
    expect(calls).toEqual([])
  })

  it('is refused where the merchant has no quote address', async () => {
    const { call, publishable } = await aTill()
    const answer = await call('/v1/payment-sessions', {
      ...{ as: publishable, key: aKey() },
      body: { quote: cart, return_url: `${SHOP}/done` },
    })
    expect(((await answer.json()) as Json).errors[0].pointer).toBe('/quote')
  })

  it('is a storefront’s: a secret key names its order itself', async () => {
    const answer = await till.call('/v1/payment-sessions', {
      ...{ key: aKey(), body: { quote: cart, return_url: `${SHOP}/done` } },
    })
    expect(((await answer.json()) as Json).code).toBe('validation_failed')
  })

  it('leaves neither the cart nor the customer’s token in the log or the journal', async () => {
    const orderId = anOrderId()
    theShopAnswers(() => allowed(orderId))
    const written: string[] = []
    vi.spyOn(console, 'log').mockImplementation((line) => void written.push(String(line)))
    await ask({ customer_token: 'token-of-ani', quote: { items: ['cart-of-ani'] } })
    const journal = await (await till.call(`/v1/payments/${till.paymentId(orderId)}/journal`)).text()
    expect(written.join()).toContain('"quote":"allowed"')
    expect(`${written.join()}${journal}`).not.toMatch(/token-of-ani|cart-of-ani/)
  })
})
