import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { storageOf } from '../../src/payment/sqlite.ts'
import { load, save } from '../../src/payment/storage.ts'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { aKey, aTill, click, inside, type Json, ORIGIN, SHOP, type Till } from './till.ts'

let till: Till
let other: Till

beforeAll(async () => {
  till = await aTill()
  other = await aTill()
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const visit = (path: string, more: object = {}) => till.call(path, { as: '', ...more })
const locationOf = async (response: Promise<Response>) => {
  const { status, headers } = await response
  return [status, headers.get('location')]
}

describe('/pay', () => {
  it('leads to the provider’s checkout, in one controlled redirect that caches nowhere', async () => {
    const session = await till.open()
    expect(session.checkout_url).toBe(`${ORIGIN}/pay/${session.id}`)
    const response = await visit(`/pay/${session.id}`)
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      `${ORIGIN}/sandbox/checkout/${session.provider_reference}`,
    ])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('posts a form where the provider wants one, with its values escaped and its target fixed', async () => {
    const session = await till.open()
    const action = 'https://bank.example/pay?x=1&y=2'
    await inside(session.payment_id, (state) => {
      const storage = storageOf(state.storage)
      const stored = load(storage)!
      stored.side.sessions[session.id]!.checkout = {
        ...{ kind: 'form', action, fields: { AMOUNT: '10.00', NOTE: '"><script>alert(1)</script>' } },
      }
      save(storage, stored, null)
    })
    const response = await visit(`/pay/${session.id}`)
    const page = await response.text()
    expect(response.status).toBe(200)
    expect(page).toContain('action="https://bank.example/pay?x=1&amp;y=2"')
    expect(page).toContain('name="AMOUNT" value="10.00"')
    expect(page).not.toContain('<script>alert')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain('form-action https://bank.example')
    expect(page).toContain(/script-src '(nonce-[^']+)'/.exec(policy)![1]!.replace('nonce-', 'nonce="'))
  })

  it('of a session that has ended leads back to the store', async () => {
    const order = { return_url: `${SHOP}/done?a=1`, cancel_url: `${SHOP}/cart` }
    const failed = await till.open(order)
    await till.report(failed, { type: 'failed' })
    const query = (session: Json) => `session_id=${session.id}&order_id=${session.order_id}`
    expect(await locationOf(visit(`/pay/${failed.id}`))).toEqual([303, `${SHOP}/cart?${query(failed)}`])
    const paid = await till.open(order)
    await till.report(paid)
    expect(await locationOf(visit(`/pay/${paid.id}`))).toEqual([303, `${SHOP}/done?a=1&${query(paid)}`])
  })

  it('of a session whose checkout is not there yet asks to wait, and tells nothing', async () => {
    vi.spyOn(SandboxBook.prototype, 'open').mockRejectedValueOnce(new Error('down'))
    const body = till.order()
    await till.call('/v1/payment-sessions', { body, key: aKey() })
    const { sessions } = await till.json(200, `/v1/payments/${till.paymentId(body.order_id)}`)
    const response = await visit(`/pay/${sessions[0].id}`)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '3'])
  })

  it.each(['ps_x', 'ps_', '..%2f', `ps_${'0'.repeat(39)}`])('of %s is 404', async (id) => {
    expect((await visit(`/pay/${id}`)).status).toBe(404)
    expect((await visit(`/return/${id}`)).status).toBe(404)
  })
})

describe('/return', () => {
  it('changes no status, whatever its parameters say', async () => {
    const session = await till.open()
    const lies = 'status=paid&result=success&amount=1000&session_id=ps_other&order_id=other&payment=captured'
    for (const method of ['GET', 'POST']) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
      const [status, location] = await locationOf(visit(`/return/${session.id}?${lies}`, { method }))
      expect(status).toBe(303)
      expect(location).toBe(`${SHOP}/done?session_id=${session.id}&order_id=${session.order_id}`)
    }
    expect(await till.paymentOf(session)).toMatchObject({ status: 'pending', amount_captured: 0 })
  })

  it('asks the provider, so that a lost report costs nothing', async () => {
    const session = await till.open()
    await click(session, 'pay', { lost: 'on' })
    await visit(`/return/${session.id}`)
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid' })
  })

  it('asks at most once in a while, however often it is reloaded', async () => {
    const session = await till.open()
    const asked = vi.spyOn(SandboxBook.prototype, 'standing')
    await Promise.all(Array.from({ length: 10 }, () => visit(`/return/${session.id}`)))
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('sends the customer on when the provider does not answer', async () => {
    const session = await till.open()
    vi.spyOn(SandboxBook.prototype, 'standing').mockRejectedValue(new Error('down'))
    expect((await visit(`/return/${session.id}`)).status).toBe(303)
  })
})

describe('reading a session', () => {
  it('is whole for the secret key, reduced for a browser with the client secret, and 404 without', async () => {
    const session = await till.open()
    const path = `/v1/payment-sessions/${session.id}`
    expect(await till.json(200, path)).toEqual(session)
    const reduced = await till.json(200, `${path}?client_secret=${session.client_secret}`, {
      as: till.publishable,
    })
    expect(reduced).toEqual({
      ...{ id: session.id, status: 'open', payment_status: 'pending', amount: 1_000, currency: 'AMD' },
      ...{ order_id: session.order_id, expires_at: session.expires_at, livemode: false },
    })
    expect((await till.call(`${path}?client_secret=wrong`, { as: till.publishable })).status).toBe(404)
    expect((await till.call(path, { as: till.publishable })).status).toBe(403)
    expect((await till.call(path, { as: '' })).status).toBe(401)
  })
})

describe('what belongs to another merchant, or to the other mode', () => {
  it('is not there: every route answers 404 and stores nothing', async () => {
    const session = await till.open()
    const key = () => ({ method: 'POST', key: aKey() })
    const routes: [string, object][] = [
      [`/v1/payment-sessions/${session.id}`, {}],
      [`/v1/payment-sessions/${session.id}/cancel`, key()],
      [`/v1/payments/${session.payment_id}`, {}],
      [`/v1/payments/${session.payment_id}/journal`, {}],
      [`/v1/payments/${session.payment_id}/journal/verify`, {}],
      [`/v1/payments/${session.payment_id}/sync`, key()],
    ]
    const before = await inside(session.payment_id, ({ storage }) => storage.sql.databaseSize)
    for (const [path, how] of routes)
      for (const as of [other.secretKey, till.liveKey])
        expect((await till.call(path, { as, ...how })).status, path).toBe(404)
    const secret = `?client_secret=${session.client_secret}`
    const stolen = await till.call(`/v1/payment-sessions/${session.id}${secret}`, { as: other.publishable })
    expect(stolen.status).toBe(404)
    expect(await inside(session.payment_id, ({ storage }) => storage.sql.databaseSize)).toBe(before)
    expect((await till.paymentOf(session)).version).toBe(3)
  })

  it('has its own payment under the same order number', async () => {
    const mine = await till.open()
    const theirs = await other.open({ order_id: mine.order_id })
    expect(theirs.payment_id).not.toBe(mine.payment_id)
  })
})

describe('canceling a session', () => {
  const cancel = (session: Json, key = aKey()) =>
    till.call(`/v1/payment-sessions/${session.id}/cancel`, { method: 'POST', key })

  it('ends it at the provider and answers 200, the same again for the same key', async () => {
    const session = await till.open()
    const key = aKey()
    const first = await cancel(session, key)
    expect([first.status, ((await first.clone().json()) as Json).status]).toEqual([200, 'canceled'])
    const again = await cancel(session, key)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await again.text()).toBe(await first.text())
    expect((await cancel(session)).status).toBe(200)
    expect((await click(session, 'pay')).status).not.toBe(303)
  })

  it('is 202 and ending while the provider does not confirm, until its alarm finds out', async () => {
    const session = await till.open()
    const broken = vi.spyOn(SandboxBook.prototype, 'instruct').mockRejectedValue(new Error('down'))
    const response = await cancel(session)
    expect([response.status, ((await response.json()) as Json).status]).toEqual([202, 'ending'])
    broken.mockRestore()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20_000 })
    await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
    expect((await till.paymentOf(session)).sessions[0].status).toBe('canceled')
  })

  it('is 409 with the status once it is paid, and changes nothing', async () => {
    const session = await till.open()
    await till.report(session)
    const response = await cancel(session)
    expect([response.status, ((await response.json()) as Json).code]).toEqual([409, 'not_allowed_now'])
    expect((await till.paymentOf(session)).status).toBe('paid')
  })

  it('finds that the customer paid at that moment: paid wins', async () => {
    const session = await till.open()
    await click(session, 'pay', { lost: 'on' })
    const response = await cancel(session)
    expect(response.status).toBe(200)
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', open_exceptions: 0 })
  })

  it('needs a key, and a secret one', async () => {
    const session = await till.open()
    const path = `/v1/payment-sessions/${session.id}/cancel`
    expect((await till.call(path, { method: 'POST' })).status).toBe(400)
    expect((await till.call(path, { method: 'POST', key: aKey(), as: till.publishable })).status).toBe(403)
  })
})

describe('the journal', () => {
  it('tells everything that happened, oldest first, and proves itself', async () => {
    const session = await till.open()
    await till.report(session)
    await till.report(session, { type: 'failed' })
    const { data } = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    expect(data.map(({ seq, type }: Json) => `${seq} ${type}`)).toEqual([
      ...['1 payment.created', '2 session.opening', '3 session.opened', '4 report.applied', '5 report.stale'],
    ])
    expect(data[3]).toMatchObject({ actor: `provider:${till.connectionId}`, prev_hash: data[2].hash })
    expect(JSON.stringify(data)).not.toContain(session.client_secret)
    const verify = () => till.json(200, `/v1/payments/${session.payment_id}/journal/verify`)
    expect(await verify()).toEqual({ valid: true, entries: 5, head: data[4].hash })
    await inside(session.payment_id, ({ storage }) => {
      storage.sql.exec("UPDATE journal SET data = replace(data, '1000', '1') WHERE seq = 4")
    })
    expect(await verify()).toMatchObject({ valid: false, broken_at: 4 })
  })
})

describe('watching a session live', () => {
  const live = (session: Json, headers: Record<string, string> = {}, secret = session.client_secret) =>
    visit(`/v1/payment-sessions/${session.id}/live?client_secret=${secret}`, { headers })

  it('by WebSocket tells the status now and as it changes, over a hibernation, and closes at the end', async () => {
    const session = await till.open()
    const response = await live(session, { upgrade: 'websocket' })
    const socket = response.webSocket!
    const told: Json[] = []
    let closed = 0
    socket.addEventListener('message', ({ data }) => {
      told.push(JSON.parse(String(data)))
    })
    socket.addEventListener('close', ({ code }) => {
      closed = code
    })
    socket.accept()
    await vi.waitFor(() => expect(told.map(({ status }) => status)).toEqual(['open']))
    await evictDurableObject(env.PAYMENT.getByName(session.payment_id), { webSockets: 'hibernate' })
    await till.report(session, { type: 'authorized' })
    await vi.waitFor(() =>
      expect(told.map(({ payment_status }) => payment_status)).toEqual(['pending', 'authorized']),
    )
    expect(told[1]).toEqual({ ...told[0], status: 'completed', payment_status: 'authorized' })
    await vi.waitFor(() => expect(closed).toBe(1_000))
  })

  it('by server-sent events says when to come back, then each status as an event, and ends with the session', async () => {
    const session = await till.open()
    const response = await live(session)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    await till.report(session)
    const text = await response.text()
    expect(text.startsWith('retry: 1000\n\n')).toBe(true)
    const events = [...text.matchAll(/event: payment\ndata: (.*)\n\n/g)].map(([, json]) => JSON.parse(json!))
    expect(events.at(-1)).toMatchObject({ id: session.id, status: 'completed', payment_status: 'paid' })
  })

  it('is 404 with another secret, and 403 from an origin that is not the merchant’s', async () => {
    const session = await till.open()
    expect((await live(session, {}, 'wrong')).status).toBe(404)
    expect((await live(session, { origin: 'https://evil.example' })).status).toBe(403)
    const own = await live(session, { origin: SHOP })
    expect(own.headers.get('access-control-allow-origin')).toBe(SHOP)
    await own.body?.cancel()
  })
})
