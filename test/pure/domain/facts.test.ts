import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/domain/entry.ts'
import { resolve } from '../../../src/domain/exceptions.ts'
import type { Source } from '../../../src/domain/facts.ts'
import { type Session, statusOf } from '../../../src/domain/payment.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { holdsMoney, type SessionState, sessionTable } from '../../../src/domain/tracks.ts'
import {
  authorized,
  captured,
  capturedFact,
  ends,
  NOW,
  of,
  refunded,
  sessionId,
  sources,
  tell,
  usd,
  withSessions,
  written,
} from '../../support/a-payment.ts'

const states = Object.keys(sessionTable) as SessionState[]
const facts: Fact[] = [authorized, capturedFact, ...ends]
const typesOf = (entries: Entry[]) => entries.map((entry) => entry.type)
const kindsOf = (entries: Entry[]) =>
  entries.flatMap((entry) => (entry.type === 'exception.raised' ? [entry.data.kind] : []))
const inDoubt = { doubt: 'report_mismatch', doubtSince: NOW - 1 }
const wrong: Fact = { type: 'captured', ...usd(5) }
const money = (state: SessionState): Partial<Session> =>
  state === 'captured' ? captured() : { state, authorized: state === 'authorized' ? 1_000 : 0 }

describe('a fact about a session', () => {
  it.each(states.flatMap((state) => facts.map((fact) => [state, fact] as const)))(
    'does what the table says: one that is %s hears %j',
    (state, fact) => {
      const { payment, outcome } = tell(withSessions(money(state)), fact)
      const next = sessionTable[state][fact.type as 'failed']
      expect(of(payment, 1).state).toBe(next)
      expect(outcome).toBe(next === state ? 'stale' : 'applied')
    },
  )

  it.each(sources)('is journaled under who told it: a %s', (source) => {
    const { entries } = tell(withSessions({}), capturedFact, { source, report: null })
    expect(typesOf(entries)).toEqual([`${source}.applied`])
  })

  it('moves the session that it names and no other', () => {
    const before = withSessions({ state: 'failed' }, { state: 'open' })
    const { payment } = tell(before, { type: 'expired' }, { nth: 2 })
    expect(payment.sessions.map(({ state }) => state)).toEqual(['failed', 'expired'])
  })

  it('that fails an old session late never touches the newer one', () => {
    const before = withSessions({ state: 'canceled' }, captured())
    for (const fact of ends) {
      const { payment, outcome } = tell(before, fact, { nth: 1 })
      expect(outcome).toBe('stale')
      expect(payment.sessions).toEqual(before.sessions)
      expect(statusOf(payment)).toBe('paid')
    }
  })

  it('keeps what is sent as a report, and of everything else only what is news', () => {
    const paid = withSessions(captured())
    expect(typesOf(tell(paid, capturedFact).entries)).toEqual(['report.stale'])
    for (const source of ['check', 'command', 'clock'] as Source[])
      expect(tell(paid, capturedFact, { source }).entries).toEqual([])
  })

  it('teaches the reference of the checkout that we never heard of', () => {
    const lost = withSessions({ references: ['ref-2'], calls: 2, answers: 1 })
    const said = { reference: 'ref-1', orderId: null }
    const { payment } = tell(lost, capturedFact, { said })
    expect(of(payment, 1)).toMatchObject({ state: 'captured', references: ['ref-2', 'ref-1'] })
  })
})

describe('money', () => {
  it('that is held is set on its session', () => {
    expect(of(tell(withSessions({}), authorized).payment, 1)).toMatchObject({
      authorized: 1_000,
      captured: 0,
    })
  })

  it('that is taken settles the payment, once', () => {
    const { payment } = tell(withSessions({}), capturedFact)
    expect(payment).toMatchObject({
      ...{ settledBy: sessionId(1), paidAt: NOW, fiscalStatus: 'pending', fulfillmentStatus: 'pending' },
    })
    expect(of(payment, 1)).toMatchObject({ authorized: 1_000, captured: 1_000 })
    const again = tell(withSessions({ state: 'captured' }, {}), capturedFact, { nth: 2 })
    expect(again.payment).toMatchObject({ settledBy: sessionId(1), paidAt: null })
  })

  it('that was taken by manual capture of a part is that part', () => {
    const manual = {
      captureMethod: 'manual',
      state: 'authorized',
      authorized: 1_000,
      captureAsked: 600,
    } as const
    const { payment } = tell(withSessions(manual), { type: 'captured', ...usd(600) })
    expect(of(payment, 1)).toMatchObject({ state: 'captured', authorized: 1_000, captured: 600 })
  })

  it.each<[SessionState]>([['failed'], ['canceled'], ['expired']])(
    'counts all the same when its session had %s, and a human is told that it was late',
    (state) => {
      const { payment, entries } = tell(withSessions({ state }), capturedFact)
      expect(statusOf(payment)).toBe('paid')
      expect(kindsOf(entries)).toEqual(['late_payment'])
      expect(payment).toMatchObject({ flags: ['late_payment'], exceptions: [{ sessionId: sessionId(1) }] })
    },
  )

  it.each<[SessionState]>([['opening'], ['open'], ['ending']])(
    'is in time while its session is %s',
    (state) => {
      expect(kindsOf(tell(withSessions({ state }), capturedFact).entries)).toEqual([])
    },
  )

  it('that was held late is flagged once, and not again when it is taken', () => {
    const held = tell(withSessions({ state: 'expired' }), authorized)
    expect(kindsOf(held.entries)).toEqual(['late_payment'])
    expect(kindsOf(tell(held.payment, capturedFact).entries)).toEqual([])
  })

  it('of a second session counts as excess, and a human is told that it came twice', () => {
    const { payment, entries } = tell(withSessions(captured(), {}), capturedFact, { nth: 2 })
    expect(kindsOf(entries)).toEqual(['duplicate_payment'])
    expect(payment).toMatchObject({ settledBy: sessionId(1), flags: ['duplicate_payment'] })
    expect(of(payment, 2).captured).toBe(1_000)
  })

  it('that is only held by a second session is double already', () => {
    const { entries } = tell(withSessions({ state: 'authorized' }, {}), authorized, { nth: 2 })
    expect(kindsOf(entries)).toEqual(['duplicate_payment'])
  })

  it('that is both late and double raises both, each under its own id', () => {
    const { payment, entries } = tell(withSessions({ state: 'expired' }, captured()), capturedFact)
    expect(kindsOf(entries)).toEqual(['late_payment', 'duplicate_payment'])
    expect(new Set(payment.exceptions.map(({ id }) => id)).size).toBe(2)
    expect(payment).toMatchObject({ exceptionsRaised: 2, flags: ['late_payment', 'duplicate_payment'] })
  })

  it('that follows its own hold is neither late nor double', () => {
    const { entries } = tell(withSessions(money('authorized')), capturedFact)
    expect(kindsOf(entries)).toEqual([])
  })
})

describe('a mismatched report', () => {
  it('of money changes no status, raises an exception and puts its session in doubt', () => {
    for (const fact of [wrong, { type: 'authorized', ...usd(5) }] as Fact[]) {
      const { payment, entries, outcome } = tell(withSessions({}), fact)
      expect(outcome).toBe('mismatched')
      expect(typesOf(entries)).toEqual(['report.mismatched', 'session.doubted', 'exception.raised'])
      expect(of(payment, 1)).toMatchObject({ state: 'open', doubt: 'report_mismatch', doubtSince: NOW })
      expect(of(payment, 1)).toMatchObject({ authorized: 0, captured: 0 })
      expect(payment).toMatchObject({ settledBy: null, exceptions: [{ kind: 'report_mismatch' }] })
    }
  })

  it('of an ended session makes the payment wait for an answer', () => {
    const { payment } = tell(withSessions({ state: 'expired' }), wrong)
    expect(statusOf(payment)).toBe('pending')
  })

  it('that moved no money puts nothing in doubt', () => {
    const said = { reference: 'ref-1', orderId: 'A-2' }
    for (const fact of ends) {
      const { payment, entries } = tell(withSessions({}), fact, { said })
      expect(typesOf(entries)).toEqual(['report.mismatched', 'exception.raised'])
      expect(of(payment, 1)).toMatchObject({ state: 'open', doubt: null })
    }
    const refund = tell(withSessions(captured()), refunded(1_001))
    expect(typesOf(refund.entries)).toEqual(['report.mismatched', 'exception.raised'])
  })

  it('again is kept again, while one exception and the first time of doubt stand', () => {
    const first = tell(withSessions({}), wrong)
    const again = tell(first.payment, wrong)
    expect(typesOf(again.entries)).toEqual(['report.mismatched'])
    expect(of(again.payment, 1).doubtSince).toBe(NOW)
  })

  it('names what differs for the operator, and nothing of who paid', () => {
    const { payment } = tell(withSessions({}), { type: 'captured', amount: 5, currency: 'AMD' })
    expect(payment.exceptions[0]?.detail).toContain('currency, amount')
  })
})

describe('a status check that differs', () => {
  const check = { source: 'check', report: null } as const

  it('puts the session in doubt as a report does', () => {
    expect(typesOf(tell(withSessions({}), wrong, check).entries)).toEqual([
      ...['check.mismatched', 'session.doubted', 'exception.raised'],
    ])
  })

  it('writes nothing more while its doubt stands, however often it is repeated', () => {
    const { payment } = tell(withSessions({}), wrong, check)
    expect(tell(payment, wrong, check)).toMatchObject({ outcome: 'mismatched', entries: [] })
  })

  it('of a refund writes nothing more while its exception stands', () => {
    const { payment } = tell(withSessions(captured()), refunded(1_001), check)
    expect(tell(payment, refunded(1_001), check).entries).toEqual([])
    expect(typesOf(tell(payment, wrong, check).entries)).toEqual(['check.mismatched', 'session.doubted'])
  })
})

describe('a session in doubt', () => {
  const doubted = withSessions({ state: 'open', ...inDoubt })
  const others = sources.filter((source) => source !== 'check')

  it.each(others.flatMap((source) => ends.map((fact) => [source, fact] as const)))(
    'is not ended by a %s that says %j',
    (source, fact) => {
      const { payment, outcome } = tell(doubted, fact, { source })
      expect(outcome).toBe('stale')
      expect(of(payment, 1)).toMatchObject({ state: 'open', doubt: 'report_mismatch' })
    },
  )

  it.each(ends)('is ended by a status check that says %j', (fact) => {
    const { payment } = tell(doubted, fact, { source: 'check' })
    expect(of(payment, 1)).toMatchObject({ state: fact.type, doubt: null, doubtSince: null })
  })

  it('is cleared by the right money, whoever tells of it', () => {
    for (const source of sources) {
      const { payment } = tell(doubted, capturedFact, { source })
      expect(of(payment, 1)).toMatchObject({ state: 'captured', doubt: null })
    }
  })

  it.each<[SessionState, Fact]>([
    ['captured', capturedFact],
    ['authorized', authorized],
    ['failed', { type: 'failed' }],
    ['expired', { type: 'expired' }],
    ['expired', { type: 'canceled' }],
  ])('that is %s is cleared by a status check that agrees: %j', (state, fact) => {
    const before = withSessions({ ...money(state), ...inDoubt })
    const { payment, outcome } = tell(before, fact, { source: 'check' })
    expect(outcome).toBe('applied')
    expect(of(payment, 1)).toMatchObject({ state, doubt: null })
    expect(of(tell(before, fact).payment, 1).doubt).toBe('report_mismatch')
  })

  it('that holds money is not cleared by an end that changes nothing', () => {
    for (const state of states.filter(holdsMoney)) {
      const { payment } = tell(
        withSessions({ ...money(state), ...inDoubt }),
        { type: 'failed' },
        { source: 'check' },
      )
      expect(of(payment, 1)).toMatchObject({ state, doubt: 'report_mismatch' })
    }
  })

  it('is not cleared by the part that agrees of a check that differs elsewhere', () => {
    const held = withSessions({ ...money('authorized'), ...inDoubt })
    const { payment, outcome } = tell(held, authorized, { source: 'check', differs: true })
    expect(outcome).toBe('stale')
    expect(of(payment, 1).doubt).toBe('report_mismatch')
  })

  it('is cleared when a person resolves the mismatch', () => {
    const { payment } = tell(withSessions({}), wrong)
    const after = written(
      payment,
      resolve(payment, { kind: 'report_mismatch', cause: sessionId(1) }, 'ok', 'seen'),
    )
    expect(of(after, 1)).toMatchObject({ state: 'open', doubt: null, doubtSince: null })
    expect(after.exceptions).toEqual([])
  })
})

describe('a refund or dispute that overtakes its capture', () => {
  const early: Fact[] = [refunded(100), { type: 'disputed' }, { type: 'dispute_closed', outcome: 'won' }]

  it.each(
    states
      .filter((state) => state !== 'captured')
      .flatMap((state) => early.map((fact) => [state, fact] as const)),
  )('is kept while its session is %s, and changes nothing: %j', (state, fact) => {
    const before = withSessions(money(state))
    const { payment, outcome, entries } = tell(before, fact)
    expect([outcome, typesOf(entries)]).toEqual(['premature', ['report.premature']])
    expect({ ...payment, version: 0 }).toEqual({ ...before, version: 0 })
    expect(tell(before, fact, { source: 'check' })).toMatchObject({ outcome: 'premature', entries: [] })
  })
})

describe('a refund', () => {
  const paid = withSessions(captured())

  it('is a total that is set: the same or a smaller one is known already', () => {
    const part = tell(paid, refunded(300))
    expect(of(part.payment, 1).refunded).toBe(300)
    expect(part.payment.refunds).toMatchObject([
      { amount: 300, status: 'succeeded', sessionId: sessionId(1) },
    ])
    for (const total of [300, 299, 1]) expect(tell(part.payment, refunded(total)).outcome).toBe('stale')
    const more = tell(part.payment, refunded(1_000))
    expect(of(more.payment, 1).refunded).toBe(1_000)
    expect(more.payment.refunds.map(({ amount }) => amount)).toEqual([300, 700])
    expect(new Set(more.payment.refunds.map(({ id }) => id)).size).toBe(2)
  })

  it('of other money than what paid the session is kept, and is no refund of it', () => {
    const told = (payment: typeof paid, transaction?: string) =>
      tell(payment, { ...refunded(1_000), ...(transaction !== undefined && { transaction }) })
    const byBill = withSessions({ ...captured(), transaction: 'bill-2' })
    const other = told(byBill, 'bill-1')
    expect([other.outcome, typesOf(other.entries)]).toEqual(['stale', ['report.stale']])
    expect(of(other.payment, 1).refunded).toBe(0)
    for (const one of [told(byBill, 'bill-2'), told(byBill), told(paid, 'bill-1')])
      expect([one.outcome, of(one.payment, 1).refunded]).toEqual(['applied', 1_000])
  })

  it('leaves the payment paid', () => {
    const { payment } = tell(paid, refunded(1_000))
    expect([statusOf(payment), of(payment, 1).state]).toEqual(['paid', 'captured'])
  })
})

describe('a capture that failed after all', () => {
  it('is a contradiction once it was confirmed, and never takes the money away', () => {
    const { payment, entries } = tell(withSessions(captured()), { type: 'capture_failed' })
    expect(kindsOf(entries)).toEqual(['contradiction'])
    expect([statusOf(payment), of(payment, 1).captured]).toEqual(['paid', 1_000])
  })

  it('is no news for a session whose capture nobody asked for', () => {
    expect(tell(withSessions(money('authorized')), { type: 'capture_failed' }).outcome).toBe('stale')
  })

  it('is not expected while it is pending: nothing is paid before the provider confirms it', () => {
    const { payment, outcome } = tell(withSessions(money('authorized')), { type: 'capture_pending' })
    expect([outcome, statusOf(payment)]).toEqual(['stale', 'authorized'])
  })
})

describe('a customer’s approval', () => {
  it('is remembered once, while the session can be paid', () => {
    const { payment } = tell(withSessions({}), { type: 'approved' })
    expect([of(payment, 1).approved, statusOf(payment)]).toEqual([true, 'pending'])
    expect(tell(payment, { type: 'approved' }).outcome).toBe('stale')
    expect(tell(withSessions({ state: 'expired' }), { type: 'approved' }).outcome).toBe('stale')
  })
})
