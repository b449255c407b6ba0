import { describe, expect, it } from 'vitest'
import type { Payment, Receipt, Refund } from '../../../src/domain/payment.ts'
import {
  decideReceipt,
  fiscalStatusOf,
  isIssuedAnyway,
  type ReceiptWord,
  receiptKey,
  receiptsAfter,
} from '../../../src/domain/receipts.ts'
import { captured, NOW, PAYMENT, sessionId, withSessions, written } from '../../support/a-payment.ts'

const sale: ReceiptWord = {
  ...{ kind: 'sale', refundId: null, status: 'issued', receiptId: 'F-1', url: null, amount: null },
}
const ofRefund = (refundId: string, change: Partial<ReceiptWord> = {}): ReceiptWord => ({
  ...{ ...sale, kind: 'refund', refundId, receiptId: `F-${refundId}` },
  ...change,
})
const failed = { status: 'failed', receiptId: null } as const
const kept = (word: ReceiptWord): Receipt => ({ ...word, at: NOW })

const refund = (id: string, change: Partial<Refund> = {}): Refund => ({
  ...{ id, sessionId: sessionId(1), amount: 300, status: 'succeeded', reference: id, at: NOW },
  ...change,
})
const paid = (receipts: ReceiptWord[] = [], refunds: Refund[] = [refund('r1'), refund('r2')]): Payment => ({
  ...withSessions(captured()),
  ...{ receipts: receipts.map(kept), refunds },
})

/** The types of what is written, and whether it contradicts. */
function judged(payment: Payment, word: ReceiptWord) {
  const decision = decideReceipt(payment, word)
  if (decision.kind === 'refuse') return decision.refusal.detail
  if (decision.kind === 'same') return 'same'
  return [decision.contradicts, ...decision.entries.map(({ type }) => type)]
}

describe('a receipt', () => {
  it('of the sale and of each refund is written once each', () => {
    for (const word of [sale, ofRefund('r1'), ofRefund('r2')]) {
      expect(judged(paid(), word)).toEqual([false, 'fiscal.receipted'])
      expect(judged(paid([word]), word)).toBe('same')
    }
    expect(judged(paid([sale, ofRefund('r1')]), ofRefund('r2'))).toEqual([false, 'fiscal.receipted'])
    expect(judged(paid([ofRefund('r1')]), sale)).toEqual([false, 'fiscal.receipted'])
  })

  it.each<[string, Partial<ReceiptWord>]>([
    ['number', { receiptId: 'F-2' }],
    ['address', { url: 'https://fiscal.example/F-1' }],
    ['amount', { amount: 999 }],
    ['outcome', failed],
  ])('that was issued is contradicted by another %s, and a person is told', (_what, change) => {
    expect(decideReceipt(paid([sale]), { ...sale, ...change })).toMatchObject({
      ...{ kind: 'write', contradicts: true },
      entries: [
        { type: 'fiscal.contradicted', data: change },
        {
          type: 'exception.raised',
          data: {
            ...{ kind: 'contradiction', cause: `${PAYMENT}-sale` },
            detail: `The fiscal system told of another receipt for ${PAYMENT}-sale than before.`,
          },
        },
      ],
    })
  })

  it('that failed raises an exception, and the one that is issued after all ends it', () => {
    const word = { ...sale, ...failed }
    const decision = decideReceipt(paid(), word)
    if (decision.kind !== 'write') throw new Error(decision.kind)
    expect(decision.entries).toMatchObject([
      { type: 'fiscal.receipted' },
      {
        type: 'exception.raised',
        data: {
          ...{ kind: 'fiscal_failed', cause: `${PAYMENT}-sale` },
          detail: `The fiscal system could not issue the receipt ${PAYMENT}-sale.`,
        },
      },
    ])
    const troubled = written(paid(), decision.entries)
    expect(judged(troubled, word)).toBe('same')
    expect(decideReceipt(troubled, sale)).toMatchObject({
      ...{ kind: 'write', contradicts: false },
      entries: [{ type: 'fiscal.receipted' }, { type: 'exception.resolved', data: { resolution: 'issued' } }],
    })
  })

  it.each<[string, ReceiptWord, string]>([
    ['of a refund that is not there', ofRefund('r9'), '/refund_id is no refund of this payment.'],
    [
      'of a sale with a refund',
      { ...sale, refundId: 'r1' },
      '/refund_id belongs to a receipt of kind refund.',
    ],
    [
      'that was issued without a number',
      { ...sale, receiptId: null },
      '/receipt_id is required for a receipt that was issued.',
    ],
  ])('%s is refused', (_what, word, detail) => {
    const decision = decideReceipt(paid(), word)
    const [pointer = '', ...rest] = detail.slice(0, -1).split(' ')
    expect(decision).toEqual({
      kind: 'refuse',
      refusal: { code: 'validation_failed', detail, errors: [{ pointer, detail: rest.join(' ') }] },
    })
  })

  it('that failed needs no number, and none is taken before the payment is paid', () => {
    expect(judged(paid(), { ...sale, ...failed })).toEqual([false, 'fiscal.receipted', 'exception.raised'])
    expect(judged(withSessions({}), sale)).toBe('There is no receipt before the payment is paid.')
  })
})

it('a receipt takes the place of the one before it for the same thing', () => {
  const before = paid([{ ...sale, ...failed }, ofRefund('r1')])
  expect(receiptsAfter(before, sale, NOW)).toEqual([kept(ofRefund('r1')), kept(sale)])
  expect(receiptsAfter(before, ofRefund('r2'), NOW)).toEqual([...before.receipts, kept(ofRefund('r2'))])
})

describe('the fiscal status', () => {
  it('needs a receipt of the sale, and of each refund of the money that paid', () => {
    const all = [sale, ofRefund('r1'), ofRefund('r2')]
    expect(fiscalStatusOf(paid(all))).toBe('issued')
    for (const missing of all)
      expect(fiscalStatusOf(paid(all.filter((word) => word !== missing)))).toBe('pending')
    expect(fiscalStatusOf({ ...paid(all), settledBy: null })).toBe('not_required')
  })

  it('needs none of a refund that is under way or has failed, nor of money that came a second time', () => {
    const other = { sessionId: sessionId(2) }
    for (const change of [{ status: 'pending' }, { status: 'failed' }, other] as const)
      expect(fiscalStatusOf(paid([sale], [refund('r1', change)]))).toBe('issued')
  })

  it('is failed while any of them failed, whatever is missing', () => {
    expect(fiscalStatusOf(paid([sale, ofRefund('r1', failed)]))).toBe('failed')
    expect(fiscalStatusOf(paid([{ ...sale, ...failed }]))).toBe('failed')
  })
})

it('the trouble of a receipt is over when that receipt was issued already', () => {
  const trouble = (kind: 'fiscal_failed' | 'contradiction', refundId: string | null) => ({
    ...{ kind, detail: '', cause: receiptKey(PAYMENT, refundId === null ? 'sale' : 'refund', refundId) },
  })
  const before = paid([sale, ofRefund('r1', failed)])
  expect(isIssuedAnyway(before, trouble('fiscal_failed', null))).toBe(true)
  expect(isIssuedAnyway(before, trouble('fiscal_failed', 'r1'))).toBe(false)
  expect(isIssuedAnyway(before, trouble('fiscal_failed', 'r2'))).toBe(false)
  expect(isIssuedAnyway(before, trouble('contradiction', null))).toBe(false)
})
