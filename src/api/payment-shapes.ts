/** Payments and sessions as they go out, in the API and in events. */
import * as z from 'zod'
import type { EventType } from '../domain/event.ts'
import { eventTypes } from '../domain/event.ts'
import type { PaymentView, reducedView, sessionView } from '../domain/view.ts'
import { currencyCode, idOf, livemode, minor, shaped, time } from './route.ts'

export const paymentId = idOf('pay', 'A payment: what is known of one order’s money.')
export const sessionId = idOf('ps', 'A payment session: one attempt at a provider’s checkout.', 39)
export const connectionId = idOf('con', 'A connection: the merchant’s account at a provider.')
export const orderNumber = z.string().meta({ description: 'The merchant’s own.', example: 'A-1001' })

const paymentStatus = z.enum(['created', 'pending', 'authorized', 'paid', 'failed', 'canceled', 'expired'])
const sessionStatus = z.enum(['opening', 'open', 'ending', 'completed', 'failed', 'canceled', 'expired'])
const metadata = z.record(z.string(), z.string())

const sessionFields = {
  id: sessionId,
  object: z.literal('payment_session'),
  payment_id: paymentId,
  order_id: orderNumber,
  attempt: z.int().min(1),
  amount: minor,
  currency: currencyCode,
  status: sessionStatus,
  in_doubt: z
    .boolean()
    .meta({ description: 'Nobody knows just now whether money moved; the gateway is asking.' }),
  provider: z.string().meta({ example: 'sandbox' }),
  connection_id: connectionId,
  provider_reference: z.string().nullable(),
  capture_method: z.enum(['automatic', 'manual']),
  amount_authorized: minor,
  amount_captured: minor,
  amount_refunded: minor,
  expires_at: time,
  created_at: time,
  livemode,
  metadata,
}

export const sessionInPayment = shaped<ReturnType<typeof sessionView>>()(sessionFields)

/** As its opener sees it; an operator gets it without the client secret. */
export const session = z
  .object({
    ...sessionFields,
    checkout_url: z.url().meta({ description: 'Send the customer there.' }),
    client_secret: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'Lets the customer’s browser watch this session. Not shown to operators.' }),
  })
  .meta({ id: 'PaymentSession' })

/** What a browser may know. */
export const reducedSession = shaped<ReturnType<typeof reducedView>>()({
  id: sessionId,
  status: sessionStatus,
  payment_status: paymentStatus,
  amount: minor,
  currency: currencyCode,
  order_id: orderNumber,
  expires_at: time,
  livemode,
}).meta({ id: 'PaymentSessionStatus', description: 'What the customer’s browser may know of its session.' })

const refund = z.object({
  id: idOf('rfd', 'A refund.', 30),
  session_id: sessionId,
  amount: minor,
  status: z.enum(['pending', 'succeeded', 'failed']),
  provider_reference: z.string().nullable(),
  created_at: time,
})

const receipt = z.object({
  kind: z.enum(['sale', 'refund']),
  refund_id: z.string().nullable(),
  status: z.enum(['issued', 'failed']),
  receipt_id: z.string().nullable(),
  url: z.string().nullable(),
  amount: minor.nullable(),
  receipt_key: z.string(),
  recorded_at: time,
})

export const payment = shaped<PaymentView>()({
  id: paymentId,
  object: z.literal('payment'),
  merchant_id: idOf('mer', 'A merchant.'),
  order_id: orderNumber,
  amount: minor,
  currency: currencyCode,
  status: paymentStatus,
  fiscal_status: z.enum(['not_required', 'pending', 'issued', 'failed']),
  fulfillment_status: z.enum(['not_required', 'pending', 'in_progress', 'delivered', 'returned', 'canceled']),
  dispute_status: z.enum(['none', 'open', 'won', 'lost']),
  refund_status: z.enum(['none', 'partial', 'full']),
  amount_authorized: minor,
  amount_captured: minor,
  amount_refunded: minor,
  excess_captured: minor.meta({ description: 'Money of further captured sessions, which is owed back.' }),
  excess_refunded: minor,
  in_doubt: z.boolean(),
  flags: z.array(z.string()),
  provider: z.string().nullable(),
  connection_id: connectionId.nullable(),
  provider_reference: z.string().nullable(),
  sessions: z.array(sessionInPayment),
  refunds: z.array(refund),
  fiscal_receipts: z.array(receipt),
  proposed_correction: z
    .object({ to_status: z.string(), amount: minor.nullable(), by: z.string(), expires_at: time })
    .nullable()
    .meta({ description: 'What a second person may approve until it expires; afterwards it means nothing.' }),
  open_exceptions: z.int().min(0),
  version: z.int().min(0),
  created_at: time,
  paid_at: time.nullable(),
  metadata,
  livemode,
}).meta({ id: 'Payment' })

export const eventType = z.enum(eventTypes satisfies readonly EventType[])

/** A payment as an event froze it, which leaves out what would make it too long. */
export const frozenPayment = payment
  .extend({
    sessions: z.array(sessionInPayment),
    truncated: z
      .array(z.string())
      .optional()
      .meta({ description: 'What was left out so that the event stays short.' }),
  })
  .meta({ id: 'PaymentInEvent' })

export const eventData = z
  .object({
    event_id: idOf('evt', 'An event.', 32),
    sequence: z.int().min(1).nullable().optional(),
    previous_status: paymentStatus.nullable().optional(),
    receipt_key: z
      .string()
      .optional()
      .meta({ description: 'A fiscal system makes one receipt for each; the same on every try.' }),
    exception: z.looseObject({ id: z.string(), kind: z.string(), status: z.string() }).nullable().optional(),
    payment: frozenPayment.nullable(),
  })
  .meta({ id: 'EventData' })
