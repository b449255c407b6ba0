// Idram's dialect, fact by fact: the form, the question, the confirmation and its checksum, and replies that move money.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { idram, idramEntry } from '../../../src/providers/idram.ts'
import { checkConnection } from '../../../src/providers/index.ts'
import { done } from '../../providers/contract.ts'
import { anOrder, arriving } from '../../providers/order.ts'

const account = '100000114'
const secretKey = 'idram-test-secret'
const adapter = idram({ account, secretKeys: [secretKey] })

const vector = {
  EDP_BILL_NO: '1806',
  EDP_REC_ACCOUNT: account,
  EDP_PAYER_ACCOUNT: '100000202',
  EDP_AMOUNT: '1900.00',
  EDP_TRANS_ID: '00000012345678',
  EDP_TRANS_DATE: '22/11/2026',
  EDP_CHECKSUM: 'ccabc8815d59da7aa61fba068877319b',
}
const question = {
  EDP_PRECHECK: 'YES',
  EDP_BILL_NO: '1806',
  EDP_REC_ACCOUNT: account,
  EDP_AMOUNT: '1900.00',
}

const posted = (fields: Record<string, string>) => arriving(new URLSearchParams(fields).toString(), {})
const read = (fields: Record<string, string>, by = adapter) => by.read(posted(fields), 0)

/** The vector with other fields, under a checksum that is right for them. */
function signed(change: Partial<typeof vector>): Record<string, string> {
  const said = { ...vector, ...change }
  const { EDP_REC_ACCOUNT: to, EDP_AMOUNT: amount, EDP_BILL_NO: bill, EDP_PAYER_ACCOUNT: from } = said
  const parts = [to, amount, secretKey, bill, from, said.EDP_TRANS_ID, said.EDP_TRANS_DATE]
  return { ...said, EDP_CHECKSUM: createHash('md5').update(parts.join(':')).digest('hex') }
}

describe("Idram's confirmation", () => {
  const means = {
    kind: 'reports',
    reports: [
      {
        id: '00000012345678',
        content: '100000114:1900.00:1806:100000202:00000012345678:22/11/2026',
        named: { sessionId: '1806', reference: '1806' },
        fact: { type: 'captured', amount: 190_000, currency: 'AMD', transaction: '00000012345678' },
        occurredAt: null,
      },
    ],
  }

  it('is believed under its checksum, in either case of letters', async () => {
    expect(await read(vector)).toEqual(means)
    expect(await read({ ...vector, EDP_CHECKSUM: vector.EDP_CHECKSUM.toUpperCase() })).toEqual(means)
  })

  it('is not changed by fields that the checksum does not cover', async () => {
    expect(await read({ ...vector, order_id: 'A-2', amount: '1.00' })).toEqual(means)
  })

  it.each(Object.keys(vector))('is forged when %s is another one, or is missing', async (name) => {
    const value = vector[name as keyof typeof vector]
    expect(
      (await read({ ...vector, [name]: value.replace(/\d/, (digit) => String(9 - Number(digit))) })).kind,
    ).toBe('forged')
    const { [name]: _gone, ...rest } = vector as Record<string, string>
    expect((await read(rest)).kind).toBe('forged')
  })

  it('is forged when a field comes twice, since two readers could take two values', async () => {
    const body = `EDP_AMOUNT=1.00&${new URLSearchParams(vector)}`
    expect((await adapter.read(arriving(body, {}), 0)).kind).toBe('forged')
  })

  it('is forged under no key, an empty key, and as anything but a post', async () => {
    expect((await read(vector, idram({ account, secretKeys: [] }))).kind).toBe('forged')
    const empty = createHash('md5').update('100000114:1900.00::1806:100000202:00000012345678:22/11/2026')
    const forged = { ...vector, EDP_CHECKSUM: empty.digest('hex') }
    expect((await read(forged, idram({ account, secretKeys: [''] }))).kind).toBe('forged')
    expect((await adapter.read({ ...posted(vector), method: 'GET' }, 0)).kind).toBe('forged')
  })

  it.each([
    ['1900', 190_000],
    ['1900.5', 190_050],
    ['1900.000', 190_000],
    ['1900.001', null],
    ['1 900.00', null],
    ['-1900.00', null],
    ['1900,00', null],
    ['', null],
  ])('of %j is one of %j minor units: what cannot be read is never taken for equal', async (said, amount) => {
    expect(await read(signed({ EDP_AMOUNT: said }))).toMatchObject({ reports: [{ fact: { amount } }] })
  })

  it('of money that went to another account tells no amount, so that it is a mismatch', async () => {
    const heard = await read(signed({ EDP_REC_ACCOUNT: '100000999' }))
    expect(heard).toMatchObject({ kind: 'reports', reports: [{ fact: { amount: null } }] })
  })

  it('of no transaction is forged: money without a name could be counted twice', async () => {
    expect((await read(signed({ EDP_TRANS_ID: '' }))).kind).toBe('forged')
  })
})

describe("Idram's question", () => {
  it('is passed on with what it asks, and proves nothing', async () => {
    expect(await read(question)).toEqual({
      kind: 'question',
      question: { named: { sessionId: '1806', reference: '1806' }, amount: 190_000, currency: 'AMD' },
    })
    // Whoever adds a checksum to it still only asks.
    expect((await read({ ...question, ...vector })).kind).toBe('question')
  })

  it.each([
    ['about another account', { ...question, EDP_REC_ACCOUNT: '100000999' }],
    ['about no amount', { ...question, EDP_AMOUNT: '19OO' }],
    ['without a bill', { EDP_PRECHECK: 'YES', EDP_REC_ACCOUNT: account, EDP_AMOUNT: '1900.00' }],
  ])('%s is not even asked, and not answered OK', async (_, fields) => {
    const heard = await read(fields)
    expect(heard.kind).toBe('forged')
    expect(adapter.reply(heard, { kind: 'refused' })).toMatchObject({ status: 400, body: 'REFUSED' })
  })

  it('gets no yes where the confirmation of its money could not be verified', async () => {
    expect((await read(question, idram({ account, secretKeys: [''] }))).kind).toBe('forged')
  })
})

describe('the reply to Idram', () => {
  const to = { kind: 'ignored', type: 'any' } as const
  it.each([
    ['a yes', { kind: 'yes' }, 200, 'OK'],
    ['a no', { kind: 'no' }, 200, 'NO'],
    ['what is kept, also when it is repeated', { kind: 'kept' }, 200, 'OK'],
    [
      'money that we will not have, which makes Idram cancel it',
      { kind: 'kept', unwanted: true },
      200,
      'CANCEL',
    ],
    ['a wrong checksum, which must cancel nobody’s money', { kind: 'refused' }, 400, 'REFUSED'],
    ['what could not be kept, so that the money stays', { kind: 'not_kept' }, 503, 'LATER'],
  ] as const)('is the exact one for %s', (_, verdict, status, body) => {
    expect(adapter.reply(to, verdict)).toEqual({ status, body, contentType: 'text/plain' })
  })
})

describe("Idram's form", () => {
  it('says what the bill is, under our session’s id, and holds no secret', async () => {
    const order = anOrder({ amount: 190_000, locale: 'ru-RU', description: 'Two lamps' })
    const { checkout, references } = done(await adapter.open(order))
    expect(references).toEqual([order.sessionId])
    expect(checkout).toEqual({
      kind: 'form',
      action: 'https://banking.idram.am/Payment/GetPayment',
      fields: {
        ...{ EDP_LANGUAGE: 'RU', EDP_REC_ACCOUNT: account, EDP_DESCRIPTION: 'Two lamps' },
        ...{ EDP_AMOUNT: '1900.00', EDP_BILL_NO: order.sessionId },
      },
    })
    expect(JSON.stringify(checkout)).not.toContain(secretKey)
  })

  it.each([
    ['en-GB', 'EN'],
    ['hy', 'AM'],
    ['fr', 'AM'],
    [undefined, 'AM'],
  ])('in the locale %s is in %s', async (locale, language) => {
    const { checkout } = done(await adapter.open(anOrder(locale === undefined ? {} : { locale })))
    expect(checkout).toMatchObject({ fields: { EDP_LANGUAGE: language } })
  })

  it('goes to a simulator, and carries the address for alerts, where the settings say so', async () => {
    const settings = { api_base: 'http://127.0.0.1:4010/', alert_email: 'till@shop.example' }
    const connection = { id: 'con_1', provider: 'idram', livemode: false, settings }
    const provider = idramEntry.make(
      { ...connection, credentials: { account, secret_key: secretKey } },
      { fetch, self: fetch, origin: 'https://gateway.example' },
    )
    expect(done(await provider.open(anOrder())).checkout).toMatchObject({
      action: 'http://127.0.0.1:4010/Payment/GetPayment',
      fields: { EDP_EMAIL: 'till@shop.example' },
    })
  })
})

describe('what Idram cannot do', () => {
  it('is any currency but AMD', () => {
    expect(adapter.objection({ amount: 100, currency: 'AMD' })).toBe(null)
    expect(adapter.objection({ amount: 100, currency: 'USD' })).toBe('Idram takes AMD only.')
  })

  it('is refused without asking anybody: no refund, no end, no status', async () => {
    const session = {
      ...{ sessionId: 'ps_1', orderId: 'A-1', references: ['ps_1'] },
      amount: 1,
      currency: 'AMD',
    }
    const known = { ...session, expiresAt: 0, calls: 1, captured: 0, refunded: 0 }
    for (const action of [
      { type: 'refund', amount: 1 },
      { type: 'cancel' },
      { type: 'capture', amount: 1 },
    ] as const)
      expect(await adapter.act(action, known, 'key-1')).toMatchObject({ kind: 'declined' })
    expect((await adapter.find(known)).kind).toBe('unknown')
  })
})

describe("Idram's credentials", () => {
  const check = (credentials: object) =>
    checkConnection({ provider: 'idram', livemode: true, credentials, settings: {} })

  it('are an account and a key, with the one being replaced beside it', () => {
    expect(check({ account, secret_key: 'a' }).kind).toBe('ok')
    expect(check({ account, secret_key: 'a', previous_secret_key: 'b' }).kind).toBe('ok')
  })

  it.each([
    [{ secret_key: 'a' }, '/credentials/account', 'Idram ID'],
    [{ account: 'shop@example.com', secret_key: 'hush' }, '/credentials/account', 'Idram ID'],
    [{ account }, '/credentials/secret_key', 'agreed with Idram'],
    [{ account, secret_key: '' }, '/credentials/secret_key', 'agreed with Idram'],
  ])('%j are refused, with where to find what is missing', (credentials, pointer, says) => {
    const checked = check(credentials)
    expect(checked).toMatchObject({ errors: [{ pointer, detail: expect.stringContaining(says) }] })
    expect(JSON.stringify(checked)).not.toContain('hush')
  })
})
