import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Circumstances,
  firstDelayMs,
  jittered,
  keptAttempts,
  LONGEST_WAIT_MS,
  nextAfter,
  raisesException,
  retryAfterMs,
  subscribes,
} from '../../../src/domain/delivery.ts'

const contractSchedule = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
const noon = Date.UTC(2026, 10, 22, 12)

const around = (change: Partial<Circumstances> = {}): Circumstances => ({
  scheduledTries: 1,
  deliveredBefore: false,
  ...{ holdsDoubt: false, doubtedBefore: false },
  scheduleSeconds: contractSchedule,
  now: noon,
  chance: 0.5,
  ...change,
})
const answer = (status: number | null, retryAfter: string | null = null) => ({ status, retryAfter })
const anyStatus = fc.oneof(fc.constant(null), fc.integer({ min: 100, max: 599 }))

describe('what an answer means', () => {
  it.each([200, 201, 202, 204, 299])('takes %d for delivered', (status) => {
    expect(nextAfter(answer(status), around())).toEqual({ kind: 'delivered' })
  })

  it.each([301, 302, 307, 308, 400, 401, 404, 409, 422, 500, 503, null])('tries again after %s', (status) => {
    expect(nextAfter(answer(status), around())).toEqual({ kind: 'retry', delayMs: 5_000, slow: false })
  })

  it.each([429, 502, 504])('tries again more slowly after %d', (status) => {
    expect(nextAfter(answer(status), around())).toEqual({ kind: 'retry', delayMs: 10_000, slow: true })
  })

  it('gives a destination up that says 410, even at its last try', () => {
    expect(nextAfter(answer(410), around())).toEqual({ kind: 'gone' })
    expect(nextAfter(answer(410), around({ scheduledTries: 10 }))).toEqual({ kind: 'gone' })
  })

  it('is exhausted after the last try of the schedule and not before', () => {
    expect(nextAfter(answer(500), around({ scheduledTries: 9 })).kind).toBe('retry')
    expect(nextAfter(answer(500), around({ scheduledTries: 10 }))).toEqual({ kind: 'exhausted' })
    expect(nextAfter(answer(200), around({ scheduledTries: 10 }))).toEqual({ kind: 'delivered' })
  })

  it.each([500, 503, 504, 520, null])(
    'is a doubt after %s where a repeat could make a second receipt, and a person decides',
    (status) => {
      expect(nextAfter(answer(status), around({ holdsDoubt: true }))).toEqual({ kind: 'doubtful' })
    },
  )

  it.each([301, 400, 409, 429])('is certain after %d, so that even there it is tried again', (status) => {
    expect(nextAfter(answer(status), around({ holdsDoubt: true })).kind).toBe('retry')
    // Unless an earlier try may have been taken: its doubt is still the same.
    const doubted = around({ holdsDoubt: true, doubtedBefore: true })
    expect(nextAfter(answer(status), doubted)).toEqual({ kind: 'doubtful' })
  })

  it.each(['unsigned', 'address_not_allowed'])('is certain when nothing was sent: %s', (error) => {
    expect(nextAfter({ ...answer(null), error }, around({ holdsDoubt: true })).kind).toBe('retry')
  })

  it('keeps a delivery delivered when only a repeat of it fails', () => {
    fc.assert(
      fc.property(anyStatus, fc.nat(20), (status, scheduledTries) => {
        const next = nextAfter(answer(status), around({ scheduledTries, deliveredBefore: true }))
        expect(next).toEqual({ kind: 'delivered' })
      }),
    )
  })
})

describe('how long it waits', () => {
  it('follows the contract between tries', () => {
    const waits = contractSchedule.slice(1).map((_, index) => {
      const next = nextAfter(answer(500), around({ scheduledTries: index + 1 }))
      return next.kind === 'retry' ? next.delayMs / 1_000 : next.kind
    })
    expect(waits).toEqual(contractSchedule.slice(1))
    expect(firstDelayMs(contractSchedule)).toBe(0)
  })

  it('strays at most a fifth from the plan, to both sides', () => {
    expect(jittered(1_000, 0)).toBe(800)
    expect(jittered(1_000, 1)).toBe(1_200)
    fc.assert(
      fc.property(fc.nat(86_400_000), fc.double({ min: 0, max: 1, noNaN: true }), (planned, chance) => {
        expect(Math.abs(jittered(planned, chance) - planned)).toBeLessThanOrEqual(planned / 5 + 1)
      }),
    )
  })

  it('never waits longer than a day nor a negative time, whatever is asked', () => {
    const header = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((d) => d.toUTCString()),
    )
    fc.assert(
      fc.property(
        anyStatus,
        header,
        fc.nat(12),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (status, asked, scheduledTries, chance) => {
          const next = nextAfter(answer(status, asked), around({ scheduledTries, chance }))
          if (next.kind !== 'retry') return
          expect(next.delayMs).toBeGreaterThanOrEqual(0)
          expect(next.delayMs).toBeLessThanOrEqual(LONGEST_WAIT_MS)
        },
      ),
    )
  })

  it('waits at least as long as Retry-After asks', () => {
    expect(nextAfter(answer(503, '120'), around())).toEqual({ kind: 'retry', delayMs: 120_000, slow: false })
    const inTwoMinutes = new Date(noon + 120_000).toUTCString()
    expect(nextAfter(answer(429, inTwoMinutes), around())).toEqual({
      kind: 'retry',
      delayMs: 120_000,
      slow: true,
    })
  })

  it('does not come sooner than planned because Retry-After is short', () => {
    expect(nextAfter(answer(503, '1'), around())).toMatchObject({ delayMs: 5_000 })
  })

  it('caps a Retry-After of a week at a day', () => {
    expect(nextAfter(answer(503, '604800'), around())).toMatchObject({ delayMs: LONGEST_WAIT_MS })
  })

  it.each([
    ['120', 120_000],
    [' 7 ', 7_000],
    ['0', 0],
    ['Sun, 22 Nov 2026 12:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
    ['1.5', null],
    ['', null],
    ['99999999999999999999', null],
    ['Abc, GMT', null],
  ])('reads Retry-After %j as %s ms', (header, milliseconds) => {
    expect(retryAfterMs(header, noon)).toBe(milliseconds)
  })
})

describe('who hears of what', () => {
  it.each([
    ['*', 'payment.paid', true],
    ['payment.paid', 'payment.paid', true],
    ['payment.paid', 'payment.paid_twice', false],
    ['payment.*', 'payment.paid', true],
    ['payment.*', 'payments.paid', false],
    ['payment.*', 'payment', false],
    ['exception.*', 'payment.paid', false],
    ['payment', 'payment.paid', false],
  ])('a subscription to %s and the event %s: %s', (pattern, type, gets) => {
    expect(subscribes(pattern, type)).toBe(gets)
  })

  it('raises nothing about events that are about exceptions or tests', () => {
    expect(raisesException('payment.paid')).toBe(true)
    expect(raisesException('exception.raised')).toBe(false)
    expect(raisesException('exception.resolved')).toBe(false)
    expect(raisesException('test')).toBe(false)
  })
})

describe('the attempts that are kept', () => {
  const trigger = fc.constantFrom('schedule', 'manual', 'replay', 'probe') as fc.Arbitrary<
    'schedule' | 'manual'
  >
  const anyAttempts = fc
    .array(trigger, { maxLength: 300 })
    .map((list) => list.map((one, i) => ({ n: i + 1, trigger: one })))

  it('are bounded, in order, and always end with the newest one', () => {
    fc.assert(
      fc.property(anyAttempts, (attempts) => {
        const kept = keptAttempts(attempts)
        expect(kept.length).toBeLessThanOrEqual(130)
        expect(kept.map((one) => one.n)).toEqual(kept.map((one) => one.n).sort((a, b) => a - b))
        expect(kept.at(-1)).toEqual(attempts.at(-1))
      }),
    )
  })

  it('hold every scheduled one, however often a person pressed retry', () => {
    const pressed = Array.from({ length: 200 }, (_, i) => ({ n: i + 2, trigger: 'manual' as const }))
    expect(keptAttempts([{ n: 1, trigger: 'schedule' }, ...pressed])[0]).toEqual({
      n: 1,
      trigger: 'schedule',
    })
  })
})
