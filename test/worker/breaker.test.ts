// A destination that fails for long is left in peace; what it is owed is held, probed with, released, or ends before an
// operator. Nothing of it is lost, and nobody else waits for it.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { FAILURES_TO_OPEN, recovered } from '../../src/domain/health.ts'
import { releaseHeld } from '../../src/store/backlog.ts'
import { claimTries } from '../../src/store/claims.ts'
import { recordsIn } from '../../src/store/database.ts'
import { changeDestination, type DestinationChange } from '../../src/store/destinations.ts'
import { settleTries, takeDueDeliveries } from '../../src/store/tries.ts'
import { aDelivery } from './a-delivery.ts'
import {
  aDestination,
  aMerchantId,
  anEntry,
  aPaymentId,
  aPublication,
  emptyRecords,
  Rig,
  rowsOf,
} from './delivery-rig.ts'

beforeEach(emptyRecords)

interface Row {
  id: string
  stream: string
  destination_id: string
  status: string
  due_at: number | null
  lease_until: number | null
  attempt_count: number
}

const down = () => new Response('down', { status: 503 })
const destinationsOf = (merchantId: string) => rowsOf('destinations', merchantId)
const deliveriesOf = (merchantId: string) => rowsOf<Row>('deliveries', merchantId)

/** A merchant whose destination has failed until its breaker opened; so many events were on their way then. */
async function broken(events = FAILURES_TO_OPEN) {
  const rig = new Rig()
  rig.schedule = [0, 30, 60, 3_600]
  rig.behaviour = down
  const merchantId = aMerchantId()
  const destination = await aDestination(merchantId)
  const publish = (count: number) => {
    for (let n = 0; n < count; n += 1) rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
  }
  publish(events)
  await rig.turn()
  await rig.turn()
  rig.now += 61_000
  await rig.turn()
  expect(await destinationsOf(merchantId)).toMatchObject([{ status: 'paused', paused_because: 'failing' }])
  // What was waiting for its next try finds the door closed.
  rig.now += 60_000
  await rig.turn()
  return { rig, merchantId, destination, publish }
}

describe('a breaker', () => {
  it('stays closed through a blip, however many events fail in it at once', async () => {
    const rig = new Rig()
    rig.behaviour = down
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    for (let n = 0; n < 3 * FAILURES_TO_OPEN; n += 1)
      rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    await rig.turn()
    expect(await destinationsOf(merchantId)).toMatchObject([
      { status: 'active', failures: 3 * FAILURES_TO_OPEN, failing_since: rig.now },
    ])
  })

  it('forgets failures with the first try that is taken', async () => {
    const rig = new Rig()
    rig.behaviour = (_, count) => (count < FAILURES_TO_OPEN ? down() : new Response('ok'))
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    for (let n = 0; n < FAILURES_TO_OPEN; n += 1)
      rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.settle(5)
    expect(await destinationsOf(merchantId)).toMatchObject([
      { status: 'active', failures: 0, failing_since: null, due_at: null },
    ])
  })
})

describe('an open breaker', () => {
  it('holds what comes and what was under way, and does not spin', async () => {
    const { rig, merchantId, publish } = await broken()
    publish(3)
    await rig.turn()
    const tried = rig.got.length
    rig.now += 40_000
    await rig.turn()
    await rig.turn()
    expect(rig.got).toHaveLength(tried)
    expect(new Set((await deliveriesOf(merchantId)).map((row) => row.status))).toEqual(new Set(['held']))
    expect(rig.waiting).toEqual([])
  })

  it('is probed with the oldest of them, ever more rarely', async () => {
    const { rig, merchantId } = await broken()
    const before = rig.got.length
    const probes: number[] = []
    for (let minute = 0; minute < 40; minute += 1) {
      await rig.sweep()
      while ((await rig.turn()) > 0) {}
      if (rig.got.length > before + probes.length) probes.push(minute)
      rig.now += 60_000
    }
    expect(probes.slice(0, 5)).toEqual([0, 1, 2, 4, 6])
    const gaps = probes.slice(1).map((minute, n) => minute - probes[n]!)
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b))
    const rows = await rowsOf<Row & { attempts: string }>('deliveries', merchantId)
    const probed = rows.filter((row) => row.attempts.includes('"probe"'))
    expect(probed).toHaveLength(1)
  })

  it('closes when a probe is taken, and everything that it held goes out, oldest first', async () => {
    const { rig, merchantId, publish } = await broken()
    publish(700)
    await rig.turn()
    rig.behaviour = () => new Response('ok')
    await rig.settle(4)
    expect(await destinationsOf(merchantId)).toMatchObject([
      { status: 'active', paused_because: null, failures: 0, failing_since: null, due_at: null },
    ])
    const rows = await deliveriesOf(merchantId)
    expect(rows).toHaveLength(FAILURES_TO_OPEN + 700)
    expect(rows.every((row) => row.status === 'delivered')).toBe(true)
    expect(rig.open.size).toBe(0)
  })

  it('puts each of them before an operator once it has waited as long as its schedule', async () => {
    const { rig, merchantId } = await broken()
    await rig.settle(70)
    const rows = await deliveriesOf(merchantId)
    expect(rows.every((row) => row.status === 'failed' && row.due_at === null)).toBe(true)
    expect([...rig.open.keys()].sort()).toEqual(rows.map((row) => `delivery_exhausted ${row.id}`).sort())
  })

  it('raises nothing for events that are about exceptions themselves', async () => {
    const { rig, merchantId } = await broken()
    const stream = aPaymentId()
    rig.publish(aPublication({ merchantId, stream }, { entries: [anEntry(stream, 1, 'exception.raised')] }))
    await rig.settle(140)
    const about = (await deliveriesOf(merchantId)).find((row) => row.stream === stream)
    expect(about).toMatchObject({ status: 'failed', due_at: null })
    expect(rig.open.has(`delivery_exhausted ${about!.id}`)).toBe(false)
  })

  it('is half open when nothing is left to probe with: the next event tells', async () => {
    const { rig, merchantId, publish } = await broken()
    await rig.settle(180)
    expect(await destinationsOf(merchantId)).toMatchObject([{ status: 'active', paused_because: null }])
    publish(1)
    await rig.turn()
    await rig.turn()
    expect(await destinationsOf(merchantId)).toMatchObject([{ status: 'paused', paused_because: 'failing' }])
  })

  it('leaves a person\u2019s pause alone, even when a try that ran then was taken', async () => {
    const { rig, merchantId, destination } = await broken()
    await rig.sweep()
    rig.behaviour = async () => {
      const pause = { status: 'paused', pausedBecause: 'asked', dueAt: null } as const
      await changeDestination(recordsIn(env.DB), { merchantId, livemode: false }, destination.id, pause, {
        actor: 'opr_of_the_test',
        requestId: 'req_of_the_test',
        at: rig.now,
      })
      return new Response('ok')
    }
    await rig.turn()
    expect(await destinationsOf(merchantId)).toMatchObject([{ status: 'paused', paused_because: 'asked' }])
    expect((await deliveriesOf(merchantId)).filter((row) => row.status === 'delivered')).toHaveLength(1)
  })
})

describe('a try that finds its destination paused', () => {
  const by = { actor: 'opr_of_the_test', requestId: 'req_of_the_test' }
  const pause = { status: 'paused', pausedBecause: 'asked', dueAt: null } as const

  /** Pauses, lets the try be claimed, makes the change, and only then lets the try be saved. */
  async function whileClaimed(change: (now: number) => DestinationChange) {
    const { rig, merchantId, destination } = await aDelivery()
    const db = recordsIn(env.DB)
    const owner = { merchantId, livemode: false }
    const become = (to: DestinationChange) =>
      changeDestination(db, owner, destination.id, to, { ...by, at: rig.now })
    await become(pause)
    const [due] = await rowsOf<Row>('deliveries', merchantId)
    const wanted = { tries: [{ deliveryId: due!.id, attempt: 1 }], lease: due!.lease_until! }
    const [claim] = await claimTries(db, [wanted], rig.now, 60_000)
    const changed = await become(change(rig.now))
    const deleted = changed?.deletedAt != null
    await releaseHeld(db, { id: destination.id, merchantId, health: changed!, deleted }, rig.now, 500)
    const settlement = { status: 'held', dueAt: null } as const
    await settleTries(db, [{ claim: claim!, settlement, times: { now: rig.now, probeMs: 1 } }])
    return { rig, merchantId }
  }

  it('is held for it', async () => {
    const { merchantId } = await whileClaimed(() => pause)
    expect(await deliveriesOf(merchantId)).toMatchObject([{ status: 'held', due_at: null }])
  })

  it('is due when it was resumed, and what was held for it released, before the try was saved', async () => {
    const { rig, merchantId } = await whileClaimed(recovered)
    expect(await deliveriesOf(merchantId)).toMatchObject([{ status: 'pending', due_at: rig.now }])
    await rig.settle(3)
    expect(await deliveriesOf(merchantId)).toMatchObject([{ status: 'delivered' }])
  })

  it('ends when it was deleted before the try was saved', async () => {
    const { rig, merchantId } = await whileClaimed((now) => ({ deletedAt: now, dueAt: now }))
    await rig.settle(3)
    expect(await deliveriesOf(merchantId)).toMatchObject([{ status: 'failed', due_at: null }])
  })
})

describe('a destination that fails', () => {
  it('has its tries, the first ones too, in a queue apart from everybody else\u2019s', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const bad = await aDestination(merchantId)
    const good = await aDestination(merchantId)
    rig.behaviour = (got) => (got.url === bad.url ? down() : new Response('ok'))
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    await rig.turn()
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    const core = (id: string) => id.slice(4)
    const firsts = rig.waiting.filter((one) => one.dueAt <= rig.now)
    const destinationIn = (queue: string) =>
      firsts
        .filter((one) => one.queue === queue)
        .flatMap((one) => (one.body as { tries: { deliveryId: string }[] }).tries)
        .map(({ deliveryId }) => deliveryId.slice(-26))
    expect(destinationIn('tollgate-deliveries')).toEqual([core(good.id)])
    expect(destinationIn('tollgate-retries')).toEqual([core(bad.id)])
  })

  it('probes with a delivery whose time is over for the last time, and then it stands before an operator', async () => {
    const { rig, merchantId } = await broken()
    const [oldest] = await rowsOf<Row>('deliveries', merchantId)
    await env.DB.prepare("UPDATE deliveries SET due_at = NULL WHERE merchant_id = ? AND status = 'held'")
      .bind(merchantId)
      .run()
    rig.now += 30 * 86_400_000
    await rig.settle(3)
    const rows = await deliveriesOf(merchantId)
    const probed = rows.filter((row) => row.attempt_count > (oldest?.attempt_count ?? 0))
    expect(probed.map(({ status, due_at }) => [status, due_at])).toContainEqual(['failed', null])
    expect(probed.filter(({ status }) => status === 'held')).toEqual([])
    expect(rig.open.size).toBe(probed.length)
  })

  it('takes nothing that it holds for told, however long its time was over before the sweep that ends it', async () => {
    const { rig, merchantId } = await broken()
    const times = { before: rig.now + 30 * 86_400_000, now: rig.now + 30 * 86_400_000 }
    expect(await takeDueDeliveries(recordsIn(env.DB), times, 100)).toEqual([])
    // One that said 410 owes its payment the telling.
    await env.DB.prepare("UPDATE destinations SET paused_because = 'gone' WHERE merchant_id = ?")
      .bind(merchantId)
      .run()
    expect(await takeDueDeliveries(recordsIn(env.DB), times, 100)).toHaveLength(FAILURES_TO_OPEN)
  })

  it('keeps nobody waiting: a third gets each event in the same turn while one hangs and one fails', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const hanging = await aDestination(merchantId, { timeoutMs: 100 })
    const broke = await aDestination(merchantId)
    const third = await aDestination(merchantId)
    rig.behaviour = (got) => {
      if (got.url === hanging.url) return new Promise(() => {})
      return got.url === broke.url ? down() : new Response('ok')
    }
    for (let n = 1; n <= 5; n += 1) {
      rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
      await rig.turn()
      await rig.turn()
      expect(rig.got.filter((one) => one.url === third.url)).toHaveLength(n)
    }
  })
})

describe('deliveries of a destination that was deleted', () => {
  it('end without an exception, the held ones too', async () => {
    const { rig, merchantId, destination } = await broken()
    const owner = { merchantId, livemode: false }
    await changeDestination(
      recordsIn(env.DB),
      owner,
      destination.id,
      { deletedAt: rig.now, dueAt: rig.now },
      { actor: 'opr_of_the_test', requestId: 'req_of_the_test', at: rig.now },
    )
    await rig.settle(3)
    const rows = await deliveriesOf(merchantId)
    expect(rows.every((row) => row.status === 'failed' && row.due_at === null)).toBe(true)
    expect(rig.open.size).toBe(0)
    expect(await destinationsOf(merchantId)).toMatchObject([{ due_at: null }])
  })
})
