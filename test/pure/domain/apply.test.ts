import { describe, expect, it } from 'vitest'
import { apply, bringsMoney } from '../../../src/domain/apply.ts'
import type { Entry } from '../../../src/domain/entry.ts'
import type { Source } from '../../../src/domain/facts.ts'
import type { Session } from '../../../src/domain/payment.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { type SessionState, sessionTable } from '../../../src/domain/tracks.ts'
import {
  anOrder,
  aPayment,
  aSession,
  authorized,
  CONNECTION,
  captured,
  capturedFact,
  created,
  ends,
  MINUTE,
  NOW,
  of,
  opened,
  opening,
  refunded,
  sessionId,
  tell,
  usd,
  withSessions,
  written,
} from '../../support/a-payment.ts'

const states = Object.keys(sessionTable) as SessionState[]
const one = { sessionId: sessionId(1) }
const applied = (fact: Fact, about = one): Entry => ({
  type: 'report.applied',
  data: { ...about, fact, references: [], refundId: null, report: null },
})
const entered = (session: Partial<Session>, entry: Entry): Session =>
  of(written(withSessions(session), [entry]), 1)

describe('a journal', () => {
  it('begins with the payment’s creation and with nothing else', () => {
    expect(() => apply(null, { seq: 1, at: NOW, actor: 'test', entry: opening(1) })).toThrow(
      'session.opening',
    )
  })

  it('counts its entries in the payment’s version', () => {
    expect(written(null, [created, opening(1), opened(1)]).version).toBe(3)
  })

  it('never changes a payment that somebody else holds', () => {
    const before = withSessions(captured(), {})
    const copy = structuredClone(before)
    written(before, [opening(3), { type: 'session.ending', data: { sessionId: sessionId(2), why: 'clock' } }])
    expect(before).toEqual(copy)
  })

  it('ignores a session that it does not know', () => {
    const before = withSessions({})
    const unknown = { sessionId: sessionId(9) }
    for (const entry of [
      { type: 'session.ending', data: { ...unknown, why: 'clock' } },
      applied(refunded(300), unknown),
    ] satisfies Entry[])
      expect(written(before, [entry])).toMatchObject({ sessions: before.sessions, refunds: [] })
  })

  it('keeps entries that change nothing, as refusals and repeats are', () => {
    const before = withSessions({})
    const fact = { type: 'failed' } as const
    const receipt = { kind: 'sale', refundId: null, receiptId: 'F-1', url: null, amount: null } as const
    const silent: Entry[] = [
      { type: 'session.unanswered', data: { ...one, detail: 'No answer.' } },
      { type: 'session.reused', data: one },
      { type: 'report.stale', data: { ...one, fact, references: [], report: null } },
      { type: 'report.mismatched', data: { ...one, fact, differences: [], report: null } },
      { type: 'check.mismatched', data: { ...one, fact, differences: [], report: null } },
      { type: 'report.premature', data: { ...one, fact, report: null } },
      { type: 'report.contradicted', data: { ...one, fact, why: 'No.', report: null } },
      { type: 'fiscal.contradicted', data: { ...receipt, status: 'failed' } },
      { type: 'command.answered', data: { command: 'cancel', sessionId: null } },
      { type: 'command.refused', data: { command: 'cancel', sessionId: null, why: 'No.' } },
    ]
    for (const entry of silent)
      expect(written(before, [entry])).toEqual({ ...before, version: before.version + 1 })
  })
})

describe('a session that is opened', () => {
  it('gives the payment its amount and metadata, and its order token’s time', () => {
    const payment = written(aPayment({ metadata: { a: '1' }, tokenIssuedAt: 7 }), [
      opening(1, { ...usd(70), metadata: { b: '2' } }),
    ])
    expect(payment).toMatchObject({ ...usd(70), metadata: { b: '2' }, tokenIssuedAt: 7 })
    expect(written(aPayment({ metadata: { a: '1' } }), [opening(1)]).metadata).toEqual({ a: '1' })
  })

  it('is open once its provider answered, with its references and times', () => {
    const session = of(
      written(aPayment(), [opening(1), opened(1, { expiresAt: NOW + MINUTE, endsAt: NOW + 2 })]),
      1,
    )
    expect(session).toMatchObject({
      ...{
        state: 'open',
        references: ['ref-1'],
        calls: 1,
        answers: 1,
        expiresAt: NOW + MINUTE,
        endsAt: NOW + 2,
      },
    })
  })

  it.each(states.filter((state) => state !== 'opening'))(
    'stays %s when the provider’s answer was overtaken by a report',
    (state) => {
      expect(entered({ state }, opened(1)).state).toBe(state)
    },
  )

  it('has both references when its second call was answered too', () => {
    const again = {
      ...opened(1),
      data: { ...one, references: ['ref-2', 'ref-1'], expiresAt: NOW, endsAt: null },
    }
    const session = entered({}, again as Entry)
    expect(session.references).toEqual(['ref-1', 'ref-2'])
  })

  it('has failed when its provider refused it, unless money was seen meanwhile', () => {
    const declined: Entry = { type: 'session.declined', data: { ...one, code: 'declined', detail: 'No.' } }
    expect(entered({ state: 'opening', answers: 0 }, declined)).toMatchObject({ state: 'failed', answers: 1 })
    expect(entered(captured(), declined).state).toBe('captured')
    expect(entered({ state: 'authorized' }, declined).state).toBe('authorized')
  })
})

describe('a session that is to end', () => {
  it.each(states)('is ending only while it can still be paid: one that is %s', (state) => {
    const payable = ['opening', 'open', 'ending'].includes(state)
    const entry: Entry = { type: 'session.ending', data: { ...one, why: 'asked' } }
    expect(entered({ state }, entry).state).toBe(payable ? 'ending' : state)
  })
})

describe('doubt', () => {
  it('is as old as its first reason, and ends with everything that clears it', () => {
    const doubted = (why: string): Entry => ({ type: 'session.doubted', data: { ...one, why } })
    const first = written(withSessions({}), [doubted('report_mismatch')], NOW)
    const second = written(first, [doubted('unanswered')], NOW + MINUTE)
    expect(of(second, 1)).toMatchObject({ doubt: 'unanswered', doubtSince: NOW })
    const cleared: Entry = { type: 'session.cleared', data: { ...one, why: 'exc_1', command: false } }
    expect(of(written(second, [cleared]), 1)).toMatchObject({ doubt: null, doubtSince: null })
  })
})

describe('an order that is registered', () => {
  it('is the payment’s amount and metadata from then on', () => {
    const order = anOrder({ ...usd(70), metadata: { a: '1' } })
    expect(written(aPayment(), [{ type: 'order.registered', data: order }])).toMatchObject({
      ...{ order, ...usd(70), metadata: { a: '1' } },
    })
  })
})

describe('an applied fact', () => {
  it('never makes an amount smaller than it was', () => {
    const less = applied({ type: 'captured', ...usd(400) })
    expect(entered(captured(), less)).toMatchObject({ captured: 1_000, authorized: 1_000 })
  })

  it.each(ends)('that a session has $type leaves the amounts that it had', (end) => {
    const amounts = { authorized: 1_000, captured: 0, refunded: 0 }
    expect(entered({ state: 'authorized', ...amounts }, applied(end))).toMatchObject(amounts)
  })

  it.each<Fact>([
    { type: 'capture_pending' },
    { type: 'disputed' },
    { type: 'dispute_closed', outcome: 'won' },
  ])('of the type $type changes nothing of the session', (fact) => {
    expect(entered({ state: 'authorized' }, applied(fact))).toEqual(aSession({ state: 'authorized' }))
  })

  it('that a dispute was decided is as old as its report says, or as the entry is', () => {
    const closed: Fact = { type: 'dispute_closed', outcome: 'won' }
    const by = (occurredAt: number | null, source: Source = 'report') => {
      const report = { id: 'rep-1', connectionId: CONNECTION, reference: 'ref-1', occurredAt }
      return tell(withSessions(captured()), closed, { source, report: source === 'report' ? report : null })
    }
    expect(by(NOW - MINUTE).payment.disputeClosedAt).toBe(NOW - MINUTE)
    expect(by(null).payment.disputeClosedAt).toBe(NOW)
    expect(by(null, 'check').payment.disputeClosedAt).toBe(NOW)
  })
})

describe('a fact that brings money', () => {
  it.each<[SessionState, boolean, boolean]>([
    ['opening', true, true],
    ['open', true, true],
    ['ending', true, true],
    ['authorized', false, true],
    ['captured', false, false],
    ['failed', true, true],
    ['canceled', true, true],
    ['expired', true, true],
  ])('to a session that is %s: a hold %s, a capture %s', (state, hold, capture) => {
    expect(bringsMoney(aSession({ state }), authorized)).toBe(hold)
    expect(bringsMoney(aSession({ state }), capturedFact)).toBe(capture)
    expect(bringsMoney(aSession({ state }), { type: 'failed' })).toBe(false)
  })
})
