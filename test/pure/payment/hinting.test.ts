import { describe, expect, it } from 'vitest'
import type { Fact, Named } from '../../../src/domain/provider.ts'
import { postpone } from '../../../src/payment/asking.ts'
import { ASK_AT_MOST_EVERY_MS, takeHint } from '../../../src/payment/hinting.ts'
import {
  aRig,
  CONNECTION,
  checksTheBooksAfterEachTest,
  HOUR,
  OTHER_CONNECTION,
  type Rig,
} from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const captured: Fact = { type: 'captured', amount: 1_000, currency: 'AMD' }

function hint(rig: Rig, named: Partial<Named> = {}, connectionId = CONNECTION, askedAt = 0): void {
  const whole = { sessionId: rig.session().id, reference: 'ref-1', ...named }
  rig.step((book) => takeHint(book, connectionId, whole, () => askedAt))
}

const hintsOf = (rig: Rig) => rig.stored.side.hints ?? {}
/** When the object asks because of a hint, in milliseconds from now; undefined when it does not. */
function asksIn(rig: Rig): number | undefined {
  const hints = hintsOf(rig)
  return Object.values(hints).map(({ at }) => at - rig.now)[0]
}

function aPaidRig(): Rig {
  const rig = aRig()
  rig.open()
  rig.learn({ facts: [captured], references: ['ref-1'] })
  return rig
}

describe('a hint', () => {
  it('makes the object ask in a second, and changes nothing else', () => {
    const rig = aRig()
    rig.open()
    const { types } = rig
    hint(rig)
    expect([asksIn(rig), rig.storage.alarm, rig.types]).toEqual([1_000, rig.now + 1_000, types])
  })

  it('comes right after a question, and the next one waits its time', () => {
    const rig = aRig()
    rig.open()
    hint(rig, {}, CONNECTION, rig.now - 1_000)
    expect(asksIn(rig)).toBe(ASK_AT_MOST_EVERY_MS - 1_000)
  })

  it('that comes a hundred times is written once', () => {
    const rig = aRig()
    rig.open()
    hint(rig)
    const [before, alarm] = [hintsOf(rig), rig.storage.alarm]
    for (let time = 0; time < 100; time++) {
      rig.now += 5
      hint(rig)
    }
    expect([hintsOf(rig), rig.storage.alarm]).toEqual([before, alarm])
  })

  it.each([
    ['another connection', OTHER_CONNECTION, {}],
    ['a session that is not there', CONNECTION, { sessionId: 'ps_of_nobody' }],
  ])('through %s is nothing', (_, connectionId, named) => {
    const rig = aRig()
    rig.open()
    hint(rig, named, connectionId)
    expect(hintsOf(rig)).toEqual({})
  })

  it('that names only the order is about the session that knows the reference, else the newest', () => {
    const rig = aRig()
    const first = rig.open()
    rig.learn({ facts: [{ type: 'failed' }], references: ['ref-1'], payable: false })
    const second = rig.open({ key: 'k2' })
    rig.step((book) => takeHint(book, CONNECTION, { reference: 'ref-1' }, () => 0))
    expect(Object.keys(hintsOf(rig))).toEqual([first])
    rig.step((book) => takeHint(book, CONNECTION, { reference: 'unheard of' }, () => 0))
    expect(Object.keys(hintsOf(rig))).toEqual([first, second])
  })
})

describe('a hint about a session that is over', () => {
  it('is asked about, so that money given back at the provider is seen', () => {
    const rig = aPaidRig()
    hint(rig)
    expect(asksIn(rig)).toBe(1_000)
    rig.now += 1_000
    rig.learn({
      facts: [captured, { type: 'refunded', amount: 400, currency: 'AMD' }],
      references: ['ref-1'],
    })
    expect([rig.session().refunded, rig.asks()]).toEqual([400, undefined])
  })

  it('is asked about, so that money which came late is seen', () => {
    const rig = aRig()
    rig.open()
    rig.learn({ facts: [{ type: 'expired' }], references: ['ref-1'], payable: false })
    hint(rig)
    rig.now += 1_000
    rig.learn({ facts: [captured], references: ['ref-1'], payable: false })
    expect([rig.status, rig.exceptions]).toEqual(['paid', ['late_payment']])
  })
})

describe('an answer to a hint', () => {
  it('does not settle a hint that came while the question was under way', () => {
    const rig = aPaidRig()
    hint(rig)
    rig.now += 500
    // Asked before the hint was due, at somebody's return: the hint may be about what happened after that.
    rig.learn({ facts: [captured], references: ['ref-1'] })
    expect(asksIn(rig)).toBe(500)
  })

  it('does not settle a second hint that came while the question about the first was under way', () => {
    const rig = aRig()
    rig.open()
    hint(rig)
    rig.now += 1_000
    const askedAt = rig.now
    // The customer failed, and pays after all before the answer is here.
    rig.now += 50
    hint(rig)
    rig.learn({ facts: [{ type: 'failed' }], references: ['ref-1'] }, {}, { askedAt })
    expect(asksIn(rig)).toBe(ASK_AT_MOST_EVERY_MS - 50)
    rig.now += ASK_AT_MOST_EVERY_MS
    rig.learn({ facts: [captured], references: ['ref-1'], payable: false })
    expect(rig.status).toBe('paid')
  })

  it('that brings news may be behind all the same: the provider is asked once more', () => {
    const rig = aRig()
    rig.open()
    // The customer left, which is all that its status tells yet, and has paid after all.
    hint(rig)
    rig.now += 1_000
    rig.learn({ facts: [{ type: 'canceled' }], references: ['ref-1'] })
    expect([rig.status, asksIn(rig)]).toEqual(['canceled', 7 * 60_000])
    rig.now += 7 * 60_000
    rig.learn({ facts: [captured], references: ['ref-1'], payable: false })
    expect(rig.status).toBe('paid')
  })

  it('comes although a flood of hints goes on while its question is due', () => {
    const rig = aPaidRig()
    hint(rig)
    rig.now += 1_000
    for (let time = 0; time < 100; time++) {
      rig.now += 5
      hint(rig)
    }
    expect(asksIn(rig)).toBe(-500)
  })

  it('without news is not taken for the last word: the provider is asked once more, when its status has caught up', () => {
    const rig = aPaidRig()
    hint(rig)
    rig.now += 1_000
    const known = { facts: [captured], references: ['ref-1'] }
    rig.learn(known)
    expect(asksIn(rig)).toBe(7 * 60_000)
    rig.now += 7 * 60_000
    rig.learn({ ...known, facts: [captured, { type: 'refunded', amount: 400, currency: 'AMD' }] })
    expect(rig.session().refunded).toBe(400)
  })

  it.each([
    ['without news', aPaidRig],
    [
      'with news',
      () => {
        const rig = aRig()
        rig.open()
        return rig
      },
    ],
  ])('settles it at the second time without news, when the first was %s', (_, before) => {
    const rig = before()
    hint(rig)
    for (const wait of [1_000, 7 * 60_000]) {
      expect(hintsOf(rig)).not.toEqual({})
      rig.now += wait
      rig.learn({ facts: [captured], references: ['ref-1'] })
    }
    expect([rig.status, hintsOf(rig)]).toEqual(['paid', {}])
  })

  it('that does not come is waited for longer and longer, and for about half a day', () => {
    const rig = aPaidRig()
    hint(rig)
    const began = rig.now
    let asked = 0
    for (; asksIn(rig) !== undefined; asked++) {
      rig.now += Math.max(0, asksIn(rig) ?? 0)
      // Every other time the question cannot even be put.
      if (asked % 2 === 0) rig.learn(null)
      else rig.step((book) => postpone(book, rig.session().id))
    }
    expect(asked).toBe(20)
    expect((rig.now - began) / HOUR).toBeGreaterThan(10)
    expect((rig.now - began) / HOUR).toBeLessThan(24)
    rig.learn({ facts: [captured], references: ['ref-1'] })
  })

  it('is not awaited from a provider that cannot be asked', () => {
    const rig = aPaidRig()
    hint(rig)
    rig.now += 1_000
    rig.learn(null, { statusCheck: false })
    expect(hintsOf(rig)).toEqual({})
  })
})
