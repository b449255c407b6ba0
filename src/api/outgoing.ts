/** What the gateway sends to others: events to destinations, and the question that a quoted order is asked with. */
import * as z from 'zod'
import { eventData, eventType } from './payment-shapes.ts'
import { time } from './route.ts'

const envelope = z
  .object({ type: eventType.or(z.literal('test')), timestamp: time, data: eventData })
  .meta({ id: 'EventEnvelope' })

const signed = [
  ['webhook-id', 'The event’s id: the same on every try and replay. Take each id once.'],
  ['webhook-timestamp', 'Seconds since the epoch, of this try.'],
  ['webhook-signature', 'Standard Webhooks, version 1; space-separated while a secret is being rotated.'],
].map(([name = '', description = '']) => ({
  ...{ name, description, required: true },
  ...{ in: 'header' as const, schema: { type: 'string' as const } },
}))

export const outgoing = {
  event: {
    post: {
      operationId: 'event',
      summary: 'An event, to each destination that takes its type',
      description:
        'Any 2xx delivers it. Anything else is tried again for about three days; 410 pauses the destination.',
      parameters: signed,
      requestBody: { required: true, content: { 'application/json': { schema: envelope } } },
      responses: { '2XX': { description: 'Taken.' } },
      security: [],
    },
  },
}
