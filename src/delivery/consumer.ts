/**
 * The consumer of the queue `deliveries`: claims the tries that its messages stand for, makes them side by side, saves
 * each, and only then settles its message. D1 is the truth about what is due; a message is only a nudge.
 */
import { sha256Hex } from '../crypto/hash.ts'
import { keptAttempts, type Next, nextAfter, raisesException } from '../domain/delivery.ts'
import { type Trace, traceIdOf, traceOf, traceparentOf } from '../domain/trace.ts'
import type { DeliveryMessage } from '../env.ts'
import { type Claim, claimTries } from '../store/claims.ts'
import type { Records } from '../store/database.ts'
import type { Attempt } from '../store/schema.ts'
import { type Settlement, settleTry } from '../store/tries.ts'
import { tellPayment } from './owed.ts'
import { backoffSeconds, type Ports, type QueueMessage, reasonOf, sendTries } from './ports.ts'
import { type Sent, send } from './send.ts'
import { headersFor } from './sign.ts'

type Message = QueueMessage<DeliveryMessage>

/** Longer waits are left to the sweeper: the queue would hold the message, and local queues forget theirs. */
const LONGEST_WAIT_IN_QUEUE_MS = 15 * 60_000

/** Of a lease, the part that a try may take; the rest is for saving it while the claim still holds. */
const LEASE_FOR_SENDING = 0.75

/** Makes the tries of a queue batch and settles each of its messages. Never throws. */
export async function deliver(messages: readonly Message[], ports: Ports): Promise<void> {
  const byDatabase = Map.groupBy(messages, ({ body }) => ports.recordsOf(body.merchantId))
  await Promise.all([...byDatabase].map(([db, group]) => deliverGroup(db, group, ports)))
}

async function deliverGroup(db: Records, group: readonly Message[], ports: Ports): Promise<void> {
  const leaseMs = ports.settings.DELIVERY_LEASE_SECONDS * 1_000
  let claims: Claim[]
  try {
    claims = await claimTries(
      db,
      group.map(({ body }) => body),
      ports.now(),
      leaseMs,
    )
  } catch (error) {
    for (const message of group) sendBack(message, ports, error)
    return
  }
  const claimed = new Map(claims.map((claim) => [claim.deliveryId, claim]))
  const work = group.map(async (message) => {
    const made = await Promise.allSettled(
      message.body.tries.map(async ({ deliveryId, attempt }) => {
        const claim = claimed.get(deliveryId)
        // Made already, being made by another, off, or named twice in this batch: either way nothing is left to do.
        if (claim?.attempt !== attempt) return
        claimed.delete(deliveryId)
        await makeTry(db, claim, ports)
      }),
    )
    const failed = made.find((one) => one.status === 'rejected')
    // Of a message that comes back, what was saved is not made again.
    if (failed === undefined) message.ack()
    else sendBack(message, ports, failed.reason)
  })
  await Promise.all(work)
}

function sendBack(message: Message, ports: Ports, error: unknown): void {
  const deliveries = message.body.tries.map(({ deliveryId }) => deliveryId).join(' ')
  ports.log({ message: 'attempt_unsaved', level: 'error', deliveries, error: reasonOf(error) })
  message.retry({ delaySeconds: backoffSeconds(message.attempts) })
}

/** One try, from its claim to its row. Throws only when the row could not be written; then the lease runs out. */
async function makeTry(db: Records, claim: Claim, ports: Ports): Promise<void> {
  const idle = withoutTry(claim)
  if (idle !== null) {
    await settleTry(db, claim, idle)
    return ports.log({ ...about(claim), outcome: idle.status, made: false })
  }
  const at = ports.now()
  const trace = contextOf(claim)
  const sent = await sendSigned(claim, traceparentOf(trace.trace, trace.span), at, ports)
  const attempts = keptAttempts([...claim.attempts, attemptOf(claim, at, sent)])
  const next = nextAfter(sent, {
    scheduledTries: attempts.filter((one) => one.trigger === 'schedule').length,
    deliveredBefore: claim.attempts.some(
      (one) => one.status !== null && one.status >= 200 && one.status < 300,
    ),
    scheduleSeconds: ports.settings.DELIVERY_SCHEDULE_SECONDS,
    now: ports.now(),
    chance: ports.chance(),
  })
  const settlement = { ...settlementOf(next, claim, ports.now()), attempts }
  const saved = await settleTry(db, claim, settlement)
  tell(claim, sent, next, saved, ports)
  if (saved) await followUp(db, claim, next, settlement, ports)
}

/** The log's line about a try, and its count. */
function tell(claim: Claim, sent: Sent | Unsigned, next: Next, saved: boolean, ports: Ports): void {
  const { status, error, durationMs } = sent
  const wait_ms = next.kind === 'retry' ? next.delayMs : null
  const ageMs = ports.now() - claim.createdAt
  const times = { duration_ms: durationMs, age_ms: ageMs, wait_ms }
  ports.log({ ...about(claim), outcome: next.kind, status, error, ...times, saved })
  const { merchantId, livemode, eventType, destinationId } = claim
  const counted = { merchantId, livemode, kind: eventType, about: destinationId, durationMs, ageMs }
  ports.count({ name: 'delivery', outcome: next.kind, ...counted })
}

/** A try's place in its event's trace. An event without one gets a trace of its own, the same at every try. */
function contextOf({ trace, eventId, deliveryId, attempt }: Claim): { trace: Trace; span: string } {
  return {
    trace: trace ?? traceOf(sha256Hex(eventId).slice(0, 32)),
    span: sha256Hex(`${deliveryId} ${attempt}`).slice(0, 16),
  }
}

/**
 * What a saved try leads to. The next one gets a message of its own rather than this one back: a message names the try
 * that it stands for, and the queue's count of retries must tell of our failures and not of a destination's.
 * Whatever is lost in here is found by the sweeper, since the row says what is due.
 */
async function followUp(
  db: Records,
  claim: Claim,
  next: Next,
  settlement: Settlement,
  ports: Ports,
): Promise<void> {
  const { deliveryId, merchantId, attempt } = claim
  if (next.kind === 'retry' && next.delayMs <= LONGEST_WAIT_IN_QUEUE_MS)
    await sendTries(ports, [{ deliveryId, merchantId, attempt: attempt + 1 }], next.delayMs)
  if (next.kind === 'retry' || settlement.dueAt === null) return
  const ended = {
    id: deliveryId,
    status: settlement.status,
    attemptCount: attempt,
    trace: contextOf(claim).trace,
  }
  await tellPayment(db, { ...claim, ...ended }, ports)
}

/** How a claimed try ends without being made; null when it is to be made. A person's try goes to a paused one too. */
function withoutTry({ destination, body, trigger, eventType }: Claim): Settlement | null {
  if (destination?.deleted) return { status: 'failed', dueAt: null }
  if (destination?.status === 'paused' && trigger !== 'manual' && trigger !== 'probe')
    return { status: 'held', dueAt: null }
  // Rows that are always there are not; only a person can say why, so the payment is told.
  if (destination === null || body === null)
    return { status: 'failed', dueAt: raisesException(eventType) ? 0 : null }
  return null
}

async function sendSigned(
  claim: Claim,
  traceparent: string,
  at: number,
  ports: Ports,
): Promise<Sent | Unsigned> {
  const { eventId, destinationId } = claim
  const { url, secrets, timeoutMs } = claim.destination!
  const body = claim.body!
  const { DELIVERY_TIMEOUT_MS, DELIVERY_LEASE_SECONDS, ALLOW_PRIVATE_ADDRESSES } = ports.settings
  let headers: Record<string, string>
  try {
    const open: string[] = JSON.parse(await ports.unseal(secrets, destinationId))
    headers = await headersFor({ eventId, body, secrets: open, now: at, traceparent })
  } catch (error) {
    const line = { ...about(claim), message: 'unsigned', level: 'error' }
    ports.log({ ...line, error: reasonOf(error) })
    return { status: null, error: 'unsigned', retryAfter: null, durationMs: 0, responseBody: null }
  }
  const longest = DELIVERY_LEASE_SECONDS * 1_000 * LEASE_FOR_SENDING
  return await send(
    {
      ...{ url, headers, body },
      timeoutMs: Math.min(timeoutMs ?? DELIVERY_TIMEOUT_MS, longest),
      allowPrivate: ALLOW_PRIVATE_ADDRESSES,
    },
    ports,
  )
}

/** A try that was not sent because the destination's secrets do not open: a trouble of this deployment. */
type Unsigned = Omit<Sent, 'error'> & { error: 'unsigned' }

function attemptOf(claim: Claim, at: number, sent: Sent | Unsigned): Attempt {
  const { status, error, durationMs, responseBody } = sent
  return { n: claim.attempt, at, durationMs, status, error, trigger: claim.trigger, responseBody }
}

/**
 * The row after a try. An end that the payment must hear of is due at once, so that the telling is found again by the
 * sweeper if this Worker dies before it.
 */
function settlementOf(next: Next, claim: Claim, now: number): Settlement {
  const owed = raisesException(claim.eventType) ? now : null
  switch (next.kind) {
    case 'retry':
      return { status: 'pending', dueAt: now + next.delayMs }
    case 'exhausted':
      return { status: 'failed', dueAt: owed }
    case 'gone':
      return { status: 'held', dueAt: owed, pausesDestination: true }
    case 'delivered':
      return { status: 'delivered', dueAt: mayStandOpen(claim) ? owed : null }
  }
}

/** Whether an exception about this delivery may be open: only after a 410, or when someone tried it out of turn. */
function mayStandOpen({ trigger, attempts }: Claim): boolean {
  return trigger !== 'schedule' || attempts.some((one) => one.trigger !== 'schedule' || one.status === 410)
}

function about(claim: Claim) {
  const { trace, span } = contextOf(claim)
  return {
    message: 'attempt',
    trace: traceIdOf(trace),
    span,
    merchant: claim.merchantId,
    livemode: claim.livemode,
    delivery: claim.deliveryId,
    event: claim.eventId,
    type: claim.eventType,
    destination: claim.destinationId,
    attempt: claim.attempt,
    trigger: claim.trigger,
  }
}
