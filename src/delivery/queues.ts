/** Which consumer a queue batch goes to. */
import type { Publication } from '../domain/publication.ts'
import type { DeliveryMessage } from '../env.ts'
import { deliver } from './consumer.ts'
import { mournDeliveries, mournPublications } from './dead.ts'
import type { Ports } from './ports.ts'
import { record } from './record.ts'

/** Settles every message of a batch. The queues' names may carry a deployment's prefix; their ends are ours. */
export async function consume(batch: MessageBatch<unknown>, ports: Ports): Promise<void> {
  if (batch.queue.endsWith('journal')) return record(batch.messages as readonly Message<Publication>[], ports)
  if (batch.queue.endsWith('deliveries') || batch.queue.endsWith('retries'))
    return deliver(batch.messages as readonly Message<DeliveryMessage>[], ports)
  if (batch.queue.endsWith('journal-dead'))
    return mournPublications(batch.messages as readonly Message<Publication>[], ports)
  if (batch.queue.endsWith('deliveries-dead'))
    return mournDeliveries(batch.messages as readonly Message<DeliveryMessage>[], ports)
  throw new Error(`No consumer for the queue ${batch.queue}.`)
}
