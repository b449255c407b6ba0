/** A person calls a session over whose provider could not end it: the gateway looks there once more, by itself. */
import { describe, expect, it } from 'vitest'
import { GRACE_MS } from '../../../src/domain/clock.ts'
import { ended, postpone } from '../../../src/payment/asking.ts'
import { correct } from '../../../src/payment/correcting.ts'
import { aRig, checksTheBooksAfterEachTest, HOUR, type Rig } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const captured = { type: 'captured', amount: 1_000, currency: 'AMD' } as const
const atItsLimit = { ends: 'at_limit' } as const

/** Said by a person after the provider did not end it. */
function corrects(rig: Rig, to: 'paid' | 'failed' = 'failed', actor = 'opr_1') {
  const word = { to, reason: 'The customer says so.', evidence: null, amount: null }
  const key = { name: `${actor} ${to}`, fingerprint: to }
  rig.step((book) => correct(book, { word, key, actor, approvals: 1, wasEnded: true }))
}

function overruled(): Rig {
  const rig = aRig()
  rig.open()
  corrects(rig)
  return rig
}

describe('a session that a person called over while it could be paid', () => {
  it('is looked at when its time is over, and money that came all the same is counted and shown', () => {
    const rig = overruled()
    expect(rig.look()).toEqual({ at: rig.session().expiresAt + GRACE_MS, tries: 0 })
    rig.now = rig.look()!.at
    rig.learn({ facts: [captured], references: ['ref-1'], payable: false }, atItsLimit)
    expect(rig.status).toBe('paid')
    expect(rig.payment.exceptions.map(({ kind }) => kind)).toEqual(['late_payment'])
    expect(rig.look()).toBeUndefined()
  })

  it('is looked at as planned when two people called it over at the same time', () => {
    const rig = overruled()
    const planned = rig.look()
    corrects(rig, 'failed', 'opr_2')
    expect(rig.types.filter((type) => type === 'correction.made')).toHaveLength(2)
    expect(rig.look()).toEqual(planned)
  })

  it('is looked at as planned when the provider\u2019s answer to another person\u2019s end comes afterwards', () => {
    const rig = overruled()
    const planned = rig.look()
    const silence = { kind: 'unknown', detail: 'No answer in time.' } as const
    rig.step((book) => ended(book, rig.session().id, silence, 'asked', 'opr_2'))
    expect(rig.look()).toEqual(planned)
  })

  it('is looked at as planned although a report that nobody can place made us ask sooner', () => {
    const rig = overruled()
    const planned = rig.look()
    expect(rig.hear({ type: 'refunded', amount: 400 })).toBe('premature')
    expect(rig.asks()).toEqual({ at: rig.now + 5_000, tries: 1 })
    rig.now = rig.asks()!.at
    rig.learn({}, atItsLimit)
    expect([rig.asks(), rig.look()]).toEqual([undefined, planned])
  })

  it('is looked at later when the question could not be put', () => {
    const rig = overruled()
    rig.now = rig.look()!.at
    rig.step((book) => postpone(book, rig.session().id))
    expect(rig.look()).toEqual({ at: rig.now + 5_000, tries: 1 })
  })

  it('is looked at again at the provider\u2019s own limit, and then no more', () => {
    const rig = overruled()
    rig.now = rig.look()!.at
    rig.learn({}, atItsLimit)
    expect(rig.look()).toEqual({ at: rig.session().createdAt + 24 * HOUR + GRACE_MS, tries: 0 })
    rig.now = rig.look()!.at
    rig.learn({}, atItsLimit)
    expect([rig.status, rig.look()]).toEqual(['failed', undefined])
  })

  it('is looked at once a day for a month where a checkout never ends', () => {
    const rig = overruled()
    let looks = 0
    for (; rig.look() !== undefined; looks += 1) {
      rig.now = rig.look()!.at
      rig.learn({}, { ends: 'never' })
    }
    expect(looks).toBe(31)
  })

  it('is asked about again while its provider is silent, for about a day', () => {
    const rig = overruled()
    const from = rig.look()!.at
    let last = from
    for (; rig.look() !== undefined; last = rig.now) {
      rig.now = rig.look()!.at
      rig.learn(null, atItsLimit)
    }
    expect((last - from) / HOUR).toBeGreaterThan(20)
    expect((last - from) / HOUR).toBeLessThan(30)
  })

  it('is forgotten once the provider says that nobody can pay there, or cannot be asked', () => {
    for (const able of [{}, { statusCheck: false }]) {
      const rig = overruled()
      rig.learn('statusCheck' in able ? {} : { payable: false }, { ...atItsLimit, ...able })
      expect(rig.look()).toBeUndefined()
    }
  })
})

describe('nobody is asked', () => {
  it('about a session that a person called paid', () => {
    const rig = aRig()
    rig.open()
    corrects(rig, 'paid')
    expect([rig.status, rig.look()]).toEqual(['paid', undefined])
  })

  it('about one that its provider had ended already', () => {
    const rig = aRig()
    rig.open()
    rig.hear({ type: 'canceled' })
    corrects(rig)
    expect(rig.look()).toBeUndefined()
  })
})
