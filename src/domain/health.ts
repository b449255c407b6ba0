/**
 * A destination's health: how often it has failed in a row, and when its breaker opens so that it is left in peace.
 * While the breaker is open its deliveries are held, and one of them now and then probes whether it answers again.
 * Tries are counted in the database (`store/health.ts`), since many of them end at once.
 */

/** Failures in a row, and for how long, before a breaker opens: a blip of many events at once is not enough. */
export const FAILURES_TO_OPEN = 20
export const FAILING_TO_OPEN_MS = 60_000

/** No two probes are further apart. */
export const LONGEST_PROBE_WAIT_MS = 3_600_000

export interface Health {
  status: 'active' | 'paused'
  /** A person, its own 410, or its breaker; null while it is active. */
  pausedBecause: 'asked' | 'gone' | 'failing' | null
  /** Tries that failed since the last one that was taken. */
  failures: number
  /** Milliseconds since the epoch of the first of them; null when there is none. */
  failingSince: number | null
  /** When it needs work next: a probe while its breaker is open, a release of held deliveries while it is active. */
  dueAt: number | null
}

/** Active again: what is held is released from `now` on. */
export const recovered = (now: number): Health => ({
  status: 'active',
  pausedBecause: null,
  failures: 0,
  failingSince: null,
  dueAt: now,
})

/**
 * The breaker of a destination that has nothing left to be probed with: the next event tells, and one more failure
 * opens it again.
 */
export const halfOpen = (health: Health): Health => ({
  ...health,
  status: 'active',
  pausedBecause: null,
  dueAt: null,
})

/** How long the next probe waits: a quarter of the time that it has been failing, up to an hour. Milliseconds. */
export function probeWaitMs(failingForMs: number, probeMs: number): number {
  return Math.min(Math.max(probeMs, failingForMs / 4), LONGEST_PROBE_WAIT_MS)
}

/**
 * When a delivery that is held by a breaker has waited as long as its schedule would have tried: then it fails and
 * stands before an operator, as it would have without the breaker. Milliseconds since the epoch.
 */
export function heldUntil(createdAt: number, scheduleSeconds: readonly number[]): number {
  return createdAt + scheduleSeconds.reduce((total, seconds) => total + seconds, 0) * 1_000
}
