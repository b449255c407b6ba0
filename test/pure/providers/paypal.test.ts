// PayPal's dialect, fact by fact: amounts, tokens, orders, statuses, refusals, credentials.
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../src/domain/provider.ts'
import { checkConnection, makeProvider } from '../../../src/providers/index.ts'
import { paypal } from '../../../src/providers/paypal.ts'
import { fromPaypal, objectionOf, toPaypal } from '../../../src/providers/paypal-amounts.ts'
import { emptyMemory } from '../../../src/providers/paypal-call.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder, through } from '../../providers/order.ts'
import { paypalSimulator } from '../../simulators/paypal.ts'

const account = { clientId: 'made-up-client-id', clientSecret: 'made-up-client-secret' }
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const usd = (details = {}) => anOrder({ currency: 'USD', amount: 10_050, ...details })

describe('amounts travel to PayPal', () => {
  it.each([
    ['USD', 1_050, '10.50'],
    ['EUR', 5, '0.05'],
    ['JPY', 500, '500'],
    ['HUF', 50_000, '500'],
    ['TWD', 50_000, '500'],
  ])('%s %i as %s, and back', (currency, ours, value) => {
    expect(objectionOf(ours, currency)).toBe(null)
    expect(toPaypal(ours, currency)).toEqual({ currency_code: currency, value })
    expect(fromPaypal({ currency_code: currency, value })).toEqual({ amount: ours, currency })
  })

  it('with decimals where PayPal writes them, back all the same', () => {
    expect(fromPaypal({ currency_code: 'HUF', value: '500.00' })).toEqual({ amount: 50_000, currency: 'HUF' })
    expect(fromPaypal({ currency_code: 'JPY', value: '500.00' })).toEqual({ amount: 500, currency: 'JPY' })
  })

  it.each([
    ['HUF', 50_050, 'whole units'],
    ['TWD', 50_001, 'whole units'],
    ['AMD', 50_000, 'does not take AMD'],
  ])('%s %i not at all, and the objection says why', (currency, amount, why) => {
    expect(objectionOf(amount, currency)).toContain(why)
  })

  it.each(['1.005', '-1.00', '1,000.00', '', '1e3'])('and back as none where PayPal says %j', (value) => {
    expect(fromPaypal({ currency_code: 'USD', value })).toEqual({ amount: null, currency: 'USD' })
  })
})

function shop(answer?: (request: Request) => Response | null) {
  const simulator = paypalSimulator(account)
  const seen: Request[] = []
  const clock = { now: Date.now() }
  const provider = paypal({
    ...account,
    webhookIds: [],
    livemode: false,
    memory: emptyMemory(),
    now: () => clock.now,
    fetch: async (request) => {
      seen.push(request.clone())
      const own = request.url.endsWith('/token') ? null : (answer?.(request) ?? null)
      return own ?? through(simulator)(request)
    },
  })
  const tokens = () => seen.filter(({ url }) => url.endsWith('/v1/oauth2/token')).length
  return { simulator, provider, seen, clock, tokens }
}

describe("PayPal's access token", () => {
  it('is asked for once, and again a minute before it ends', async () => {
    const { provider, clock, tokens } = shop()
    done(await provider.open(usd()))
    done(await provider.open(usd()))
    expect(tokens()).toBe(1)
    clock.now += 32_340_000
    done(await provider.open(usd()))
    expect(tokens()).toBe(2)
  })

  it('that was withdrawn is replaced, and the call made once more', async () => {
    const { provider, simulator, tokens } = shop()
    done(await provider.open(usd()))
    simulator.forgetTokens()
    done(await provider.open(usd()))
    expect(tokens()).toBe(2)
  })

  it('is remembered for its own account only', async () => {
    const simulator = paypalSimulator(account)
    const options = { webhookIds: [], livemode: false, memory: emptyMemory(), fetch: through(simulator) }
    done(await paypal({ ...account, ...options }).open(usd()))
    const other = paypal({ ...account, ...options, clientSecret: 'of-somebody-else' })
    expect(await other.open(usd())).toMatchObject({ kind: 'declined', code: 'bad_credentials' })
  })
})

describe('at PayPal', () => {
  it('an order bears our mark, and sends the customer to approve', async () => {
    const { provider, seen } = shop()
    const order = usd({ description: 'x'.repeat(200) })
    const opened = done(await provider.open(order))
    expect(opened.references).toEqual([expect.stringMatching(/^\w{17}$/), order.sessionId])
    expect(opened.checkout).toMatchObject({ url: expect.stringContaining('/checkoutnow/') })
    const made = seen.at(-1)
    expect(await made?.json()).toMatchObject({
      intent: 'CAPTURE',
      purchase_units: [
        {
          reference_id: order.orderId,
          custom_id: order.sessionId,
          amount: { currency_code: 'USD', value: '100.50' },
          description: 'x'.repeat(127),
        },
      ],
      payment_source: { paypal: { experience_context: { return_url: order.returnUrl } } },
    })
    expect(made?.headers.get('paypal-request-id')).toBe(order.sessionId)
    expect(made?.headers.get('prefer')).toBe('return=representation')
  })

  it('a customer approves, declines and leaves on the page, and no money moves', async () => {
    const { provider, simulator } = shop()
    const order = usd()
    const opened = done(await provider.open(order))
    const page = opened.checkout.kind === 'redirect' ? opened.checkout.url : ''
    const choose = (choice: string) =>
      simulator.handle(new Request(page, { method: 'POST', body: new URLSearchParams({ choice }) }))
    expect(await (await simulator.handle(new Request(page))).text()).toContain('Approve')
    expect((await choose('decline')).headers.get('location')).toContain('/checkoutnow/')
    expect((await choose('cancel')).headers.get('location')).toBe(order.returnUrl)
    expect(done(await provider.find(sessionOf(order, opened))).facts).toEqual([])
    await choose('pay')
    const found = done(await provider.find(sessionOf(order, opened)))
    expect(found).toMatchObject({ facts: [{ type: 'approved' }], payable: true, orderId: order.orderId })
    expect(simulator.order(opened.references[0])?.capture).toBe(null)
  })

  it('a capture before the customer approved is refused, and a second one is left to asking', async () => {
    const { provider, simulator } = shop()
    const order = usd()
    const opened = done(await provider.open(order))
    const capture = (key: string) =>
      provider.act({ type: 'capture', amount: order.amount }, sessionOf(order, opened), key)
    expect(await capture('c-1')).toMatchObject({ kind: 'declined', detail: 'ORDER_NOT_APPROVED' })
    simulator.approve(opened.references[0])
    done(await capture('c-2'))
    expect((await capture('c-3')).kind).toBe('unknown')
  })

  it('a lie about the amount opens nothing', async () => {
    const { provider, simulator } = shop()
    simulator.behave('lies')
    expect((await provider.open(usd())).kind).toBe('unknown')
  })

  it.each([
    [422, { name: 'U', details: [{ issue: 'INSTRUMENT_DECLINED' }] }, 'declined'],
    [422, { name: 'U', details: [{ issue: 'DECIMAL_PRECISION' }] }, 'unsupported_amount'],
    [422, { name: 'U', details: [{ issue: 'CURRENCY_NOT_SUPPORTED' }] }, 'unsupported_currency'],
    [422, { name: 'U', details: [{ issue: 'PAYEE_ACCOUNT_RESTRICTED' }] }, 'invalid_request'],
    [422, { name: 'U', details: [{ issue: 'constructor' }] }, 'invalid_request'],
    [404, { name: 'RESOURCE_NOT_FOUND' }, 'invalid_request'],
    [401, { error: 'invalid_client' }, 'bad_credentials'],
    [403, { name: 'NOT_AUTHORIZED', details: [{ issue: 'PERMISSION_DENIED' }] }, 'bad_credentials'],
    [409, { name: 'RESOURCE_CONFLICT' }, null],
    [422, { name: 'U', details: [{ issue: 'PREVIOUS_REQUEST_IN_PROGRESS' }] }, null],
    [422, { name: 'U', details: [{ issue: 'DUPLICATE_REQUEST_ID' }] }, null],
    [429, { name: 'RATE_LIMIT_REACHED' }, null],
    [500, { name: 'INTERNAL_SERVER_ERROR' }, null],
    [422, 'no object', null],
    [200, { name: 'U' }, null],
  ])('a %i with %j means %s', async (status, body, code) => {
    const { provider } = shop(() => Response.json(body, { status }))
    const expected = code === null ? { kind: 'unknown' } : { kind: 'declined', code }
    expect(await provider.open(usd())).toMatchObject(expected)
  })

  it('an order that PayPal does not show leaves a refund in doubt: it may have been made before', async () => {
    const { provider } = shop(() => Response.json({ name: 'RESOURCE_NOT_FOUND' }, { status: 404 }))
    const session = { ...sessionOf(usd(), null), references: ['5O190127TN364715T'] }
    expect((await provider.act({ type: 'refund', amount: 1 }, session, 'k')).kind).toBe('unknown')
  })

  it('credentials that are refused leave a command in doubt', async () => {
    const { provider } = shop(() => Response.json({ error: 'invalid_token' }, { status: 401 }))
    const session = { ...sessionOf(usd(), null), references: ['5O190127TN364715T'] }
    expect((await provider.act({ type: 'capture', amount: 1 }, session, 'k')).kind).toBe('unknown')
  })
})

const money = { currency_code: 'USD', value: '100.50' }
const captured = { type: 'captured', amount: 10_050, currency: 'USD' }
const refund = (status: string) => ({ id: 'R1', status, amount: { ...money, value: '0.50' } })
const refunded = { type: 'refunded_one', amount: 50, currency: 'USD', reference: 'R1' }

describe('an order at PayPal', () => {
  const found = async (order: object): Promise<Outcome<unknown>> => {
    const { provider } = shop(() => Response.json({ id: '5O190127TN364715T', ...order }))
    return provider.find({ ...sessionOf(usd(), null), references: ['5O190127TN364715T'] })
  }

  it.each([
    ['CREATED', [], true],
    ['SAVED', [], true],
    ['PAYER_ACTION_REQUIRED', [], true],
    ['APPROVED', [{ type: 'approved' }], true],
    ['VOIDED', [{ type: 'canceled' }], false],
  ])('that is %s tells %j', async (status, facts, payable) => {
    expect(await found({ status })).toMatchObject({ value: { facts, payable } })
  })

  it.each([
    ['COMPLETED', [], [captured], false],
    ['PENDING', [], [{ type: 'capture_pending' }], true],
    ['DECLINED', [], [{ type: 'failed' }], false],
    ['FAILED', [], [{ type: 'failed' }], false],
    ['PARTIALLY_REFUNDED', [refund('COMPLETED')], [captured, refunded], false],
    ['REFUNDED', [refund('COMPLETED')], [captured, refunded], false],
    ['PARTIALLY_REFUNDED', [refund('PENDING')], [captured, { ...refunded, type: 'refund_pending' }], false],
    ['REFUNDED', [refund('FAILED')], [captured, { type: 'refund_failed', reference: 'R1' }], false],
    ['REFUNDED', [refund('CANCELLED')], [captured, { type: 'refund_failed', reference: 'R1' }], false],
    ['REFUNDED', [], null, false],
    ['REFUNDED', [refund('DREAMING')], null, false],
    ['DREAMING', [], null, false],
  ])('whose capture is %s, with the refunds %j, tells %j', async (status, refunds, facts, payable) => {
    const payments = { captures: [{ id: 'C1', status, amount: money }], refunds }
    const outcome = await found({ status: 'COMPLETED', purchase_units: [{ payments }] })
    if (facts === null) return expect(outcome.kind).toBe('unknown')
    expect(outcome).toMatchObject({ value: { facts, payable, references: ['5O190127TN364715T', 'C1'] } })
  })

  it('whose capture was declined before another one succeeded is paid', async () => {
    const captures = [
      { id: 'C1', status: 'DECLINED', amount: money },
      { id: 'C2', status: 'COMPLETED', amount: money },
    ]
    const purchase_units = [{ payments: { captures } }]
    expect(await found({ status: 'COMPLETED', purchase_units })).toMatchObject({
      value: { facts: [captured] },
    })
  })

  it.each(['DREAMING', 'COMPLETED'])('that is %s and tells no capture is unknown', async (status) => {
    expect((await found({ status })).kind).toBe('unknown')
  })
})

describe('a connection to PayPal', () => {
  const credentials = {
    client_id: account.clientId,
    client_secret: account.clientSecret,
    webhook_ids: ['1JE4291016473214C'],
  }
  const wish = { provider: 'paypal', livemode: false, credentials, settings: {} }

  it.each([
    [{ ...credentials, client_id: undefined }, '/credentials/client_id', 'The client id is missing'],
    [{ ...credentials, client_secret: 'hush!' }, '/credentials/client_secret', 'Apps & Credentials'],
    [{ ...credentials, webhook_ids: undefined }, '/credentials/webhook_id', 'Webhooks'],
    [{ ...credentials, webhook_id: 'hush!' }, '/credentials/webhook_id', '1JE4291016473214C'],
    [{ ...credentials, webhook_ids: ['hush!'] }, '/credentials/webhook_ids/0', '1JE4291016473214C'],
  ])('with the credentials %j is refused at %s, with where to find it', (given, pointer, where) => {
    const checked = checkConnection({ ...wish, credentials: given })
    expect(checked).toEqual({
      kind: 'wrong',
      errors: [{ pointer, detail: expect.stringContaining(where) }],
    })
    expect(JSON.stringify(checked)).not.toContain('hush')
  })

  it('has one webhook id, or several while one is being replaced', () => {
    const { webhook_ids: several, ...pair } = credentials
    for (const ids of [
      { webhook_id: several[0] },
      { webhook_ids: several },
      { webhook_id: several[0], webhook_ids: several },
    ])
      expect(checkConnection({ ...wish, credentials: { ...pair, ...ids } }).kind).toBe('ok')
  })

  it.each([
    [false, {}, 'https://api-m.sandbox.paypal.com'],
    [true, {}, 'https://api-m.paypal.com'],
    [false, { api_base: 'http://127.0.0.1:4010/' }, 'http://127.0.0.1:4010'],
  ])('that is live: %s, with %j, calls %s', async (livemode, settings, base) => {
    const asked: string[] = []
    const fetch = (request: Request) => {
      asked.push(request.url)
      return Promise.resolve(new Response('', { status: 500 }))
    }
    const connection = { ...wish, id: 'con_1', livemode, settings }
    await makeProvider(connection, { fetch, self: nobody, origin: 'https://gateway.example' }).open(usd())
    expect(asked).toEqual([`${base}/v1/oauth2/token`])
  })
})
