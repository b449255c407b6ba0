// Mollie's dialect, fact by fact: hints that prove nothing, what each status means, amounts as texts, refusals.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/domain/provider.ts'
import { checkConnection } from '../../../src/providers/index.ts'
import { mollie } from '../../../src/providers/mollie.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder as anyOrder, arriving, through } from '../../providers/order.ts'
import { type MollieSettings, mollieSimulator } from '../../simulators/mollie.ts'

const apiKey = 'test_MadeUpForTestsMadeUpForTests01'
const sessionId = `ps_${'0123456789abcdefghjkmnpqrs'}${'0123456789abc'}`
const anOrder = (more: Parameters<typeof anyOrder>[0] = {}) => anyOrder({ currency: 'EUR', ...more })
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const adapter = mollie({ apiKey, fetch: nobody })

/** The adapter, and what it sent; a given answer stands for all of Mollie's. */
function shop(settings: Partial<MollieSettings> = {}, answer?: () => Response) {
  const simulator = mollieSimulator({ apiKey, ...settings })
  const seen: Request[] = []
  const provider = mollie({
    apiKey,
    fetch: async (request) => {
      seen.push(request.clone())
      return answer === undefined ? through(simulator)(request) : answer()
    },
  })
  return { simulator, provider, seen }
}

async function opened(settings: Partial<MollieSettings> = {}, more: Parameters<typeof anOrder>[0] = {}) {
  const at = shop(settings)
  const order = anOrder(more)
  const { references } = done(await at.provider.open(order))
  const session = { ...sessionOf(order, null), references }
  return { ...at, order, session, id: references[0], find: () => at.provider.find(session) }
}

const hear = (body: string, query: string) =>
  adapter.read({ ...arriving(body, {}), url: `https://pay.example/webhooks/mollie/con_1${query}` }, 0)

describe('a report of Mollie', () => {
  it('is a hint, from which exactly one question follows', async () => {
    const body = 'id=tr_5B8cwPMGnU6qLbRvo7qEZo'
    expect(body).toHaveLength(28)
    const heard = await hear(body, `?session=${sessionId}`)
    expect(heard).toEqual({ kind: 'hint', named: { sessionId, reference: 'tr_5B8cwPMGnU6qLbRvo7qEZo' } })
    const { provider, seen } = shop({}, () => new Response('', { status: 500 }))
    const reference = heard.kind === 'hint' ? heard.named.reference : ''
    await provider.find({ ...sessionOf(anOrder(), null), references: [reference] })
    expect(seen.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
      'GET /v2/payments/tr_5B8cwPMGnU6qLbRvo7qEZo',
    ])
  })

  it.each([
    ['id=tr_1', ''],
    ['id=tr_1', '?session=ps_somebody'],
    ['', `?session=${sessionId}`],
    ['{"id":"tr_1"}', `?session=${sessionId}`],
    ['id=../v2/payments', `?session=${sessionId}`],
    [`id=tr_${'x'.repeat(100_000)}`, `?session=${sessionId}`],
  ])('%s to an address with "%s" makes nobody ask', async (body, query) => {
    expect((await hear(body, query)).kind).toBe('ignored')
  })

  it('is answered 200 whatever it names, so that strangers learn nothing, and 503 where it was not kept', () => {
    const heard = { kind: 'ignored', type: 'unknown' } as const
    const statuses = (['kept', 'ignored', 'refused', 'not_kept'] satisfies Verdict['kind'][]).map(
      (kind) => adapter.reply(heard, { kind }).status,
    )
    expect(statuses).toEqual([200, 200, 200, 503])
  })
})

const fixtures = path.resolve(import.meta.dirname, '../../providers/fixtures/mollie')

describe('a payment at Mollie that is', () => {
  it.each(readdirSync(fixtures))('%s', async (file) => {
    const { payment, means } = JSON.parse(readFileSync(path.join(fixtures, file), 'utf8'))
    const { provider } = shop({}, () => Response.json(payment))
    const found = await provider.find({ ...sessionOf(anOrder(), null), references: [payment.id] })
    if (means === null) return expect(found.kind).toBe('unknown')
    expect(done(found)).toEqual({ ...means, references: [payment.id], orderId: 'A-1' })
  })

  it('not known by its reference here is asked about by nobody', async () => {
    expect((await adapter.find({ ...sessionOf(anOrder(), null), references: ['ps_1'] })).kind).toBe('unknown')
  })
})

describe('amounts travel to Mollie', () => {
  it.each([
    ['EUR', 1_050, '10.50'],
    ['EUR', 5, '0.05'],
    ['JPY', 500, '500'],
    ['ISK', 500, '500'],
    ['HUF', 1_050, '10.50'],
    ['TWD', 1_050, '10.50'],
    ['KWD', 1_234, '1.234'],
  ])('%s %i as the text "%s", and back', async (currency, amount, value) => {
    const { seen, session, simulator, id, find } = await opened({}, { currency, amount })
    expect(JSON.parse(await seen[0]!.text()).amount).toEqual({ currency, value })
    simulator.pay(id)
    expect(done(await find()).facts).toEqual([{ type: 'captured', amount, currency }])
    expect(session.amount).toBe(amount)
  })

  it('and a lie about one opens nothing, and is passed on as it was said', async () => {
    const { provider, simulator, id, find } = await opened()
    simulator.pay(id)
    simulator.behave('lies')
    expect((await provider.open(anOrder())).kind).toBe('unknown')
    expect(done(await find()).facts).toEqual([{ type: 'captured', amount: 124_999, currency: 'EUR' }])
  })
})

describe('a checkout at Mollie', () => {
  it('bears our marks, and reports to an address that names its session', async () => {
    const { order, seen } = await opened({}, { captureMethod: 'manual', locale: 'nl-BE', description: '' })
    expect(seen[0]!.headers.get('idempotency-key')).toBe(order.sessionId)
    expect(JSON.parse(await seen[0]!.text())).toMatchObject({
      description: `Order ${order.orderId}`,
      redirectUrl: order.returnUrl,
      webhookUrl: `${order.webhookUrl}?session=${order.sessionId}`,
      metadata: { session_id: order.sessionId, order_id: order.orderId },
      captureMode: 'manual',
      locale: 'nl_BE',
    })
  })

  it.each([
    ['en', 'en_US'],
    ['de', 'de_DE'],
    ['fr-LU', 'fr_LU'],
    ['hy', undefined],
    [undefined, undefined],
  ])('in %s speaks %s', async (asked, spoken) => {
    const { seen } = await opened({}, asked === undefined ? {} : { locale: asked })
    expect(JSON.parse(await seen[0]!.text()).locale).toBe(spoken)
  })

  it('that its method does not let anybody cancel may still be paid, and its own limit ends it', async () => {
    let now = Date.parse('2026-11-22T12:00:00Z')
    const { provider, session, find } = await opened({ cancelable: false, now: () => now })
    expect((await provider.act({ type: 'cancel' }, session, 'k')).kind).toBe('unknown')
    expect(done(await find()).payable).toBe(true)
    now += 30 * 60_000
    expect(done(await find())).toMatchObject({ facts: [{ type: 'expired' }], payable: false })
    expect(done(await provider.act({ type: 'cancel' }, session, 'k'))).toEqual([{ type: 'expired' }])
  })
})

describe('money at Mollie', () => {
  const held = async (settings: Partial<MollieSettings> = {}) => {
    const at = await opened(settings, { captureMethod: 'manual', amount: 10_000 })
    at.simulator.pay(at.id)
    return at
  }
  const taken = { type: 'captured', amount: 8_000, currency: 'EUR' }

  it('that is held is captured in part, and the rest is no refund', async () => {
    const { provider, session, find } = await held()
    expect(done(await provider.act({ type: 'capture', amount: 8_000 }, session, 'c'))).toEqual([taken])
    expect(done(await find()).facts).toEqual([taken])
    expect((await provider.act({ type: 'cancel' }, session, 'x')).kind).toBe('declined')
  })

  it.each([
    ['well', { type: 'captured', amount: 8_000, currency: 'EUR' }],
    ['badly', { type: 'capture_failed' }],
  ] as const)('whose capture is only accepted ends %s later', async (how, end) => {
    const { provider, session, find, simulator, id } = await held({ slow: true })
    const accepted = done(await provider.act({ type: 'capture', amount: 8_000 }, session, 'c'))
    expect(accepted).toEqual([{ type: 'capture_pending' }])
    expect(done(await find()).facts).toEqual([{ type: 'authorized', amount: 10_000, currency: 'EUR' }])
    simulator.settle(id, how)
    expect(done(await find()).facts.at(-1)).toEqual(end)
  })

  it('that is held is given back, at once or when the bank has done so', async () => {
    const quick = await held()
    const end = [{ type: 'canceled' }]
    expect(done(await quick.provider.act({ type: 'cancel' }, quick.session, 'x'))).toEqual(end)
    const { provider, session, simulator, id, find } = await held({ slow: true })
    const cancel = () => provider.act({ type: 'cancel' }, session, 'x')
    expect((await cancel()).kind).toBe('unknown')
    simulator.settle(id)
    expect([done(await cancel()), done(await find()).facts]).toEqual([end, end])
  })

  it('is given back after a while, or not at all, and no more of it than there is', async () => {
    const { provider, session, simulator, id, find } = await opened({ now: () => 0 }, { amount: 10_000 })
    simulator.pay(id)
    const refund = (amount: number, key: string) => provider.act({ type: 'refund', amount }, session, key)
    const [pending] = done(await refund(3_000, 'r1'))
    expect(pending).toMatchObject({ type: 'refund_pending', amount: 3_000, currency: 'EUR' })
    simulator.settle(id)
    await refund(2_000, 'r2')
    simulator.settle(id, 'badly')
    expect(
      done(await find())
        .facts.slice(1)
        .map(({ type }) => type),
    ).toEqual(['refunded_one', 'refund_failed'])
    expect((await refund(7_001, 'r3')).kind).toBe('declined')
    expect(simulator.moved(id)).toEqual({ captured: 10_000, refunded: 3_000, status: 'paid' })
  })

  it('that a bank took back is disputed until Mollie has it again', async () => {
    const { simulator, id, find } = await opened()
    simulator.pay(id)
    simulator.chargeBack(id)
    expect(done(await find()).facts[1]).toMatchObject({ type: 'disputed' })
    simulator.reverse(id)
    expect(done(await find()).facts[1]).toMatchObject({ type: 'dispute_closed', outcome: 'won' })
    expect(simulator.sent.map(({ body }) => body)).toEqual([`id=${id}`, `id=${id}`, `id=${id}`])
  })
})

describe('a refusal of Mollie', () => {
  const session = { ...sessionOf(anOrder(), null), references: ['tr_1'] }
  it.each([
    [422, 'amount', 'unsupported_amount'],
    [422, 'amount.currency', 'unsupported_currency'],
    [422, 'webhookUrl', 'invalid_request'],
    [400, undefined, 'invalid_request'],
    [401, undefined, 'bad_credentials'],
    [403, undefined, 'bad_credentials'],
    [404, undefined, null],
    [409, undefined, null],
    [429, undefined, null],
    [503, undefined, null],
  ])('with %i about %s means %s, and never quotes what it was told', async (status, field, code) => {
    const refused = { status, title: 'No', detail: `${apiKey} is hush`, ...(field && { field }) }
    const { provider } = shop({}, () => Response.json(refused, { status }))
    const outcome = await provider.open(anOrder())
    expect(outcome).toMatchObject(code === null ? { kind: 'unknown' } : { kind: 'declined', code })
    expect(JSON.stringify(outcome)).not.toMatch(/hush|MadeUp/)
  })

  it.each([401, 403, 404, 409])('with %i leaves a command in doubt', async (status) => {
    const { provider } = shop({}, () => Response.json({ status, title: 'No' }, { status }))
    expect((await provider.act({ type: 'capture', amount: 1 }, session, 'k')).kind).toBe('unknown')
  })

  it('without a word of Mollie’s is no refusal', async () => {
    const { provider } = shop({}, () => new Response('<html>', { status: 422 }))
    expect((await provider.open(anOrder())).kind).toBe('unknown')
  })
})

it.each([
  [{}, 'The API key is missing: Mollie Web app, Developers, API keys.'],
  [
    { api_key: 'sk_test_hush' },
    'An API key begins with test_ or live_: Mollie Web app, Developers, API keys.',
  ],
])('a connection to Mollie with %j is told what it lacks, and where that is found', (credentials, detail) => {
  const checked = checkConnection({ provider: 'mollie', livemode: true, credentials, settings: {} })
  expect(checked).toEqual({ kind: 'wrong', errors: [{ pointer: '/credentials/api_key', detail }] })
})
