// What a person does with a destination, over HTTP: change, delete, rotate, test, pause, resume, replay.
import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { recordsIn } from '../../src/store/database.ts'
import { type Recordable, writeRecords } from '../../src/store/records.ts'
import { aPaymentId, aPublication, rowsOf } from './delivery-rig.ts'
import { ADMIN, aDoor } from './door.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

async function aDestination(change: object = {}) {
  const door = aDoor()
  const merchant = await door.aMerchant()
  const key: string = (await door.aKey(merchant.id)).key
  const { secret, ...made } = await door.json(201, '/v1/destinations', {
    as: key,
    body: { kind: 'crm', url: 'https://crm.example/hook', event_types: ['*'], ...change },
  })
  const viewer = async () =>
    (
      await door.json(201, `/v1/admin/merchants/${merchant.id}/operators`, {
        as: ADMIN,
        body: { name: 'Ani', role: 'viewer', livemode: false },
      })
    ).token as string
  const path = `/v1/destinations/${made.id}`
  const post = (status: number, action: string, body?: object) =>
    door.json(status, `${path}/${action}`, { method: 'POST', as: key, ...(body && { body }) })
  return { door, merchantId: merchant.id as string, key, path, made, secret: secret as string, viewer, post }
}

/** Events of so many payments, recorded as the queue's consumer would. */
async function anEventOf(merchantId: string, payments = 1): Promise<void> {
  const publications = Array.from({ length: payments }, () =>
    aPublication({ merchantId, stream: aPaymentId() }),
  ) as Recordable[]
  await writeRecords(recordsIn(env.DB), publications, {
    ...{ now, firstDelayMs: 0, leaseMs: 0, scheduleSeconds: [0] },
  })
}

/** Every request that leaves the gateway, answered with this status. */
function wire(status = 200): Request[] {
  const sent: Request[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) => {
    sent.push((request as Request).clone())
    return new Response('heard', { status })
  })
  return sent
}

const statuses = async (merchantId: string) =>
  (await rowsOf<{ status: string }>('deliveries', merchantId)).map((row) => row.status)

afterEach(() => vi.restoreAllMocks())

describe('a change', () => {
  it('sets what it names, takes away what it nulls, and leaves the rest', async () => {
    const { door, key, path, made } = await aDestination({ description: 'Sales', timeout_ms: 2_000 })
    const body = { url: 'https://new.example/in', event_types: ['payment.paid'], timeout_ms: null }
    const changed = await door.json(200, path, { method: 'PATCH', as: key, body })
    expect(changed).toEqual({ ...made, ...body })
    expect(await door.json(200, path, { as: key })).toEqual(changed)
  })

  it('must name something, and is refused with its place', async () => {
    const { door, key, path } = await aDestination()
    const pointerOf = async (body: object) =>
      (await door.json(422, path, { method: 'PATCH', as: key, body })).errors[0].pointer
    expect(await pointerOf({})).toBe('')
    expect(await pointerOf({ url: 'https://10.0.0.1/' })).toBe('/url')
    expect(await pointerOf({ status: 'paused' })).toBe('/status')
  })

  it('lets only a fiscal destination hold its doubts, made so or changed', async () => {
    const { door, key, path, made } = await aDestination({ kind: 'fiscal', on_timeout: 'hold' })
    expect(made.on_timeout).toBe('hold')
    const change = (status: number, body: object) =>
      door.json(status, path, { method: 'PATCH', as: key, body })
    expect((await change(422, { kind: 'erp' })).errors[0].pointer).toBe('/on_timeout')
    const asCrm = { kind: 'crm', on_timeout: 'retry' }
    expect(await change(200, asCrm)).toMatchObject(asCrm)
    expect((await change(422, { on_timeout: 'hold' })).errors[0].pointer).toBe('/on_timeout')
    const body = { kind: 'erp', url: made.url, event_types: ['*'], on_timeout: 'hold' }
    const problem = await door.json(422, '/v1/destinations', { as: key, body })
    expect(problem.errors[0].pointer).toBe('/on_timeout')
  })

  it('keeps headers sealed: their names are shown, their values never', async () => {
    const headers = { 'X-Api-Key': 'made-up-credential' }
    const { door, key, path, made, merchantId } = await aDestination({ headers })
    expect(made.header_names).toEqual(['x-api-key'])
    expect(JSON.stringify(await rowsOf('destinations', merchantId))).not.toContain('made-up-credential')
    const none = await door.json(200, path, { method: 'PATCH', as: key, body: { headers: null } })
    expect(none.header_names).toEqual([])
  })

  it.each([['webhook-signature'], ['Host'], ['content-type'], ['tollgate-out-of-order'], ['bad name']])(
    'refuses the header %s, which is not the merchant\u2019s to set',
    async (name) => {
      const { door, key, path } = await aDestination()
      const body = { headers: { [name]: 'x' } }
      const problem = await door.json(422, path, { method: 'PATCH', as: key, body })
      expect(problem.errors[0].pointer).toMatch(/^\/headers/)
    },
  )
})

describe('a destination that is deleted', () => {
  it('is gone from every list and takes nothing new', async () => {
    const { door, key, path, merchantId } = await aDestination()
    expect((await door.call(path, { method: 'DELETE', as: key })).status).toBe(204)
    expect((await door.call(path, { as: key })).status).toBe(404)
    expect((await door.json(200, '/v1/destinations', { as: key })).data).toEqual([])
    await anEventOf(merchantId)
    expect(await statuses(merchantId)).toEqual([])
  })
})

/** Whether a receiver with this secret, whose clock is right, takes the request. */
async function isVerifiedBy(request: Request, secret: string): Promise<boolean> {
  vi.useFakeTimers({ toFake: ['Date'], now: Number(request.headers.get('webhook-timestamp')) * 1_000 })
  try {
    new Webhook(secret).verify(await request.clone().text(), Object.fromEntries(request.headers))
    return true
  } catch {
    return false
  } finally {
    vi.useRealTimers()
  }
}

describe('a secret that is rotated', () => {
  it('is shown once, and the older one keeps signing too for a day', async () => {
    const { door, path, key, secret, post } = await aDestination()
    const rotated = await post(200, 'rotate-secret')
    expect(rotated.secret).toMatch(/^whsec_/)
    expect(rotated.secret).not.toBe(secret)
    expect(rotated.older_secret_until).toBe('2026-11-23T12:00:00.000Z')
    expect(await door.json(200, path, { as: key })).not.toHaveProperty('secret')

    const sent = wire()
    vi.useFakeTimers({ toFake: ['Date'], now })
    await post(200, 'test')
    vi.setSystemTime(now + 86_400_000)
    await post(200, 'test')
    vi.useRealTimers()
    const [during, after] = sent
    expect(await isVerifiedBy(during!, secret)).toBe(true)
    expect(await isVerifiedBy(during!, rotated.secret)).toBe(true)
    expect(await isVerifiedBy(after!, secret)).toBe(false)
    expect(await isVerifiedBy(after!, rotated.secret)).toBe(true)
  })

  it('again and again, because answers were lost, leaves the receiver the secret that it knows', async () => {
    const { secret, post } = await aDestination()
    const shown: string[] = []
    for (let times = 0; times < 6; times += 1) shown.push((await post(200, 'rotate-secret')).secret)
    const sent = wire()
    vi.useFakeTimers({ toFake: ['Date'], now })
    await post(200, 'test')
    vi.useRealTimers()
    for (const one of [secret, ...shown]) expect(await isVerifiedBy(sent[0]!, one)).toBe(true)
  })
})

describe('two people who rotate a secret at once', () => {
  it('are each shown one that signs', async () => {
    const { secret, post } = await aDestination()
    const both = await Promise.all([post(200, 'rotate-secret'), post(200, 'rotate-secret')])
    const sent = wire()
    vi.useFakeTimers({ toFake: ['Date'], now })
    await post(200, 'test')
    vi.useRealTimers()
    for (const one of [secret, ...both.map((shown) => shown.secret)])
      expect(await isVerifiedBy(sent[0]!, one)).toBe(true)
  })
})

describe('a test event', () => {
  it('is sent at once, with the destination\u2019s own headers, and how it went stays on the destination', async () => {
    const { door, key, path, post } = await aDestination({ headers: { 'x-api-key': 'made-up' } })
    const sent = wire(503)
    const result = await post(200, 'test')
    expect(result).toMatchObject({ taken: false, status: 503, trigger: 'manual', response_body: 'heard' })
    const [request] = sent
    expect(request!.headers.get('x-api-key')).toBe('made-up')
    expect(request!.headers.get('webhook-id')).toBe(result.event_id)
    expect(await request!.json()).toMatchObject({ type: 'test', data: { payment: null } })
    expect((await door.json(200, path, { as: key })).last_test).toMatchObject({ status: 503 })
    expect((await door.json(200, '/v1/exceptions', { as: key })).data).toEqual([])
  })
})

describe('a pause', () => {
  it('holds what comes, and a resume lets it go', async () => {
    const { door, key, path, post, merchantId } = await aDestination()
    expect(await post(200, 'pause')).toMatchObject({ status: 'paused', paused_because: 'asked' })
    await anEventOf(merchantId, 3)
    expect(await statuses(merchantId)).toEqual(['held', 'held', 'held'])
    expect(await post(200, 'resume')).toMatchObject({ status: 'active', paused_because: null })
    expect(await statuses(merchantId)).toEqual(['pending', 'pending', 'pending'])
    expect((await door.json(200, path, { as: key })).status).toBe('active')
  })
})

describe('a replay', () => {
  const span = { from: '2023-11-14T00:00:00Z', to: '2023-11-15T00:00:00Z' }

  it('sends the events of a span that failed there once more, and tells its progress', async () => {
    const { door, key, path, post, merchantId } = await aDestination()
    await anEventOf(merchantId, 3)
    await env.DB.prepare(
      "update deliveries set status = case when id = (select min(id) from deliveries where merchant_id = ?1) then 'delivered' else 'failed' end, due_at = null where merchant_id = ?1",
    )
      .bind(merchantId)
      .run()
    const replay = await post(202, 'replay', { ...span, only: 'failed' })
    expect(replay).toMatchObject({
      ...{ object: 'replay', status: 'finished', events: 3, deliveries: 2, only: 'failed' },
      ...{ from: '2023-11-14T00:00:00.000Z', event_types: ['*'] },
    })
    expect((await statuses(merchantId)).sort()).toEqual(['delivered', 'pending', 'pending'])
    const rows = await rowsOf<{ next_trigger: string; status: string }>('deliveries', merchantId)
    expect(rows.filter((row) => row.next_trigger === 'replay')).toHaveLength(2)
    expect(await door.json(200, `${path}/replays/${replay.id}`, { as: key })).toEqual(replay)
    expect((await door.json(200, `${path}/replays`, { as: key })).data).toEqual([replay])
  })

  it('of all events makes those too that the destination never had', async () => {
    const { post, merchantId } = await aDestination({ event_types: ['payment.failed'] })
    await anEventOf(merchantId, 2)
    expect(await statuses(merchantId)).toEqual([])
    const replay = await post(202, 'replay', { ...span, only: 'all', event_types: ['payment.*'] })
    expect(replay).toMatchObject({ events: 2, deliveries: 2 })
    expect(await statuses(merchantId)).toEqual(['pending', 'pending'])
  })

  it('leaves out what lies outside of its span or its types', async () => {
    const { post, merchantId } = await aDestination()
    await anEventOf(merchantId, 2)
    const later = { from: '2023-11-15T00:00:00Z', to: '2023-11-16T00:00:00Z' }
    expect(await post(202, 'replay', { ...later, only: 'all' })).toMatchObject({ events: 0, deliveries: 0 })
    const others = { ...span, only: 'all', event_types: ['payment.refunded'] }
    expect(await post(202, 'replay', others)).toMatchObject({ events: 0, deliveries: 0 })
  })

  it('is refused for a span that ends before it begins, and while the destination is paused', async () => {
    const { post } = await aDestination()
    const backwards = { from: span.to, to: span.from, only: 'all' }
    expect((await post(422, 'replay', backwards)).errors).toMatchObject([{ pointer: '/to' }])
    await post(200, 'pause')
    expect(await post(409, 'replay', { ...span, only: 'all' })).toMatchObject({ code: 'not_allowed_now' })
  })
})

describe('a viewer', () => {
  it.each(['test', 'pause', 'resume'])('may look, and not %s', async (action) => {
    const { door, path, viewer } = await aDestination()
    const as = await viewer()
    await door.json(200, path, { as })
    await door.json(403, `${path}/${action}`, { as, method: 'POST' })
  })
})
