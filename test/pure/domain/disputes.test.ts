import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/domain/entry.ts'
import type { Payment } from '../../../src/domain/payment.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { captured, tell, withSessions } from '../../support/a-payment.ts'

const typesOf = (entries: Entry[]) => entries.map((entry) => entry.type)

describe('a dispute', () => {
  const paid = withSessions(captured())
  const disputed: Fact = { type: 'disputed' }
  const closed = (outcome: 'won' | 'lost'): Fact => ({ type: 'dispute_closed', outcome })
  const at = (occurredAt: number | null) => ({
    report: { id: 'rep-1', connectionId: 'con', reference: 'ref-1', occurredAt },
  })
  const all = (...told: [Fact, number | null][]): Payment =>
    told.reduce((payment, [fact, occurredAt]) => tell(payment, fact, at(occurredAt)).payment, paid)

  it.each(['won', 'lost'] as const)('is open until it is %s', (outcome) => {
    const open = tell(paid, disputed)
    expect(open.payment.disputeStatus).toBe('open')
    expect(tell(open.payment, disputed).outcome).toBe('stale')
    expect(tell(open.payment, closed(outcome)).payment.disputeStatus).toBe(outcome)
  })

  it.each(['won', 'lost'] as const)(
    'ends as %s in whatever order and however often its reports come',
    (outcome) => {
      expect(all([closed(outcome), 2], [disputed, 1]).disputeStatus).toBe(outcome)
      expect(all([disputed, 1], [closed(outcome), 2], [disputed, 1]).disputeStatus).toBe(outcome)
      expect(all([disputed, 1], [closed(outcome), 2], [disputed, 2]).disputeStatus).toBe(outcome)
      expect(all([disputed, null], [closed(outcome), 2], [disputed, null]).disputeStatus).toBe(outcome)
      expect(all([disputed, 1], [closed(outcome), 2], [closed(outcome), 2]).disputeStatus).toBe(outcome)
    },
  )

  it('stands before an operator once, until it is won', () => {
    const open = tell(paid, disputed)
    expect(typesOf(open.entries)).toEqual(['report.applied', 'exception.raised'])
    expect(open.payment.exceptions).toMatchObject([{ kind: 'dispute_opened', cause: paid.sessions[0]!.id }])
    expect(tell(open.payment, disputed).payment.exceptions).toHaveLength(1)
    expect(tell(open.payment, closed('won')).payment.exceptions).toEqual([])
  })

  it('that was lost stays before an operator, who books it', () => {
    expect(all([disputed, 1], [closed('lost'), 2]).exceptions).toMatchObject([{ kind: 'dispute_opened' }])
    expect(all([closed('lost'), 2]).exceptions).toMatchObject([
      { kind: 'dispute_opened', detail: expect.stringContaining('lost') },
    ])
  })

  it('that was won is told by every later status check, which is no news', () => {
    const won = all([disputed, 1], [closed('won'), 2])
    for (const fact of [disputed, closed('won')])
      expect(tell(won, fact, { source: 'check', report: null })).toMatchObject({
        outcome: 'stale',
        entries: [],
      })
  })

  it('that was won is opened again by what happened after it', () => {
    expect(all([disputed, 1], [closed('won'), 2], [disputed, 3]).disputeStatus).toBe('open')
    expect(all([disputed, 1], [closed('won'), 2], [disputed, 3], [closed('lost'), 4]).disputeStatus).toBe(
      'lost',
    )
  })

  it.each([
    ['won', 'lost'],
    ['lost', 'won'],
  ] as const)('that was %s and is now told to be %s is a contradiction for a human', (first, second) => {
    const decided = all([disputed, 1], [closed(first), 2])
    const { payment, entries, outcome } = tell(decided, closed(second), at(3))
    expect(outcome).toBe('contradicted')
    expect(typesOf(entries)).toEqual(['report.contradicted', 'exception.raised'])
    expect(payment.disputeStatus).toBe(first)
    expect(payment.exceptions.map(({ kind }) => kind)).toContain('contradiction')
    const check = { source: 'check', report: null } as const
    expect(tell(payment, closed(second), check)).toMatchObject({ outcome: 'contradicted', entries: [] })
    expect(typesOf(tell(payment, closed(second)).entries)).toEqual(['report.contradicted'])
  })
})
