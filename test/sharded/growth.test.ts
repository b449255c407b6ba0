// Records over four databases: who lies where, what a broken one holds up, and how one database becomes four without
// losing or repeating anything. Only here are RECORDS_0 to RECORDS_3 bound; other tests of records run in both worlds.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Databases, recordsOf, shardOf, shardsOf } from '../../src/store/database.ts'
import { sessionOfReference } from '../../src/store/payments.ts'
import {
  aDestination,
  aMerchantId,
  aPaymentId,
  aPublication,
  databaseOf,
  emptyRecords,
  Rig,
  rowsOf,
} from '../worker/delivery-rig.ts'
import { aTill } from '../worker/till.ts'

beforeEach(emptyRecords)

const four = [env.RECORDS_0, env.RECORDS_1, env.RECORDS_2, env.RECORDS_3] as D1Database[]
/** One merchant in each of the four. */
const aMerchantInEach = () =>
  Array.from({ length: 4 }, aMerchantId).toSorted((left, right) => shardOf(left, 4) - shardOf(right, 4))

/** How many rows of a table are in each of the four. */
async function counted(table: string): Promise<number[]> {
  const counts = four.map((one) => one.prepare(`select count(*) as n from ${table}`).first<number>('n'))
  return (await Promise.all(counts)) as number[]
}

describe('with four databases', () => {
  it('a merchant\u2019s records lie in one, and a queue batch is one D1 batch in each', async () => {
    const rig = new Rig()
    const merchants = aMerchantInEach()
    for (const merchantId of merchants) await aDestination(merchantId)
    rig.publish(
      ...merchants.flatMap((merchantId) =>
        [1, 2, 3].map(() => aPublication({ merchantId, stream: aPaymentId() })),
      ),
    )
    const before = rig.steps
    await rig.turn()
    // Four batches, a note of who is known for each merchant, one message of tries for each in one call, and a
    // confirmation for each payment.
    expect(rig.steps - before).toBe(4 + 1 + 12 + 4)
    for (const table of ['payments', 'journal', 'deliveries', 'provider_references'])
      expect(await counted(table), table).toEqual([3, 3, 3, 3])
    for (const [index, merchantId] of merchants.entries()) {
      expect(databaseOf(merchantId)).toBe(four[index])
      expect(await rowsOf('payments', merchantId)).toHaveLength(3)
    }
    await rig.turn()
    expect(rig.got).toHaveLength(12)
  })

  it('one that fails sends back its own messages only, and they are recorded once it is well', async () => {
    const rig = new Rig()
    const merchants = aMerchantInEach()
    for (const merchantId of merchants) await aDestination(merchantId)
    rig.broken.add(four[2]!)
    rig.publish(...merchants.map((merchantId) => aPublication({ merchantId, stream: aPaymentId() })))
    await rig.turn()
    expect(rig.confirmed).toHaveLength(3)
    expect(rig.waiting.filter((one) => one.queue === 'tollgate-journal')).toHaveLength(1)
    rig.broken.clear()
    await rig.settle(2)
    expect(rig.confirmed).toHaveLength(4)
    expect(rig.got).toHaveLength(4)
  })

  it('the sweeper finds what was lost in every one of them, and a broken one keeps it from none', async () => {
    const rig = new Rig()
    const merchants = aMerchantInEach()
    for (const merchantId of merchants) await aDestination(merchantId)
    rig.publish(...merchants.map((merchantId) => aPublication({ merchantId, stream: aPaymentId() })))
    await rig.turn()
    rig.waiting = []
    rig.now += 61_000
    await databaseOf(merchants[1]!).prepare('alter table deliveries rename to deliveries_away').run()
    await rig.sweep()
    await databaseOf(merchants[1]!).prepare('alter table deliveries_away rename to deliveries').run()
    expect(rig.waiting.map((one) => (one.body as { merchantId: string }).merchantId).toSorted()).toEqual(
      merchants.filter((_, index) => index !== 1).toSorted(),
    )
    await rig.settle(3)
    expect(rig.got).toHaveLength(4)
  })

  it('the directory stays in DB, and what a shop does goes to its own database', {
    timeout: 20_000,
  }, async () => {
    const till = await aTill()
    await till.json(201, '/v1/destinations', {
      body: { kind: 'crm', url: 'https://crm.example/events', event_types: ['payment.created'] },
    })
    const session = await till.open()
    await expect
      .poll(async () => (await till.json(200, '/v1/payments')).data.length, { timeout: 10_000 })
      .toBe(1)
    const database = databaseOf(till.merchantId)
    const rows = await rowsOf('payments', till.merchantId)
    expect(rows).toMatchObject([{ id: session.payment_id }])
    expect(await rowsOf('destinations', till.merchantId)).toHaveLength(1)
    const reference = session.provider_reference
    expect(await sessionOfReference(recordsOf(env, till.merchantId), till.connectionId, reference)).toBe(
      session.id,
    )
    for (const table of ['merchants', 'keys', 'connections'])
      expect(await database.prepare(`select count(*) as n from ${table}`).first('n'), table).toBe(0)
    expect(await env.DB.prepare('select count(*) as n from payments').first('n')).toBe(0)
  })
})

describe('one database', () => {
  const tables = ['payments', 'journal', 'provider_references', 'exceptions', 'deliveries', 'destinations']
  const [removeOthers] = [...env.TEST_SCALING.matchAll(/```sql\n(.*?)```/gs)].map(([, text]) => text!)

  async function copyInto(target: D1Database, source: D1Database): Promise<void> {
    for (const table of tables) {
      const { results } = await source.prepare(`select * from ${table}`).all()
      const rows = results.map((row) => {
        const names = Object.keys(row)
        const insert = `insert into ${table} (${names.join()}) values (${names.map(() => '?').join()})`
        return target.prepare(insert).bind(...Object.values(row))
      })
      if (rows.length > 0) await target.batch(rows)
    }
  }

  /** As a deployer does it, with the statements of the page that says how. */
  async function removeFromEach(merchants: string[]): Promise<void> {
    for (const [index, database] of four.entries()) {
      const own = await aConnectionOfEach(database, merchants)
      const statements = removeOthers!.replaceAll('<> 2', `<> ${index}`).split(';')
      await database.batch(
        statements.filter((text) => text.trim() !== '').map((text) => database.prepare(text)),
      )
      await own.remove()
    }
  }

  /** References know only their connection, and the copied directory knows whose that is. */
  async function aConnectionOfEach(database: D1Database, merchants: string[]) {
    const insert = database.prepare(
      "insert into connections (id, merchant_id, provider, livemode, credentials, settings, created_at) values (?, ?, 'x', 0, '', '{}', 0)",
    )
    await database.batch(merchants.map((id) => insert.bind(`con_${id}`, id)))
    return { remove: () => database.prepare('delete from connections').run() }
  }

  it('becomes four in the middle of its work, and every event is told once and every row is in one place', {
    timeout: 60_000,
  }, async () => {
    const before = new Rig({ DB: four[0]! } as Databases)
    const merchants = aMerchantInEach()
    const destinations = await Promise.all(merchants.map((merchantId) => aDestination(merchantId)))
    for (const database of four.slice(1)) await copyInto(four[0]!, database)
    await Promise.all(four.slice(1).map((one) => one.prepare('delete from destinations').run()))
    const publish = (rig: Rig) => {
      for (const merchantId of merchants) {
        const stream = aPaymentId()
        const reference = { connectionId: `con_${merchantId}`, reference: stream, sessionId: `ps_${stream}` }
        const publication = aPublication({ merchantId, stream })
        publication.content!.payment!.references = [reference]
        rig.publish(publication)
      }
    }
    // Told, failed once, and waiting in the queue: one payment of each merchant in each.
    publish(before)
    await before.settle(1)
    before.behaviour = () => new Response('down', { status: 500 })
    publish(before)
    while ((await before.turn()) > 0) {}
    publish(before)

    for (const database of four.slice(1)) await copyInto(database, four[0]!)
    const after = new Rig()
    Object.assign(after, { now: before.now, waiting: before.waiting })
    await after.settle(5)
    await removeFromEach(merchants)
    await after.settle(5)

    const taken = [...before.got.slice(0, 4), ...after.got]
    expect(taken).toHaveLength(12)
    expect(new Set(taken.map((got) => `${got.url} ${got.headers['webhook-id']}`)).size).toBe(12)
    for (const { url } of destinations) expect(taken.filter((got) => got.url === url)).toHaveLength(3)
    expect(await counted('destinations')).toEqual([1, 1, 1, 1])
    for (const table of ['payments', 'journal', 'deliveries', 'provider_references'])
      expect(await counted(table), table).toEqual([3, 3, 3, 3])
    for (const merchantId of merchants)
      expect(await rowsOf('deliveries', merchantId)).toMatchObject(
        [1, 2, 3].map(() => ({ status: 'delivered' })),
      )
  })
})

describe('the databases of records', () => {
  const bound = (...names: string[]) =>
    ({ DB: env.DB, ...Object.fromEntries(names.map((name) => [name, {}])) }) as unknown as Databases

  it('are DB alone where no other is bound', () => {
    const alone = bound()
    expect(shardsOf(alone).map((one) => one.$client)).toEqual([env.DB])
    for (let n = 0; n < 40; n += 1) expect(recordsOf(alone, aMerchantId())).toBe(shardsOf(alone)[0])
  })

  it('are refused with a gap, or when they cannot be halves of halves', () => {
    for (const names of [['RECORDS_1'], ['RECORDS_0', 'RECORDS_2'], ['RECORDS_0', 'RECORDS_1', 'RECORDS_2']])
      expect(() => shardsOf(bound(...names)), names.join()).toThrow(/Unusable bindings/)
    const many = Array.from({ length: 64 }, (_, n) => `RECORDS_${n}`)
    expect(() => shardsOf(bound(...many))).toThrow(/Unusable bindings/)
    expect(shardsOf(bound(...many.slice(0, 32)))).toHaveLength(32)
  })

  it('share merchants evenly, and twice as many split each of them in two', () => {
    const merchants = Array.from({ length: 320 }, aMerchantId)
    for (const count of [1, 2, 4, 8, 16])
      for (const id of merchants) expect(shardOf(id, count * 2) % count).toBe(shardOf(id, count))
    const letters = [...'0123456789abcdefghjkmnpqrstvwxyz']
    const places = letters.map((letter) => shardOf(`mer_${letter}`, 32))
    expect(places.toSorted((left, right) => left - right)).toEqual(letters.map((_, index) => index))
  })
})
