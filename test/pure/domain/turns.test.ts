import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Turns } from '../../../src/domain/turns.ts'

const noon = Date.UTC(2026, 10, 25, 12)

describe('turns', () => {
  it('lets the first go at once and spreads the others evenly over the second', () => {
    const turns = new Turns()
    expect(['a', 'b', 'c', 'd'].map((id) => turns.waitMs(id, 4, noon))).toEqual([0, 250, 500, 750])
  })

  it('keeps the turn of who asks again too early, and lets it go when it comes', () => {
    const turns = new Turns()
    turns.waitMs('a', 1, noon)
    expect(turns.waitMs('b', 1, noon)).toBe(1_000)
    expect(turns.waitMs('b', 1, noon + 400)).toBe(600)
    expect(turns.waitMs('b', 1, noon + 1_000)).toBe(0)
  })

  it('gives a new turn to who went and comes back', () => {
    const turns = new Turns()
    expect([turns.waitMs('a', 1, noon), turns.waitMs('a', 1, noon)]).toEqual([0, 1_000])
  })

  it('never lets more go within a second than it may, whoever comes when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(3_000), { minLength: 1, maxLength: 60 }),
        (perSecond, arrivals) => {
          const turns = new Turns()
          const gone = arrivals
            .toSorted((a, b) => a - b)
            .map((at, n) => noon + at + turns.waitMs(String(n), perSecond, noon + at))
            .toSorted((a, b) => a - b)
          for (const [n, at] of gone.entries()) {
            const later = gone[n + perSecond]
            if (later !== undefined) expect(later - at).toBeGreaterThan(999.99)
          }
        },
      ),
    )
  })

  it('keeps the turns that are to come when it deals another one', () => {
    const turns = new Turns()
    for (const id of ['a', 'b', 'c']) turns.waitMs(id, 1, noon)
    expect(turns.waitMs('b', 1, noon + 1_000)).toBe(0)
  })

  it('forgets turns that nobody came back for in ten minutes', () => {
    const turns = new Turns()
    turns.waitMs('a', 1, noon)
    turns.waitMs('b', 1, noon)
    // Its turn has passed by long: it is dealt a new one, which is now.
    turns.waitMs('c', 1, noon + 601_000)
    expect(turns.waitMs('b', 1, noon + 601_000)).toBe(1_000)
  })
})
