/**
 * A provider's question whose answer lets money move. At most one session of a payment is ever told yes: the current
 * one, while it can be paid, for its exact amount.
 */
import type { Entry } from './entry.ts'
import type { Payment, Session } from './payment.ts'
import { statusOf, unsettledSession } from './payment.ts'

/** A yes to an unsigned question extends expiry once, by at most this. */
const EXTENSION_MS = 15 * 60_000

export interface Answer {
  yes: boolean
  entries: Entry[]
}

/** A repeated question gets the same yes, and its time is not extended again. */
export function answer(
  payment: Payment,
  session: Session,
  money: { amount: number; currency: string },
  now: number,
): Answer {
  const current = unsettledSession(payment)
  const yes =
    statusOf(payment) === 'pending' &&
    current?.id === session.id &&
    session.state === 'open' &&
    session.doubt === null &&
    session.expiresAt > now &&
    session.amount === money.amount &&
    session.currency === money.currency
  if (!yes) return { yes: false, entries: [] }
  if (session.yesAt !== null) return { yes, entries: [] }
  const expiresAt = Math.max(session.expiresAt, now + EXTENSION_MS)
  return {
    yes,
    entries: [{ type: 'session.extended', data: { sessionId: session.id, expiresAt, answer: 'yes' } }],
  }
}
