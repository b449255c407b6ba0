/** Events as a business system gets them: made by the production steps of one payment, and signed as a delivery is. */
import { headersFor } from '../../src/delivery/sign.ts'
import { aRig, type Rig } from './payment-rig.ts'

/** The secret of the destination; made up. */
export const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`

export interface Made {
  id: string
  type: string
  body: string
}

/** A payment of 12500.00 AMD that is paid. */
export function paidRig(): Rig {
  const rig = aRig()
  rig.open({ money: { amount: 1_250_000, currency: 'AMD' } })
  rig.hear()
  return rig
}

/** The newest event of this type. Throws when there is none. */
export function eventIn(rig: Rig, type: string): Made {
  const found = rig.journal.findLast(({ event }) => event?.type === type)?.event
  if (found == null) throw new Error(`There is no ${type} among ${rig.events.join(', ')}.`)
  return found
}

/** The request of a try of this event; `secret` is what signs it. */
export async function tryOf({ id, body }: Made, secret = SECRET): Promise<Request> {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const headers = await headersFor({ eventId: id, body, secrets: [secret], now: Date.now(), traceparent })
  return new Request('https://receiver.example/events', { method: 'POST', headers, body })
}
