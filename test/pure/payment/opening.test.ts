import { describe, expect, it } from 'vitest'
import { OPEN_LEASE_MS } from '../../../src/payment/opening.ts'
import { load } from '../../../src/payment/storage.ts'
import {
  answered,
  aRig,
  bodyOf,
  checksTheBooksAfterEachTest,
  declined,
  HOUR,
  lost,
  MINUTE,
  OTHER_CONNECTION,
} from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

describe('opening a session', () => {
  it('writes the intention before the provider is called, and the answer behind it', () => {
    const rig = aRig()
    const begun = rig.begin()
    expect(begun).toMatchObject({ kind: 'call', order: { amount: 1_000, currency: 'AMD', call: 1 } })
    expect([rig.types, rig.session().state]).toEqual([['payment.created', 'session.opening'], 'opening'])
    const finished = rig.finish(begun)
    expect(bodyOf(finished)).toMatchObject({
      ...{ http: 201, status: 'open', provider_reference: 'ref-1', attempt: 1 },
      checkout_url: `https://pay.example/pay/${rig.session().id}`,
      client_secret: expect.stringMatching(/^[0-9a-z]{50}$/),
    })
    expect(rig.events).toEqual(['payment.created', 'payment.pending'])
  })

  it('gives the provider the order, and none of what the merchant keeps with it', () => {
    const begun = aRig().begin({ metadata: { margin: 'secret' }, customer: { email: 'ani@example.am' } })
    if (begun.kind !== 'call') throw new Error(begun.kind)
    expect(begun.order).toMatchObject({
      orderId: 'A-1',
      amount: 1_000,
      customer: { email: 'ani@example.am' },
    })
    expect(JSON.stringify(begun.order)).not.toContain('margin')
  })

  it('writes nothing at all where it refuses the first request for an order', () => {
    const rig = aRig()
    expect(rig.begin({ money: null })).toMatchObject({ refusal: { code: 'validation_failed' } })
    expect([rig.storage.rows, load(rig.storage)]).toEqual([0, null])
  })

  it('ends the session earlier where the provider does', () => {
    const rig = aRig()
    const endsAt = rig.now + 10 * MINUTE
    const done = answered('ref-1')
    if (done.kind === 'done') done.value.endsAt = endsAt
    rig.finish(rig.begin(), done)
    expect([rig.session().expiresAt, rig.asks()?.at]).toEqual([endsAt, endsAt])
  })

  it('costs three writes of the journal and no more', () => {
    const rig = aRig()
    rig.open()
    expect(rig.storage.rows).toBe(3)
  })
})

describe('an idempotency key', () => {
  it('is answered with the first answer, to the letter, whatever happened since', () => {
    const rig = aRig()
    const first = rig.finish(rig.begin())
    rig.hear()
    rig.now += 20 * HOUR
    expect(rig.begin()).toEqual({ ...first, replayed: true })
  })

  it('is refused for another request, even while the first one runs', () => {
    const rig = aRig()
    const begun = rig.begin()
    const other = { money: { amount: 2_000, currency: 'AMD' } }
    expect(rig.begin(other)).toMatchObject({ refusal: { code: 'idempotency_key_reused' } })
    rig.finish(begun)
    rig.hear()
    // Reuse is judged before anything else, also before "paid".
    expect(rig.begin(other)).toMatchObject({ refusal: { code: 'idempotency_key_reused' } })
  })

  it('waits while its first use is at the provider, and so does every other key', () => {
    const rig = aRig()
    const begun = rig.begin()
    expect(rig.begin()).toEqual({ kind: 'wait' })
    expect(rig.begin({ key: 'k2' })).toEqual({ kind: 'wait' })
    const rows = rig.storage.rows
    for (let i = 0; i < 50; i++) rig.begin()
    expect(rig.storage.rows).toBe(rows)
    rig.finish(begun)
    expect(rig.begin()).toMatchObject({ kind: 'answer', replayed: true })
    expect(bodyOf(rig.begin({ key: 'k2' }))).toMatchObject({ http: 200, id: rig.session().id })
  })

  it('that reused the open session is answered the same again after the session is paid', () => {
    const rig = aRig()
    rig.open()
    const reused = rig.begin({ key: 'k2' })
    expect(reused).toMatchObject({ kind: 'answer', replayed: false })
    rig.hear()
    expect(rig.begin({ key: 'k2' })).toEqual({ ...reused, replayed: true })
    expect(rig.begin({ key: 'k3' })).toMatchObject({ refusal: { code: 'order_already_paid' } })
  })

  it('is not kept by a refusal, so that the same key may try again', () => {
    const rig = aRig()
    rig.open()
    const asked = { key: 'k2', money: { amount: 5, currency: 'AMD' } }
    expect(rig.begin(asked)).toMatchObject({ refusal: { code: 'order_locked' } })
    expect(rig.begin({ key: 'k2' })).toMatchObject({ kind: 'answer', replayed: false })
  })

  it('keeps the final refusal of a provider; another key makes a new attempt', () => {
    const rig = aRig()
    const refused = rig.finish(rig.begin(), declined)
    expect(refused).toMatchObject({
      answer: {
        kind: 'refusal',
        refusal: { code: 'provider_declined', extra: { decline_code: 'bad_credentials' } },
      },
    })
    expect(rig.begin()).toEqual({ ...refused, replayed: true })
    expect([rig.status, rig.types.at(-1)]).toEqual(['failed', 'session.declined'])
    rig.finish(rig.begin({ key: 'k2' }), answered('ref-2'), { key: 'k2' })
    expect(rig.session()).toMatchObject({ attempt: 2, state: 'open' })
  })
})

describe("a provider's silence", () => {
  it('leaves the session opening, and any key goes on with the same session', () => {
    const rig = aRig()
    const first = rig.begin()
    expect(rig.finish(first, lost)).toEqual({ kind: 'unanswered' })
    const again = rig.begin({ key: 'k2' })
    expect(again).toMatchObject({ kind: 'call', order: { sessionId: rig.session().id, call: 2 } })
    rig.finish(again, answered('ref-1'), { key: 'k2' })
    expect(rig.payment.sessions).toHaveLength(1)
    // The key that got no answer is a first use still: it now meets the open session.
    expect(bodyOf(rig.begin())).toMatchObject({ http: 200, status: 'open' })
  })

  it('keeps both references where a second checkout had to be made', () => {
    const rig = aRig()
    rig.finish(rig.begin(), lost)
    rig.finish(rig.begin(), answered('ref-second'))
    expect(rig.hear({ reference: 'ref-first' })).toBe('applied')
    expect(rig.session().references).toEqual(['ref-second', 'ref-first'])
  })

  it('is overtaken by a report of the capture: the session is completed, not open', () => {
    const rig = aRig()
    const begun = rig.begin()
    expect(rig.hear({ reference: 'ref-1' })).toBe('applied')
    expect(bodyOf(rig.finish(begun))).toMatchObject({ http: 201, status: 'completed' })
    expect([rig.status, rig.session().captured, rig.asks()]).toEqual(['paid', 1_000, undefined])
    expect(rig.events.filter((type) => type === 'payment.paid')).toHaveLength(1)
  })

  it('does not undo a capture that overtook the refusal to open', () => {
    const rig = aRig()
    const begun = rig.begin()
    rig.hear({ reference: 'ref-1' })
    rig.finish(begun, declined)
    expect(rig.status).toBe('paid')
  })
})

describe('the lease of an opening', () => {
  it('lets only its holder write: who wakes up late is told to ask again', () => {
    const rig = aRig()
    const late = rig.begin()
    rig.now += OPEN_LEASE_MS
    const holder = rig.begin({ key: 'k2' })
    expect(holder).toMatchObject({ kind: 'call', order: { sessionId: rig.session().id } })
    expect(rig.finish(late, declined)).toEqual({ kind: 'again' })
    expect(rig.session().state).toBe('opening')
    expect(bodyOf(rig.finish(holder, answered('ref-1'), { key: 'k2' }))).toMatchObject({ status: 'open' })
    expect(rig.finish(late, answered('ref-9'))).toEqual({ kind: 'again' })
    expect(rig.session().references).toEqual(['ref-1'])
  })

  it('still lets its holder write when it ran out and nobody took it', () => {
    const rig = aRig()
    const begun = rig.begin()
    rig.now += 2 * OPEN_LEASE_MS
    expect(rig.finish(begun)).toMatchObject({ kind: 'answer' })
  })

  it('is written to once: a second answer of the same call changes nothing', () => {
    const rig = aRig()
    const begun = rig.begin()
    rig.finish(begun)
    expect(rig.finish(begun, declined)).toEqual({ kind: 'again' })
    expect(rig.session().state).toBe('open')
  })
})

describe('the same order under another key', () => {
  it.each([
    ['amount', { money: { amount: 1_001, currency: 'AMD' } }],
    ['currency', { money: { amount: 1_000, currency: 'USD' } }],
    ['capture method', { captureMethod: 'manual' as const }],
    ['connection', { connectionId: OTHER_CONNECTION }],
  ])('is locked by the open session when it has another %s', (_, other) => {
    const rig = aRig()
    rig.open()
    expect(rig.begin({ key: 'k2', ...other })).toMatchObject({ refusal: { code: 'order_locked' } })
    expect(rig.payment.sessions).toHaveLength(1)
  })

  it('gets a browser the open session only with the token or its client secret', () => {
    const rig = aRig()
    const id = rig.open({ by: 'publishable', proven: true })
    const browser = { by: 'publishable', proven: false, key: 'k2' } as const
    expect(rig.begin(browser)).toMatchObject({ refusal: { code: 'order_locked' } })
    expect(rig.begin({ ...browser, clientSecret: 'guess' })).toMatchObject({ kind: 'refused' })
    const { clientSecret } = rig.stored.side.sessions[id]!
    expect(bodyOf(rig.begin({ ...browser, clientSecret }))).toMatchObject({ http: 200, id })
  })

  it('does not let the client secret of an ended session speak for the next one', () => {
    const rig = aRig()
    const first = rig.open()
    const { clientSecret } = rig.stored.side.sessions[first]!
    rig.hear({ type: 'failed' })
    rig.open({ key: 'k2' })
    const browser = { by: 'publishable', proven: false, key: 'k3', clientSecret } as const
    expect(rig.begin(browser)).toMatchObject({ refusal: { code: 'order_locked' } })
  })

  it('makes a new attempt after each kind of end', () => {
    const rig = aRig()
    for (const [index, type] of (['failed', 'canceled', 'expired'] as const).entries()) {
      rig.open({ key: `k${index}` })
      rig.hear({ type })
      expect(rig.status).toBe(type)
    }
    rig.open({ key: 'last' })
    expect([rig.session().attempt, rig.status]).toEqual([4, 'pending'])
  })

  it('first checks at the provider when the open session is past its time', () => {
    const rig = aRig()
    const id = rig.open()
    rig.now += HOUR
    expect(rig.begin({ key: 'k2' })).toEqual({ kind: 'check_first', sessionId: id })
  })

  it('as a new attempt first ends the open session at the provider', () => {
    const rig = aRig()
    const id = rig.open()
    expect(rig.begin({ key: 'k2', newAttempt: true })).toEqual({ kind: 'end_first', sessionId: id })
  })

  it('counts attempts from browsers only', () => {
    const rig = aRig()
    rig.maxAttempts = 2
    const browser = { by: 'publishable', proven: true } as const
    for (const key of ['k1', 'k2']) {
      rig.open({ ...browser, key })
      rig.hear({ type: 'failed' })
    }
    expect(rig.begin({ ...browser, key: 'k3' })).toMatchObject({ refusal: { code: 'too_many_attempts' } })
    expect(rig.begin({ key: 'k4' })).toMatchObject({ kind: 'call' })
  })

  it('is refused with an older token than the newest that opened something', () => {
    const rig = aRig()
    rig.open({ by: 'publishable', proven: true, tokenIssuedAt: 2_000 })
    const older = { by: 'publishable', proven: true, key: 'k2', tokenIssuedAt: 1_999 } as const
    expect(rig.begin(older)).toMatchObject({ refusal: { code: 'order_token_superseded' } })
    expect(rig.begin({ ...older, tokenIssuedAt: 2_000 })).toMatchObject({ kind: 'answer' })
  })
})

describe('what the object keeps beside the journal', () => {
  it.each([
    ['the checkout is there', answered('ref-1')],
    ['the provider refused', declined],
  ])('holds the customer’s data no longer once %s', (_, outcome) => {
    const rig = aRig()
    const begun = rig.begin({ customer: { email: 'ani@example.am' } })
    expect(JSON.stringify(rig.stored.side)).toContain('ani@example.am')
    rig.finish(begun, outcome)
    expect(JSON.stringify(rig.stored)).not.toContain('ani@example.am')
  })

  it('holds them no longer either once a checkout that was never answered is over', () => {
    const rig = aRig()
    rig.finish(rig.begin({ customer: { email: 'ani@example.am' } }), lost)
    expect(JSON.stringify(rig.stored.side)).toContain('ani@example.am')
    rig.now += HOUR
    rig.learn({ payable: false })
    expect(rig.session().state).toBe('expired')
    expect(JSON.stringify(rig.stored)).not.toContain('ani@example.am')
  })

  it('never enters the journal: no secret, no provider’s address, no customer', () => {
    const rig = aRig()
    rig.open({ customer: { email: 'ani@example.am' } })
    rig.hear()
    expect(JSON.stringify(rig.journal)).not.toMatch(/ani@example|bank\.example|client_secret/)
  })
})
