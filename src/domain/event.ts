/**
 * What business systems are told. An event is made from a journal entry and the payment around it, and its bytes are
 * frozen at once: every try, replay and rebuild sends the same ones.
 */
import type { Entry, PlacedEntry } from './entry.ts'
import { eventId } from './ids.ts'
import type { Payment } from './payment.ts'
import { statusOf } from './payment.ts'
import type { PublishedEvent } from './publication.ts'
import { receiptKey } from './receipts.ts'
import { paymentView, timeOf } from './view.ts'

export const eventTypes = [
  'payment.created',
  'payment.pending',
  'payment.authorized',
  'payment.paid',
  'payment.failed',
  'payment.canceled',
  'payment.expired',
  'payment.refunded',
  'payment.refund_failed',
  'payment.disputed',
  'payment.dispute_closed',
  'payment.fiscal_updated',
  'payment.fulfillment_updated',
  'payment.corrected',
  'exception.raised',
  'exception.resolved',
] as const

export type EventType = (typeof eventTypes)[number]

/** Standard Webhooks asks for less than 20 KB. */
const LIMIT = 20_000

/** The type of event that this step is, or null when business systems need not know. One entry is at most one event. */
export function eventTypeOf(before: Payment | null, after: Payment, entry: Entry): EventType | null {
  if (entry.type === 'exception.raised' || entry.type === 'exception.resolved') return entry.type
  if (before === null) return 'payment.created'
  if (entry.type === 'correction.made') return 'payment.corrected'
  if (entry.type === 'fiscal.receipted') return 'payment.fiscal_updated'
  const status = statusOf(after)
  if (status !== statusOf(before)) return `payment.${status}`
  if (failedRefunds(before) < failedRefunds(after)) return 'payment.refund_failed'
  if (refunded(before) < refunded(after)) return 'payment.refunded'
  if (before.disputeStatus !== after.disputeStatus)
    return after.disputeStatus === 'open' ? 'payment.disputed' : 'payment.dispute_closed'
  if (before.fiscalStatus !== after.fiscalStatus) return 'payment.fiscal_updated'
  if (before.fulfillmentStatus !== after.fulfillmentStatus) return 'payment.fulfillment_updated'
  return null
}

const failedRefunds = (payment: Payment) => payment.refunds.filter((one) => one.status === 'failed').length
const refunded = (payment: Payment) => payment.sessions.reduce((sum, session) => sum + session.refunded, 0)

/** The frozen event of a step. `sequence` is its place among the payment's events. */
export function eventOf(
  type: EventType,
  before: Payment | null,
  after: Payment,
  placed: PlacedEntry,
  sequence: number,
): PublishedEvent {
  const id = eventId(after.id, sequence)
  const head = { type, timestamp: timeOf(placed.at) }
  const about = {
    event_id: id,
    sequence,
    previous_status: before === null ? null : statusOf(before),
  }
  const exception = type.startsWith('exception.') ? { exception: exceptionOf(placed) } : {}
  const key = receiptKeyOf(type, before, after, placed.entry)
  const receipt = key === null ? {} : { receipt_key: key }
  const body = fitted(
    (payment) => JSON.stringify({ ...head, data: { ...about, ...receipt, ...exception, payment } }),
    after,
  )
  return { id, type, sequence, body }
}

/** The key of the receipt that the event asks for or tells of, by which a fiscal system makes it only once. */
function receiptKeyOf(type: EventType, before: Payment | null, after: Payment, entry: Entry): string | null {
  if (entry.type === 'fiscal.receipted') return receiptKey(after.id, entry.data.kind, entry.data.refundId)
  if (type === 'payment.paid') return receiptKey(after.id, 'sale', null)
  if (type !== 'payment.refunded') return null
  const amounts = new Map(before?.refunds.map((one) => [one.id, one.status === 'succeeded' ? one.amount : 0]))
  // Refunds may succeed in another order than they were asked for, so the newest need not be the one that did.
  const refund = after.refunds.find((one) => one.status === 'succeeded' && one.amount !== amounts.get(one.id))
  return refund ? receiptKey(after.id, 'refund', refund.id) : null
}

function exceptionOf({ entry, at }: PlacedEntry) {
  if (entry.type === 'exception.raised') {
    const { id, kind, detail, sessionId, deliveryId, destinationId } = entry.data
    const about = { session_id: sessionId, delivery_id: deliveryId, destination_id: destinationId }
    return { id, kind, status: 'open', detail, ...about, raised_at: timeOf(at) }
  }
  if (entry.type === 'exception.resolved') {
    const { id, kind, resolution } = entry.data
    return { id, kind, status: 'resolved', resolution, resolved_at: timeOf(at) }
  }
  return null
}

/** Old sessions and long metadata are left out, and named as left out, before an event grows past the limit. */
function fitted(render: (payment: object) => string, payment: Payment): string {
  const view = paymentView(payment)
  const bare = (sessions: typeof view.sessions) => sessions.map((session) => ({ ...session, metadata: {} }))
  const smaller: (() => object)[] = [
    () => view,
    () => ({ ...view, sessions: bare(view.sessions), truncated: ['sessions.metadata'] }),
    () => ({ ...view, sessions: bare(view.sessions.slice(-3)), truncated: ['sessions'] }),
    () => ({
      ...view,
      sessions: bare(view.sessions.slice(-3)),
      refunds: view.refunds.slice(-10),
      metadata: {},
      truncated: ['sessions', 'refunds', 'metadata'],
    }),
  ]
  const bytes = new TextEncoder()
  const texts = smaller.map((make) => () => render(make()))
  for (const text of texts) {
    const body = text()
    if (bytes.encode(body).length < LIMIT) return body
  }
  throw new Error(`The event of ${payment.id} does not fit into ${LIMIT} bytes.`)
}
