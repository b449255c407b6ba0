// The provider's door: rubbish under no signature, and rubbish under a right one.
import * as fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { signatureHeaders } from '../../src/crypto/standard-webhooks.ts'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { holdings, judged } from './hostile.ts'
import { nasty, spoiled, text } from './hostile-input.ts'
import { secret as secretOfTill } from './sandbox-shop.ts'
import { aTill, type Json, type Till } from './till.ts'

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

const headerValue = text
  .map((value) => value.replace(/[^\x20-\x7e\x80-\xff]/g, ''))
  .map((value) => value.trim())
const journalOf = async (session: Json): Promise<Json[]> =>
  (await till.json(200, `/v1/payments/${session.payment_id}/journal`)).data

const valid = (session: Json, type = 'captured') => ({
  type: `payment.${type}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  data: {
    ...{ reference: session.provider_reference, order_id: session.order_id, session_id: session.id },
    ...{ amount: session.amount, currency: session.currency, occurred_at: '2026-01-01T00:00:00.000Z' },
    ...{ refund_reference: 'r-1', amount_refunded_total: 10, outcome: 'won' },
  },
})

describe('a report without a right signature', () => {
  it('is 401 whatever it says and whatever stands in its headers, and leaves nothing behind', async () => {
    const session = await till.open()
    const [before, entries] = [await holdings(), await journalOf(session)]
    const body = JSON.stringify(valid(session))
    const signed = await signatureHeaders(
      ['whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldCBvZiAzMiE='],
      'rpt_1',
      1_790_000_000,
      body,
    )
    const headers = fc.record(
      {
        'webhook-id': headerValue,
        'webhook-timestamp': headerValue,
        'webhook-signature': headerValue,
        'content-type': headerValue,
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(
        headers,
        fc.oneof(fc.constant(body), spoiled(valid(session))),
        async (spoils, sent) => {
          const path = `/webhooks/sandbox/${till.connectionId}`
          const startedAt = Date.now()
          const response = await till.call(path, { as: '', body: sent, headers: { ...signed, ...spoils } })
          await judged(response, startedAt, sent)
          expect(response.status).toBe(401)
        },
      ),
      { numRuns: 150 },
    )
    expect([await holdings(), await journalOf(session)]).toEqual([before, entries])
  }, 60_000)
})

describe('a signed report', () => {
  it('may say anything: it is answered 200, and the money is believed only where every word is right', async () => {
    const types = [
      'captured',
      'authorized',
      'failed',
      'canceled',
      'expired',
      'refunded',
      'disputed',
      'dispute_closed',
    ]
    const session = await till.open()
    const template = valid(session)
    const spoiledReport = fc
      .constantFrom(...types)
      .chain((type) => spoiled({ ...template, type: `payment.${type}` }))
    await fc.assert(
      fc.asyncProperty(spoiledReport, async (said) => {
        // What is no Unicode cannot be said in UTF-8; the corpus has such bytes.
        const raw = said.toWellFormed()
        const startedAt = Date.now()
        const response = await till.report(session, { raw })
        await judged(response, startedAt, raw)
        expect(response.status).toBe(200)
        const payment = await till.paymentOf(session)
        // Whatever is captured by now was said with the session's own amount and currency.
        expect([0, session.amount]).toContain(payment.amount_captured + payment.excess_captured)
        expect(payment.amount_refunded).toBeLessThanOrEqual(payment.amount_captured)
      }),
      { numRuns: 200 },
    )
    const { valid: holds } = await till.json(200, `/v1/payments/${session.payment_id}/journal/verify`)
    expect(holds).toBe(true)
  }, 60_000)

  it('of captured money with anything wrong in it is never paid', async () => {
    const wrong = fc.oneof(
      fc.tuple(
        fc.constant('amount'),
        nasty.filter((value) => value !== 1_000),
      ),
      fc.tuple(
        fc.constant('currency'),
        nasty.filter((value) => value !== 'AMD'),
      ),
      fc.tuple(fc.constantFrom('reference', 'order_id', 'session_id'), text),
    )
    await fc.assert(
      fc.asyncProperty(wrong, async ([name, value]) => {
        const session = await till.open()
        await till.report(session, { data: { [name]: value } })
        expect(await till.paymentOf(session)).toMatchObject({ status: 'pending', amount_captured: 0 })
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('under any id that its headers can bear is kept once', async () => {
    const session = await till.open()
    await fc.assert(
      fc.asyncProperty(
        headerValue.filter((id) => id !== '' && id.length <= 256),
        async (id) => {
          const said = JSON.stringify(valid(session, 'failed'))
          const sign = async () => signatureHeaders([secretOfTill], id, Math.floor(Date.now() / 1_000), said)
          // The id goes over the wire as bytes, and is signed as the text that arrives.
          const send = async () =>
            till.call(`/webhooks/sandbox/${till.connectionId}`, { as: '', body: said, headers: await sign() })
          expect([(await send()).status, (await send()).status]).toEqual([200, 200])
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  it('that is very large or very deep is kept cut, and 413 above 256 KiB', async () => {
    const session = await till.open()
    const said = JSON.stringify(valid(session, 'failed')).slice(0, -1)
    const sizes: [string, number][] = [
      [`${said},"note":"${'x'.repeat(250_000)}"}`, 200],
      [`${said},"note":"${'x'.repeat(270_000)}"}`, 413],
      [`${said},"note":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 200],
      [`${said},"note":${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}}`, 200],
    ]
    for (const [raw, status] of sizes) expect((await till.report(session, { raw })).status).toBe(status)
    expect(JSON.stringify(await journalOf(session)).length).toBeLessThan(60_000)
  })
})

describe('an untimely report', () => {
  it('through a foreign connection does not use up the question that the customer’s return asks', async () => {
    const session = await till.open()
    const later = Date.now() + 10_000
    vi.useFakeTimers({ toFake: ['Date'], now: later })
    expect(
      (await till.report(session, { connection: other.connectionId, at: later - 3_600_000 })).status,
    ).toBe(401)
    const standing = vi.spyOn(SandboxBook.prototype, 'standing')
    await till.call(`/return/${session.id}`, { as: '' })
    expect(standing).toHaveBeenCalledTimes(1)
  })

  it('of sessions that do not exist leaves nothing behind', async () => {
    const session = await till.open()
    const before = [await holdings(), await journalOf(session)]
    for (let n = 0; n < 50; n++) {
      const session_id = `${session.id.slice(0, 29)}${String(n).padStart(13, '0')}`
      expect((await till.report(session, { at: Date.now() - 3_600_000, data: { session_id } })).status).toBe(
        401,
      )
    }
    expect([await holdings(), await journalOf(session)]).toEqual(before)
  })
})
