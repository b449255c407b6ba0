import { describe, expect, it } from 'vitest'
import { decideOpen, type OpenDecision } from '../../../src/domain/attempts.ts'
import type { Payment, Session } from '../../../src/domain/payment.ts'
import {
  anOrder,
  aPayment,
  aRequest,
  captured,
  MINUTE,
  NOW,
  OTHER_CONNECTION,
  of,
  PAYMENT,
  sessionId,
  usd,
  withSessions,
  written,
} from '../../support/a-payment.ts'

const MAX = 10
type Asked = Parameters<typeof aRequest>[0]
const decide = (payment: Payment | null, asked: Asked = {}): OpenDecision =>
  decideOpen(payment, aRequest(asked), sessionId(99), MAX, NOW)
/** The refusal's code, or what is to be done. */
const judged = (payment: Payment | null, asked: Asked = {}): string => {
  const decision = decide(payment, asked)
  return decision.kind === 'refuse' ? decision.refusal.code : decision.kind
}

const browser = { by: 'publishable', money: null, proven: false } as const
const withToken = { by: 'publishable', proven: true } as const
const withClientSecret = { by: 'publishable', money: null, proven: true } as const
const inDoubt = { doubt: 'report_mismatch', doubtSince: NOW }

describe('the first session of an order', () => {
  it('begins the payment with the amount that the back end gave', () => {
    const decision = decide(null, { money: usd(2_500), metadata: { cart: '7' }, tokenIssuedAt: 5_000 })
    if (decision.kind !== 'attempt') throw new Error(decision.kind)
    const payment = written(null, decision.entries)
    expect(decision.entries.map((entry) => entry.type)).toEqual(['payment.created', 'session.opening'])
    expect(payment).toMatchObject({ id: PAYMENT, orderId: 'A-1', ...usd(2_500), tokenIssuedAt: 5_000 })
    expect(of(payment, 1)).toMatchObject({
      ...{ id: sessionId(99), attempt: 1, state: 'opening', calls: 1, answers: 0, ...usd(2_500) },
      ...{ openedBy: 'secret', captureMethod: 'automatic', expiresAt: NOW + 30 * MINUTE },
      ...{ metadata: { cart: '7' }, references: [] },
    })
  })

  it('takes the registered amount when the caller names none', () => {
    const decision = decide(aPayment({ order: anOrder(usd(4_200)) }), { money: null })
    if (decision.kind !== 'attempt') throw new Error(decision.kind)
    expect(decision.entries).toMatchObject([{ type: 'session.opening', data: { session: usd(4_200) } }])
  })

  it.each([null, aPayment()])('is refused without an amount while no order is registered', (payment) => {
    expect(decide(payment, { money: null })).toMatchObject({
      kind: 'refuse',
      refusal: { code: 'validation_failed', errors: [{ pointer: '/amount' }] },
    })
  })
})

describe('a back end', () => {
  it('says the amount itself: that of an earlier session is not taken for it', () => {
    for (const session of [{}, { state: 'failed' }] as const)
      expect(decide(withSessions(session), { money: null })).toMatchObject({
        refusal: { code: 'validation_failed', errors: [{ pointer: '/amount' }] },
      })
    expect(judged(null, { money: null, proven: false })).toBe('validation_failed')
    expect(decide(null, { money: null, proven: false })).toMatchObject({
      refusal: { errors: [{ pointer: '/amount' }] },
    })
  })
})

describe('another attempt', () => {
  it.each<[Session['state']]>([['failed'], ['canceled'], ['expired']])(
    'follows one that %s, on the same payment',
    (state) => {
      const decision = decide(withSessions({ state }))
      if (decision.kind !== 'attempt') throw new Error(decision.kind)
      const payment = written(withSessions({ state }), decision.entries)
      expect(payment.sessions.map(({ attempt }) => attempt)).toEqual([1, 2])
      expect(payment.sessions[1]).toMatchObject({ id: sessionId(99), state: 'opening' })
    },
  )

  it('may be for another amount once no earlier session can be paid', () => {
    const decision = decide(withSessions({ state: 'failed' }), { money: usd(70) })
    if (decision.kind !== 'attempt') throw new Error(decision.kind)
    expect(written(withSessions({ state: 'failed' }), decision.entries)).toMatchObject(usd(70))
  })

  it.each<[string, string, Partial<Session>[]]>([
    ['the order is paid', 'order_already_paid', [captured()]],
    ['an older session settled it', 'order_already_paid', [captured(), { state: 'expired' }]],
    ['the last one holds money', 'order_locked', [{ state: 'authorized' }]],
    ['an older one holds money', 'order_locked', [{ state: 'authorized' }, { state: 'open' }]],
    ['the last one is ending', 'previous_attempt_in_doubt', [{ state: 'ending' }]],
    ['the last one is in doubt', 'previous_attempt_in_doubt', [{ state: 'open', ...inDoubt }]],
    ['an ended one is in doubt', 'previous_attempt_in_doubt', [{ state: 'expired', ...inDoubt }]],
    [
      'an older one is in doubt beside an open one',
      'previous_attempt_in_doubt',
      [{ state: 'expired', ...inDoubt }, { state: 'open' }],
    ],
  ])('is refused when %s: %s', (_why, code, sessions) => {
    expect(judged(withSessions(...sessions))).toBe(code)
    expect(judged(withSessions(...sessions), { newAttempt: true })).toBe(code)
    expect(judged(withSessions(...sessions), { ...withToken, newAttempt: true })).toBe(code)
  })

  it('says when asking again makes sense where only the provider can tell', () => {
    expect(decide(withSessions({ state: 'ending' }))).toMatchObject({
      refusal: { code: 'previous_attempt_in_doubt', retryAfterSeconds: expect.any(Number) },
    })
  })
})

describe('the session that is open already', () => {
  const open = withSessions({})

  it('is the answer for everybody who means the same', () => {
    expect(decide(open)).toEqual({ kind: 'reuse', session: of(open, 1) })
    expect(decide(open, withToken)).toEqual({ kind: 'reuse', session: of(open, 1) })
  })

  it.each<[string, Asked]>([
    ['another amount', { money: usd(999) }],
    ['another currency', { money: { amount: 1_000, currency: 'AMD' } }],
    ['another capture method', { captureMethod: 'manual' }],
    ['another connection', { connectionId: OTHER_CONNECTION }],
  ])('locks the order against %s', (_what, asked) => {
    expect(judged(open, asked)).toBe('order_locked')
    expect(judged(open, { ...withToken, ...asked })).toBe('order_locked')
  })

  it('is gone on with, through its own connection, by whoever named none', () => {
    const unnamed = { connectionId: OTHER_CONNECTION, connectionNamed: false }
    expect(judged(open, unnamed)).toBe('reuse')
    expect(judged(withSessions({ state: 'opening', references: [], answers: 0 }), unnamed)).toBe('continue')
    expect(judged(open, { ...unnamed, money: usd(999) })).toBe('order_locked')
  })

  it('is asked about first when its time is over, whatever is wanted next', () => {
    const overdue = withSessions({ expiresAt: NOW })
    expect(decide(overdue)).toEqual({ kind: 'check_first', session: of(overdue, 1) })
    expect(judged(overdue, { money: usd(70) })).toBe('check_first')
    expect(judged(overdue, { newAttempt: true })).toBe('check_first')
    expect(judged(withSessions({ expiresAt: NOW + 1 }))).toBe('reuse')
    expect(judged(withSessions({ expiresAt: NOW, ...inDoubt }))).toBe('previous_attempt_in_doubt')
    expect(judged(withSessions({ expiresAt: NOW, state: 'ending' }))).toBe('previous_attempt_in_doubt')
  })

  it('is ended first when a new attempt is asked for, be it for another amount', () => {
    expect(decide(open, { newAttempt: true })).toEqual({ kind: 'end_first', session: of(open, 1) })
    expect(judged(open, { newAttempt: true, money: usd(70) })).toBe('end_first')
    expect(judged(open, { ...withToken, newAttempt: true, connectionId: OTHER_CONNECTION })).toBe('end_first')
  })
})

describe('a session whose provider has not answered yet', () => {
  const opening = withSessions({ state: 'opening', references: [], answers: 0 })

  it.each<[string, Asked]>([
    ['the same key or another', {}],
    ['a browser with the token', withToken],
    ['somebody who wants a new attempt', { newAttempt: true }],
  ])('is gone on with by %s', (_who, asked) => {
    expect(decide(opening, asked)).toEqual({
      kind: 'continue',
      session: of(opening, 1),
      entries: [{ type: 'session.continued', data: { sessionId: sessionId(1) } }],
    })
  })

  it('is never gone on with at another amount than was asked for', () => {
    expect(judged(opening, { money: usd(70) })).toBe('order_locked')
    expect(judged(opening, { money: usd(70), newAttempt: true })).toBe('order_locked')
  })

  it('counts each call that was begun for it', () => {
    const decision = decide(opening)
    if (decision.kind !== 'continue') throw new Error(decision.kind)
    expect(of(written(opening, decision.entries), 1)).toMatchObject({ calls: 2, answers: 0 })
  })

  it('is gone on with by a browser without proof only where a browser began it', () => {
    const order = anOrder({ access: 'open' })
    const own = withSessions({ state: 'opening', references: [], answers: 0, openedBy: 'publishable' })
    expect(judged({ ...own, order }, browser)).toBe('continue')
    expect(judged({ ...opening, order }, browser)).toBe('order_locked')
    expect(judged({ ...own, order: anOrder() }, browser)).toBe('validation_failed')
  })
})

describe('a browser', () => {
  it('opens an order by its token, or by its name where the order is open to all', () => {
    expect(judged(null, withToken)).toBe('attempt')
    expect(judged(aPayment({ order: anOrder() }), withToken)).toBe('attempt')
    expect(judged(aPayment({ order: anOrder({ access: 'open' }) }), browser)).toBe('attempt')
  })

  it('is told the same words whether an order is closed to it or unknown', () => {
    const unknown = decide(null, browser)
    expect(unknown).toMatchObject({
      refusal: { code: 'validation_failed', errors: [{ pointer: '/order_token' }] },
    })
    expect(decide(aPayment({ order: anOrder() }), browser)).toEqual(unknown)
    expect(decide(aPayment(), browser)).toEqual(unknown)
    expect(decide(withSessions({ state: 'failed' }), browser)).toEqual(unknown)
  })

  it('gets neither the open session nor a new attempt without proof, even of a session that a browser began', () => {
    const open = { ...withSessions({ openedBy: 'publishable' }), order: anOrder({ access: 'open' }) }
    expect(judged(open, browser)).toBe('order_locked')
    expect(judged(open, { ...browser, newAttempt: true })).toBe('order_locked')
    expect(JSON.stringify(decide(open, browser))).not.toContain('ps_')
  })

  it('that brings the merchant’s own word of the amount needs no other proof', () => {
    expect(judged(null, { ...browser, money: usd(1_000) })).toBe('attempt')
    expect(judged(aPayment({ order: anOrder() }), { ...browser, money: usd(1_000) })).toBe('attempt')
  })

  it('with the open session’s client secret means the amount that the back end gave', () => {
    expect(judged(withSessions({ amount: 777 }), withClientSecret)).toBe('reuse')
    expect(judged(withSessions({ amount: 777 }), { ...withClientSecret, newAttempt: true })).toBe('end_first')
    const decision = decide(withSessions({ state: 'failed', amount: 777 }), withClientSecret)
    expect(decision).toMatchObject({ kind: 'attempt', entries: [{ data: { session: usd(777) } }] })
  })

  it('with proof and without an amount opens nothing where no session was opened before', () => {
    for (const payment of [null, aPayment()])
      expect(decide(payment, withClientSecret)).toMatchObject({
        refusal: { code: 'validation_failed', errors: [{ pointer: '/amount' }] },
      })
  })

  it('may try an order so many times and no more, while the back end still may', () => {
    const tries = (times: number) =>
      withSessions(
        ...Array.from({ length: times }, () => ({ state: 'failed', openedBy: 'publishable' }) as const),
      )
    expect(judged(tries(MAX - 1), withToken)).toBe('attempt')
    expect(judged(tries(MAX), withToken)).toBe('too_many_attempts')
    expect(judged(tries(MAX))).toBe('attempt')
  })

  it('is told of too many tries before its open session is ended, and still gets the open one', () => {
    const sessions = Array.from(
      { length: MAX - 1 },
      () => ({ state: 'failed', openedBy: 'publishable' }) as const,
    )
    const full = withSessions(...sessions, { state: 'open', openedBy: 'publishable' })
    expect(judged(full, { ...withToken, newAttempt: true })).toBe('too_many_attempts')
    expect(judged(full, withToken)).toBe('reuse')
  })

  it('does not use up its tries by sessions that the back end opened', () => {
    const sessions = Array.from({ length: MAX }, () => ({ state: 'failed' }) as const)
    expect(judged(withSessions(...sessions), withToken)).toBe('attempt')
  })
})

describe('an order that was tried far too often', () => {
  it('is refused for everybody, before it outgrows its object', () => {
    const sessions = Array.from({ length: 200 }, () => ({ state: 'failed' }) as const)
    expect(judged(withSessions(...sessions))).toBe('too_many_attempts')
    expect(judged(withSessions(...sessions.slice(1)))).toBe('attempt')
  })

  it('is refused when its metadata would outgrow the one row of its payment', () => {
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, 'x'.repeat(500)]))
    const sessions = Array.from({ length: 12 }, () => ({ state: 'failed', metadata }) as const)
    expect(judged(withSessions(...sessions))).toBe('too_many_attempts')
    expect(judged(withSessions(...sessions.slice(1)))).toBe('attempt')
    const withNote = (length: number) =>
      withSessions({ state: 'failed', metadata: { note: 'x'.repeat(length) } })
    const most = 300_000 - JSON.stringify([{ note: '' }]).length
    expect(judged(withNote(most))).toBe('attempt')
    expect(judged(withNote(most + 1))).toBe('too_many_attempts')
  })
})

describe('an order token', () => {
  const used = { ...withSessions({ state: 'failed' }), tokenIssuedAt: 5_000 }

  it('is superseded by a newer one that was used before', () => {
    expect(judged(used, { ...withToken, tokenIssuedAt: 4_999 })).toBe('order_token_superseded')
    expect(
      judged({ ...withSessions({}), tokenIssuedAt: 5_000 }, { ...withToken, tokenIssuedAt: 4_999 }),
    ).toBe('order_token_superseded')
  })

  it.each([5_000, 5_001, null])(
    'counts when it was issued at the same time, later, or nobody knows when',
    (iat) => {
      expect(judged(used, { ...withToken, tokenIssuedAt: iat })).toBe('attempt')
    },
  )

  it('is remembered by the newest that opened something', () => {
    const decision = decide(used, { ...withToken, tokenIssuedAt: null })
    if (decision.kind !== 'attempt') throw new Error(decision.kind)
    expect(written(used, decision.entries).tokenIssuedAt).toBe(5_000)
  })
})

describe('a registered order', () => {
  const order = anOrder()

  it.each<[Asked, string]>([
    [{ money: usd(999) }, 'amount_mismatch'],
    [{ money: { amount: 1_000, currency: 'AMD' } }, 'currency_mismatch'],
    [{ money: { amount: 999, currency: 'AMD' } }, 'currency_mismatch'],
  ])('binds every other source: %j is %s', (asked, code) => {
    expect(judged(aPayment({ order }), asked)).toBe(code)
    expect(judged(aPayment({ order }), { ...withToken, ...asked })).toBe(code)
    expect(judged({ ...withSessions({ state: 'failed' }), order }, asked)).toBe(code)
  })

  it('keeps its open session when a mismatching new attempt is asked for', () => {
    expect(judged({ ...withSessions({}), order }, { newAttempt: true, money: usd(999) })).toBe(
      'amount_mismatch',
    )
  })

  it('opens nothing once it has expired', () => {
    expect(judged(aPayment({ order: anOrder({ expiresAt: NOW }) }))).toBe('order_expired')
    expect(judged(aPayment({ order: anOrder({ expiresAt: NOW + 1 }) }))).toBe('attempt')
  })
})

describe('refusals are judged in the order of the contract', () => {
  const wrong = { money: usd(999) }
  const order = anOrder()

  it('paid comes before locked, locked before mismatch', () => {
    expect(judged({ ...withSessions(captured(), {}), order }, wrong)).toBe('order_already_paid')
    expect(judged({ ...withSessions({}), order }, wrong)).toBe('order_locked')
    expect(judged({ ...withSessions({ state: 'authorized' }), order }, wrong)).toBe('order_locked')
    expect(judged({ ...withSessions({ state: 'failed' }), order }, wrong)).toBe('amount_mismatch')
  })

  it('paid comes before everything that is wrong with who asks', () => {
    const paid = { ...withSessions(captured()), tokenIssuedAt: 5_000, order: anOrder({ expiresAt: NOW }) }
    expect(judged(paid, { ...withToken, tokenIssuedAt: 1 })).toBe('order_already_paid')
    expect(judged(paid, { ...withToken, ...wrong })).toBe('order_already_paid')
  })
})

describe('a refusal says what helps', () => {
  const failed = (times: number) =>
    withSessions(
      ...Array.from({ length: times }, () => ({ state: 'failed', openedBy: 'publishable' }) as const),
    )
  const order = anOrder()

  it.each<[string, RegExp, Payment | null, Asked]>([
    ['order_already_paid', /confirmation/, withSessions(captured()), {}],
    ['order_locked', /order_token.*client_secret/, { ...withSessions({}), order }, browser],
    ['order_locked', /[Cc]apture or cancel/, withSessions({ state: 'authorized' }), {}],
    ['order_locked', /another amount.*"new_attempt": true/, withSessions({}), { money: usd(999) }],
    ['previous_attempt_in_doubt', /[Aa]sk again/, withSessions({ state: 'ending' }), {}],
    ['too_many_attempts', /secret key/, failed(MAX), withToken],
    ['too_many_attempts', /new order/, failed(200), {}],
    [
      'order_token_superseded',
      /newest token/,
      { ...failed(1), tokenIssuedAt: 5 },
      { ...withToken, tokenIssuedAt: 4 },
    ],
    ['order_expired', /later expires_at/, aPayment({ order: anOrder({ expiresAt: NOW }) }), {}],
    ['currency_mismatch', /USD/, aPayment({ order }), { money: { amount: 1_000, currency: 'AMD' } }],
    ['amount_mismatch', /another amount/, aPayment({ order }), { money: usd(999) }],
    ['validation_failed', /^\/order_token is required.*token\.$/, null, browser],
    ['validation_failed', /^\/amount and \/currency are required.*\.$/, null, { money: null }],
  ])('%s: %s', (code, words, payment, asked) => {
    expect(decide(payment, asked)).toMatchObject({
      kind: 'refuse',
      refusal: { code, detail: expect.stringMatching(words) },
    })
  })
})
