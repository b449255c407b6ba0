// Stripe's dialect, fact by fact: signatures with published vectors, what each event means, amounts, refusals.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { hmacHex } from '../../../src/crypto/hmac.ts'
import type { Heard } from '../../../src/domain/provider.ts'
import { stripe } from '../../../src/providers/stripe.ts'
import { fromStripe, objectionOf, toStripe } from '../../../src/providers/stripe-amounts.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { stripeSimulator } from '../../simulators/stripe.ts'

const secret = 'whsec_test_secret'
const secretKey = 'sk_test_51MadeUpForTests'
const now = 1_700_000_000_000
const oracle = new Stripe(secretKey)
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const adapter = stripe({ secretKey, webhookSecrets: [secret], fetch: nobody })

function hear(event: object, more: { sharedAccount?: boolean } = {}): Promise<Heard> {
  const payload = JSON.stringify(event)
  const header = oracle.webhooks.generateTestHeaderString({ payload, secret, timestamp: now / 1_000 })
  const provider = stripe({ secretKey, webhookSecrets: [secret], fetch: nobody, ...more })
  return provider.read(arriving(payload, { 'stripe-signature': header }), now)
}

describe("Stripe's signature", () => {
  it.each([
    ['', 'f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd'],
    ['{"obj1":"hello","obj2":"world"}', 'bebb1a643997f419b315ddba19e6f5411e1ce7f810ba6d3617ce72823092f363'],
    ['\u{1f600}', '837da296d05c4fe31f61d5d7ead035099d9585a5bcde87de952012a78f0b0c43'],
  ])('is made by the code that Stripe’s own tests have for %j', (text, hex) => {
    expect(hmacHex('sha256', 'test_secret', text)).toBe(hex)
  })

  it.each([
    [
      '{"id":"evt_1","object":"event","type":"checkout.session.completed"}',
      1_492_774_577,
      '8ab9655b7af9df2f1a9f827e46b7203d886d1e3de561ba20cedac6527bbd6ee9',
    ],
    [
      JSON.stringify({ id: 'evt_test_webhook', object: 'event' }, null, 2),
      1_700_000_000,
      '4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150',
    ],
  ])('over %s at %i is the published one', async (body, at, hex) => {
    const verify = (signature: string) =>
      adapter.read(arriving(body, { 'stripe-signature': `t=${at},v1=${signature}` }), at * 1_000)
    expect(await verify(hex)).toEqual({ kind: 'ignored', type: 'unreadable' })
    expect((await verify(hex.replace('4', '5'))).kind).toBe('forged')
  })

  it('is taken when any of several v1 fits, and other schemes are passed over', async () => {
    const body = '{"type":"x","data":{}}'
    const header = oracle.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: now / 1_000 })
    const good = header.split('v1=')[1]
    const at = now / 1_000
    const read = (signature: string) => adapter.read(arriving(body, { 'stripe-signature': signature }), now)
    expect((await read(`t=${at},v1=${'0'.repeat(64)},v1=${good},v0=abc`)).kind).toBe('ignored')
    expect((await read(`t=${at},v0=${good}`)).kind).toBe('forged')
    expect((await read(`t=,v1=${good}`)).kind).toBe('forged')
    expect((await read('')).kind).toBe('forged')
  })

  it('under a key without its prefix opens nothing', async () => {
    const empty = stripe({ secretKey, webhookSecrets: ['', 'test'], fetch: nobody })
    const header = oracle.webhooks.generateTestHeaderString({
      payload: '{}',
      secret: 'test',
      timestamp: now / 1_000,
    })
    expect((await empty.read(arriving('{}', { 'stripe-signature': header }), now)).kind).toBe('forged')
  })
})

const fixtures = path.resolve(import.meta.dirname, '../../providers/fixtures/stripe')

describe('Stripe tells', () => {
  it.each(readdirSync(fixtures))('%s', async (file) => {
    const { event, means } = JSON.parse(readFileSync(path.join(fixtures, file), 'utf8'))
    const heard = await hear(event)
    if (means === null) return expect(heard).toEqual({ kind: 'ignored', type: event.type })
    const occurredAt = event.created * 1_000
    expect(heard).toEqual({ kind: 'reports', reports: [{ id: event.id, ...means, occurredAt }] })
  })

  it('nothing about checkouts of other software, where the account is shared', async () => {
    const object = { id: 'cs_1', payment_status: 'paid', amount_total: 5, currency: 'eur' }
    const event = { id: 'evt_1', type: 'checkout.session.completed', data: { object } }
    expect((await hear(event)).kind).toBe('reports')
    expect((await hear(event, { sharedAccount: true })).kind).toBe('ignored')
  })

  it('a wrong amount as none, and a body of another shape as unreadable', async () => {
    const object = { id: 'cs_1', payment_status: 'paid', amount_total: '5', currency: 'eur' }
    const event = { type: 'checkout.session.completed', data: { object } }
    expect(await hear(event)).toMatchObject({
      reports: [{ id: null, fact: { amount: null, currency: 'EUR' } }],
    })
    expect(await hear({ ...event, data: { object: 'cs_1' } })).toEqual({
      kind: 'ignored',
      type: 'unreadable',
    })
  })
})

describe('amounts travel to Stripe', () => {
  it.each([
    ['USD', 1_050, 1_050],
    ['AMD', 125_050, 125_050],
    ['JPY', 500, 500],
    ['KRW', 500, 500],
    ['ISK', 5, 500],
    ['UGX', 5, 500],
    ['MGA', 500, 5],
    ['HUF', 1_050, 1_050],
    ['TWD', 1_050, 1_050],
    ['KWD', 5_120, 5_120],
  ])('%s %i as %i, and back', (currency, ours, theirs) => {
    expect(objectionOf(ours, currency)).toBe(null)
    expect(toStripe(ours, currency)).toBe(theirs)
    expect(fromStripe(theirs, currency)).toBe(ours)
  })

  it.each([
    ['KWD', 5_121],
    ['BHD', 5],
    ['MGA', 550],
  ])('%s %i not at all, and the objection says why', (currency, amount) => {
    expect(objectionOf(amount, currency)).toContain('Stripe takes')
  })

  it('and back as none where Stripe says what cannot be', () => {
    expect(fromStripe(550, 'ISK')).toBe(null)
    expect(fromStripe(null, 'USD')).toBe(null)
  })
})

describe('at Stripe', () => {
  const shop = (answer?: () => Response) => {
    const simulator = stripeSimulator({ secretKey })
    const seen: Request[] = []
    const provider = stripe({
      secretKey,
      webhookSecrets: [secret],
      fetch: async (request) => {
        seen.push(request.clone())
        return answer === undefined ? through(simulator)(request) : answer()
      },
    })
    return { simulator, provider, seen }
  }

  it('a checkout bears our marks, and its payment too', async () => {
    const { provider, seen } = shop()
    const order = anOrder({ captureMethod: 'manual', locale: 'hy', customer: { email: 'a@shop.example' } })
    const { references } = done(await provider.open(order))
    expect(references).toEqual([expect.stringMatching(/^cs_test_/), order.sessionId])
    const form = new URLSearchParams(await seen[0]?.text())
    expect(Object.fromEntries(form)).toMatchObject({
      client_reference_id: order.sessionId,
      'metadata[order_id]': order.orderId,
      'payment_intent_data[metadata][session_id]': order.sessionId,
      'payment_intent_data[capture_method]': 'manual',
      customer_email: 'a@shop.example',
      success_url: order.returnUrl,
    })
    expect(form.has('locale')).toBe(false)
    expect(seen[0]?.headers.get('stripe-version')).toBe('2026-10-28.endive')
  })

  it('a paid checkout is known by all its references, and a part captured is no refund', async () => {
    const { provider, simulator } = shop()
    const order = anOrder({ captureMethod: 'manual', amount: 10_000 })
    const opened = done(await provider.open(order))
    simulator.pay(opened.references[0])
    const session = sessionOf(order, opened)
    expect(done(await provider.find(session)).facts).toEqual([
      { type: 'authorized', amount: 10_000, currency: 'AMD' },
    ])
    done(await provider.act({ type: 'capture', amount: 8_000 }, session, 'c-1'))
    const captured = { type: 'captured', amount: 8_000, currency: 'AMD' }
    const found = done(await provider.find(session))
    expect(found.facts).toEqual([captured])
    expect(found.references.map((one) => one.slice(0, 3))).toEqual(['cs_', 'pi_', 'ch_'])
    done(await provider.act({ type: 'refund', amount: 1_000 }, session, 'r-1'))
    const refunded = { type: 'refunded', amount: 1_000, currency: 'AMD' }
    expect(done(await provider.find(session)).facts).toEqual([captured, refunded])
    const heard = simulator.sent.map(({ body, headers }) => {
      const at = Number(/t=(\d+)/.exec(headers['stripe-signature'] ?? '')?.[1])
      const reader = stripe({ secretKey, webhookSecrets: ['whsec_simulated'], fetch: nobody })
      return reader.read(arriving(body, headers), at * 1_000)
    })
    const facts = (await Promise.all(heard)).flatMap((one) =>
      one.kind === 'reports' ? one.reports.map(({ fact }) => fact) : [],
    )
    const authorized = { type: 'authorized', amount: 10_000, currency: 'AMD' }
    expect(facts).toEqual([authorized, authorized, captured, refunded])
  })

  it('a hold that is canceled is released, and an ended checkout ends again', async () => {
    const { provider, simulator } = shop()
    const order = anOrder({ captureMethod: 'manual' })
    const opened = done(await provider.open(order))
    simulator.pay(opened.references[0])
    const cancel = () => provider.act({ type: 'cancel' }, sessionOf(order, opened), 'x')
    expect(done(await cancel())).toEqual([{ type: 'canceled' }])
    expect(done(await cancel())).toEqual([{ type: 'canceled' }])
    expect(done(await provider.find(sessionOf(order, opened)))).toMatchObject({
      facts: [{ type: 'canceled' }],
    })
  })

  it('a captured payment is not canceled', async () => {
    const { provider, simulator } = shop()
    const order = anOrder()
    const opened = done(await provider.open(order))
    simulator.pay(opened.references[0])
    const outcome = await provider.act({ type: 'cancel' }, sessionOf(order, opened), 'x')
    expect(outcome.kind).toBe('declined')
  })

  it('a lie about the amount opens nothing', async () => {
    const { provider, simulator } = shop()
    simulator.behave('lies')
    expect((await provider.open(anOrder())).kind).toBe('unknown')
  })

  it.each([
    [400, { type: 'invalid_request_error', code: 'amount_too_small', param: 'amount' }, 'unsupported_amount'],
    [
      400,
      { type: 'invalid_request_error', param: 'line_items[0][price_data][currency]' },
      'unsupported_currency',
    ],
    [
      402,
      { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' },
      'insufficient_funds',
    ],
    [402, { type: 'card_error', code: 'expired_card' }, 'expired_card'],
    [402, { type: 'card_error', code: 'card_declined' }, 'declined'],
    [404, { type: 'invalid_request_error', code: 'resource_missing' }, 'invalid_request'],
    [401, { type: 'invalid_request_error' }, 'bad_credentials'],
    [409, { type: 'invalid_request_error' }, null],
    [400, { type: 'idempotency_error' }, null],
    [429, { type: 'rate_limit_error' }, null],
    [402, 'no object', null],
    [200, { type: 'card_error' }, null],
  ])('a %i with %j means %s', async (status, error, code) => {
    const { provider } = shop(() => Response.json({ error }, { status }))
    const expected = code === null ? { kind: 'unknown' } : { kind: 'declined', code }
    expect(await provider.open(anOrder())).toMatchObject(expected)
  })

  it('a key that is refused leaves a command in doubt', async () => {
    const { provider } = shop(() => Response.json({ error: { type: 'x' } }, { status: 401 }))
    const session = { ...sessionOf(anOrder(), null), references: ['cs_1', 'pi_1'] }
    expect((await provider.act({ type: 'capture', amount: 1 }, session, 'k')).kind).toBe('unknown')
  })

  it.each([
    ['a status of the checkout', { status: 'paused' }],
    ['a status of its payment', { status: 'complete', payment_intent: { id: 'pi_1', status: 'dreaming' } }],
    ['a word about the payment', { status: 'complete', payment_status: 'perhaps' }],
    ['no status at all', {}],
  ])('%s that nobody has foreseen is unknown', async (_what, more) => {
    const { provider } = shop(() => Response.json({ id: 'cs_1', metadata: {}, ...more }))
    const session = { ...sessionOf(anOrder(), null), references: ['cs_1'] }
    expect((await provider.find(session)).kind).toBe('unknown')
  })

  it.each([
    ['processing', { id: 'pi_1', status: 'processing' }],
    ['unpaid', null],
  ])('a payment that is %s may still bring money', async (_what, intent) => {
    const body = { id: 'cs_1', status: 'complete', payment_status: 'unpaid', payment_intent: intent }
    const { provider } = shop(() => Response.json(body))
    const session = { ...sessionOf(anOrder(), null), references: ['cs_1'] }
    expect(done(await provider.find(session))).toMatchObject({ facts: [], payable: true })
  })
})
