import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spreadOf } from '../../../src/domain/latency.ts'

const values = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 200 })

describe('the spread of values', () => {
  it('is nothing where there are none', () => expect(spreadOf([])).toBeNull())

  it.each([
    [[7], { p50: 7, p95: 7, most: 7 }],
    [[30, 10, 20], { p50: 20, p95: 30, most: 30 }],
    [[1, 2], { p50: 1, p95: 2, most: 2 }],
    // By number and not by text, where 9 would come last.
    [[100, 9, 20], { p50: 20, p95: 100, most: 100 }],
    [Array.from({ length: 100 }, (_, n) => n + 1), { p50: 50, p95: 95, most: 100 }],
    [Array.from({ length: 20 }, (_, n) => n + 1), { p50: 10, p95: 19, most: 20 }],
  ])('of %j is %j', (given, spread) => expect(spreadOf(given)).toEqual(spread))

  it('names figures that so many of the values do not exceed, and no fewer values would do', () => {
    fc.assert(
      fc.property(values, (given) => {
        const { p50, p95, most } = spreadOf(given)!
        const share = (figure: number) => given.filter((value) => value <= figure).length / given.length
        const below = (figure: number) => given.filter((value) => value < figure).length / given.length
        for (const [figure, part] of [
          [p50, 0.5],
          [p95, 0.95],
          [most, 1],
        ] as const) {
          expect(given).toContain(figure)
          expect(share(figure)).toBeGreaterThanOrEqual(part)
          expect(below(figure)).toBeLessThan(part)
        }
      }),
    )
  })

  it('leaves the values as they were', () => {
    const given = [3, 1, 2]
    spreadOf(given)
    expect(given).toEqual([3, 1, 2])
  })
})
