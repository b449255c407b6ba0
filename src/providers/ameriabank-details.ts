/** How a payment stands at Ameriabank: its details, whose types and casing drift, and every documented status. */
import * as z from 'zod'
import { minorUnitsOf } from '../domain/money.ts'
import { currencyOf } from '../domain/numeric-currencies.ts'
import type { DeclineCode, Fact, Found, SessionReference } from '../domain/provider.ts'

/** Member names in lower case, since the bank's documents and answers do not agree on theirs. */
const lowered = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && !Array.isArray(body)
    ? Object.fromEntries(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]))
    : body

const text = z.lazy(() => z.union([z.string().max(256), z.number().transform(String)]))
const optional = text.nullable().catch(null)

/** `schema` over an answer's members in lower case. */
export const anyCase = <T>(schema: z.ZodType<T>) => z.preprocess(lowered, schema)

export const reply = z.lazy(() => z.object({ responsecode: text, responsemessage: optional }))

export const details = z.lazy(() =>
  z.object({
    responsecode: optional,
    orderstatus: z
      .union([
        z.int(),
        z
          .string()
          .regex(/^\d{1,3}$/)
          .transform(Number),
      ])
      .nullish(),
    orderid: optional,
    opaque: optional,
    currency: optional.transform(currencyOf),
    approvedamount: optional,
    depositedamount: optional,
    refundedamount: optional,
  }),
)
export type Details = z.output<typeof details>

/** `00 : Payment Successfully Completed` as `00`. */
export const codeOf = (responseCode: string | null): string => /^[\w-]+/.exec(responseCode ?? '')?.[0] ?? ''

/** The bank lost touch with the card's side: money may have moved, and the next answer may know. */
const timeouts = ['0-1', '0151018', '0151019']
const timeLimits = ['0-2007', '01001']
/** The question itself failed, so whatever stands beside it says nothing. */
const failures = ['05', '07', '20', '500', '510', '550']
const declines: Record<string, DeclineCode> = { '0116': 'insufficient_funds', '0101': 'expired_card' }

/** Facts in their order; null for what nobody has foreseen, or what the bank itself is not sure of. */
export function standingOf(
  told: Details,
  session: Pick<SessionReference, 'captured' | 'currency'>,
): Pick<Found, 'facts' | 'payable'> | null {
  const code = codeOf(told.responsecode)
  if (failures.includes(code)) return null
  const { currency } = told
  const minor = (decimal: string | null) =>
    decimal === null ? null : minorUnitsOf(decimal, session.currency)
  const over = (...facts: Fact[]) => ({ facts, payable: false })
  const money = (type: 'authorized' | 'captured', amount: number | null): Fact => ({ type, amount, currency })
  const back = minor(told.refundedamount)
  const refunds: Fact[] = back === null || back === 0 ? [] : [{ type: 'refunded', amount: back, currency }]
  switch (told.orderstatus) {
    // Begun, and in the hands of 3-D Secure.
    case 0:
    case 5:
      return timeouts.includes(code) ? null : { facts: [], payable: true }
    case 1:
      return over(money('authorized', minor(told.approvedamount)))
    case 2:
      return over(money('captured', minor(told.depositedamount)), ...refunds)
    case 3:
      // A reversal of what we saw captured gives all of it back; of anything else it lets a hold go.
      return session.captured === 0
        ? over({ type: 'canceled' })
        : over(money('captured', session.captured), { type: 'refunded', amount: session.captured, currency })
    case 4:
      return over(
        // Whether the deposited sum falls with a refund is not documented; once seen, it is known here.
        money('captured', session.captured || minor(told.depositedamount)),
        ...(refunds.length > 0 ? refunds : [{ type: 'refunded', amount: null, currency } as const]),
      )
    case 6:
      return declined(code)
    case undefined:
    case null:
      // No attempt yet, or an order that the bank does not know (yet): only time ends that.
      return code === '0-100' || code === '06' ? { facts: [], payable: true } : null
    default:
      return null
  }
}

function declined(code: string): Pick<Found, 'facts' | 'payable'> | null {
  if (timeouts.includes(code)) return null
  if (timeLimits.includes(code)) return { facts: [{ type: 'expired' }], payable: false }
  return { facts: [{ type: 'failed', code: declines[code] ?? 'declined' }], payable: false }
}
