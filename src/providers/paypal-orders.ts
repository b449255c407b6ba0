/** PayPal's objects as far as we read them, and what their statuses mean. */
import * as z from 'zod'
import type { Fact, Found } from '../domain/provider.ts'
import { fromPaypal } from './paypal-amounts.ts'

const id = z.lazy(() => z.string().regex(/^[\w-]{1,64}$/))
/** What is wrong or missing is null, which shows as a mismatch and is never taken for equal. */
const money = z.lazy(() =>
  z
    .object({ currency_code: z.string().max(16), value: z.string().max(32) })
    .nullable()
    .catch(null),
)
const mark = z.lazy(() => z.string().max(256).optional().catch(undefined))

export const captureObject = z.lazy(() =>
  z.object({
    id,
    status: z.string(),
    amount: money,
    custom_id: mark,
    supplementary_data: z
      .object({ related_ids: z.object({ order_id: id.optional() }).optional() })
      .optional()
      .catch(undefined),
  }),
)
export type Capture = z.output<typeof captureObject>

export const refundObject = z.lazy(() =>
  z.object({
    id,
    status: z.string(),
    amount: money,
    custom_id: mark,
    links: z.array(z.object({ rel: z.string(), href: z.string() })).catch([]),
  }),
)
export type Refund = z.output<typeof refundObject>

const unit = z.lazy(() =>
  z.object({
    reference_id: mark,
    custom_id: mark,
    amount: money,
    payments: z
      .object({ captures: z.array(captureObject).default([]), refunds: z.array(refundObject).default([]) })
      .default({ captures: [], refunds: [] }),
  }),
)

export const orderObject = z.lazy(() =>
  z.object({
    id,
    status: z.string(),
    purchase_units: z.array(unit).default([]),
    links: z.array(z.object({ rel: z.string(), href: z.string() })).default([]),
  }),
)
export type Order = z.output<typeof orderObject>

/** The capture that counts: one that brought money, or may, before those that failed. */
export function captureOf({ purchase_units: units }: Order): Capture | undefined {
  const captures = units.flatMap(({ payments }) => payments.captures)
  return captures.find(({ status }) => status !== 'DECLINED' && status !== 'FAILED') ?? captures.at(-1)
}

/** Null for a status that nobody has foreseen. */
export function standingOf(order: Order): Pick<Found, 'facts' | 'payable'> | null {
  switch (order.status) {
    case 'CREATED':
    case 'SAVED':
    case 'PAYER_ACTION_REQUIRED':
      return { facts: [], payable: true }
    case 'APPROVED':
      return { facts: [{ type: 'approved' }], payable: true }
    case 'VOIDED':
      return { facts: [{ type: 'canceled' }], payable: false }
    case 'COMPLETED': {
      const capture = captureOf(order)
      return capture === undefined ? null : captureStanding(order, capture)
    }
    default:
      return null
  }
}

function captureStanding(order: Order, capture: Capture): Pick<Found, 'facts' | 'payable'> | null {
  const captured: Fact = { type: 'captured', ...fromPaypal(capture.amount) }
  switch (capture.status) {
    case 'COMPLETED':
      return { facts: [captured], payable: false }
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED': {
      // How much was given back is told by the refunds alone.
      const refunds = order.purchase_units.flatMap(({ payments }) => payments.refunds).map(refundFact)
      const known = refunds.filter((fact) => fact !== null)
      return known.length === 0 || known.length < refunds.length
        ? null
        : { facts: [captured, ...known], payable: false }
    }
    case 'PENDING':
      return { facts: [{ type: 'capture_pending' }], payable: true }
    case 'DECLINED':
    case 'FAILED':
      return { facts: [{ type: 'failed' }], payable: false }
    default:
      return null
  }
}

/** Null for a status that nobody has foreseen. */
export function refundFact(refund: Refund): Fact | null {
  const { id: reference } = refund
  const { amount, currency } = fromPaypal(refund.amount)
  switch (refund.status) {
    case 'COMPLETED':
      return { type: 'refunded_one', amount, currency, reference }
    case 'PENDING':
      return amount === null || currency === null
        ? null
        : { type: 'refund_pending', amount, currency, reference }
    case 'CANCELLED':
    case 'FAILED':
      return { type: 'refund_failed', reference }
    default:
      return null
  }
}
