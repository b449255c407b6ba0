/** Events, their deliveries, and the exceptions that a person must look at. */
import * as z from 'zod'
import type { viewOf as deliveryView, wholeViewOf as wholeDeliveryView } from '../http/deliveries.ts'
import type { viewOf as eventView } from '../http/events.ts'
import { type viewOf as exceptionView, kinds } from '../http/exceptions.ts'
import { eventData, eventType, paymentId, sessionId } from './payment-shapes.ts'
import { type Chapter, idOf, listOf, livemode, shaped, time } from './route.ts'

export const eventId = idOf('evt', 'An event: its own name, the same on every try and replay.', 32)
export const destinationId = idOf('dst', 'A destination: a business system’s address.')
export const deliveryId = idOf('dlv', 'A delivery: one event to one destination.', 58)
const exceptionId = idOf('exc', 'An exception: a person must look.', 30)

const event = shaped<ReturnType<typeof eventView>>()({
  id: eventId,
  object: z.literal('event'),
  type: eventType,
  timestamp: time,
  payment_id: paymentId.nullable(),
  sequence: z
    .int()
    .min(1)
    .nullable()
    .meta({ description: 'Counts a payment’s events from 1 without gaps; null without a payment.' }),
  data: eventData,
  created_at: time,
  livemode,
}).meta({ id: 'Event' })

export const events: Chapter = {
  name: 'Events',
  about: 'What business systems are told. An event’s bytes are frozen when it happens.',
  parameters: { id: eventId },
  routes: {
    'GET /v1/events': {
      id: 'listEvents',
      does: 'List events, newest first',
      answers: { 200: ['A page of events.', listOf(event)] },
    },
    'GET /v1/events/:id': {
      id: 'readEvent',
      does: 'Read an event',
      answers: { 200: ['The event.', event] },
      refuses: ['not_found'],
    },
  },
}

/** One HTTP try. */
export const attemptFields = {
  n: z.int().min(1),
  at: time,
  duration_ms: z.int().min(0),
  status: z.int().nullable().meta({ description: 'What it was answered; null when there was no answer.' }),
  error: z.string().nullable(),
  trigger: z.enum(['schedule', 'manual', 'replay', 'probe']),
  response_body: z.string().nullable().meta({ description: 'The first 2 kB.' }),
}
export const attempt = z.object(attemptFields).meta({ id: 'DeliveryAttempt' })

const deliveryFields = {
  id: deliveryId,
  object: z.literal('delivery'),
  event_id: eventId,
  event_type: z.string().meta({ example: 'payment.paid' }),
  payment_id: paymentId.nullable(),
  destination_id: destinationId,
  status: z.enum(['pending', 'delivered', 'failed', 'held']),
  attempt_count: z.int().min(0),
  next_attempt_at: time.nullable(),
  created_at: time,
  livemode,
}
const delivery = shaped<ReturnType<typeof deliveryView>>()(deliveryFields).meta({ id: 'Delivery' })
const wholeDelivery = shaped<ReturnType<typeof wholeDeliveryView>>()({
  ...deliveryFields,
  doubtful: z.boolean().meta({
    description: 'Nobody knows whether its fiscal system took it; only a retry by a person sends it again.',
  }),
  attempts: z.array(attempt),
}).meta({ id: 'DeliveryWithAttempts' })

export const deliveries: Chapter = {
  name: 'Deliveries',
  about: 'What became of an event at a destination, with every try.',
  parameters: { id: deliveryId },
  routes: {
    'GET /v1/deliveries': {
      id: 'listDeliveries',
      does: 'List deliveries, newest first',
      answers: { 200: ['A page of deliveries.', listOf(delivery)] },
    },
    'GET /v1/deliveries/:id': {
      id: 'readDelivery',
      does: 'Read a delivery with every attempt',
      answers: { 200: ['The delivery.', wholeDelivery] },
      refuses: ['not_found'],
    },
    'POST /v1/deliveries/:id/retry': {
      id: 'retryDelivery',
      does: 'Try a delivery once more, now',
      answers: { 202: ['It is on its way.', wholeDelivery] },
      refuses: ['not_found', 'not_allowed_now'],
    },
  },
}

const exception = shaped<ReturnType<typeof exceptionView>>()({
  id: exceptionId,
  object: z.literal('exception'),
  kind: z.enum(kinds),
  status: z.enum(['open', 'resolved']),
  payment_id: paymentId.nullable(),
  session_id: sessionId.nullable(),
  delivery_id: deliveryId.nullable(),
  destination_id: destinationId.nullable(),
  detail: z.string(),
  created_at: time,
  resolution: z.string().nullable(),
  note: z.string().nullable(),
  resolved_by: z.string().nullable(),
  resolved_at: time.nullable(),
  livemode,
}).meta({ id: 'Exception' })

export const exceptions: Chapter = {
  name: 'Exceptions',
  about: 'What the gateway will not decide by itself.',
  parameters: { id: exceptionId },
  routes: {
    'GET /v1/exceptions': {
      id: 'listExceptions',
      does: 'List exceptions, newest first',
      answers: { 200: ['A page of exceptions.', listOf(exception)] },
    },
    'GET /v1/exceptions/:id': {
      id: 'readException',
      does: 'Read an exception',
      answers: { 200: ['The exception.', exception] },
      refuses: ['not_found'],
    },
    'POST /v1/exceptions/:id/resolve': {
      id: 'resolveException',
      does: 'Put an end to an exception, as a person with a note',
      example: { resolution: 'refunded', note: 'Returned to the customer at the bank.' },
      answers: { 200: ['The resolved exception.', exception] },
      refuses: ['not_found', 'not_allowed_now'],
    },
  },
}
