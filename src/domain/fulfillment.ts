/** Fulfilment: what the warehouse or courier tells of the order's goods. It never touches the payment's own status. */
import type { Entry } from './entry.ts'
import type { Refusal } from './errors.ts'
import type { Payment } from './payment.ts'
import { type FulfillmentStatus, fulfillmentTable } from './tracks.ts'

/** What a fulfilment system tells. */
export interface FulfillmentWord {
  status: FulfillmentStatus
  note: string | null
}

export type FulfillmentDecision =
  | { kind: 'refuse'; refusal: Refusal }
  | { kind: 'same' }
  | { kind: 'write'; entries: Entry[] }

/** The same status again is no event; a move that the table does not know is refused. */
export function decideFulfillment(
  payment: Payment,
  status: FulfillmentStatus,
  note: string | null,
): FulfillmentDecision {
  if (status === payment.fulfillmentStatus) return { kind: 'same' }
  if (fulfillmentTable[payment.fulfillmentStatus][status] === undefined) {
    const detail = `Fulfilment that is ${payment.fulfillmentStatus} cannot become ${status}.`
    const extra = { fulfillment_status: payment.fulfillmentStatus }
    return { kind: 'refuse', refusal: { code: 'not_allowed_now', detail, extra } }
  }
  return { kind: 'write', entries: [{ type: 'fulfillment.moved', data: { status, note } }] }
}
