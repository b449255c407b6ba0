// Records that are gone, and come back from their objects as they were. Everything here is real: objects, queues, D1.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { databaseOf } from './delivery-rig.ts'
import { ADMIN } from './door.ts'
import { secret } from './sandbox-shop.ts'
import { aKey, anOrderId, aTill, inside, type Json, type Till } from './till.ts'

let till: Till
let other: Till
/** Requests that business systems got. */
let told = 0

/** What objects can tell again, and the order of its rows. */
const tables = {
  payments: 'id',
  journal: 'stream, seq',
  provider_references: 'connection_id, reference',
  exceptions: 'id',
}

beforeAll(async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
    told += 1
    return new Response('ok')
  })
  till = await aTill()
  other = await aTill()
  for (const one of [till, other])
    await one.json(201, '/v1/destinations', {
      body: { kind: 'crm', url: 'https://crm.example/hook', event_types: ['*'] },
    })
})

afterAll(() => {
  vi.restoreAllMocks()
})

const whereOf = (table: string, { merchantId, connectionId }: Till) =>
  table === 'provider_references' ? `connection_id = '${connectionId}'` : `merchant_id = '${merchantId}'`

/** Every row of these tables, by table. */
async function recordsOf(who: Till): Promise<Json> {
  const read = Object.entries(tables).map(async ([table, order]) => {
    const where = whereOf(table, who)
    const query = `select * from ${table} where ${where} order by ${order}`
    return [table, (await databaseOf(who.merchantId).prepare(query).all()).results]
  })
  return Object.fromEntries(await Promise.all(read))
}

async function loseRecords(who: Till, more: string[] = []): Promise<void> {
  for (const table of [...Object.keys(tables), ...more])
    await databaseOf(who.merchantId)
      .prepare(`delete from ${table} where ${whereOf(table, who)}`)
      .run()
}

/** Until the object knows that the records have everything, and everybody has heard of it. */
async function recorded(paymentId: string, who = till): Promise<void> {
  const isRecorded = async () => {
    const row = await inside(paymentId, ({ storage }) =>
      storage.sql
        .exec<{ seq: number; published: number }>(
          "SELECT seq, beside ->> '$.published' AS published FROM journal ORDER BY seq DESC LIMIT 1",
        )
        .one(),
    )
    expect(row.published).toBe(row.seq)
    const waiting = await databaseOf(who.merchantId)
      .prepare("select count(*) as n from deliveries where stream = ? and status = 'pending'")
      .bind(paymentId)
      .first<{ n: number }>()
    expect(waiting!.n).toBe(0)
  }
  await vi.waitFor(isRecorded, { timeout: 15_000, interval: 50 })
}

/** A payment whose customer is named, so that its object forgets what is personal, paid and given back in part. */
async function aRefunded(who: Till): Promise<Json> {
  const session = await who.open({ customer: { email: 'ani@shop.example' }, metadata: { a: 'b' } })
  await who.report(session)
  await recorded(session.payment_id)
  await who.json(200, `/v1/payments/${session.payment_id}/refunds`, { body: { amount: 100 }, key: aKey() })
  await recorded(session.payment_id)
  return session
}

/** One whose report differed, which stands before an operator. */
async function aMismatched(who: Till): Promise<Json> {
  const session = await who.open()
  await who.report(session, { data: { amount: 7 } })
  await recorded(session.payment_id)
  return session
}

/** An inbox, which has a journal and an exception and no payment. */
async function aForeignReport(who: Till): Promise<void> {
  const credentials = { webhook_secrets: [secret] }
  const { id } = await who.door.aConnection(who.merchantId, { credentials })
  expect((await who.report(await who.open(), { connection: id })).status).toBe(200)
  await vi.waitFor(
    async () => {
      const { exceptions } = await recordsOf(who)
      expect(exceptions.some((row: Json) => row.stream.startsWith('inb_'))).toBe(true)
    },
    { timeout: 15_000, interval: 50 },
  )
}

async function rebuilt(body: object): Promise<Json> {
  const { id, status } = await till.json(202, '/v1/admin/rebuild', { as: ADMIN, body })
  expect(status).toBe('running')
  return await vi.waitFor(
    async () => {
      const seen = await till.json(200, `/v1/admin/rebuild/${id}`, { as: ADMIN })
      expect(seen.status).toBe('finished')
      return seen
    },
    { timeout: 20_000, interval: 100 },
  )
}

describe('the records of a merchant', () => {
  it('come back equal, table by table, when all of them are gone, and nobody is told again', async () => {
    const sessions = [await aRefunded(till), await aMismatched(till), await till.open(), await till.open()]
    await aForeignReport(till)
    for (const session of sessions) await recorded(session.payment_id)
    const before = await recordsOf(till)
    expect(Object.values(before).map((rows) => (rows as Json[]).length >= 2)).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(before.journal.filter((row: Json) => row.trace === null)).toEqual([])
    const toldBefore = told

    await loseRecords(till, ['deliveries'])
    const done = await rebuilt({ merchant_id: till.merchantId })

    expect(await recordsOf(till)).toEqual(before)
    const lost = Object.values(before).reduce((sum: number, rows) => sum + (rows as Json[]).length, 0)
    expect(done).toMatchObject({ asked: 6, rows_written: lost, failed: 0, failures: [] })
    expect(done.finished_at).not.toBeNull()
    const deliveries = databaseOf(till.merchantId).prepare('select * from deliveries where merchant_id = ?')
    expect((await deliveries.bind(till.merchantId).all()).results).toEqual([])
    expect(told).toBe(toldBefore)
  }, 60_000)

  it('are left as they are where nothing is missing, at no row written', async () => {
    const before = await recordsOf(till)
    expect(await rebuilt({ merchant_id: till.merchantId })).toMatchObject({ rows_written: 0, failed: 0 })
    expect(await recordsOf(till)).toEqual(before)
  }, 30_000)

  it('come back for every merchant at once', async () => {
    const { payment_id } = await other.open()
    await recorded(payment_id, other)
    const before = [await recordsOf(till), await recordsOf(other)]
    await loseRecords(till)
    await loseRecords(other)
    await rebuilt({})
    expect([await recordsOf(till), await recordsOf(other)]).toEqual(before)
  }, 30_000)

  it('hear of what happens afterwards as before, and so do business systems', async () => {
    const session = await till.open()
    await recorded(session.payment_id)
    await loseRecords(till)
    await rebuilt({ merchant_id: till.merchantId })
    const toldBefore = told
    await till.report(session)
    await recorded(session.payment_id)
    expect(told).toBe(toldBefore + 1)
    const { payments } = await recordsOf(till)
    expect(payments.find((row: Json) => row.id === session.payment_id)).toMatchObject({ status: 'paid' })
  }, 30_000)
})

describe('payments that are named', () => {
  it('by id or by order number are made what their objects say, also where rows were changed', async () => {
    const [one, two, three] = [await till.open(), await till.open(), await till.open()]
    for (const { payment_id } of [one, two, three]) await recorded(payment_id)
    const before = await recordsOf(till)
    const database = databaseOf(till.merchantId)
    const change = async (query: string, id: string) => await database.prepare(query).bind(id).run()
    await change('delete from journal where stream = ? and seq = 2', one.payment_id)
    await change("update journal set data = '{}' where stream = ? and seq = 3", two.payment_id)
    await change("update payments set status = 'paid', amount = 1 where id = ?", two.payment_id)
    await change('delete from payments where id = ?', three.payment_id)

    const named = { payment_ids: [one.payment_id], order_ids: [two.order_id], livemode: false }
    const done = await rebuilt({ merchant_id: till.merchantId, ...named })
    expect(done).toMatchObject({ named: 2, asked: 2, rows_written: 3, failed: 0 })
    const after = await recordsOf(till)
    expect(after.journal).toEqual(before.journal)
    expect(after.payments).toEqual(before.payments.filter((row: Json) => row.id !== three.payment_id))
    await rebuilt({ payment_ids: [three.payment_id] })
    expect(await recordsOf(till)).toEqual(before)
  }, 30_000)

  it('and are not there are told of', async () => {
    const orderId = anOrderId()
    const done = await rebuilt({ merchant_id: till.merchantId, order_ids: [orderId], livemode: false })
    const failures = [{ id: till.paymentId(orderId), why: 'Nothing of it was ever recorded.' }]
    expect(done).toMatchObject({ asked: 1, rows_written: 0, failed: 1, failures })
  }, 30_000)

  it('keep the records that they have when their own journal was tampered with, and the entry is named', async () => {
    const { payment_id } = await till.open()
    await recorded(payment_id)
    const before = await recordsOf(till)
    await inside(payment_id, ({ storage }) => {
      storage.sql.exec("UPDATE journal SET actor = 'nobody' WHERE seq = 2")
    })
    const done = await rebuilt({ payment_ids: [payment_id] })
    const why = 'Entry 2 of its own journal: Its content is not what was written.'
    expect(done).toMatchObject({ rows_written: 0, failed: 1, failures: [{ id: payment_id, why }] })
    expect(await recordsOf(till)).toEqual(before)
  }, 30_000)

  it.each([
    [{ order_ids: ['A-1'], livemode: false }, '/merchant_id'],
    [{ merchant_id: 'M', order_ids: ['A-1'] }, '/livemode'],
    [{ livemode: true }, '/livemode'],
    [{ payment_ids: ['evt_1'] }, '/payment_ids/0'],
    [{ payment_ids: [] }, '/payment_ids'],
    [{ merchant: 'M' }, '/merchant'],
  ])('are refused where it is not clear which: %j', async (body, pointer) => {
    const asked = 'merchant_id' in body ? { ...body, merchant_id: till.merchantId } : body
    const refused = await till.json(422, '/v1/admin/rebuild', { as: ADMIN, body: asked })
    expect(refused.errors[0].pointer).toBe(pointer)
  })

  it('of a merchant that is not there are not found', async () => {
    await till.json(404, '/v1/admin/rebuild', { as: ADMIN, body: { merchant_id: 'mer_none' } })
    await till.json(404, '/v1/admin/rebuild/rbd_none', { as: ADMIN })
  })
})
