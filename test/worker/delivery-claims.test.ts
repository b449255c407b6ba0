// One try has one maker, and a person may ask for one more.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordsOf } from '../../src/store/database.ts'
import { askForRetry } from '../../src/store/deliveries.ts'
import { aDelivery, type DeliveryRow, failing } from './a-delivery.ts'
import { aDestination, aPublication, askedAt, databaseOf, emptyRecords, rowsOf } from './delivery-rig.ts'

beforeEach(emptyRecords)

describe('one try has one maker', () => {
  it('acknowledges a repeated message without a second request', async () => {
    const { rig, read, merchantId } = await aDelivery()
    const { id } = await read()
    rig.send('tollgate-deliveries', rig.message(id, merchantId, 1))
    rig.send('tollgate-deliveries', rig.message(id, merchantId, 1))
    await rig.turn()
    rig.send('tollgate-deliveries', rig.message(id, merchantId, 1))
    await rig.turn()
    expect(rig.got).toHaveLength(1)
    expect(rig.waiting).toEqual([])
  })

  it('makes no try whose number was not reached yet', async () => {
    const { rig, read, merchantId } = await aDelivery()
    rig.waiting = []
    rig.send('tollgate-deliveries', rig.message((await read()).id, merchantId, 2))
    await rig.turn()
    expect(rig.got).toEqual([])
    expect(rig.waiting).toEqual([])
  })

  it('leaves a try alone that another holds, and takes it over when the lease has ended', async () => {
    const { rig, read, merchantId } = await aDelivery()
    const gate = Promise.withResolvers<Response>()
    rig.behaviour = (_got, count) => (count === 1 ? gate.promise : new Response('second'))
    const first = rig.turn()
    await expect.poll(() => rig.got.length).toBe(1)
    const { id } = await read()
    rig.send('tollgate-deliveries', rig.message(id, merchantId, 1))
    await rig.turn()
    expect(rig.got).toHaveLength(1)

    rig.now += 61_000
    rig.send('tollgate-deliveries', rig.message(id, merchantId, 1))
    await rig.turn()
    expect((await read()).attempts).toMatchObject([{ responseBody: 'second' }])
    gate.resolve(new Response('first, too late'))
    await first
    expect((await read()).attempts).toMatchObject([{ responseBody: 'second' }])
    expect(rig.log.at(-1)).toMatchObject({ message: 'attempt', saved: false })
  })

  it('sends its message back when the database is away, and makes the try later', async () => {
    const { rig, read } = await aDelivery()
    rig.away.add('database')
    await rig.turn()
    expect(rig.waiting).toHaveLength(1)
    rig.away.clear()
    await rig.settle(3)
    expect(await read()).toMatchObject({ status: 'delivered', attempt_count: 1 })
  })

  it('lets no retry in while a try is running', async () => {
    const { rig, retry } = await aDelivery()
    const gate = Promise.withResolvers<Response>()
    rig.behaviour = () => gate.promise
    const turn = rig.turn()
    await expect.poll(() => rig.got.length).toBe(1)
    expect(await retry()).toBeNull()
    gate.resolve(new Response('ok'))
    await turn
  })
})

describe('the first tries of one message', () => {
  /** Three destinations of one merchant, whose first tries wait in one message. */
  async function three() {
    const { rig, merchantId, stream } = await aDelivery()
    await aDestination(merchantId)
    await aDestination(merchantId)
    rig.waiting = []
    rig.publish(aPublication({ merchantId, stream, from: 2 }))
    await rig.turn()
    const { body } = rig.waiting[0]!
    const tried = async () => {
      const rows = await rowsOf<DeliveryRow & { seq: number }>('deliveries', merchantId)
      return rows
        .filter(({ seq }) => seq === 2)
        .map((row) => [row.status, row.attempt_count, row.lease_until])
    }
    return { rig, tried, again: () => rig.send('tollgate-deliveries', body), merchantId, stream }
  }

  it.each([0, 30_000, 59_999, 60_001])('have one maker when it comes twice, %i ms late', async (late) => {
    const { rig, tried, again } = await three()
    rig.now += late
    const gate = Promise.withResolvers<void>()
    rig.behaviour = () => gate.promise.then(() => new Response('ok'))
    const first = rig.turn()
    await expect.poll(() => rig.got.length).toBe(3)
    again()
    await rig.turn()
    gate.resolve()
    await first
    again()
    await rig.turn()
    expect(rig.got).toHaveLength(3)
    const done = ['delivered', 1, null]
    expect(await tried()).toEqual([done, done, done])
  })

  it('are made by the sweeper when the Worker died over them, and not before their leases end', async () => {
    const { rig, tried } = await three()
    rig.behaviour = () => {
      rig.diesAt(1, 'before')
      return new Response('ok')
    }
    await rig.turn()
    rig.behaviour = () => new Response('ok')
    expect((await tried()).filter(([status]) => status === 'delivered')).toEqual([])
    const made = rig.got.length
    rig.waiting = []
    rig.now += 50_000
    await rig.sweep()
    expect(rig.waiting).toEqual([])
    await rig.settle(3)
    const done = ['delivered', 1, null]
    expect(await tried()).toEqual([done, done, done])
    expect(rig.got.length).toBeGreaterThanOrEqual(made + 3)
  })

  it('are not asked for by a person while they are about to be made', async () => {
    const { rig, merchantId, tried } = await three()
    const rows = await rowsOf<DeliveryRow & { seq: number }>('deliveries', merchantId)
    const owner = { merchantId, livemode: false }
    for (const { id } of rows.filter(({ seq }) => seq === 2))
      expect(await askForRetry(recordsOf(env, merchantId), owner, id, askedAt(rig.now))).toBeNull()
    await rig.turn()
    expect((await tried()).every(([status]) => status === 'delivered')).toBe(true)
  })

  it('take one written row to claim, however many they are', async () => {
    const { rig, tried } = await three()
    const before = (await tried()).map(([, , lease]) => lease)
    const gate = Promise.withResolvers<void>()
    rig.behaviour = () => gate.promise.then(() => new Response('ok'))
    rig.now += 1_000
    const turn = rig.turn()
    await expect.poll(() => rig.got.length).toBe(3)
    const after = (await tried()).map(([, , lease]) => lease)
    expect(after.filter((lease) => !before.includes(lease))).toHaveLength(1)
    gate.resolve()
    await turn
  })
})

describe('a person\u2019s retry', () => {
  it('sends a delivered event again under the same id, and a failure of that takes nothing back', async () => {
    const { rig, read, retry, event } = await aDelivery()
    await rig.turn()
    rig.behaviour = failing(500)
    await retry()
    await rig.settle(3)
    expect(await read()).toMatchObject({ status: 'delivered', attempt_count: 2, due_at: null })
    expect(rig.got.map((one) => one.headers['webhook-id'])).toEqual([event.id, event.id])
    expect(rig.open.size).toBe(0)
  })

  it('does not use up the schedule', async () => {
    const { rig, read, retry } = await aDelivery()
    rig.behaviour = failing(500)
    await rig.turn()
    for (let i = 0; i < 5; i += 1) {
      await retry()
      await rig.turn()
    }
    expect(await read()).toMatchObject({ status: 'pending', attempt_count: 6 })
    await rig.settle()
    const { attempts } = await read()
    expect(attempts.filter((one) => one.trigger === 'schedule')).toHaveLength(rig.schedule.length)
  })

  it('is refused for a destination that was deleted, and its deliveries end without an exception', async () => {
    const { rig, read, retry, merchantId } = await aDelivery()
    await databaseOf(merchantId)
      .prepare('update destinations set deleted_at = 1 where merchant_id = ?')
      .bind(merchantId)
      .run()
    expect(await retry()).toBeNull()
    await rig.settle(3)
    expect(await read()).toMatchObject({ status: 'failed', due_at: null, attempt_count: 0 })
    expect(rig.open.size).toBe(0)
  })
})
