// What Ameriabank tells: details with their drifting types, every documented status, and what a browser brings back.
import { describe, expect, it } from 'vitest'
import type { Fact, RawReport } from '../../../src/domain/provider.ts'
import { type AmeriabankOptions, ameriabank } from '../../../src/providers/ameriabank.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder, arriving } from '../../providers/order.ts'

const account = { clientId: 'made-up-client', username: 'u', password: 'p-made-up' }
const base = 'http://bank.invalid/VPOS'
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const plain: AmeriabankOptions = {
  ...{ ...account, base, currencies: ['AMD'], numbers: { first: 1, last: 500 } },
  ...{ twoStage: false, sendsOpaque: true, fetch: nobody },
}

/** A shop at a bank that gives this answer to everything. */
function shop(answer: unknown, more: Partial<AmeriabankOptions> = {}) {
  const seen: Request[] = []
  const fetch = async (request: Request) => {
    seen.push(request.clone())
    return Response.json(answer)
  }
  return {
    provider: ameriabank({ ...plain, ...more, fetch }),
    body: async (nth: number) => seen[nth]?.clone().json(),
  }
}

const amd = (amount: number | null) => ({ amount, currency: 'AMD' })
const taken: Fact = { type: 'captured', ...amd(10_000) }
const back = (amount: number | null): Fact => ({ type: 'refunded', ...amd(amount) })

describe('the details of a payment', () => {
  const session = {
    ...sessionOf(anOrder({ amount: 10_000, sessionId: 'ps_1' }), null),
    references: ['P1', '2350301'],
  }
  const whole = {
    ...{
      ResponseCode: '00',
      Amount: 100.0,
      ApprovedAmount: 100.0,
      DepositedAmount: 100.0,
      RefundedAmount: 0.0,
    },
    ...{ Currency: '051', OrderID: '2350301', Opaque: '1' },
  }
  const told = (details: object, known: object = {}) =>
    shop({ ...whole, ...details }).provider.find({ ...session, ...known })

  it('are asked for without the client id, and the sample is a paid payment', async () => {
    const sample = {
      ...{ ResponseCode: '00', OrderStatus: '2', PaymentState: 'payment_deposited', Amount: 10.0 },
      ...{ DepositedAmount: 10.0, RefundedAmount: 0.0, Currency: '051', OrderID: '2350301', Opaque: 'pay_1' },
    }
    const { provider, body } = shop(sample, { sendsOpaque: false })
    expect(done(await provider.find(session))).toEqual({
      ...{ facts: [{ type: 'captured', ...amd(1_000) }], references: ['P1'], payable: false },
    })
    expect(await body(0)).toEqual({ PaymentID: 'P1', Username: 'u', Password: 'p-made-up' })
  })

  it.each([
    ['begun', { OrderStatus: 0, ResponseCode: '0-100' }, [], true],
    ['in 3-D Secure', { OrderStatus: '5' }, [], true],
    ['approved', { OrderStatus: 1 }, [{ type: 'authorized', ...amd(10_000) }], false],
    ['deposited', { OrderStatus: 2 }, [taken], false],
    [
      'deposited, with a sentence for a code',
      { OrderStatus: '2', ResponseCode: '00 : Payment Successfully Completed' },
      [taken],
      false,
    ],
    [
      'deposited, with another state beside it',
      { OrderStatus: 2, PaymentState: 'Successful' },
      [taken],
      false,
    ],
    ['deposited in part', { OrderStatus: 2, DepositedAmount: '80.00' }, [{ ...taken, amount: 8_000 }], false],
    [
      'deposited, and nobody says how much',
      { OrderStatus: 2, DepositedAmount: undefined },
      [{ ...taken, amount: null }],
      false,
    ],
    [
      'deposited, to a hair',
      { OrderStatus: 2, DepositedAmount: 99.999 },
      [{ ...taken, amount: null }],
      false,
    ],
    ['void', { OrderStatus: 3 }, [{ type: 'canceled' }], false],
    ['refunded', { OrderStatus: 4, RefundedAmount: 100 }, [taken, back(10_000)], false],
    ['refunded in part', { OrderStatus: 4, RefundedAmount: 30.5 }, [taken, back(3_050)], false],
    ['refunded, and nobody says how much', { OrderStatus: 4 }, [taken, back(null)], false],
    ['declined', { OrderStatus: 6, ResponseCode: '0-5' }, [{ type: 'failed', code: 'declined' }], false],
    [
      'declined for funds',
      { OrderStatus: 6, ResponseCode: '0116' },
      [{ type: 'failed', code: 'insufficient_funds' }],
      false,
    ],
    [
      'declined for its card',
      { OrderStatus: 6, ResponseCode: '0101' },
      [{ type: 'failed', code: 'expired_card' }],
      false,
    ],
    ['out of time', { OrderStatus: 6, ResponseCode: '0-2007' }, [{ type: 'expired' }], false],
    [
      'out of time, by its other code',
      { OrderStatus: 6, ResponseCode: '01001' },
      [{ type: 'expired' }],
      false,
    ],
    ['without any attempt yet', { ResponseCode: '0-100' }, [], true],
    ['not known there', { ResponseCode: '06' }, [], true],
  ])('tell that it is %s', async (_what, details, facts, payable) => {
    expect(done(await told(details))).toMatchObject({ facts, payable })
  })

  it.each([
    ['a processing timeout', { OrderStatus: 6, ResponseCode: '0-1' }],
    ['a second kind of it', { OrderStatus: 6, ResponseCode: '0151018' }],
    ['a third', { OrderStatus: 6, ResponseCode: '0151019' }],
    ['a processing timeout before any end', { OrderStatus: 0, ResponseCode: '0-1' }],
    ['a processing timeout in 3-D Secure', { OrderStatus: '5', ResponseCode: '0151018' }],
    ['a status that nobody has foreseen', { OrderStatus: 9 }],
    ['a word', { OrderStatus: 'payment_deposited' }],
    ['nothing', {}],
    ['trouble there, beside a status', { OrderStatus: 2, ResponseCode: '07' }],
    ['refused credentials', { ResponseCode: '20' }],
  ])('that tell of %s are unknown, and never a failure', async (_what, details) => {
    expect((await told(details)).kind).toBe('unknown')
  })

  it('may spell their members as they like, and lose the zero of the currency', async () => {
    const { OrderID: _, ...rest } = whole
    const spelt = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name.toUpperCase(), value]))
    const { provider } = shop({ ...spelt, orderId: 2_350_301, ORDERSTATUS: 2, CURRENCY: 51 })
    expect(done(await provider.find(session))).toMatchObject({ facts: [taken], references: ['P1'] })
  })

  it('of another order, session or currency show as such', async () => {
    const of = async (details: object) => done(await told({ OrderStatus: 2, ...details }))
    expect((await of({ OrderID: '9' })).references).toEqual(['P1', '9'])
    expect((await of({ Opaque: 'other' })).references).toEqual(['P1', 'other'])
    expect((await of({ Currency: '978' })).facts).toEqual([{ ...taken, currency: 'EUR' }])
  })

  it.each([
    ['void after we saw it captured', { OrderStatus: 3 }, [taken, back(10_000)]],
    [
      'refunded, where the deposited sum falls with it',
      { OrderStatus: 4, DepositedAmount: 70, RefundedAmount: 30 },
      [taken, back(3_000)],
    ],
  ])('are read with what we know when it was %s', async (_what, details, facts) => {
    expect(done(await told(details, { captured: 10_000 })).facts).toEqual(facts)
  })
})

describe('what a browser brings back from Ameriabank', () => {
  const opaque = '0123456789abcdefghjkmnpqrs0123456789abc'
  const got = (query: string): RawReport => ({
    ...arriving('', {}),
    method: 'GET',
    url: `https://gateway.example/webhooks/ameriabank/con_1?${query}`,
  })

  it.each([
    `orderID=7&resposneCode=00&paymentID=P1&opaque=${opaque}`,
    `orderID=7&responseCode=00&paymentID=P1&opaque=${opaque}`,
    `OrderId=7&respcode=00&paymentid=P1&Opaque=${opaque}`,
  ])('is a reason to ask and nothing else, spelt %s', async (query) => {
    const hint = { kind: 'hint', named: { sessionId: `ps_${opaque}`, reference: 'P1' } }
    expect(await ameriabank(plain).read(got(query), 0)).toEqual(hint)
    expect(await ameriabank(plain).read(arriving(query, {}), 0)).toEqual(hint)
  })

  it.each(['', 'paymentID=P1', `opaque=${opaque}`, 'paymentID=P1&opaque=../x'])(
    'is nothing when it reads %j',
    async (query) => {
      expect((await ameriabank(plain).read(got(query), 0)).kind).toBe('ignored')
    },
  )
})
