// The main job, end to end and over HTTP only: an order is paid in test mode, and every business system hears of it.
import { Webhook } from 'standardwebhooks'
import { describe, expect, inject, it } from 'vitest'
import { orderNumber, reportOf, shopOf, systems } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const story = ['payment.created', 'payment.pending', 'payment.paid']

describe('a purchase', () => {
  it('goes from the session over the checkout page to every business system, in sequence and without gaps', async () => {
    const opened = await shop.open()
    expect(opened.status).toBe(201)
    const session = opened.body
    expect(session).toMatchObject({ status: 'open', attempt: 1, amount: 1_250_000, currency: 'AMD' })
    expect(new URL(session.checkout_url).origin).toBe(dev.url)

    const paid = await shop.checkOut(session)
    expect(paid.status).toBe(303)
    await shop.untilPaid(session.payment_id)
    for (const system of systems) {
      const events = await shop.untilReceived(system, session.payment_id, story)
      expect(events.filter((event) => !event.duplicate).map((event) => event.type)).toEqual(story)
      expect(events.filter((event) => !event.duplicate).map((event) => event.sequence)).toEqual([1, 2, 3])
    }
  })

  it('brings the browser back to the shop with the session and the order, whatever it claims on the way', async () => {
    const { body: session } = await shop.open()
    const paid = await shop.checkOut(session)
    const back = await fetch(`${paid.headers.get('location')}?status=paid`, { redirect: 'manual' })
    expect(back.status).toBe(303)
    const address = new URL(back.headers.get('location') ?? '')
    expect(address.origin + address.pathname).toBe(`${dev.sink_url}/thanks`)
    expect(address.searchParams.get('session_id')).toBe(session.id)
    expect(address.searchParams.get('order_id')).toBe(session.order_id)
  })

  it('is not paid by a visit to the return page', async () => {
    const { body: session } = await shop.open()
    await fetch(`${dev.url}/return/${session.id}?status=paid&amount=1250000`, { redirect: 'manual' })
    expect((await shop.payment(session.payment_id)).status).toBe('pending')
  })

  it('can be declined, and then paid at the second attempt of the same payment', async () => {
    const first = (await shop.open({ order_id: orderNumber() })).body
    await shop.checkOut(first, 'decline')
    await shop.untilReceived('crm', first.payment_id, ['payment.failed'])
    const second = await shop.open({ order_id: first.order_id })
    expect(second.status).toBe(201)
    expect(second.body).toMatchObject({ attempt: 2, payment_id: first.payment_id })
    await shop.checkOut(second.body)
    await shop.untilPaid(first.payment_id)
  })

  it('is one payment.paid event however often, however late and in whatever order the reports come', async () => {
    const { body: session } = await shop.open()
    await shop.checkOut(session, 'pay', { repeated: '20', reordered: 'on' })
    const late = reportOf(session, 'payment.captured')
    const visits = Array.from({ length: 5 }, () =>
      fetch(`${dev.url}/return/${session.id}`, { redirect: 'manual' }),
    )
    const reports = Array.from({ length: 20 }, () => shop.report(late, { id: `rep_${session.id}` }))
    const answers = await Promise.all([...reports, ...visits])
    expect(answers.filter((answer) => answer.status >= 400)).toEqual([])
    await shop.untilReceived('crm', session.payment_id, ['payment.paid'])
    const { body } = await shop.call('GET', `/v1/payments/${session.payment_id}/journal`)
    const entries = (body as { data: { type: string }[] }).data
    expect(entries.length).toBeGreaterThan(3)
    const received = await shop.received('crm', session.payment_id)
    const ids = received.filter((event) => event.type === 'payment.paid').map((event) => event.webhook_id)
    expect(new Set(ids).size).toBe(1)
  })

  it('is opened once, although fifty callers ask at once with fifty keys', async () => {
    const order = orderNumber()
    const opened = await Promise.all(Array.from({ length: 50 }, () => shop.open({ order_id: order })))
    const statuses = opened.map((answer) => answer.status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
    expect(statuses.filter((status) => status === 200)).toHaveLength(49)
    expect(new Set(opened.map((answer) => answer.body.id)).size).toBe(1)
  })

  it('answers the same key fifty times alike', async () => {
    const order = orderNumber()
    const opened = await Promise.all(
      Array.from({ length: 50 }, () => shop.open({ order_id: order }, { 'idempotency-key': 'again' })),
    )
    expect(new Set(opened.map((answer) => answer.status))).toEqual(new Set([201]))
    expect(new Set(opened.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
  })
})

describe('a report', () => {
  it('changes nothing when it is forged, stale, from the future or about another amount', async () => {
    const { body: session } = await shop.open()
    const captured = reportOf(session, 'payment.captured')
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
    expect((await shop.report(captured, { secret: other })).status).toBe(401)
    expect((await shop.report(captured, { at: new Date(Date.now() - 600_000) })).status).toBe(401)
    expect((await shop.report(captured, { at: new Date(Date.now() + 600_000) })).status).toBe(401)
    expect((await shop.payment(session.payment_id)).status).toBe('pending')

    const cheap = reportOf(session, 'payment.captured', { amount: 5 })
    expect((await shop.report(cheap)).status).toBe(200)
    const payment = await shop.payment(session.payment_id)
    expect(payment).toMatchObject({ status: 'pending', open_exceptions: 1 })
    const second = await shop.open({ order_id: session.order_id, new_attempt: true })
    expect(second.status).toBe(409)
  })
})

describe('an event', () => {
  it('is signed so that a business system can tell it from a forgery', async () => {
    const crm = dev.destinations.crm
    const body = JSON.stringify({ type: 'payment.paid', data: {} })
    const headers = {
      'webhook-id': 'evt_forged',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': new Webhook(dev.destinations.erp?.secret ?? '').sign(
        'evt_forged',
        new Date(),
        body,
      ),
    }
    const answer = await fetch(crm?.url ?? '', { method: 'POST', headers, body })
    expect(answer.status).toBe(401)
  })
})

describe('the page at the root', () => {
  it('leads somebody without a terminal to the demo store', async () => {
    const page = await (await fetch(`${dev.url}/`)).text()
    expect(page).toContain(`href="${dev.store_url}"`)
    const store = await fetch(dev.store_url)
    expect([store.status, store.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  })
})
