import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Payment, statusOf, unsettledSession } from '../../../src/domain/payment.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { holdsMoney, isPayable, type SessionState, sessionTable } from '../../../src/domain/tracks.ts'
import { paymentView } from '../../../src/domain/view.ts'
import { step } from '../../../src/payment/journal.ts'
import { aHistory, History, type Step } from '../../support/a-history.ts'
import { authorized, capturedFact, ends, of, refunded, tell, withSessions } from '../../support/a-payment.ts'

/** Runs histories through the rules and looks at every single step of each. */
function always(look: (step: Step) => void): void {
  fc.assert(
    fc.property(aHistory, (happenings) => {
      const history = new History(look)
      for (const happening of happenings) history.happen(happening)
    }),
    { numRuns: 400 },
  )
}

const isOver = (state: SessionState) => !isPayable(state) && !holdsMoney(state)
const pairs = ({ before, after }: Step) =>
  (before?.sessions ?? []).map((session, at) => {
    const now = after.sessions[at]
    if (now === undefined) throw new Error('A session was forgotten.')
    return [session, now] as const
  })

describe('in every history of a payment', () => {
  it('paid stays paid, by the session that settled it', () => {
    always(({ before, after }) => {
      if (before === null || statusOf(before) !== 'paid') return
      expect(statusOf(after)).toBe('paid')
      expect([after.settledBy, after.paidAt]).toEqual([before.settledBy, before.paidAt])
    })
  })

  it('what was held, taken or given back is never less than it was', () => {
    always((one) => {
      for (const [was, is] of pairs(one)) {
        expect(is.captured).toBeGreaterThanOrEqual(was.captured)
        expect(is.refunded).toBeGreaterThanOrEqual(was.refunded)
        expect(is.authorized).toBeGreaterThanOrEqual(was.authorized)
      }
    })
  })

  it('a session holds exactly its own amount or nothing, and gives back no more than it took', () => {
    always(({ after }) => {
      for (const session of after.sessions) {
        expect([0, session.amount]).toContain(session.authorized)
        expect(session.captured).toBe(session.state === 'captured' ? session.amount : 0)
        expect(session.refunded).toBeLessThanOrEqual(session.captured)
      }
    })
  })

  it('a session moves only as its table or a command allows', () => {
    always((one) => {
      for (const [was, is] of pairs(one)) {
        if (was.state === is.state) continue
        const opened = was.state === 'opening' && is.state === 'open'
        const told = isPayable(was.state) && is.state === 'ending'
        if (!opened && !told) expect(Object.values(sessionTable[was.state])).toContain(is.state)
      }
    })
  })

  it('a new attempt begins only when no other session can be paid, holds money or is in doubt', () => {
    always(({ before, entry }) => {
      if (entry.type === 'session.opening' && before !== null) {
        expect(unsettledSession(before)).toBeUndefined()
        expect(statusOf(before)).not.toBe('paid')
      }
    })
  })

  it('at most one session can be paid', () => {
    always(({ after }) => {
      expect(after.sessions.filter(({ state }) => isPayable(state)).length).toBeLessThanOrEqual(1)
    })
  })

  it('a yes is given only when no other session was told yes and may still bring its money', () => {
    always(({ before, entry }) => {
      if (entry.type !== 'session.extended' || before === null) return
      const others = before.sessions.filter(({ id, state, yesAt }) => {
        return id !== entry.data.sessionId && yesAt !== null && isPayable(state)
      })
      expect(others).toEqual([])
    })
  })

  it('nothing but money, a status check or a person ends a doubt', () => {
    always((one) => {
      for (const [was, is] of pairs(one)) {
        if (was.doubt === null || is.doubt !== null) continue
        const { entry } = one
        const money = 'fact' in entry.data && ['authorized', 'captured'].includes(entry.data.fact.type)
        expect(money || ['check.applied', 'session.cleared'].includes(entry.type)).toBe(true)
      }
    })
  })

  it('a session that is in doubt is not ended by time', () => {
    always((one) => {
      for (const [was, is] of pairs(one))
        if (was.doubt !== null && one.entry.type === 'clock.applied') expect(is.state).toBe(was.state)
    })
  })

  it('money that came to an ended session, or beside other money, is flagged', () => {
    const secured = (payment: Payment) => payment.sessions.filter(({ state }) => holdsMoney(state)).length
    fc.assert(
      fc.property(aHistory, (happenings) => {
        let late = false
        const history = new History((one) => {
          late ||= pairs(one).some(([was, is]) => isOver(was.state) && holdsMoney(is.state))
        })
        for (const happening of happenings) history.happen(happening)
        const { payment } = history
        if (payment === null) return
        if (late) expect(payment.flags).toContain('late_payment')
        if (secured(payment) > 1) expect(payment.flags).toContain('duplicate_payment')
        if (!late) expect(payment.flags).not.toContain('late_payment')
      }),
      { numRuns: 400 },
    )
  })

  it('events are counted from 1 without gaps, and a payment is told to be paid once', () => {
    const told = new WeakMap<Payment, number>()
    always(({ before, after, type }) => {
      expect(after.events).toBe((before?.events ?? 0) + (type === null ? 0 : 1))
      const times = (before === null ? 0 : (told.get(before) ?? 0)) + (type === 'payment.paid' ? 1 : 0)
      told.set(after, times)
      expect(times).toBe(statusOf(after) === 'paid' ? 1 : 0)
    })
  })

  it('every change of status is told, and no event is told of none', () => {
    always(({ before, after, type }) => {
      if (before === null) return
      if (statusOf(before) !== statusOf(after)) expect(type).toBe(`payment.${statusOf(after)}`)
    })
  })

  it('the exceptions that were raised each had an id of their own', () => {
    const seen = new WeakMap<Payment, Set<string>>()
    always(({ before, after, entry }) => {
      const ids = (before === null ? undefined : seen.get(before)) ?? new Set()
      if (entry.type === 'exception.raised') {
        expect(ids).not.toContain(entry.data.id)
        ids.add(entry.data.id)
      }
      seen.set(after, ids)
    })
  })

  it('the journal alone makes the same payment again', () => {
    fc.assert(
      fc.property(aHistory, (happenings) => {
        const history = new History(() => {})
        for (const happening of happenings) history.happen(happening)
        const replayed = history.journal.reduce<Payment | null>(
          (payment, placed) => step(payment, placed).payment,
          null,
        )
        expect(replayed).toEqual(history.payment)
      }),
    )
  })
})

describe('the same facts', () => {
  const facts: Fact[] = [
    ...[authorized, capturedFact, ...ends, refunded(300), refunded(1_000)],
    ...([{ type: 'disputed' }, { type: 'dispute_closed', outcome: 'won' }] as const),
  ]
  const some = fc.subarray(facts, { minLength: 1 })

  /** Tells them as they come; what came too early is told again after each step, as the object does. */
  function end(told: readonly Fact[]): Payment {
    let early: Fact[] = []
    let payment = withSessions({})
    const hear = (fact: Fact): void => {
      const occurredAt = facts.indexOf(fact)
      const report = { id: 'rep', connectionId: 'con', reference: 'ref-1', occurredAt }
      const heard = tell(payment, fact, { report })
      payment = heard.payment
      if (heard.outcome === 'premature') early.push(fact)
    }
    for (const fact of told) {
      hear(fact)
      const waiting = early
      early = []
      waiting.forEach(hear)
    }
    return payment
  }

  const inAnyOrder = some.chain((chosen) =>
    fc.tuple(
      fc.constant(chosen),
      fc
        .shuffledSubarray([...chosen, ...chosen, ...chosen], { minLength: chosen.length })
        .map((more) => [...more, ...chosen.filter((fact) => !more.includes(fact))]),
    ),
  )

  it('in any order and any repetition lead to the end that the money says', () => {
    fc.assert(
      fc.property(inAnyOrder, ([chosen, told]) => {
        const payment = end(told)
        const { state, captured } = of(payment, 1)
        if (chosen.includes(capturedFact)) {
          expect([statusOf(payment), state, captured]).toEqual(['paid', 'captured', 1_000])
        } else {
          expect([captured, payment.settledBy]).toEqual([0, null])
          const without: string[] = chosen.map(({ type }) => type)
          expect(
            without.some((type) => ['authorized', 'failed', 'canceled', 'expired'].includes(type)) ||
              state === 'open',
          ).toBe(true)
          if (state !== 'open') expect(without).toContain(state)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('in any order and any repetition give the same money back, and the same end of a dispute', () => {
    fc.assert(
      fc.property(inAnyOrder, ([chosen, told]) => {
        const view = paymentView(end(told))
        const paid = chosen.includes(capturedFact)
        const back = Math.max(0, ...chosen.map((fact) => (fact.type === 'refunded' ? (fact.amount ?? 0) : 0)))
        expect(view.amount_refunded).toBe(paid ? back : 0)
        expect(view.refunds.reduce((sum, { amount }) => sum + amount, 0)).toBe(paid ? back : 0)
        const types = chosen.map(({ type }) => type)
        const dispute = types.includes('dispute_closed')
          ? 'won'
          : types.includes('disputed')
            ? 'open'
            : 'none'
        expect(view.dispute_status).toBe(paid ? dispute : 'none')
      }),
      { numRuns: 500 },
    )
  })

  it('in any order never tell more than once that a payment was paid', () => {
    fc.assert(
      fc.property(inAnyOrder, ([, told]) => {
        let times = 0
        let payment = withSessions({})
        for (const fact of told) {
          const before = statusOf(payment)
          payment = tell(payment, fact).payment
          if (before !== 'paid' && statusOf(payment) === 'paid') times += 1
          if (before === 'paid') expect(statusOf(payment)).toBe('paid')
        }
        expect(times).toBeLessThanOrEqual(1)
      }),
    )
  })
})
