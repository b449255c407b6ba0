/**
 * The consumers of the dead-letter queues. A message ends here after its last retry; what it stood for is not lost,
 * since objects publish again and the sweeper sends again, but somebody should know why it could not be done.
 */
import type { Publication } from '../domain/publication.ts'
import { traceIdOf } from '../domain/trace.ts'
import type { DeliveryMessage, RebuildMessage } from '../env.ts'
import { type Ports, type QueueMessage, reasonOf } from './ports.ts'

/**
 * A range of a journal that the records refuse. The payment raises it once, however often the range is published and
 * dies again, and the payment's own view shows it although the records cannot.
 */
export async function mournPublications(
  messages: readonly QueueMessage<Publication>[],
  ports: Ports,
): Promise<void> {
  const work = messages.map(async (message) => {
    const { stream, from, to, content } = message.body
    const trace = content?.entries.at(-1)?.trace ?? undefined
    const traceId = trace === undefined ? null : traceIdOf(trace)
    ports.log({ message: 'journal_dead', level: 'error', trace: traceId, stream, from, to })
    try {
      if (stream.startsWith('pay_'))
        await ports.paymentOf(stream).raiseException(
          {
            kind: 'contradiction',
            cause: 'records_refused',
            detail: `Journal entries from ${from} on could not be recorded; lists and events lag behind this payment.`,
          },
          trace,
        )
      message.ack()
    } catch (error) {
      ports.log({ message: 'payment_untold', level: 'error', trace: traceId, stream, error: reasonOf(error) })
      message.retry({ delaySeconds: 60 })
    }
  })
  await Promise.all(work)
}

/** Tries whose rows could not be claimed or saved. The rows stay due, so only the log hears of it. */
export function mournDeliveries(messages: readonly QueueMessage<DeliveryMessage>[], ports: Ports): void {
  for (const message of messages) {
    for (const { deliveryId, attempt } of message.body.tries)
      ports.log({ message: 'delivery_dead', level: 'error', delivery: deliveryId, attempt })
    message.ack()
  }
}

/** A piece of a rebuild that could not be done. Its row stays unfinished, so the day's chores send it again. */
export function mournRebuilds(messages: readonly QueueMessage<RebuildMessage>[], ports: Ports): void {
  for (const message of messages) {
    ports.log({ message: 'rebuild_dead', level: 'error', rebuild: message.body.rebuildId })
    message.ack()
  }
}
