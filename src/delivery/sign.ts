/** The request of one try: Standard Webhooks headers around the event's frozen bytes. */
import { signatureHeaders } from '../crypto/standard-webhooks.ts'

/** What is needed to sign a try. The id stays the event's on every try; the timestamp is each try's own. */
export interface Signable {
  eventId: string
  body: string
  /** The secrets that sign now, newest first. */
  secrets: readonly string[]
  /** Milliseconds since the epoch. */
  now: number
  /** W3C trace context, so that the receiver's logs and ours can be laid side by side. */
  traceparent: string
}

/** The headers of one try. Throws when the destination has no usable secret. */
export async function headersFor({
  eventId,
  body,
  secrets,
  now,
  traceparent,
}: Signable): Promise<Record<string, string>> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Tollgate-Delivery/1',
    traceparent,
    ...(await signatureHeaders(secrets, eventId, Math.floor(now / 1_000), body)),
  }
}
