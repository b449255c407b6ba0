// FastShift's dialect, fact by fact: GUIDs of our own, whole drams, hints of any shape, dates without a zone, refusals.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/domain/provider.ts'
import { fastshift } from '../../../src/providers/fastshift.ts'
import { checkConnection, makeProvider } from '../../../src/providers/index.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { type FastshiftSettings, fastshiftSimulator } from '../../simulators/fastshift.ts'

const token = 'made-up-for-tests-01'
const apiBase = 'https://fastshift.invalid'
const noon = Date.parse('2026-11-22T12:00:00Z')
const sessionId = `ps_${'0123456789abcdefghjkmnpqrs'}${'0123456789abc'}`
const number = '0d2f9c36-5f6b-4f7e-9d3a-1b2c3d4e5f60'
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const adapter = fastshift({ token, apiBase, fetch: nobody })

/** The adapter, and what it sent; a given answer stands for all of FastShift's. */
function shop(settings: Partial<FastshiftSettings> = {}, answer?: () => Response) {
  const simulator = fastshiftSimulator({ token, now: () => noon, ...settings })
  const seen: Request[] = []
  const provider = fastshift({
    ...{ token, apiBase, now: () => noon },
    fetch: async (request) => {
      seen.push(request.clone())
      return answer === undefined ? through(simulator)(request) : answer()
    },
  })
  return { simulator, provider, seen }
}

describe('an order at FastShift', () => {
  it('is registered in whole drams, under a GUID, and reports to an address that names its session', async () => {
    const { provider, seen } = shop()
    const order = anOrder({ amount: 1_250_000 })
    const opened = done(await provider.open(order))
    expect(JSON.parse(await seen[0]!.text())).toEqual({
      order_number: opened.references[0],
      amount: 12_500,
      description: `Order ${order.orderId}`,
      callback_url: order.returnUrl,
      webhook_url: `${order.webhookUrl}?session=${order.sessionId}`,
      external_order_id: order.orderId,
    })
    expect(opened.references).toEqual([
      expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    ])
    expect(seen[0]!.url).toBe(`${apiBase}/api/en/vpos/order/register`)
  })

  it('has another number at each call and each session, since one that is known there is refused', async () => {
    const { provider, simulator } = shop()
    const order = anOrder()
    const numbers = [order, { ...order, call: 2 }, anOrder()].map(
      async (one) => done(await provider.open(one)).references[0],
    )
    expect(new Set(await Promise.all(numbers)).size).toBe(3)
    expect((await provider.open(order)).kind).toBe('declined')
    expect(simulator.orders(order.orderId)).toBe(2)
  })

  it('ends as long after the answer as it lives there, whatever zone its dates are in', async () => {
    const { provider } = shop({ livesMs: 20 * 60_000 })
    expect(done(await provider.open(anOrder())).endsAt).toBe(noon + 20 * 60_000)
  })

  it.each([
    ['0000-00-00 00:00:00', '0000-00-00 00:00:00'],
    ['2026-11-22 16:00:00', null],
    ['2026-11-22 16:00:00', '2026-11-22 15:00:00'],
  ])('with the dates %s and %s names no end', async (created_at, expires_at) => {
    const { provider, seen } = shop({}, () => new Response('{}'))
    const order = anOrder({ amount: 100_000 })
    await provider.open(order)
    const { order_number } = JSON.parse(await seen[0]!.text())
    const said = { order_number, amount: 1_000, status: 'pending', created_at, expires_at }
    const data = { order: said, redirect_url: 'https://fastshift.invalid/pay' }
    const again = shop({}, () => Response.json({ status: 'OK', data })).provider
    expect(done(await again.open(order)).endsAt).toBe(null)
  })

  it('with another amount, or another number, opens nothing', async () => {
    const { provider, simulator } = shop()
    simulator.behave('lies')
    expect((await provider.open(anOrder())).kind).toBe('unknown')
  })

  it('whose address is no web page opens nothing', async () => {
    const data = {
      order: { order_number: number, amount: 1, status: 'pending' },
      redirect_url: 'javascript:0',
    }
    const { provider } = shop({}, () => Response.json({ status: 'OK', data }))
    expect((await provider.open(anOrder())).kind).toBe('unknown')
  })

  it('in a part of a dram, or in another currency, is refused before there is one', () => {
    expect(adapter.objection({ amount: 1_250_050, currency: 'AMD' })).toContain('whole drams')
    expect(adapter.objection({ amount: 1_250_000, currency: 'AMD' })).toBe(null)
    expect(adapter.capabilities.currencies).toEqual(['AMD'])
  })

  it('takes no capture, no cancel and no refund, and nobody is asked for one', async () => {
    const session = sessionOf(anOrder(), null)
    for (const action of [{ type: 'cancel' }, { type: 'refund', amount: 1 }] as const)
      expect((await adapter.act(action, session, 'k')).kind).toBe('declined')
  })
})

const fixtures = path.resolve(import.meta.dirname, '../../providers/fixtures/fastshift')

describe('an order at FastShift that is', () => {
  it.each(readdirSync(fixtures))('%s', async (file) => {
    const { answer, means } = JSON.parse(readFileSync(path.join(fixtures, file), 'utf8'))
    const { provider, seen } = shop({}, () => Response.json(answer))
    const found = await provider.find({ ...sessionOf(anOrder(), null), references: [number] })
    expect(seen[0]!.url).toBe(`${apiBase}/api/en/vpos/order/status/${number}`)
    if (means === null) return expect(found.kind).toBe('unknown')
    expect(done(found)).toEqual({ ...means, references: [number] })
  })

  it('known to us and not to FastShift is in the dark, and none that never came to be is nothing', async () => {
    const { provider } = shop()
    const session = sessionOf(anOrder(), null)
    expect((await provider.find({ ...session, references: [number] })).kind).toBe('unknown')
    expect(done(await provider.find({ ...session, references: [], calls: 3 }))).toEqual({
      ...{ facts: [], references: [], payable: false },
    })
  })

  it('one of several that lost answers left there is found by our own numbers, and its money speaks', async () => {
    const { provider, simulator } = shop()
    const order = anOrder()
    simulator.behave('loses_answers')
    for (const call of [1, 2, 3]) await provider.open({ ...order, call })
    simulator.behave('none')
    const session = { ...sessionOf(order, null), references: [], calls: 4 }
    const open = done(await provider.find(session))
    expect([open.references.length, open.facts, open.payable]).toEqual([3, [], true])
    simulator.reject(open.references[0]!)
    expect(done(await provider.find(session))).toMatchObject({ facts: [], payable: true })
    simulator.pay(open.references[1]!)
    expect(done(await provider.find(session))).toMatchObject({
      facts: [{ type: 'captured', amount: order.amount, currency: 'AMD' }],
      payable: false,
    })
  })
})

const hear = (body: string, query: string) =>
  adapter.read({ ...arriving(body, {}), url: `https://pay.example/webhooks/fastshift/con_1${query}` }, 0)

describe('a report of FastShift', () => {
  const hint = { kind: 'hint', named: { sessionId, reference: number } }
  const form = `status=completed&order_number=${number}`
  it.each([
    [JSON.stringify({ status: 'completed', order_number: number }), `?session=${sessionId}`],
    [form, `?session=${sessionId}`],
    ['', `?session=${sessionId}&${form}`],
    ['', `?session=${sessionId}?${form}`],
  ])('%s to an address with %s is a hint and proves nothing', async (body, query) => {
    expect(await hear(body, query)).toEqual(hint)
  })

  it.each([
    [form, ''],
    [form, '?session=ps_somebody'],
    ['', `?session=${sessionId}`],
    ['[1]', `?session=${sessionId}`],
    ['{"order_number":7}', `?session=${sessionId}`],
  ])('%s to an address with "%s" makes nobody ask', async (body, query) => {
    expect((await hear(body, query)).kind).toBe('ignored')
  })

  it.each(['json', 'form'] as const)('as the simulated FastShift sends it (%s) is one', async (webhookAs) => {
    const { provider, simulator } = shop({ webhookAs })
    const order = { ...anOrder(), sessionId }
    const [reference] = done(await provider.open(order)).references
    simulator.pay(reference)
    const { url, headers, body } = simulator.sent[0]!
    expect(await provider.read({ ...arriving(body, headers), url }, noon)).toEqual({
      kind: 'hint',
      named: { sessionId, reference },
    })
  })

  it('is answered 200 whatever it names, and 503 where it was not kept', () => {
    const heard = { kind: 'ignored', type: 'unknown' } as const
    const statuses = (['kept', 'ignored', 'refused', 'not_kept'] satisfies Verdict['kind'][]).map(
      (kind) => adapter.reply(heard, { kind }).status,
    )
    expect(statuses).toEqual([200, 200, 200, 503])
  })
})

describe('a refusal of FastShift', () => {
  it.each([
    [422, { status: 'INVALID_DATA', errors: { amount: `${token} hush` } }, 'unsupported_amount'],
    [422, { status: 'INVALID_DATA', errors: { 'callback_url hush': 'x' } }, 'invalid_request'],
    [401, { status: 'UNAUTHORIZED' }, 'bad_credentials'],
    [403, { status: 'FORBIDDEN' }, 'bad_credentials'],
    [400, { status: 'ERROR', message: 'hush' }, 'declined'],
    [404, { status: 'NOT_FOUND' }, 'invalid_request'],
    [500, { status: 'APP_ERROR' }, null],
    [400, { status: 'dreaming' }, null],
    [404, 'not found', null],
    [200, { status: 'ERROR' }, null],
    [429, { status: 'ERROR' }, null],
  ])('with %i and %j means %s, and never quotes what it was told', async (status, said, code) => {
    const { provider } = shop({}, () => Response.json(said, { status }))
    const outcome = await provider.open(anOrder())
    expect(outcome).toMatchObject(code === null ? { kind: 'unknown' } : { kind: 'declined', code })
    expect(JSON.stringify(outcome)).not.toMatch(/hush|made-up/)
  })

  it('to tell of an order is no word about the order', async () => {
    const { provider } = shop({}, () => Response.json({ status: 'FORBIDDEN' }, { status: 403 }))
    const session = sessionOf(anOrder(), null)
    expect((await provider.find({ ...session, references: [] })).kind).toBe('unknown')
    expect((await provider.find({ ...session, references: [number] })).kind).toBe('unknown')
  })
})

describe('a connection to FastShift', () => {
  const check = (credentials: unknown, settings: unknown = {}) =>
    checkConnection({ provider: 'fastshift', livemode: true, credentials, settings })

  it.each([
    [{}, '/credentials/token', 'The token is missing'],
    [{ token: 'Bearer made-up' }, '/credentials/token', 'without "Bearer" in front'],
  ])('with %j is told what it lacks', (credentials, pointer, detail) => {
    const errors = [{ pointer, detail: expect.stringContaining(detail) }]
    expect(check(credentials)).toEqual({ kind: 'wrong', errors })
  })

  it.each([
    [{}, 'https://merchants.fastshift.am'],
    [{ host: 'test-merchants.fastshift.am' }, 'https://test-merchants.fastshift.am'],
    [{ api_base: 'http://127.0.0.1:4010/' }, 'http://127.0.0.1:4010'],
  ])('with the settings %j speaks to %s', async (settings, origin) => {
    const asked: string[] = []
    const fetch = (request: Request) => {
      asked.push(request.url)
      return Promise.resolve(new Response('', { status: 500 }))
    }
    const connection = { id: 'con_1', provider: 'fastshift', livemode: false, credentials: { token } }
    const deps = { fetch, self: nobody, origin: 'https://pay.example' }
    await makeProvider({ ...connection, settings }, deps).open(anOrder())
    expect(asked).toEqual([`${origin}/api/en/vpos/order/register`])
  })

  it('speaks to no host that is not FastShift’s', () => {
    expect(check({ token }, { host: 'evil.example' })).toMatchObject({
      errors: [{ pointer: '/settings/host' }],
    })
  })
})
