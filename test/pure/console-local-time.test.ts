// What an operator types as a time means what the desk would show as that time.
import { describe, expect, it } from 'vitest'
import { instantOf, localOf } from '../../src/console/local-time.ts'

describe('a time that is typed', () => {
  it.each([
    ['2026-11-30T14:05', 'UTC', '2026-11-30T14:05:00.000Z'],
    ['2026-11-30T14:05', 'Asia/Yerevan', '2026-11-30T10:05:00.000Z'],
    ['2026-11-30', 'Asia/Yerevan', '2026-11-29T20:00:00.000Z'],
    ['2026-11-30T09:00', 'America/New_York', '2026-11-30T14:00:00.000Z'],
    ['2026-07-01T09:00', 'Asia/Kolkata', '2026-07-01T03:30:00.000Z'],
    // An hour after the clocks went forward, and an hour before.
    ['2026-03-29T04:00', 'Europe/Berlin', '2026-03-29T02:00:00.000Z'],
    ['2026-03-29T01:00', 'Europe/Berlin', '2026-03-29T00:00:00.000Z'],
  ])('as %s in %s is %s', (typed, zone, instant) => {
    expect(instantOf(typed, zone)).toBe(instant)
    expect(localOf(Date.parse(instant), zone)).toBe(typed.length === 10 ? `${typed}T00:00` : typed)
  })

  it.each(['', 'yesterday', '2026-13-45', '30.11.2026', '2026-11-30T25:00'])('as %j is none', (typed) => {
    expect(instantOf(typed, 'UTC')).toBeNull()
  })
})
