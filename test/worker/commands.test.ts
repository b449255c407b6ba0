/** Money commands, receipts, fulfilment and corrections over HTTP, against the real object and the real sandbox. */
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { ADMIN } from './door.ts'
import { aKey, aTill, click, type Json, type Till } from './till.ts'

let till: Till
let other: Till
let operators: { operator: string; viewer: string }

beforeAll(async () => {
  till = await aTill()
  other = await aTill()
  const path = `/v1/admin/merchants/${till.merchantId}/operators`
  const made = async (role: string) =>
    (await till.door.json(201, path, { as: ADMIN, body: { name: role, role, livemode: false } }))
      .token as string
  operators = { operator: await made('operator'), viewer: await made('viewer') }
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

async function held(): Promise<Json> {
  const session = await till.open({ capture_method: 'manual' })
  await click(session, 'pay')
  expect((await till.paymentOf(session)).status).toBe('authorized')
  return session
}

async function paid(): Promise<Json> {
  const session = await till.open()
  await click(session, 'pay')
  expect((await till.paymentOf(session)).status).toBe('paid')
  return session
}

async function command(session: Json, name: string, body: object = {}, more: object = {}) {
  const path = `/v1/payments/${session.payment_id}/${name}`
  const response = await till.call(path, { body, key: aKey(), ...more })
  return {
    status: response.status,
    replayed: response.headers.get('idempotent-replayed'),
    body: (await response.json()) as Json,
  }
}

describe('capturing', () => {
  it('takes a part of what is held, and reaches the provider’s books once', async () => {
    const session = await held()
    const key = aKey()
    expect((await command(session, 'capture', { amount: 600 }, { key })).body).toMatchObject({
      ...{ status: 'paid', amount_captured: 600, amount_authorized: 1_000 },
    })
    expect(await command(session, 'capture', { amount: 600 }, { key })).toMatchObject({
      status: 200,
      replayed: 'true',
    })
    expect((await command(session, 'capture')).body).toMatchObject({
      code: 'not_allowed_now',
      payment_status: 'paid',
    })
  })

  it('whose answer is lost is in doubt, blocks other commands, and is found again without a second capture', async () => {
    const session = await held()
    const instruct = SandboxBook.prototype.instruct
    const lost = vi.spyOn(SandboxBook.prototype, 'instruct').mockImplementation(async function (
      this: SandboxBook,
      ...what
    ) {
      await instruct.apply(this, what)
      throw new Error('lost')
    })
    const doubtful = await command(session, 'capture')
    expect(doubtful).toMatchObject({ status: 202, body: { in_doubt: true } })
    lost.mockRestore()
    expect((await command(session, 'cancel')).status).toBe(409)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
    await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
    expect(await till.paymentOf(session)).toMatchObject({
      status: 'paid',
      in_doubt: false,
      amount_captured: 1_000,
    })
    expect((await till.eventsOf(session.payment_id)).filter((type) => type === 'payment.paid')).toHaveLength(
      1,
    )
  })
})

describe('canceling a hold', () => {
  it('gives it back', async () => {
    const session = await held()
    expect(await command(session, 'cancel')).toMatchObject({ status: 200, body: { status: 'canceled' } })
  })
})

describe('refunding', () => {
  it('adds up in parts, never goes beyond what was taken, and leaves the payment paid', async () => {
    const session = await paid()
    expect((await command(session, 'refunds', { amount: 400, reason: 'one item' })).body).toMatchObject({
      ...{ status: 'paid', refund_status: 'partial', amount_refunded: 400 },
    })
    expect((await command(session, 'refunds', { amount: 601 })).body.code).toBe('validation_failed')
    expect((await command(session, 'refunds')).body).toMatchObject({
      refund_status: 'full',
      amount_refunded: 1_000,
    })
    const after = await till.paymentOf(session)
    expect(after.refunds.map(({ amount, status }: Json) => [amount, status])).toEqual([
      [400, 'succeeded'],
      [600, 'succeeded'],
    ])
    expect(after.open_exceptions).toBe(0)
  })
})

describe('a fiscal system', () => {
  it('tells of a sale’s and of a refund’s receipt in its answers', async () => {
    const shop = await aTill()
    const [sale, refund] = ['payment.paid', 'payment.refunded']
    await shop.json(201, '/v1/destinations', {
      body: { kind: 'fiscal', url: 'https://fiscal.example/hook', event_types: [sale, refund] },
    })
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) => {
      const { type, data } = (await (request as Request).json()) as Json
      const about =
        type === sale ? { kind: 'sale' } : { kind: 'refund', refund_id: data.payment.refunds[0].id }
      const receipt = { ...about, status: 'issued', receipt_id: `F-${data.receipt_key}` }
      return Response.json({ fiscal_receipt: receipt })
    })
    const session = await shop.open()
    await click(session, 'pay')
    const payment = () => shop.paymentOf(session)
    await vi.waitFor(async () => expect(await payment()).toMatchObject({ fiscal_status: 'issued' }), 10_000)
    const path = `/v1/payments/${session.payment_id}/refunds`
    await shop.call(path, { body: { amount: 400 }, key: aKey() })
    await vi.waitFor(async () => expect((await payment()).fiscal_receipts).toHaveLength(2), 10_000)
    expect(await payment()).toMatchObject({
      ...{ status: 'paid', refund_status: 'partial', fiscal_status: 'issued', open_exceptions: 0 },
      fiscal_receipts: [
        { kind: 'sale', receipt_id: `F-${session.payment_id}-sale` },
        { kind: 'refund', receipt_id: expect.stringMatching(/^F-pay_.*-rfd_/) },
      ],
    })
  })

  it('that may have been asked leaves a doubt, which its receipt ends whenever it comes', async () => {
    const session = await paid()
    const { payment_id } = session
    const cause = `${payment_id}-sale`
    const doubt = { kind: 'fiscal_failed', cause, detail: 'Nobody knows.' } as const
    const stub = env.PAYMENT.getByName(payment_id)
    await stub.raiseException(doubt)
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', open_exceptions: 1 })
    const receipt = { kind: 'sale', status: 'issued', receipt_id: 'F-1' }
    await command(session, 'fiscal-receipts', receipt)
    expect(await till.paymentOf(session)).toMatchObject({ fiscal_status: 'issued', open_exceptions: 0 })
    // The doubt about it may be told late.
    await stub.raiseException(doubt)
    expect(await till.paymentOf(session)).toMatchObject({ open_exceptions: 0 })
  })

  it('tells of its receipt once, without touching the payment’s status', async () => {
    const session = await paid()
    const receipt = { kind: 'sale', status: 'issued', receipt_id: 'F-1' }
    expect((await command(session, 'fiscal-receipts', receipt)).body).toMatchObject({
      ...{ status: 'paid', fiscal_status: 'issued', fiscal_receipts: [{ receipt_id: 'F-1' }] },
    })
    await command(session, 'fiscal-receipts', receipt)
    await command(session, 'fiscal-receipts', { ...receipt, receipt_id: 'F-2' })
    expect(await till.paymentOf(session)).toMatchObject({ fiscal_status: 'issued', open_exceptions: 1 })
    expect(await till.eventsOf(session.payment_id)).toEqual([
      ...['payment.created', 'payment.pending', 'payment.paid', 'payment.fiscal_updated', 'exception.raised'],
    ])
  })
})

describe('a fulfilment system', () => {
  it('moves its track forward only', async () => {
    const session = await paid()
    expect((await command(session, 'fulfillment', { status: 'delivered' })).body.fulfillment_status).toBe(
      'delivered',
    )
    expect((await command(session, 'fulfillment', { status: 'pending' })).body).toMatchObject({
      ...{ code: 'not_allowed_now', fulfillment_status: 'delivered' },
    })
  })
})

describe('a correction', () => {
  const bank = { to_status: 'paid', reason: 'The bank statement shows it.' }

  it('is an operator’s, with a reason, and is told as one', async () => {
    const session = await till.open()
    await till.report(session, { type: 'failed' })
    expect((await command(session, 'corrections', bank)).status).toBe(403)
    expect((await command(session, 'corrections', bank, { as: operators.viewer })).status).toBe(403)
    const reasonless = await command(
      session,
      'corrections',
      { to_status: 'paid' },
      { as: operators.operator },
    )
    expect(reasonless.body.errors).toMatchObject([{ pointer: '/reason' }])
    const done = await command(session, 'corrections', bank, { as: operators.operator })
    expect(done).toMatchObject({ status: 200, body: { status: 'paid', amount_captured: 1_000 } })
    expect((await till.eventsOf(session.payment_id)).slice(-2)).toEqual(['payment.corrected', 'payment.paid'])
  })

  it('of an open session ends it at the provider first, so that nobody pays there any more', async () => {
    const session = await till.open()
    const to = { to_status: 'canceled', reason: 'The customer asked by telephone.' }
    expect((await command(session, 'corrections', to, { as: operators.operator })).body.status).toBe(
      'canceled',
    )
    expect((await click(session, 'pay')).status).toBe(409)
  })
})

it('is 404 for the payment of another merchant, whatever is commanded', async () => {
  const session = await paid()
  for (const [name, body] of Object.entries({
    ...{ capture: {}, cancel: {}, refunds: {}, sync: {} },
    'fiscal-receipts': { kind: 'sale', status: 'failed' },
    fulfillment: { status: 'delivered' },
  })) {
    const path = `/v1/payments/${session.payment_id}/${name}`
    expect([name, (await other.call(path, { body, key: aKey() })).status]).toEqual([name, 404])
  }
  expect(await till.paymentOf(session)).toMatchObject({
    status: 'paid',
    amount_refunded: 0,
    fulfillment_status: 'pending',
  })
})

it('needs a key for each of them', async () => {
  const session = await paid()
  for (const name of ['capture', 'cancel', 'refunds', 'sync']) {
    const response = await till.call(`/v1/payments/${session.payment_id}/${name}`, { body: {} })
    expect([name, ((await response.json()) as Json).code]).toEqual([name, 'idempotency_key_missing'])
  }
})
