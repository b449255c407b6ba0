// A delivery that is about to be tried, for tests of what becomes of it.
import { env } from 'cloudflare:workers'
import { recordsOf } from '../../src/store/database.ts'
import { askForRetry, type Delivery } from '../../src/store/deliveries.ts'
import type { Attempt } from '../../src/store/schema.ts'
import {
  aDestination,
  aMerchantId,
  anEntry,
  aPaymentId,
  aPublication,
  askedAt,
  Rig,
  rowsOf,
} from './delivery-rig.ts'

export interface DeliveryRow {
  id: string
  status: string
  due_at: number | null
  lease_until: number | null
  attempt_count: number
  attempts: string
  answer: string | null
  doubtful: number
}

/** A business system that says no. */
export const failing =
  (status: number, headers = {}) =>
  () =>
    new Response('no', { status, headers })

/** A payment that was paid, with a destination that has not been told yet. */
export async function aDelivery(
  change: { eventType?: string; destination?: Parameters<typeof aDestination>[1] } = {},
) {
  const rig = new Rig()
  const [merchantId, stream] = [aMerchantId(), aPaymentId()]
  const destination = await aDestination(merchantId, change.destination)
  const entries = [anEntry(stream, 1, change.eventType)]
  rig.publish(aPublication({ merchantId, stream }, { entries }))
  await rig.turn()
  const read = async () => {
    const [row] = await rowsOf<DeliveryRow>('deliveries', merchantId)
    return { ...row!, attempts: JSON.parse(row!.attempts) as Attempt[] }
  }
  const retry = async (): Promise<Delivery | null> => {
    const { id } = await read()
    const due = await askForRetry(
      recordsOf(env, merchantId),
      { merchantId, livemode: false },
      id,
      askedAt(rig.now),
    )
    if (due) rig.send('tollgate-deliveries', rig.message(id, merchantId, due.attemptCount + 1))
    return due
  }
  return { rig, merchantId, stream, destination, read, retry, event: entries[0]!.event! }
}
