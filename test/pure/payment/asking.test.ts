import { describe, expect, it } from 'vitest'
import { resolve } from '../../../src/domain/exceptions.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { beginEnd, ended, subjectOf } from '../../../src/payment/asking.ts'
import { ownCommand } from '../../../src/payment/commanding.ts'
import { finish } from '../../../src/payment/opening.ts'
import {
  answered,
  aRig,
  capabilities,
  checksTheBooksAfterEachTest,
  HOUR,
  lost,
  MINUTE,
  type Rig,
} from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const captured: Fact = { type: 'captured', amount: 1_000, currency: 'AMD' }
const atItsLimit = { ends: 'at_limit', expiresInSeconds: { min: 60, max: 3_600 } } as const

function anOpenRig(): Rig {
  const rig = aRig()
  rig.open()
  return rig
}

/** The object's answer to being told how the end at the provider went. */
function end(rig: Rig, outcome: Parameters<typeof ended>[2], why: 'asked' | 'clock' = 'clock'): void {
  rig.step((book) => ended(book, rig.session().id, outcome, why, why === 'asked' ? 'key_1' : 'tollgate'))
}

describe('a session that is open', () => {
  it('rings when its time is over, and not before', () => {
    const rig = anOpenRig()
    expect(rig.asks()).toEqual({ at: rig.session().expiresAt, tries: 0 })
  })

  it('waits on when it is asked about early and nobody has paid', () => {
    const rig = anOpenRig()
    const { types } = rig
    expect(rig.learn({})).toBe('nothing')
    expect([rig.types, rig.asks()]).toEqual([types, { at: rig.session().expiresAt, tries: 0 }])
  })

  it('is paid when the provider says so, once, however often it is asked', () => {
    const rig = anOpenRig()
    for (let i = 0; i < 5; i++) rig.learn({ facts: [captured], references: ['ref-1'], orderId: 'A-1' })
    expect([rig.status, rig.types.at(-1), rig.asks()]).toEqual(['paid', 'check.applied', undefined])
    expect(rig.types.filter((type) => type === 'check.applied')).toHaveLength(1)
  })
})

describe('an adapter that is asked about a session', () => {
  it('is told its references, until when it is offered, and how often it was called for', () => {
    const rig = aRig()
    rig.finish(rig.begin(), lost)
    rig.open({ key: 'k2' })
    const { id: sessionId, references, expiresAt } = rig.session()
    const money = { amount: 1_000, currency: 'AMD' }
    const session = { sessionId, orderId: 'A-1', references, ...money, expiresAt, calls: 2 }
    expect(rig.step((book) => subjectOf(book, sessionId))).toMatchObject({ session })
  })
})

describe('a session whose capture is under way', () => {
  it('is not ended by a word of ours: it is ending until the capture is known', () => {
    const rig = anOpenRig()
    rig.hear({ fact: { type: 'approved' }, id: 'approved-1' })
    const able = { ...capabilities, ends: 'at_limit', approves: true } as const
    expect(rig.step((book) => ownCommand(book, rig.session().id, able))).not.toBeNull()
    end(rig, { kind: 'done', value: [{ type: 'canceled' }] }, 'asked')
    expect([rig.session().state, rig.status]).toEqual(['ending', 'pending'])
    rig.learn({ facts: [captured], references: ['ref-1'], payable: false }, able)
    expect([rig.status, rig.exceptions]).toEqual(['paid', []])
  })

  it('is over at its time while none is, also where the provider does not answer', () => {
    const rig = anOpenRig()
    rig.now = rig.session().expiresAt
    rig.learn(null, { ends: 'at_limit', approves: true })
    expect(rig.session().state).toBe('expired')
  })

  it('is ended at once by the same word while none is', () => {
    const rig = anOpenRig()
    end(rig, { kind: 'done', value: [{ type: 'canceled' }] }, 'asked')
    expect(rig.session().state).toBe('canceled')
  })
})

describe('a session whose time is over', () => {
  it('is asked about first: money that came in the last moment counts', () => {
    const rig = anOpenRig()
    rig.now = rig.session().expiresAt
    expect(rig.learn({ facts: [captured], references: ['ref-1'] })).toBe('nothing')
    expect(rig.status).toBe('paid')
  })

  it('is paid by an answer that names its payment beside its checkout, and is known by both from then on', () => {
    const rig = anOpenRig()
    rig.learn({ facts: [captured], references: ['ref-1', 'pi_1'], payable: false })
    expect([rig.status, rig.exceptions]).toEqual(['paid', []])
    expect(rig.session().references).toEqual(['ref-1', 'pi_1'])
  })

  it('is in doubt by an answer that names only another checkout', () => {
    const rig = anOpenRig()
    rig.learn({ facts: [captured], references: ['ref-9'], payable: false })
    expect([rig.status, rig.exceptions]).toEqual(['pending', ['report_mismatch']])
  })

  it('is then ended at a provider that can do so, and only that end is its end', () => {
    const rig = anOpenRig()
    rig.now = rig.session().expiresAt
    expect(rig.learn({})).toBe('end')
    expect([rig.session().state, rig.status]).toEqual(['ending', 'pending'])
    expect(rig.begin({ key: 'k2' })).toMatchObject({ refusal: { code: 'previous_attempt_in_doubt' } })
    end(rig, { kind: 'done', value: [{ type: 'canceled' }] })
    expect([rig.status, rig.types.at(-1), rig.asks()]).toEqual(['expired', 'command.applied', undefined])
  })

  it.each(['check', 'report'] as const)(
    'is expired, not canceled, when a %s tells of that end first',
    (who) => {
      const rig = anOpenRig()
      rig.now = rig.session().expiresAt
      rig.learn({})
      if (who === 'check') rig.learn({ facts: [{ type: 'canceled' }], references: ['ref-1'], payable: false })
      else rig.hear({ type: 'canceled' })
      expect(rig.status).toBe('expired')
    },
  )

  it('keeps ending, and is asked about again, where the end got no answer', () => {
    const rig = anOpenRig()
    rig.now = rig.session().expiresAt
    rig.learn({})
    end(rig, { kind: 'unknown', detail: 'No answer.' })
    expect([rig.session().state, rig.asks()]).toEqual(['ending', { at: rig.now + 5_000, tries: 1 }])
  })

  it('keeps ending where the provider refused to end it, until it says why', () => {
    const rig = anOpenRig()
    rig.now = rig.session().expiresAt
    rig.learn({})
    end(rig, { kind: 'declined', code: 'declined', detail: 'It was captured.' })
    expect(rig.session().state).toBe('ending')
    rig.learn({ facts: [captured], references: ['ref-1'] })
    expect([rig.status, rig.exceptions]).toEqual(['paid', []])
  })

  it('at a provider that ends it only at its own limit is ending until that and a grace have passed', () => {
    const rig = anOpenRig()
    const created = rig.now
    rig.now = rig.session().expiresAt
    expect(rig.learn({}, atItsLimit)).toBe('nothing')
    expect(rig.session().state).toBe('ending')
    rig.now = created + HOUR + 15 * MINUTE - 1
    rig.learn({}, atItsLimit)
    expect(rig.session().state).toBe('ending')
    rig.now += 1
    rig.learn({}, atItsLimit)
    expect([rig.status, rig.types.at(-1)]).toEqual(['expired', 'clock.applied'])
  })

  it('at a provider that never ends one stays ending, and after a day stands before an operator', () => {
    const rig = anOpenRig()
    const expiresAt = rig.session().expiresAt
    for (const hours of [0, 1, 12, 24]) {
      rig.now = expiresAt + hours * HOUR
      rig.learn({}, { ends: 'never' })
    }
    expect([rig.session().state, rig.exceptions]).toEqual(['ending', []])
    rig.now = expiresAt + 25 * HOUR
    for (let i = 0; i < 5; i++) rig.learn({}, { ends: 'never' })
    expect(rig.exceptions).toEqual(['in_doubt_too_long'])
  })

  it('ends by the clock at a provider that asks us first', () => {
    const rig = anOpenRig()
    rig.now = rig.session().expiresAt
    rig.learn({}, { ends: 'never', asksFirst: true })
    expect([rig.status, rig.exceptions]).toEqual(['expired', []])
  })

  it('and that nobody was ever given an address for ends by the clock', () => {
    const rig = aRig()
    rig.finish(rig.begin(), lost)
    rig.now = rig.session().expiresAt
    rig.learn({ payable: false })
    expect(rig.status).toBe('expired')
  })

  it('ends when the provider says that nobody can pay there, whatever ended it', () => {
    const rig = anOpenRig()
    rig.now = rig.session().expiresAt
    rig.learn({ payable: false }, atItsLimit)
    expect(rig.status).toBe('expired')
  })

  it('does not end while a call for it is under way, for its checkout may come to be any moment', () => {
    const rig = aRig()
    rig.begin({ expiresInMs: 1 })
    rig.now += 1
    rig.learn({ payable: false })
    expect(rig.session().state).toBe('ending')
  })

  it('is not ended by a provider that did not answer, even one whose books were empty before', () => {
    const rig = aRig()
    rig.finish(rig.begin(), lost)
    rig.now = rig.session().expiresAt
    rig.learn(null)
    expect(rig.session().state).toBe('ending')
  })
})

describe('asking again', () => {
  it('waits longer each time, up to an hour', () => {
    const rig = anOpenRig()
    rig.now = rig.session().expiresAt
    const waits = Array.from({ length: 9 }, () => {
      rig.learn(null, { ends: 'never' })
      return (rig.asks()!.at - rig.now) / 1_000
    })
    expect(waits).toEqual([5, 15, 45, 135, 405, 1_215, 3_600, 3_600, 3_600])
  })
})

describe('a session at a provider that tells nothing by itself', () => {
  it('is asked about within a minute, ever less often, and until after the provider’s own limit', () => {
    const rig = aRig()
    const begun = rig.begin({ expiresInMs: 20 * MINUTE })
    const { key, actor, origin } = rig.asked({ expiresInMs: 20 * MINUTE })
    const limit = rig.now + 20 * MINUTE
    const made = answered('ref-1')
    const outcome = {
      ...made,
      value: { ...(made.kind === 'done' && made.value), endsAt: limit },
    } as typeof made
    if (begun.kind !== 'call') throw new Error('The provider is to be called.')
    const { epoch, order } = begun
    const told = { sessionId: order.sessionId, epoch, outcome, key, actor, origin, polled: true }
    rig.step((book) => finish(book, told))
    const asked: number[] = []
    for (let due = rig.asks(); due !== undefined && asked.length < 20; due = rig.asks()) {
      asked.push((due.at - (limit - 20 * MINUTE)) / 1_000)
      rig.now = due.at
      rig.learn({}, { ...atItsLimit, polled: true })
    }
    // Four times while it can be paid, at its end, in the grace behind it, and when that is over.
    expect(asked).toEqual([45, 90, 225, 630, 1_200, 1_605, 2_820])
    expect(rig.status).toBe('expired')
  })
})

describe('a session in doubt', () => {
  function inDoubt(): Rig {
    const rig = anOpenRig()
    rig.hear({ amount: 999 })
    return rig
  }

  it('is paid when the provider, asked, agrees with the session', () => {
    const rig = inDoubt()
    rig.learn({ facts: [captured], references: ['ref-1'] })
    expect([rig.status, rig.session().doubt, rig.asks()]).toEqual(['paid', null, undefined])
  })

  it('stays in doubt, with one entry, while the provider keeps saying what differs', () => {
    const rig = inDoubt()
    const { types } = rig
    for (let i = 0; i < 3; i++) rig.learn({ facts: [{ ...captured, amount: 999 }], references: ['ref-1'] })
    expect([rig.types, rig.session().doubt]).toEqual([types, 'report_mismatch'])
    expect(rig.asks()?.tries).toBe(4)
  })

  it('does not expire, however late it is', () => {
    const rig = inDoubt()
    rig.now += 48 * HOUR
    expect(rig.learn({})).toBe('nothing')
    expect(rig.session()).toMatchObject({ state: 'open', doubt: 'report_mismatch' })
  })

  it('ends when the provider itself says that it ended without money', () => {
    const rig = inDoubt()
    rig.learn({ facts: [{ type: 'canceled' }], references: ['ref-1'], payable: false })
    expect([rig.status, rig.session().doubt]).toEqual(['canceled', null])
  })

  it('for a day goes before an operator, once, whose decision frees the order', () => {
    const rig = inDoubt()
    rig.now += 24 * HOUR
    for (let i = 0; i < 3; i++) rig.learn(null)
    expect(rig.exceptions).toEqual(['report_mismatch', 'in_doubt_too_long'])
    const { id } = rig.payment.exceptions[0]!
    rig.step((book) => book.write(resolve(book.payment!, { id }, 'money returned', 'by hand'), 'opr_1'))
    expect([rig.session().doubt, rig.exceptions]).toEqual([null, ['in_doubt_too_long']])
    rig.learn({})
    end(rig, { kind: 'done', value: [{ type: 'canceled' }] })
    expect(rig.begin({ key: 'k2' })).toMatchObject({ kind: 'call' })
  })

  it('cannot be ended by a command', () => {
    const rig = inDoubt()
    const begun = rig.step((book) => beginEnd(book, rig.session().id, false, 'key_1'))
    expect(begun).toEqual({ kind: 'refused', status: 'in_doubt' })
  })
})

describe('ending a session on request', () => {
  it('cancels it where the provider confirms, and names who asked', () => {
    const rig = anOpenRig()
    expect(rig.step((book) => beginEnd(book, rig.session().id, false, 'key_1'))).toMatchObject({
      kind: 'call',
    })
    end(rig, { kind: 'done', value: [{ type: 'canceled' }] }, 'asked')
    expect([rig.status, rig.journal.at(-1)?.actor]).toEqual(['canceled', 'key_1'])
  })

  it('makes it ending where the provider does not, and money that comes then is no surprise', () => {
    const rig = anOpenRig()
    end(rig, { kind: 'unknown', detail: 'It ends at its own limit.' }, 'asked')
    expect(rig.session().state).toBe('ending')
    rig.hear()
    expect([rig.status, rig.exceptions]).toEqual(['paid', []])
  })

  it('stays a cancellation when only the alarm, later, gets it through at the provider', () => {
    const rig = anOpenRig()
    end(rig, { kind: 'unknown', detail: 'No answer.' }, 'asked')
    rig.now += MINUTE
    expect(rig.learn({})).toBe('end')
    end(rig, { kind: 'done', value: [{ type: 'canceled' }] }, 'clock')
    expect(rig.status).toBe('canceled')
  })

  it('ends at once what nobody was ever given an address for, unless somebody is at the provider', () => {
    const rig = aRig()
    const begun = rig.begin()
    const attempt = (leaseHeld: boolean) =>
      rig.step((book) => beginEnd(book, rig.session().id, leaseHeld, 'key_1'))
    expect(attempt(true)).toEqual({ kind: 'refused', status: 'opening' })
    rig.finish(begun, lost)
    expect(attempt(false)).toEqual({ kind: 'ended' })
    expect(rig.status).toBe('canceled')
  })

  it('is refused for what is settled, and there is nothing of a session that is none of this payment', () => {
    const rig = anOpenRig()
    rig.hear()
    const { id } = rig.session()
    expect(rig.step((book) => beginEnd(book, id, false, 'key_1'))).toEqual({
      kind: 'refused',
      status: 'captured',
    })
    expect(rig.step((book) => [beginEnd(book, 'ps_x', false, 'k'), subjectOf(book, 'ps_x')])).toEqual([
      null,
      null,
    ])
  })

  it('does not take back money that came while the provider was told to end it', () => {
    const rig = anOpenRig()
    rig.step((book) => beginEnd(book, rig.session().id, false, 'key_1'))
    rig.hear()
    end(rig, { kind: 'done', value: [{ type: 'canceled' }] }, 'asked')
    expect([rig.status, rig.exceptions]).toEqual(['paid', []])
  })
})

describe('what is settled', () => {
  it('is not worth asking about, while a hold and a doubt are', () => {
    const rig = anOpenRig()
    const settled = () => rig.step((book) => subjectOf(book, rig.session().id)?.settled)
    expect(settled()).toBe(false)
    rig.hear({ type: 'authorized' })
    expect(settled()).toBe(false)
    rig.hear()
    expect(settled()).toBe(true)
  })

  it('writes nothing when it is asked about all the same', () => {
    const rig = anOpenRig()
    rig.hear()
    const { types } = rig
    rig.learn({ facts: [captured], references: ['ref-1'] })
    rig.learn(null)
    expect(rig.types).toEqual(types)
  })
})
