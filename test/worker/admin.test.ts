import { beforeEach, describe, expect, it, vi } from 'vitest'
import { readApiKey } from '../../src/crypto/api-keys.ts'
import { clearDirectory, findConnection, findMerchant } from '../../src/store/directory.ts'
import { ADMIN, aDoor, credentials } from './door.ts'

const other = { webhook_secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] }

const pointers = (problem: { errors: { pointer: string }[] }) => problem.errors.map((error) => error.pointer)

beforeEach(() => clearDirectory())

describe('a merchant', () => {
  it('is made with order-signing secrets that are shown once and differ by mode', async () => {
    const door = aDoor()
    const made = await door.aMerchant({ allowed_return_addresses: ['shop-app://paid'] })
    const { order_signing_secrets: secrets, ...rest } = made
    expect(rest).toEqual({
      id: expect.stringMatching(/^mer_[0-9a-z]{26}$/),
      object: 'merchant',
      name: 'Shop',
      currencies: ['AMD'],
      allowed_origins: ['https://shop.example'],
      allowed_return_addresses: ['shop-app://paid'],
      quote_url: null,
      default_connection_ids: { test: null, live: null },
      created_at: '2026-11-22T12:00:00.000Z',
    })
    expect(secrets.test.length).toBeGreaterThanOrEqual(32)
    expect(secrets.live).not.toBe(secrets.test)
    expect(await door.json(200, `/v1/admin/merchants/${made.id}`, { as: ADMIN })).toEqual(rest)
  })

  it('keeps its secrets sealed in D1', async () => {
    const door = aDoor()
    const { id, order_signing_secrets: secrets } = await door.aMerchant()
    const row = await door.env.DB.prepare('select * from merchants where id = ?').bind(id).first()
    expect(JSON.stringify(row)).not.toContain(secrets.test)
    expect(row?.order_signing_secrets).toMatch(/^v1\.test\./)
  })

  it('is changed only where the change says so, and is seen changed at once', async () => {
    const door = aDoor()
    const { id } = await door.aMerchant({ quote_url: 'https://shop.example/quote' })
    await findMerchant(door.env, id, door.now)
    const changed = await door.json(200, `/v1/admin/merchants/${id}`, {
      method: 'PATCH',
      as: ADMIN,
      body: { allowed_origins: ['https://Other.example/', 'https://other.example'], quote_url: null },
    })
    expect(changed).toMatchObject({
      name: 'Shop',
      allowed_origins: ['https://other.example'],
      quote_url: null,
    })
    expect((await findMerchant(door.env, id, door.now))?.allowedOrigins).toEqual(['https://other.example'])
  })

  it('may keep two signing secrets per mode while it rotates, and the third pushes out the first', async () => {
    const door = aDoor()
    const { id, order_signing_secrets: first } = await door.aMerchant()
    const rotate = async (body?: object) =>
      (
        await door.json(200, `/v1/admin/merchants/${id}/rotate-order-signing-secret`, {
          method: 'POST',
          as: ADMIN,
          body,
        })
      ).order_signing_secrets
    const second = await rotate({ livemode: false })
    expect(Object.keys(second)).toEqual(['test'])
    const secrets = async () => (await findMerchant(door.env, id, door.now))?.orderSigningSecrets
    expect(await secrets()).toEqual({ test: [second.test, first.test], live: [first.live] })
    const third = await rotate()
    expect(await secrets()).toEqual({ test: [third.test, second.test], live: [third.live, first.live] })
  })

  it('loses neither secret when it is rotated twice at once', async () => {
    const door = aDoor()
    const { id } = await door.aMerchant()
    const path = `/v1/admin/merchants/${id}/rotate-order-signing-secret`
    const both = await Promise.all([1, 2].map(() => door.json(200, path, { method: 'POST', as: ADMIN })))
    const active = (await findMerchant(door.env, id, door.now))?.orderSigningSecrets.test
    expect(new Set(active)).toEqual(new Set(both.map((answer) => answer.order_signing_secrets.test)))
  })

  it.each([
    [{ name: '' }, '/name'],
    [{ name: 'a\nb' }, '/name'],
    [{ name: 7 }, '/name'],
    [{ currencies: [] }, '/currencies'],
    [{ currencies: ['AMD', 'amd'] }, '/currencies/1'],
    [{ currencies: ['XXX'] }, '/currencies/0'],
    [{ allowed_origins: ['https://shop.example/path'] }, '/allowed_origins/0'],
    [{ allowed_origins: ['http://shop.example'] }, '/allowed_origins/0'],
    [{ allowed_origins: ['*'] }, '/allowed_origins/0'],
    [{ allowed_return_addresses: ['javascript:alert(1)'] }, '/allowed_return_addresses/0'],
    [{ allowed_return_addresses: ['https://shop.example/'] }, '/allowed_return_addresses/0'],
    [{ quote_url: 'http://127.0.0.1/quote' }, '/quote_url'],
    [{ quote_url: 'quote' }, '/quote_url'],
    [{ default_connection_id: 'con_1' }, '/default_connection_id'],
    [{ curencies: ['AMD'] }, '/curencies'],
  ])('is refused with %j, naming %s', async (details, pointer) => {
    const body = { name: 'Shop', currencies: ['AMD'], allowed_origins: [], ...details }
    expect(pointers(await aDoor().json(422, '/v1/admin/merchants', { as: ADMIN, body }))).toContain(pointer)
  })

  it('is 404 where there is none, with everything under it', async () => {
    const door = aDoor()
    const path = '/v1/admin/merchants/mer_none'
    await door.json(404, path, { as: ADMIN })
    await door.json(404, path, { as: ADMIN, method: 'PATCH', body: { name: 'x' } })
    await door.json(404, `${path}/rotate-order-signing-secret`, { as: ADMIN, method: 'POST' })
    await door.json(404, `${path}/keys`, { as: ADMIN, body: { kind: 'secret', livemode: false } })
    await door.json(404, `${path}/keys`, { as: ADMIN })
    await door.json(404, `${path}/keys/key_none`, { as: ADMIN, method: 'DELETE' })
    await door.json(404, `${path}/connections`, { as: ADMIN })
    await door.json(404, `${path}/connections/con_none`, { as: ADMIN })
    const operator = { name: 'Ani', role: 'viewer', livemode: false }
    await door.json(404, `${path}/operators`, { as: ADMIN, body: operator })
  })

  it('is found in a list by pages, newest first, each once', async () => {
    const door = aDoor()
    door.now += 86_400_000
    const made: string[] = []
    for (let n = 0; n < 5; n++) {
      door.now += n % 2
      made.push((await door.aMerchant()).id)
    }
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; page < 3; page++) {
      const { data, next_cursor } = await door.json(200, `/v1/admin/merchants?limit=2${cursor}`, {
        as: ADMIN,
      })
      seen.push(...data.map((merchant: { id: string }) => merchant.id))
      cursor = `&cursor=${next_cursor}`
    }
    expect(new Set(seen.slice(0, 5))).toEqual(new Set(made))
    // The last two were made in the same millisecond; either may come first.
    expect(made.slice(3)).toContain(seen[0])
  })
})

describe('a key', () => {
  it('is shown once, stored as its hash, and listed without its text', async () => {
    const door = aDoor()
    const merchant = await door.aMerchant()
    const made = await door.aKey(merchant.id)
    expect(made).toEqual({
      id: expect.stringMatching(/^key_/),
      object: 'key',
      merchant_id: merchant.id,
      kind: 'secret',
      livemode: false,
      created_at: expect.any(String),
      revoked_at: null,
      key: expect.stringMatching(/^sk_test_/),
    })
    const { key, ...shown } = made
    const list = await door.json(200, `/v1/admin/merchants/${merchant.id}/keys`, { as: ADMIN })
    expect(list).toEqual({ data: [shown], next_cursor: null })
    const rows = await door.env.DB.prepare('select * from keys').all()
    expect(JSON.stringify(rows.results)).not.toContain(key)
    expect(JSON.stringify(rows.results)).toContain(readApiKey(key)?.hash)
  })

  it('is revoked once, and stays in the list with the time of that', async () => {
    const door = aDoor()
    const merchant = await door.aMerchant()
    const { id } = await door.aKey(merchant.id)
    const path = `/v1/admin/merchants/${merchant.id}/keys/${id}`
    const first = await door.json(200, path, { method: 'DELETE', as: ADMIN })
    door.now += 5_000
    expect(await door.json(200, path, { method: 'DELETE', as: ADMIN })).toEqual(first)
    const list = await door.json(200, `/v1/admin/merchants/${merchant.id}/keys`, { as: ADMIN })
    expect(list.data[0].revoked_at).toBe('2026-11-22T12:00:00.000Z')
  })

  it('of one merchant cannot be revoked through another, nor an operator as a key', async () => {
    const door = aDoor()
    const [mine, theirs] = [await door.aMerchant(), await door.aMerchant()]
    const { id } = await door.aKey(mine.id)
    const path = `/v1/admin/merchants/${theirs.id}`
    await door.json(404, `${path}/keys/${id}`, { method: 'DELETE', as: ADMIN })
    const body = { name: 'Ani', role: 'admin', livemode: false }
    const operator = await door.json(201, `${path}/operators`, { as: ADMIN, body })
    await door.json(404, `${path}/keys/${operator.id}`, { method: 'DELETE', as: ADMIN })
    const revoked = await door.json(200, `${path}/operators/${operator.id}`, { method: 'DELETE', as: ADMIN })
    expect(revoked.revoked_at).not.toBeNull()
  })

  it.each([
    [{ kind: 'operator', livemode: false }, '/kind'],
    [{ kind: 'secret' }, '/livemode'],
    [{ kind: 'secret', livemode: 'false' }, '/livemode'],
    [{ kind: 'secret', livemode: false, name: 'x' }, '/name'],
  ])('is refused with %j, naming %s', async (body, pointer) => {
    const door = aDoor()
    const { id } = await door.aMerchant()
    expect(pointers(await door.json(422, `/v1/admin/merchants/${id}/keys`, { as: ADMIN, body }))).toEqual([
      pointer,
    ])
  })
})

describe('an operator', () => {
  it.each([
    [{ role: 'root' }, '/role'],
    [{ expires_at: 'tomorrow' }, '/expires_at'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
  ])('is refused with %j, naming %s', async (details, pointer) => {
    const door = aDoor()
    const { id } = await door.aMerchant()
    const body = { name: 'Ani', role: 'operator', livemode: false, ...details }
    const problem = await door.json(422, `/v1/admin/merchants/${id}/operators`, { as: ADMIN, body })
    expect(pointers(problem)).toEqual([pointer])
  })
})

describe('a connection', () => {
  it('says where the provider reports to, and never its credentials', async () => {
    const door = aDoor()
    const merchant = await door.aMerchant()
    const made = await door.aConnection(merchant.id)
    expect(made).toMatchObject({
      id: expect.stringMatching(/^con_/),
      merchant_id: merchant.id,
      provider: 'sandbox',
      livemode: false,
      disabled: false,
      webhook_url: `https://pay.example/webhooks/sandbox/${made.id}`,
    })
    const path = `/v1/admin/merchants/${merchant.id}/connections`
    const answers = [
      made,
      await door.json(200, path, { as: ADMIN }),
      await door.json(200, `${path}/${made.id}`, { as: ADMIN }),
    ]
    const row = await door.env.DB.prepare('select * from connections where id = ?').bind(made.id).first()
    expect(JSON.stringify([answers, row, door.lines])).not.toContain('C2FVsBQIhrscChlQIMV')
    expect((await findConnection(door.env, made.id, door.now))?.credentials).toEqual(credentials)
  })

  it('says its address under the deployment’s public origin', async () => {
    const door = aDoor({ PUBLIC_URL: 'https://tollgate.example' })
    const made = await door.aConnection((await door.aMerchant()).id)
    expect(made.webhook_url).toBe(`https://tollgate.example/webhooks/sandbox/${made.id}`)
  })

  it('is the default when it is the first of its mode or asks to be', async () => {
    const door = aDoor()
    const merchant = await door.aMerchant()
    const defaults = async () =>
      (await door.json(200, `/v1/admin/merchants/${merchant.id}`, { as: ADMIN })).default_connection_ids
    const first = await door.aConnection(merchant.id)
    expect(await defaults()).toEqual({ test: first.id, live: null })
    await door.aConnection(merchant.id)
    expect(await defaults()).toEqual({ test: first.id, live: null })
    const third = await door.aConnection(merchant.id, { default: true })
    expect(await defaults()).toEqual({ test: third.id, live: null })
    const body = { default_connection_id: first.id }
    await door.json(200, `/v1/admin/merchants/${merchant.id}`, { method: 'PATCH', as: ADMIN, body })
    expect(await defaults()).toEqual({ test: first.id, live: null })
  })

  it('says of itself whether it is the default of its mode, in every answer', async () => {
    const door = aDoor()
    const { id: merchantId } = await door.aMerchant()
    const path = `/v1/admin/merchants/${merchantId}/connections`
    const [first, live] = [
      await door.aConnection(merchantId),
      await door.aConnection(merchantId, {
        ...{ provider: 'mollie', livemode: true, credentials: { api_key: `live_${'m'.repeat(30)}` } },
      }),
    ]
    const second = await door.aConnection(merchantId)
    expect([first.default, live.default, second.default]).toEqual([true, true, false])
    const change = { method: 'PATCH', as: ADMIN, body: { default: true } }
    expect(await door.json(200, `${path}/${second.id}`, change)).toMatchObject({ default: true })
    expect(await door.json(200, `${path}/${first.id}`, { as: ADMIN })).toMatchObject({ default: false })
    const { data } = await door.json(200, path, { as: ADMIN })
    const defaults = data.filter((one: { default: boolean }) => one.default)
    expect(defaults.map((one: { id: string }) => one.id).sort()).toEqual([live.id, second.id].sort())
  })

  it('of another merchant is nobody’s default', async () => {
    const door = aDoor()
    const [mine, theirs] = [await door.aMerchant(), await door.aMerchant()]
    const body = { default_connection_id: (await door.aConnection(theirs.id)).id }
    await door.json(422, `/v1/admin/merchants/${mine.id}`, { method: 'PATCH', as: ADMIN, body })
  })

  it('is given new credentials and is disabled, but keeps its provider, its mode and its place', async () => {
    const door = aDoor()
    const merchant = await door.aMerchant()
    const { id } = await door.aConnection(merchant.id)
    const path = `/v1/admin/merchants/${merchant.id}/connections/${id}`
    await findConnection(door.env, id, door.now)
    const patch = (status: number, body: object) =>
      door.json(status, path, { method: 'PATCH', as: ADMIN, body })
    await patch(200, { credentials: other })
    expect((await findConnection(door.env, id, door.now))?.credentials).toEqual(other)
    expect(await patch(200, { disabled: true })).toMatchObject({
      disabled: true,
      disabled_at: expect.any(String),
    })
    expect(await findConnection(door.env, id, door.now)).toMatchObject({
      credentials: other,
      disabledAt: door.now,
    })
    expect(pointers(await patch(422, { default: true }))).toEqual(['/default'])
    expect(await patch(200, { disabled: false })).toMatchObject({ disabled: false, disabled_at: null })
    for (const change of [{ provider: 'stripe' }, { livemode: true }, { merchant_id: 'mer_1' }])
      expect(pointers(await patch(422, change))).toEqual([`/${Object.keys(change)[0]}`])
  })

  it('of another merchant is 404', async () => {
    const door = aDoor()
    const [mine, theirs] = [await door.aMerchant(), await door.aMerchant()]
    const { id } = await door.aConnection(theirs.id)
    const path = `/v1/admin/merchants/${mine.id}/connections/${id}`
    await door.json(404, path, { as: ADMIN })
    await door.json(404, path, { method: 'PATCH', as: ADMIN, body: { disabled: true } })
  })

  it('tries its credentials when it is told to, and says what the provider thought of them', async () => {
    const door = aDoor()
    const { id } = await door.aMerchant()
    const shop = await door.aConnection(id)
    const account = await door.aConnection(id, {
      provider: 'stripe',
      credentials: { secret_key: 'sk_test_51MadeUp', webhook_secrets: ['whsec_made_up_for_tests'] },
    })
    const tried = (connection: { id: string }) =>
      door.json(200, `/v1/admin/merchants/${id}/connections/${connection.id}/test`, {
        as: ADMIN,
        method: 'POST',
      })
    expect(await tried(shop)).toMatchObject({ object: 'connection_test', result: 'accepted' })
    const fetched = vi.spyOn(globalThis, 'fetch')
    const refusal = { error: { type: 'invalid_request_error', message: 'Invalid API Key: sk_test_51MadeUp' } }
    for (const [answer, result] of [
      [Response.json({ object: 'list', data: [] }), 'accepted'],
      [Response.json(refusal, { status: 401 }), 'refused'],
      [new Response('', { status: 503 }), 'no_answer'],
    ] as const) {
      fetched.mockResolvedValueOnce(answer)
      const told = await tried(account)
      expect(told).toMatchObject({ connection_id: account.id, result, detail: expect.any(String) })
      expect(JSON.stringify(told)).not.toContain('MadeUp')
    }
    vi.restoreAllMocks()
  })

  it.each([
    [{ provider: 'nobody' }, '/provider'],
    [{ provider: 'constructor' }, '/provider'],
    [{ livemode: true }, '/livemode'],
    [{ credentials: {} }, '/credentials/webhook_secrets'],
    [{ credentials: { ...credentials, api_key: 'x' } }, '/credentials/api_key'],
    [{ settings: { api_base: 'https://evil.example' } }, '/settings/api_base'],
    [{ settings: { api_base: '' } }, '/settings/api_base'],
    [{ settings: { api_base: 'http://a:b@127.0.0.1' } }, '/settings/api_base'],
  ])('is refused with %j, naming %s', async (details, pointer) => {
    const door = aDoor()
    const { id } = await door.aMerchant()
    const body = { provider: 'sandbox', livemode: false, credentials, ...details }
    const problem = await door.json(422, `/v1/admin/merchants/${id}/connections`, { as: ADMIN, body })
    expect(pointers(problem)).toContain(pointer)
  })
})
