// ArCa's dialect, fact by fact: numbers, forms, refusals, commands, and answers that are lost.
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/domain/provider.ts'
import { arca } from '../../../src/providers/arca.ts'
import { orderNumberOf, paymentOfNumber } from '../../../src/providers/arca-number.ts'
import { checkConnection, makeProvider } from '../../../src/providers/index.ts'
import bpc from '../../providers/bpc-signed.json' with { type: 'json' }
import { done, sessionOf } from '../../providers/contract.ts'
import { accountsForLostAnswers } from '../../providers/lost-answers.ts'
import { anOrder, through } from '../../providers/order.ts'
import { type ArcaSettings, arcaSimulator } from '../../simulators/arca.ts'
import { paymentId } from '../../support/payment-rig.ts'

const credentials = { username: 'shop-api', password: 'made-up-password' }
const base = 'http://bank.invalid/payment/rest'
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const plain = { ...credentials, base, callbackKeys: null, currencies: ['AMD'], fetch: nobody }

/** A shop at the simulated bank, or at one that gives this answer to everything. */
function shop(answer?: object | null, settings: Partial<ArcaSettings> = {}) {
  const simulator = arcaSimulator({ ...credentials, ...settings })
  const seen: Request[] = []
  const provider = arca({
    ...plain,
    fetch: async (request) => {
      seen.push(request.clone())
      return answer == null ? through(simulator)(request) : Response.json(answer)
    },
  })
  const form = async (nth: number) => Object.fromEntries(new URLSearchParams(await seen[nth]?.clone().text()))
  return { simulator, provider, seen, form }
}

/** A checkout that was opened, and paid if it is to be. */
async function opened(details: Parameters<typeof anOrder>[0] = {}, settings: Partial<ArcaSettings> = {}) {
  const made = shop(null, settings)
  const order = anOrder({ amount: 10_000, ...details })
  const session = sessionOf(order, done(await made.provider.open(order)))
  const pay = () => made.simulator.pay(session.references[0] ?? '')
  return { ...made, order, session, pay }
}

describe('an order number at the bank', () => {
  const sessionId = `ps_${paymentId.slice(4)}0123456789abc`
  it('has 32 letters and digits, is another one for each call, and leads to its payment', () => {
    const numbers = [1, 2, 3].map((call) => orderNumberOf(sessionId, call))
    for (const number of numbers) expect(number).toMatch(/^[0-9a-z]{32}$/)
    expect(new Set(numbers).size).toBe(3)
    expect(numbers.map(paymentOfNumber)).toEqual([paymentId, paymentId, paymentId])
  })

  it.each(['10747', '', 'I'.repeat(32), `${'0'.repeat(26)}1234567`])(
    'that reads %j is none of ours',
    (number) => {
      expect(paymentOfNumber(number)).toBe(null)
    },
  )
})

describe('at the bank', () => {
  it('an order is registered in minor units and its currency’s number, for as long as ours lasts', async () => {
    const { provider, form, seen } = shop()
    const order = anOrder({
      ...{ amount: 1_250_050, locale: 'hy-AM', expiresAt: Date.now() + 600_500 },
      description: `50 % off\r\na+b ${'x'.repeat(200)}`,
    })
    const { references, endsAt } = done(await provider.open(order))
    expect(seen[0]?.url).toBe(`${base}/register.do`)
    const sent = await form(0)
    expect(sent).toMatchObject({
      ...{ userName: 'shop-api', amount: '1250050', currency: '051', language: 'hy' },
      ...{ orderNumber: references[1], returnUrl: order.returnUrl, sessionTimeoutSecs: '600' },
    })
    expect(sent.description).toMatch(/^50 off a b x{88}$/)
    expect(endsAt).toBeLessThanOrEqual(Date.now() + 600_000)
  })

  it('a longer wish is cut to the bank’s twenty minutes, and money to be held is registered so', async () => {
    const { provider, form, seen } = shop()
    done(await provider.open(anOrder({ captureMethod: 'manual', expiresAt: Date.now() + 86_400_000 })))
    expect([seen[0]?.url, (await form(0)).sessionTimeoutSecs]).toEqual([`${base}/registerPreAuth.do`, '1200'])
  })

  it('a number that it knows already leaves the session to its next call, which takes another', async () => {
    const { provider } = shop()
    const order = anOrder()
    done(await provider.open(order))
    expect(await provider.open(order)).toMatchObject({ kind: 'unknown' })
    expect(done(await provider.open({ ...order, call: 2 })).references[1]).toBe(
      orderNumberOf(order.sessionId, 2),
    )
  })

  it.each([
    [{ errorCode: '1' }, null],
    [{ errorCode: 3 }, 'unsupported_currency'],
    [{ errorCode: '4' }, 'invalid_request'],
    [{ errorCode: '5', errorMessage: 'Access denied for made-up-password' }, 'invalid_request'],
    [{ errorCode: '7' }, null],
    [{ errorCode: 99 }, null],
    [{ errorCode: 'no' }, null],
    [{ orderId: '', formUrl: 'https://bank.example/' }, null],
    [{ orderId: 'x', formUrl: 'javascript:alert(1)' }, null],
    [{ errorCode: 0 }, null],
    [['x'], null],
  ])('%j as the answer to a registration means %s', async (answer, code) => {
    const outcome = await shop(answer).provider.open(anOrder())
    expect(outcome).toMatchObject(code === null ? { kind: 'unknown' } : { kind: 'declined', code })
    expect(JSON.stringify(outcome)).not.toContain(credentials.password)
  })

  it.each([
    [{ orderId: 'x', formUrl: 'https://bank.example/' }],
    [{ errorCode: 0, orderId: 'x', formUrl: 'https://bank.example/' }],
    [{ errorCode: '0', orderId: 'x', formUrl: 'https://bank.example/' }],
  ])('%j is a yes', async (answer) => {
    expect((await shop(answer).provider.open(anOrder())).kind).toBe('done')
  })
})

const amd = (amount: number | null) => ({ amount, currency: 'AMD' })
const held: Fact = { type: 'authorized', ...amd(10_000) }
const taken: Fact = { type: 'captured', ...amd(10_000) }
const back = (amount: number | null): Fact => ({ type: 'refunded', ...amd(amount) })
describe('a command at the bank', () => {
  it('captures a part of what was held, and gives parts of it back', async () => {
    const { provider, session, pay } = await opened({ captureMethod: 'manual' })
    pay()
    expect(done(await provider.act({ type: 'capture', amount: 8_000 }, session, 'c-1'))).toEqual([
      { ...taken, amount: 8_000 },
    ])
    const refund = { type: 'refund', amount: 1_000 } as const
    expect(done(await provider.act(refund, session, 'r-1'))).toEqual([{ ...back(1_000), reference: 'r-1' }])
    expect(done(await provider.find(session)).facts).toEqual([{ ...taken, amount: 8_000 }, back(1_000)])
  })

  it('counts a refund by itself where the bank tells no totals, and doubts one whose answer was unclear', async () => {
    const { provider, session, pay, simulator } = await opened({}, { tells: 'nothing' })
    pay()
    const refund = (key: string, amount = 1_000) => provider.act({ type: 'refund', amount }, session, key)
    for (const key of ['r-1', 'r-2'])
      expect(done(await refund(key))).toEqual([{ type: 'refunded_one', ...amd(1_000), reference: key }])
    expect(await refund('r-3', 9_000)).toMatchObject({ kind: 'unknown' })
    expect(simulator.books(session.references[0] ?? '').refunded).toBe(2_000)
  })

  it('lets a hold go on the day of it, and is refused later, while the hold stands', async () => {
    let now = Date.parse('2026-11-22T12:00:00Z')
    const { provider, session, pay, simulator } = await opened(
      { captureMethod: 'manual' },
      { now: () => now },
    )
    pay()
    now += 86_400_000
    const cancel = () => provider.act({ type: 'cancel' }, session, 'x')
    expect(await cancel()).toMatchObject({ kind: 'declined' })
    expect(done(await provider.find(session)).facts).toEqual([held])
    now -= 86_400_000
    expect(done(await cancel())).toEqual([{ type: 'canceled' }])
    expect(done(await cancel())).toEqual([{ type: 'canceled' }])
    expect(simulator.books(session.references[0] ?? '').status).toBe(3)
  })

  it('does not cancel what was captured meanwhile, nor capture what was let go', async () => {
    const { provider, session, pay, simulator } = await opened({ captureMethod: 'manual' })
    pay()
    simulator.byHand(session.references[0] ?? '', { status: 3 })
    const capture = await provider.act({ type: 'capture', amount: 10_000 }, session, 'c')
    expect(capture).toMatchObject({ kind: 'declined' })
    simulator.byHand(session.references[0] ?? '', { status: 2, deposited: 10_000 })
    const late = arca({ ...plain, fetch: refusing(simulator, 'reverse.do') })
    expect(await late.act({ type: 'cancel' }, session, 'x')).toMatchObject({ kind: 'declined' })
  })

  it('stays in doubt when the bank has trouble and its books show nothing yet', async () => {
    const { session, pay, simulator } = await opened({ captureMethod: 'manual' })
    pay()
    const at = (method: string) => arca({ ...plain, fetch: refusing(simulator, method) })
    const capture = await at('deposit.do').act({ type: 'capture', amount: 10_000 }, session, 'c')
    expect(capture).toMatchObject({ kind: 'unknown' })
    simulator.byHand(session.references[0] ?? '', { status: 2, deposited: 10_000 })
    const refund = await at('refund.do').act({ type: 'refund', amount: 10_000 }, session, 'r')
    expect(refund).toMatchObject({ kind: 'unknown' })
  })

  it('is a plain no where the bank names what was wrong with it', async () => {
    const { provider, seen } = shop({ errorCode: '5' })
    const session = { ...sessionOf(anOrder(), null), references: ['md-1'] }
    expect(await provider.act({ type: 'refund', amount: 1 }, session, 'r')).toMatchObject({
      kind: 'declined',
    })
    expect(seen).toHaveLength(1)
  })

  it('that the bank took and does not show yet is in doubt', async () => {
    const { session, pay, simulator } = await opened()
    pay()
    const lagging = arca({
      ...plain,
      fetch: async (request) =>
        request.url.endsWith('refund.do') ? Response.json({ errorCode: '0' }) : simulator.handle(request),
    })
    expect(await lagging.act({ type: 'refund', amount: 5 }, session, 'r')).toMatchObject({ kind: 'unknown' })
  })

  /** The simulated bank, which answers this one method with a system error and does nothing. */
  function refusing(simulator: ReturnType<typeof arcaSimulator>, method: string) {
    return (request: Request) =>
      request.url.endsWith(method)
        ? Promise.resolve(Response.json({ errorCode: '7' }))
        : simulator.handle(request)
  }
})

describe('a connection to ArCa', () => {
  const check = (more: { credentials?: object; settings?: object; livemode?: boolean }) =>
    checkConnection({ provider: 'arca', livemode: false, credentials, settings: {}, ...more })

  it.each([
    [{}, '/credentials/username'],
    [{ username: 'x' }, '/credentials/password'],
    [{ username: '', password: 'x' }, '/credentials/username'],
    [{ ...credentials, callback_key: '' }, '/credentials/callback_key'],
    [{ ...credentials, callback_key: [] }, '/credentials/callback_key'],
    [
      { ...credentials, callback_key: '-----BEGIN PUBLIC KEY-----\nhush\n-----END PUBLIC KEY-----' },
      '/credentials/callback_key',
    ],
    [{ ...credentials, user: 'x' }, '/credentials/user'],
  ])('with the credentials %j is told what is missing at %s', (given, pointer) => {
    const checked = check({ credentials: given })
    const pointers = checked.kind === 'wrong' ? checked.errors.map((error) => error.pointer) : []
    expect(pointers).toContain(pointer)
    expect(JSON.stringify(checked)).not.toContain(credentials.password)
  })

  it('takes a shared key, the bank’s public key, or both while one replaces the other', () => {
    for (const key of ['shared', bpc.public_key, ['shared', bpc.public_key]])
      expect(check({ credentials: { ...credentials, callback_key: key } }).kind).toBe('ok')
  })

  it('takes no private key and no key of another kind for the bank’s public one', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const { publicKey } = generateKeyPairSync('ed25519')
    const pems = [
      privateKey.export({ type: 'pkcs8', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'pem' }),
    ]
    for (const key of pems)
      expect(check({ credentials: { ...credentials, callback_key: String(key) } }).kind).toBe('wrong')
  })

  it.each([
    'http://pg.bank.example/payment/rest',
    'https://user:pass@pg.bank.example/',
    'https://10.0.0.1/payment/rest',
    'https://127.0.0.1/',
    'https://pg.bank.example/?x=1',
    'pg.bank.example',
  ])('does not speak to a bank at %s', (url) => {
    const wrong = { kind: 'wrong', errors: [{ pointer: '/settings/bank_url' }] }
    expect(check({ settings: { bank_url: url } })).toMatchObject(wrong)
  })

  it.each([
    [{}, false, 'https://ipaytest.arca.am:8445/payment/rest/register.do'],
    [{}, true, 'https://ipay.arca.am/payment/rest/register.do'],
    [
      { bank_url: 'https://pg.inecoecom.am/payment/rest/' },
      true,
      'https://pg.inecoecom.am/payment/rest/register.do',
    ],
    [{ api_base: 'http://127.0.0.1:4010/' }, false, 'http://127.0.0.1:4010/payment/rest/register.do'],
  ])('with the settings %j, live %s, speaks to %s', async (settings, livemode, url) => {
    const asked: string[] = []
    const fetch = (request: Request) => {
      asked.push(request.url)
      return Promise.resolve(new Response('', { status: 500 }))
    }
    const connection = { id: 'con_1', provider: 'arca', livemode, credentials, settings }
    const deps = { fetch, self: nobody, origin: 'https://gateway.example' }
    await makeProvider(connection, deps).open(anOrder())
    expect(asked).toEqual([url])
  })

  it('takes the currencies of its contract, and drams where it names none', () => {
    const make = (settings: Record<string, unknown>) =>
      makeProvider(
        { id: 'con_1', provider: 'arca', livemode: false, credentials, settings },
        { fetch: nobody, self: nobody, origin: '' },
      ).capabilities.currencies
    expect([make({}), make({ currencies: ['AMD', 'USD'] })]).toEqual([['AMD'], ['AMD', 'USD']])
    expect(check({ settings: { currencies: ['JPY'] } }).kind).toBe('wrong')
    expect(check({ settings: { currencies: [] } }).kind).toBe('wrong')
  })
})

accountsForLostAnswers('arca', (rig) => {
  const simulator = arcaSimulator({ ...credentials, now: () => rig.now })
  const options = { ...plain, fetch: through(simulator), now: () => rig.now }
  return {
    provider: arca(options),
    loseAnswer: () => simulator.behave('loses_answers', 1),
    pay: (reference) => simulator.pay(reference),
    moved: () => simulator.moved(),
    checkouts: () => simulator.orders(''),
  }
})
