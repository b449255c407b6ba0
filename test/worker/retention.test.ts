import { beforeEach, describe, expect, it } from 'vitest'
import { doChores } from '../../src/delivery/chores.ts'
import { aDelivery, failing } from './a-delivery.ts'
import {
  aMerchantId,
  aPaymentId,
  aPublication,
  databaseOf,
  emptyRecords,
  type Rig,
  rowsOf,
} from './delivery-rig.ts'
import { plugIn, unplug } from './meter.ts'

const DAY = 86_400_000

beforeEach(emptyRecords)

const days = (rig: Rig, count: number) => {
  rig.now += count * DAY
}

/** A delivery that was taken, with what it was answered. */
async function aTaken() {
  const one = await aDelivery()
  one.rig.behaviour = () => new Response('thank you')
  await one.rig.settle(2)
  return one
}

/** A delivery that nobody took, in all its tries. */
async function anExhausted() {
  const one = await aDelivery()
  one.rig.behaviour = failing(500)
  await one.rig.settle(120)
  expect(await one.read()).toMatchObject({ status: 'failed', due_at: null })
  return one
}

const anOpenException = (stream: string, status: 'open' | 'resolved' = 'open') => ({
  ...{ id: `exc_${stream.slice(4)}0001`, kind: 'late_payment', status, sessionId: null, deliveryId: null },
  ...{ destinationId: null, detail: 'x', raisedAt: 1, resolvedAt: null, resolution: null, note: null },
  ...{ resolvedBy: null, version: status === 'open' ? 1 : 2 },
})

describe('what is kept for a time', () => {
  it('is the answer for thirty days, and the delivery with its attempts for ninety', async () => {
    const { rig, read, merchantId } = await aTaken()
    days(rig, 29)
    await doChores(rig.ports())
    expect(await read()).toMatchObject({ attempts: [{ status: 200, responseBody: 'thank you' }] })

    days(rig, 2)
    await doChores(rig.ports())
    const [attempt] = (await read()).attempts
    expect(attempt).toEqual({
      ...{ n: 1, at: attempt!.at, durationMs: attempt!.durationMs, status: 200 },
      ...{ error: null, trigger: 'schedule', responseBody: null },
    })
    expect(rig.log).toContainEqual({ message: 'chore', chore: 'retention', answers: 1, deliveries: 0 })

    days(rig, 60)
    await doChores(rig.ports())
    expect(await rowsOf('deliveries', merchantId)).toEqual([])
    expect(await rowsOf('journal', merchantId)).toHaveLength(1)
  })

  it('is as long as the deployment says', async () => {
    const { rig, merchantId } = await aTaken()
    const ports = rig.ports()
    const settings = { ...ports.settings, KEEP_DELIVERIES_DAYS: 2 }
    days(rig, 1)
    await doChores({ ...ports, settings })
    expect(await rowsOf('deliveries', merchantId)).toHaveLength(1)
    days(rig, 2)
    await doChores({ ...ports, settings })
    expect(await rowsOf('deliveries', merchantId)).toEqual([])
  })

  it('is looked through once a day', async () => {
    const { rig } = await aTaken()
    days(rig, 1)
    // The day's checkpoint takes a few runs.
    for (let runs = 0; runs < 6; runs += 1) await doChores(rig.ports())
    const counts = plugIn()
    await doChores(rig.ports())
    unplug()
    // A row for each kind of chore says that it is done.
    expect(counts.d1RowsRead).toBeLessThanOrEqual(6)
    expect(counts.d1RowsWritten).toBe(0)
  })
})

describe('however old it is, there stays whole', () => {
  const later = async (one: Awaited<ReturnType<typeof aDelivery>>) => {
    const before = await one.read()
    days(one.rig, 400)
    await doChores(one.rig.ports())
    expect(await one.read()).toEqual(before)
  }

  it('what is still to be delivered', async () => await later(await aDelivery()))

  it('what is held for a paused destination', async () =>
    await later(await aDelivery({ destination: { status: 'paused', pausedBecause: 'asked' } })))

  it('what failed while its payment has an open exception, and goes when a person has closed it', async () => {
    const one = await anExhausted()
    const { rig, merchantId, stream } = one
    const tell = async (status: 'open' | 'resolved') => {
      const range = status === 'open' ? 2 : 3
      const exceptions = [anOpenException(stream, status)]
      rig.publish(aPublication({ merchantId, stream, from: range }, { entries: [], exceptions }))
      await rig.turn()
    }
    await tell('open')
    await later(one)

    await tell('resolved')
    days(rig, 1)
    await doChores(rig.ports())
    expect(await rowsOf('deliveries', merchantId)).toEqual([])
  })

  it('what has still to tell its payment how it ended', async () => {
    const one = await aDelivery()
    one.rig.away.add('raise')
    one.rig.behaviour = failing(500)
    await one.rig.settle(90)
    expect((await one.read()).due_at).not.toBeNull()
    await later(one)
  })

  it('what a person has tried again lately', async () => {
    const one = await aTaken()
    days(one.rig, 400)
    await one.retry()
    await one.rig.turn()
    await doChores(one.rig.ports())
    expect((await one.read()).attempts.map(({ n }) => n)).toEqual([1, 2])
  })
})

describe('the walk through a large database', () => {
  it('is made in bounded pieces, goes on after a run that died, and misses nothing', async () => {
    const one = await aTaken()
    const { rig, merchantId } = one
    const database = databaseOf(merchantId)
    const other = aMerchantId()
    // Every third of them is still to be delivered.
    await database
      .prepare(
        `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 12000)
         insert into deliveries select 'dlv_' || substr('00000000000000000000000000' || n, -26) || 'x', ?, 0, ?, 1,
           'evt_x', 'payment.paid', 'dst_x', case when n % 3 = 0 then 'pending' else 'delivered' end, 1,
           case when n % 3 = 0 then 9999999999999 end, null, 'schedule', '[]', 1, null, 0 from numbers`,
      )
      .bind(other, aPaymentId())
      .run()
    const left = async () => (await rowsOf('deliveries', other)).length
    rig.diesAt(8, 'after')
    await doChores(rig.ports())
    rig.revive()
    const afterDeath = await left()
    expect(afterDeath).toBeLessThan(12_000)
    await doChores(rig.ports())
    expect(afterDeath - (await left())).toBeLessThanOrEqual(5_000)
    await Promise.all([doChores(rig.ports()), doChores(rig.ports())])
    await doChores(rig.ports())
    expect(await left()).toBe(4_000)
    expect(await rowsOf('deliveries', merchantId)).toHaveLength(1)
  }, 60_000)
})
