// What is written of a fact, and which checkout of its session it is about.
import { describe, expect, it } from 'vitest'
import type { RunningCommand, Session } from '../../../src/domain/payment.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import {
  captured,
  capturedFact,
  ends,
  NOW,
  of,
  PAYMENT,
  sessionId,
  tell,
  usd,
  withSessions,
} from '../../support/a-payment.ts'

const capture: RunningCommand = {
  ...{ type: 'capture', amount: 1_000, key: 'k', reason: null, capturedBefore: 0, refundedBefore: 0 },
  ...{ begunAt: NOW, status: 'running' },
}
/** An answer to one of its calls is missing, so that there may be a checkout which we never heard of. */
const unheard: Partial<Session> = { calls: 2, answers: 1 }
const said = (reference: string | null, also: string[] = []) => ({
  said: { reference, orderId: 'A-1', also },
})
const held: Partial<Session> = { state: 'authorized', authorized: 1_000 }

describe('the end of a checkout that nobody ever got the address of', () => {
  const stateAfter = (fact: Fact, change: Parameters<typeof tell>[2], session: Partial<Session> = unheard) =>
    of(tell(withSessions(session), fact, change).payment, 1).state

  it.each(ends)('does not end the session, when a report says %j', (fact) => {
    const { outcome, entries } = tell(withSessions(unheard), fact, said('ref-x'))
    expect(outcome).toBe('stale')
    expect(entries).toMatchObject([{ type: 'report.stale', data: { references: [] } }])
  })

  it('is the session’s when a status check says it, or when we know of no other checkout', () => {
    const failed = { type: 'failed' } as const
    expect(stateAfter(failed, { ...said('ref-x'), source: 'check', report: null })).toBe('failed')
    expect(stateAfter(failed, said('ref-x'), { ...unheard, references: [] })).toBe('failed')
    for (const reference of ['ref-1', null]) expect(stateAfter(failed, said(reference))).toBe('failed')
  })
})

describe('the references that a word names', () => {
  const taught = (fact: Fact, session: Partial<Session>, change: Parameters<typeof tell>[2]) => {
    const [entry] = tell(withSessions(session), fact, change).entries
    return entry !== undefined && 'references' in entry.data ? entry.data.references : null
  }

  it('become the session’s, each once, without those that it has', () => {
    expect(taught(capturedFact, {}, said('ref-1', ['pi_1', 'pi_1', 'ch_1']))).toEqual(['pi_1', 'ch_1'])
    expect(taught(capturedFact, {}, said(null, ['pi_1']))).toEqual(['pi_1'])
    expect(taught(capturedFact, {}, said(null))).toEqual([])
  })

  it('are learnt from a report that tells nothing else that is new', () => {
    expect(taught(capturedFact, captured(), said('ref-1', ['pi_1']))).toEqual(['pi_1'])
  })
})

describe('what is written', () => {
  const report = { id: 'rep-1', connectionId: withSessions({}).sessions[0]?.connectionId, reference: 'ref-1' }
  const about = { sessionId: sessionId(1), report }

  it('of a report that tells nothing new says what it was', () => {
    expect(tell(withSessions(captured()), capturedFact).entries).toMatchObject([
      { type: 'report.stale', data: { ...about, fact: capturedFact, references: [] } },
    ])
  })

  it('of one that is too early says what it was', () => {
    const disputed = { type: 'disputed' } as const
    expect(tell(withSessions({}), disputed).entries).toMatchObject([
      { type: 'report.premature', data: { ...about, fact: disputed } },
    ])
  })

  it('of a failure after the capture says what contradicts, and to whom', () => {
    const failed = { type: 'capture_failed' } as const
    const why = 'The provider confirmed this capture before, and now says that it failed.'
    expect(tell(withSessions(captured()), failed).entries).toMatchObject([
      { type: 'report.contradicted', data: { ...about, fact: failed, why } },
      { type: 'exception.raised', data: { kind: 'contradiction', detail: why, sessionId: sessionId(1) } },
    ])
  })

  it('of a contradiction that a status check repeats is nothing, while a person has not looked', () => {
    const check = { source: 'check', report: null } as const
    const failed = { type: 'capture_failed' } as const
    const once = tell(withSessions(captured()), failed, check)
    expect(once.entries).toHaveLength(2)
    expect(tell(once.payment, failed, check)).toMatchObject({ outcome: 'contradicted', entries: [] })
  })

  it('of money that comes late or twice tells a person which session it was', () => {
    const late = tell(withSessions({ state: 'expired' }), capturedFact).entries
    expect(late[1]).toMatchObject({
      data: { detail: `The provider reports money for session ${sessionId(1)}, which had expired.` },
    })
    const second = tell(withSessions(captured(), {}), capturedFact, { nth: 2 }).entries
    const twice = `Session ${sessionId(2)} holds money for an order that another session had already secured.`
    expect(second[1]).toMatchObject({ data: { detail: twice } })
  })

  it('of a refund has an id of its own place among the payment’s', () => {
    const refunds = [1, 2].reduce(
      (payment, nth) => tell(payment, { type: 'refunded_one', ...usd(100), reference: `re-${nth}` }).payment,
      withSessions(captured()),
    ).refunds
    expect(refunds.map(({ id }) => id)).toEqual(
      [1, 2].map((nth) => `rfd_${PAYMENT.slice('pay_'.length)}000${nth}`),
    )
  })
})

describe('a capture that failed', () => {
  const failed = { type: 'capture_failed' } as const

  it('ends the command that asked for it, and no other', () => {
    expect(tell(withSessions({ ...held, command: capture }), failed).outcome).toBe('applied')
    const cancel = { ...capture, type: 'cancel' } as const
    expect(tell(withSessions({ ...held, command: cancel }), failed).outcome).toBe('stale')
    expect(tell(withSessions(held), failed).outcome).toBe('stale')
  })

  it('is not said by one that is only pending', () => {
    const pending = { type: 'capture_pending' } as const
    expect(tell(withSessions({ ...held, command: capture }), pending).outcome).toBe('stale')
  })
})

describe('a dispute', () => {
  const disputed = { type: 'disputed' } as const
  const closed = (outcome: 'won' | 'lost') => ({ type: 'dispute_closed', outcome }) as const
  const paid = withSessions(captured())

  it('asks a person to answer it, and then to book it or to do nothing more', () => {
    const opened = tell(paid, disputed)
    expect(opened.entries[1]).toMatchObject({
      data: { detail: `The customer disputes session ${sessionId(1)}: answer it at the provider.` },
    })
    expect(tell(opened.payment, closed('won')).entries[1]).toMatchObject({ data: { resolution: 'won' } })
    expect(tell(paid, closed('lost')).entries[1]).toMatchObject({
      data: {
        detail: `The dispute about session ${sessionId(1)} was lost: the provider takes the money back.`,
      },
    })
  })

  it('that was decided is an old story when nobody says when it was', () => {
    const won = tell(tell(paid, disputed).payment, closed('won')).payment
    expect(tell(won, disputed, { report: null }).outcome).toBe('stale')
  })
})
