/**
 * What a delivery that has ended owes its payment: an exception when it failed for good or nobody knows, that exception's
 * end when it was taken after all, and the receipt or the step of fulfilment that it was answered with. The debt is the row's `due_at`, saved with the try itself, so no crash can forget it.
 */
import { raisesException } from '../domain/delivery.ts'
import type { Trouble } from '../domain/exceptions.ts'
import { type Trace, traceIdOf } from '../domain/trace.ts'
import type { Claim } from '../store/claims.ts'
import type { Records } from '../store/database.ts'
import type { KeptAnswer } from '../store/schema.ts'
import { clearOwed, type Due, receiptKeyOf } from '../store/tries.ts'
import { contextOf } from './context.ts'
import { type Ports, reasonOf } from './ports.ts'

/** The delivery as its payment hears of it. */
export type Ended = Omit<Due, 'merchantId'> & {
  /** The event's trace; the sweeper knows none, and then the payment goes on in its newest. */
  trace?: Trace
}

/**
 * Pays the debt: raising is deduplicated and resolving repeats without effect, so it may be paid twice. An object that
 * does not answer leaves it to the sweeper. Never throws.
 */
export async function tellPayment(db: Records, ended: Ended, ports: Ports): Promise<void> {
  try {
    if (ended.answer !== null) await passOn(ended.answer, ended, ports)
    await tell(db, ended, ports)
    const truth = await clearOwed(db, ended)
    // A person's retry may have been quicker than our telling, and its end must have the last word.
    if (truth === 'delivered' && ended.status !== 'delivered')
      await tell(db, { ...ended, status: truth }, ports)
  } catch (error) {
    untold(ended, error, ports)
  }
}

/**
 * Tells the payment what an earlier try was answered with, before another one is made whose answer would take its place in
 * the row: the claim without it, or as it was when the payment does not answer. Never throws.
 */
export async function answerTold(claim: Claim, ports: Ports): Promise<Claim> {
  if (claim.answer === null) return claim
  const { deliveryId: id, stream, destinationId } = claim
  const { trace } = contextOf(claim)
  try {
    await passOn(claim.answer, { id, stream, destinationId, trace }, ports)
    return { ...claim, answer: null }
  } catch (error) {
    untold({ id, status: 'pending', trace }, error, ports)
    return claim
  }
}

function untold(
  { id, status, trace }: Pick<Ended, 'id' | 'status' | 'trace'>,
  error: unknown,
  ports: Ports,
): void {
  const about = { delivery: id, status, trace: trace === undefined ? null : traceIdOf(trace) }
  ports.log({ message: 'payment_untold', level: 'error', ...about, error: reasonOf(error) })
}

/**
 * The answer in the payment's words. Its key makes the second telling none, also when somebody told of another receipt in
 * between. What the payment refuses is only logged: the delivery has been taken.
 */
async function passOn(
  answer: KeptAnswer,
  ended: Pick<Ended, 'id' | 'stream' | 'destinationId' | 'trace'>,
  ports: Ports,
): Promise<void> {
  const payment = ports.paymentOf(ended.stream)
  const key = { name: `answer ${ended.id} ${answer.n}`, fingerprint: JSON.stringify(answer.word) }
  const from = { key, actor: `destination:${ended.destinationId}` }
  const tracked =
    answer.track === 'fiscal'
      ? await payment.tellReceipt({ word: answer.word, ...from }, ended.trace)
      : await payment.tellFulfillment({ word: answer.word, ...from }, ended.trace)
  if (tracked?.kind === 'answer') return
  const why = tracked?.refusal.detail ?? 'There is no such payment.'
  ports.log({ message: 'answer_refused', level: 'warn', delivery: ended.id, payment: ended.stream, why })
}

async function tell(db: Records, ended: Ended, ports: Ports): Promise<void> {
  const payment = ports.paymentOf(ended.stream)
  const about = { kind: 'delivery_exhausted', cause: ended.id } as const
  if (ended.status === 'delivered') {
    const note = `Taken at try ${ended.attemptCount}.`
    const how = { ...about, resolution: 'delivered', note, actor: 'tollgate' }
    await payment.resolveException(how, ended.trace)
    return
  }
  // An event about an exception that raised one would feed itself for ever.
  if (!raisesException(ended.eventType)) return
  const { id, destinationId } = ended
  // A receipt that comes after all closes what stands open under its key.
  const kind: Trouble['kind'] = ended.doubtful ? 'fiscal_failed' : about.kind
  const cause = (ended.doubtful ? await receiptKeyOf(db, ended) : null) ?? id
  const trouble = { kind, cause, deliveryId: id, destinationId, detail: detailOf(ended) }
  await payment.raiseException(trouble, ended.trace)
}

function detailOf({ status, doubtful, eventId, eventType, destinationId, attemptCount }: Ended): string {
  const event = `event ${eventId} (${eventType})`
  if (doubtful)
    return `Nobody knows whether destination ${destinationId} took ${event}; it goes out again only when a person asks.`
  return status === 'held'
    ? `Destination ${destinationId} answered 410 Gone to ${event} and is paused; its deliveries are held.`
    : `Destination ${destinationId} did not take ${event} in ${attemptCount} tries; nothing tries again by itself.`
}
