// The admin log commits with what it tells of, names no secret, and shows where somebody wrote past the gateway.
import { env as bindings } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { recordsOf } from '../../src/store/database.ts'
import { type Recordable, writeRecords } from '../../src/store/records.ts'
import { aPaymentId, aPublication } from './delivery-rig.ts'
import { ADMIN, aDoor } from './door.ts'

const door = aDoor()
const under = (id: string, rest: string) => `/v1/admin/merchants/${id}${rest}`
const log = async (id: string, query = '') => door.json(200, under(id, `/log${query}`), { as: ADMIN })
const verified = async (id: string, query = '') =>
  door.json(200, under(id, `/log/verify${query}`), { as: ADMIN })
const rename = (id: string, name: string) =>
  door.json(200, under(id, ''), { method: 'PATCH', as: ADMIN, body: { name } })
const actions = async (id: string, query = '') =>
  (await log(id, query)).data.map((entry: { action: string }) => entry.action).reverse()
const write = (text: string, id: string) => bindings.DB.prepare(text).bind(id).run()

async function aLoggedMerchant() {
  const { id } = await door.aMerchant()
  await rename(id, 'Second')
  await rename(id, 'Third')
  return id as string
}

describe('the admin log', () => {
  it('begins with the merchant and tells of keys, operators, connections and rotations without a secret', async () => {
    const { id, order_signing_secrets: secrets } = await door.aMerchant()
    const key = await door.aKey(id)
    const connection = await door.aConnection(id)
    const asked = { as: ADMIN, body: { name: 'Ani', role: 'viewer', livemode: false } }
    const operator = await door.json(201, under(id, '/operators'), asked)
    await door.json(200, under(id, '/rotate-order-signing-secret'), { as: ADMIN, method: 'POST' })
    for (let times = 0; times < 2; times++)
      await door.json(200, under(id, `/keys/${key.id}`), { as: ADMIN, method: 'DELETE' })
    expect(await actions(id)).toEqual([
      ...['merchant.created', 'key.created', 'connection.created', 'merchant.changed', 'operator.created'],
      ...['merchant.secret_rotated', 'key.revoked'],
    ])
    const { data } = await log(id)
    expect(data[4]).toMatchObject({
      actor: 'deployer',
      subject: connection.id,
      at: '2026-11-22T12:00:00.000Z',
    })
    expect(data[0].request_id).toMatch(/^req_/)
    for (const secret of [key.key, operator.token, secrets.test, secrets.live, 'whsec_'])
      expect(JSON.stringify(data)).not.toContain(secret)
    expect(await verified(id)).toEqual({ valid: true, entries: 7, head: data[0].hash })
  })

  it('names the key that changed a destination, in a chain beside the destinations', async () => {
    const { id } = await door.aMerchant()
    const { id: actor, key } = await door.aKey(id)
    const body = { kind: 'crm', url: 'https://crm.example/hooks', event_types: ['*'] }
    const asked = { as: key, body, headers: { 'idempotency-key': 'crm' } }
    const { id: subject } = await door.json(201, '/v1/destinations', asked)
    await door.call(`/v1/destinations/${subject}`, { as: key, method: 'DELETE' })
    await door.call(`/v1/destinations/${subject}`, { as: key, method: 'DELETE' })
    const { data } = await log(id, '?chain=destinations')
    expect(data).toMatchObject([
      { action: 'destination.deleted', actor, subject, seq: 2, fields: ['deleted_at', 'due_at'] },
      { action: 'destination.created', actor, subject, seq: 1 },
    ])
    expect(await verified(id, '?chain=destinations')).toMatchObject({ valid: true, entries: 2 })
    const rows = await recordsOf(door.env, id)
      .$client.prepare("select count(*) as n from admin_log where merchant_id = ? and chain = 'destinations'")
      .bind(id)
      .first()
    expect(rows).toEqual({ n: 2 })
  })

  it('names who had a delivery or a span of events sent again, and nobody who was refused', async () => {
    const { id } = await door.aMerchant()
    const { key } = await door.aKey(id)
    const destination = { kind: 'crm', url: 'https://crm.example/hooks', event_types: ['*'] }
    const { id: to } = await door.json(201, '/v1/destinations', { as: key, body: destination })
    const staff = { name: 'Ani', role: 'operator', livemode: false }
    const operator = await door.json(201, under(id, '/operators'), { as: ADMIN, body: staff })
    const told = aPublication({ merchantId: id, stream: aPaymentId() }) as Recordable
    await writeRecords(recordsOf(door.env, id), [told], {
      ...{ now: door.now, firstDelayMs: 0, leaseMs: 0, scheduleSeconds: [0], fanOut: true },
    })
    const { data: owed } = await door.json(200, '/v1/deliveries', { as: key })
    const ask = { as: operator.token, method: 'POST' }
    await recordsOf(door.env, id)
      .$client.prepare(
        "update deliveries set status = 'failed', due_at = null, lease_until = null where id = ?",
      )
      .bind(owed[0].id)
      .run()
    await door.json(202, `/v1/deliveries/${owed[0].id}/retry`, ask)
    expect((await door.call('/v1/deliveries/dlv_none/retry', ask)).status).toBe(404)
    const body = { from: '2023-11-14T00:00:00Z', to: '2023-11-15T00:00:00Z', only: 'failed' }
    const replay = await door.json(202, `/v1/destinations/${to}/replay`, { ...ask, body })
    const { data } = await log(id, '?chain=destinations')
    expect(data.slice(0, 2)).toMatchObject([
      { action: 'replay.created', actor: operator.id, subject: replay.id },
      { action: 'delivery.retried', actor: operator.id, subject: owed[0].id, fields: [] },
    ])
    expect(await verified(id, '?chain=destinations')).toMatchObject({ valid: true, entries: 3 })
  })

  it('keeps every entry of many writers at once, in one chain', async () => {
    const { id } = await door.aMerchant()
    await Promise.all(Array.from({ length: 8 }, () => door.aKey(id)))
    expect(await verified(id)).toMatchObject({ valid: true, entries: 9 })
  })

  it('has no change without its entry', async () => {
    const id = await aLoggedMerchant()
    await write('delete from admin_heads where merchant_id = ?', id)
    const body = { name: 'Unlogged' }
    expect((await door.call(under(id, ''), { method: 'PATCH', as: ADMIN, body })).status).toBe(500)
    expect((await door.json(200, under(id, ''), { as: ADMIN })).name).toBe('Third')
    expect((await verified(id)).valid).toBe(false)
  })

  it('is paged, newest first', async () => {
    const id = await aLoggedMerchant()
    const first = await log(id, '?limit=2')
    const rest = await log(id, `?limit=2&cursor=${first.next_cursor}`)
    expect([...first.data, ...rest.data].map((entry) => entry.seq)).toEqual([3, 2, 1])
    expect(rest.next_cursor).toBeNull()
  })
})

describe('tampering with one row', () => {
  it.each([
    ['a change', "update admin_log set actor = 'key_x' where merchant_id = ? and seq = 2", 2],
    ['a change of the mode', 'update admin_log set livemode = 1 where merchant_id = ? and seq = 2', 2],
    ['a removal', 'delete from admin_log where merchant_id = ? and seq = 2', 2],
    ['a removal of the newest', 'delete from admin_log where merchant_id = ? and seq = 3', 2],
    [
      'an insertion',
      `insert into admin_log select merchant_id, chain, 4, at, actor, request_id, action, subject, fields, hash, 'x', livemode
       from admin_log where merchant_id = ? and seq = 3`,
      4,
    ],
    ['a change of the head', "update admin_heads set hash = 'x' where merchant_id = ?", 3],
  ])('shows as %s at its position', async (_what, text, position) => {
    const id = await aLoggedMerchant()
    expect((await verified(id)).valid).toBe(true)
    await write(text, id)
    expect(await verified(id)).toMatchObject({ valid: false, broken_at: position })
  })
})
