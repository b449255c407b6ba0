import { describe, expect, it } from 'vitest'
import type { OrderTerms } from '../../../src/domain/payment.ts'
import { answered as answeredCommand } from '../../../src/payment/answering.ts'
import { ask } from '../../../src/payment/hearing.ts'
import { showPayment, showReduced, showSession, wayOf } from '../../../src/payment/reading.ts'
import { register } from '../../../src/payment/registering.ts'
import {
  aRig,
  CONNECTION,
  checksTheBooksAfterEachTest,
  HOUR,
  MERCHANT,
  MINUTE,
  ORIGIN,
  OTHER_CONNECTION,
  paymentId,
  type Rig,
} from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const terms: OrderTerms = {
  ...{ amount: 1_000, currency: 'AMD', access: 'token', expiresAt: null, description: null },
  metadata: { cart: '7' },
}

function put(rig: Rig, change: Partial<OrderTerms> = {}, customer: { email: string } | null = null) {
  const of = { paymentId, merchantId: MERCHANT, livemode: false, orderId: 'A-1', actor: 'key_1' }
  return rig.step((book) => register(book, { ...of, terms: { ...terms, ...change }, customer }))
}

describe('registering an order', () => {
  it('creates the payment with its terms, and repeating it writes nothing', () => {
    const rig = aRig()
    expect(put(rig)).toMatchObject({ kind: 'registered', created: true })
    const { rows } = rig.storage
    rig.now += HOUR
    expect(put(rig)).toMatchObject({ kind: 'registered', created: false, registeredAt: rig.now - HOUR })
    expect([rig.storage.rows, rig.types, rig.status]).toEqual([
      rows,
      ['payment.created', 'order.registered'],
      'created',
    ])
  })

  it('binds every other source to its amount and currency', () => {
    const rig = aRig()
    put(rig)
    const asked = (amount: number, currency: string) => rig.begin({ money: { amount, currency } })
    expect(asked(1_001, 'AMD')).toMatchObject({ refusal: { code: 'amount_mismatch' } })
    expect(asked(1_000, 'USD')).toMatchObject({ refusal: { code: 'currency_mismatch' } })
    expect(rig.begin({ money: null })).toMatchObject({ kind: 'call', order: { amount: 1_000 } })
  })

  it('gives the checkout its customer, who enters no journal', () => {
    const rig = aRig()
    put(rig, {}, { email: 'ani@example.am' })
    expect(rig.begin({ money: null })).toMatchObject({ order: { customer: { email: 'ani@example.am' } } })
    expect(JSON.stringify([rig.journal, rig.payment])).not.toContain('ani@example')
  })

  it('keeps who ordered for the next attempt, and holds nothing of it in any row once the order is paid', () => {
    const rig = aRig()
    const kept = () => JSON.stringify(rig.storage.exec('SELECT * FROM journal'))
    put(rig, {}, { email: 'ani@example.am' })
    rig.open({ money: null })
    rig.hear({ type: 'failed' })
    expect(kept().includes('ani@example.am')).toBe(true)
    rig.open({ key: 'k2', money: null })
    rig.hear()
    expect(rig.status).toBe('paid')
    expect(kept().includes('ani@example')).toBe(false)
  })

  it('may change the amount only while no session can be paid, and not once the order is paid', () => {
    const rig = aRig()
    put(rig)
    expect(put(rig, { amount: 2_000 })).toMatchObject({ created: false })
    rig.open({ money: null })
    expect(put(rig, { amount: 3_000 })).toMatchObject({ refusal: { code: 'order_locked' } })
    rig.hear({ type: 'failed' })
    expect(put(rig, { amount: 3_000 })).toMatchObject({ kind: 'registered' })
    rig.open({ key: 'k2', money: null })
    rig.hear()
    expect(put(rig, { amount: 4_000 })).toMatchObject({ refusal: { code: 'order_already_paid' } })
    expect(rig.payment.amount).toBe(3_000)
  })

  it('opens a bare order to browsers only where it says so, and not after its time', () => {
    const rig = aRig()
    const browser = { by: 'publishable', proven: false, money: null } as const
    put(rig)
    expect(rig.begin(browser)).toMatchObject({ refusal: { code: 'validation_failed' } })
    put(rig, { access: 'open', expiresAt: rig.now + MINUTE })
    expect(rig.begin(browser)).toMatchObject({ kind: 'call' })
    rig.now += HOUR
    expect(rig.begin({ ...browser, key: 'k2' })).toMatchObject({ refusal: { code: 'order_expired' } })
  })
})

describe('the answer of a command', () => {
  const command = (rig: Rig, sessionId: string | null, name = 'cancel 1') =>
    rig.step((book) =>
      answeredCommand(book, {
        ...{ command: 'cancel', sessionId, actor: 'key_1', origin: ORIGIN },
        key: { name, fingerprint: 'f' },
      }),
    )

  it('is kept under its key: the second caller gets what the first one got', () => {
    const rig = aRig()
    const id = rig.open()
    rig.hear({ type: 'canceled' })
    const first = command(rig, id)
    expect(first).toMatchObject({ kind: 'body', status: 200 })
    rig.hear()
    expect(command(rig, id)).toEqual(first)
    expect(rig.types.filter((type) => type === 'command.answered')).toHaveLength(1)
  })

  it('is 202 while the session is only ending', () => {
    const rig = aRig()
    const id = rig.open()
    rig.step((book) =>
      book.write([{ type: 'session.ending', data: { sessionId: id, why: 'asked' } }], 'key_1'),
    )
    expect(command(rig, id)).toMatchObject({ status: 202 })
  })

  it('tells the payment as it is with the answer itself in the journal', () => {
    const rig = aRig()
    rig.open()
    const answer = command(rig, null)
    if (answer?.kind !== 'body') throw new Error('no body')
    expect(JSON.parse(answer.json)).toMatchObject({ object: 'payment', version: rig.payment.version })
  })

  it('is none where nothing was ever opened', () => {
    const rig = aRig()
    expect([command(rig, null), rig.storage.rows]).toEqual([null, 0])
  })
})

describe('a provider’s question', () => {
  const question = (rig: Rig, change: Partial<Parameters<typeof ask>[2]> = {}, connection = CONNECTION) => {
    const named = { sessionId: rig.session().id, orderId: 'A-1', reference: 'ref-1' }
    return rig.step((book) => ask(book, connection, { named, amount: 1_000, currency: 'AMD', ...change }))
  }

  it('is answered yes for the current session and its exact money, and extends its time once', () => {
    const rig = aRig()
    rig.open()
    rig.now = rig.session().expiresAt - 1
    expect(question(rig)).toBe(true)
    expect(rig.session().expiresAt).toBe(rig.now + 15 * MINUTE)
    const { expiresAt } = rig.session()
    rig.now += 14 * MINUTE
    expect(question(rig)).toBe(true)
    expect(rig.session().expiresAt).toBe(expiresAt)
    expect(rig.types.filter((type) => type === 'session.extended')).toHaveLength(1)
  })

  it.each([
    ['another amount', { amount: 999 }],
    ['another currency', { currency: 'USD' }],
    ['another order', { named: { orderId: 'A-2', reference: 'ref-1' } }],
  ])('with %s is answered no, and writes nothing', (_, change) => {
    const rig = aRig()
    rig.open()
    const { rows } = rig.storage
    expect([question(rig, change), rig.storage.rows]).toEqual([false, rows])
  })

  it('is answered no through another connection, after the session’s time, in doubt, and once it is paid', () => {
    const rig = aRig()
    rig.open()
    expect(question(rig, {}, OTHER_CONNECTION)).toBe(false)
    rig.now = rig.session().expiresAt
    expect(question(rig)).toBe(false)
    rig.now -= 1
    rig.hear({ amount: 999 })
    expect(question(rig)).toBe(false)
    rig.hear({ id: 'right' })
    expect(question(rig)).toBe(false)
  })

  it('is answered no for an earlier session while another one is current', () => {
    const rig = aRig()
    const first = rig.open()
    rig.hear({ type: 'failed' })
    rig.open({ key: 'k2' })
    expect(question(rig, { named: { sessionId: first, reference: 'ref-1' } })).toBe(false)
    expect(question(rig, { named: { sessionId: rig.session().id, reference: 'ref-2' } })).toBe(true)
  })

  it('about an order that nobody opened is answered no', () => {
    const rig = aRig()
    const named = { orderId: 'A-1', reference: 'x' }
    expect(rig.step((book) => ask(book, CONNECTION, { named, amount: 1, currency: 'AMD' }))).toBe(false)
    expect(rig.storage.rows).toBe(0)
  })
})

describe('what the object shows', () => {
  it('is nothing to another merchant, the other mode, or who does not know the whole session id', () => {
    const rig = aRig()
    const id = rig.open()
    const { stored } = rig
    const mine = { merchantId: MERCHANT, livemode: false }
    const others = [
      { merchantId: 'mer_other', livemode: false },
      { merchantId: MERCHANT, livemode: true },
    ]
    for (const scope of others) {
      expect(showPayment(stored, scope)).toBeNull()
      expect(showSession(stored, scope, id, ORIGIN)).toBeNull()
      expect(showReduced(stored, scope, id, stored.side.sessions[id]!.clientSecret)).toBeNull()
    }
    const guessed = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`
    expect([showSession(stored, mine, guessed, ORIGIN), wayOf(stored, guessed)]).toEqual([null, null])
    expect(showPayment(stored, mine)).toContain(id)
  })

  it('to a customer is the reduced view, for the session’s own client secret only', () => {
    const rig = aRig()
    const id = rig.open()
    const { stored } = rig
    const { clientSecret } = stored.side.sessions[id]!
    for (const secret of ['', 'x', clientSecret.slice(1), `${clientSecret}0`])
      expect(showReduced(stored, null, id, secret)).toBeNull()
    const shown = JSON.parse(showReduced(stored, null, id, clientSecret)!.json)
    expect(Object.keys(shown).toSorted()).toEqual([
      ...['amount', 'currency', 'expires_at', 'id', 'livemode', 'order_id', 'payment_status', 'status'],
    ])
  })
})
