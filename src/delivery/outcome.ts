/** What a try that was made leaves behind: its entry among the attempts, its delivery's row and its destination's health. */
import { isTaken, type Next, raisesException } from '../domain/delivery.ts'
import { heldUntil } from '../domain/health.ts'
import type { Claim } from '../store/claims.ts'
import type { Verdict } from '../store/health.ts'
import type { Attempt, KeptAnswer } from '../store/schema.ts'
import type { Settlement } from '../store/tries.ts'
import type { Ports } from './ports.ts'
import type { SignedTry } from './signed.ts'

export function attemptOf(claim: Pick<Claim, 'attempt' | 'trigger'>, at: number, sent: SignedTry): Attempt {
  const { status, error, durationMs, responseBody } = sent
  return { n: claim.attempt, at, durationMs, status, error, trigger: claim.trigger, responseBody }
}

/**
 * The row after a try. An end that the payment must hear of is due at once, so that the telling is found again by the
 * sweeper if this Worker dies before it.
 */
export function settlementOf(
  next: Next,
  claim: Claim,
  { sent, answer }: { sent: SignedTry; answer: KeptAnswer | null },
  ports: Ports,
): Settlement {
  const { DELIVERY_SCHEDULE_SECONDS } = ports.settings
  const now = ports.now()
  const owed = raisesException(claim.eventType) ? now : null
  const verdict = verdictOf(next, claim, sent)
  const told = { ...(verdict && { verdict }), ...(answer && { answer }) }
  const untold = (answer ?? claim.answer) !== null
  switch (next.kind) {
    case 'retry': {
      if (claim.destination!.health.pausedBecause !== 'failing')
        return { status: 'pending', dueAt: now + next.delayMs, ...told }
      const until = heldUntil(claim.createdAt, DELIVERY_SCHEDULE_SECONDS)
      // A probe that fails when its delivery has waited long enough was its last try.
      return until > now
        ? { status: 'held', dueAt: until, ...told }
        : { status: 'failed', dueAt: owed, ...told }
    }
    case 'exhausted':
      return { status: 'failed', dueAt: owed, ...told }
    case 'doubtful':
      return { status: 'failed', dueAt: now, doubtful: true, ...told }
    case 'gone':
      return { status: 'held', dueAt: owed, ...told }
    case 'delivered':
      return { status: 'delivered', dueAt: mayStandOpen(claim) || untold ? owed : null, ...told }
  }
}

/** What the try tells of the destination; undefined when nothing new. */
function verdictOf(next: Next, claim: Claim, sent: SignedTry): Verdict | undefined {
  const { failures, pausedBecause } = claim.destination!.health
  // What we could not sign says nothing about it.
  if (sent.error === 'unsigned') return undefined
  if (next.kind === 'gone') return 'gone'
  if (!isTaken(sent.status)) return 'failed'
  return failures > 0 || pausedBecause === 'failing' ? 'taken' : undefined
}

/** Whether an exception about this delivery may be open: only after a 410, or when someone tried it out of turn. */
function mayStandOpen({ trigger, attempts }: Claim): boolean {
  return trigger !== 'schedule' || attempts.some((one) => one.trigger !== 'schedule' || one.status === 410)
}
