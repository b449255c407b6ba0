// Every route with an id, asked by everybody whom the id does not belong to. A new route has to be entered here.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { signatureHeaders } from '../../src/crypto/standard-webhooks.ts'
import { aFile, asking } from './a-settlement.ts'
import { ADMIN } from './door.ts'
import { holdings, judged, routes } from './hostile.ts'
import {
  administered,
  administrations,
  capabilities,
  type Door,
  deployers,
  type Kind,
  keyed,
} from './hostile-doors.ts'
import { aKey, aTill, type Json, type Till } from './till.ts'

let till: Till
let other: Till
/** What the victim owns, one of each kind. */
let ids: Record<string, string>
let strangers: Record<string, string>
let viewer: string
/** An operator of the victim's own. */
let owner: string
/** Its administrator, and one of each of the others'. */
let administrator: string
let foreigner: string
let inOtherMode: string
const theirs = 'whsec_YW5vdGhlciBzZWNyZXQgb2YgYSBzdHJhbmdlciEhISE='

const operatorOf = async (who: Till, role: string, livemode = false) =>
  who.door.json(201, `/v1/admin/merchants/${who.merchantId}/operators`, {
    as: ADMIN,
    body: { name: role, role, livemode },
  })

beforeAll(async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('ok'))
  till = await aTill()
  other = await aTill()
  const destination = await till.json(201, '/v1/destinations', {
    body: { kind: 'crm', url: 'https://crm.example/hooks', event_types: ['*'] },
  })
  const replay = await till.json(202, `/v1/destinations/${destination.id}/replay`, {
    body: { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', only: 'all' },
  })
  const reconciliation = await till.json(202, asking(till), {
    ...{ key: aKey(), headers: { 'content-type': 'text/csv' }, body: aFile() },
  })
  const session = await till.open()
  await till.report(session, { data: { amount: session.amount + 1 } })
  const first = async (path: string) =>
    vi.waitFor(async () => {
      const { data } = await till.json(200, path)
      expect(data[0]).toBeDefined()
      return data[0].id as string
    }, 10_000)
  ids = {
    session: session.id,
    payment: session.payment_id,
    destination: destination.id,
    connection: till.connectionId,
    merchant: till.merchantId,
    stranger: other.merchantId,
    replay: replay.id,
    reconciliation: reconciliation.id,
    exception: await first('/v1/exceptions'),
    event: await first('/v1/events'),
    delivery: await first('/v1/deliveries'),
    key: (await till.door.aKey(till.merchantId, 'publishable')).id,
    operator: (await operatorOf(till, 'admin')).id,
    order: session.order_id,
    secret: session.client_secret,
  }
  viewer = (await operatorOf(till, 'viewer')).token
  owner = (await operatorOf(till, 'operator')).token
  administrator = (await operatorOf(till, 'admin')).token
  foreigner = (await operatorOf(other, 'admin')).token
  inOtherMode = (await operatorOf(till, 'admin', true)).token
  strangers = {
    'another merchant': other.secretKey,
    'another merchant’s storefront': other.publishable,
    'another merchant’s operator': foreigner,
    'the same merchant in the other mode': till.liveKey,
    'its operator in the other mode': inOtherMode,
    'its storefront in the other mode': (await till.door.aKey(till.merchantId, 'publishable', true)).key,
  }
}, 60_000)

afterEach(() => vi.restoreAllMocks())

/** The path with what the victim owns in it. */
const named = (path: string) => path.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? `no ${name}`)

const methodOf = (route: string) => route.split(' ')[0]!

/** Everything the victim has, as its own key sees it. */
async function estate(): Promise<Json> {
  const paths = [
    ...[`/v1/payments/${ids.payment}`, `/v1/payments/${ids.payment}/journal`],
    `/v1/payment-sessions/${ids.session}`,
    ...[`/v1/exceptions/${ids.exception}`, `/v1/events/${ids.event}`],
  ]
  const seen = await Promise.all(paths.map((path) => till.json(200, path)))
  const { name } = await till.door.json(200, `/v1/admin/merchants/${till.merchantId}`, { as: ADMIN })
  // How often it failed is told by deliveries, which nobody's request has to do with.
  const { failures, failing_since, ...destination } = await till.json(
    200,
    `/v1/destinations/${ids.destination}`,
  )
  return [...seen, destination, name]
}

describe('the walk', () => {
  it('covers every route that names anything; a new one must be entered in hostile-doors.ts', () => {
    const naming = routes().filter((route) => route.includes(':'))
    const entered = [keyed, administered, administrations, deployers].flatMap((table) => Object.keys(table))
    expect([...entered, ...capabilities].sort()).toEqual(naming)
  })
})

const kindOf = (key: string): Kind =>
  key.startsWith('sk_') ? 'secret' : key.startsWith('pk_') ? 'publishable' : 'operator'

/** Asks as each stranger, under this key; everything they may do at all finds nothing. */
async function refusedToStrangers(route: string, { path, open, body }: Door, key: string): Promise<void> {
  for (const [who, as] of Object.entries(strangers)) {
    const startedAt = Date.now()
    const asked = { method: methodOf(route), as, key, ...(body ? { body } : {}) }
    const { code } = await judged(await till.call(named(path), asked), startedAt, `${route} by ${who}`)
    expect([who, code]).toEqual([who, open.includes(kindOf(as)) ? 'not_found' : 'forbidden'])
  }
}

describe('with a stranger’s key', () => {
  it.each(Object.entries(keyed))('%s finds nothing, and nothing changes', async (route, door) => {
    const before = [await estate(), await holdings()]
    await refusedToStrangers(route, door, aKey())
    expect([await estate(), await holdings()]).toEqual(before)
  })

  it('and the owner’s Idempotency-Key, no kept answer is shown', async () => {
    const session = await till.open()
    const canceled = await till.open()
    await till.report(session)
    const mine = { ...ids }
    const posts = Object.entries(keyed).filter(([route]) => route.startsWith('POST /v1/payment'))
    ids = { ...ids, payment: session.payment_id, session: canceled.id }
    const kept: string[] = []
    for (const [route, door] of posts) {
      const as = door.open.includes('secret') ? till.secretKey : owner
      const asked = { method: 'POST', as, key: `kept ${route}`, ...(door.body ? { body: door.body } : {}) }
      const first = await till.call(named(door.path), asked)
      await judged(first, Date.now(), route)
      if (first.status < 300) kept.push(route)
      await refusedToStrangers(route, door, `kept ${route}`)
    }
    ids = mine
    expect(kept).toEqual([
      'POST /v1/payment-sessions/:id/cancel',
      'POST /v1/payments/:id/fiscal-receipts',
      'POST /v1/payments/:id/fulfillment',
      'POST /v1/payments/:id/refunds',
      'POST /v1/payments/:id/sync',
    ])
  })

  it('that only looks, a person changes nothing even at home', async () => {
    for (const [route, door] of Object.entries(keyed).filter(([name]) => name.startsWith('POST'))) {
      const asked = { method: 'POST', as: viewer, key: aKey(), ...(door.body ? { body: door.body } : {}) }
      const { code } = (await (await till.call(named(door.path), asked)).json()) as Json
      expect([route, code]).toEqual([route, 'forbidden'])
    }
  })
})

/** The status of an administrator's route below a merchant, asked with this key or token. */
async function statusUnder(
  whose: 'merchant' | 'stranger',
  route: string,
  { path, body }: { path: string; body?: object },
  as: string,
): Promise<number> {
  const asked = { method: methodOf(route), as, ...(body ? { body } : {}) }
  const response = await till.call(named(`/v1/admin/merchants/{${whose}}${path}`), asked)
  await judged(response, Date.now(), route)
  return response.status
}

describe('the administrators’ door', () => {
  const all = { ...administered, ...administrations }

  it.each(Object.entries(all))('%s is closed to keys and to the lesser roles', async (route, door) => {
    const before = [await estate(), await holdings()]
    for (const as of [till.secretKey, till.liveKey, other.secretKey, till.publishable, ''])
      expect(await statusUnder('merchant', route, door, as)).toBe(401)
    for (const as of [viewer, owner]) expect(await statusUnder('merchant', route, door, as)).toBe(403)
    expect([await estate(), await holdings()]).toEqual(before)
  })

  it.each(Object.entries(administered))('%s keeps merchants and modes apart', async (route, door) => {
    const before = [await estate(), await holdings()]
    // Under the wrong merchant nobody finds it, not even the deployer.
    for (const as of [ADMIN, foreigner, administrator])
      expect(await statusUnder('stranger', route, door, as)).toBe(404)
    for (const as of [foreigner, inOtherMode])
      expect(await statusUnder('merchant', route, door, as)).toBe(404)
    expect([await estate(), await holdings()]).toEqual(before)
    expect((await till.call('/v1/payments', { as: owner })).status).toBe(200)
  })

  it.each(Object.entries(administrations))('%s is another merchant’s: 404', async (route, door) => {
    const before = [await estate(), await holdings()]
    expect(await statusUnder('merchant', route, door, foreigner)).toBe(404)
    // What a body asks for in the other mode is refused rather than not found.
    if (door.body) expect(await statusUnder('merchant', route, door, inOtherMode)).toBe(403)
    expect([await estate(), await holdings()]).toEqual(before)
  })

  it.each(['connections', 'keys', 'operators', 'log'])('lists no %s of the other mode', async (what) => {
    const path = `/v1/admin/merchants/${till.merchantId}/${what}`
    const { data } = await till.json(200, path, { as: inOtherMode })
    for (const row of data) expect(row).not.toMatchObject({ livemode: false })
    const mine = await till.json(200, path, { as: administrator })
    expect(mine.data.some((row: Json) => row.livemode === false)).toBe(true)
  })
})

describe('the deployer’s door', () => {
  it.each(Object.entries(deployers))('%s is closed to every key of a merchant', async (route, body) => {
    const before = [await estate(), await holdings()]
    const path = route.split(' ')[1]!.replace(':merchantId', till.merchantId)
    for (const as of [till.secretKey, till.liveKey, other.secretKey, administrator, till.publishable, ''])
      expect((await till.call(path, { method: methodOf(route), as, ...(body ? { body } : {}) })).status).toBe(
        401,
      )
    expect([await estate(), await holdings()]).toEqual(before)
  })
})

describe('a list', () => {
  it.each(['payments', 'events', 'deliveries', 'destinations', 'exceptions'])(
    'of %s shows a stranger nothing, whatever it filters by and wherever it begins',
    async (what) => {
      const page = await till.json(200, `/v1/${what}?limit=1`)
      expect(page.data).toHaveLength(1)
      const filters = {
        payments: `order_id=${ids.order}`,
        events: `payment_id=${ids.payment}`,
        deliveries: `payment_id=${ids.payment}&destination_id=${ids.destination}`,
        destinations: '',
        exceptions: 'status=open',
      }[what]
      for (const as of Object.values(strangers).filter((key) => kindOf(key) !== 'publishable'))
        for (const query of ['', `?${filters}`, `?cursor=${page.next_cursor ?? ''}`.replace(/=$/, '=x')]) {
          const response = await till.call(`/v1/${what}${query}`, { as })
          const { data = [] } = await judged(response, Date.now(), what)
          expect(data).toEqual([])
        }
    },
  )
})

describe('what is proved by the address itself', () => {
  const tail = (id: string) => `${id.slice(0, -13)}${'0'.repeat(13)}`

  it('is not found by who knows all of a session’s id but its random part', async () => {
    const guessed = tail(ids.session!)
    for (const [method, path] of [
      ['GET', `/pay/${guessed}`],
      ['GET', `/return/${guessed}`],
      ['POST', `/return/${guessed}`],
      ['GET', `/v1/payment-sessions/${guessed}/live?client_secret=${ids.secret}`],
      ['GET', `/v1/payment-sessions/${ids.session}/live?client_secret=${'0'.repeat(50)}`],
    ] as const)
      expect((await till.call(path, { method, as: '' })).status, path).toBe(404)
  })

  it('of the other merchant’s storefront may not be watched from its origin', async () => {
    const path = `/v1/payment-sessions/${ids.session}/live?client_secret=${ids.secret}`
    const foreign = await till.call(path, { as: '', headers: { origin: 'https://evil.example' } })
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null])
  })

  it('is another order under the same number for each merchant and mode', async () => {
    const before = await estate()
    for (const as of [other.secretKey, till.liveKey]) {
      const body = { amount: 5, currency: 'AMD' }
      const order = await till.json(201, `/v1/orders/${ids.order}`, { method: 'PUT', as, body })
      expect(order.payment_id).not.toBe(ids.payment)
    }
    expect(await estate()).toEqual(before)
  })

  it('of a sandbox checkout opens neither its books nor another one', async () => {
    for (const path of [
      '/sandbox/api/checkouts',
      '/sandbox/api/checkouts/sbx_00000000000000000000000000',
      '/sandbox/checkout/sbx_00000000000000000000000000',
    ])
      expect((await till.call(path, { as: '' })).status).toBe(404)
    const reference = (await till.json(200, `/v1/payment-sessions/${ids.session}`)).provider_reference
    for (const verb of ['capture', 'refund', 'cancel'])
      expect(
        (await till.call(`/sandbox/api/checkouts/${reference}/${verb}`, { as: '', key: aKey(), body: {} }))
          .status,
      ).toBe(404)
  })
})

const reports = [
  'authorized',
  'captured',
  'failed',
  'canceled',
  'expired',
  'refunded',
  'disputed',
  'dispute_closed',
]

describe('a report through a foreign connection', () => {
  it.each(reports)('of %s changes nothing, and a forged one is not even kept', async (type) => {
    const session = await till.open()
    const second = await till.door.aConnection(till.merchantId, {
      credentials: { webhook_secrets: [theirs] },
    })
    const before = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    const data = { amount_refunded_total: session.amount, outcome: 'lost' }
    for (const connection of [other.connectionId, second.id]) {
      const how = connection === second.id ? { secret: theirs } : {}
      expect((await till.report(session, { type, connection, data, ...how })).status).toBe(200)
    }
    expect((await till.report(session, { type, data, secret: theirs })).status).toBe(401)
    expect((await till.report(session, { type, data, connection: `con_${'0'.repeat(26)}` })).status).toBe(404)
    const after = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    expect(after).toEqual(before)
  })

  it('is not taken at the address of another provider, nor without its connection', async () => {
    const body = '{}'
    const headers = await signatureHeaders([theirs], 'rpt_1', Math.floor(Date.now() / 1_000), body)
    for (const path of [
      `/webhooks/stripe/${till.connectionId}`,
      `/webhooks/SANDBOX/${till.connectionId}`,
      `/webhooks/__proto__/${till.connectionId}`,
      '/webhooks/sandbox/con_',
      `/webhooks/sandbox/${ids.payment}`,
      `/webhooks/sandbox/${till.connectionId}x`,
    ])
      for (const method of ['GET', 'POST']) {
        const how = method === 'POST' ? { body, headers } : { headers }
        expect((await till.call(path, { method, as: '', ...how })).status, path).toBe(404)
      }
  })
})

/** Last, because the owner's actions reach the records a while later, and the walks above compare what is there. */
describe('with the owner’s key', () => {
  // What is deleted cannot be found afterwards.
  const deletionsLast = Object.keys(keyed).toSorted(
    (a, b) => Number(a.startsWith('DELETE')) - Number(b.startsWith('DELETE')),
  )

  it.each(deletionsLast)('%s is found by its owner, so that the address was right', async (route) => {
    const door = keyed[route]!
    const as = door.open.includes('secret') ? till.secretKey : owner
    const file = door.file ? { body: door.file, headers: { 'content-type': 'text/csv' } } : {}
    const asked = { method: methodOf(route), as, key: aKey(), ...(door.body ? { body: door.body } : file) }
    const response = await till.call(named(door.path), asked)
    expect([200, 201, 202, 204, 402, 409]).toContain(response.status)
  })

  it.each(Object.entries({ ...administered, ...administrations }))(
    '%s is found by its administrator too',
    async (route, door) => {
      const status = await statusUnder('merchant', route, door, administrator)
      expect(status).toBe(door.body && route.startsWith('POST') ? 201 : 200)
    },
  )
})
