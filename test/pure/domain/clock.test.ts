import { describe, expect, it } from 'vitest'
import { askAgainMs, type Ending, endingOf, firstAskAt, GRACE_MS } from '../../../src/domain/clock.ts'
import type { Session } from '../../../src/domain/payment.ts'
import type { Capabilities } from '../../../src/domain/provider.ts'
import type { SessionState } from '../../../src/domain/tracks.ts'
import { aSession, capabilitiesOf, HOUR, MINUTE, NOW } from '../../support/a-payment.ts'

const DUE = NOW + 30 * MINUTE
const ending = (session: Partial<Session>, can: Partial<Capabilities>, now = DUE): Ending =>
  endingOf(aSession({ expiresAt: DUE, ...session }), capabilitiesOf(can), now)

const everyKind: [string, Partial<Capabilities>][] = [
  ['ends it when told', { ends: 'at_once' }],
  ['ends it at its own limit', { ends: 'at_limit' }],
  ['never ends it', { ends: 'never' }],
  ['asks us first', { ends: 'never', asksFirst: true }],
  ['lets customers approve, and us capture', { ends: 'at_limit', approves: true }],
]

describe('a session at a provider that', () => {
  it.each(everyKind)('%s waits for its time', (_name, can) => {
    expect(ending({}, can, DUE - 1)).toBe('wait')
    expect(ending({ state: 'opening', references: [], answers: 0 }, can, DUE - 1)).toBe('wait')
  })

  it.each(everyKind)('%s is not ended by time while it is in doubt', (_name, can) => {
    const inDoubt = { doubt: 'report_mismatch', doubtSince: NOW }
    expect(ending(inDoubt, can, DUE + 1_000 * HOUR)).toBe('wait')
    expect(ending({ state: 'ending', ...inDoubt }, can)).toBe('wait')
  })

  it.each(everyKind)('%s is left alone once it can no longer be paid', (_name, can) => {
    const over: SessionState[] = ['authorized', 'captured', 'failed', 'canceled', 'expired']
    for (const state of over) expect(ending({ state }, can, DUE + 1_000 * HOUR)).toBe('wait')
  })

  it.each(everyKind)('%s expires when nobody ever got an address to pay at', (_name, can) => {
    expect(ending({ state: 'opening', references: [], calls: 1, answers: 1 }, can)).toBe('expire')
  })

  it('lets customers approve is over at its time, unless a capture is under way', () => {
    const can = { ends: 'at_limit', approves: true } as const
    expect(ending({}, can)).toBe('expire')
    expect(ending({ approved: true }, can)).toBe('expire')
    const amounts = { amount: 1_000, capturedBefore: 0, refundedBefore: 0 }
    const sent = { key: 'k', reason: null, begunAt: NOW, status: 'in_doubt' } as const
    const command = { type: 'capture', ...amounts, ...sent } as const
    expect(ending({ command }, can)).toBe('ask_again')
    expect(ending({ command, state: 'ending' }, can, DUE + 1_000 * HOUR)).toBe('ask_again')
  })

  it('ends it when told is told at its time, and again for as long as it is ending', () => {
    expect(ending({}, { ends: 'at_once' })).toBe('end')
    expect(ending({ state: 'ending' }, { ends: 'at_once' }, NOW)).toBe('end')
    expect(ending({ state: 'ending' }, { ends: 'at_once' }, DUE + 1_000 * HOUR)).toBe('end')
  })

  it('ends it when told can only be asked again about a checkout whose address we never heard', () => {
    const lost: Partial<Session> = { state: 'opening', references: [], calls: 2, answers: 1 }
    const can = { ends: 'at_once', expiresInSeconds: { min: 300, max: 3_600 } } as const
    expect(ending(lost, can)).toBe('ask_again')
    expect(ending(lost, can, NOW + HOUR + GRACE_MS)).toBe('expire')
  })

  it('ends it at its own limit is asked again until that limit and a grace have passed', () => {
    const endsAt = DUE + HOUR
    expect(ending({ endsAt }, { ends: 'at_limit' })).toBe('ask_again')
    expect(ending({ endsAt }, { ends: 'at_limit' }, endsAt + GRACE_MS - 1)).toBe('ask_again')
    expect(ending({ endsAt }, { ends: 'at_limit' }, endsAt + GRACE_MS)).toBe('expire')
    expect(ending({ endsAt, state: 'ending' }, { ends: 'at_limit' }, NOW)).toBe('ask_again')
  })

  it('names no limit has the longest that it allows, counted from its beginning', () => {
    const can = { ends: 'at_limit', expiresInSeconds: { min: 300, max: 7_200 } } as const
    expect(ending({}, can, NOW + 2 * HOUR + GRACE_MS - 1)).toBe('ask_again')
    expect(ending({}, can, NOW + 2 * HOUR + GRACE_MS)).toBe('expire')
    const short = { ends: 'at_limit', expiresInSeconds: { min: 60, max: 60 } } as const
    expect(ending({}, short, DUE + GRACE_MS - 1)).toBe('ask_again')
    expect(ending({}, short, DUE + GRACE_MS)).toBe('expire')
  })

  it('never ends it is asked for ever, unless it named a limit after all', () => {
    expect(ending({}, { ends: 'never' }, DUE + 1_000 * HOUR)).toBe('ask_again')
    expect(ending({ endsAt: DUE }, { ends: 'never' }, DUE + GRACE_MS)).toBe('expire')
  })

  it('asks us first has ended as soon as we say no, since no money moves without our yes', () => {
    const can = { ends: 'never', asksFirst: true } as const
    expect(ending({}, can)).toBe('expire')
    expect(ending({ state: 'ending' }, can, NOW)).toBe('expire')
  })

  it('asks us first may still bring the money of a yes, until the time of that yes and a grace have passed', () => {
    const can = { ends: 'never', asksFirst: true } as const
    expect(ending({ yesAt: NOW }, can)).toBe('ask_again')
    expect(ending({ yesAt: NOW, state: 'ending' }, can, NOW)).toBe('ask_again')
    expect(ending({ yesAt: NOW }, can, DUE + GRACE_MS - 1)).toBe('ask_again')
    expect(ending({ yesAt: NOW }, can, DUE + GRACE_MS)).toBe('expire')
  })
})

describe('the first question about a session', () => {
  it.each<[SessionState, number | null]>([
    ['opening', DUE],
    ['open', DUE],
    ['ending', DUE],
    ['authorized', null],
    ['captured', null],
    ['failed', null],
    ['canceled', null],
    ['expired', null],
  ])('about one that is %s is due at %s', (state, at) => {
    expect(firstAskAt(aSession({ state, expiresAt: DUE }))).toBe(at)
  })
})

describe('the wait before asking again', () => {
  it('grows from seconds to an hour, and no further', () => {
    const seconds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map((tries) => askAgainMs(tries) / 1_000)
    expect(seconds).toEqual([5, 15, 45, 135, 405, 1_215, 3_600, 3_600, 3_600, 3_600])
  })
})
