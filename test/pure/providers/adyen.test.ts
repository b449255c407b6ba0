// Adyen's dialect in calls: amounts, links, orders whose ends are reported later, refusals, credentials.
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/domain/provider.ts'
import { adyen } from '../../../src/providers/adyen.ts'
import { fromAdyen, objectionOf, toAdyen } from '../../../src/providers/adyen-amounts.ts'
import { checkConnection, makeProvider } from '../../../src/providers/index.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { adyenSimulator } from '../../simulators/adyen.ts'

const published = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056'
const apiKey = 'AQE_made_up_for_these_tests'
const merchantAccount = 'TestMerchant'
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))

describe('amounts travel to Adyen', () => {
  it.each([
    ['EUR', 1_050, 1_050],
    ['AMD', 125_050, 125_050],
    ['JPY', 500, 500],
    ['KWD', 5_121, 5_121],
    ['CLP', 500, 50_000],
    ['ISK', 5, 500],
    ['CVE', 500, 5],
    ['IDR', 1_250_000, 12_500],
  ])('%s %i as %i, and back', (currency, ours, theirs) => {
    expect(objectionOf(ours, currency)).toBe(null)
    expect(toAdyen(ours, currency)).toBe(theirs)
    expect(fromAdyen(theirs, currency)).toBe(ours)
  })

  it.each(['CVE', 'IDR'])('%s 5.50 not at all, and the objection says why', (currency) => {
    expect(objectionOf(550, currency)).toContain('a multiple of 100')
  })

  it('and back as none where Adyen says what cannot be', () => {
    expect(fromAdyen(550, 'CLP')).toBe(null)
    expect(fromAdyen(-5, 'EUR')).toBe(null)
  })
})

describe('at Adyen', () => {
  const shop = (answer?: () => Response) => {
    const simulator = adyenSimulator({ apiKey, merchantAccount, hmacKey: published })
    const seen: Request[] = []
    const provider = adyen({
      apiKey,
      merchantAccount,
      hmacKeys: [published],
      fetch: async (request) => {
        seen.push(request.clone())
        return answer === undefined ? through(simulator)(request) : answer()
      },
    })
    /** What the notifications so far tell, oldest first. */
    const told = async (): Promise<Fact[]> => {
      const heard = await Promise.all(simulator.sent.map(({ body }) => provider.read(arriving(body, {}), 0)))
      return heard.flatMap((one) => (one.kind === 'reports' ? one.reports.map(({ fact }) => fact) : []))
    }
    return { simulator, provider, seen, told }
  }
  const held = async () => {
    const made = shop()
    const order = anOrder({ captureMethod: 'manual', amount: 10_000 })
    const opened = done(await made.provider.open(order))
    opened.references.push(made.simulator.pay(opened.references[0]))
    return { ...made, link: opened.references[0], session: sessionOf(order, opened) }
  }

  it('a link bears our reference and ends when the session does, under the session’s key', async () => {
    const { provider, seen } = shop()
    const expiresAt = Date.now() + 1_800_500
    const order = anOrder({ expiresAt, customer: { email: 'a@shop.example' }, description: 'x'.repeat(300) })
    const opened = done(await provider.open(order))
    expect(opened.references).toEqual([expect.stringMatching(/^PL/), order.sessionId])
    expect(opened.endsAt).toBe(Math.floor(expiresAt / 1_000) * 1_000)
    expect(await seen[0]?.json()).toMatchObject({
      merchantAccount,
      reference: order.sessionId,
      captureDelayHours: 0,
      metadata: { order_id: order.orderId },
      description: 'x'.repeat(280),
      shopperEmail: 'a@shop.example',
    })
    const key = seen[0]?.headers.get('idempotency-key') ?? ''
    expect(key).toBe(order.sessionId)
    // A command's key ends with its place in the journal, which never has so many entries.
    expect(`${key}-capture-${9_999_999_999}`.length).toBeLessThanOrEqual(64)
  })

  it('money is held until it is captured, and each end is a report', async () => {
    const { provider, session, told } = await held()
    const capture = { type: 'capture', amount: 8_000 } as const
    expect(done(await provider.act(capture, session, 'c-1'))).toEqual([{ type: 'capture_pending' }])
    const [accepted] = done(await provider.act({ type: 'refund', amount: 1_000 }, session, 'r-1'))
    expect(accepted).toMatchObject({ type: 'refund_pending', amount: 1_000, currency: 'AMD' })
    const reference = accepted?.type === 'refund_pending' ? accepted.reference : ''
    const transaction = session.references[2]
    expect(await told()).toEqual([
      { type: 'authorized', amount: 10_000, currency: 'AMD' },
      { type: 'captured', amount: 8_000, currency: 'AMD', transaction },
      { type: 'refunded_one', amount: 1_000, currency: 'AMD', reference },
    ])
  })

  it('what cannot be is taken too, and reported as failed', async () => {
    const { provider, session, simulator, link, told } = await held()
    done(await provider.act({ type: 'capture', amount: 10_001 }, session, 'c-1'))
    done(await provider.act({ type: 'refund', amount: 1 }, session, 'r-1'))
    const [, failed, lost] = await told()
    expect([failed, lost]).toEqual([
      { type: 'capture_failed' },
      { type: 'refund_failed', reference: expect.stringMatching(/^\w{16}$/) },
    ])
    expect(simulator.payment(link)).toMatchObject({ status: 'held', captured: 0, refunded: 0 })
  })

  it('a hold that is canceled is in doubt until Adyen reports it, and is asked for once', async () => {
    const { provider, session, simulator, link, told } = await held()
    const cancel = () => provider.act({ type: 'cancel' }, session, 'x-1')
    expect([(await cancel()).kind, (await cancel()).kind]).toEqual(['unknown', 'unknown'])
    expect(simulator.payment(link)?.status).toBe('canceled')
    expect((await told()).filter(({ type }) => type === 'canceled')).toHaveLength(1)
    // The link goes on saying that it was paid, which must not bring the hold back.
    expect(done(await provider.find(session))).toMatchObject({ facts: [], payable: false })
  })

  it('a captured payment is not canceled, and a link that has ended ends again', async () => {
    const { provider, simulator } = shop()
    const order = anOrder()
    const opened = done(await provider.open(order))
    const cancel = () => provider.act({ type: 'cancel' }, sessionOf(order, opened), 'x')
    expect([done(await cancel()), done(await cancel())]).toEqual(Array(2).fill([{ type: 'canceled' }]))
    const other = anOrder()
    const paid = done(await provider.open(other))
    simulator.pay(paid.references[0])
    expect((await provider.act({ type: 'cancel' }, sessionOf(other, paid), 'y')).kind).toBe('declined')
  })

  it('nothing is ordered about a payment whose reference was never reported', async () => {
    const { provider, simulator, seen } = shop()
    const order = anOrder()
    const opened = done(await provider.open(order))
    simulator.pay(opened.references[0])
    const before = seen.length
    const refund = { type: 'refund', amount: 1 } as const
    expect((await provider.act(refund, sessionOf(order, opened), 'r')).kind).toBe('unknown')
    expect(seen).toHaveLength(before)
  })

  it('a lie about the amount opens nothing', async () => {
    const { provider, simulator } = shop()
    simulator.behave('lies')
    expect((await provider.open(anOrder())).kind).toBe('unknown')
  })

  it('a customer pays, declines and leaves on the page', async () => {
    const { provider, simulator, told } = shop()
    const order = anOrder()
    const opened = done(await provider.open(order))
    const page = opened.checkout.kind === 'redirect' ? opened.checkout.url : ''
    const choose = (choice: string) =>
      simulator.handle(new Request(page, { method: 'POST', body: new URLSearchParams({ choice }) }))
    expect(await (await simulator.handle(new Request(page))).text()).toContain('Decline')
    expect((await choose('decline')).headers.get('location')).toContain('/pay/')
    expect((await choose('cancel')).headers.get('location')).toBe(order.returnUrl)
    expect(await told()).toEqual([])
    await choose('pay')
    await choose('pay')
    expect(await told()).toEqual([expect.objectContaining({ type: 'captured', amount: order.amount })])
  })

  it.each([
    [422, '137', 'unsupported_amount'],
    [422, '138', 'unsupported_currency'],
    [422, '14_030', 'invalid_request'],
    [401, '000', 'bad_credentials'],
    [403, '901', 'bad_credentials'],
    [422, '704', null],
    [409, '000', null],
    [429, '000', null],
    [422, undefined, null],
    [200, '000', null],
  ])('a %i with the error %s means %s', async (status, errorCode, code) => {
    const { provider } = shop(() => Response.json({ status, errorCode, message: apiKey }, { status }))
    const outcome = await provider.open(anOrder())
    expect(outcome).toMatchObject(code === null ? { kind: 'unknown' } : { kind: 'declined', code })
    expect(JSON.stringify(outcome)).not.toContain(apiKey)
  })

  it('a link that Adyen does not show leaves a cancellation in doubt: it may have been made before', async () => {
    const { provider } = shop(() => Response.json({ errorCode: '100_404' }, { status: 404 }))
    const session = { ...sessionOf(anOrder(), null), references: ['PL1', '7914073381342284'] }
    expect((await provider.act({ type: 'cancel' }, session, 'k')).kind).toBe('unknown')
  })

  it('a key that is refused leaves a command in doubt', async () => {
    const { provider } = shop(() => Response.json({ errorCode: '000' }, { status: 401 }))
    const session = { ...sessionOf(anOrder(), null), references: ['PL1', '7914073381342284'] }
    expect((await provider.act({ type: 'capture', amount: 1 }, session, 'k')).kind).toBe('unknown')
  })

  it.each([
    ['active', [], true],
    ['paymentPending', [], true],
    ['expired', [{ type: 'expired' }], false],
    ['completed', [{ type: 'captured', amount: 5, currency: 'EUR' }], false],
    ['paid', [{ type: 'captured', amount: 5, currency: 'EUR' }], false],
    ['dreaming', null, false],
  ])('a link that is %s tells %j', async (status, facts, payable) => {
    const amount = { value: 5, currency: 'EUR' }
    const link = { id: 'PL1', url: 'https://x.example', reference: 'ps_1', amount, status }
    const { provider } = shop(() => Response.json(link))
    const found = await provider.find({ ...sessionOf(anOrder(), null), references: ['PL1'] })
    expect(found).toMatchObject(
      facts === null ? { kind: 'unknown' } : { kind: 'done', value: { facts, payable } },
    )
  })
})

describe('a connection to Adyen', () => {
  const credentials = { api_key: apiKey, merchant_account: merchantAccount, hmac_keys: [published] }
  const wish = { provider: 'adyen', livemode: false, credentials, settings: {} }
  const errorsOf = (more: object) => {
    const checked = checkConnection({ ...wish, ...more })
    return checked.kind === 'wrong' ? checked.errors : []
  }

  it.each([
    [{ credentials: { ...credentials, api_key: undefined } }, '/credentials/api_key', 'API credentials'],
    [{ credentials: { ...credentials, hmac_keys: ['hush'] } }, '/credentials/hmac_keys/0', '64 hexadecimal'],
    [{ credentials: { ...credentials, hmac_keys: undefined } }, '/credentials/hmac_keys', 'Webhooks'],
    [
      { credentials: { ...credentials, merchant_account: 'a b' } },
      '/credentials/merchant_account',
      'Customer',
    ],
    [{ livemode: true }, '/settings/live_url_prefix', 'Prefix'],
    [{ settings: { live_url_prefix: 'evil.example/#' } }, '/settings/live_url_prefix', 'looks like'],
  ])('with %j is refused at %s, with where to find it', (more, pointer, where) => {
    expect(errorsOf(more)).toEqual([{ pointer, detail: expect.stringContaining(where) }])
    expect(JSON.stringify(errorsOf(more))).not.toContain('hush')
  })

  it.each([
    [false, {}, 'https://checkout-test.adyen.com/v71/paymentLinks'],
    [false, { api_base: 'http://127.0.0.1:4010/' }, 'http://127.0.0.1:4010/v71/paymentLinks'],
    [
      true,
      { live_url_prefix: '1797a841fbb37ca7-Shop' },
      'https://1797a841fbb37ca7-Shop-checkout-live.adyenpayments.com/checkout/v71/paymentLinks',
    ],
  ])('that is live: %s, with %j, calls %s', async (livemode, settings, url) => {
    const asked: string[] = []
    const fetch = (request: Request) => {
      asked.push(request.url)
      return Promise.resolve(new Response('', { status: 500 }))
    }
    const connection = { ...wish, id: 'con_1', livemode, settings }
    await makeProvider(connection, { fetch, self: nobody, origin: 'https://gateway.example' }).open(anOrder())
    expect(asked.map((one) => one.toLowerCase())).toEqual([url.toLowerCase()])
  })
})
