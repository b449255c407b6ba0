/** One trace, walked hop by hop: request, object, queue, records, business system; and what comes later or again. */
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { inboxIdOf } from '../../src/crypto/hash.ts'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { aDelivery, failing } from './a-delivery.ts'
import { anEntry, aPublication, emptyRecords } from './delivery-rig.ts'
import { ADMIN, aDoor } from './door.ts'
import { aKey, anOrderId, aTill, click, type Json, type Till } from './till.ts'

let traces = 0
/** A trace of its own for each request, and the header that brings it. */
function aTrace() {
  const id = (++traces).toString(16).padStart(32, 'f')
  return { id, headers: { traceparent: `00-${id}-00f067aa0ba902b7-01` } }
}

let till: Till
let operator: string

beforeAll(async () => {
  till = await aTill()
  const body = { name: 'Ani', role: 'operator', livemode: false }
  const path = `/v1/admin/merchants/${till.merchantId}/operators`
  operator = (await till.door.json(201, path, { as: ADMIN, body })).token
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const pass = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })

/** The types of the recorded entries that carry this trace, in their order, once there are as many. */
async function recorded(stream: string, traceId: string, types: string[]): Promise<void> {
  const find = env.DB.prepare('select type, trace from journal where stream = ? order by seq')
  await vi.waitFor(
    async () => {
      const { results } = await find.bind(stream).all<{ type: string; trace: string | null }>()
      const own = results.filter(({ trace }) => trace === `${traceId}-01`)
      expect(own.map(({ type }) => type)).toEqual(types)
    },
    { timeout: 20_000, interval: 50 },
  )
}

async function openIn(trace: ReturnType<typeof aTrace>, change: object = {}): Promise<Json> {
  const { headers } = trace
  return till.json(201, '/v1/payment-sessions', { body: till.order(change), key: aKey(), headers })
}

async function paid(): Promise<Json> {
  const session = await till.open()
  expect((await till.report(session)).status).toBe(200)
  return session
}

const mismatched = async (): Promise<Json> => {
  const session = await till.open()
  await till.report(session, { data: { amount: 7 } })
  return session
}

async function held(): Promise<Json> {
  const session = await till.open({ capture_method: 'manual' })
  await click(session, 'pay')
  return session
}

interface Walk {
  name: string
  before: () => Promise<Json>
  path: string
  body?: object
  as?: 'operator'
  types: string[]
}

const walks: Walk[] = [
  {
    ...{ name: 'a capture', before: held, path: 'capture', body: {} },
    types: ['command.begun', 'command.applied', 'command.answered'],
  },
  {
    ...{ name: 'the cancelling of a hold', before: held, path: 'cancel', body: {} },
    types: ['command.begun', 'command.applied', 'command.answered'],
  },
  {
    ...{ name: 'a receipt', before: paid, path: 'fiscal-receipts' },
    body: { kind: 'sale', status: 'issued', receipt_id: 'r-1' },
    types: ['fiscal.receipted', 'command.answered'],
  },
  {
    ...{ name: 'a word of fulfilment', before: paid, path: 'fulfillment' },
    body: { status: 'in_progress' },
    types: ['fulfillment.moved', 'command.answered'],
  },
  { ...{ name: 'a question', before: paid, path: 'sync', body: {} }, types: ['command.answered'] },
  {
    ...{ name: 'a correction', before: mismatched, path: 'corrections', as: 'operator' },
    body: { to_status: 'paid', reason: 'The provider’s desk says so.', amount: 1_000 },
    types: expect.arrayContaining(['correction.made']) as unknown as string[],
  },
]

describe('the trace of a request', () => {
  it('is the caller’s, stands in the request’s line, and another one is made where none is brought', async () => {
    const door = aDoor()
    const { id, headers } = aTrace()
    await door.call('/healthz', { headers })
    await door.call('/healthz', { headers: { traceparent: '00-not-a-trace' } })
    await door.call('/healthz')
    const seen = door.lines.map((line) => JSON.parse(line).trace as string)
    expect(seen[0]).toBe(id)
    expect(seen[1]).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set(seen).size).toBe(3)
  })

  it('may be brought by a browser of another origin', async () => {
    const preflight = await aDoor().call('/v1/payment-sessions', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers.get('access-control-allow-headers')).toContain('traceparent')
  })

  it('reaches the records with every entry that opening writes', async () => {
    const trace = aTrace()
    const session = await openIn(trace)
    await recorded(session.payment_id, trace.id, ['payment.created', 'session.opening', 'session.opened'])
  })

  it('reaches them from the registering of an order', async () => {
    const { id, headers } = aTrace()
    const orderId = anOrderId()
    const body = { amount: 1_000, currency: 'AMD' }
    await till.json(201, `/v1/orders/${orderId}`, { method: 'PUT', body, headers })
    await recorded(till.paymentId(orderId), id, ['payment.created', 'order.registered'])
  })

  it('reaches them from a provider’s report', async () => {
    const session = await till.open()
    const { id, headers } = aTrace()
    await till.report(session, { headers })
    await recorded(session.payment_id, id, ['report.applied'])
  })

  it('reaches them from a customer who comes back', async () => {
    const session = await till.open()
    await click(session, 'pay', { lost: 'on' })
    const { id, headers } = aTrace()
    await till.call(`/return/${session.id}`, { as: '', headers })
    await recorded(session.payment_id, id, ['check.applied'])
  })

  it('reaches them from the ending of a session', async () => {
    const session = await till.open()
    const { id, headers } = aTrace()
    await till.json(200, `/v1/payment-sessions/${session.id}/cancel`, { body: {}, key: aKey(), headers })
    await recorded(session.payment_id, id, ['command.applied', 'command.answered'])
  })

  it.each(walks)('reaches them from $name', async ({ before, path, body, as, types }) => {
    const session = await before()
    const { id, headers } = aTrace()
    const who = as === undefined ? {} : { as: operator }
    const response = await till.call(`/v1/payments/${session.payment_id}/${path}`, {
      ...{ body, key: aKey(), headers },
      ...who,
    })
    expect(response.status, await response.text()).toBe(200)
    await recorded(session.payment_id, id, types)
  })

  it('reaches them from the resolving of an exception', async () => {
    const session = await mismatched()
    const exception = await vi.waitFor(async () => {
      const { data } = await till.json(200, '/v1/exceptions?status=open&kind=report_mismatch')
      const own = data.find((one: Json) => one.payment_id === session.payment_id)
      expect(own).toBeDefined()
      return own as Json
    }, 20_000)
    const { id, headers } = aTrace()
    const body = { resolution: 'checked', note: 'Looked at it.' }
    await till.json(200, `/v1/exceptions/${exception.id}/resolve`, { as: operator, body, headers })
    await recorded(session.payment_id, id, ['exception.resolved', 'session.cleared'])
  })

  it('is gone on in by the alarm that an untimely report makes ring', async () => {
    const session = await till.open()
    await click(session, 'pay', { lost: 'on' })
    const { id, headers } = aTrace()
    expect((await till.report(session, { at: Date.now() - 301_000, headers })).status).toBe(401)
    pass(2)
    await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
    await recorded(session.payment_id, id, ['check.applied'])
  })

  it('travels again with the message that the alarm sends in place of a lost one', async () => {
    const queue = Object.getPrototypeOf(env.JOURNAL)
    const losing = vi.spyOn(queue, 'send').mockRejectedValue(new Error('the queue is away'))
    const trace = aTrace()
    const session = await openIn(trace)
    await vi.waitFor(() => expect(losing).toHaveBeenCalled())
    losing.mockRestore()
    pass(61)
    await runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
    await recorded(session.payment_id, trace.id, ['payment.created', 'session.opening', 'session.opened'])
  })

  it('is kept with a report that comes before its session, and is gone on in when it is taken', async () => {
    const orderId = anOrderId()
    const reference = 'sbx_traced_early'
    const early = { order_id: orderId, amount: 1_000, currency: 'AMD', provider_reference: reference }
    const { id, headers } = aTrace()
    await till.report(early, { headers })
    vi.spyOn(SandboxBook.prototype, 'open').mockImplementation(async (_, terms) => ({
      kind: 'standing',
      standing: {
        ...{ reference, payable: true, expired: false, happened: [] },
        ...{ sessionId: terms.sessionId, orderId: terms.orderId, amount: terms.amount },
        ...{ currency: terms.currency, expiresAt: terms.expiresAt },
      },
    }))
    const session = await till.open({ order_id: orderId })
    const log = vi.spyOn(console, 'log')
    pass(10)
    await runDurableObjectAlarm(env.INBOX.getByName(inboxIdOf(till.connectionId, reference)))
    await recorded(session.payment_id, id, ['report.applied'])
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as Json)
    expect(lines.filter(({ message }) => message === 'report_taken')).toMatchObject([{ trace: id }])
  })

  it('is named by the exception of a report that nothing ever claims', async () => {
    const reference = 'sbx_traced_stray'
    const stray = { order_id: anOrderId(), amount: 1_000, currency: 'AMD', provider_reference: reference }
    const { id, headers } = aTrace()
    await till.report(stray, { headers })
    pass(3_601)
    const inbox = inboxIdOf(till.connectionId, reference)
    await runDurableObjectAlarm(env.INBOX.getByName(inbox))
    await recorded(inbox, id, ['exception.raised'])
  })

  it('reaches a business system, from the request to its door', async () => {
    const sent = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('ok'))
    const log = vi.spyOn(console, 'log')
    const shop = await aTill()
    const body = { kind: 'crm', url: 'https://crm.example/events', event_types: ['payment.paid'] }
    await shop.json(201, '/v1/destinations', { body })
    const session = await shop.open()
    const { id, headers } = aTrace()
    await shop.report(session, { headers })
    await vi.waitFor(() => expect(sent).toHaveBeenCalled(), 20_000)
    expect((sent.mock.calls[0]![0] as Request).headers.get('traceparent')).toMatch(`00-${id}-`)
    const lines = () => log.mock.calls.map(([line]) => JSON.parse(String(line)) as Json)
    await vi.waitFor(() => expect(lines().map(({ message }) => message)).toContain('attempt'), 20_000)
    const line = (message: string) => lines().find((one) => one.message === message)
    expect(line('attempt').trace).toBe(id)
    expect(line('recorded').traces).toContain(id)
  })
})

describe('the trace of an event', () => {
  beforeEach(emptyRecords)

  const parts = (header: string | undefined) => (header ?? '').split('-')

  /** A delivery whose event belongs to this trace, or to none. */
  async function traced(trace?: string) {
    const delivery = await aDelivery()
    if (trace !== undefined)
      await env.DB.prepare('update journal set trace = ? where stream = ?').bind(trace, delivery.stream).run()
    return delivery
  }

  it('goes out with each of its tries, which are steps of their own, however late the next one comes', async () => {
    const { id } = aTrace()
    const { rig, read } = await traced(`${id}-00`)
    rig.behaviour = (_, count) => (count < 4 ? new Response('no', { status: 500 }) : new Response('ok'))
    rig.waiting = []
    await rig.settle()
    expect((await read()).status).toBe('delivered')
    const headers = rig.got.map((got) => got.headers.traceparent)
    expect(headers.map((header) => [parts(header)[1], parts(header)[3]])).toEqual(Array(4).fill([id, '00']))
    const spans = headers.map((header) => parts(header)[2])
    expect(new Set(spans).size).toBe(4)
    const lines = rig.log.filter(({ message }) => message === 'attempt')
    expect(lines.map(({ trace, span }) => [trace, span])).toEqual(spans.map((span) => [id, span]))
  })

  it('is one of its own where nobody knows it, and the same at every try', async () => {
    const { rig } = await traced()
    rig.behaviour = (_, count) => (count < 2 ? new Response('no', { status: 500 }) : new Response('ok'))
    await rig.settle()
    const ids = rig.got.map((got) => parts(got.headers.traceparent)[1])
    expect([ids.length, new Set(ids).size, ids[0]?.length]).toEqual([2, 1, 32])
  })

  it('is told to the payment with the exception that its last try raises', async () => {
    const { id } = aTrace()
    const { rig } = await traced(`${id}-01`)
    rig.schedule = [0, 5]
    rig.behaviour = failing(500)
    await rig.settle(3)
    expect([...rig.open.values()]).toMatchObject([{ kind: 'delivery_exhausted' }])
    expect(rig.toldIn).toEqual([`${id}-01`])
  })

  it('stands in the lines about rows that cannot be written', async () => {
    const { id } = aTrace()
    const { rig, merchantId, stream } = await aDelivery()
    rig.away.add('database')
    const entries = [{ ...anEntry(stream, 2), trace: `${id}-01` }]
    rig.publish(aPublication({ merchantId, stream, from: 2 }, { entries }))
    await rig.turn()
    expect(rig.log.find(({ message }) => message === 'unrecorded')).toMatchObject({ traces: id })
  })
})
