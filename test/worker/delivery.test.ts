import { Webhook } from 'standardwebhooks'
import { beforeEach, describe, expect, it } from 'vitest'
import { aDelivery, type DeliveryRow, failing } from './a-delivery.ts'
import {
  aDestination,
  aMerchantId,
  aPaymentId,
  aPublication,
  databaseOf,
  emptyRecords,
  Rig,
  rowsOf,
  SECRET,
} from './delivery-rig.ts'

beforeEach(emptyRecords)

describe('a try', () => {
  it('carries the frozen bytes under a signature that the standardwebhooks package accepts', async () => {
    const { rig, event, destination } = await aDelivery()
    rig.now = Date.now()
    await rig.turn()
    const [got] = rig.got
    expect(got).toMatchObject({ url: destination.url, body: event.body })
    expect(got!.headers).toMatchObject({
      'webhook-id': event.id,
      'content-type': 'application/json; charset=utf-8',
    })
    expect(new Webhook(SECRET).verify(got!.body, got!.headers)).toEqual(JSON.parse(event.body))
    expect(() => new Webhook(SECRET).verify(`${got!.body} `, got!.headers)).toThrow()
  })

  it('is saved with what came back, and leaves nothing due', async () => {
    const { rig, read } = await aDelivery()
    rig.behaviour = () => new Response('thanks', { status: 202 })
    await rig.turn()
    expect(await read()).toMatchObject({
      ...{ status: 'delivered', due_at: null, lease_until: null, attempt_count: 1 },
      attempts: [
        { n: 1, status: 202, error: null, trigger: 'schedule', responseBody: 'thanks', at: rig.now },
      ],
    })
    expect(rig.waiting).toEqual([])
    expect(rig.log.find((line) => line.message === 'attempt')).toMatchObject({
      outcome: 'delivered',
      status: 202,
      attempt: 1,
    })
  })

  it('keeps at most 2 kB of an answer, however much comes', async () => {
    const { rig, read } = await aDelivery()
    rig.behaviour = () => new Response('é'.repeat(500_000))
    await rig.turn()
    expect((await read()).attempts[0]!.responseBody).toBe('é'.repeat(1_024))
  })

  it('ends at the timeout although the other side never answers', async () => {
    const { rig, read } = await aDelivery()
    rig.timeoutMs = 50
    rig.behaviour = () => new Promise(() => {})
    await rig.turn()
    expect((await read()).attempts).toMatchObject([{ status: null, error: 'timeout', responseBody: null }])
  })

  it('ends at the timeout although the answer never ends, and counts the status that it had', async () => {
    const { rig, read } = await aDelivery({ destination: { timeoutMs: 50 } })
    const endless = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('so f')),
    })
    rig.behaviour = () => new Response(endless)
    await rig.turn()
    expect(await read()).toMatchObject({
      status: 'delivered',
      attempts: [{ status: 200, responseBody: 'so f' }],
    })
  })

  it('takes a redirect for a failure and asks the runtime not to follow it', async () => {
    const { rig, read } = await aDelivery()
    rig.behaviour = failing(302, { location: 'https://169.254.169.254/' })
    await rig.turn()
    expect(await read()).toMatchObject({ status: 'pending', attempts: [{ status: 302 }] })
    expect(rig.got).toHaveLength(1)
  })

  it('does not reach out to an address that became private after it was registered', async () => {
    const { rig, read } = await aDelivery({ destination: { url: 'https://[::ffff:169.254.169.254]/' } })
    await rig.turn()
    expect(rig.got).toEqual([])
    expect((await read()).attempts).toMatchObject([{ error: 'address_not_allowed' }])
  })

  it('is counted as failed, and told to the log, when the destination\u2019s secret does not open', async () => {
    const { rig, read } = await aDelivery({ destination: { secrets: 'v1.gone.AAAA.AAAA' } })
    await rig.turn()
    expect(rig.got).toEqual([])
    expect((await read()).attempts).toMatchObject([{ error: 'unsigned' }])
    expect(rig.log.some((line) => line.message === 'unsigned')).toBe(true)
  })
})

describe('a destination that is down for its first tries', () => {
  it('gets its event later, under the same id, and every attempt is kept', async () => {
    const { rig, read, event } = await aDelivery()
    rig.behaviour = (_got, count) => (count <= 2 ? new Response('down', { status: 503 }) : new Response('ok'))
    await rig.turn()
    expect(await read()).toMatchObject({ status: 'pending', due_at: rig.now + 5_000 })
    expect(rig.waiting).toMatchObject([{ dueAt: rig.now + 5_000, body: { tries: [{ attempt: 2 }] } }])
    await rig.settle(10)
    const { status, attempts } = await read()
    expect(status).toBe('delivered')
    expect(attempts.map((one) => [one.n, one.status, one.trigger])).toEqual([
      [1, 503, 'schedule'],
      [2, 503, 'schedule'],
      [3, 200, 'schedule'],
    ])
    expect(new Set(rig.got.map((one) => one.headers['webhook-id']))).toEqual(new Set([event.id]))
    expect(rig.open.size).toBe(0)
  })

  it('is waited for in the database, not in the queue, when the wait is long', async () => {
    const { rig, read } = await aDelivery()
    rig.behaviour = failing(503, { 'retry-after': '3600' })
    await rig.turn()
    expect(rig.waiting).toEqual([])
    expect(await read()).toMatchObject({ due_at: rig.now + 3_600_000 })
    rig.behaviour = () => new Response('ok')
    await rig.settle(59)
    expect(rig.got).toHaveLength(1)
    await rig.settle(3)
    expect(rig.got).toHaveLength(2)
  })

  it('does not keep the others of its batch waiting for their rows', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const [slow, quick] = [await aDestination(merchantId), await aDestination(merchantId)]
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    const gate = Promise.withResolvers<Response>()
    rig.behaviour = ({ url }) => (url === slow.url ? gate.promise : new Response('ok'))
    const turn = rig.turn()
    const statusAt = async (destination: { id: string }) =>
      (await rowsOf<DeliveryRow & { destination_id: string }>('deliveries', merchantId)).find(
        (row) => row.destination_id === destination.id,
      )!.status
    await expect.poll(() => statusAt(quick)).toBe('delivered')
    expect(await statusAt(slow)).toBe('pending')
    gate.resolve(new Response('ok'))
    await turn
    expect(await statusAt(slow)).toBe('delivered')
  })
})

describe('five tries that end together', () => {
  it('are claimed in one transaction and saved in two', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    for (let made = 0; made < 5; made += 1) await aDestination(merchantId)
    rig.publish(aPublication({ merchantId, stream }))
    await rig.turn()
    const steps = rig.steps
    await rig.turn()
    expect(rig.got).toHaveLength(5)
    expect(rig.steps - steps).toBe(5 + 1 + 2)
    const rows = await rowsOf<DeliveryRow>('deliveries', merchantId)
    expect(rows.map(({ status }) => status)).toEqual(Array(5).fill('delivered'))
  })
})

describe('after the last try', () => {
  it('the delivery is failed and its payment raises one exception that names it', async () => {
    const { rig, read, stream, destination } = await aDelivery()
    rig.behaviour = failing(500)
    await rig.settle()
    const { id, status, due_at, attempts } = await read()
    expect({ status, due_at, tries: attempts.length }).toEqual({
      status: 'failed',
      due_at: null,
      tries: rig.schedule.length,
    })
    expect([...rig.open.values()]).toMatchObject([
      { kind: 'delivery_exhausted', cause: id, deliveryId: id, destinationId: destination.id },
    ])
    expect(stream).toMatch(/^pay_/)
    expect(rig.got).toHaveLength(rig.schedule.length)
  })

  it('nothing is raised when the event was itself about an exception', async () => {
    const { rig, read } = await aDelivery({ eventType: 'exception.raised' })
    rig.behaviour = failing(500)
    await rig.settle()
    expect(await read()).toMatchObject({ status: 'failed', due_at: null })
    expect(rig.open.size).toBe(0)
  })

  it('an exception that the payment could not take at once is raised by the sweeper', async () => {
    const { rig, read } = await aDelivery()
    rig.behaviour = failing(500)
    rig.away.add('raise')
    await rig.settle(60)
    expect(await read()).toMatchObject({ status: 'failed' })
    expect(rig.open.size).toBe(0)
    rig.away.clear()
    await rig.settle(3)
    expect(rig.open.size).toBe(1)
    expect(await read()).toMatchObject({ status: 'failed', due_at: null })
  })

  it('a person\u2019s retry that succeeds delivers it and resolves the exception', async () => {
    const { rig, read, retry } = await aDelivery()
    rig.behaviour = failing(500)
    await rig.settle()
    rig.behaviour = () => new Response('ok')
    await retry()
    await rig.turn()
    const { id, status, attempts, due_at } = await read()
    expect({ status, due_at }).toEqual({ status: 'delivered', due_at: null })
    expect(attempts.at(-1)).toMatchObject({ n: 5, trigger: 'manual', status: 200 })
    expect(rig.resolved).toMatchObject([{ kind: 'delivery_exhausted', cause: id }])
    expect(rig.open.size).toBe(0)
  })

  it('a person\u2019s retry that fails leaves it failed, with its exception open', async () => {
    const { rig, read, retry } = await aDelivery()
    rig.behaviour = failing(500)
    await rig.settle()
    await retry()
    await rig.settle(3)
    expect(await read()).toMatchObject({ status: 'failed', attempt_count: 5, due_at: null })
    expect(rig.open.size).toBe(1)
  })
})

describe('a destination that says 410', () => {
  it('is paused; the delivery is held, a person is told, and what comes later is held too', async () => {
    const { rig, read, merchantId } = await aDelivery()
    rig.behaviour = failing(410)
    await rig.turn()
    expect(await read()).toMatchObject({ status: 'held', due_at: null, attempt_count: 1 })
    expect(await rowsOf('destinations', merchantId)).toMatchObject([
      { status: 'paused', paused_because: 'gone' },
    ])
    expect([...rig.open.values()]).toMatchObject([
      { kind: 'delivery_exhausted', detail: expect.stringContaining('410') },
    ])
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.settle(5)
    expect(rig.got).toHaveLength(1)
    expect((await rowsOf<DeliveryRow>('deliveries', merchantId)).map((row) => row.status)).toEqual([
      'held',
      'held',
    ])
  })

  it('holds what was on its way already', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    await databaseOf(merchantId)
      .prepare("update destinations set status = 'paused' where merchant_id = ?")
      .bind(merchantId)
      .run()
    await rig.settle(5)
    expect(rig.got).toEqual([])
    expect(await rowsOf('deliveries', merchantId)).toMatchObject([
      { status: 'held', attempt_count: 0, due_at: null, lease_until: null },
    ])
  })

  it('may be tried by a person although it is paused, and that success resolves the exception', async () => {
    const { rig, read, retry } = await aDelivery()
    rig.behaviour = failing(410)
    await rig.turn()
    rig.behaviour = () => new Response('back again')
    await retry()
    await rig.turn()
    expect(await read()).toMatchObject({ status: 'delivered', attempt_count: 2 })
    expect(rig.open.size).toBe(0)
  })
})
