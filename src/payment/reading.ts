/** What the object shows: only to whom it belongs, and a session only to who knows its whole id. */
import { isSecret } from '../crypto/compare.ts'
import { latestSession, type Payment, type Session } from '../domain/payment.ts'
import type { Checkout } from '../domain/provider.ts'
import { paymentView, reducedView } from '../domain/view.ts'
import { holdsSecret, openView } from './opening.ts'
import type { Stored } from './storage.ts'

/** Whose payments are asked for: one merchant's, in one mode. */
export interface Scope {
  merchantId: string
  livemode: boolean
}

export const belongsTo = (whose: Scope, { merchantId, livemode }: Scope): boolean =>
  whose.merchantId === merchantId && whose.livemode === livemode

/** The session with this id. The random part of the id is a secret of its customer, so it is compared as one. */
export function guarded(payment: Payment, sessionId: string): Session | undefined {
  let found: Session | undefined
  for (const session of payment.sessions) if (isSecret(sessionId, session.id)) found = session
  return found
}

/**
 * The currency in which a session would be opened that names no amount, for who may open one: with a secret key
 * (`proven`), the client secret of the open session, or an order that is open to everybody. Null for anybody else.
 */
export function orderCurrency(
  stored: Stored | null,
  scope: Scope,
  proven: boolean,
  clientSecret: string | null,
): string | null {
  if (stored === null || !belongsTo(stored.payment, scope)) return null
  const { payment, side } = stored
  const isProven = proven || (clientSecret !== null && holdsSecret(payment, side, clientSecret))
  if (!isProven && payment.order?.access !== 'open') return null
  return (payment.order ?? latestSession(payment))?.currency ?? null
}

/** The payment's public view as JSON text; null when it is not the scope's. */
export function showPayment(stored: Stored | null, scope: Scope): string | null {
  if (stored === null || !belongsTo(stored.payment, scope)) return null
  return JSON.stringify(paymentView(stored.payment))
}

/** The whole session, for its merchant's back end. */
export function showSession(
  stored: Stored | null,
  scope: Scope,
  sessionId: string,
  origin: string,
): string | null {
  if (stored === null || !belongsTo(stored.payment, scope)) return null
  const session = guarded(stored.payment, sessionId)
  return session === undefined ? null : JSON.stringify(openView(stored.side, stored.payment, session, origin))
}

/** The customer's view as JSON text, and whose customer it is. */
export interface Reduced {
  merchantId: string
  json: string
}

/** The customer's view of the session, for who holds its client secret. */
export function showReduced(
  stored: Stored | null,
  scope: Scope | null,
  sessionId: string,
  clientSecret: string,
): Reduced | null {
  if (stored === null || (scope !== null && !belongsTo(stored.payment, scope))) return null
  const session = guarded(stored.payment, sessionId)
  const own = session && stored.side.sessions[session.id]
  if (session === undefined || own === undefined || !isSecret(clientSecret, own.clientSecret)) return null
  return { merchantId: stored.payment.merchantId, json: JSON.stringify(reducedView(stored.payment, session)) }
}

/** Where a browser that holds the session's address goes. */
export interface Way {
  state: Session['state']
  inDoubt: boolean
  orderId: string
  checkout: Checkout | null
  returnUrl: string
  cancelUrl: string | null
}

export function wayOf(stored: Stored | null, sessionId: string): Way | null {
  const session = stored === null ? undefined : guarded(stored.payment, sessionId)
  const own = session && stored?.side.sessions[session.id]
  if (stored === null || session === undefined || own === undefined) return null
  return {
    state: session.state,
    inDoubt: session.doubt !== null,
    orderId: stored.payment.orderId,
    checkout: own.checkout,
    returnUrl: own.returnUrl,
    cancelUrl: own.cancelUrl,
  }
}
