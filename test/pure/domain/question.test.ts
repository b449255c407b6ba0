import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endingOf } from '../../../src/domain/clock.ts'
import type { Payment, Session } from '../../../src/domain/payment.ts'
import { answer } from '../../../src/domain/question.ts'
import type { SessionState } from '../../../src/domain/tracks.ts'
import {
  capabilitiesOf,
  captured,
  MINUTE,
  NOW,
  of,
  usd,
  withSessions,
  written,
} from '../../support/a-payment.ts'

const inDoubt = { doubt: 'report_mismatch', doubtSince: NOW }
const ask = (payment: Payment, nth = 1, money = usd(1_000), now = NOW) =>
  answer(payment, of(payment, nth), money, now)
const answers = (payment: Payment) => payment.sessions.map((_, at) => ask(payment, at + 1).yes)

describe('a provider’s question before it moves money', () => {
  it('is answered yes for the current session, while it is open and for its exact amount', () => {
    expect(ask(withSessions({})).yes).toBe(true)
    expect(answers(withSessions({ state: 'expired' }, {}))).toEqual([false, true])
  })

  it.each<[string, Partial<Session>[]]>([
    ['is still being opened', [{ state: 'opening' }]],
    ['is ending', [{ state: 'ending' }]],
    ['holds money', [{ state: 'authorized' }]],
    ['took the money', [captured()]],
    ['failed', [{ state: 'failed' }]],
    ['was canceled', [{ state: 'canceled' }]],
    ['has expired', [{ state: 'expired' }]],
    ['is over by its time', [{ expiresAt: NOW }]],
    ['is in doubt', [inDoubt]],
    ['is in doubt beside another in doubt', [inDoubt, { state: 'expired', ...inDoubt }]],
  ])('is answered no when the session %s', (_why, sessions) => {
    expect(ask(withSessions(...sessions)).yes).toBe(false)
    expect(ask(withSessions(...sessions)).entries).toEqual([])
  })

  it.each<[string, Partial<Session>]>([
    ['was paid', captured()],
    ['holds money', { state: 'authorized' }],
    ['is in doubt', { state: 'expired', ...inDoubt }],
  ])('is answered no for an open session when an older one %s', (_why, older) => {
    expect(answers(withSessions(older, {}))).toEqual([false, false])
  })

  it.each([
    [usd(999), 'less'],
    [usd(1_001), 'more'],
    [{ amount: 1_000, currency: 'AMD' }, 'another currency'],
  ])('is answered no to %j, which is %s', (money) => {
    expect(ask(withSessions({}), 1, money).yes).toBe(false)
  })

  it('extends the session’s time so that the money may arrive, by at most 15 minutes from now', () => {
    const short = withSessions({ expiresAt: NOW + 1_000 })
    expect(ask(short).entries).toMatchObject([{ type: 'session.extended', data: { answer: 'yes' } }])
    const payment = written(short, ask(short).entries)
    expect(of(payment, 1)).toMatchObject({ expiresAt: NOW + 15 * MINUTE, yesAt: NOW })
    const long = withSessions({ expiresAt: NOW + 30 * MINUTE })
    expect(of(written(long, ask(long).entries), 1).expiresAt).toBe(NOW + 30 * MINUTE)
  })

  it('extends it once: a repeated question gets the same yes and no more time', () => {
    const short = withSessions({ expiresAt: NOW + 1_000 })
    const told = written(short, ask(short).entries)
    expect(ask(told, 1, usd(1_000), NOW + 14 * MINUTE)).toEqual({ yes: true, entries: [] })
    expect(ask(told, 1, usd(1_000), NOW + 15 * MINUTE)).toEqual({ yes: false, entries: [] })
  })

  it('gets at most one yes per payment, whatever its sessions are', () => {
    const states: SessionState[] = [
      'opening',
      'open',
      'ending',
      'authorized',
      'captured',
      'failed',
      'expired',
    ]
    const session = fc.record({
      state: fc.constantFrom(...states),
      doubt: fc.constantFrom(null, 'report_mismatch'),
      expiresAt: fc.constantFrom(NOW, NOW + MINUTE),
    })
    fc.assert(
      fc.property(fc.array(session, { minLength: 1, maxLength: 5 }), (sessions) => {
        expect(answers(withSessions(...sessions)).filter((yes) => yes).length).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('that got its yes keeps a second session from being opened until that yes has run out', () => {
    const open = withSessions({})
    const told = of(written(open, ask(open).entries), 1)
    const can = capabilitiesOf({ ends: 'never', asksFirst: true })
    expect(endingOf({ ...told, state: 'ending' }, can, NOW + MINUTE)).toBe('ask_again')
  })
})
