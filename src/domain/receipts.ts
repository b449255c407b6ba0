/**
 * Fiscal receipts: one for the sale and one for each refund, told by the fiscal system. What it tells never touches the
 * payment's own status; two different receipts for the same thing are a contradiction for a human.
 */
import type { Entry } from './entry.ts'
import type { Refusal } from './errors.ts'
import { openException, raise, resolve, type Trouble } from './exceptions.ts'
import type { Payment, Receipt } from './payment.ts'
import type { FiscalStatus } from './tracks.ts'

/** What the fiscal system tells. */
export interface ReceiptWord {
  kind: 'sale' | 'refund'
  /** Which refund the receipt is for; null for the sale. */
  refundId: string | null
  status: 'issued' | 'failed'
  receiptId: string | null
  url: string | null
  /** Minor units; null when the fiscal system does not say. */
  amount: number | null
}

export type ReceiptDecision =
  | { kind: 'refuse'; refusal: Refusal }
  | { kind: 'same' }
  | { kind: 'write'; entries: Entry[]; contradicts: boolean }

/** The key by which a fiscal system recognises a receipt it was asked for before. */
export function receiptKey(paymentId: string, kind: 'sale' | 'refund', refundId: string | null): string {
  return kind === 'sale' ? `${paymentId}-sale` : `${paymentId}-${refundId}`
}

export function decideReceipt(payment: Payment, word: ReceiptWord): ReceiptDecision {
  const refused = refusalOf(payment, word)
  if (refused !== null) return { kind: 'refuse', refusal: refused }
  const known = receiptOf(payment, word)
  if (known !== undefined && isSame(known, word)) return { kind: 'same' }
  const cause = receiptKey(payment.id, word.kind, word.refundId)
  if (known?.status === 'issued') {
    const detail = `The fiscal system told of another receipt for ${cause} than before.`
    const entries: Entry[] = [{ type: 'fiscal.contradicted', data: word }]
    return {
      kind: 'write',
      contradicts: true,
      entries: [...entries, ...raise(payment, { kind: 'contradiction', cause, detail })],
    }
  }
  const trouble = { kind: 'fiscal_failed', cause } as const
  const follows =
    word.status === 'failed'
      ? raise(payment, { ...trouble, detail: `The fiscal system could not issue the receipt ${cause}.` })
      : openException(payment, trouble) === undefined
        ? []
        : resolve(payment, trouble, 'issued', null)
  return {
    kind: 'write',
    contradicts: false,
    entries: [{ type: 'fiscal.receipted', data: word }, ...follows],
  }
}

/** Whether the trouble is over before it is told: its receipt was issued already. */
export function isIssuedAnyway(payment: Payment, { kind, cause }: Trouble): boolean {
  return (
    kind === 'fiscal_failed' &&
    payment.receipts.some(
      (one) => one.status === 'issued' && receiptKey(payment.id, one.kind, one.refundId) === cause,
    )
  )
}

function refusalOf(payment: Payment, word: ReceiptWord): Refusal | null {
  if (word.kind === 'refund' && !payment.refunds.some((refund) => refund.id === word.refundId))
    return invalid('/refund_id', 'is no refund of this payment')
  if (word.kind === 'sale' && word.refundId !== null)
    return invalid('/refund_id', 'belongs to a receipt of kind refund')
  if (word.status === 'issued' && word.receiptId === null)
    return invalid('/receipt_id', 'is required for a receipt that was issued')
  if (payment.settledBy !== null) return null
  return { code: 'not_allowed_now', detail: 'There is no receipt before the payment is paid.' }
}

function receiptOf(payment: Payment, { kind, refundId }: ReceiptWord): Receipt | undefined {
  return payment.receipts.find((one) => one.kind === kind && one.refundId === refundId)
}

const isSame = (known: Receipt, word: ReceiptWord): boolean =>
  known.status === word.status &&
  known.receiptId === word.receiptId &&
  known.url === word.url &&
  known.amount === word.amount

/** The receipts after the word. */
export function receiptsAfter(payment: Payment, word: ReceiptWord, at: number): Receipt[] {
  const others = payment.receipts.filter((one) => one.kind !== word.kind || one.refundId !== word.refundId)
  return [...others, { ...word, at }]
}

/** Where the fiscal track stands: failed while any receipt failed, pending while any is missing. */
export function fiscalStatusOf(payment: Payment): FiscalStatus {
  if (payment.settledBy === null) return 'not_required'
  const refunds = payment.refunds.filter(
    (one) => one.sessionId === payment.settledBy && one.status === 'succeeded',
  )
  const needed = [
    { kind: 'sale', refundId: null },
    ...refunds.map(({ id }) => ({ kind: 'refund', refundId: id })),
  ]
  const found = needed.map(({ kind, refundId }) =>
    payment.receipts.find((one) => one.kind === kind && one.refundId === refundId),
  )
  if (found.some((receipt) => receipt?.status === 'failed')) return 'failed'
  return found.some((receipt) => receipt === undefined) ? 'pending' : 'issued'
}

function invalid(pointer: string, detail: string): Refusal {
  return { code: 'validation_failed', detail: `${pointer} ${detail}.`, errors: [{ pointer, detail }] }
}
