import { describe, expect, it } from 'vitest'
import {
  excessOf,
  isInDoubt,
  latestSession,
  leadingSession,
  moneyOf,
  type PaymentStatus,
  type RunningCommand,
  type Session,
  sessionOf,
  statusOf,
  unsettledSession,
} from '../../../src/domain/payment.ts'
import { aPayment, aSession, captured, NOW, sessionId, usd, withSessions } from '../../support/a-payment.ts'

const inDoubt = { doubt: 'report_mismatch', doubtSince: NOW }
type Change = Partial<Session>

describe('the status of a payment', () => {
  it.each<[PaymentStatus, Change[]]>([
    ['created', []],
    ['pending', [{ state: 'opening' }]],
    ['pending', [{ state: 'open' }]],
    ['pending', [{ state: 'ending' }]],
    ['authorized', [{ state: 'authorized' }]],
    ['paid', [{ state: 'captured' }]],
    ['failed', [{ state: 'failed' }]],
    ['canceled', [{ state: 'canceled' }]],
    ['expired', [{ state: 'expired' }]],
    ['expired', [{ state: 'failed' }, { state: 'expired' }]],
    ['failed', [{ state: 'expired' }, { state: 'failed' }]],
    ['pending', [{ state: 'failed' }, { state: 'open' }]],
    ['pending', [{ state: 'open' }, { state: 'failed' }]],
    ['authorized', [{ state: 'authorized' }, { state: 'open' }]],
    ['authorized', [{ state: 'authorized' }, { state: 'failed' }]],
    ['paid', [{ state: 'captured' }, { state: 'failed' }]],
    ['paid', [{ state: 'captured' }, { state: 'authorized' }]],
    ['paid', [{ state: 'failed' }, { state: 'captured' }, { state: 'open' }]],
    ['pending', [{ state: 'expired', ...inDoubt }]],
    ['pending', [{ state: 'expired', ...inDoubt }, { state: 'failed' }]],
    ['paid', [{ state: 'captured', ...inDoubt }]],
  ])('is %s when its sessions are %j', (status, sessions) => {
    expect(statusOf(withSessions(...sessions))).toBe(status)
  })
})

describe('the session that forbids another', () => {
  it.each<[number, Change[]]>([
    [1, [{ state: 'opening' }]],
    [1, [{ state: 'open' }]],
    [1, [{ state: 'ending' }]],
    [1, [{ state: 'authorized' }]],
    [1, [{ state: 'expired', ...inDoubt }]],
    [2, [{ state: 'failed' }, { state: 'open' }]],
    [1, [{ state: 'authorized' }, { state: 'open' }]],
    [1, [{ state: 'expired', ...inDoubt }, { state: 'open' }]],
    [1, [{ state: 'canceled', ...inDoubt }, { state: 'authorized' }]],
    [
      2,
      [
        { state: 'open', ...inDoubt },
        { state: 'open', ...inDoubt },
      ],
    ],
  ])('is number %i of %j', (nth, sessions) => {
    expect(unsettledSession(withSessions(...sessions))?.id).toBe(sessionId(nth))
  })

  it.each<[Change[]]>([[[]], [[{ state: 'failed' }, { state: 'canceled' }, { state: 'expired' }]]])(
    'is none when the sessions are %j',
    (sessions) => {
      expect(unsettledSession(withSessions(...sessions))).toBeUndefined()
    },
  )
})

describe('the session whose amounts are the payment’s', () => {
  it.each<[string, number, Change[]]>([
    ['the one that settled it', 1, [captured(), { state: 'failed' }]],
    ['the one that settled it, though another holds money too', 1, [captured(), captured()]],
    ['the one that holds money while none settled it', 1, [{ state: 'authorized' }, { state: 'open' }]],
    ['the newest while none holds money', 2, [{ state: 'failed' }, { state: 'expired' }]],
  ])('is %s', (_why, nth, sessions) => {
    expect(leadingSession(withSessions(...sessions))?.id).toBe(sessionId(nth))
  })

  it('is none while there is no session', () => {
    expect(leadingSession(aPayment())).toBeUndefined()
    expect(latestSession(aPayment())).toBeUndefined()
  })
})

describe('the amount and currency of a payment', () => {
  it('are those of the session that holds its money, though a newer one was for another amount', () => {
    const late = withSessions(captured(700), { state: 'open', amount: 9_000, currency: 'AMD' })
    expect(moneyOf(late)).toEqual(usd(700))
    const held = withSessions({ state: 'authorized', amount: 700 }, { state: 'open', amount: 9_000 })
    expect(moneyOf(held)).toEqual(usd(700))
  })

  it('are the order’s while no session holds money', () => {
    const changed = { ...withSessions({ state: 'failed', amount: 700 }), ...usd(900) }
    expect(moneyOf(changed)).toEqual(usd(900))
    expect(moneyOf(aPayment())).toEqual(usd(1_000))
  })
})

describe('money beside the payment’s', () => {
  it('is what sessions other than the settling one took and gave back', () => {
    const twice = withSessions(
      { ...captured(1_000), refunded: 50 },
      { ...captured(400), refunded: 300 },
      { ...captured(70), refunded: 7 },
    )
    expect(excessOf(twice)).toEqual({ captured: 470, refunded: 307 })
  })

  it('is nothing while one session or none took money', () => {
    expect(excessOf(withSessions({ state: 'failed' }, captured()))).toEqual({ captured: 0, refunded: 0 })
    expect(excessOf(aPayment())).toEqual({ captured: 0, refunded: 0 })
  })
})

describe('a session', () => {
  const command = (status: RunningCommand['status']): RunningCommand => ({
    ...{ type: 'refund', amount: 600, key: 'k', reason: null, capturedBefore: 1_000, refundedBefore: 0 },
    ...{ begunAt: NOW, status },
  })

  it.each<[boolean, string, Change]>([
    [false, 'has no command', {}],
    [false, 'waits for the answer to its command', { command: command('running') }],
    [false, 'waits for the end of a command that was accepted', { command: command('accepted') }],
    [true, 'had no answer to its command', { command: command('in_doubt') }],
    [true, 'heard a word that nobody can believe', inDoubt],
  ])('is in doubt (%s) when it %s', (expected, _when, change) => {
    expect(isInDoubt(aSession(change))).toBe(expected)
  })

  it('is found by its own id only', () => {
    const payment = withSessions({}, {})
    expect(sessionOf(payment, sessionId(2))?.attempt).toBe(2)
    expect(sessionOf(payment, sessionId(3))).toBeUndefined()
  })
})
