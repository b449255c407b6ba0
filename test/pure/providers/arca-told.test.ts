// What an ArCa bank tells: every status that is documented, and the callbacks of banks that have them.
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Fact, RawReport } from '../../../src/domain/provider.ts'
import { arca } from '../../../src/providers/arca.ts'
import { orderNumberOf } from '../../../src/providers/arca-number.ts'
import published from '../../providers/bpc-signed.json' with { type: 'json' }
import { done, sessionOf } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { arcaSimulator, signed } from '../../simulators/arca.ts'
import { paymentId } from '../../support/payment-rig.ts'

const credentials = { username: 'shop-api', password: 'made-up-password' }
const base = 'http://bank.invalid/payment/rest'
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const plain = { ...credentials, base, callbackKeys: null, currencies: ['AMD'], fetch: nobody }

const amd = (amount: number | null) => ({ amount, currency: 'AMD' })
const held: Fact = { type: 'authorized', ...amd(10_000) }
const taken: Fact = { type: 'captured', ...amd(10_000) }
const back = (amount: number | null): Fact => ({ type: 'refunded', ...amd(amount) })
const sums = (depositedAmount: number, refundedAmount = 0) => ({
  paymentAmountInfo: { approvedAmount: 10_000, depositedAmount, refundedAmount },
})

describe('the bank’s status', () => {
  const session = { ...sessionOf(anOrder({ amount: 10_000 }), null), references: ['md-1'] }
  const told = async (status: object, known: object = {}) => {
    const answer = { errorCode: '0', amount: 10_000, currency: '051', ...status }
    const provider = arca({ ...plain, fetch: async () => Response.json(answer) })
    return provider.find({ ...session, ...known })
  }

  it.each([
    ['registered', { orderStatus: 0, actionCode: -100 }, [], true],
    ['tried in vain, with tries left', { orderStatus: 0, actionCode: 116 }, [], true],
    ['at the bank of the card', { orderStatus: '5' }, [], true],
    ['waiting', { orderStatus: 7 }, [], true],
    ['completed in part', { orderStatus: 8 }, [], true],
    ['held', { orderStatus: 1 }, [held], false],
    ['deposited', { orderStatus: 2 }, [taken], false],
    ['deposited, in text', { orderStatus: '2', amount: '10000', currency: 51 }, [taken], false],
    ['deposited in part', { orderStatus: 2, ...sums(8_000) }, [{ ...taken, amount: 8_000 }], false],
    ['deposited with refunds', { orderStatus: 2, ...sums(10_000, 100) }, [taken, back(100)], false],
    ['reversed', { orderStatus: 3 }, [{ type: 'canceled' }], false],
    ['refunded by sums', { orderStatus: 4, ...sums(10_000, 3_000) }, [taken, back(3_000)], false],
    [
      'refunded by a list',
      { orderStatus: 4, refunds: [{ amount: 1_000 }, { amount: '500' }] },
      [taken, back(1_500)],
      false,
    ],
    ['refunded, and no word of how much', { orderStatus: 4 }, [taken, back(null)], false],
    [
      'refunded by a list that cannot be read',
      { orderStatus: 4, refunds: [{ amount: 'x' }] },
      [taken, back(null)],
      false,
    ],
    ['declined', { orderStatus: 6, actionCode: 5 }, [{ type: 'failed', code: 'declined' }], false],
    [
      'declined for funds',
      { orderStatus: 6, actionCode: 116 },
      [{ type: 'failed', code: 'insufficient_funds' }],
      false,
    ],
    [
      'declined for its card',
      { orderStatus: 6, actionCode: '101' },
      [{ type: 'failed', code: 'expired_card' }],
      false,
    ],
    ['out of tries', { orderStatus: 6, actionCode: -2013 }, [{ type: 'failed', code: 'declined' }], false],
    ['out of time', { orderStatus: 6, actionCode: -2007 }, [{ type: 'expired' }], false],
    ['out of time, by its other number', { orderStatus: 6, actionCode: 1001 }, [{ type: 'expired' }], false],
  ])('%s is understood', async (_what, status, facts, payable) => {
    expect(done(await told(status))).toMatchObject({ facts, payable })
  })

  it.each([
    ['a processing timeout', { orderStatus: 6, actionCode: -1 }],
    ['a processing timeout elsewhere', { orderStatus: 6, actionCode: 151_018 }],
    ['a third one', { orderStatus: 6, actionCode: '151019' }],
    ['a processing timeout with tries left', { orderStatus: 0, actionCode: -1 }],
    ['a processing timeout at the bank of the card', { orderStatus: 5, actionCode: 151_018 }],
    ['a status that nobody has foreseen', { orderStatus: 9 }],
    ['no number', { orderStatus: 'paid' }],
    ['no status', {}],
    ['trouble there', { errorCode: 7 }],
    ['refused credentials', { errorCode: '5' }],
  ])('that is %s is unknown, and never failed', async (_what, status) => {
    expect((await told(status)).kind).toBe('unknown')
  })

  it('of an order that it does not know leaves the session as it is', async () => {
    expect(done(await told({ errorCode: '6' }))).toEqual({ facts: [], references: [], payable: true })
  })

  it.each([
    [
      'captured in part, where the bank tells no sums',
      { orderStatus: 2 },
      { captured: 8_000 },
      [{ ...taken, amount: 8_000 }],
    ],
    [
      'refunded, where it tells no sums and we know of some',
      { orderStatus: 4 },
      { captured: 10_000, refunded: 100 },
      [taken],
    ],
    ['reversed after we saw it captured', { orderStatus: 3 }, { captured: 10_000 }, [taken, back(10_000)]],
    [
      'refunded, where the deposited sum falls with it',
      { orderStatus: 4, ...sums(7_000, 3_000) },
      { captured: 10_000 },
      [taken, back(3_000)],
    ],
  ])('is read with what we know when it was %s', async (_what, status, known, facts) => {
    expect(done(await told(status, known)).facts).toEqual(facts)
  })

  it('names another order where it is of another one, and another currency as none', async () => {
    expect(done(await told({ orderStatus: 2, orderNumber: '10747' })).references).toEqual(['md-1', '10747'])
    expect(done(await told({ orderStatus: 2, currency: '392' })).facts).toEqual([
      { ...taken, currency: null },
    ])
  })
})

describe('a callback under the key of the bank itself', () => {
  const { public_key: pem, fields } = published
  const read = (callbackKeys: string[], change: Record<string, string> = {}) => {
    const body = new URLSearchParams({ ...fields, ...change }).toString()
    return arca({ ...plain, callbackKeys }).read(arriving(body, {}), 0)
  }

  it('verifies under the published key, in either case of its digits, and not when a field is another one', async () => {
    const fact = { type: 'captured', amount: 35_000_099, currency: 'AMD' }
    expect(await read([pem])).toMatchObject({ reports: [{ named: { reference: fields.mdOrder }, fact }] })
    expect((await read(['shared-key', pem])).kind).toBe('reports')
    expect((await read([pem], { checksum: fields.checksum.toLowerCase() })).kind).toBe('reports')
    for (const change of [{ amount: '935000099' }, { extra: '1' }, { checksum: '' }, { checksum: 'AB' }])
      expect((await read([pem], change)).kind).toBe('forged')
    expect((await read(['shared-key'])).kind).toBe('forged')
  })

  it.each(['sha512', 'sha256'] as const)('signed with %s is believed for SHA-512 alone', async (hash) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const { checksum: _, ...said } = fields
    const text = `amount;${said.amount};mdOrder;${said.mdOrder};operation;deposited;status;1;`
    const checksum = sign(hash, Buffer.from(text), privateKey).toString('hex').toUpperCase()
    const own = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect((await read([own], { checksum })).kind).toBe(hash === 'sha512' ? 'reports' : 'forged')
    expect((await read([pem], { checksum })).kind).toBe('forged')
  })

  it('is not believed under a code that anybody can make of that public key', async () => {
    const { checksum: _, ...said } = fields
    const form = signed(said, pem)
    expect((await read([pem], Object.fromEntries(form))).kind).toBe('forged')
  })
})

describe('a callback', () => {
  const key = 'bpc-test-key'
  const vector = {
    mdOrder: '3ff6962a-7dcc-4283-ab50-a6d7dd3386fe',
    ...{ amount: '123456', orderNumber: '10747', status: '1', operation: 'deposited' },
  }
  const checksum = '7D44D077683C58A8224B3B984BCC3F7F4BD0771EAD8B3842FE30BF22918848AF'
  const reader = (callbackKeys: string[] | null, currencies = ['AMD']) =>
    arca({ ...plain, callbackKeys, currencies })
  const posted = (fields: Record<string, string>) =>
    arriving(new URLSearchParams(fields).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    })
  const got = (fields: Record<string, string>): RawReport => ({
    ...arriving('', {}),
    method: 'GET',
    url: `https://gateway.example/webhooks/arca/con_1?${new URLSearchParams(fields)}`,
  })

  it.each([
    ['posted', posted],
    ['in the query of a GET', got],
  ])('%s verifies under the published layout of its checksum', async (_how, arrives) => {
    const read = (fields: Record<string, string>) => reader([key]).read(arrives(fields), 0)
    const statement = {
      id: null,
      content: `amount;123456;mdOrder;${vector.mdOrder};operation;deposited;orderNumber;10747;status;1;`,
      named: { reference: vector.mdOrder, also: ['10747'] },
      fact: { type: 'captured', amount: 123_456, currency: 'AMD' },
      occurredAt: null,
    }
    for (const more of [{}, { sign_alias: 'SHA-256 with HMAC' }, { checksum: checksum.toLowerCase() }])
      expect(await read({ ...vector, checksum, ...more })).toEqual({
        kind: 'reports',
        reports: [statement],
      })
    for (const wrong of [
      { amount: '123457' },
      { extra: '1' },
      { checksum: '' },
      { checksum: 'Ö'.repeat(64) },
    ])
      expect((await read({ ...vector, checksum, ...wrong })).kind).toBe('forged')
    expect((await read(vector)).kind).toBe('forged')
  })

  it('says the same whatever order its fields come in, and nothing when one comes twice', async () => {
    const shuffled = Object.fromEntries(Object.entries({ checksum, ...vector }).reverse())
    expect((await reader([key]).read(posted(shuffled), 0)).kind).toBe('reports')
    const form = `${new URLSearchParams({ ...vector, checksum })}&amount=1`
    expect((await reader([key]).read(arriving(form, {}), 0)).kind).toBe('forged')
  })

  const hear = async (change: Record<string, string>, currencies = ['AMD']) => {
    const { amount, ...rest } = { ...vector, ...change }
    const fields = signed({ ...rest, ...(amount !== '' && { amount }) }, key)
    return reader([key], currencies).read(posted(Object.fromEntries(fields)), 0)
  }

  it.each(['reversed', 'refunded', 'declinedByTimeout', 'declinedCardPresent', 'somethingNew'])(
    'of an order that was %s is a reason to ask, however well it is signed',
    async (operation) => {
      expect(await hear({ operation })).toMatchObject({ kind: 'hint', named: { reference: vector.mdOrder } })
    },
  )

  it.each([
    ['without an amount', { amount: '' }],
    ['with an amount that is none', { amount: '12.5' }],
    ['of an operation that failed', { status: '0' }],
  ])('%s is a reason to ask', async (_what, change) => {
    expect((await hear(change)).kind).toBe('hint')
  })

  it('is a reason to ask where its currency could be one of two', async () => {
    expect((await hear({}, ['AMD', 'USD'])).kind).toBe('hint')
  })

  it('of a hold is believed, and one about a stored card is none of ours', async () => {
    expect(await hear({ operation: 'approved' })).toMatchObject({
      reports: [{ fact: { type: 'authorized' } }],
    })
    expect(await hear({ operation: 'bindingCreated' })).toEqual({ kind: 'ignored', type: 'binding' })
  })

  it('that a bank does not sign is a reason to ask about the payment in its number', async () => {
    const orderNumber = orderNumberOf(`ps_${paymentId.slice(4)}0123456789abc`, 1)
    const heard = await reader(null).read(posted({ ...vector, orderNumber }), 0)
    const named = { reference: vector.mdOrder, paymentId, also: [orderNumber] }
    expect(heard).toEqual({ kind: 'hint', named })
    expect(await reader(null).read(posted({}), 0)).toEqual({ kind: 'ignored', type: 'unreadable' })
  })

  it('tells what was taken and what was held, where the bank sends more than what was registered', async () => {
    const more = { depositedAmount: '8000', approvedAmount: '10000' }
    expect(await hear(more)).toMatchObject({ reports: [{ fact: { ...taken, amount: 8_000 } }] })
    expect(await hear({ ...more, operation: 'approved' })).toMatchObject({ reports: [{ fact: held }] })
    expect((await hear({ depositedAmount: '80.5' })).kind).toBe('hint')
  })

  it('as the simulated bank sends it is understood', async () => {
    const simulator = arcaSimulator({ ...credentials, callbackKey: key })
    const order = anOrder({ amount: 10_000 })
    const { references } = done(await arca({ ...plain, fetch: through(simulator) }).open(order))
    simulator.pay(references[0])
    const [sent] = simulator.sent
    const heard = await reader([key]).read(arriving(sent?.body ?? '', sent?.headers ?? {}), 0)
    expect(heard).toMatchObject({
      reports: [{ named: { reference: references[0] }, fact: taken }],
    })
  })
})
