/** One signed try on the wire; the secrets and the destination's own headers are opened only here. */
import { type Trace, traceIdOf, traceparentOf } from '../domain/trace.ts'
import type { ClaimedDestination } from '../store/claims.ts'
import { type Ports, reasonOf } from './ports.ts'
import { type Sent, send } from './send.ts'
import { headersFor, headersOf, OUT_OF_ORDER, secretsOf } from './sign.ts'

/** Of a lease, the part that a try may take; the rest is for saving it while the claim still holds. */
const LEASE_FOR_SENDING = 0.75

export interface TryToSend {
  eventId: string
  /** The frozen bytes. */
  body: string
  destinationId: string
  destination: Pick<ClaimedDestination, 'url' | 'secrets' | 'olderSecretUntil' | 'headers' | 'timeoutMs'>
  /** It goes before an earlier event of its payment. */
  outOfOrder: boolean
  /** The try's place in its trace. */
  context: { trace: Trace; span: string }
}

/** How a try went; `unsigned` is one that was not sent because its secrets do not open: a trouble of this deployment. */
export type SignedTry = Omit<Sent, 'error'> & { error: Sent['error'] | 'unsigned' }

/** Sends once. Never throws. */
export async function sendSigned(
  { eventId, body, destinationId, destination, outOfOrder, context }: TryToSend,
  ports: Ports,
): Promise<SignedTry> {
  const now = ports.now()
  const traceparent = traceparentOf(context.trace, context.span)
  const { DELIVERY_TIMEOUT_MS, DELIVERY_LEASE_SECONDS, ALLOW_PRIVATE_ADDRESSES } = ports.settings
  let headers: Record<string, string>
  try {
    const unseal = (sealed: string) => ports.unseal(sealed, destinationId)
    headers = {
      ...(await headersOf(destination, unseal)),
      ...(await headersFor({
        eventId,
        body,
        secrets: await secretsOf(destination, now, unseal),
        now,
        traceparent,
      })),
      ...(outOfOrder && { [OUT_OF_ORDER]: 'true' }),
    }
  } catch (error) {
    const about = { event: eventId, destination: destinationId, trace: traceIdOf(context.trace) }
    ports.log({ message: 'unsigned', level: 'error', ...about, error: reasonOf(error) })
    return {
      status: null,
      error: 'unsigned',
      retryAfter: null,
      durationMs: 0,
      responseBody: null,
      isWhole: true,
    }
  }
  const longest = DELIVERY_LEASE_SECONDS * 1_000 * LEASE_FOR_SENDING
  return await send(
    {
      ...{ url: destination.url, headers, body },
      timeoutMs: Math.min(destination.timeoutMs ?? DELIVERY_TIMEOUT_MS, longest),
      allowPrivate: ALLOW_PRIVATE_ADDRESSES,
    },
    ports,
  )
}
