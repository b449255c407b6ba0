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
}

/** The headers of one try. Throws when the destination has no usable secret. */
export async function headersFor({ eventId, body, secrets, now }: Signable): Promise<Record<string, string>> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Tollgate-Delivery/1',
    ...(await signatureHeaders(secrets, eventId, Math.floor(now / 1_000), body)),
  }
}
