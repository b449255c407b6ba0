/** A business system of a test's own beside the demo's: a destination at a given address, and its end. */
import type { Shop } from './shop.ts'

export interface Receiver {
  id: string
  /** `whsec_…` */
  secret: string
}

/** Makes a destination for payments' events. Whoever makes it removes it, since other journeys count deliveries. */
export async function makeReceiver(shop: Shop, url: string): Promise<Receiver> {
  const { status, body } = await shop.call('POST', '/v1/destinations', {
    kind: 'other',
    url,
    event_types: ['payment.paid'],
  })
  if (status !== 201) throw new Error(`A destination is answered ${status}: ${JSON.stringify(body)}`)
  return { id: String(body.id), secret: String(body.secret) }
}

/** Removes it. */
export async function removeReceiver(shop: Shop, { id }: Receiver): Promise<void> {
  await shop.call('DELETE', `/v1/destinations/${id}`)
}

/** The statuses of what was delivered to it. */
export async function deliveredTo(shop: Shop, { id }: Receiver): Promise<string[]> {
  const { body } = await shop.call('GET', `/v1/deliveries?destination_id=${id}`)
  return (body.data as { status: string }[]).map(({ status }) => status)
}
