// Ameriabank's dialect, fact by fact: the two ones, amounts, numbers, refusals, commands, and answers that are lost.
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/domain/provider.ts'
import { type AmeriabankOptions, ameriabank } from '../../../src/providers/ameriabank.ts'
import { checkConnection, makeProvider } from '../../../src/providers/index.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { accountsForLostAnswers } from '../../providers/lost-answers.ts'
import { anOrder, through } from '../../providers/order.ts'
import { ameriabankSimulator } from '../../simulators/ameriabank.ts'

const account = { clientId: 'made-up-client', username: 'u', password: 'p-made-up' }
const base = 'http://bank.invalid/VPOS'
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const plain: AmeriabankOptions = {
  ...{ ...account, base, currencies: ['AMD'], numbers: { first: 1, last: 500 } },
  ...{ twoStage: false, sendsOpaque: true, fetch: nobody },
}

/** A shop at the simulated bank, or at one that gives this answer to everything. */
function shop(answer: unknown = null, more: Partial<AmeriabankOptions> = {}) {
  const simulator = ameriabankSimulator({ ...account, twoStage: more.twoStage ?? false })
  const seen: Request[] = []
  const provider = ameriabank({
    ...plain,
    ...more,
    fetch: async (request) => {
      seen.push(request.clone())
      return answer === null ? through(simulator)(request) : Response.json(answer)
    },
  })
  return { simulator, provider, seen, body: async (nth: number) => seen[nth]?.clone().json() }
}

let numbers = 0
const order = (details: Parameters<typeof anOrder>[0] = {}) => {
  numbers += 1
  return anOrder({ amount: 10_000, number: numbers, ...details })
}

describe('at Ameriabank', () => {
  it('a payment is begun with a decimal amount, a number, and our session as its opaque', async () => {
    const { provider, body, seen } = shop()
    const wanted = order({ amount: 1_250_050, locale: 'hy', number: 401, expiresAt: Date.now() + 600_500 })
    const { references, checkout, endsAt } = done(await provider.open(wanted))
    expect(seen[0]?.url).toBe(`${base}/api/VPOS/InitPayment`)
    expect(await body(0)).toEqual({
      ...{ ClientID: 'made-up-client', Username: 'u', Password: 'p-made-up', OrderID: 401, Amount: 12_500.5 },
      ...{ Currency: '051', Description: `Order ${wanted.orderId}`, BackURL: wanted.returnUrl, Timeout: 600 },
      Opaque: wanted.sessionId.slice(3),
    })
    expect(references).toEqual([expect.stringMatching(/^[0-9A-F-]{36}$/), '401'])
    expect(checkout).toEqual({ kind: 'redirect', url: `${base}/Payments/Pay?id=${references[0]}&lang=am` })
    expect(endsAt).toBeLessThanOrEqual(Date.now() + 600_000)
  })

  it('a longer wish is cut to the bank’s twenty minutes, and the opaque can be left out', async () => {
    const { provider, body } = shop(null, { sendsOpaque: false })
    done(await provider.open(order({ expiresAt: Date.now() + 86_400_000 })))
    expect(await body(0)).toMatchObject({ Timeout: 1_200 })
    expect(await body(0)).not.toHaveProperty('Opaque')
  })

  it.each([
    [{ PaymentID: 'P1', ResponseCode: 1, ResponseMessage: 'OK' }, 'done'],
    [{ PaymentID: 'P1', ResponseCode: '1', ResponseMessage: 'OK' }, 'done'],
    [{ paymentId: 'P1', responseCode: 1, responseMessage: 'OK' }, 'done'],
    [{ PaymentID: 'P1', ResponseCode: '01', ResponseMessage: 'OK' }, 'unknown'],
    [{ PaymentID: 'P1', ResponseCode: 1, ResponseMessage: 'Order already exists' }, 'unknown'],
    [{ PaymentID: '', ResponseCode: 1, ResponseMessage: 'OK' }, 'unknown'],
    [{ ResponseCode: 1, ResponseMessage: 'OK' }, 'unknown'],
    [{ ResponseCode: '08204' }, 'unknown'],
    [{ ResponseCode: '07' }, 'unknown'],
    [{ ResponseCode: '550' }, 'unknown'],
    [{ ResponseCode: '99' }, 'unknown'],
    ['OK', 'unknown'],
    [{ ResponseCode: '03' }, 'unsupported_currency'],
    [{ ResponseCode: '05 : Incorrect Parameters' }, 'invalid_request'],
    [{ ResponseCode: 510 }, 'invalid_request'],
    [{ ResponseCode: '20', ResponseMessage: 'p-made-up' }, 'bad_credentials'],
    [{ ResponseCode: '30' }, 'invalid_request'],
  ])('%j as the answer to a beginning means %s', async (answer, means) => {
    const outcome = await shop(answer).provider.open(order())
    expect(outcome.kind === 'declined' ? outcome.code : outcome.kind).toBe(means)
    expect(JSON.stringify(outcome)).not.toContain('p-made-up')
  })

  it('a number is good once and only in its range, and without one nothing is begun', async () => {
    const { provider, seen } = shop()
    done(await provider.open(order({ number: 7 })))
    expect((await provider.open(order({ number: 7 }))).kind).toBe('unknown')
    const asked = seen.length
    expect(await provider.open(order({ number: 501 }))).toMatchObject({ kind: 'declined' })
    expect((await provider.open(order({ number: null }))).kind).toBe('unknown')
    expect(seen).toHaveLength(asked)
  })

  it.each([
    ['AMD', 1_000, '{"Amount":10}'],
    ['USD', 1_005, '{"Amount":10.05}'],
    ['EUR', 1, '{"Amount":0.01}'],
  ])('%s %i travels as %s', async (currency, amount, json) => {
    const { provider, body } = shop()
    done(await provider.open(order({ currency, amount })))
    const { Amount } = (await body(0)) as { Amount: number }
    expect(JSON.stringify({ Amount })).toBe(json)
    expect(provider.objection({ amount, currency })).toBe(null)
  })

  it('an amount that no decimal number carries is refused before a checkout', () => {
    const huge = { amount: Number.MAX_SAFE_INTEGER, currency: 'AMD' }
    expect(ameriabank(plain).objection(huge)).toContain('too large')
  })

  it('an account in two stages takes no session that means to capture at once', async () => {
    const { provider, seen } = shop(null, { twoStage: true })
    expect(await provider.open(order())).toMatchObject({ kind: 'declined', code: 'invalid_request' })
    expect(seen).toHaveLength(0)
  })
})

const amd = (amount: number | null) => ({ amount, currency: 'AMD' })
const taken: Fact = { type: 'captured', ...amd(10_000) }
const back = (amount: number | null): Fact => ({ type: 'refunded', ...amd(amount) })

describe('a command at Ameriabank', () => {
  async function held() {
    const made = shop(null, { twoStage: true })
    const wanted = order({ captureMethod: 'manual' })
    const session = sessionOf(wanted, done(await made.provider.open(wanted)))
    const id = session.references[0] ?? ''
    made.simulator.pay(id)
    return { ...made, session, id }
  }

  it('captures a part of what was held, and gives parts of it back', async () => {
    const { provider, session } = await held()
    const capture = () => provider.act({ type: 'capture', amount: 8_000 }, session, 'c')
    for (const told of [await capture(), await capture()])
      expect(done(told)).toEqual([{ ...taken, amount: 8_000 }])
    const refund = (amount: number) => provider.act({ type: 'refund', amount }, session, `r-${amount}`)
    expect(done(await refund(1_000))).toEqual([{ ...back(1_000), reference: 'r-1000' }])
    expect((await refund(7_001)).kind).toBe('declined')
  })

  it('lets a hold go, and says so again', async () => {
    const { provider, session } = await held()
    const cancel = () => provider.act({ type: 'cancel' }, session, 'x')
    expect([done(await cancel()), done(await cancel())]).toEqual([
      [{ type: 'canceled' }],
      [{ type: 'canceled' }],
    ])
  })

  it('is refused where the hold or the money is not there for it', async () => {
    const { provider, session, simulator, id } = await held()
    simulator.byHand(id, { status: 3 })
    expect((await provider.act({ type: 'capture', amount: 1 }, session, 'c')).kind).toBe('declined')
    simulator.byHand(id, { status: 4, deposited: 10_000, refunded: 10_000 })
    expect((await provider.act({ type: 'cancel' }, session, 'x')).kind).toBe('declined')
    const spent = { ...session, captured: 10_000, refunded: 10_000 }
    expect((await provider.act({ type: 'refund', amount: 1 }, spent, 'r')).kind).toBe('declined')
  })

  it.each(['07', '500', '550', '', '0-1'])(
    'that is answered with the trouble %j is in doubt while the books do not show it',
    async (code) => {
      const { session, simulator, id } = await held()
      const at = (method: string) =>
        ameriabank({
          ...plain,
          fetch: async (request) =>
            request.url.endsWith(method) ? Response.json({ ResponseCode: code }) : simulator.handle(request),
        })
      const capture = await at('ConfirmPayment').act({ type: 'capture', amount: 10_000 }, session, 'c')
      simulator.byHand(id, { status: 2, deposited: 10_000 })
      const refund = await at('RefundPayment').act({ type: 'refund', amount: 10_000 }, session, 'r')
      expect([capture.kind, refund.kind]).toEqual(['unknown', 'unknown'])
    },
  )

  it.each(['513', '514', '20', '06', '510'])('that is answered %s is a plain no', async (ResponseCode) => {
    const { provider, seen } = shop({ ResponseCode })
    const session = { ...sessionOf(order(), null), references: ['P1', '5'] }
    expect((await provider.act({ type: 'refund', amount: 1 }, session, 'r')).kind).toBe('declined')
    expect(seen).toHaveLength(1)
  })
})

describe('a connection to Ameriabank', () => {
  const credentials = { client_id: 'c', username: 'u', password: 'p-made-up' }
  const connection = { id: 'con_1', provider: 'ameriabank', livemode: false, credentials, settings: {} }

  it.each(['client_id', 'username', 'password'] as const)('says where to find its %s', (name) => {
    for (const wrong of [undefined, '']) {
      const checked = checkConnection({ ...connection, credentials: { ...credentials, [name]: wrong } })
      const pointer = `/credentials/${name}`
      expect(checked).toEqual({
        kind: 'wrong',
        errors: [{ pointer, detail: expect.stringContaining('e-mail') }],
      })
    }
  })

  it.each([
    ['first_order_number', 0],
    ['last_order_number', 2_147_483_648],
    ['bank_url', 'http://bank.example'],
    ['currencies', ['JPY']],
    ['two_stage', 'yes'],
  ])('does not take %s to be %j', (name, value) => {
    const checked = checkConnection({ ...connection, settings: { [name]: value } })
    expect(checked.kind).toBe('wrong')
  })

  it.each([
    [{}, false, 'https://servicestest.ameriabank.am/VPOS/api/VPOS/GetPaymentDetails'],
    [{}, true, 'https://services.ameriabank.am/VPOS/api/VPOS/GetPaymentDetails'],
    [
      { bank_url: 'https://vpos.bank.example/VPOS/' },
      true,
      'https://vpos.bank.example/VPOS/api/VPOS/GetPaymentDetails',
    ],
    [{ api_base: 'http://127.0.0.1:4010' }, false, 'http://127.0.0.1:4010/VPOS/api/VPOS/GetPaymentDetails'],
  ])('with the settings %j, live %s, speaks to %s', async (settings, livemode, url) => {
    const asked: string[] = []
    const fetch = (request: Request) => {
      asked.push(request.url)
      return Promise.resolve(new Response('', { status: 500 }))
    }
    const deps = { fetch, self: nobody, origin: 'https://gateway.example' }
    await makeProvider({ ...connection, settings, livemode }, deps).tryCredentials()
    expect(asked).toEqual([url])
  })

  it('begins to count where its range begins, and captures by command only in two stages', () => {
    const able = (settings: Record<string, unknown>) =>
      makeProvider({ ...connection, settings }, { fetch: nobody, self: nobody, origin: '' }).capabilities
    expect(able({})).toMatchObject({ numbered: { first: 1 }, capture: false, cancel: false })
    const more = able({ first_order_number: 4_001, two_stage: true })
    expect(more).toMatchObject({ numbered: { first: 4_001 }, capture: true, cancel: true })
  })
})

accountsForLostAnswers('ameriabank', (rig, captureMethod) => {
  const twoStage = captureMethod === 'manual'
  const simulator = ameriabankSimulator({ ...account, twoStage, now: () => rig.now })
  const bank = ameriabank({ ...plain, twoStage, fetch: through(simulator), now: () => rig.now })
  let counted = 0
  return {
    provider: { ...bank, open: (wanted) => bank.open({ ...wanted, number: ++counted }) },
    loseAnswer: () => simulator.behave('loses_answers', 1),
    pay: (reference) => simulator.pay(reference),
    moved: () => simulator.moved(),
    checkouts: () => simulator.payments(),
  }
})
