/** How an order stands at a BPC bank: every status that is documented, by amounts where the bank's word is too coarse. */
import * as z from 'zod'
import { currencyOf } from '../domain/numeric-currencies.ts'
import type { DeclineCode, Fact, Found, SessionReference } from '../domain/provider.ts'

const whole = z.lazy(() =>
  z.union([
    z.int(),
    z
      .string()
      .regex(/^-?\d{1,15}$/)
      .transform(Number),
  ]),
)
/** What is wrong or missing is null, which shows as a mismatch in front of a person and is never taken for equal. */
const minor = z.lazy(() =>
  whole
    .refine((amount) => amount >= 0)
    .nullable()
    .catch(null),
)

export const orderStatus = z.lazy(() =>
  z.object({
    orderNumber: z.string().max(64).nullable().catch(null),
    orderStatus: whole.nullish(),
    actionCode: whole.nullable().catch(null),
    amount: minor,
    currency: z.union([z.string(), z.number()]).nullable().catch(null).transform(currencyOf),
    attributes: z.array(z.object({ name: z.string(), value: z.string() })).catch([]),
    refunds: z
      .array(z.object({ amount: minor }))
      .nullable()
      .catch(null),
    paymentAmountInfo: z
      .object({ approvedAmount: minor, depositedAmount: minor, refundedAmount: minor })
      .nullable()
      .catch(null),
  }),
)
export type OrderStatus = z.output<typeof orderStatus>

/** The bank lost touch with the card's side: money may have moved, and the next answer may know. */
const timeouts = [-1, 151_018, 151_019]
const timeLimits = [-2007, 1001]
const declines: Record<number, DeclineCode> = { 101: 'expired_card', 116: 'insufficient_funds' }

/** Facts in their order; null for a status that nobody has foreseen, or that the bank itself is not sure of. */
export function standingOf(
  status: OrderStatus,
  session: Pick<SessionReference, 'captured' | 'refunded'>,
): Pick<Found, 'facts' | 'payable'> | null {
  const { amount, currency, paymentAmountInfo: sums } = status
  const over = (...facts: Fact[]) => ({ facts, payable: false })
  const money = (type: 'authorized' | 'captured', sum: number | null): Fact => ({
    type,
    amount: sum,
    currency,
  })
  switch (status.orderStatus) {
    // Registered, at the bank of the card, waiting, and completed in part: a customer may be at it.
    case 0:
    case 5:
    case 7:
    case 8:
      return isTimeout(status.actionCode) ? null : { facts: [], payable: true }
    case 1:
      return over(money('authorized', sums?.approvedAmount ?? amount))
    case 2:
      return over(
        // Without sums, the amount is what was registered, and what a part of it was captured for is known here alone.
        money('captured', sums?.depositedAmount ?? (session.captured || amount)),
        ...givenBack(status, session),
      )
    case 3:
      // A reversal of what we saw captured gives all of it back; of anything else it lets a hold go.
      return session.captured === 0
        ? over({ type: 'canceled' })
        : over(money('captured', session.captured), {
            ...{ type: 'refunded', amount: session.captured, currency },
          })
    case 4:
      // Whether the deposited sum falls with a refund is not documented; once seen, it is known here.
      return over(
        money('captured', session.captured || (sums?.depositedAmount ?? amount)),
        ...givenBack(status, session),
      )
    case 6:
      return declined(status.actionCode)
    default:
      return null
  }
}

/** The total, however the installation tells it. One that only says "some" says nothing new once we know of some. */
function givenBack(
  { orderStatus: said, refunds, currency, paymentAmountInfo: sums }: OrderStatus,
  session: Pick<SessionReference, 'refunded'>,
): Fact[] {
  const listed = refunds?.some(({ amount }) => amount === null)
    ? null
    : (refunds?.reduce((sum, { amount }) => sum + (amount ?? 0), 0) ?? null)
  const total = sums?.refundedAmount || listed || null
  if (total !== null) return [{ type: 'refunded', amount: total, currency }]
  return said === 4 && session.refunded === 0 ? [{ type: 'refunded', amount: null, currency }] : []
}

const isTimeout = (actionCode: number | null): boolean => actionCode !== null && timeouts.includes(actionCode)

function declined(actionCode: number | null): Pick<Found, 'facts' | 'payable'> | null {
  if (isTimeout(actionCode)) return null
  if (actionCode !== null && timeLimits.includes(actionCode))
    return { facts: [{ type: 'expired' }], payable: false }
  return { facts: [{ type: 'failed', code: declines[actionCode ?? 0] ?? 'declined' }], payable: false }
}
