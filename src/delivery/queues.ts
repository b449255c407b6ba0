/** Which consumer a queue batch goes to. */
import type { Publication } from '../domain/publication.ts'
import type { DeliveryMessage, RebuildMessage } from '../env.ts'
import { deliver } from './consumer.ts'
import { mournDeliveries, mournPublications, mournRebuilds } from './dead.ts'
import type { Ports, QueueMessage } from './ports.ts'
import { rebuild } from './rebuild.ts'
import { record } from './record.ts'

/** Settles every message of a batch. The queues' names may carry a deployment's prefix; their ends are ours. */
export async function consume(batch: MessageBatch<unknown>, ports: Ports): Promise<void> {
  if (batch.queue.endsWith('journal')) return record(batch.messages as readonly Message<Publication>[], ports)
  if (batch.queue.endsWith('deliveries') || batch.queue.endsWith('retries')) {
    const [tries, rebuilds] = sorted(batch.messages)
    if (tries.length > 0) await deliver(tries, ports)
    for (const message of rebuilds) await rebuild(message, ports)
    return
  }
  if (batch.queue.endsWith('journal-dead'))
    return mournPublications(batch.messages as readonly Message<Publication>[], ports)
  if (batch.queue.endsWith('deliveries-dead')) return mournTries(batch.messages, ports)
  throw new Error(`No consumer for the queue ${batch.queue}.`)
}

type Sorted = [tries: QueueMessage<DeliveryMessage>[], rebuilds: QueueMessage<RebuildMessage>[]]

/** What is made again travels with the retries. */
function sorted(messages: readonly Message<unknown>[]): Sorted {
  const isRebuild = ({ body }: Message<unknown>) => 'rebuildId' in (body as object)
  const tries = messages.filter((message) => !isRebuild(message))
  return [
    tries as QueueMessage<DeliveryMessage>[],
    messages.filter(isRebuild) as QueueMessage<RebuildMessage>[],
  ]
}

function mournTries(messages: readonly Message<unknown>[], ports: Ports): void {
  const [tries, rebuilds] = sorted(messages)
  mournDeliveries(tries, ports)
  mournRebuilds(rebuilds, ports)
}
