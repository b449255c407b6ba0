import {
  evictDurableObject,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { inboxIdOf } from '../../src/crypto/hash.ts'
import type { InboxObject } from '../../src/payment/inbox.ts'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { aKey, anOrderId, aTill, click, holdsNothing, inside, type Json, type Till } from './till.ts'

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

const pass = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
const ring = (session: Json) => runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
const paidEvents = async (session: Json) =>
  (await till.eventsOf(session.payment_id)).filter((type) => type === 'payment.paid').length

/** Everything that a payment's object holds, to show that nothing was written. */
const contents = (session: Json) =>
  inside(session.payment_id, (state) =>
    JSON.stringify(
      state.storage.sql
        .exec('SELECT * FROM journal')
        .toArray()
        .map((row) => ({ ...row, beside: '' })),
    ),
  )

const inboxOf = (connectionId: string, reference: string) =>
  env.INBOX.getByName(inboxIdOf(connectionId, reference))
const stateOf = (connectionId: string, reference: string) =>
  runInDurableObject(inboxOf(connectionId, reference), (_: InboxObject, state) => {
    const made =
      state.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'inbox'").toArray().length > 0
    const row = made
      ? state.storage.sql.exec<{ state: string }>('SELECT state FROM inbox').toArray()[0]
      : undefined
    return row === undefined ? null : (JSON.parse(row.state) as Json)
  })

describe('a report', () => {
  it('repeated twenty times, at once and in turn, is one payment.paid event', async () => {
    const session = await till.open()
    const id = 'rpt_same'
    const raw = JSON.stringify({
      type: 'payment.captured',
      data: { session_id: session.id, reference: session.provider_reference, amount: 1_000, currency: 'AMD' },
    })
    const atOnce = await Promise.all(Array.from({ length: 10 }, () => till.report(session, { id, raw })))
    const inTurn: Response[] = []
    for (let i = 0; i < 10; i++) inTurn.push(await till.report(session, { id, raw }))
    expect(new Set([...atOnce, ...inTurn].map(({ status }) => status))).toEqual(new Set([200]))
    expect([await paidEvents(session), (await till.paymentOf(session)).status]).toEqual([1, 'paid'])
  })

  it('raced with the return page, the alarm and other orders of the same news is one payment.paid event', async () => {
    const session = await till.open({ expires_in: 300 })
    await click(session, 'pay', { lost: 'on' })
    pass(301)
    await Promise.all([
      ...['captured', 'authorized', 'captured', 'failed', 'expired'].map((type) =>
        till.report(session, { type }),
      ),
      till.call(`/return/${session.id}`, { as: '' }),
      ring(session),
      till.call(`/return/${session.id}`, { as: '', method: 'POST' }),
      till.json(200, `/v1/payments/${session.payment_id}/sync`, { method: 'POST', key: aKey() }),
      ...['authorized', 'canceled', 'captured'].map((type) => till.report(session, { type })),
    ])
    const payment = await till.paymentOf(session)
    expect(payment).toMatchObject({
      status: 'paid',
      amount_captured: 1_000,
      sessions: [{ status: 'completed' }],
    })
    expect(await paidEvents(session)).toBe(1)
    const verified = await till.json(200, `/v1/payments/${session.payment_id}/journal/verify`)
    expect(verified.valid).toBe(true)
  })

  it('is durable before it is answered: an eviction right behind the answer loses nothing', async () => {
    const session = await till.open()
    expect((await till.report(session)).status).toBe(200)
    await evictDurableObject(env.PAYMENT.getByName(session.payment_id))
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid' })
  })

  it('of a late failure or end of an earlier session never touches the current one', async () => {
    const first = await till.open()
    await till.report(first, { type: 'failed' })
    const second = await till.open({ order_id: first.order_id })
    for (const type of ['failed', 'canceled', 'expired']) await till.report(first, { type })
    expect(await till.json(200, `/v1/payment-sessions/${second.id}`)).toMatchObject({ status: 'open' })
    await till.report(second)
    for (const type of ['failed', 'canceled', 'expired']) await till.report(first, { type })
    expect(await till.paymentOf(second)).toMatchObject({ status: 'paid', flags: [], open_exceptions: 0 })
  })

  it('of late money counts and is flagged, and of a second payment is in excess', async () => {
    const first = await till.open()
    await till.report(first, { type: 'failed' })
    const second = await till.open({ order_id: first.order_id })
    await till.report(first)
    await till.report(second)
    expect(await till.paymentOf(first)).toMatchObject({
      ...{ status: 'paid', amount_captured: 1_000, excess_captured: 1_000, open_exceptions: 2 },
      flags: ['late_payment', 'duplicate_payment'],
    })
  })
})

describe('a report that is not what its session agreed', () => {
  it.each([
    ['amount', { amount: 1_001 }],
    ['currency', { currency: 'USD' }],
    ['order', { order_id: 'another' }],
    ['reference', { reference: 'sbx_another' }],
    ['missing amount', { amount: undefined }],
    ['amount as text', { amount: '1000' }],
  ])(
    'in its %s is kept with 200, moves nothing, and stops new attempts until an operator decides',
    async (_, data) => {
      const session = await till.open()
      expect((await till.report(session, { data })).status).toBe(200)
      const payment = await till.paymentOf(session)
      expect(payment).toMatchObject({
        status: 'pending',
        amount_captured: 0,
        in_doubt: true,
        open_exceptions: 1,
      })
      const asked = (more: object = {}) =>
        till.json(409, '/v1/payment-sessions', {
          body: till.order({ order_id: session.order_id, ...more }),
          key: aKey(),
        })
      expect((await asked()).code).toBe('previous_attempt_in_doubt')
      expect((await asked({ new_attempt: true })).code).toBe('previous_attempt_in_doubt')
      const stub = env.PAYMENT.getByName(session.payment_id)
      const how = { resolution: 'refunded', note: 'By hand.', actor: 'opr_1' }
      const cause = { kind: 'report_mismatch', cause: session.id } as const
      expect(await stub.resolveException({ ...cause, ...how })).toBe('resolved')
      expect((await till.open({ order_id: session.order_id, new_attempt: true })).attempt).toBe(2)
    },
  )

  it('is cleared by a status check that agrees with the session', async () => {
    const session = await till.open()
    await click(session, 'pay', { tampered: 'amount' })
    await vi.waitFor(async () => expect(await till.paymentOf(session)).toMatchObject({ in_doubt: true }))
    await till.json(200, `/v1/payments/${session.payment_id}/sync`, { method: 'POST', key: aKey() })
    expect(await till.paymentOf(session)).toMatchObject({
      status: 'paid',
      in_doubt: false,
      amount_captured: 1_000,
    })
  })

  it('and asks the provider by its own alarm', async () => {
    const session = await till.open()
    await click(session, 'pay', { tampered: 'currency' })
    await vi.waitFor(async () => expect(await till.paymentOf(session)).toMatchObject({ in_doubt: true }))
    pass(10)
    await ring(session)
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', in_doubt: false })
  })
})

describe('a report through a connection that is not the session’s', () => {
  it('changes nothing in the payment, and the connection’s own merchant gets a mismatch', async () => {
    const session = await till.open()
    const before = await contents(session)
    const response = await other.report(session)
    expect(response.status).toBe(200)
    expect(await contents(session)).toBe(before)
    const state = await stateOf(other.connectionId, session.provider_reference)
    expect(state).toMatchObject({
      ...{ merchantId: other.merchantId, exceptions: [{ kind: 'report_mismatch', status: 'open' }] },
    })
    await vi.waitFor(async () => {
      const { data } = await other.json(200, '/v1/exceptions?kind=report_mismatch')
      expect(data.map(({ kind }: Json) => kind)).toContain('report_mismatch')
    }, 20_000)
    expect(
      (await till.json(200, '/v1/exceptions?kind=report_mismatch')).data.map(({ id }: Json) => id),
    ).not.toContain(state.exceptions[0].id)
  })

  it('is not applied to the order of that name at the other merchant either', async () => {
    const session = await till.open()
    await other.report(session, { data: { session_id: undefined } })
    expect(await till.paymentOf(session)).toMatchObject({ status: 'pending', in_doubt: false })
  })
})

describe('a report before its session', () => {
  it('is parked with 200, and applied by the inbox once its session is there', async () => {
    const orderId = anOrderId()
    const early = { order_id: orderId, amount: 1_000, currency: 'AMD', provider_reference: 'sbx_early_1' }
    expect((await till.report(early)).status).toBe(200)
    expect(await holdsNothing(till.paymentId(orderId))).toBe(true)
    vi.spyOn(SandboxBook.prototype, 'open').mockImplementation(async (reference, terms) => ({
      kind: 'standing',
      standing: {
        ...{ reference: reference && 'sbx_early_1', payable: true, expired: false, happened: [] },
        ...{ sessionId: terms.sessionId, orderId: terms.orderId, amount: terms.amount },
        ...{ currency: terms.currency, expiresAt: terms.expiresAt },
      },
    }))
    const session = await till.open({ order_id: orderId })
    expect(session.provider_reference).toBe('sbx_early_1')
    pass(10)
    await runDurableObjectAlarm(inboxOf(till.connectionId, 'sbx_early_1'))
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', open_exceptions: 0 })
    expect((await stateOf(till.connectionId, 'sbx_early_1')).parked).toMatchObject([{ outcome: 'taken' }])
  })

  it('that nothing claims for an hour stands before an operator, with its body kept', async () => {
    const reference = 'sbx_unclaimed'
    const stray = { order_id: anOrderId(), amount: 1_000, currency: 'AMD', provider_reference: reference }
    await till.report(stray, { id: 'rpt_stray' })
    pass(3_601)
    await runDurableObjectAlarm(inboxOf(till.connectionId, reference))
    const state = await stateOf(till.connectionId, reference)
    expect(state.exceptions).toMatchObject([{ kind: 'report_unmatched', status: 'open' }])
    expect(state.parked[0].keep.hearing.body).toContain(reference)
    vi.useRealTimers()
    await vi.waitFor(async () => {
      const { data } = await till.json(200, '/v1/exceptions?kind=report_unmatched')
      expect(data).toHaveLength(1)
    }, 20_000)
  })
})

describe('what is forged or untimely', () => {
  const nothingHappens = async (session: Json, told: Parameters<Till['report']>[1], status = 401) => {
    const [before, inboxes] = [await contents(session), (await listDurableObjectIds(env.INBOX)).length]
    const response = await till.report(session, told)
    expect(response.status).toBe(status)
    expect(await contents(session)).toBe(before)
    expect((await listDurableObjectIds(env.INBOX)).length).toBe(inboxes)
  }

  it('is refused, and nothing is stored', async () => {
    const session = await till.open()
    await nothingHappens(session, { secret: 'whsec_bm90IHRoZSBzZWNyZXQgb2YgYW55Ym9keSBoZXJl' })
    await nothingHappens(session, { headers: { 'webhook-signature': '' } })
    await nothingHappens(session, { headers: { 'webhook-signature': 'v1,AAAA' } })
    await nothingHappens(session, { headers: { 'webhook-id': 'another' } })
    await nothingHappens(session, { headers: { 'webhook-timestamp': 'soon' } })
  })

  it.each([
    ['too old', -301],
    ['from the future', 301],
  ])('by being %s is 401, applies nothing, and makes the object ask the provider', async (_, seconds) => {
    const session = await till.open()
    await click(session, 'pay', { lost: 'on' })
    expect((await till.report(session, { at: Date.now() + seconds * 1_000 })).status).toBe(401)
    expect(await till.paymentOf(session)).toMatchObject({ status: 'pending' })
    pass(2)
    await ring(session)
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid' })
    const { data } = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    expect(data.map(({ type }: Json) => type)).not.toContain('report.applied')
  })

  it.each(['not json', '[]', '{}', '{"type":"payment.captured"}', '{"type":"other.thing","data":{}}'])(
    'but is signed, and says %s, is taken without effect',
    async (raw) => {
      const session = await till.open()
      await nothingHappens(session, { raw }, 200)
    },
  )

  it.each([
    ['an unknown connection', '/webhooks/sandbox/con_unknown', 404],
    ['another provider’s name', '/webhooks/stripe/CONNECTION', 404],
    ['a path trick', '/webhooks/sandbox/..%2f..%2fv1', 404],
  ])('for %s is 404', async (_, path, status) => {
    const response = await till.call(path.replace('CONNECTION', till.connectionId), { as: '', body: '{}' })
    expect(response.status).toBe(status)
  })

  it('and larger than 256 KiB is 413', async () => {
    const session = await till.open()
    await nothingHappens(session, { raw: `{"a":"${'x'.repeat(256 * 1024)}"}` }, 413)
  })

  it('by naming a session’s guessed id reaches nothing', async () => {
    const session = await till.open()
    const guessed = `${session.id.slice(0, -1)}${session.id.endsWith('0') ? '1' : '0'}`
    const before = await contents(session)
    await till.report(session, { data: { session_id: guessed, order_id: undefined, reference: 'sbx_x' } })
    expect(await contents(session)).toBe(before)
  })
})

it('an object that cannot write answers 503, so that the provider sends the report again', async () => {
  const session = await till.open()
  const { PaymentObject } = await import('../../src/payment/object.ts')
  vi.spyOn(PaymentObject.prototype, 'hear').mockRejectedValueOnce(new Error('disk full'))
  expect((await till.report(session, { id: 'rpt_again' })).status).toBe(503)
  expect((await till.report(session, { id: 'rpt_again' })).status).toBe(200)
  expect(await till.paymentOf(session)).toMatchObject({ status: 'paid' })
})
