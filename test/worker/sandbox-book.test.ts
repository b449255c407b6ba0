import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { CheckoutOrder } from '../../src/domain/provider.ts'
import type { SandboxBook } from '../../src/sandbox/book.ts'
import { sessionOf } from '../providers/contract.ts'
import {
  type Arrived,
  anOrder,
  bookOf,
  click,
  connectionId,
  listen,
  secret,
  serve,
  shop,
} from './sandbox-shop.ts'

afterEach(() => {
  vi.useRealTimers()
})

async function opened(details: Partial<CheckoutOrder> = {}) {
  const order = anOrder(details)
  const outcome = await shop().open(order)
  if (outcome.kind !== 'done') throw new Error(outcome.kind)
  const reference = outcome.value.references[0]
  return { order, reference, session: sessionOf(order, outcome.value) }
}

/** Lets so much time pass for the books; nobody waits for it. */
function pass(seconds: number) {
  const now = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: now + seconds * 1000 })
}

const types = (arrived: Arrived[]) => arrived.map((report) => JSON.parse(report.body).type)
const waiting = (reference: string) =>
  runInDurableObject(bookOf(reference), (book: SandboxBook) => book.view()).then((view) =>
    view?.reports.filter((report) => report.waiting),
  )

describe('what the sandbox reports', () => {
  it('is a Standard Webhook that the reference library accepts, with everything that the contract names', async () => {
    const { order, reference } = await opened({ amount: 4_200, currency: 'USD' })
    const arrived = await listen(reference)
    await click(reference, { choice: 'pay' })
    const [report] = arrived
    expect(new Webhook(secret).verify(report?.body ?? '', report?.headers ?? {})).toEqual({
      type: 'payment.captured',
      timestamp: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      data: {
        reference,
        order_id: order.orderId,
        session_id: order.sessionId,
        amount: 4_200,
        currency: 'USD',
        occurred_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      },
    })
  })

  it('goes to the address that the shop gave', async () => {
    const { reference } = await opened()
    const asked = await runInDurableObject(bookOf(reference), async (book: SandboxBook) => {
      const urls: string[] = []
      book.outside = async (request) => {
        urls.push(request.url)
        return new Response()
      }
      await book.choose('pay', false, {
        lateSeconds: 0,
        times: 1,
        reordered: false,
        tampered: 'none',
        lost: false,
      })
      return urls
    })
    expect(asked).toEqual([`https://gateway.example/webhooks/sandbox/${connectionId}`])
  })

  it('is sent again by alarm until it is taken, under the same id and with the same body', async () => {
    const { reference } = await opened()
    const arrived = await listen(reference, (nth) => new Response(null, { status: nth < 3 ? 503 : 200 }))
    await click(reference, { choice: 'pay' })
    expect(arrived).toHaveLength(1)
    for (const seconds of [3, 6]) {
      pass(seconds)
      await runDurableObjectAlarm(bookOf(reference))
    }
    await vi.waitFor(() => expect(arrived).toHaveLength(3))
    expect(new Set(arrived.map((report) => report.body)).size).toBe(1)
    expect(new Set(arrived.map((report) => report.headers['webhook-id'])).size).toBe(1)
    expect(await waiting(reference)).toEqual([])
  })

  it('survives the sandbox: what was never answered is sent again after a crash', async () => {
    const { reference } = await opened()
    await listen(reference, () => Promise.reject(new Error('The machine is gone.')))
    await click(reference, { choice: 'pay' })
    await evictDurableObject(bookOf(reference))
    expect(await waiting(reference)).toMatchObject([{ type: 'payment.captured', tries: 1 }])
    const arrived = await listen(reference)
    pass(30)
    await runDurableObjectAlarm(bookOf(reference))
    await vi.waitFor(() => expect(types(arrived)).toEqual(['payment.captured']))
  })

  it('comes late by alarm where it was asked to, while the books know at once', async () => {
    const { reference, session } = await opened()
    const arrived = await listen(reference)
    await click(reference, { choice: 'pay', late: '600' })
    expect(arrived).toEqual([])
    expect(await shop().find(session)).toMatchObject({ value: { facts: [{ type: 'captured' }] } })
    pass(601)
    expect(await runDurableObjectAlarm(bookOf(reference))).toBe(true)
    expect(types(arrived)).toEqual(['payment.captured'])
  })

  it('never comes where it is lost, though the status tells', async () => {
    const { reference, session } = await opened()
    const arrived = await listen(reference)
    await click(reference, { choice: 'pay', lost: 'on' })
    expect(await runDurableObjectAlarm(bookOf(reference))).toBe(false)
    expect(arrived).toEqual([])
    expect(await shop().find(session)).toMatchObject({
      value: { facts: [{ type: 'captured' }], payable: false },
    })
  })

  it('comes as often as it is repeated, under one id', async () => {
    const { reference } = await opened()
    const arrived = await listen(reference)
    await click(reference, { choice: 'pay', repeated: '4' })
    expect(arrived).toHaveLength(4)
    expect(new Set(arrived.map((report) => report.headers['webhook-id'])).size).toBe(1)
  })

  it('tells the hold after the capture where it is reordered', async () => {
    const { reference } = await opened()
    const arrived = await listen(reference)
    await click(reference, { choice: 'pay', reordered: 'on' })
    expect(types(arrived)).toEqual(['payment.captured', 'payment.authorized'])
    const [newer, older] = arrived.map((report) => JSON.parse(report.body).data.occurred_at)
    expect(older < newer).toBe(true)
  })

  it.each([
    ['amount', { amount: 1_001 }],
    ['currency', { currency: 'EUR' }],
    ['order', { order_id: expect.stringMatching(/-another$/) }],
  ])('lies about the %s under a genuine signature where it is tampered with', async (tampered, lie) => {
    const { reference, session } = await opened({ amount: 1_000, currency: 'USD' })
    const [report] = await listen(reference).then(async (arrived) => {
      await click(reference, { choice: 'pay', tampered })
      return arrived
    })
    expect(new Webhook(secret).verify(report?.body ?? '', report?.headers ?? {})).toMatchObject({ data: lie })
    expect(await shop().find(session)).toMatchObject({
      value: { facts: [{ amount: 1_000, currency: 'USD' }] },
    })
  })

  it('carries a signature that is not ours where that is tampered with, and is tried once', async () => {
    const { reference } = await opened()
    const arrived = await listen(reference, () => new Response(null, { status: 401 }))
    await click(reference, { choice: 'pay', tampered: 'signature' })
    const [report] = arrived
    expect(() => new Webhook(secret).verify(report?.body ?? '', report?.headers ?? {})).toThrow('No matching')
    expect(await waiting(reference)).toEqual([])
  })

  it('follows what the shop instructs, with totals so far and a name for each refund', async () => {
    const { reference, session } = await opened({ amount: 1_000, captureMethod: 'manual' })
    const arrived = await listen(reference)
    await click(reference, { choice: 'pay' })
    await shop().act({ type: 'capture', amount: 900 }, session, 'k1')
    await shop().act({ type: 'refund', amount: 200 }, session, 'k2')
    await shop().act({ type: 'refund', amount: 300 }, session, 'k3')
    await vi.waitFor(() => expect(arrived).toHaveLength(4))
    const said = arrived.map((report) => JSON.parse(report.body).data)
    expect(said.map((data) => data.amount)).toEqual([1_000, 900, 200, 500])
    expect(said.map((data) => data.refund_reference)).toEqual([
      undefined,
      undefined,
      `${reference}_r1`,
      `${reference}_r2`,
    ])
  })
})

describe('the books of the sandbox', () => {
  it('survive an eviction at every step', async () => {
    const { order, reference, session } = await opened({ captureMethod: 'manual' })
    const again = async () => {
      await evictDurableObject(bookOf(reference))
      await listen(reference)
    }
    await again()
    await click(reference, { choice: 'pay' })
    await again()
    await shop().act({ type: 'capture', amount: order.amount }, session, 'k1')
    await again()
    expect(await shop().open({ ...order, call: 2 })).toMatchObject({ value: { references: [reference] } })
    expect(await shop().find(session)).toMatchObject({
      value: { facts: [{ type: 'authorized' }, { type: 'captured', amount: order.amount }] },
    })
  })

  it('refuse the same key for another order', async () => {
    const { order } = await opened()
    const other = await shop().open({ ...order, amount: order.amount + 1 })
    expect(other).toMatchObject({ kind: 'declined', code: 'invalid_request' })
  })

  it('open for no stranger', async () => {
    const { session } = await opened()
    const stranger = shop(serve, ['whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldCwgbm90IG91cnM='])
    expect(await stranger.find(session)).toMatchObject({ kind: 'unknown' })
    expect(await stranger.act({ type: 'cancel' }, session, 'k1')).toMatchObject({
      kind: 'declined',
      code: 'bad_credentials',
    })
    expect(await shop().find(session)).toMatchObject({ value: { facts: [], payable: true } })
  })

  it('close at the end of the checkout: it is expired, the page refuses, and only the bank can still pay', async () => {
    const { reference, session } = await opened()
    const arrived = await listen(reference)
    pass(1_801)
    expect(await shop().find(session)).toMatchObject({
      value: { facts: [{ type: 'expired' }], payable: false },
    })
    expect((await click(reference, { choice: 'pay' })).status).toBe(409)
    expect((await click(reference, { choice: 'decline', anyway: 'on' })).status).toBe(409)
    expect((await click(reference, { choice: 'pay', anyway: 'on' })).status).toBe(303)
    expect(types(arrived)).toEqual(['payment.captured'])
  })

  it('hold nothing for a name that was never opened, not even a row', async () => {
    const reference = 'sbx_00000000000000000000000000'
    await shop().find({ ...sessionOf(anOrder(), null), references: [reference] })
    await click(reference, { choice: 'pay' })
    const rows = await runInDurableObject(bookOf(reference), (_book, state) => [...state.storage.kv.list()])
    expect(rows).toEqual([])
  })

  it('believe the shop about money that was reported without this page', async () => {
    const { session } = await opened({ amount: 1_000 })
    const refunded = await shop().act({ type: 'refund', amount: 400 }, session, 'k1')
    expect(refunded).toMatchObject({ kind: 'done', value: [{ type: 'refunded', amount: 400 }] })
    expect(await shop().act({ type: 'refund', amount: 700 }, session, 'k2')).toMatchObject({
      kind: 'declined',
    })
  })
})
