import { describe, expect, it } from 'vitest'
import {
  asksForTracks,
  firstDelayMs,
  isTaken,
  keptAttempts,
  LONGEST_WAIT_MS,
  raisesException,
  retryAfterMs,
  type Trigger,
} from '../../../src/domain/delivery.ts'

const now = Date.parse('2026-11-22T12:00:00.000Z')

it('only a status of success says that an event was taken', () => {
  expect([200, 204, 299].every(isTaken)).toBe(true)
  expect([null, 0, 199, 300, 304, 410, 500].some(isTaken)).toBe(false)
})

it('payments and refunds ask for receipts and goods, and nothing else does', () => {
  expect(['payment.paid', 'payment.refunded'].every(asksForTracks)).toBe(true)
  expect(['payment.created', 'payment.failed', 'payment.fiscal_updated', ''].some(asksForTracks)).toBe(false)
})

it('the first try waits as its schedule says, and never longer than a queue can hold it', () => {
  expect([firstDelayMs([0, 5]), firstDelayMs([30, 5]), firstDelayMs([])]).toEqual([0, 30_000, 0])
  expect(firstDelayMs([100_000])).toBe(LONGEST_WAIT_MS)
})

describe('a Retry-After', () => {
  it.each([
    ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sunday, 22-Nov-26 12:00:30 GMT', 30_000],
    ['Sun 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    [' 7 ', 7_000],
  ])('%j is a wait of %i ms', (header, wait) => {
    expect(retryAfterMs(header, now)).toBe(wait)
  })

  it.each([
    null,
    '',
    '-3',
    '5.5',
    'soon',
    'at Sun, 22 Nov 2026 12:00:30 GMT',
    '1 Sun, 22 Nov 2026 12:00:30 GMT',
    'Sun, 22 Nov 2026 12:00:30 GMT+5',
    'Sun, 22 Nov 2026 12:00:30',
    'Sun, nonsense GMT',
  ])('%j says nothing', (header) => {
    expect(retryAfterMs(header, now)).toBeNull()
  })
})

it('events about exceptions, and tests, raise none', () => {
  expect(['exception.raised', 'exception.resolved', 'test', 'test.event'].some(raisesException)).toBe(false)
  expect(['payment.paid', 'testing', 'payment.test.'].every(raisesException)).toBe(true)
})

describe('the attempts that are kept', () => {
  const made = (count: number, trigger: Trigger, from = 1) =>
    Array.from({ length: count }, (_, index) => ({ n: from + index, trigger }))
  const numbers = (attempts: { n: number; trigger: Trigger }[]) => keptAttempts(attempts).map(({ n }) => n)

  it('are the newest hundred of the schedule, and the newest thirty of all others', () => {
    expect(numbers(made(120, 'schedule'))).toEqual(made(100, 'schedule', 21).map(({ n }) => n))
    for (const trigger of ['manual', 'replay', 'probe'] as const)
      expect(numbers(made(40, trigger))).toEqual(made(30, trigger, 11).map(({ n }) => n))
  })

  it('stand in their order, and those of a person push none of the schedule out', () => {
    const mixed = [...made(2, 'schedule'), ...made(35, 'manual', 3), ...made(2, 'schedule', 38)]
    expect(numbers(mixed)).toEqual([1, 2, ...made(30, 'manual', 8).map(({ n }) => n), 38, 39])
  })
})
