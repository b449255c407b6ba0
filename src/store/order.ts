/** The order of a payment's events at one destination, for destinations that want it kept. */
import { and, asc, eq, gt, inArray, lt } from 'drizzle-orm'
import type { Claim } from './claims.ts'
import type { Records } from './database.ts'
import { deliveries } from './schema.ts'

type Place = Pick<Claim, 'stream' | 'destinationId' | 'seq' | 'deliveryId'>

/** A stream's deliveries lie side by side in the key, because their ids begin with the stream's characters. */
function atSameDestination({ stream, destinationId }: Place) {
  const start = `dlv_${stream.slice(4)}`
  return and(
    gt(deliveries.id, start),
    lt(deliveries.id, `${start}~`),
    eq(deliveries.stream, stream),
    eq(deliveries.destinationId, destinationId),
  )
}

/** Whether an earlier event of the same payment is still to be delivered there. */
export async function hasEarlier(db: Records, place: Place): Promise<boolean> {
  const earlier = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        atSameDestination(place),
        lt(deliveries.seq, place.seq),
        inArray(deliveries.status, ['pending', 'held']),
      ),
    )
    .limit(1)
  return earlier.length > 0
}

/** The delivery that waits behind this one; null when there is none. */
export async function nextInOrder(
  db: Records,
  place: Place,
): Promise<{ id: string; attemptCount: number } | null> {
  const [next] = await db
    .select({ id: deliveries.id, attemptCount: deliveries.attemptCount })
    .from(deliveries)
    .where(and(atSameDestination(place), gt(deliveries.seq, place.seq), eq(deliveries.status, 'pending')))
    .orderBy(asc(deliveries.seq))
    .limit(1)
  return next ?? null
}
