/** What Stripe tells: its objects as far as we read them, its signature, and what each type of event means to us. */
import * as z from 'zod'
import { isOneOf } from '../crypto/compare.ts'
import { hmacHex } from '../crypto/hmac.ts'
import type { Fact, Found, Heard, Named, RawReport, Reply, Report, Verdict } from '../domain/provider.ts'
import { jsonOf } from './call.ts'
import { fromStripe } from './stripe-amounts.ts'

/** Stripe signs each try anew; older or newer than this is a replay, or a clock that is wrong. */
const TOLERANCE_SECONDS = 300

const id = z.lazy(() => z.string().min(1).max(256))
/** What is wrong or missing is null, which shows as a mismatch in front of a person and is never taken for equal. */
const amount = z.lazy(() => z.int().nonnegative().nullable().catch(null))
const currency = z.lazy(() =>
  z
    .string()
    .max(16)
    .transform((code) => code.toUpperCase())
    .nullable()
    .catch(null),
)
const metadata = z.lazy(() =>
  z
    .object({ session_id: id.optional().catch(undefined), order_id: id.optional().catch(undefined) })
    .loose()
    .catch({}),
)

const charge = z.lazy(() =>
  z.object({
    id,
    amount,
    amount_captured: amount,
    amount_refunded: amount,
    currency,
    disputed: z.boolean().catch(false),
    payment_intent: id.nullable().catch(null),
    metadata,
    refunds: z
      .object({ data: z.array(z.object({ id })) })
      .nullable()
      .catch(null),
  }),
)
type Charge = z.output<typeof charge>

/** A payment behind a checkout. */
export const paymentIntent = z.lazy(() =>
  z.object({
    id,
    status: z.string(),
    amount_received: amount,
    amount_capturable: amount,
    currency,
    latest_charge: z.union([id, charge]).nullable().catch(null),
    metadata,
  }),
)
export type Intent = z.output<typeof paymentIntent>

/** A checkout. Nothing but its id is certain to be there: emulators leave out much. */
export const checkoutSession = z.lazy(() =>
  z.object({
    id,
    url: z.string().max(4_096).nullish(),
    status: z.string().nullish(),
    payment_status: z.string().nullish(),
    amount_total: amount,
    currency,
    expires_at: z.int().positive().nullish().catch(null),
    payment_intent: z.union([id, paymentIntent]).nullish(),
    client_reference_id: id.nullish().catch(null),
    metadata,
  }),
)

export const refundObject = z.lazy(() =>
  z.object({
    id,
    status: z.string(),
    charge: z.union([id, charge]).nullish(),
    payment_intent: id.nullish().catch(null),
    metadata,
  }),
)

const disputeObject = z.lazy(() =>
  z.object({
    id,
    status: z.string(),
    charge: id.nullish().catch(null),
    payment_intent: id.nullish().catch(null),
  }),
)

/**
 * What a charge tells beyond its capture: what was given back in all, and whether it is disputed. Stripe counts what a
 * partial capture never took as given back.
 */
export function factsOfCharge(one: Charge): Fact[] {
  const { amount_refunded: back, currency: said } = one
  const { amount: held, amount_captured: taken } = one
  const released = held === null || taken === null ? 0 : held - taken
  const refunded = back === null ? null : Math.max(0, back - released)
  const facts: Fact[] = []
  if (refunded !== 0)
    facts.push({ type: 'refunded', amount: fromStripe(refunded, said ?? ''), currency: said })
  if (one.disputed) facts.push({ type: 'disputed' })
  return facts
}

/** Null for a status that nobody has foreseen. */
export function standingOf(
  checkout: z.output<typeof checkoutSession>,
): Pick<Found, 'facts' | 'payable'> | null {
  const { status, payment_status: paid, payment_intent: intent, amount_total: total, currency } = checkout
  if (status === 'open') return { facts: [], payable: true }
  if (status === 'expired') return { facts: [{ type: 'expired' }], payable: false }
  if (status !== 'complete') return null
  if (typeof intent === 'object' && intent !== null) {
    const facts = factsOfIntent(intent)
    return facts === null ? null : { facts, payable: facts.length === 0 }
  }
  // A delayed method may still bring money.
  if (paid === 'unpaid') return { facts: [], payable: true }
  if (paid !== 'paid' && paid !== 'no_payment_required') return null
  const amount = fromStripe(total, currency ?? '')
  return { facts: [{ type: 'captured', amount, currency }], payable: false }
}

/** Null for a status that nobody has foreseen. */
export function factsOfIntent(intent: Intent): Fact[] | null {
  const { status, currency, latest_charge: charge } = intent
  switch (status) {
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
    case 'processing':
      return []
    case 'requires_capture':
      return [{ type: 'authorized', amount: fromStripe(intent.amount_capturable, currency ?? ''), currency }]
    case 'succeeded': {
      const amount = fromStripe(intent.amount_received, currency ?? '')
      const told = typeof charge === 'object' && charge !== null ? factsOfCharge(charge) : []
      return [{ type: 'captured', amount, currency }, ...told]
    }
    case 'canceled':
      return [{ type: 'canceled' }]
    default:
      return null
  }
}

interface Statement {
  named: Named
  /** Null when the object's state means nothing to us. */
  fact: Fact | null
}

type Reader = (object: unknown) => Statement | null

/** A reader for the type's object; an object of another shape is null, hence unreadable. */
function reads<T>(schema: z.ZodType<T>, read: (object: T) => Statement): Reader {
  return (object) => {
    const parsed = schema.safeParse(object)
    return parsed.success ? read(parsed.data) : null
  }
}

const ofCheckout = (factOf: (checkout: z.output<typeof checkoutSession>) => Fact | null): Reader =>
  reads(checkoutSession, (checkout) => {
    const { id: reference, client_reference_id: ours, payment_intent: intent } = checkout
    const sessionId = checkout.metadata.session_id ?? (ours?.startsWith('ps_') ? ours : undefined)
    const also = intent == null ? [] : [typeof intent === 'string' ? intent : intent.id]
    return { named: naming(sessionId, checkout.metadata.order_id, reference, also), fact: factOf(checkout) }
  })

/** The payment carries our marks and not the checkout's reference, so it goes by our own id where it has it. */
const ofIntent = (factOf: (intent: Intent) => Fact | null): Reader =>
  reads(paymentIntent, (intent) => {
    const { session_id: sessionId, order_id: orderId } = intent.metadata
    const { latest_charge: latest } = intent
    const also = [intent.id, ...(typeof latest === 'string' ? [latest] : latest ? [latest.id] : [])]
    return { named: naming(sessionId, orderId, sessionId ?? intent.id, also), fact: factOf(intent) }
  })

const ofCharge = reads(charge, (one) => {
  const { session_id: sessionId, order_id: orderId } = one.metadata
  const reference = sessionId ?? one.payment_intent ?? one.id
  const also = one.payment_intent === null ? [one.id] : [one.payment_intent, one.id]
  const newest = one.refunds?.data[0]?.id
  const refunded = factsOfCharge(one).find((fact) => fact.type === 'refunded') ?? null
  const fact = refunded !== null && newest !== undefined ? { ...refunded, reference: newest } : refunded
  return { named: naming(sessionId, orderId, reference, also), fact }
})

/** Only an end that gives the money back to us is news: the charge's total told of the refund when it was made. */
const ofRefund = reads(refundObject, (refund) => {
  const { session_id: sessionId } = refund.metadata
  const of = typeof refund.charge === 'object' ? refund.charge?.id : refund.charge
  const reference = sessionId ?? refund.payment_intent ?? of ?? ''
  const isLost = refund.status === 'failed' || refund.status === 'canceled'
  return {
    named: naming(sessionId, undefined, reference),
    fact: isLost ? { type: 'refund_failed', reference: refund.id } : null,
  }
})

/** A dispute bears none of our marks. */
const ofDispute = reads(disputeObject, (dispute) => {
  const { id: reference, payment_intent: intent, charge: of } = dispute
  const also = of == null || intent == null ? [] : [of]
  return {
    named: naming(undefined, undefined, intent ?? of ?? '', also),
    fact: disputeFact(dispute.status, reference),
  }
})

function disputeFact(status: string, reference: string): Fact | null {
  switch (status) {
    case 'won':
    case 'warning_closed':
    case 'prevented':
      return { type: 'dispute_closed', outcome: 'won', reference }
    case 'lost':
      return { type: 'dispute_closed', outcome: 'lost', reference }
    case 'warning_needs_response':
    case 'warning_under_review':
    case 'needs_response':
    case 'under_review':
    case 'appeal_needs_response':
    case 'appeal_under_review':
      return { type: 'disputed', reference }
    default:
      return null
  }
}

function completed(checkout: z.output<typeof checkoutSession>): Fact | null {
  const { payment_status: paid, currency: said, amount_total: total } = checkout
  const money = { amount: fromStripe(total, said ?? ''), currency: said }
  if (paid === 'paid' || paid === 'no_payment_required') return { type: 'captured', ...money }
  // Unpaid is either a hold, which only our own mark tells, or a delayed method whose end is reported later.
  return paid === 'unpaid' && checkout.metadata.capture_method === 'manual'
    ? { type: 'authorized', ...money }
    : null
}

const readers: Record<string, Reader> = {
  'checkout.session.completed': ofCheckout(completed),
  'checkout.session.async_payment_succeeded': ofCheckout(completed),
  'checkout.session.async_payment_failed': ofCheckout(() => ({ type: 'failed' })),
  'checkout.session.expired': ofCheckout(() => ({ type: 'expired' })),
  'payment_intent.amount_capturable_updated': ofIntent(({ amount_capturable: held, currency: said }) => ({
    type: 'authorized',
    amount: fromStripe(held, said ?? ''),
    currency: said,
  })),
  'payment_intent.succeeded': ofIntent(({ amount_received: received, currency: said }) => ({
    type: 'captured',
    amount: fromStripe(received, said ?? ''),
    currency: said,
  })),
  'payment_intent.canceled': ofIntent(() => ({ type: 'canceled' })),
  'charge.refunded': ofCharge,
  'refund.created': ofRefund,
  'refund.updated': ofRefund,
  'refund.failed': ofRefund,
  'charge.refund.updated': ofRefund,
  'charge.dispute.created': ofDispute,
  'charge.dispute.updated': ofDispute,
  'charge.dispute.funds_withdrawn': ofDispute,
  'charge.dispute.closed': ofDispute,
}

function naming(
  sessionId: string | undefined,
  orderId: string | undefined,
  reference: string,
  also: string[] = [],
): Named {
  const more = also.filter((one) => one !== reference)
  return {
    reference,
    ...(sessionId !== undefined && { sessionId }),
    ...(orderId !== undefined && { orderId }),
    ...(more.length > 0 && { also: more }),
  }
}

const event = z.lazy(() =>
  z.object({
    // Emulators leave it out; then the body's hash stands in.
    id: id.nullish(),
    type: z.string().min(1).max(256),
    created: z.int().positive().nullish().catch(null),
    data: z.object({ object: z.unknown() }),
  }),
)

/** Verifies, then reads. */
export function readStripe(
  { webhookSecrets, sharedAccount = false }: { webhookSecrets: readonly string[]; sharedAccount?: boolean },
  request: RawReport,
  now: number,
): Heard {
  const signed = verified(webhookSecrets, request)
  if (signed.kind === 'forged') return signed
  const heard = statementOf(request.body, sharedAccount)
  const aheadSeconds = signed.at - now / 1_000
  if (Math.abs(aheadSeconds) <= TOLERANCE_SECONDS) return heard
  const named = heard.kind === 'reports' ? (heard.reports[0]?.named ?? null) : null
  const why = aheadSeconds < 0 ? 'signed too long ago' : 'signed in the future'
  return { kind: 'untimely', why, named }
}

type Verified = { kind: 'ok'; at: number } | { kind: 'forged'; why: string }

/** `t=…,v1=…,v1=…`: HMAC-SHA256 of `t.body` under the whole text of the secret. There are two `v1` while it is rotated. */
function verified(secrets: readonly string[], { header, body }: RawReport): Verified {
  const parts = (header('stripe-signature') ?? '')
    .slice(0, 4_096)
    .split(',')
    .map((part) => part.trim().split('='))
  const valuesOf = (name: string) => parts.flatMap(([key, value]) => (key === name && value ? [value] : []))
  const [at = ''] = valuesOf('t')
  const given = valuesOf('v1').slice(0, 10)
  if (!/^\d{1,12}$/.test(at) || given.length === 0)
    return { kind: 'forged', why: 'no usable signature header' }
  const usable = secrets.filter((secret) => secret.startsWith('whsec_'))
  const expected = usable.map((secret) => hmacHex('sha256', secret, `${at}.`, body))
  const isGenuine = given.map((one) => isOneOf(one, expected)).includes(true)
  return isGenuine ? { kind: 'ok', at: Number(at) } : { kind: 'forged', why: 'no signature fits' }
}

function statementOf(body: Uint8Array, sharedAccount: boolean): Heard {
  const said = event.safeParse(jsonOf(new TextDecoder().decode(body)))
  if (!said.success) return { kind: 'ignored', type: 'unreadable' }
  const { type, created, data } = said.data
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (read === undefined) return { kind: 'ignored', type }
  const statement = read(data.object)
  if (statement === null) return { kind: 'ignored', type: 'unreadable' }
  const { named, fact } = statement
  const isForeign =
    sharedAccount && named.sessionId === undefined && /^(?:checkout|payment_intent)\./.test(type)
  if (fact === null || isForeign) return { kind: 'ignored', type }
  const occurredAt = created == null ? null : created * 1_000
  const report: Report = { id: said.data.id ?? null, named, fact, occurredAt }
  return { kind: 'reports', reports: [report] }
}

/** Any 2xx is understood; the rest makes Stripe send it again, for up to three days. */
export function replyToStripe(_heard: Heard, verdict: Verdict): Reply {
  const status = { kept: 200, ignored: 200, yes: 200, no: 200, refused: 401, not_kept: 503 }[verdict.kind]
  return { status, contentType: 'application/json', body: JSON.stringify({ received: status === 200 }) }
}
