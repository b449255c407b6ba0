/** What Adyen tells: notification items, each signed for itself, and what each event means to us. */
import * as z from 'zod'
import { toBase64 } from '../crypto/base64.ts'
import { isOneOf } from '../crypto/compare.ts'
import { hmac } from '../crypto/hmac.ts'
import type { Fact, Heard, Named, RawReport, Reply, Report, Verdict } from '../domain/provider.ts'
import { fromAdyen } from './adyen-amounts.ts'
import { jsonOf } from './call.ts'

/** Our own reference at Adyen. It says how the money is captured, since nothing else that is signed does. */
export const referenceFor = (sessionId: string, captureMethod: 'automatic' | 'manual'): string =>
  captureMethod === 'manual' ? `${sessionId}-manual` : sessionId

/** What our reference says; null for somebody else's. */
export function readReference(reference: string): { sessionId: string; isHeld: boolean } | null {
  const [, sessionId, manual] = /^(ps_[0-9a-z]{1,64})(-manual)?$/.exec(reference) ?? []
  return sessionId === undefined ? null : { sessionId, isHeld: manual !== undefined }
}

const text = z.string().max(256)
/** Anything else in it is unsigned, and read only where nothing hangs on it. */
const item = z.lazy(() =>
  z.object({
    pspReference: text.min(1),
    originalReference: text.nullish(),
    merchantAccountCode: text,
    merchantReference: text.nullish(),
    amount: z.object({
      value: z.union([z.int(), z.string().regex(/^-?\d{1,15}$/)]),
      currency: z.string().max(16),
    }),
    eventCode: text.min(1),
    success: z.union([text, z.boolean()]),
    eventDate: text.nullish().catch(null),
    additionalData: z
      .object({ hmacSignature: text.optional(), 'modification.action': text.optional().catch(undefined) })
      .loose()
      .optional(),
  }),
)
type Item = z.output<typeof item>

const batch = z.lazy(() =>
  z.object({
    notificationItems: z
      .array(z.object({ NotificationRequestItem: item }))
      .min(1)
      .max(100),
  }),
)

export interface AdyenReader {
  merchantAccount: string
  /** Hex, 32 bytes; any of them verifies. None: the door is closed. */
  hmacKeys: readonly string[]
  /** Other software takes payments with the same account: what lacks our reference is not ours. */
  sharedAccount?: boolean
}

/** Verifies every item, then reads. A batch with one item that Adyen did not sign is not Adyen's. */
export function readAdyen(options: AdyenReader, { body }: RawReport): Heard {
  const said = batch.safeParse(jsonOf(new TextDecoder().decode(body)))
  if (!said.success) return { kind: 'forged', why: 'nothing that could be signed' }
  const items = said.data.notificationItems.map(({ NotificationRequestItem: one }) => one)
  const keys = options.hmacKeys.filter((key) => /^[0-9A-Fa-f]{64}$/.test(key)).map(fromHex)
  if (!items.every((one) => isSigned(one, keys))) return { kind: 'forged', why: 'no signature fits' }
  const reports = items.flatMap((one) => reportOf(one, options) ?? [])
  return reports.length > 0
    ? { kind: 'reports', reports }
    : { kind: 'ignored', type: items[0]?.eventCode ?? 'nothing' }
}

/** The eight fields that Adyen signs, as it joins them: nothing is escaped. */
const signedText = (one: Item): string =>
  [
    one.pspReference,
    one.originalReference ?? '',
    one.merchantAccountCode,
    one.merchantReference ?? '',
    one.amount.value,
    one.amount.currency,
    one.eventCode,
    one.success,
  ].join(':')

function isSigned(one: Item, keys: readonly Uint8Array[]): boolean {
  const expected = keys.map((key) => toBase64(hmac('sha256', key, signedText(one))))
  return isOneOf(one.additionalData?.hmacSignature ?? '', expected)
}

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))

function reportOf(one: Item, options: AdyenReader): Report | null {
  // A webhook of the company tells of all its accounts.
  if (one.merchantAccountCode !== options.merchantAccount) return null
  const ours = readReference(one.merchantReference ?? '')
  if (ours === null && options.sharedAccount === true) return null
  const fact = factOf(one, ours?.isHeld === true)
  if (fact === null) return null
  const { pspReference, eventCode, success } = one
  const occurredAt = Date.parse(one.eventDate ?? '')
  return {
    id: `${pspReference} ${eventCode} ${success}`,
    named: namedBy(one, ours?.sessionId),
    fact,
    occurredAt: Number.isNaN(occurredAt) ? null : occurredAt,
    content: signedText(one),
  }
}

/** The payment's own reference comes along, by which alone Adyen takes orders about it. */
function namedBy(one: Item, sessionId: string | undefined): Named {
  const original = one.originalReference ?? ''
  const payment = original !== '' ? original : one.pspReference
  if (sessionId === undefined) return { reference: payment }
  const isOfPayment = original !== '' || one.eventCode === 'AUTHORISATION'
  return { sessionId, reference: one.merchantReference ?? payment, ...(isOfPayment && { also: [payment] }) }
}

/** Null for what changes nothing: a refused card, as long as another one may be tried, and events of other kinds. */
function factOf(one: Item, isHeld: boolean): Fact | null {
  const { pspReference: reference, eventCode, originalReference } = one
  const isDone = String(one.success) === 'true'
  const { currency } = one.amount
  const money = { amount: fromAdyen(Number(one.amount.value), currency), currency }
  switch (eventCode) {
    case 'AUTHORISATION':
      if (!isDone) return null
      return isHeld
        ? { type: 'authorized', ...money }
        : { type: 'captured', ...money, transaction: reference }
    case 'CAPTURE':
      if (!isDone) return { type: 'capture_failed' }
      return { type: 'captured', ...money, ...(originalReference && { transaction: originalReference }) }
    case 'CAPTURE_FAILED':
      return { type: 'capture_failed' }
    case 'CANCELLATION':
    case 'TECHNICAL_CANCEL':
      return isDone ? { type: 'canceled' } : null
    case 'OFFER_CLOSED':
    case 'EXPIRE':
      return isDone ? { type: 'expired' } : null
    case 'REFUND':
      return isDone ? { type: 'refunded_one', ...money, reference } : { type: 'refund_failed', reference }
    case 'REFUND_FAILED':
    case 'REFUNDED_REVERSED':
      return { type: 'refund_failed', reference }
    case 'CANCEL_OR_REFUND': {
      const action = one.additionalData?.['modification.action']
      if (!isDone) return null
      if (action === 'cancel') return { type: 'canceled' }
      return action === 'refund' ? { type: 'refunded_one', ...money, reference } : null
    }
    default:
      return disputeFact(eventCode, reference)
  }
}

function disputeFact(eventCode: string, reference: string): Fact | null {
  switch (eventCode) {
    case 'NOTIFICATION_OF_CHARGEBACK':
    case 'CHARGEBACK':
    case 'SECOND_CHARGEBACK':
    case 'PREARBITRATION_OPEN':
      return { type: 'disputed', reference }
    case 'CHARGEBACK_REVERSED':
    case 'ISSUER_RESPONSE_TIMEFRAME_EXPIRED':
    case 'PREARBITRATION_WON':
      return { type: 'dispute_closed', outcome: 'won', reference }
    case 'PREARBITRATION_LOST':
      return { type: 'dispute_closed', outcome: 'lost', reference }
    default:
      return null
  }
}

/** The body is an older convention, which Adyen still takes; the rest makes it send again, for up to thirty days. */
export function replyToAdyen(_heard: Heard, verdict: Verdict): Reply {
  const status = { kept: 200, ignored: 200, yes: 200, no: 200, refused: 401, not_kept: 503 }[verdict.kind]
  return { status, contentType: 'text/plain', body: status === 200 ? '[accepted]' : '[refused]' }
}
