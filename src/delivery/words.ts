/**
 * What fiscal and fulfilment systems tell, by a call or in their answer to a delivery: the same shapes for both, and as
 * strict, since an unknown field may be a typo.
 */
import * as z from 'zod'
import { asksForTracks, isTaken } from '../domain/delivery.ts'
import type { Claim } from '../store/claims.ts'
import type { KeptAnswer } from '../store/schema.ts'
import type { SignedTry } from './signed.ts'

/** Text of one line, such as a name: no control characters, at most `longest` characters. */
export const line = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}]*$/u, { error: 'Control characters are not allowed.' })

/** A positive integer of minor units, up to 2^53 - 1. */
export const amount = z.lazy(() =>
  z.int({ error: 'An amount is an integer of minor units, up to 2^53 - 1.' }).min(1, {
    error: 'An amount is at least 1 minor unit.',
  }),
)

export const receiptBody = z.lazy(() =>
  z.strictObject({
    kind: z.enum(['sale', 'refund']),
    status: z.enum(['issued', 'failed']),
    refund_id: z.string().max(64).optional(),
    receipt_id: line(128).optional(),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2_048)
      .optional(),
    amount: amount.optional(),
  }),
)

export const receiptWord = receiptBody.transform(({ kind, status, ...told }) => ({
  ...{ kind, status, refundId: told.refund_id ?? null, receiptId: told.receipt_id ?? null },
  ...{ url: told.url ?? null, amount: told.amount ?? null },
}))

export const fulfillmentBody = z.lazy(() =>
  z.strictObject({
    status: z.enum(['not_required', 'pending', 'in_progress', 'delivered', 'returned', 'canceled']),
    note: line(500).optional(),
  }),
)

export const fulfillmentWord = fulfillmentBody.transform(({ status, note }) => ({
  status,
  note: note ?? null,
}))

const answerBody = z.lazy(() =>
  z.union([
    z
      .strictObject({ fiscal_receipt: receiptWord })
      .transform(({ fiscal_receipt: word }) => ({ track: 'fiscal' as const, word })),
    z
      .strictObject({ fulfillment: fulfillmentWord })
      .transform(({ fulfillment: word }) => ({ track: 'fulfillment' as const, word })),
  ]),
)

export type Read = { kind: 'none' } | { kind: 'ignored' } | { kind: 'taken'; answer: KeptAnswer }

/**
 * What a try was answered with, as far as it is for the payment. Only systems of these two kinds are asked, and whatever
 * else they answer is ignored: it was a 2xx, so the event is delivered.
 */
export function answerIn(
  { eventType, destination, attempt }: Pick<Claim, 'eventType' | 'destination' | 'attempt'>,
  { status, responseBody, isWhole }: Pick<SignedTry, 'status' | 'responseBody' | 'isWhole'>,
): Read {
  const isAsked = destination?.kind === 'fiscal' || destination?.kind === 'fulfillment'
  const text = responseBody?.trim() ?? ''
  if (!isAsked || !isTaken(status) || !asksForTracks(eventType) || text === '') return { kind: 'none' }
  const parsed = answerBody.safeParse(isWhole ? jsonOf(text) : undefined)
  return parsed.success ? { kind: 'taken', answer: { n: attempt, ...parsed.data } } : { kind: 'ignored' }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
