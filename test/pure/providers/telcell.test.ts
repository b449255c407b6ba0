// Telcell's dialect, fact by fact: its checksums with the documents' formulas, its statuses, its forms, its refusals.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkConnection } from '../../../src/providers/index.ts'
import { telcell, telcellEntry } from '../../../src/providers/telcell.ts'
import type { TelcellOptions } from '../../../src/providers/telcell-bills.ts'
import { naming } from '../../../src/providers/telcell-call.ts'
import { checksumOf, ourNameIn } from '../../../src/providers/telcell-dialect.ts'
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder, arriving } from '../../providers/order.ts'

const issuer = 'shop@example.test'
const shopKey = 'telcell-test-key'
const sessionId = 'ps_0123456789abcdefghjkmnpqrs0123456789abc'
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const base64 = (text: string) => Buffer.from(text).toString('base64')

function adapter(change: Partial<TelcellOptions> = {}) {
  const usual = { issuer, shopKeys: [shopKey], fetch: nobody, checkout: 'form', serverCalls: true } as const
  return telcell({ ...usual, formula: 'without_buyer', ...change })
}

/** Telcell answers every call with this; what it was sent is kept. */
function answering(...texts: string[]) {
  const sent: { url: string; form: Record<string, string> }[] = []
  const fetch = async (request: Request) => {
    const form = Object.fromEntries(new URLSearchParams(await request.text()))
    sent.push({ url: request.url, form })
    return new Response(texts[Math.min(sent.length, texts.length) - 1])
  }
  return { fetch, sent }
}

const vector = {
  ...{
    invoice: '900001',
    issuer_id: 'cGF5XzAxSFRFU1Q=',
    payment_id: '700001',
    currency: '51',
    sum: '200.00',
  },
  ...{ time: '2026-11-22 21:00:00', status: 'PAID', checksum: 'c3e2ecc8f5e2c5abe30d3b3f801fe07d' },
}
const withBuyer = { ...vector, buyer: '37491000000', checksum: 'b1a7f286b84216847a59f3b7b1015a44' }
const order = ['invoice', 'issuer_id', 'payment_id', 'currency', 'sum', 'time', 'status'] as const
const posted = (fields: Record<string, string>) => arriving(new URLSearchParams(fields).toString(), {})
const read = (fields: Record<string, string>, by = adapter()) => by.read(posted(fields), 0)

/** The vector with other fields, under a checksum that is right for them. */
function signed(change: Partial<typeof vector> = {}): Record<string, string> {
  const said = { ...vector, issuer_id: base64(sessionId), ...change }
  return { ...said, checksum: md5(shopKey + order.map((name) => said[name]).join('')) }
}

const givenBack = { type: 'refunded', amount: 20_000, currency: 'AMD', transaction: sessionId }

describe("Telcell's callback", () => {
  it('is believed under the formula of the contract, and no other one is tried', async () => {
    expect((await read(vector)).kind).toBe('reports')
    expect((await read(withBuyer, adapter({ formula: 'with_buyer' }))).kind).toBe('reports')
    expect((await read(withBuyer)).kind).toBe('forged')
    const bought = { ...withBuyer, checksum: vector.checksum }
    expect((await read(bought, adapter({ formula: 'with_buyer' }))).kind).toBe('forged')
  })

  it('tells the money of the session that our name holds, whether it comes in base64 or decoded', async () => {
    const means = {
      id: null,
      named: { sessionId, reference: sessionId, also: ['900001'] },
      fact: { type: 'captured', amount: 20_000, currency: 'AMD', transaction: sessionId },
      occurredAt: null,
    }
    expect(await read(signed())).toEqual({ kind: 'reports', reports: [means] })
    expect(await read(signed({ issuer_id: sessionId }))).toEqual({ kind: 'reports', reports: [means] })
  })

  it('names the call whose bill it is, in the same session', async () => {
    const heard = await read(signed({ issuer_id: base64(`${sessionId}-2`) }))
    expect(heard).toMatchObject({ reports: [{ named: { sessionId, reference: `${sessionId}-2` } }] })
  })

  it('may come in the address, as some have met it, and its checksum in capitals', async () => {
    const { checksum = '', ...said } = signed()
    const query = new URLSearchParams({ ...said, checksum: checksum.toUpperCase() })
    const url = `https://gateway.example/webhooks/telcell/con_1?${query}`
    expect((await adapter().read({ ...arriving('', {}), method: 'GET', url }, 0)).kind).toBe('reports')
  })

  it.each(order)('is forged when %s is another one', async (name) => {
    expect((await read({ ...signed(), [name]: '7' })).kind).toBe('forged')
  })

  it('is forged without a checksum, under no key, under an empty one, and with a field told twice', async () => {
    const { checksum: _gone, ...rest } = signed()
    expect((await read(rest)).kind).toBe('forged')
    expect((await read(signed(), adapter({ shopKeys: [] }))).kind).toBe('forged')
    const unkeyed = { ...vector, checksum: md5(order.map((name) => vector[name]).join('')) }
    expect((await read(unkeyed, adapter({ shopKeys: [''] }))).kind).toBe('forged')
    expect((await adapter().read(arriving(`sum=1.00&${new URLSearchParams(signed())}`, {}), 0)).kind).toBe(
      'forged',
    )
  })

  it('cannot move digits between its fields, though nothing stands between them', async () => {
    // The same text for the checksum, in which the sum took a digit of the currency.
    const moved = { ...signed(), currency: '5', sum: '1200.00' }
    expect(await read(moved)).toMatchObject({ reports: [{ fact: { amount: 120_000, currency: '5' } }] })
  })

  it.each([
    ['PAID', [{ type: 'captured', amount: 20_000, currency: 'AMD', transaction: sessionId }]],
    ['REJECTED', [{ type: 'failed', code: 'customer_canceled' }]],
    ['EXPIRED', [{ type: 'expired' }]],
    ['CANCELLED', [{ type: 'canceled' }, givenBack]],
    ['CANCELED', [{ type: 'canceled' }, givenBack]],
    ['CANCELLED FOR REPEAT', [{ type: 'canceled' }]],
  ])('of %s means %j', async (status, facts) => {
    const heard = await read(signed({ status }))
    expect(heard.kind === 'reports' && heard.reports.map(({ fact }) => fact)).toEqual(facts)
  })

  it('of NEW is no news, and of a word that nobody has foreseen is a reason to ask', async () => {
    expect(await read(signed({ status: 'NEW' }))).toEqual({ kind: 'ignored', type: 'NEW' })
    const named = { sessionId, reference: sessionId, also: ['900001'] }
    expect(await read(signed({ status: 'ON HOLD' }))).toEqual({ kind: 'hint', named })
  })

  it.each([
    ['200', 20_000],
    ['200.5', 20_050],
    ['200.001', null],
    ['', null],
  ])('of the sum %j tells %j minor units', async (sum, amount) => {
    expect(await read(signed({ sum }))).toMatchObject({ reports: [{ fact: { amount } }] })
  })

  it('is answered 200 OK when it is kept, and is asked for again when it is not', () => {
    const to = { kind: 'ignored', type: 'NEW' } as const
    expect(adapter().reply(to, { kind: 'kept' })).toEqual({
      status: 200,
      contentType: 'text/plain',
      body: 'OK',
    })
    expect(adapter().reply(to, { kind: 'refused' }).status).toBe(401)
    expect(adapter().reply(to, { kind: 'not_kept' }).status).toBe(503)
  })
})

describe("Telcell's server calls", () => {
  it('have the checksums of the documents', () => {
    const [invoice, id] = ['900001', 'cGF5XzAxSFRFU1Q=']
    expect(checksumOf(shopKey, issuer, invoice, id)).toBe('7e9705b16e84c0638cd458d42d157b7e')
    expect(checksumOf(shopKey, issuer, invoice, id, '50')).toBe('1ed1764e705b3991283777c6c0836a22')
    const account = { issuer, shopKeys: [shopKey], fetch: nobody }
    expect(naming(account, 'refund_bill', 'pay_01HTEST', { refund_sum: '50' }, invoice)).toEqual({
      ...{ 'refund_bill:issuer': issuer, invoice, issuer_id: id, refund_sum: '50' },
      checksum: '1ed1764e705b3991283777c6c0836a22',
    })
  })

  it.each([
    [['900001'], '900001'],
    [[], undefined],
    [['900001', '900002'], undefined],
  ])('name a bill that is given back in part by Telcell’s numbers %j as %s', async (numbers, invoice) => {
    const { fetch, sent } = answering('refund_payment_id=7')
    const wanted = anOrder()
    const session = { ...sessionOf(wanted, null), references: [wanted.sessionId, ...numbers] }
    done(await adapter({ fetch }).act({ type: 'refund', amount: 1_000 }, session, 'key-1'))
    expect(sent.map(({ form }) => form.invoice)).toEqual([invoice])
  })

  it('name a bill by our name alone where no invoice is known, with nothing in its place', () => {
    const account = { issuer, shopKeys: [shopKey], fetch: nobody }
    expect(naming(account, 'refund_bill', 'ps_1', { refund_sum: '50.00' })).toEqual({
      ...{ 'refund_bill:issuer': issuer, issuer_id: base64('ps_1'), refund_sum: '50.00' },
      checksum: md5(`${shopKey}${issuer}${base64('ps_1')}50.00`),
    })
  })

  it('make a bill for the customer’s phone number, with every value in its place in the checksum', async () => {
    const { fetch, sent } = answering('900001')
    const wanted = anOrder({ amount: 20_000, description: 'Lamp', customer: { phone: '+374 91 000-000' } })
    const opened = done(await adapter({ fetch, checkout: 'server' }).open(wanted))
    const [lamp, id] = [base64('Lamp'), base64(wanted.sessionId)]
    expect(sent[0]?.url).toBe('https://telcellmoney.am/invoices')
    expect(sent[0]?.form).toEqual({
      ...{ 'bill:issuer': issuer, buyer: '37491000000', currency: '51', sum: '200.00', description: lamp },
      ...{
        issuer_id: id,
        valid_days: '1',
        checksum: md5(`${shopKey}${issuer}3749100000051200.00${lamp}1${id}`),
      },
    })
    const back = encodeURIComponent(wanted.returnUrl)
    const url = `https://telcellmoney.am/payments/invoice/?invoice=900001&return_url=${back}`
    expect(opened).toMatchObject({ references: [wanted.sessionId, '900001'], checkout: { url } })
  })

  it.each([
    ['', undefined],
    ['12', { phone: '12' }],
  ])('are not made for the phone number %j', async (_, customer) => {
    const wanted = anOrder(customer === undefined ? {} : { customer })
    const outcome = await adapter({ checkout: 'server' }).open(wanted)
    expect(outcome).toMatchObject({ kind: 'declined', detail: expect.stringContaining('customer.phone') })
  })

  it.each([
    ['E0001', 'declined'],
    ['E0002', 'declined'],
    ['E0003', 'declined'],
    ['E0004', 'declined'],
    ['E0005 access denied', 'declined'],
    ['E0006', 'unknown'],
    ['E0007', 'declined'],
    ['E0008', 'declined'],
    ['E0009', 'unknown'],
    ['E0042', 'unknown'],
    ['ERROR', 'unknown'],
    ['', 'unknown'],
  ])('that are answered %j are %s', async (text, kind) => {
    const { fetch } = answering(text)
    const provider = adapter({ fetch, checkout: 'server' })
    const wanted = anOrder({ customer: { phone: '37491000000' } })
    expect((await provider.open(wanted)).kind).toBe(kind)
    const session = sessionOf(wanted, null)
    expect((await provider.act({ type: 'refund', amount: 1_000 }, session, 'key-1')).kind).toBe(kind)
  })

  it.each(['HELD', 'status', ''])(
    'leave a status of %j unknown: neither pending nor failed',
    async (status) => {
      const { fetch } = answering(`status=${status}\nsum=1250.00\ncurrency=51`)
      expect((await adapter({ fetch }).find(sessionOf(anOrder(), null))).kind).toBe('unknown')
    },
  )

  it('do not take the answer about another bill for ours', async () => {
    const { fetch } = answering(`status=PAID\nsum=1250.00\ncurrency=51\nissuer_id=${base64('ps_other')}`)
    expect((await adapter({ fetch }).find(sessionOf(anOrder(), null))).kind).toBe('unknown')
  })

  it('tell a bill that was canceled after it was paid as paid and given back', async () => {
    const { fetch } = answering(
      'status=CANCELLED\r\nsum=1250.00\r\ncurrency=51\r\npaid_time=2026-11-22 21:00:00\r\n',
    )
    const found = done(await adapter({ fetch }).find(sessionOf(anOrder(), null)))
    const money = { amount: 125_000, currency: 'AMD' }
    expect(found.facts).toMatchObject([
      { type: 'captured', ...money },
      { type: 'refunded', ...money },
    ])
  })

  it('are not made by a connection that may not make them', async () => {
    const provider = adapter({ serverCalls: false })
    const session = sessionOf(anOrder(), null)
    expect((await provider.find(session)).kind).toBe('unknown')
    expect((await provider.act({ type: 'cancel' }, session, 'key-1')).kind).toBe('declined')
    expect((await provider.tryCredentials()).kind).toBe('untestable')
    expect(provider.capabilities).toMatchObject({ statusCheck: false, refund: false, ends: 'at_limit' })
  })
})

describe("Telcell's form", () => {
  it('has the security code of its values as they are before they are posted, and no secret', async () => {
    const wanted = anOrder({ amount: 20_000, description: 'Lamp', locale: 'ru' })
    const { checkout, references, endsAt } = done(await adapter().open(wanted))
    const [lamp, id] = [base64('Lamp'), base64(wanted.sessionId)]
    expect([references, endsAt]).toEqual([[wanted.sessionId], null])
    expect(checkout).toEqual({
      kind: 'form',
      action: 'https://telcellmoney.am/invoices',
      fields: {
        ...{ action: 'PostInvoice', issuer, currency: '֏', price: '200.00', product: lamp, issuer_id: id },
        ...{ valid_days: '1', lang: 'ru', security_code: md5(`${shopKey}${issuer}֏200.00${lamp}${id}1`) },
      },
    })
    expect(JSON.stringify(checkout)).not.toContain(shopKey)
  })

  it('lives for its day where nobody can ask about its bill', async () => {
    const wanted = anOrder()
    const { endsAt } = done(await adapter({ serverCalls: false }).open(wanted))
    expect(endsAt).toBe(wanted.expiresAt + 86_400_000)
  })

  it('may still be posted a quarter of an hour after its time, and then nobody has it any more', async () => {
    const { fetch } = answering('E0007')
    const session = { ...sessionOf(anOrder(), null), expiresAt: 1_000_000 }
    const at = async (now: number) => done(await adapter({ fetch, now: () => now }).find(session)).payable
    expect([await at(1_000_000 + 15 * 60_000 - 1), await at(1_000_000 + 15 * 60_000)]).toEqual([true, false])
  })

  it('holds our name in letters that no address changes, and that are never another name’s base64', () => {
    expect(base64(sessionId)).toMatch(/^[A-Za-z0-9]+$/)
    expect(ourNameIn(base64(sessionId))).toBe(sessionId)
    expect(ourNameIn(sessionId)).toBe(sessionId)
    expect(ourNameIn('cGF5XzAxSFRFU1Q=')).toBe('cGF5XzAxSFRFU1Q=')
  })
})

describe("Telcell's connection", () => {
  const check = (credentials: object, settings: object = {}) =>
    checkConnection({ provider: 'telcell', livemode: true, credentials, settings })
  const whole = { issuer, shop_key: shopKey }

  it.each([
    [{ shop_key: 'hush' }, {}, '/credentials/issuer', 'contract'],
    [{ issuer, shop_key: '' }, {}, '/credentials/shop_key', 'with the contract'],
    [whole, { checkout: 'paper' }, '/settings/checkout', 'form'],
    [whole, { callback_formula: 'both' }, '/settings/callback_formula', 'WEB v1.2'],
    [whole, { checkout: 'server', server_calls: false }, '/settings/server_calls', 'server calls'],
  ])('%j with %j is refused, with where to find what is missing', (credentials, settings, pointer, says) => {
    const checked = check(credentials, settings)
    expect(checked).toMatchObject({ errors: [{ pointer, detail: expect.stringContaining(says) }] })
    expect(JSON.stringify(checked)).not.toContain('hush')
  })

  it.each([
    [{}, 'https://telcellmoney.am/invoices', 'without_buyer'],
    [{ test_endpoint: true }, 'https://telcellmoney.am/proto_test2/invoices', 'without_buyer'],
    [{ api_base: 'http://127.0.0.1:4010/' }, 'http://127.0.0.1:4010/invoices', 'without_buyer'],
    [{ checkout: 'server' }, 'https://telcellmoney.am/invoices', 'with_buyer'],
    [
      { checkout: 'server', callback_formula: 'without_buyer' },
      'https://telcellmoney.am/invoices',
      'without_buyer',
    ],
  ])('with the settings %j calls %s and expects callbacks %s', async (settings, url, formula) => {
    const { fetch, sent } = answering('E0007')
    expect(check(whole).kind).toBe('ok')
    const connection = { id: 'con_1', provider: 'telcell', livemode: false, credentials: whole, settings }
    const provider = telcellEntry.make(connection, { fetch, self: fetch, origin: 'https://gateway.example' })
    expect(await provider.tryCredentials()).toEqual({ kind: 'accepted' })
    expect(sent.map((one) => one.url)).toEqual([url])
    expect((await read(withBuyer, provider)).kind).toBe(formula === 'with_buyer' ? 'reports' : 'forged')
  })

  it('is for AMD only', () => {
    expect(adapter().objection({ amount: 100, currency: 'AMD' })).toBe(null)
    expect(adapter().objection({ amount: 100, currency: 'EUR' })).toBe('Telcell takes AMD only.')
  })
})
