import { describe, expect, it } from 'vitest'
import {
  actionOf,
  type Commanded,
  concluded,
  decideCommand,
  isApproved,
  mayRepeat,
  stillRunning,
} from '../../../src/domain/commands.ts'
import type { MoneyCommand, Payment, Refund, RunningCommand, Session } from '../../../src/domain/payment.ts'
import type { Capabilities } from '../../../src/domain/provider.ts'
import type { SessionState } from '../../../src/domain/tracks.ts'
import {
  aPayment,
  aSession,
  capabilitiesOf,
  captured,
  NOW,
  of,
  sessionId,
  withSessions,
} from '../../support/a-payment.ts'

const held: Partial<Session> = { state: 'authorized', authorized: 1_000, captureMethod: 'manual' }
const approved: Partial<Session> = { approved: true }
const types: MoneyCommand[] = ['capture', 'cancel', 'refund']

function decide(payment: Payment, asked: Partial<Commanded>, can: Partial<Capabilities> | null = {}) {
  const whole: Commanded = { type: 'capture', amount: null, sessionId: null, reason: null, ...asked }
  return decideCommand(payment, whole, () => (can === null ? null : capabilitiesOf(can)))
}

/** What comes of it, in a word: the amount that is begun, or why it is refused. */
function judged(payment: Payment, asked: Partial<Commanded>, can: Partial<Capabilities> | null = {}) {
  const decision = decide(payment, asked, can)
  return decision.kind === 'begin' ? decision.amount : decision.refusal.detail
}

const runs = (change: Partial<RunningCommand> = {}): RunningCommand => ({
  ...{ type: 'capture', amount: 600, key: 'k', reason: null, capturedBefore: 0, refundedBefore: 0 },
  ...{ begunAt: NOW, status: 'running' },
  ...change,
})

const refund = (change: Partial<Refund>): Refund => ({
  ...{ id: 'rfd_1', sessionId: sessionId(1), amount: 300, status: 'pending', reference: null, at: NOW },
  ...change,
})

describe('a command', () => {
  it.each<[SessionState, MoneyCommand[]]>([
    ['opening', []],
    ['open', []],
    ['ending', []],
    ['authorized', ['capture', 'cancel']],
    ['captured', ['refund']],
    ['failed', []],
    ['canceled', []],
    ['expired', []],
  ])('of a session that is %s may be %j', (state, allowed) => {
    const session = { ...held, ...(state === 'captured' ? captured() : {}), state }
    const taken = (payment: Payment) => types.filter((type) => decide(payment, { type }).kind === 'begin')
    expect(taken(withSessions(session))).toEqual(allowed)
    expect(taken(withSessions({ ...session, doubt: 'report_mismatch', doubtSince: NOW }))).toEqual([])
    expect(taken(withSessions({ ...session, command: runs() }))).toEqual([])
  })

  it('is written with a provider key of its own place, its amount and its reason', () => {
    const payment = withSessions(held)
    expect(decide(payment, { amount: 600, reason: 'Sent.' })).toEqual({
      ...{ kind: 'begin', sessionId: sessionId(1), amount: 600 },
      entries: [
        {
          type: 'command.begun',
          data: {
            ...{ sessionId: sessionId(1), command: 'capture', amount: 600, reason: 'Sent.' },
            key: `${sessionId(1)}-capture-${payment.version + 1}`,
          },
        },
      ],
    })
  })

  it('that does not go is refused with the payment’s status', () => {
    expect(decide(aPayment(), { type: 'refund' })).toEqual({
      kind: 'refuse',
      refusal: {
        code: 'not_allowed_now',
        detail: 'A payment that is created takes no refund now.',
        extra: { payment_status: 'created' },
      },
    })
    const busy = withSessions({ ...held, command: runs({ type: 'cancel' }) })
    expect(judged(busy, {})).toBe('A cancel of this session is still under way.')
  })

  it.each(types)('that the provider does not take is refused: %s', (type) => {
    const payment = withSessions(type === 'refund' ? captured() : held)
    expect(judged(payment, { type }, { [type]: false })).toBe(`sandbox takes no ${type} over its interface.`)
    expect(judged(payment, { type }, null)).toBe('The connection of this session cannot be used.')
    expect(decide(payment, { type }).kind).toBe('begin')
  })
})

describe('the session of a command', () => {
  const paidLate = withSessions(captured(), { state: 'failed' })

  it('is the one that holds money, else the newest', () => {
    expect(decide(paidLate, { type: 'refund' })).toMatchObject({ sessionId: sessionId(1) })
    expect(judged(withSessions({ state: 'failed' }), { type: 'refund' })).toContain('takes no refund')
  })

  it('must be named where several hold money', () => {
    const twice = withSessions(captured(), captured(700))
    expect(decide(twice, { type: 'refund' })).toMatchObject({
      refusal: {
        code: 'validation_failed',
        detail: '/session_id is required: several sessions hold money.',
        errors: [{ pointer: '/session_id', detail: 'is required: several sessions hold money' }],
      },
    })
    expect(judged(twice, { type: 'refund', sessionId: sessionId(2) })).toBe(700)
  })

  it('must be the payment’s', () => {
    expect(judged(paidLate, { type: 'refund', sessionId: 'ps_of_nobody' })).toBe(
      '/session_id is no session of this payment.',
    )
  })
})

describe('the amount of a capture', () => {
  it('is what is held, or a part of it under manual capture', () => {
    expect(judged(withSessions(held), {})).toBe(1_000)
    expect(judged(withSessions({ ...held, authorized: 800 }), {})).toBe(800)
    expect(judged(withSessions(held), { amount: 1 })).toBe(1)
    expect(judged(withSessions(held), { amount: 1_000 })).toBe(1_000)
    expect(judged(withSessions(held), { amount: 1_001 })).toBe('/amount is at most 1000 here.')
    expect(judged(withSessions(held), { amount: 0 })).toBe('/amount is at most 1000 here.')
  })

  it('is the session’s under automatic capture, since the report is compared with that', () => {
    const automatic = withSessions({ ...held, captureMethod: 'automatic' })
    expect(judged(automatic, { amount: 600 })).toBe('/amount is 1000 here: capture is automatic.')
    expect(judged(automatic, {})).toBe(1_000)
    expect(judged(withSessions(captured()), { type: 'refund', amount: 600 })).toBe(600)
  })
})

describe('a cancel', () => {
  it('has no amount, whatever is asked', () => {
    expect(judged(withSessions(held), { type: 'cancel', amount: 5_000 })).toBe(0)
    expect(judged(withSessions({ ...held, authorized: 0, amount: 0 }), { type: 'cancel' })).toBe(0)
  })
})

describe('the amount of a refund', () => {
  const refundOf = (amount: number | null, payment: Payment, can: Partial<Capabilities> = {}) =>
    judged(payment, { type: 'refund', amount }, can)

  it('is what is left: without what went back, or is on its way', () => {
    const payment = { ...withSessions({ ...captured(), refunded: 200 }), refunds: [refund({})] }
    expect(refundOf(null, payment)).toBe(500)
    expect(refundOf(501, payment)).toBe('/amount is at most 500 here.')
    const others = [
      refund({ status: 'failed' }),
      refund({ status: 'succeeded' }),
      refund({ sessionId: sessionId(2) }),
    ]
    expect(refundOf(null, { ...payment, refunds: others })).toBe(800)
    const several = [refund({}), refund({ amount: 100 })]
    expect(refundOf(null, { ...payment, refunds: several })).toBe(400)
  })

  it('is refused when nothing is left', () => {
    expect(refundOf(null, withSessions({ ...captured(), refunded: 1_000 }))).toBe(
      'There is nothing left to refund.',
    )
    expect(refundOf(null, withSessions({ ...captured(), refunded: 999 }))).toBe(1)
  })

  it('is the whole at a provider that refunds no parts', () => {
    const whole = { partialRefund: false }
    const paid = withSessions(captured())
    expect(refundOf(999, paid, whole)).toBe('sandbox refunds only the whole amount.')
    expect([refundOf(1_000, paid, whole), refundOf(null, paid, whole)]).toEqual([1_000, 1_000])
    expect(judged(withSessions(held), { amount: 600 }, whole)).toBe(600)
  })
})

describe('a customer’s approval', () => {
  it('allows one capture, of the current session', () => {
    expect(judged(withSessions(approved), {})).toBe(1_000)
    for (const type of ['cancel', 'refund'] as const)
      expect(decide(withSessions(approved), { type }).kind).toBe('refuse')
  })

  it.each<[string, Partial<Session>[]]>([
    ['there was none', [{}]],
    ['the session is over', [{ ...approved, state: 'expired' }]],
    ['the session is in doubt', [{ ...approved, doubt: 'report_mismatch', doubtSince: NOW }]],
    ['the order is paid', [approved, captured()]],
    ['a newer session may be paid', [approved, {}]],
  ])('allows nothing when %s', (_why, sessions) => {
    const payment = withSessions(...sessions)
    for (const session of payment.sessions.filter(({ approved: isOne }) => isOne))
      expect(isApproved(payment, session)).toBe(false)
    const last = payment.sessions.at(-1)
    expect(last !== undefined && isApproved(payment, last)).toBe(false)
  })

  it('counts for the newest of the sessions that may be paid', () => {
    const payment = withSessions(approved, approved)
    expect([isApproved(payment, of(payment, 1)), isApproved(payment, of(payment, 2))]).toEqual([false, true])
  })
})

describe('a running command', () => {
  const judgedBy = (change: Partial<Session>, command: Partial<RunningCommand>) => {
    const running = runs(command)
    return stillRunning(aSession({ ...change, command: running })) === running ? 'runs' : 'done'
  }

  it('that captures is done when more was taken than before, or nothing can be any more', () => {
    expect(judgedBy(held, {})).toBe('runs')
    expect(judgedBy({ ...captured(), captured: 600 }, { capturedBefore: 600 })).toBe('runs')
    expect(judgedBy({ ...captured(), captured: 601 }, { capturedBefore: 600 })).toBe('done')
    expect(judgedBy({}, {})).toBe('runs')
    expect(judgedBy({ state: 'canceled' }, {})).toBe('done')
  })

  it('that cancels is done when the money is not held any more', () => {
    expect(judgedBy(held, { type: 'cancel' })).toBe('runs')
    expect(judgedBy(captured(), { type: 'cancel' })).toBe('done')
    expect(judgedBy({ state: 'canceled' }, { type: 'cancel' })).toBe('done')
  })

  it('that refunds is done when so much more went back', () => {
    const command = { type: 'refund', amount: 300, refundedBefore: 200 } as const
    expect(judgedBy({ ...captured(), refunded: 499 }, command)).toBe('runs')
    expect(judgedBy({ ...captured(), refunded: 500 }, command)).toBe('done')
  })

  it('is none where there is none', () => {
    expect(stillRunning(aSession())).toBeNull()
  })

  it('is the provider’s order: a cancel has no amount, and only a refund a reason', () => {
    expect(actionOf(runs({ reason: 'Sent.' }))).toEqual({ type: 'capture', amount: 600 })
    expect(actionOf(runs({ type: 'cancel', amount: 0 }))).toEqual({ type: 'cancel' })
    expect(actionOf(runs({ type: 'refund' }))).toEqual({ type: 'refund', amount: 600 })
    expect(actionOf(runs({ type: 'refund', reason: 'Broken.' }))).toEqual({
      ...{ type: 'refund', amount: 600, reason: 'Broken.' },
    })
  })
})

describe('a command in doubt', () => {
  const keys = capabilitiesOf({ idempotencySeconds: 3_600 })
  const may = (change: Partial<RunningCommand>, can: Capabilities, later: number) =>
    mayRepeat(runs({ status: 'in_doubt', ...change }), can, NOW + later)

  it('may be sent again under the provider’s own key, a minute less than it lives', () => {
    expect([may({}, keys, 0), may({}, keys, 3_539_999), may({}, keys, 3_540_000)]).toEqual([
      true,
      true,
      false,
    ])
  })

  it('may not where there are no keys that live so long, and not before it is in doubt', () => {
    expect(may({}, capabilitiesOf({ idempotencySeconds: 0 }), -100_000)).toBe(false)
    expect(may({}, capabilitiesOf({ idempotencySeconds: 60 }), -1)).toBe(false)
    for (const status of ['running', 'accepted'] as const) expect(may({ status }, keys, 0)).toBe(false)
  })
})

describe('a provider’s answer to a command', () => {
  const about = { sessionId: sessionId(1), command: 'capture', key: 'k' }
  const declined = { kind: 'declined', code: 'declined', detail: 'No.' } as const
  const unknown = { kind: 'unknown', detail: 'No answer.' } as const
  const heard = (outcome: Parameters<typeof concluded>[1], command: RunningCommand | null = runs()) =>
    concluded(aSession({ command }), outcome)

  it('is written when it is a no, or none that anybody understands', () => {
    expect(heard({ kind: 'done', value: [] })).toEqual([])
    expect(heard(declined)).toEqual([
      { type: 'command.declined', data: { ...about, code: 'declined', detail: 'No.' } },
    ])
    expect(heard(unknown)).toEqual([{ type: 'command.doubted', data: { ...about, detail: 'No answer.' } }])
  })

  it('is written once for a doubt, and not at all for a command that is over', () => {
    expect(heard(unknown, runs({ status: 'in_doubt' }))).toEqual([])
    expect(heard(declined, null)).toEqual([])
  })
})
