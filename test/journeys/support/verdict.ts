/** Judges one order after crashes: what was promised against what provider, object, records and receivers have. */
import { isDeepStrictEqual } from 'node:util'
import type { Promised } from './customers.ts'
import type { ProviderCheckout } from './provider-books.ts'
import type { Delivery, Payment, ReceivedEvent } from './shop.ts'

/** One business system, and what it has of an order. */
export interface Receiver {
  name: string
  /** Its destination's id. */
  id: string
  /** The types that it subscribes to; null for all. */
  types: readonly string[] | null
  received: ReceivedEvent[]
}

/** Everything that is known of one order, from six sides. */
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
  receivers: Receiver[]
  /** The fiscal systems': the receipts that they printed for this payment, by their keys. */
  printed: Map<string, string>
}

export const takes = ({ types }: Pick<Receiver, 'types'>, type: string) => types?.includes(type) ?? true

/** What is wrong, in sentences; empty when every side agrees and every promise is kept. */
export function complaintsOf(evidence: Evidence): string[] {
  const { promised, payment } = evidence
  const complaints = chargesIn(evidence)
  if (payment === null) return [...complaints, ...absenceIn(evidence)]
  const told = storyOf(evidence, payment)
  if (told === null) return [...complaints, `the payment is ${payment.status}`]
  return [
    ...complaints,
    ...promisesIn(promised, payment),
    ...refundsIn(evidence, payment),
    ...receiptsIn(evidence, payment),
    ...recordsIn(evidence, payment, told),
    ...evidence.receivers.flatMap((receiver) => receivedAt(receiver, told)),
  ]
}

const happenedIn = ({ checkouts }: Evidence, type: string) =>
  checkouts.flatMap(({ happened }) => happened.filter((one) => one.type === type))

/** The types of the payment's events, as they follow from the promises and the provider's books; null for no such story. */
function storyOf(evidence: Evidence, { status }: Payment): string[] | null {
  const { corrected, refunded } = evidence.promised
  if (status === 'created') return ['payment.created']
  if (!['pending', 'paid', 'canceled'].includes(status)) return null
  const receipts = (status === 'paid' ? 1 : 0) + (refunded === null ? 0 : 1)
  return [
    ...['payment.created', 'payment.pending'],
    ...(happenedIn(evidence, 'canceled').length > 0 ? ['payment.canceled'] : []),
    ...(corrected === null ? [] : ['payment.corrected']),
    ...(status === 'paid' ? ['payment.paid'] : []),
    ...(refunded === null ? [] : ['payment.refunded']),
    ...Array<string>(receipts).fill('payment.fiscal_updated'),
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
function chargesIn(evidence: Evidence): string[] {
  const { promised, checkouts, payment } = evidence
  const captures = happenedIn(evidence, 'captured')
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
  const isPaidByWord = promised.corrected === 'paid'
  const mustBePaid = promised.paid + promised.reported > 0 || isPaidByWord
  const captured = payment.status === 'paid' ? promised.amount : 0
  if (known.length !== 1) complaints.push(`the payment has ${known.length} sessions`)
  if (mustBePaid && payment.status !== 'paid')
    complaints.push(`money was accepted and it is ${payment.status}`)
  if (!promised.moneyTried && !isPaidByWord && payment.status === 'paid')
    complaints.push('it is paid, and nobody paid')
  if (promised.corrected === 'canceled' && payment.status !== 'canceled')
    complaints.push(`it was corrected to canceled and is ${payment.status}`)
  if (payment.amount_captured !== captured) complaints.push(`${payment.amount_captured} is captured`)
  if (payment.excess_captured !== 0) complaints.push(`${payment.excess_captured} is captured in excess`)
  if (payment.flags.length + payment.open_exceptions > 0)
    complaints.push('the payment has flags or exceptions')
  return complaints
}

/** What was promised back went back once, at the provider and here. */
function refundsIn(evidence: Evidence, payment: Payment): string[] {
  const wanted = evidence.promised.refunded === null ? [] : [evidence.promised.refunded]
  const returned = happenedIn(evidence, 'refunded').map(({ amount }) => amount)
  const known = payment.refunds.map(({ amount, status }) => (status === 'succeeded' ? amount : status))
  const complaints: string[] = []
  if (!isDeepStrictEqual(returned, wanted))
    complaints.push(`the provider returned ${returned} instead of ${wanted}`)
  if (!isDeepStrictEqual(known, wanted)) complaints.push(`the payment's refunds are ${known}`)
  if (payment.amount_refunded !== (wanted[0] ?? 0)) complaints.push(`${payment.amount_refunded} is refunded`)
  return complaints
}

/** A receipt for the sale and one for each refund, each printed once, and each known here as it was printed. */
function receiptsIn({ printed }: Evidence, payment: Payment): string[] {
  const refunds = payment.refunds.map(({ id }) => `${payment.id}-${id}`)
  const wanted = payment.status === 'paid' ? [`${payment.id}-sale`, ...refunds] : []
  const known = payment.fiscal_receipts.map((one) => `${one.receipt_key} ${one.status} ${one.receipt_id}`)
  const complaints: string[] = []
  if (!isDeepStrictEqual([...printed.keys()].sort(), wanted.sort()))
    complaints.push(`receipts were printed for ${[...printed.keys()].join(', ') || 'nothing'}`)
  if (!isDeepStrictEqual(known.sort(), [...printed].map(([key, id]) => `${key} issued ${id}`).sort()))
    complaints.push(`the payment knows the receipts ${known.join(', ') || 'of nothing'}`)
  return complaints
}

/** The journal's chain holds, the list shows what the object says, and every delivery is recorded once, and done. */
function recordsIn(
  { journal, listed, deliveries, receivers }: Evidence,
  payment: Payment,
  told: string[],
): string[] {
  const complaints: string[] = []
  if (!journal?.valid) complaints.push('the journal is not valid')
  if (journal?.entries !== payment.version) complaints.push(`the journal has ${journal?.entries} entries`)
  if (listed.length !== 1) complaints.push(`the records have ${listed.length} payments`)
  else if (!isDeepStrictEqual(listed[0], payment)) complaints.push('the records differ from the object')
  const wanted = receivers.flatMap((one) =>
    told.filter((type) => takes(one, type)).map((type) => `${one.id} ${type} delivered`),
  )
  const found = deliveries.map((one) => `${one.destination_id} ${one.event_type} ${one.status}`)
  if (!isDeepStrictEqual(found.sort(), wanted.sort()))
    complaints.push(`the records have other deliveries than they should: ${found.length} of ${wanted.length}`)
  return complaints
}

/** Each event is there, and where all are taken from 1 on without a gap; a repeat bears the same id, by which it is known. */
function receivedAt(receiver: Receiver, told: string[]): string[] {
  const first = receiver.received.filter(({ duplicate }) => !duplicate)
  const found = first.map(({ type }) => type)
  const wanted = told.filter((type) => takes(receiver, type))
  const places = first.map(({ sequence }) => sequence ?? 0).sort((a, b) => a - b)
  const gapless = told.map((_, index) => index + 1)
  const isGapless =
    receiver.types === null ? isDeepStrictEqual(places, gapless) : new Set(places).size === places.length
  if (isGapless && isDeepStrictEqual(found.sort(), wanted.sort())) return []
  const said = first.map(({ sequence, type }) => `${sequence} ${type}`).join(', ') || 'nothing'
  return [`${receiver.name} received ${said} instead of ${wanted.join(', ')}`]
}
