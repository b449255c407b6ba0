/** The request of one try: Standard Webhooks headers around the event's frozen bytes. */
import { signatureHeaders } from '../crypto/standard-webhooks.ts'
import type { ClaimedDestination } from '../store/claims.ts'

/** Said of an event that goes to an ordered destination before an earlier one of its payment has arrived. */
export const OUT_OF_ORDER = 'tollgate-out-of-order'

type Unseal = (sealed: string) => Promise<string>

/** How many secrets sign at once at most: more than anybody asks for in a day because answers were lost. */
const MOST_SECRETS = 10

/**
 * The secrets of a destination whose secret is replaced, newest first. One that still signs goes on: who repeats a rotation,
 * because its answer was lost, must not take from the receiver the only secret that it knows.
 */
export function rotated(
  secrets: readonly string[],
  olderSecretUntil: number | null,
  fresh: string,
  now: number,
): string[] {
  return [fresh, ...signing(secrets, olderSecretUntil, now)].slice(0, MOST_SECRETS)
}

const signing = (secrets: readonly string[], olderSecretUntil: number | null, now: number) =>
  olderSecretUntil !== null && now < olderSecretUntil ? secrets : secrets.slice(0, 1)

/** The secrets that sign at `now`: while a rotation overlaps, the older ones too. */
export async function secretsOf(
  { secrets, olderSecretUntil }: Pick<ClaimedDestination, 'secrets' | 'olderSecretUntil'>,
  now: number,
  unseal: Unseal,
): Promise<string[]> {
  return [...signing(JSON.parse(await unseal(secrets)), olderSecretUntil, now)]
}

/** The destination's own headers, such as a credential that its door asks for. */
export async function headersOf(
  { headers }: Pick<ClaimedDestination, 'headers'>,
  unseal: Unseal,
): Promise<Record<string, string>> {
  return headers === null ? {} : JSON.parse(await unseal(headers))
}

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
