// A rebuild whose Worker dies at every outward step, that comes twice, and that runs beside live traffic.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { doChores } from '../../src/delivery/chores.ts'
import type { Publication } from '../../src/domain/publication.ts'
import { recordsIn } from '../../src/store/database.ts'
import { addRebuild, rebuildOf } from '../../src/store/rebuilds.ts'
import {
  aDestination,
  aMerchantId,
  aPaymentId,
  aPublication,
  databaseOf,
  emptyRecords,
  Rig,
  rowsOf,
} from './delivery-rig.ts'

beforeEach(emptyRecords)

const tables = ['payments', 'journal', 'deliveries']

/** Each page is asked for 25 objects, so these are three. */
const OBJECTS = 53

let rebuilds = 0

/** A merchant with payments that were recorded and told. */
async function aStore(rig = new Rig(), objects = OBJECTS) {
  const merchantId = aMerchantId()
  await aDestination(merchantId)
  const truths = Array.from({ length: objects }, (): Publication => {
    return aPublication({ merchantId, stream: aPaymentId(), from: 1, to: 3 })
  })
  for (const truth of truths) rig.truths.set(truth.stream, truth)
  rig.publish(...truths)
  await rig.settle(2)
  const records = async () => await Promise.all(tables.map((table) => rowsOf(table, merchantId)))
  return { rig, merchantId, truths, records }
}

type Store = Awaited<ReturnType<typeof aStore>>

async function lose({ merchantId }: Store, ...more: string[]): Promise<void> {
  for (const table of ['payments', 'journal', ...more])
    await databaseOf(merchantId).prepare(`delete from ${table} where merchant_id = ?`).bind(merchantId).run()
}

async function begin({ rig, merchantId }: Store): Promise<string> {
  const id = `rbd_${++rebuilds}`
  await addRebuild(recordsIn(env.DB), {
    ...{ id, merchantId, streams: null, cursorMerchant: '', cursorStream: '', asked: 0, rows: 0, failed: 0 },
    ...{ failures: [], createdAt: rig.now, movedAt: rig.now, finishedAt: null },
  })
  rig.send('tollgate-retries', { rebuildId: id })
  return id
}

/** Lets time pass, chores among it, until the rebuild is through. */
async function toItsEnd({ rig }: Store, id: string) {
  for (let minute = 0; minute < 60; minute += 1) {
    while ((await rig.turn()) > 0) {}
    const standing = await rebuildOf(recordsIn(env.DB), id)
    if (standing?.finishedAt != null) return standing
    rig.now += 61_000
    await doChores(rig.ports())
  }
  throw new Error('The rebuild did not end.')
}

describe('a rebuild', () => {
  it('goes through everything that is known, a page of it in each message', async () => {
    const store = await aStore()
    const before = await store.records()
    await lose(store)
    const id = await begin(store)
    expect(await store.rig.turn()).toBe(1)
    expect(await rowsOf('payments', store.merchantId)).toHaveLength(25)
    const done = await toItsEnd(store, id)
    expect(done).toMatchObject({ asked: OBJECTS, rows: 4 * OBJECTS, failed: 0 })
    expect(await store.records()).toEqual(before)
    expect(store.rig.log.at(-1)).toMatchObject({ message: 'rebuilt', rebuild: id, asked: OBJECTS })
  })

  it.each(['before', 'after'] as const)(
    'whose Worker dies %s any step of a page comes to the same end',
    async (when) => {
      const store = await aStore()
      const before = await store.records()
      const { rig } = store
      // Every step of the first page would be 60 of much the same kind; these are each kind of them, and of later pages.
      for (const step of [
        1, 2, 3, 4, 28, 29, 40, 53, 54, 55, 56, 57, 58, 59, 60, 90, 112, 113, 114, 130, 150,
      ]) {
        await lose(store)
        rig.got = []
        const id = await begin(store)
        rig.diesAt(step, when)
        const done = await toItsEnd(store, id)
        rig.revive()
        expect([step, done.asked, done.failed]).toEqual([step, OBJECTS, 0])
        expect(await store.records()).toEqual(before)
        expect(rig.got).toEqual([])
      }
    },
    120_000,
  )

  it('that the queue has lost is sent on its way again', async () => {
    const store = await aStore(new Rig(), 30)
    const before = await store.records()
    await lose(store)
    const id = await begin(store)
    await store.rig.turn()
    store.rig.waiting = []
    await doChores(store.rig.ports())
    expect(store.rig.waiting).toEqual([])
    await toItsEnd(store, id)
    expect(await store.records()).toEqual(before)
  })

  it('whose messages come twice asks nobody twice for good', async () => {
    const store = await aStore()
    await lose(store)
    const id = await begin(store)
    for (let n = 0; n < 3; n += 1) store.rig.send('tollgate-retries', { rebuildId: id })
    expect(await toItsEnd(store, id)).toMatchObject({ asked: OBJECTS, failed: 0 })
    expect(await rowsOf('journal', store.merchantId)).toHaveLength(3 * OBJECTS)
  })

  it('passes over an object that does not answer, and names it', async () => {
    const store = await aStore(new Rig(), 2)
    await lose(store)
    const id = await begin(store)
    store.rig.away.add('publication')
    const done = await toItsEnd(store, id)
    expect(done).toMatchObject({ asked: 2, failed: 2 })
    expect(done.failures[0]!.why).toBe('Its object did not answer: Error: publication is away')
  })

  it('waits for a database that is away', async () => {
    const store = await aStore(new Rig(), 2)
    await lose(store)
    const id = await begin(store)
    store.rig.away.add('database')
    await store.rig.turn()
    expect(store.rig.waiting).toHaveLength(1)
    store.rig.away.clear()
    expect(await toItsEnd(store, id)).toMatchObject({ asked: 2, rows: 8, failed: 0 })
  })
})

describe('beside live traffic', () => {
  it('tells what is new once, and takes nothing newer back', async () => {
    const store = await aStore(new Rig(), 3)
    const { rig, merchantId, truths } = store
    await lose(store, 'deliveries')
    rig.got = []
    // A fourth entry was made, and is published for the first time while the first three are told again.
    const [first] = truths
    rig.publish(aPublication({ merchantId, stream: first!.stream, from: 4 }))
    const id = await begin(store)
    await toItsEnd(store, id)
    rig.publish(aPublication({ merchantId, stream: first!.stream, from: 4 }))
    await rig.settle(2)
    expect(rig.got.map((one) => one.headers['webhook-id'])).toHaveLength(1)
    const payments = await rowsOf('payments', merchantId)
    expect(payments.find((row) => row.id === first!.stream)).toMatchObject({ version: 4 })
    expect(await rowsOf('journal', merchantId)).toHaveLength(10)
    expect(await rowsOf('deliveries', merchantId)).toMatchObject([{ seq: 4, status: 'delivered' }])
  })
})

describe('what is known', () => {
  it('is noted before the first range is confirmed, and a failure there is no loss', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    await aDestination(merchantId)
    rig.away.add('known')
    rig.publish(aPublication({ merchantId, stream }))
    await rig.turn()
    expect([rig.confirmed, rig.waiting.length > 0]).toEqual([[], true])
    rig.away.clear()
    await rig.settle(3)
    expect([...rig.known.get(merchantId)!]).toEqual([stream])
    expect(rig.confirmed).toEqual([`${stream} 1-1`])
    expect(rig.got).toHaveLength(1)
  })

  it('costs nothing for what comes later', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    rig.publish(aPublication({ merchantId, stream, from: 2 }))
    await rig.turn()
    expect(rig.known.size).toBe(0)
  })
})
