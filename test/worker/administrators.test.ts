// An operator with the role admin keeps its merchant's keys, operators and connections, in its own mode and under its own name.
import { env as bindings } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { clearDirectory } from '../../src/store/directory.ts'
import { ADMIN, aDoor, credentials } from './door.ts'

const door = aDoor()

beforeEach(() => clearDirectory())

/** A merchant with an administrator of test mode. */
async function aDesk(details: object = {}) {
  const { id: merchantId } = await door.aMerchant()
  const path = `/v1/admin/merchants/${merchantId}`
  const appoint = (body: object, as = ADMIN, status = 201) =>
    door.json(status, `${path}/operators`, {
      as,
      body: { name: 'Ani', role: 'admin', livemode: false, ...body },
    })
  const { id, token } = await appoint(details)
  const json = (status: number, rest: string, what: object = {}) =>
    door.json(status, `${path}${rest}`, { as: token, ...what })
  /** What the log tells of this administrator, oldest first. */
  const deeds = async () => {
    const { data } = await json(200, '/log')
    const own = data.filter(({ actor }: { actor: string }) => actor === id)
    return own.map(({ action, subject }: Record<string, string>) => [action, subject]).reverse()
  }
  return { merchantId, path, id, token, json, appoint, deeds }
}

describe('an administrator', () => {
  it('makes and revokes keys and operators, and the log names it', async () => {
    const { json, appoint, token, deeds } = await aDesk()
    const key = await json(201, '/keys', { body: { kind: 'secret', livemode: false } })
    expect((await door.call('/v1/payments', { as: key.key })).status).toBe(200)
    const operator = await appoint({ role: 'operator' }, token)
    await json(200, `/operators/${operator.id}`, { method: 'DELETE' })
    await json(200, `/keys/${key.id}`, { method: 'DELETE' })
    expect((await door.call('/v1/payments', { as: key.key })).status).toBe(401)
    expect(await deeds()).toEqual([
      ['key.created', key.id],
      ['operator.created', operator.id],
      ['operator.revoked', operator.id],
      ['key.revoked', key.id],
    ])
  })

  it('makes, changes and tries connections, and the log names it', async () => {
    const { merchantId, json, deeds } = await aDesk()
    const body = { provider: 'sandbox', livemode: false, credentials }
    const { id } = await json(201, '/connections', { body })
    expect(await json(200, `/connections/${id}`)).toMatchObject({ id, disabled: false })
    const change = { method: 'PATCH', body: { disabled: true } }
    expect(await json(200, `/connections/${id}`, change)).toMatchObject({ disabled: true })
    expect(await json(200, `/connections/${id}/test`, { method: 'POST' })).toMatchObject({
      result: 'accepted',
    })
    expect(await deeds()).toEqual([
      ['connection.created', id],
      ['merchant.changed', merchantId],
      ['connection.changed', id],
      ['connection.tested', id],
    ])
  })

  it('of one mode makes nothing in the other, and is told so', async () => {
    const { json } = await aDesk()
    const asked = { body: { kind: 'secret', livemode: true } }
    const { code, detail } = await json(403, '/keys', asked)
    expect([code, detail]).toEqual(['forbidden', expect.stringContaining('test mode only')])
  })

  it('does not revoke itself, though another one does', async () => {
    const { json, id, token, appoint, path } = await aDesk()
    await json(403, `/operators/${id}`, { method: 'DELETE' })
    const other = await appoint({}, token)
    await door.json(200, `${path}/operators/${id}`, { as: other.token, method: 'DELETE' })
    await json(401, '/keys')
  })

  it('whose token ends makes no operator that outlasts it', async () => {
    const { token, appoint } = await aDesk({ expires_at: '2026-12-01T00:00:00Z' })
    const { detail } = await appoint({}, token, 403)
    expect(detail).toContain('2026-12-01T00:00:00.000Z')
    await appoint({ expires_at: '2026-12-01T00:00:00.001Z' }, token, 403)
    await appoint({ expires_at: '2026-12-01T00:00:00Z' }, token)
  })

  it('registers no e-mail, which would mean the person at other merchants too', async () => {
    const { token, appoint } = await aDesk()
    await appoint({ access_email: 'ani@shop.example' }, token, 403)
  })
})

describe('the admin log', () => {
  it('shows an administrator its own mode and the merchant, and proves the chain that both modes share', async () => {
    const { merchantId, path, json } = await aDesk()
    await door.aKey(merchantId, 'secret', true)
    await door.aConnection(merchantId)
    const { data } = await json(200, '/log')
    expect(
      data.map(({ action, livemode }: { action: string; livemode: unknown }) => [action, livemode]),
    ).toEqual([
      ['merchant.changed', false],
      ['connection.created', false],
      ['operator.created', false],
      ['merchant.created', null],
    ])
    const whole = await door.json(200, `${path}/log`, { as: ADMIN })
    expect(whole.data).toHaveLength(5)
    expect(await json(200, '/log/verify')).toEqual({ valid: true, entries: 5, head: whole.data[0].hash })
  })

  it('keeps entries from before it knew modes from administrators, unless they are of the merchant itself', async () => {
    const { merchantId, json } = await aDesk()
    await bindings.DB.prepare('update admin_log set livemode = null where merchant_id = ?')
      .bind(merchantId)
      .run()
    const { data } = await json(200, '/log')
    expect(data.map(({ action }: { action: string }) => action)).toEqual(['merchant.created'])
  })

  it('is looked through a thousand entries at a time, and leads on', async () => {
    const { merchantId, json } = await aDesk()
    await bindings.DB.prepare(
      `with recursive n(seq) as (select 3 union all select seq + 1 from n where seq < 1100)
       insert into admin_log select merchant_id, chain, n.seq, at, actor, request_id, action, subject, fields, hash, hash, 1
       from admin_log, n where merchant_id = ? and admin_log.seq = 2`,
    )
      .bind(merchantId)
      .run()
    const first = await json(200, '/log')
    expect(first.data).toEqual([])
    const { data, next_cursor } = await json(200, `/log?cursor=${first.next_cursor}`)
    expect([data.length, next_cursor]).toEqual([2, null])
  })
})
