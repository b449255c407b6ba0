// The Worker dies once, at every outward step of recording, delivering and sweeping, before or after the step took
// effect. What comes after must end as if nothing had happened, but for one request that may have been made twice.
import { describe, expect, it } from 'vitest'
import type { Attempt } from '../../src/store/schema.ts'
import {
  aDestination,
  aMerchantId,
  aPaymentId,
  aPublication,
  emptyRecords,
  Rig,
  rowsOf,
} from './delivery-rig.ts'

interface Row {
  id: string
  destination_id: string
  status: string
  due_at: number | null
  lease_until: number | null
  attempt_count: number
  attempts: string
}

/** Two events for a destination that takes them, one that is down at first, and one that never does. */
async function history(fuse: { at: number; when: 'before' | 'after' } | null) {
  await emptyRecords()
  const rig = new Rig()
  rig.schedule = [0, 5, 5]
  const [merchantId, stream] = [aMerchantId(), aPaymentId()]
  const up = await aDestination(merchantId)
  const late = await aDestination(merchantId)
  const down = await aDestination(merchantId)
  const takenAt = rig.now + 4_000
  rig.behaviour = ({ url }) => {
    if (url === up.url || (url === late.url && rig.now > takenAt)) return new Response('ok')
    return new Response('no', { status: 500 })
  }
  if (fuse) rig.diesAt(fuse.at, fuse.when)
  rig.publish(aPublication({ merchantId, stream, to: 2 }))
  await rig.settle(8)
  const deliveries = await rowsOf<Row>('deliveries', merchantId)
  const of = (id: string) => deliveries.filter((row) => row.destination_id === id)
  return { rig, merchantId, stream, deliveries, up: of(up.id), late: of(late.id), down: of(down.id) }
}

async function expectTheSameEnd({
  rig,
  merchantId,
  stream,
  deliveries,
  up,
  late,
  down,
}: Awaited<ReturnType<typeof history>>) {
  expect((await rowsOf('journal', merchantId)).map((row) => row.seq)).toEqual([1, 2])
  expect(await rowsOf('payments', merchantId)).toMatchObject([{ id: stream, version: 2 }])
  expect(rig.confirmed.length).toBeGreaterThan(0)
  expect([up, late, down].map((rows) => rows.map((row) => row.status))).toEqual([
    ['delivered', 'delivered'],
    ['delivered', 'delivered'],
    ['failed', 'failed'],
  ])
  for (const row of deliveries) {
    expect({ due: row.due_at, lease: row.lease_until }).toEqual({ due: null, lease: null })
    const attempts = JSON.parse(row.attempts) as Attempt[]
    expect(attempts.map((one) => one.n)).toEqual(attempts.map((_, index) => index + 1))
    expect(attempts).toHaveLength(row.attempt_count)
  }
  expect([...rig.open.values()].map((trouble) => trouble.cause).sort()).toEqual(
    down.map((row) => row.id).sort(),
  )
  expect(rig.waiting).toEqual([])
  const attempts = deliveries.reduce((sum, row) => sum + row.attempt_count, 0)
  // A death may come after requests of one batch were made and before their rows were saved.
  expect(rig.got.length - attempts).toBeGreaterThanOrEqual(0)
  expect(rig.got.length - attempts).toBeLessThanOrEqual(deliveries.length)
}

describe('a Worker that dies once', () => {
  it('is not needed for the history to be what it should', async () => {
    await expectTheSameEnd(await history(null))
  })

  it.each(['before', 'after'] as const)(
    '%s any one of its outward steps changes nothing at the end',
    async (when) => {
      const { rig } = await history(null)
      expect(rig.steps).toBeGreaterThan(20)
      for (let at = 1; at <= rig.steps; at += 1) {
        const ended = await history({ at, when })
        try {
          await expectTheSameEnd(ended)
        } catch (error) {
          throw new Error(`It differs when the Worker dies ${when} step ${at}.`, { cause: error })
        }
      }
    },
    120_000,
  )
})
