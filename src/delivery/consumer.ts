/**
 * The consumer of the queue `deliveries`: claims the tries that its messages stand for, makes them side by side, saves
 * each, and only then settles its message. D1 is the truth about what is due; a message is only a nudge.
 */
import { asksForTracks, isDoubtful, isTaken, keptAttempts, type Next, nextAfter } from '../domain/delivery.ts'
import type { DeliveryMessage } from '../env.ts'
import type { LogLine } from '../payment/log.ts'
import { type Claim, claimTries } from '../store/claims.ts'
import type { Records } from '../store/database.ts'
import { nextInOrder } from '../store/order.ts'
import { beginDoubt, type EndedTry, type Settlement, settleTries } from '../store/tries.ts'
import { about, contextOf } from './context.ts'
import { passageOf, type Stop } from './gate.ts'
import { attemptOf, settlementOf } from './outcome.ts'
import { answerTold, tellPayment } from './owed.ts'
import { backoffSeconds, type Ports, type QueueMessage, reasonOf, sendTries } from './ports.ts'
import { type SignedTry, sendSigned } from './signed.ts'
import { together } from './together.ts'
import { answerIn } from './words.ts'

type Message = QueueMessage<DeliveryMessage>

/** Longer waits are left to the sweeper: the queue would hold the message, and local queues forget theirs. */
const LONGEST_WAIT_IN_QUEUE_MS = 15 * 60_000

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
  const save = together((ended: EndedTry[]) => settleTries(db, ended))
  const work = group.map(async (message) => {
    const made = await Promise.allSettled(
      message.body.tries.map(async ({ deliveryId, attempt }) => {
        const claim = claimed.get(deliveryId)
        // Made already, being made by another, off, or named twice in this batch: either way nothing is left to do.
        if (claim?.attempt !== attempt) return
        claimed.delete(deliveryId)
        await makeTry(db, claim, save, ports)
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

/** Saves how a try ended; false when its claim was lost to somebody else. */
type Save = (ended: EndedTry) => Promise<boolean>

/** One try, from its claim to its row. Throws only when the row could not be written; then the lease runs out. */
async function makeTry(db: Records, claimed: Claim, save: Save, ports: Ports): Promise<void> {
  const claim = await answerTold(claimed, ports)
  const passage = await passageOf(db, claim, ports)
  if (passage.kind === 'stop') return await leave(claim, passage, save, ports)
  const holdsDoubt = claim.destination!.onTimeout === 'hold' && asksForTracks(claim.eventType)
  if (holdsDoubt && !(await beginDoubt(db, claim))) return
  const at = ports.now()
  const { outOfOrder } = passage
  const sent = await sendSigned(
    {
      ...{ ...claim, body: claim.body!, destination: claim.destination!, outOfOrder },
      context: contextOf(claim),
    },
    ports,
  )
  const attempts = keptAttempts([...claim.attempts, attemptOf(claim, at, sent)])
  const next = nextAfter(sent, {
    scheduledTries: attempts.filter((one) => one.trigger === 'schedule').length,
    deliveredBefore: claim.attempts.some((one) => isTaken(one.status)),
    ...{ holdsDoubt, doubtedBefore: claim.attempts.some(isDoubtful) },
    scheduleSeconds: ports.settings.DELIVERY_SCHEDULE_SECONDS,
    now: ports.now(),
    chance: ports.chance(),
  })
  const read = answerIn(claim, sent)
  const answer = read.kind === 'taken' ? read.answer : null
  const settlement = { ...settlementOf(next, claim, { sent, answer }, ports), attempts }
  const saved = await save({ claim, settlement, times: timesOf(ports) })
  tell(
    claim,
    sent,
    next,
    { saved, ...(outOfOrder && { out_of_order: true }), ...(read.kind !== 'none' && { answer: read.kind }) },
    ports,
  )
  if (saved) await followUp(db, claim, next, settlement, ports)
}

/** The log's line about a try, and its count. */
function tell(claim: Claim, sent: SignedTry, next: Next, more: LogLine, ports: Ports): void {
  const { status, error, durationMs } = sent
  const wait_ms = next.kind === 'retry' ? next.delayMs : null
  const ageMs = ports.now() - claim.createdAt
  const times = { duration_ms: durationMs, age_ms: ageMs, wait_ms }
  ports.log({ ...about(claim), outcome: next.kind, status, error, ...times, ...more })
  const { merchantId, livemode, eventType, destinationId } = claim
  const counted = { merchantId, livemode, kind: eventType, about: destinationId, durationMs, ageMs }
  ports.count({ name: 'delivery', outcome: next.kind, ...counted })
}

const timesOf = (ports: Ports) => ({
  now: ports.now(),
  probeMs: ports.settings.BREAKER_PROBE_SECONDS * 1_000,
})

/** Leaves a try unmade. One that only waits for its turn comes back with a message of its own. */
async function leave(
  claim: Claim,
  { why, settlement, againMs }: Stop,
  save: Save,
  ports: Ports,
): Promise<void> {
  const saved = await save({ claim, settlement, times: timesOf(ports) })
  ports.log({ ...about(claim), outcome: settlement.status, made: false, why })
  if (saved && againMs !== undefined) await sendTries(ports, [claim], againMs, 'retries')
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
  const { merchantId, attempt } = claim
  if (settlement.status === 'pending' && next.kind === 'retry' && next.delayMs <= LONGEST_WAIT_IN_QUEUE_MS)
    await sendTries(ports, [{ ...claim, attempt: attempt + 1 }], next.delayMs, 'retries')
  if (settlement.status === 'pending') return
  if (claim.destination?.ordered) {
    const waiting = await nextInOrder(db, claim)
    if (waiting !== null)
      await sendTries(
        ports,
        [{ deliveryId: waiting.id, merchantId, attempt: waiting.attemptCount + 1 }],
        0,
        'retries',
      )
  }
  // One that its breaker holds is due only when it has waited long enough.
  if (settlement.dueAt === null || settlement.dueAt > ports.now()) return
  const ended = {
    id: claim.deliveryId,
    status: settlement.status,
    attemptCount: attempt,
    answer: settlement.answer ?? claim.answer,
    doubtful: settlement.doubtful === true,
    trace: contextOf(claim).trace,
  }
  await tellPayment(db, { ...claim, ...ended }, ports)
}
