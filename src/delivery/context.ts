/** Where a try stands in its event's trace, and what every log line about it says. */
import { sha256Hex } from '../crypto/hash.ts'
import { type Trace, traceIdOf, traceOf } from '../domain/trace.ts'
import type { Claim } from '../store/claims.ts'

/** A try's place in its event's trace. An event without one gets a trace of its own, the same at every try. */
export function contextOf({
  trace,
  eventId,
  deliveryId,
  attempt,
}: Pick<Claim, 'trace' | 'eventId' | 'deliveryId' | 'attempt'>): { trace: Trace; span: string } {
  return {
    trace: trace ?? traceOf(sha256Hex(eventId).slice(0, 32)),
    span: sha256Hex(`${deliveryId} ${attempt}`).slice(0, 16),
  }
}

/** The ids of a try, for the log. */
export function about(claim: Claim) {
  const { trace, span } = contextOf(claim)
  return {
    message: 'attempt',
    trace: traceIdOf(trace),
    span,
    merchant: claim.merchantId,
    livemode: claim.livemode,
    delivery: claim.deliveryId,
    event: claim.eventId,
    type: claim.eventType,
    destination: claim.destinationId,
    attempt: claim.attempt,
    trigger: claim.trigger,
  }
}
