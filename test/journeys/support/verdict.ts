/** Judges one order after crashes: what was promised against what provider, object, records and receivers have. */
import { isDeepStrictEqual } from 'node:util'
import type { Promised } from './customers.ts'
import type { ProviderCheckout } from './provider-books.ts'
import type { Delivery, Payment, ReceivedEvent } from './shop.ts'

/** Everything that is known of one order, from five sides. */
export interface Evidence {
  promised: Promised
  /** The provider's. */
  checkouts: ProviderCheckout[]
  /** The object's; null where no payment was ever made. */
  payment: Payment | null
  journal: { valid: boolean; entries: number } | null
  /** The records'. */
  listed: Payment[]
  deliveries: Delivery[]
  /** The receivers', by their names. */
  received: Record<string, ReceivedEvent[]>
  /** The receivers' destinations. */
  destinations: string[]
}

const stories: Record<string, string[]> = {
  created: ['payment.created'],
  pending: ['payment.created', 'payment.pending'],
  paid: ['payment.created', 'payment.pending', 'payment.paid'],
}

/** What is wrong, in sentences; empty when every side agrees and every promise is kept. */
export function complaintsOf(evidence: Evidence): string[] {
  const { promised, payment } = evidence
  const complaints = chargesIn(evidence)
  if (payment === null) return [...complaints, ...absenceIn(evidence)]
  const told = stories[payment.status]
  if (!told) return [...complaints, `the payment is ${payment.status}`]
  return [
    ...complaints,
    ...promisesIn(promised, payment),
    ...recordsIn(evidence, payment, told),
    ...Object.entries(evidence.received).flatMap(([name, events]) => receivedAt(name, events, told)),
  ]
}

function absenceIn({ promised, checkouts, listed }: Evidence): string[] {
  return [
    ...(promised.opened.length > 0 ? ['a session was answered and its payment is lost'] : []),
    ...(checkouts.length > 0 ? ['the provider has a checkout of a payment that is lost'] : []),
    ...(listed.length > 0 ? ['the records have a payment that its object lost'] : []),
  ]
}

/** Nothing is charged twice, and what the provider took is known here. */
function chargesIn({ promised, checkouts, payment }: Evidence): string[] {
  const captures = checkouts.flatMap(({ happened }) => happened.filter(({ type }) => type === 'captured'))
  const taken = captures.reduce((sum, { amount }) => sum + amount, 0)
  const complaints: string[] = []
  if (checkouts.length > 1) complaints.push(`the provider has ${checkouts.length} checkouts`)
  if (captures.length > 1 || taken > promised.amount) complaints.push(`the provider charged ${taken} in all`)
  if (promised.paid > 1) complaints.push(`the provider's page took ${promised.paid} payments`)
  if (promised.paid > 0 && captures.length === 0)
    complaints.push("a payment is gone from the provider's books")
  if (captures.length > 0 && payment?.status !== 'paid')
    complaints.push('the provider charged, and it is not paid here')
  return complaints
}

/** Every session that was answered is there, and it is the only one; every report that was answered has its effect. */
function promisesIn(promised: Promised, payment: Payment): string[] {
  const known = payment.sessions.map(({ id }) => id)
  const lost = promised.opened.filter(({ sessionId }) => !known.includes(sessionId))
  const complaints = lost.map(({ sessionId }) => `session ${sessionId} was answered and is lost`)
  const mustBePaid = promised.paid + promised.reported > 0
  const captured = payment.status === 'paid' ? promised.amount : 0
  if (known.length !== 1) complaints.push(`the payment has ${known.length} sessions`)
  if (mustBePaid && payment.status !== 'paid')
    complaints.push(`money was accepted and it is ${payment.status}`)
  if (!promised.moneyTried && payment.status === 'paid') complaints.push('it is paid, and nobody paid')
  if (payment.amount_captured !== captured) complaints.push(`${payment.amount_captured} is captured`)
  if (payment.excess_captured !== 0) complaints.push(`${payment.excess_captured} is captured in excess`)
  if (payment.flags.length + payment.open_exceptions > 0)
    complaints.push('the payment has flags or exceptions')
  return complaints
}

/** The journal's chain holds, the list shows what the object says, and every delivery is recorded once, and done. */
function recordsIn(
  { journal, listed, deliveries, destinations }: Evidence,
  payment: Payment,
  told: string[],
): string[] {
  const complaints: string[] = []
  if (!journal?.valid) complaints.push('the journal is not valid')
  if (journal?.entries !== payment.version) complaints.push(`the journal has ${journal?.entries} entries`)
  if (listed.length !== 1) complaints.push(`the records have ${listed.length} payments`)
  else if (!isDeepStrictEqual(listed[0], payment)) complaints.push('the records differ from the object')
  const wanted = destinations.flatMap((id) => told.map((type) => `${id} ${type} delivered`))
  const found = deliveries.map((one) => `${one.destination_id} ${one.event_type} ${one.status}`)
  if (!isDeepStrictEqual(found.sort(), wanted.sort()))
    complaints.push(`the records have other deliveries than they should: ${found.length} of ${wanted.length}`)
  return complaints
}

/** Each event is there, from 1 on and without a gap; a repeat bears the same id, and the receiver knows it by that. */
function receivedAt(name: string, events: ReceivedEvent[], told: string[]): string[] {
  const first = events.filter(({ duplicate }) => !duplicate)
  first.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
  const found = first.map(({ sequence, type }) => `${sequence} ${type}`)
  const wanted = told.map((type, index) => `${index + 1} ${type}`)
  if (isDeepStrictEqual(found, wanted)) return []
  return [`${name} received ${found.join(', ') || 'nothing'} instead of ${wanted.join(', ')}`]
}
