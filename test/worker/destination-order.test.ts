// Destinations that want their events in order, or only so many a second.
import { beforeEach, describe, expect, it } from 'vitest'
import { ORDER_WAIT_MS } from '../../src/delivery/gate.ts'
import {
  aDestination,
  aMerchantId,
  aPaymentId,
  aPublication,
  emptyRecords,
  Rig,
  rowsOf,
} from './delivery-rig.ts'

beforeEach(emptyRecords)

const sequencesIn = (rig: Rig) =>
  rig.got.map(({ body }) => (JSON.parse(body) as { data: { sequence: number } }).data.sequence)

describe('an ordered destination', () => {
  it('gets a payment\u2019s events one after the other, although an earlier one fails at first', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    await aDestination(merchantId, { ordered: true })
    rig.behaviour = ({ body }, count) =>
      body.includes('"sequence":1') && count < 3 ? new Response('no', { status: 500 }) : new Response('ok')
    rig.publish(aPublication({ merchantId, stream, from: 1, to: 3 }))
    await rig.settle(10)
    expect(sequencesIn(rig)).toEqual([1, 1, 1, 2, 3])
  })

  it('does not wait for another payment\u2019s events', async () => {
    const rig = new Rig()
    const [merchantId, slow, quick] = [aMerchantId(), aPaymentId(), aPaymentId()]
    await aDestination(merchantId, { ordered: true })
    rig.behaviour = ({ body }) => new Response('', { status: body.includes(slow) ? 500 : 200 })
    rig.publish(aPublication({ merchantId, stream: slow, to: 2 }))
    rig.publish(aPublication({ merchantId, stream: quick, to: 2 }))
    await rig.turn()
    await rig.turn()
    await rig.turn()
    const told = rig.got.filter(({ body }) => body.includes(quick))
    expect(told).toHaveLength(2)
  })

  it('gets an event that has waited long enough before the one that fails, and is told so', async () => {
    const rig = new Rig()
    rig.schedule = [0, 60, 7_200, 7_200]
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    await aDestination(merchantId, { ordered: true })
    rig.behaviour = ({ body }) => new Response('', { status: body.includes('"sequence":1') ? 500 : 200 })
    rig.publish(aPublication({ merchantId, stream, to: 2 }))
    const minutes = ORDER_WAIT_MS / 61_000
    await rig.settle(Math.floor(minutes) - 2)
    expect(sequencesIn(rig)).toEqual([1, 1])
    await rig.settle(6)
    const [, , second] = rig.got
    expect(sequencesIn(rig)).toEqual([1, 1, 2])
    expect(second!.headers).toMatchObject({ 'tollgate-out-of-order': 'true' })
  }, 30_000)

  it('goes on when an earlier event has ended without success', async () => {
    const rig = new Rig()
    rig.schedule = [0, 5]
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    await aDestination(merchantId, { ordered: true })
    rig.behaviour = ({ body }) => new Response('', { status: body.includes('"sequence":1') ? 500 : 200 })
    rig.publish(aPublication({ merchantId, stream, to: 2 }))
    await rig.settle(3)
    const rows = await rowsOf<{ status: string; seq: number }>('deliveries', merchantId)
    expect(rows.map(({ seq, status }) => [seq, status])).toEqual([
      [1, 'failed'],
      [2, 'delivered'],
    ])
    expect(rig.got.at(-1)!.headers).not.toHaveProperty('tollgate-out-of-order')
  })
})

describe('a destination with a limit', () => {
  it('gets no more a second than it takes, and everything in the end', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId, { maxPerSecond: 2 })
    for (let n = 0; n < 7; n += 1) rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    const counts: number[] = []
    for (let second = 0; second < 8; second += 1) {
      const before = rig.got.length
      while ((await rig.turn()) > 0) {}
      counts.push(rig.got.length - before)
      rig.now += 1_000
    }
    expect(counts.reduce((total, count) => total + count)).toBe(7)
    expect(Math.max(...counts)).toBe(2)
    expect((await rowsOf('deliveries', merchantId)).map((row) => row.attempt_count)).toEqual(Array(7).fill(1))
  })
})
