import { describe, expect, it } from 'vitest'
import { decideFulfillment } from '../../../src/domain/fulfillment.ts'
import { statusOf } from '../../../src/domain/payment.ts'
import {
  decideReceipt,
  fiscalStatusOf,
  isIssuedAnyway,
  type ReceiptWord,
  receiptKey,
} from '../../../src/domain/receipts.ts'
import { tellFulfillment, tellReceipt } from '../../../src/payment/tracking.ts'
import { aRig, checksTheBooksAfterEachTest, type Rig } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const sale: ReceiptWord = {
  kind: 'sale',
  refundId: null,
  status: 'issued',
  receiptId: 'F-1',
  url: null,
  amount: null,
}

function paid(): Rig {
  const rig = aRig()
  rig.open()
  rig.hear({ type: 'captured' })
  return rig
}

const tells = (rig: Rig, word: Partial<ReceiptWord> = {}) =>
  rig.step((book) => tellReceipt(book, { word: { ...sale, ...word }, key: null, actor: 'key_1' }))

describe('a fiscal receipt', () => {
  it('is expected as soon as the payment is paid, and not before', () => {
    const rig = aRig()
    rig.open()
    expect(rig.payment.fiscalStatus).toBe('not_required')
    expect(decideReceipt(rig.payment, sale)).toMatchObject({ refusal: { code: 'not_allowed_now' } })
    rig.hear({ type: 'captured' })
    expect(rig.payment.fiscalStatus).toBe('pending')
  })
  it('that was issued moves the fiscal track and tells so, once', () => {
    const rig = paid()
    tells(rig)
    tells(rig)
    expect(rig.payment.fiscalStatus).toBe('issued')
    expect(rig.events.filter((type) => type === 'payment.fiscal_updated')).toHaveLength(1)
    expect(rig.status).toBe('paid')
  })
  it('that failed raises an exception and leaves the payment paid; the receipt that follows resolves it', () => {
    const rig = paid()
    tells(rig, { status: 'failed', receiptId: null })
    expect(rig.payment.fiscalStatus).toBe('failed')
    expect(rig.exceptions).toEqual(['fiscal_failed'])
    expect(statusOf(rig.payment)).toBe('paid')
    tells(rig)
    expect(rig.payment.fiscalStatus).toBe('issued')
    expect(rig.exceptions).toEqual([])
  })
  it('that differs from the one that was issued is a contradiction, and the first stays', () => {
    const rig = paid()
    tells(rig)
    tells(rig, { receiptId: 'F-2' })
    expect(rig.exceptions).toEqual(['contradiction'])
    expect(rig.payment.receipts).toMatchObject([{ receiptId: 'F-1' }])
  })
  it('is wanted for each refund too, under a key of its own', () => {
    const rig = paid()
    tells(rig)
    rig.hear({ type: 'refunded', amount: 400 })
    expect(fiscalStatusOf(rig.payment)).toBe('pending')
    const refundId = rig.payment.refunds[0]?.id ?? ''
    tells(rig, { kind: 'refund', refundId, receiptId: 'F-2' })
    expect(rig.payment.fiscalStatus).toBe('issued')
    expect(receiptKey(rig.payment.id, 'refund', refundId)).toBe(`${rig.payment.id}-${refundId}`)
    expect(tells(rig, { kind: 'refund', refundId: 'rfd_none' })).toMatchObject({
      refusal: { code: 'validation_failed' },
    })
  })
  it('needs its number when it was issued', () => {
    expect(decideReceipt(paid().payment, { ...sale, receiptId: null })).toMatchObject({
      refusal: { errors: [{ pointer: '/receipt_id' }] },
    })
  })
  it('has the key of the refund that succeeded in its event, whichever was asked for first', () => {
    const rig = paid()
    const refund = (type: 'refund_pending' | 'refunded_one', reference: string, amount: number) =>
      rig.hear({ id: `${type} ${reference}`, fact: { type, reference, amount, currency: 'AMD' } })
    refund('refund_pending', 'r-1', 100)
    refund('refunded_one', 'r-2', 200)
    refund('refunded_one', 'r-1', 100)
    const [first, second] = rig.payment.refunds.map(({ id }) => receiptKey(rig.payment.id, 'refund', id))
    const asking = rig.journal.filter((row) => row.event?.type === 'payment.refunded')
    expect(asking.map((row) => JSON.parse(row.event?.body ?? '').data.receipt_key)).toEqual([second, first])
    expect(second).toMatch(/^pay_.*-rfd_/)
  })
  it('has its key in the event that tells of it, also when it failed', () => {
    const rig = paid()
    tells(rig, { status: 'failed', receiptId: null })
    const event = rig.journal.find((row) => row.event?.type === 'payment.fiscal_updated')?.event
    expect(JSON.parse(event?.body ?? '').data.receipt_key).toBe(`${rig.payment.id}-sale`)
  })
  it('that was issued leaves nothing to doubt about asking for it', () => {
    const rig = paid()
    const trouble = {
      kind: 'fiscal_failed',
      cause: `${rig.payment.id}-sale`,
      detail: 'Nobody knows.',
    } as const
    expect(isIssuedAnyway(rig.payment, trouble)).toBe(false)
    tells(rig)
    expect(isIssuedAnyway(rig.payment, trouble)).toBe(true)
    expect(isIssuedAnyway(rig.payment, { ...trouble, cause: 'another' })).toBe(false)
    expect(isIssuedAnyway(rig.payment, { ...trouble, kind: 'contradiction' })).toBe(false)
  })
  it('has its key in the event that asks for it', () => {
    const event = paid().journal.find((row) => row.event?.type === 'payment.paid')?.event
    expect(JSON.parse(event?.body ?? '{}').data.receipt_key).toMatch(/^pay_.*-sale$/)
  })
})

describe('fulfilment', () => {
  it('goes forward by its table, and tells each step once', () => {
    const rig = paid()
    for (const status of ['in_progress', 'in_progress', 'delivered'] as const)
      rig.step((book) => tellFulfillment(book, { word: { status, note: null }, key: null, actor: 'key_1' }))
    expect(rig.payment.fulfillmentStatus).toBe('delivered')
    expect(rig.events.filter((type) => type === 'payment.fulfillment_updated')).toHaveLength(2)
  })
  it('is refused backwards, with where it stands', () => {
    const rig = paid()
    rig.step((book) =>
      tellFulfillment(book, { word: { status: 'delivered', note: null }, key: null, actor: 'k' }),
    )
    expect(decideFulfillment(rig.payment, 'pending', null)).toMatchObject({
      refusal: { code: 'not_allowed_now', extra: { fulfillment_status: 'delivered' } },
    })
  })
})

it('keeps its answer under its key', () => {
  const rig = paid()
  const told = { word: sale, key: { name: 'r', fingerprint: 'f' }, actor: 'key_1' }
  const first = rig.step((book) => tellReceipt(book, told))
  expect(rig.step((book) => tellReceipt(book, told))).toEqual({ ...first, replayed: true })
  const other = { ...told, key: { name: 'r', fingerprint: 'g' } }
  expect(rig.step((book) => tellReceipt(book, other))).toMatchObject({
    refusal: { code: 'idempotency_key_reused' },
  })
})
