/** Events that the gateway sends to a merchant's systems, signed as Standard Webhooks. */
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import type { components } from './api.ts'

type Envelope = components['schemas']['EventEnvelope']
type Data = Envelope['data']
type PaymentType = Extract<Envelope['type'], `payment.${string}`>

/** An event about a payment, with the payment as it was at that moment. */
export interface PaymentEvent extends Envelope {
  type: PaymentType
  data: Data & { payment: NonNullable<Data['payment']> }
}
/** An event about an exception, whose payment may be unknown, or a destination's test. */
export interface OtherEvent extends Envelope {
  type: Exclude<Envelope['type'], PaymentType>
}
/** Take each `data.event_id` once: the same event may come again, on a retry or a replay. */
export type Event = PaymentEvent | OtherEvent

/** The request was not signed with the destination's secret, or not within five minutes. Answer it 401. */
export class UnverifiedEvent extends Error {
  override readonly name = 'UnverifiedEvent'
}

/**
 * The event in a request, once its signature holds. `payload` is the body as it came, before anything parses it;
 * `headers` are a `Headers` or Node's; `secrets` are the destination's `whsec_…`, several while one replaces another.
 * Throws `UnverifiedEvent`, and an `Error` of the base64 decoder for a secret that is none.
 */
export function verifyEvent(
  payload: string | Uint8Array,
  headers: Headers | Record<string, string | string[] | undefined>,
  secrets: string | readonly string[],
): Event {
  const text = typeof payload === 'string' ? payload : new TextDecoder().decode(payload)
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers)
  const signed = Object.fromEntries(entries.map(([name, value]) => [name, String(value ?? '')]))
  let refusal = 'There is no secret to verify it with.'
  for (const secret of [secrets].flat()) {
    try {
      return new Webhook(secret).verify(text, signed) as Event
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error
      refusal = error.message
    }
  }
  throw new UnverifiedEvent(refusal)
}
