// What the sandbox did and the gateway did not hear, over HTTP and at the real objects: afterwards both agree.
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, expect, vi } from 'vitest'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { type Books, movesMoneyOnce } from '../providers/money-once.ts'
import { aKey, aTill, checkouts, click, type Json, type Till } from './till.ts'

let till: Till

beforeAll(async () => {
  till = await aTill()
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** The sandbox acts on what is asked meanwhile, and none of its answers arrives. */
async function losing<T>(verb: 'open' | 'instruct', run: () => Promise<T>): Promise<T> {
  // Both verbs answer alike, and what they are given is passed on as it is.
  const acts = SandboxBook.prototype[verb] as SandboxBook['instruct']
  const lost = vi.spyOn(SandboxBook.prototype, verb as 'instruct').mockImplementation(async function (
    this: SandboxBook,
    ...what
  ) {
    await acts.apply(this, what)
    throw new Error('lost')
  })
  return run().finally(() => lost.mockRestore())
}

const post = (path: string, body: object, key = aKey()) => till.call(path, { body, key })

async function ring(session: Json): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
}

/** Both sides' books, over all checkouts that were made since. */
async function books(session: Json, before: number): Promise<Books> {
  expect((await checkouts()) - before).toBe(1)
  const payment = await till.paymentOf(session)
  const { happened = [] } = (await env.SANDBOX.getByName(session.provider_reference).view()) ?? {}
  const total = (type: 'captured' | 'refunded') =>
    happened.findLast((happening) => happening.type === type)?.amount ?? 0
  return {
    gateway: { captured: payment.amount_captured, refunded: payment.amount_refunded },
    provider: { captured: total('captured'), refunded: total('refunded') },
    exceptions: payment.open_exceptions === 0 ? [] : ['there are some'],
  }
}

movesMoneyOnce('sandbox', {
  open: [
    'the same checkout goes on under the same key',
    async () => {
      const before = await checkouts()
      const order = till.order()
      const answer = await losing('open', () => post('/v1/payment-sessions', order))
      expect(answer.status).toBe(503)
      const session: Json = await (await post('/v1/payment-sessions', order)).json()
      await click(session, 'pay')
      return books(session, before)
    },
  ],
  capture: [
    'it is found by asking',
    async () => {
      const before = await checkouts()
      const session = await till.open({ capture_method: 'manual' })
      await click(session, 'pay')
      const path = `/v1/payments/${session.payment_id}/capture`
      expect((await losing('instruct', () => post(path, { amount: 800 }))).status).toBe(202)
      await ring(session)
      expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', in_doubt: false })
      return books(session, before)
    },
  ],
  refund: [
    'it is found by asking, and a second one only when it is told twice',
    async () => {
      const before = await checkouts()
      const session = await till.open()
      await click(session, 'pay')
      const path = `/v1/payments/${session.payment_id}/refunds`
      expect((await losing('instruct', () => post(path, { amount: 300 }))).status).toBe(202)
      await ring(session)
      expect(await till.paymentOf(session)).toMatchObject({ amount_refunded: 300, in_doubt: false })
      expect((await post(path, { amount: 300 })).status).toBe(200)
      expect(await till.paymentOf(session)).toMatchObject({ amount_refunded: 600 })
      return books(session, before)
    },
  ],
})
