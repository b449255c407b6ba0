/**
 * Whether a claimed try may be made now: a paused destination's deliveries are held, an ordered one's wait for the
 * earlier events of their payment, and one with a limit gets no more a second than it takes. A try whose earlier answer
 * the payment has not heard waits until it has.
 */
import { keptAttempts, raisesException } from '../domain/delivery.ts'
import { heldUntil } from '../domain/health.ts'
import type { Claim } from '../store/claims.ts'
import type { Records } from '../store/database.ts'
import { hasEarlier } from '../store/order.ts'
import type { Settlement } from '../store/tries.ts'
import type { Ports } from './ports.ts'

/** How long an event waits for the earlier ones of its payment; then it goes, and says so. */
export const ORDER_WAIT_MS = 3_600_000

/** How soon one that waits looks again, should nobody nudge it. */
const LOOK_AGAIN_MS = 60_000

export type Passage =
  /** `outOfOrder`: it has waited long enough for an earlier event. */
  { kind: 'go'; outOfOrder: boolean } | Stop

/** Not now, or never: the row as it is to be left. `againMs`: when a message of its own brings it back. */
export interface Stop {
  kind: 'stop'
  why: string
  settlement: Settlement
  againMs?: number
}

/** Asks in the order of what is cheapest to know; only destinations that want order or a limit cost a question. */
export async function passageOf(db: Records, claim: Claim, ports: Ports): Promise<Passage> {
  if (claim.answer !== null) return waits(claim, 'untold', ports.now() + LOOK_AGAIN_MS)
  const closed = closedTo(claim, ports)
  if (closed !== null) return closed
  const { ordered, maxPerSecond } = claim.destination!
  let outOfOrder = false
  if (ordered && claim.trigger === 'schedule' && (await hasEarlier(db, claim))) {
    outOfOrder = ports.now() - claim.createdAt >= ORDER_WAIT_MS
    if (!outOfOrder) return waits(claim, 'order', ports.now() + LOOK_AGAIN_MS)
  }
  if (maxPerSecond !== null) {
    const waitMs = await ports.paceOf(claim.destinationId, claim.deliveryId, maxPerSecond)
    if (waitMs > 0) return { ...waits(claim, 'pace', ports.now() + waitMs), againMs: waitMs }
  }
  return { kind: 'go', outOfOrder }
}

/** What nobody knows of an earlier try stays in doubt. */
const waits = ({ doubtful }: Claim, why: string, dueAt: number): Stop => ({
  ...{ kind: 'stop', why },
  settlement: { status: 'pending', dueAt, ...(doubtful && { doubtful }) },
})

/** A Worker died between sending and saving: what it sent may have been taken, so that the try counts as made. */
function doubted({ attempt: n, attempts, trigger }: Claim, now: number): Passage {
  const lost = { n, at: now, durationMs: 0, status: null, error: 'unsaved', trigger, responseBody: null }
  const settlement = { status: 'failed', dueAt: now, doubtful: true } as const
  return {
    kind: 'stop',
    why: 'doubtful',
    settlement: { ...settlement, attempts: keptAttempts([...attempts, lost]) },
  }
}

/** A person's try, and a probe, go to a paused destination too. */
function closedTo(claim: Claim, ports: Ports): Passage | null {
  const { destination, body, trigger, eventType, createdAt } = claim
  if (destination?.deleted)
    return { kind: 'stop', why: 'deleted', settlement: { status: 'failed', dueAt: null } }
  if (claim.doubtful && destination?.onTimeout === 'hold') return doubted(claim, ports.now())
  if (destination?.health.status === 'paused' && trigger !== 'manual' && trigger !== 'probe') {
    const isFailing = destination.health.pausedBecause === 'failing'
    const dueAt = isFailing ? heldUntil(createdAt, ports.settings.DELIVERY_SCHEDULE_SECONDS) : null
    return { kind: 'stop', why: 'paused', settlement: { status: 'held', dueAt } }
  }
  // Rows that are always there are not; only a person can say why, so the payment is told.
  if (destination === null || body === null) {
    const dueAt = raisesException(eventType) ? 0 : null
    return { kind: 'stop', why: 'incomplete', settlement: { status: 'failed', dueAt } }
  }
  return null
}
