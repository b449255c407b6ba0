// The storefront kit opens a checkout once, whatever the customer and the network do.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { aTab, aToken, FakeGateway, problem } from '../support/a-storefront.ts'

const returnUrl = 'https://shop.example/thanks'
const order = { orderId: 'A-1', returnUrl }
const cart = (count: number) => ({ quote: { cart: 'c-1', items: [{ sku: 'cup', count }] }, returnUrl })

let gateway: FakeGateway

beforeEach(() => {
  vi.useFakeTimers()
  gateway = new FakeGateway()
})
afterEach(() => vi.useRealTimers())

const inTime = async <T>(opening: Promise<T>): Promise<T> => {
  await vi.advanceTimersByTimeAsync(120_000)
  return opening
}

describe('starting a checkout', () => {
  it('opens a session with the publishable key and leaves for it', async () => {
    const tab = aTab(gateway)
    const state = await tab.storefront.startCheckout(order, tab.tell)
    expect(state).toMatchObject({ status: 'redirecting', session: { id: 'ps_1' } })
    expect(tab.statuses()).toEqual(['opening', 'redirecting'])
    expect(tab.visited).toEqual(['https://pay.example/pay/ps_1'])
    expect(gateway.posts()[0]?.body).toEqual({ order_id: 'A-1', return_url: returnUrl })
  })

  it('sends one request for a double click', async () => {
    const { storefront } = aTab(gateway)
    await Promise.all([storefront.startCheckout(order), storefront.startCheckout({ ...order })])
    expect(gateway.posts()).toHaveLength(1)
  })

  it('finds its key again after a reload whose answer nobody heard', async () => {
    const tab = aTab(gateway)
    gateway.faults.push('answer_lost')
    void tab.storefront.startCheckout(order)
    await vi.advanceTimersByTimeAsync(1)
    const page = tab.reloaded()
    expect((await page.storefront.startCheckout(order)).status).toBe('redirecting')
    expect(gateway.keys()).toHaveLength(1)
    expect(gateway.sessions).toHaveLength(1)
  })

  it('goes back to the checkout that is open, without another request to open one', async () => {
    const tab = aTab(gateway)
    await tab.storefront.startCheckout(order)
    const back = tab.reloaded()
    expect((await back.storefront.startCheckout(order)).status).toBe('redirecting')
    expect(back.visited).toEqual(tab.visited)
    expect(gateway.posts()).toHaveLength(1)
  })

  it('says that it is paid after the back button, and goes nowhere', async () => {
    const tab = aTab(gateway)
    await tab.storefront.startCheckout(order)
    gateway.moved('ps_1', 'completed', 'paid')
    const back = tab.reloaded()
    expect((await back.storefront.startCheckout(order)).status).toBe('paid')
    expect(back.visited).toEqual([])
  })

  it('opens a new attempt under a new key when the one before has ended without money', async () => {
    const tab = aTab(gateway)
    await tab.storefront.startCheckout(order)
    gateway.moved('ps_1', 'failed', 'failed')
    expect(await tab.storefront.startCheckout(order)).toMatchObject({ session: { id: 'ps_2' } })
    expect(gateway.keys()).toHaveLength(2)
  })

  it('meets the same session in two tabs, each with a key of its own', async () => {
    const tabs = [aTab(gateway), aTab(gateway)]
    for (const tab of tabs) await tab.storefront.startCheckout(order)
    expect(gateway.keys()).toHaveLength(2)
    expect(new Set(tabs.flatMap((tab) => tab.visited)).size).toBe(1)
  })

  it('takes another key for another cart, and the same one for the same cart written otherwise', async () => {
    const { storefront } = aTab(gateway)
    gateway.faults.push(problem(403, 'forbidden'), problem(403, 'forbidden'))
    await storefront.startCheckout(cart(1))
    await storefront.startCheckout({ quote: { items: [{ count: 1, sku: 'cup' }], cart: 'c-1' }, returnUrl })
    expect(gateway.keys()).toHaveLength(1)
    await storefront.startCheckout(cart(2))
    expect(gateway.keys()).toHaveLength(2)
  })

  it('lets the newer intent overtake an older one that is still waiting', async () => {
    const tab = aTab(gateway)
    gateway.faults.push('request_lost')
    void tab.storefront.startCheckout(cart(1), tab.tell)
    await vi.advanceTimersByTimeAsync(1)
    const newer = tab.storefront.startCheckout(cart(2))
    await inTime(newer)
    expect(tab.visited).toHaveLength(1)
    expect(tab.statuses()).not.toContain('redirecting')
  })

  it('works in a browser that forbids storage, as long as the page lives', async () => {
    const forbidden = () => {
      throw new Error('Access is denied.')
    }
    const tab = aTab(gateway, { getItem: forbidden, setItem: forbidden, removeItem: forbidden })
    await tab.storefront.startCheckout(order)
    expect((await tab.storefront.startCheckout(order)).status).toBe('redirecting')
    expect(gateway.posts()).toHaveLength(1)
  })
})

describe('a network or a gateway in trouble', () => {
  it.each(['answer_lost', 'request_lost'] as const)('makes one session when the %s twice', async (fault) => {
    const tab = aTab(gateway)
    gateway.faults.push(fault, fault)
    expect((await inTime(tab.storefront.startCheckout(order, tab.tell))).status).toBe('redirecting')
    expect(gateway.keys()).toHaveLength(1)
    expect(gateway.sessions).toHaveLength(1)
    expect(tab.told[1]).toEqual({ status: 'opening', code: 'offline' })
  })

  it.each([
    problem(429, 'rate_limited', {}, { 'retry-after': '10' }),
    problem(409, 'idempotency_in_progress', {}, { 'retry-after': '10' }),
    problem(503, 'provider_unavailable', {}, { 'retry-after': '10' }),
  ])('repeats under the same key after as long as Retry-After says', async (busy) => {
    const tab = aTab(gateway)
    gateway.faults.push(busy)
    const opening = tab.storefront.startCheckout(order)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(gateway.posts()).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect((await opening).status).toBe('redirecting')
    expect(gateway.keys()).toHaveLength(1)
  })

  it('gives up after a while, says so, and keeps the key for the next press', async () => {
    const tab = aTab(gateway)
    gateway.faults.push(...Array.from({ length: 8 }, () => 'answer_lost' as const))
    expect(await inTime(tab.storefront.startCheckout(order))).toEqual({
      status: 'needs_attention',
      code: 'offline',
    })
    expect((await tab.storefront.startCheckout(order)).status).toBe('redirecting')
    expect(gateway.keys()).toHaveLength(1)
    expect(gateway.sessions).toHaveLength(1)
  })
})

describe('a refusal', () => {
  it('of an expired token asks the store for a fresh one and keeps the key', async () => {
    const { storefront } = aTab(gateway)
    gateway.refusals.push(problem(422, 'order_token_expired'))
    let fetched = 0
    const orderToken = () => aToken('A-7', ++fetched)
    expect((await storefront.startCheckout({ orderToken, returnUrl })).status).toBe('redirecting')
    expect(gateway.keys()).toHaveLength(1)
    expect(gateway.posts().map(({ body }) => body.order_token)).toEqual([aToken('A-7', 1), aToken('A-7', 2)])
  })

  it('of an expired token is told when there is nobody to ask for another', async () => {
    const { storefront } = aTab(gateway)
    gateway.refusals.push(problem(422, 'order_token_expired'))
    const state = await storefront.startCheckout({ orderToken: aToken('A-7', 1), returnUrl })
    expect(state).toEqual({ status: 'needs_attention', code: 'order_token_expired' })
  })

  it('of a key that belongs to an earlier price takes a new key', async () => {
    const { storefront } = aTab(gateway)
    gateway.refusals.push(problem(422, 'idempotency_key_reused'))
    expect((await storefront.startCheckout(cart(1))).status).toBe('redirecting')
    expect(gateway.keys()).toHaveLength(2)
  })

  it('of an order that is paid is told as paid', async () => {
    const { storefront } = aTab(gateway)
    gateway.refusals.push(problem(409, 'order_already_paid'))
    expect(await storefront.startCheckout(order)).toEqual({ status: 'paid', code: 'order_already_paid' })
  })

  it('of an order with another checkout open ends that one only where the store wants it', async () => {
    const { storefront } = aTab(gateway)
    gateway.refusals.push(problem(409, 'order_locked'))
    expect(await storefront.startCheckout(order)).toEqual({ status: 'needs_attention', code: 'order_locked' })
    gateway.refusals.push(problem(409, 'order_locked'))
    expect((await storefront.startCheckout({ ...order, replace: true })).status).toBe('redirecting')
    expect(gateway.posts().map(({ body }) => body.new_attempt)).toEqual([undefined, undefined, true])
  })

  it('of a cart passes on the store’s own reason', async () => {
    const { storefront } = aTab(gateway)
    gateway.refusals.push(
      problem(422, 'quote_refused', { reason: 'out_of_stock', detail: 'No cup is left.' }),
    )
    const state = await storefront.startCheckout(cart(1))
    expect(state).toEqual({ status: 'needs_attention', code: 'out_of_stock', detail: 'No cup is left.' })
  })

  it('without end does not go round in circles', async () => {
    const { storefront } = aTab(gateway)
    gateway.refusals.push(...Array.from({ length: 9 }, () => problem(422, 'idempotency_key_reused')))
    expect(await storefront.startCheckout(order)).toMatchObject({ code: 'idempotency_key_reused' })
    expect(gateway.posts()).toHaveLength(4)
  })
})
