/**
 * Who may act at a provider right now. A lease outlives the hard timeout of its call, and only its holder's epoch may
 * write the outcome: a worker that wakes up late finds that it no longer speaks.
 */
export interface Lease {
  /** What is being done, and to which session. */
  command: string
  sessionId: string
  epoch: number
  /** Milliseconds since the epoch. */
  until: number
}

/** Whether somebody holds it. */
export const isHeld = (lease: Lease | null, now: number): lease is Lease =>
  lease !== null && lease.until > now

/** A new lease behind every earlier one; null while another holds. `forMs` in milliseconds. */
export function take(
  lease: Lease | null,
  command: string,
  sessionId: string,
  now: number,
  forMs: number,
): Lease | null {
  const epoch = (lease?.epoch ?? 0) + 1
  return isHeld(lease, now) ? null : { command, sessionId, epoch, until: now + forMs }
}

/** Given back, while its epoch stays: the next lease is a later one. */
export const released = (lease: Lease): Lease => ({ ...lease, until: 0 })

/** Whether this epoch may still write its outcome. */
export const speaks = (lease: Lease | null, epoch: number): boolean =>
  lease?.epoch === epoch && lease.until > 0
