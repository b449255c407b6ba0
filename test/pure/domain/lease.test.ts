import { describe, expect, it } from 'vitest'
import { isHeld, type Lease, released, speaks, take } from '../../../src/domain/lease.ts'
import { NOW } from '../../support/a-payment.ts'

const taken = (before: Lease | null, now: number): Lease => {
  const lease = take(before, 'open', 'ps_1', now, 20_000)
  if (lease === null) throw new Error('It is held.')
  return lease
}
const first = taken(null, NOW)

describe('a lease', () => {
  it('is taken for a time, by one', () => {
    expect(first).toEqual({ command: 'open', sessionId: 'ps_1', epoch: 1, until: NOW + 20_000 })
    expect(take(first, 'open', 'ps_1', NOW + 19_999, 20_000)).toBeNull()
    expect([isHeld(first, NOW + 19_999), isHeld(first, NOW + 20_000), isHeld(null, NOW)]).toEqual([
      ...[true, false, false],
    ])
  })

  it('that ran out passes to the next, and the one who wakes up late no longer speaks', () => {
    const second = taken(first, NOW + 20_000)
    expect(second.epoch).toBe(2)
    expect([speaks(second, first.epoch), speaks(second, second.epoch)]).toEqual([false, true])
  })

  it('that ran out lets its holder speak as long as nobody else has taken it', () => {
    expect(speaks(first, first.epoch)).toBe(true)
  })

  it('that was given back is free at once, silences its holder, and keeps its place in the count', () => {
    const back = released(first)
    expect(isHeld(back, NOW)).toBe(false)
    expect(speaks(back, first.epoch)).toBe(false)
    expect(taken(back, NOW).epoch).toBe(2)
  })

  it('that was never taken lets nobody speak', () => {
    expect(speaks(null, 1)).toBe(false)
  })
})
