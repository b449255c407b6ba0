import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DeliveryMessage } from '../../src/env.ts'
import {
  aDestination,
  aMerchantId,
  anEntry,
  aPaymentId,
  aPublication,
  databaseOf,
  emptyRecords,
  Rig,
  rowsOf,
} from './delivery-rig.ts'

beforeEach(emptyRecords)

describe('the sweeper', () => {
  it('sends again what the queue lost, and only after a lease\u2019s time', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    rig.waiting = []
    await rig.sweep()
    expect(rig.waiting).toEqual([])
    rig.now += 60_000
    await rig.sweep()
    expect(rig.waiting).toMatchObject([{ queue: 'tollgate-retries', body: { tries: [{ attempt: 1 }] } }])
    await rig.turn()
    expect(rig.got).toHaveLength(1)
  })

  it('does not send at every sweep what is on its way already', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    rig.waiting = []
    rig.now += 60_000
    for (let sweeps = 0; sweeps < 10; sweeps += 1) {
      await rig.sweep()
      rig.now += 5_000
    }
    expect(rig.waiting).toHaveLength(1)
  })

  it('leaves a claimed try alone until its lease has ended', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    rig.waiting = []
    rig.now += 60_000
    await databaseOf(merchantId)
      .prepare('update deliveries set lease_until = ?')
      .bind(rig.now + 30_000)
      .run()
    await rig.sweep()
    expect(rig.waiting).toEqual([])
    rig.now += 30_000
    await rig.sweep()
    expect(rig.waiting).toHaveLength(1)
  })

  it('takes a backlog in bounded pages, oldest first, and gets through it', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    const stream = aPaymentId()
    const entries = Array.from({ length: 2_300 }, (_, index) => anEntry(stream, index + 1))
    rig.away.add('queue')
    rig.publish(aPublication({ merchantId, stream, to: 2_300 }, { entries }))
    await rig.turn()
    rig.away.clear()
    rig.now += 60_000
    await rig.sweep()
    const tries = () => rig.waiting.flatMap((one) => (one.body as DeliveryMessage).tries)
    expect(tries()).toHaveLength(2_000)
    await rig.sweep()
    expect(new Set(tries().map((one) => one.deliveryId)).size).toBe(2_300)
    expect(tries()).toHaveLength(2_300)
    // Each message is billed, and holds no more tries than one invocation can make side by side.
    expect(rig.waiting).toHaveLength(460)
  })

  it('pokes payments that are overdue once per while, and not those that are final', async () => {
    const rig = new Rig()
    const [merchantId, late, final, later] = [aMerchantId(), aPaymentId(), aPaymentId(), aPaymentId()]
    const overdueAt = (stream: string, at: number | null) => {
      const publication = aPublication({ merchantId, stream })
      publication.content!.payment!.overdueAt = at
      return publication
    }
    rig.publish(overdueAt(late, rig.now), overdueAt(final, null), overdueAt(later, rig.now + 3_600_000))
    await rig.turn()
    await rig.sweep()
    await rig.sweep()
    expect(rig.poked).toEqual([late])
    rig.now += 600_000
    await rig.sweep()
    expect(rig.poked).toEqual([late, late])

    rig.publish(aPublication({ merchantId, stream: late, to: 2 }))
    await rig.turn()
    rig.now += 600_000
    await rig.sweep()
    expect(rig.poked).toHaveLength(2)
    expect(await rowsOf('payments', merchantId)).toContainEqual(
      expect.objectContaining({ id: late, overdue_at: null }),
    )
  })

  it('says that it failed instead of throwing when a database is away', async () => {
    const rig = new Rig()
    rig.away.add('database')
    await rig.sweep()
    expect([...new Set(rig.log.map(({ message, chore }) => `${message} ${chore}`))]).toEqual([
      'chore_failed poke',
      'chore_failed backlog',
      'chore_failed overdue',
    ])
  })

  it('finds its page by an index, so that a million delivered rows cost it nothing', async () => {
    const plans = await Promise.all(
      [
        'select id from deliveries where due_at is not null and due_at <= 1 and (lease_until is null or lease_until <= 1) order by due_at limit 100',
        'select id from payments where overdue_at is not null and overdue_at <= 1 order by overdue_at limit 100',
      ].map((query) => env.DB.prepare(`explain query plan ${query}`).all<{ detail: string }>()),
    )
    expect(plans.map((plan) => plan.results.map((row) => row.detail).join())).toEqual([
      expect.stringContaining('deliveries_due'),
      expect.stringContaining('payments_overdue'),
    ])
  })
})
