import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { aKey, anOrderId, aTill, click, inside, type Json, SHOP, type Till } from './till.ts'

/** Whoever waits for another one's opening is woken by its end, and not by the ten seconds after which it gives up. */
const WOKEN_IN_MS = 9_500

let till: Till

beforeAll(async () => {
  till = await aTill()
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const post = (body: object, key: string, more: object = {}) =>
  till.call('/v1/payment-sessions', { body, key, ...more })

async function told(response: Response): Promise<Json> {
  const replayed = response.headers.get('idempotent-replayed')
  return { http: response.status, replayed, ...((await response.json()) as object) }
}

/** Counts the provider calls of this test, and lets something happen in the middle of each. */
function watchProvider(inBetween: (nth: number) => unknown = () => {}) {
  const original = SandboxBook.prototype.open
  let calls = 0
  return vi.spyOn(SandboxBook.prototype, 'open').mockImplementation(async function (
    this: SandboxBook,
    ...asked
  ) {
    const answer = await original.apply(this, asked)
    await inBetween(++calls)
    return answer
  })
}

describe('fifty requests at once', () => {
  it(
    'with different keys for one order get one session and one provider call',
    async () => {
      const provider = watchProvider()
      const body = till.order()
      const answers = await Promise.all(
        Array.from({ length: 50 }, async () => told(await post(body, aKey()))),
      )
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
      expect(answers.map(({ http }) => http).toSorted()).toEqual([...Array(49).fill(200), 201])
      expect(provider).toHaveBeenCalledTimes(1)
      const payment = await till.paymentOf(answers[0])
      expect([payment.sessions.length, payment.status]).toEqual([1, 'pending'])
    },
    WOKEN_IN_MS,
  )

  it(
    'with the same key get fifty equal answers, the first new and the others replayed, and one call',
    async () => {
      const provider = watchProvider()
      const [body, key] = [till.order(), aKey()]
      const responses = await Promise.all(Array.from({ length: 50 }, () => post(body, key)))
      const bodies = await Promise.all(responses.map((response) => response.text()))
      expect(new Set(bodies).size).toBe(1)
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([201]))
      const replayed = responses.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')
      expect(replayed).toHaveLength(49)
      expect(provider).toHaveBeenCalledTimes(1)
    },
    WOKEN_IN_MS,
  )
})

describe('an idempotency key', () => {
  it('is the same bare and quoted, and is another one for another order', async () => {
    const [body, key] = [till.order(), aKey()]
    const first = await told(await post(body, key))
    expect(await told(await post(body, `"${key}"`))).toEqual({ ...first, replayed: 'true' })
    expect(await told(await post({ ...body, order_id: anOrderId() }, key))).toMatchObject({
      http: 201,
      replayed: null,
    })
  })

  it('that is missing or no key is refused, and nothing is stored', async () => {
    const body = till.order()
    const missing = await till.call('/v1/payment-sessions', { body })
    expect(await told(missing)).toMatchObject({ http: 400, code: 'idempotency_key_missing' })
    for (const key of ['"unclosed', 'x'.repeat(256), 'tab\there'])
      expect(await told(await post(body, key))).toMatchObject({ http: 422, code: 'validation_failed' })
    expect((await till.call(`/v1/payments/${till.paymentId(body.order_id)}`)).status).toBe(404)
  })

  it('with another request is 422, and the first answer stays', async () => {
    const [body, key] = [till.order(), aKey()]
    const first = await told(await post(body, key))
    for (const other of [{ amount: 2_000 }, { return_url: `${SHOP}/else` }, { metadata: { a: 'b' } }])
      expect(await told(await post({ ...body, ...other }, key))).toMatchObject({
        ...{ http: 422, code: 'idempotency_key_reused' },
      })
    expect((await told(await post({ ...body, metadata: {} }, key))).id).toBe(first.id)
  })

  it('means the same request for a fresh token of the same order and amount', async () => {
    const key = aKey()
    const orderId = anOrderId()
    const as = till.publishable
    const body = async (change = {}) => ({
      order_token: await till.token({ orderId, ...change }),
      return_url: `${SHOP}/done`,
    })
    const first = await told(await post(await body(), key, { as }))
    const again = await told(await post(await body({ issuedAt: Date.now() + 1_000 }), key, { as }))
    expect([first.http, again.http, again.replayed, again.id]).toEqual([201, 201, 'true', first.id])
    const other = await told(await post(await body({ amount: 5, issuedAt: Date.now() + 2_000 }), key, { as }))
    expect(other.code).toBe('idempotency_key_reused')
  })

  it('of a provider’s refusal is kept as 402, while another key tries anew', async () => {
    vi.spyOn(SandboxBook.prototype, 'open').mockResolvedValueOnce({ kind: 'key_reused' })
    const [body, key] = [till.order(), aKey()]
    const refused = await told(await post(body, key))
    expect(refused).toMatchObject({ http: 402, code: 'provider_declined' })
    const { replayed: _, ...same } = refused
    expect(await told(await post(body, key))).toEqual({ ...same, replayed: 'true' })
    expect(await told(await post(body, aKey()))).toMatchObject({ http: 201, attempt: 2 })
  })
})

describe('a provider that does not answer', () => {
  it('is 503, and any key continues the same attempt', async () => {
    vi.spyOn(SandboxBook.prototype, 'open').mockRejectedValueOnce(new Error('down'))
    const [body, key] = [till.order(), aKey()]
    const silent = await post(body, key)
    expect([silent.status, silent.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await silent.json()).toMatchObject({ code: 'provider_unavailable' })
    const opened = await told(await post(body, aKey()))
    expect(opened).toMatchObject({ http: 201, attempt: 1, status: 'open' })
    expect(await told(await post(body, key))).toMatchObject({ http: 200, id: opened.id })
  })
})

describe('an object that is evicted', () => {
  it('between its intention and the provider’s answer goes on with the same session', async () => {
    const body = till.order()
    watchProvider(() => evictDurableObject(env.PAYMENT.getByName(till.paymentId(body.order_id))))
    const opened = await told(await post(body, aKey()))
    expect(opened).toMatchObject({ http: 201, attempt: 1, status: 'open' })
    expect((await till.paymentOf(opened)).sessions).toHaveLength(1)
  })

  it(
    'in the middle of everything, with others waiting for it, loses nobody',
    async () => {
      const body = till.order()
      const abort = () => inside(till.paymentId(body.order_id), (state) => state.abort('gone'))
      watchProvider((nth) => nth === 1 && abort().catch(() => {}))
      const keys = Array.from({ length: 5 }, aKey)
      const answers = await Promise.all(keys.map(async (key) => told(await post(body, key))))
      const again = await Promise.all(keys.map(async (key) => told(await post(body, key))))
      expect(answers.map(({ http }) => http).toSorted()).toEqual([200, 200, 200, 200, 201])
      expect(new Set([...answers, ...again].map(({ id }) => id)).size).toBe(1)
      expect(await till.paymentOf(again[0])).toMatchObject({
        status: 'pending',
        sessions: [{ id: again[0].id }],
      })
    },
    WOKEN_IN_MS,
  )

  it('after every step holds everything: key, session, money', async () => {
    const [body, key] = [till.order(), aKey()]
    const evict = () => evictDurableObject(env.PAYMENT.getByName(till.paymentId(body.order_id)))
    const first = await told(await post(body, key))
    await evict()
    expect(await told(await post(body, key))).toEqual({ ...first, replayed: 'true' })
    await evict()
    expect((await till.report(first)).status).toBe(200)
    await evict()
    expect(await till.paymentOf(first)).toMatchObject({ status: 'paid', amount_captured: 1_000 })
  })
})

describe('the same order again', () => {
  it('is 409 once it is paid, and 422 only for a reused key before that', async () => {
    const body = till.order()
    const key = aKey()
    const session = await told(await post(body, key))
    await till.report(session)
    expect(await told(await post(body, aKey()))).toMatchObject({ http: 409, code: 'order_already_paid' })
    expect(await told(await post({ ...body, amount: 5 }, key))).toMatchObject({
      code: 'idempotency_key_reused',
    })
    expect(await told(await post(body, key))).toMatchObject({ http: 201, id: session.id })
  })

  it('after a failure is a second attempt of the same payment', async () => {
    const body = till.order()
    const first = await told(await post(body, aKey()))
    await till.report(first, { type: 'failed' })
    const second = await told(await post(body, aKey()))
    expect(second).toMatchObject({ http: 201, attempt: 2, payment_id: first.payment_id })
    expect(second.id).not.toBe(first.id)
  })

  it('as a new attempt ends the open checkout at the provider first', async () => {
    const body = till.order()
    const first = await told(await post(body, aKey()))
    const second = await told(await post({ ...body, new_attempt: true }, aKey()))
    expect(second).toMatchObject({ http: 201, attempt: 2 })
    const payment = await till.paymentOf(first)
    expect(payment.sessions.map(({ status }: Json) => status)).toEqual(['canceled', 'open'])
  })

  it('as a new attempt waits while the open checkout cannot be ended', async () => {
    const body = till.order()
    await post(body, aKey())
    vi.spyOn(SandboxBook.prototype, 'instruct').mockRejectedValue(new Error('down'))
    const refused = await post({ ...body, new_attempt: true }, aKey())
    expect(refused.headers.get('retry-after')).not.toBeNull()
    expect(await told(refused)).toMatchObject({ http: 409, code: 'previous_attempt_in_doubt' })
  })

  it('from a browser gets the open session with its token, and not without', async () => {
    const orderId = anOrderId()
    const as = till.publishable
    const origin = { headers: { origin: SHOP } }
    const body = { order_token: await till.token({ orderId }), return_url: `${SHOP}/done` }
    const first = await told(await post(body, aKey(), { as, ...origin }))
    expect(first.http).toBe(201)
    expect((await told(await post(body, aKey(), { as }))).id).toBe(first.id)
    const bare = { order_id: orderId, return_url: `${SHOP}/done` }
    const without = await told(await post(bare, aKey(), { as }))
    expect(without.http).toBeGreaterThanOrEqual(409)
    expect(JSON.stringify(without)).not.toContain(first.client_secret)
    const entitled = { ...bare, client_secret: first.client_secret, order_token: body.order_token }
    expect((await told(await post(entitled, aKey(), { as }))).id).toBe(first.id)
  })
})

describe('an order that is registered', () => {
  const put = (orderId: string, body: object, status: number) =>
    till.json(status, `/v1/orders/${orderId}`, { method: 'PUT', body })

  it('is made once, and its token opens it in a browser for its amount', async () => {
    const orderId = anOrderId()
    const order = await put(orderId, { amount: 700, currency: 'AMD' }, 201)
    await put(orderId, { amount: 700, currency: 'AMD' }, 200)
    const body = { order_token: order.order_token, return_url: `${SHOP}/done` }
    const session = await told(await post(body, aKey(), { as: till.publishable }))
    expect(session).toMatchObject({ http: 201, amount: 700, order_id: orderId })
    expect(await told(await post(till.order({ order_id: orderId }), aKey()))).toMatchObject({
      ...{ http: 409, code: 'order_locked' },
    })
  })

  it('binds the amount of every other source', async () => {
    const orderId = anOrderId()
    await put(orderId, { amount: 700, currency: 'AMD' }, 201)
    const asked = (change: object) => post(till.order({ order_id: orderId, ...change }), aKey()).then(told)
    expect(await asked({ amount: 701 })).toMatchObject({ http: 422, code: 'amount_mismatch' })
    expect(await asked({ amount: 700, currency: 'USD' })).toMatchObject({
      http: 422,
      code: 'currency_mismatch',
    })
    expect(await asked({ amount: undefined, currency: undefined })).toMatchObject({ http: 201, amount: 700 })
  })
})

describe('a session whose time runs out', () => {
  it('is ended by the object’s own alarm, at the provider first, and frees the order', async () => {
    const session = await till.open({ expires_in: 300 })
    const stub = env.PAYMENT.getByName(session.payment_id)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 301_000 })
    await runDurableObjectAlarm(stub)
    expect(await till.paymentOf(session)).toMatchObject({
      status: 'expired',
      sessions: [{ status: 'expired' }],
    })
    expect(await till.open({ order_id: session.order_id })).toMatchObject({ attempt: 2 })
  })

  it('was paid in the last moment: the alarm finds it at the provider', async () => {
    const session = await till.open({ expires_in: 300 })
    vi.spyOn(SandboxBook.prototype, 'alarm').mockResolvedValue()
    await click(session, 'pay', { lost: 'on' })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 301_000 })
    await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', open_exceptions: 0 })
    expect((await till.eventsOf(session.payment_id)).filter((type) => type === 'payment.paid')).toHaveLength(
      1,
    )
  })
})
