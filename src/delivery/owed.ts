/**
 * What a delivery that has ended owes its payment: an exception when it failed for good, and that exception's end when
 * it was taken after all. The debt is the row's `due_at`, saved with the try itself, so no crash can forget it.
 */
import { raisesException } from '../domain/delivery.ts'
import { type Trace, traceIdOf } from '../domain/trace.ts'
import type { Records } from '../store/database.ts'
import { clearOwed, type Due } from '../store/tries.ts'
import { type Ports, reasonOf } from './ports.ts'

/** The delivery as its payment hears of it. */
export type Ended = Pick<
  Due,
  'id' | 'stream' | 'status' | 'attemptCount' | 'eventId' | 'eventType' | 'destinationId'
> & {
  /** The event's trace; the sweeper knows none, and then the payment goes on in its newest. */
  trace?: Trace
}

/**
 * Pays the debt: raising is deduplicated and resolving repeats without effect, so it may be paid twice. An object that
 * does not answer leaves it to the sweeper. Never throws.
 */
export async function tellPayment(db: Records, ended: Ended, ports: Ports): Promise<void> {
  try {
    await tell(ended, ports)
    const truth = await clearOwed(db, ended.id, ended.status)
    // A person's retry may have been quicker than our telling, and its end must have the last word.
    if (truth === 'delivered' && ended.status !== 'delivered') await tell({ ...ended, status: truth }, ports)
  } catch (error) {
    const trace = ended.trace === undefined ? null : traceIdOf(ended.trace)
    const about = { delivery: ended.id, status: ended.status, trace }
    ports.log({ message: 'payment_untold', level: 'error', ...about, error: reasonOf(error) })
  }
}

async function tell(ended: Ended, ports: Ports): Promise<void> {
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
  const trouble = { ...about, deliveryId: id, destinationId, detail: detailOf(ended) }
  await payment.raiseException(trouble, ended.trace)
}

function detailOf({ status, eventId, eventType, destinationId, attemptCount }: Ended): string {
  const event = `event ${eventId} (${eventType})`
  return status === 'held'
    ? `Destination ${destinationId} answered 410 Gone to ${event} and is paused; its deliveries are held.`
    : `Destination ${destinationId} did not take ${event} in ${attemptCount} tries; nothing tries again by itself.`
}
