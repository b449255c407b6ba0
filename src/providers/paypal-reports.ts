/** What PayPal tells: its signature under a certificate of its own, and what each type of event means to us. */
import { createVerify, X509Certificate } from 'node:crypto'
import * as z from 'zod'
import { fromBase64 } from '../crypto/base64.ts'
import { crc32 } from '../crypto/crc32.ts'
import type { Fact, Heard, Named, RawReport, Reply, Report, Verdict } from '../domain/provider.ts'
import { call, jsonOf, usualLimits } from './call.ts'
import { fromPaypal } from './paypal-amounts.ts'
import { memoryOf, type PaypalAccount, remember } from './paypal-call.ts'
import { captureObject, orderObject, refundFact, refundObject } from './paypal-orders.ts'

export interface PaypalReader extends PaypalAccount {
  /** The webhook's ids, which are part of what is signed; any of them verifies. None: the door is closed. */
  webhookIds: readonly string[]
  /** Other software takes payments with the same account: what lacks our mark is not ours. */
  sharedAccount?: boolean
}

/** Verifies, then reads. `now` in milliseconds since the epoch. */
export async function readPaypal(options: PaypalReader, request: RawReport, now: number): Promise<Heard> {
  const trouble = await troubleWith(options, request, now)
  return trouble === null ? statementOf(request.body, options) : { kind: 'forged', why: trouble }
}

/** Null when PayPal signed it: RSA-SHA256 over `id|time|webhook id|crc32 of the body, in decimal`. */
async function troubleWith(options: PaypalReader, request: RawReport, now: number): Promise<string | null> {
  const { header, body } = request
  const [id = '', time = ''] = [header('paypal-transmission-id'), header('paypal-transmission-time')]
  const signature = fromBase64(header('paypal-transmission-sig') ?? '')
  if (options.webhookIds.length === 0) return 'no webhook id to verify with'
  if (id === '' || time === '' || signature === null || signature.length === 0)
    return 'no usable signature headers'
  if (header('paypal-auth-algo') !== 'SHA256withRSA') return 'signed in another way'
  const certificate = await certificateAt(options, request)
  if (typeof certificate === 'string') return certificate
  if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo))
    return 'the certificate is not valid now'
  const fits = options.webhookIds.some((webhookId) =>
    createVerify('RSA-SHA256')
      .update(`${id}|${time}|${webhookId}|${crc32(body)}`)
      .verify(certificate.publicKey, signature),
  )
  return fits ? null : 'no signature fits'
}

/**
 * PayPal's certificate at the address that the request names, or what is wrong with it. Whoever could choose the host could
 * sign; whoever chooses the path could make us fetch without end, so an address that is new here is fetched only for a
 * sender that may ask. PayPal sends again what it meant, for days.
 */
async function certificateAt(options: PaypalReader, request: RawReport): Promise<X509Certificate | string> {
  const address = request.header('paypal-cert-url') ?? ''
  if (!isPaypals(options, address)) return 'the certificate is not at PayPal'
  const { certificates } = memoryOf(options)
  const known = certificates.get(address)
  if (known === undefined && (await request.mayAsk?.()) === false) return 'too many certificates to fetch'
  const answer =
    known === undefined
      ? await call(options.fetch, address, { method: 'GET', headers: {} }, options.limits ?? usualLimits)
      : null
  if (answer !== null && (answer.kind === 'no_answer' || answer.status !== 200))
    return 'the certificate could not be fetched'
  const pem = known ?? (answer?.kind === 'answered' ? answer.text : '')
  const certificate = certificateIn(pem)
  if (certificate === null) return 'the certificate cannot be read'
  if (known === undefined) remember(certificates, address, pem)
  return certificate
}

function certificateIn(pem: string): X509Certificate | null {
  try {
    const certificate = new X509Certificate(pem)
    return certificate.publicKey.asymmetricKeyType === 'rsa' ? certificate : null
  } catch {
    return null
  }
}

function isPaypals({ apiBase, livemode }: PaypalReader, address: string): boolean {
  if (!URL.canParse(address)) return false
  const { origin, pathname, username, password, search } = new URL(address)
  const hosts = livemode ? ['api', 'api-m'] : ['api.sandbox', 'api-m.sandbox']
  const origins = apiBase === undefined ? hosts.map((host) => `https://${host}.paypal.com`) : [apiBase]
  return (
    origins.includes(origin) &&
    /^\/v1\/notifications\/certs\/[\w-]{1,128}$/.test(pathname) &&
    username + password + search === ''
  )
}

interface Statement {
  named: Named
  /** Null when the object's state means nothing to us. */
  fact: Fact | null
}

type Reader = (resource: unknown) => Statement | null

/** A reader for the type's object; an object of another shape is null, hence unreadable. */
function reads<T>(schema: z.ZodType<T>, read: (resource: T) => Statement): Reader {
  return (resource) => {
    const parsed = schema.safeParse(resource)
    return parsed.success ? read(parsed.data) : null
  }
}

const ofOrder = (fact: Fact): Reader =>
  reads(orderObject, ({ id, purchase_units: [unit] }) => {
    const { custom_id: custom, reference_id: orderId } = unit ?? {}
    const named = naming(custom, [id])
    return { named: named.sessionId !== undefined && orderId ? { ...named, orderId } : named, fact }
  })

const ofCapture = (factOf: (money: ReturnType<typeof fromPaypal>) => Fact): Reader =>
  reads(captureObject, ({ id, amount, custom_id: custom, supplementary_data: more }) => {
    const order = more?.related_ids?.order_id
    const named = naming(custom, order === undefined ? [id] : [order, id])
    return { named, fact: factOf(fromPaypal(amount)) }
  })

/** It bears our mark, and names its capture in its links. */
const ofRefund = (status?: string): Reader =>
  reads(refundObject, (refund) => {
    const up = refund.links.find(({ rel }) => rel === 'up')?.href
    const capture = /\/v2\/payments\/captures\/([\w-]{1,64})$/.exec(up ?? '')?.[1]
    const named = naming(refund.custom_id, capture === undefined ? [] : [capture])
    return { named, fact: refundFact({ ...refund, status: status ?? refund.status }) }
  })

const dispute = z.lazy(() =>
  z.object({
    dispute_id: z.string().min(1).max(256),
    dispute_outcome: z.object({ outcome_code: z.string() }).optional().catch(undefined),
    disputed_transactions: z
      .array(z.object({ seller_transaction_id: z.string().min(1).max(256), custom: z.string().optional() }))
      .min(1),
  }),
)

const outcomes: Readonly<Record<string, 'won' | 'lost'>> = {
  RESOLVED_BUYER_FAVOUR: 'lost',
  ACCEPTED: 'lost',
  RESOLVED_SELLER_FAVOUR: 'won',
  RESOLVED_WITH_PAYOUT: 'won',
  CANCELED_BY_BUYER: 'won',
  DENIED: 'won',
}

const ofDispute = (isClosed: boolean): Reader =>
  reads(dispute, ({ dispute_id: reference, dispute_outcome: end, disputed_transactions: [transaction] }) => {
    const named = naming(transaction?.custom, [transaction?.seller_transaction_id ?? ''])
    if (!isClosed) return { named, fact: { type: 'disputed', reference } }
    const code = end?.outcome_code ?? ''
    const outcome = Object.hasOwn(outcomes, code) ? outcomes[code] : undefined
    return { named, fact: outcome === undefined ? null : { type: 'dispute_closed', outcome, reference } }
  })

const readers: Readonly<Record<string, Reader>> = {
  'CHECKOUT.ORDER.APPROVED': ofOrder({ type: 'approved' }),
  'CHECKOUT.ORDER.VOIDED': ofOrder({ type: 'canceled' }),
  'PAYMENT.CAPTURE.COMPLETED': ofCapture((money) => ({ type: 'captured', ...money })),
  'PAYMENT.CAPTURE.PENDING': ofCapture(() => ({ type: 'capture_pending' })),
  'PAYMENT.CAPTURE.DENIED': ofCapture(() => ({ type: 'failed' })),
  'PAYMENT.CAPTURE.DECLINED': ofCapture(() => ({ type: 'failed' })),
  // What PayPal takes back by itself is given back all the same.
  'PAYMENT.CAPTURE.REFUNDED': ofRefund(),
  'PAYMENT.CAPTURE.REVERSED': ofRefund('COMPLETED'),
  'PAYMENT.REFUND.PENDING': ofRefund(),
  'PAYMENT.REFUND.FAILED': ofRefund('FAILED'),
  'CUSTOMER.DISPUTE.CREATED': ofDispute(false),
  'CUSTOMER.DISPUTE.UPDATED': ofDispute(false),
  'CUSTOMER.DISPUTE.RESOLVED': ofDispute(true),
}

/** The session by our own mark, and the references by which PayPal names it: the order's first, where it is told. */
function naming(custom: string | undefined, references: string[]): Named {
  const sessionId = /^ps_[0-9a-z]{1,64}$/.test(custom ?? '') ? custom : undefined
  const reference = sessionId ?? references[0] ?? ''
  const also = references.filter((one) => one !== reference)
  return {
    reference,
    ...(sessionId !== undefined && { sessionId }),
    ...(also.length > 0 && { also }),
  }
}

const event = z.lazy(() =>
  z.object({
    id: z.string().min(1).max(256),
    event_type: z.string().min(1).max(256),
    create_time: z.string().max(64).optional().catch(undefined),
    resource: z.unknown(),
  }),
)

function statementOf(body: Uint8Array, { sharedAccount = false }: PaypalReader): Heard {
  const said = event.safeParse(jsonOf(new TextDecoder().decode(body)))
  if (!said.success) return { kind: 'ignored', type: 'unreadable' }
  const { id, event_type: type, create_time: at, resource } = said.data
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (read === undefined) return { kind: 'ignored', type }
  const statement = read(resource)
  if (statement === null) return { kind: 'ignored', type: 'unreadable' }
  const { named, fact } = statement
  // Disputes bear no mark of ours.
  const isForeign = sharedAccount && named.sessionId === undefined && !type.startsWith('CUSTOMER.')
  if (fact === null || isForeign) return { kind: 'ignored', type }
  const occurredAt = Date.parse(at ?? '')
  const report: Report = { id, named, fact, occurredAt: Number.isNaN(occurredAt) ? null : occurredAt }
  return { kind: 'reports', reports: [report] }
}

/** Any 2xx is understood; the rest makes PayPal send it again, for up to three days. */
export function replyToPaypal(_heard: Heard, verdict: Verdict): Reply {
  const status = { kept: 200, ignored: 200, yes: 200, no: 200, refused: 401, not_kept: 503 }[verdict.kind]
  return { status, contentType: 'application/json', body: JSON.stringify({ received: status === 200 }) }
}
