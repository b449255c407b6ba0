/**
 * A test event: signed and sent as any other, at once and once. It is about no payment, so no journal holds it, and how
 * it went is kept on its destination; its failure raises nothing.
 */
import type { Destination } from '../store/destinations.ts'
import type { Attempt } from '../store/schema.ts'
import { contextOf } from './context.ts'
import { attemptOf } from './outcome.ts'
import type { Ports } from './ports.ts'
import { sendSigned } from './signed.ts'

/** Sends a test event with this id. Never throws. */
export async function sendTestEvent(
  destination: Destination,
  eventId: string,
  ports: Ports,
): Promise<Attempt> {
  const at = ports.now()
  const body = JSON.stringify({
    type: 'test',
    timestamp: new Date(at).toISOString(),
    data: { event_id: eventId, payment: null },
  })
  const sent = await sendSigned(
    {
      ...{ eventId, body, destinationId: destination.id, destination, outOfOrder: false },
      context: contextOf({ trace: null, eventId, deliveryId: eventId, attempt: 1 }),
    },
    ports,
  )
  return attemptOf({ attempt: 1, trigger: 'manual' }, at, sent)
}
