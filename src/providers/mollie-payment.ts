/**
 * What Mollie says of a payment and what it means to us. Its status ends at `paid`: refunds and chargebacks stand beside
 * it, each with an amount of its own, and are read from there.
 */
import * as z from 'zod'
import { minorUnitsOf } from '../domain/money.ts'
import type { Fact, Found } from '../domain/provider.ts'

const id = z.lazy(() => z.string().min(1).max(256))

/** What is no amount of that currency is null, which shows as a mismatch and is never taken for equal. */
const money = z.lazy(() =>
  z
    .object({ currency: z.string().max(16), value: z.string().max(64) })
    .transform(({ currency, value }) => ({ amount: minorUnitsOf(value, currency), currency })),
)
type Money = z.output<typeof money>
const saidMoney = money.catch({ amount: null, currency: '' })

export const refundObject = z.lazy(() => z.object({ id, status: z.string(), amount: saidMoney }))
export const captureObject = z.lazy(() => z.object({ id, status: z.string(), amount: saidMoney }))
const chargeback = z.lazy(() => z.object({ id, reversedAt: z.string().nullish().catch(null) }))

export const paymentObject = z.lazy(() =>
  z.object({
    id,
    status: z.string(),
    amount: saidMoney,
    amountCaptured: saidMoney.optional(),
    amountRefunded: saidMoney.optional(),
    amountChargedBack: saidMoney.optional(),
    isCancelable: z.boolean().optional().catch(undefined),
    authorizedAt: z.string().nullish().catch(null),
    expiresAt: z.string().nullish().catch(null),
    metadata: z
      .object({ order_id: id.optional().catch(undefined) })
      .nullish()
      .catch(null),
    _links: z
      .object({ checkout: z.object({ href: z.string().max(4_096) }).nullish() })
      .optional()
      .catch(undefined),
    _embedded: z
      .object({
        captures: z.array(captureObject).optional(),
        refunds: z.array(refundObject).optional(),
        chargebacks: z.array(chargeback).optional(),
      })
      .default({}),
  }),
)
export type Payment = z.output<typeof paymentObject>

/** Null for a status that nobody has foreseen, here or in what stands beside it. */
export function standingOf(payment: Payment): Pick<Found, 'facts' | 'payable'> | null {
  switch (payment.status) {
    case 'open':
    case 'pending':
      return { facts: [], payable: true }
    case 'authorized':
      return standing(payment, factsOfHold(payment))
    case 'paid':
      return standing(payment, [{ type: 'captured', ...(payment.amountCaptured ?? payment.amount) }])
    case 'canceled':
      return { facts: [{ type: 'canceled' }], payable: false }
    case 'expired':
      return { facts: [{ type: 'expired' }], payable: false }
    case 'failed':
      // Behind a hold it is no card that was refused: the hold has lapsed, and its capture came to nothing.
      return { facts: [{ type: payment.authorizedAt ? 'expired' : 'failed' }], payable: false }
    default:
      return null
  }
}

function standing(payment: Payment, money: Fact[] | null): Pick<Found, 'facts' | 'payable'> | null {
  const refunds = money === null ? null : factsOfRefunds(payment)
  if (money === null || refunds === null) return null
  return { facts: [...money, ...refunds, ...factsOfChargebacks(payment)], payable: false }
}

/** Some methods stay `authorized` while a part of the hold is captured; each capture has an end of its own. */
function factsOfHold({ amount, _embedded: { captures = [] } }: Payment): Fact[] | null {
  const held: Fact = { type: 'authorized', ...amount }
  if (!captures.every(({ status }) => ['pending', 'succeeded', 'failed'].includes(status))) return null
  const taken = captures.filter(({ status }) => status === 'succeeded')
  if (taken.length > 0) return [held, { type: 'captured', ...sumOf(taken.map((one) => one.amount)) }]
  // No more than the hold can ever be taken, so a repeat of what failed takes nothing twice.
  const failed = captures.length > 0 && captures.every(({ status }) => status === 'failed')
  return failed ? [held, { type: 'capture_failed' }] : [held]
}

/** One by one, as each goes its own way for days. Without the list, the total is what there is. */
function factsOfRefunds({ amountRefunded, _embedded: { refunds } }: Payment): Fact[] | null {
  if (refunds === undefined)
    return amountRefunded === undefined || amountRefunded.amount === 0
      ? []
      : [{ type: 'refunded', ...amountRefunded }]
  const facts = refunds.map(factOfRefund)
  return facts.every((fact) => fact !== null) ? facts : null
}

/** Null for a status that nobody has foreseen, and for an amount that cannot be read. */
export function factOfRefund({
  id: reference,
  status,
  amount: back,
}: z.output<typeof refundObject>): Fact | null {
  const { amount, currency } = back
  switch (status) {
    case 'queued':
    case 'pending':
    case 'processing':
      return amount === null ? null : { type: 'refund_pending', amount, currency, reference }
    case 'refunded':
      return { type: 'refunded_one', amount, currency, reference }
    case 'failed':
    case 'canceled':
      return { type: 'refund_failed', reference }
    default:
      return null
  }
}

/** A chargeback takes the money back at once; it is won when Mollie reverses it. */
function factsOfChargebacks({ amountChargedBack, _embedded: { chargebacks = [] } }: Payment): Fact[] {
  const open = chargebacks.find(({ reversedAt }) => reversedAt == null)
  if (open !== undefined) return [{ type: 'disputed', reference: open.id }]
  const last = chargebacks.at(-1)
  if (last !== undefined) return [{ type: 'dispute_closed', outcome: 'won', reference: last.id }]
  return amountChargedBack === undefined || amountChargedBack.amount === 0 ? [] : [{ type: 'disputed' }]
}

function sumOf(amounts: Money[]): Money {
  const currency = amounts[0]?.currency ?? ''
  const isSound = amounts.every((one) => one.amount !== null && one.currency === currency)
  return { currency, amount: isSound ? amounts.reduce((sum, { amount }) => sum + (amount ?? 0), 0) : null }
}
