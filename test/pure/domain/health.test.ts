import { describe, expect, it } from 'vitest'
import {
  FAILURES_TO_OPEN,
  type Health,
  halfOpen,
  heldUntil,
  LONGEST_PROBE_WAIT_MS,
  probeWaitMs,
  recovered,
} from '../../../src/domain/health.ts'

const noon = Date.UTC(2026, 10, 25, 12)
const open: Health = {
  ...{ status: 'paused', pausedBecause: 'failing' },
  ...{ failures: FAILURES_TO_OPEN, failingSince: noon, dueAt: noon + 60_000 },
}

describe('an open breaker', () => {
  it('waits longer for a probe the longer it has been open, up to an hour', () => {
    const minutes = [1, 4, 8, 60, 240, 10_000]
    expect(minutes.map((failing) => probeWaitMs(failing * 60_000, 60_000) / 60_000)).toEqual([
      1, 1, 2, 15, 60, 60,
    ])
    expect(LONGEST_PROBE_WAIT_MS).toBe(3_600_000)
  })

  it('that closes for want of something to probe with remembers its failures, so that the next one opens it', () => {
    expect(halfOpen(open)).toEqual({ ...open, status: 'active', pausedBecause: null, dueAt: null })
  })

  it('holds a delivery for as long as its whole schedule would have tried', () => {
    expect(heldUntil(noon, [0, 5, 300])).toBe(noon + 305_000)
  })
})

describe('a destination that has recovered', () => {
  it('has failed never, and is due at once to let go of what was held for it', () => {
    expect(recovered(noon)).toEqual({
      ...{ status: 'active', pausedBecause: null, failures: 0, failingSince: null, dueAt: noon },
    })
  })
})
