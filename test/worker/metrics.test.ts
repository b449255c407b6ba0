/** Every count has a test that fails without it; and a deployment that counts nothing works all the same. */
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { inboxIdOf } from '../../src/crypto/hash.ts'
import { count, type Metric } from '../../src/payment/metrics.ts'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { aDelivery, failing } from './a-delivery.ts'
import { emptyRecords } from './delivery-rig.ts'
import { anOrderId, aTill, click, type Json, type Till } from './till.ts'

let till: Till
let points: AnalyticsEngineDataPoint[]

beforeAll(async () => {
  till = await aTill()
})

beforeEach(() => {
  points = []
  // The objects and the queues' consumers have bindings of their own, of the same class.
  vi.spyOn(Object.getPrototypeOf(env.METRICS), 'writeDataPoint').mockImplementation((point) => {
    points.push(point as AnalyticsEngineDataPoint)
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const pass = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })

/** Outcome and kind of the points of this name, in their order. */
const counted = (name: Metric['name']) =>
  points.filter(({ blobs }) => blobs?.[0] === name).map(({ blobs }) => `${blobs?.[1]} ${blobs?.[2]}`)

describe('a session', () => {
  it('is counted when it was opened, and when it was found open already', async () => {
    const session = await till.open()
    await till.open({ order_id: session.order_id }, 200)
    expect(counted('session')).toEqual(['opened sandbox', 'reused sandbox'])
    expect(points[0]).toEqual({
      indexes: [till.merchantId],
      blobs: ['session', 'opened', 'sandbox', 'test', till.connectionId],
      doubles: [1, 0, 0],
    })
  })

  it('is counted when its provider did not answer', async () => {
    vi.spyOn(SandboxBook.prototype, 'open').mockRejectedValue(new Error('away'))
    await till.open({}, 503)
    expect(counted('session')).toEqual(['unanswered sandbox'])
  })
})

describe('a report', () => {
  it('is counted by what became of it: applied, repeated, mismatched, not kept', async () => {
    const session = await till.open()
    const data = { session_id: session.id, reference: session.provider_reference, amount: 1_000 }
    const raw = JSON.stringify({ type: 'payment.captured', data: { ...data, currency: 'AMD' } })
    for (let time = 0; time < 2; time += 1) await till.report(session, { id: 'rpt_counted', raw })
    const other = await till.open()
    await till.report(other, { data: { amount: 7 } })
    const { PaymentObject } = await import('../../src/payment/object.ts')
    vi.spyOn(PaymentObject.prototype, 'hear').mockRejectedValueOnce(new Error('disk full'))
    await till.report(other)
    expect(counted('report')).toEqual([
      ...['applied sandbox', 'repeated sandbox'],
      ...['mismatched sandbox', 'not_kept sandbox'],
    ])
  })

  it('is counted when it is forged, untimely or of no interest', async () => {
    const session = await till.open()
    await till.report(session, { headers: { 'webhook-signature': 'v1,AAAA' } })
    await till.report(session, { at: Date.now() - 301_000 })
    await till.report(session, { raw: '{"type":"other.thing","data":{}}' })
    expect(counted('report')).toEqual(['forged sandbox', 'untimely sandbox', 'ignored sandbox'])
  })

  it('is counted when it came before its session, and when it was taken later', async () => {
    const orderId = anOrderId()
    const reference = 'sbx_counted_early'
    await till.report({ order_id: orderId, amount: 1_000, currency: 'AMD', provider_reference: reference })
    vi.spyOn(SandboxBook.prototype, 'open').mockImplementation(async (_, terms) => ({
      kind: 'standing',
      standing: {
        ...{ reference, payable: true, expired: false, happened: [] },
        ...{ sessionId: terms.sessionId, orderId: terms.orderId, amount: terms.amount },
        ...{ currency: terms.currency, expiresAt: terms.expiresAt },
      },
    }))
    await till.open({ order_id: orderId })
    pass(10)
    await runDurableObjectAlarm(env.INBOX.getByName(inboxIdOf(till.connectionId, reference)))
    expect(counted('report')).toEqual(['unmatched sandbox', 'taken_later '])
  })
})

describe('an exception', () => {
  it('is counted by kind when a payment raises it, and when it is resolved', async () => {
    const session = await till.open()
    await till.report(session, { data: { amount: 7 } })
    expect(counted('exception')).toEqual(['raised report_mismatch'])
    const { data } = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    const raised = data.find(({ type }: Json) => type === 'exception.raised')
    const how = { id: raised.data.id, resolution: 'checked', note: null, actor: 'opr_1' }
    await env.PAYMENT.getByName(session.payment_id).resolveException(how)
    expect(counted('exception')).toEqual(['raised report_mismatch', 'resolved report_mismatch'])
  })

  it('is counted when an inbox raises it', async () => {
    const reference = 'sbx_counted_stray'
    await till.report({ order_id: anOrderId(), amount: 1, currency: 'AMD', provider_reference: reference })
    pass(3_601)
    await runDurableObjectAlarm(env.INBOX.getByName(inboxIdOf(till.connectionId, reference)))
    expect(counted('exception')).toEqual(['raised report_unmatched'])
  })
})

describe('a doubt', () => {
  it('is counted when it begins, and with its age when it ends', async () => {
    const session = await till.open()
    await click(session, 'pay', { lost: 'on' })
    await till.report(session, { data: { amount: 7 } })
    pass(60)
    await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
    expect(counted('doubt')).toEqual(['begun sandbox', 'ended sandbox'])
    const ended = points.find(({ blobs }) => blobs?.[0] === 'doubt' && blobs[1] === 'ended')
    expect(ended?.doubles?.[2]).toBeGreaterThanOrEqual(60_000)
  })

  it('is counted when it is a command’s', async () => {
    const session = await till.open({ capture_method: 'manual' })
    await click(session, 'pay')
    vi.spyOn(SandboxBook.prototype, 'instruct').mockRejectedValue(new Error('away'))
    const path = `/v1/payments/${session.payment_id}/capture`
    await till.json(202, path, { body: {}, key: 'in-doubt' })
    expect(counted('doubt')).toEqual(['begun sandbox'])
  })
})

describe('a try of a delivery', () => {
  beforeEach(emptyRecords)

  it('is counted by what follows from it, with how long it took and how old its event is', async () => {
    const { rig, merchantId, destination } = await aDelivery()
    rig.schedule = [0, 5]
    rig.behaviour = async () => {
      rig.now += 30
      return failing(500)()
    }
    await rig.settle(3)
    expect(rig.counted).toEqual(
      [
        { outcome: 'retry', durationMs: 30, ageMs: 30 },
        { outcome: 'exhausted', durationMs: 30, ageMs: expect.any(Number) },
      ].map((point) => ({
        ...{ name: 'delivery', merchantId, livemode: false, kind: 'payment.paid', about: destination.id },
        ...point,
      })),
    )
    expect(rig.counted[1]!.ageMs).toBeGreaterThan(5_000)
  })

  it('is written by the real ports', async () => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('ok'))
    const shop = await aTill()
    const body = { kind: 'crm', url: 'https://crm.example/events', event_types: ['payment.paid'] }
    await shop.json(201, '/v1/destinations', { body })
    await shop.report(await shop.open())
    await vi.waitFor(() => expect(counted('delivery')).toEqual(['delivered payment.paid']), 20_000)
  })
})

describe('counting', () => {
  const metric: Metric = {
    ...{ name: 'session', outcome: 'opened', merchantId: 'mer_x', livemode: true, kind: 'sandbox' },
  }

  it('is nothing where the binding is absent', () => {
    expect(() => count({}, metric)).not.toThrow()
    expect(points).toEqual([])
  })

  it('never throws, whatever the dataset does', () => {
    const writeDataPoint = () => {
      throw new Error('too many points')
    }
    expect(() => count({ METRICS: { writeDataPoint } }, metric)).not.toThrow()
  })

  it('tells live from test, and carries ids and outcomes only', () => {
    count(env, { ...metric, durationMs: 5, ageMs: 7, about: 'con_x' })
    expect(points).toEqual([
      {
        indexes: ['mer_x'],
        blobs: ['session', 'opened', 'sandbox', 'live', 'con_x'],
        doubles: [1, 5, 7],
      },
    ])
  })
})
