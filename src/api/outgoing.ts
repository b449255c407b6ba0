/** What the gateway sends to others: events to destinations, and carts to a merchant's quote address. */
import * as z from 'zod'
import { quoteAnswer } from '../http/quote.ts'
import { eventData, eventType } from './payment-shapes.ts'
import { time } from './route.ts'

const envelope = z
  .object({ type: eventType.or(z.literal('test')), timestamp: time, data: eventData })
  .meta({ id: 'EventEnvelope' })

const header = (name: string, description: string, required = true) => ({
  ...{ name, description, required },
  ...{ in: 'header' as const, schema: { type: 'string' as const } },
})

const signedAs = (id: string) => [
  header('webhook-id', id),
  header('webhook-timestamp', 'Seconds since the epoch, of this try.'),
  header(
    'webhook-signature',
    'Standard Webhooks, version 1; several with spaces between while a secret is rotated.',
  ),
]

export const outgoing = {
  event: {
    post: {
      operationId: 'event',
      summary: 'An event, to each destination that takes its type',
      description:
        'Any 2xx delivers it. Anything else is tried again for about three days; 410 pauses the destination.',
      parameters: signedAs('The event’s id: the same on every try and replay. Take each id once.'),
      requestBody: { required: true, content: { 'application/json': { schema: envelope } } },
      responses: { '2XX': { description: 'Taken.' } },
      security: [],
    },
  },
  quote: {
    post: {
      operationId: 'quote',
      summary: 'A storefront’s cart, to the merchant’s quote address',
      description:
        'Signed with the order-signing secret as it is. The same key must get the same order. At most 5 s and 64 KiB; no ' +
        'redirect is followed.',
      parameters: [
        ...signedAs('The quote’s name: the same for every repeat under a key.'),
        header('idempotency-key', 'The storefront’s key.'),
        header('tollgate-livemode', 'Whether real money will move.'),
        header(
          'authorization',
          '`Bearer` and the customer’s own token, when the storefront sent one.',
          false,
        ),
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: z.looseObject({}).meta({ description: 'The cart as it came.' }) },
        },
      },
      responses: {
        200: {
          description: 'The merchant’s word.',
          content: { 'application/json': { schema: quoteAnswer } },
        },
      },
      security: [],
    },
  },
}
