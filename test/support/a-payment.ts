/**
 * Payments, sessions and requests for tests of the rules: sound as they come, and changed only in what a test is about.
 * They are made by applying journal entries, as everywhere, so they have whatever a real one has.
 */
import { apply } from '../../src/domain/apply.ts'
import type { OpenRequest } from '../../src/domain/attempts.ts'
import type { Entry } from '../../src/domain/entry.ts'
import { record, type Source, type Telling } from '../../src/domain/facts.ts'
import type { OrderTerms, Payment, Session } from '../../src/domain/payment.ts'
import { sessionOf } from '../../src/domain/payment.ts'
import type { Capabilities, Fact } from '../../src/domain/provider.ts'

export const NOW = Date.parse('2026-11-22T12:00:00.000Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const CORE = '0123456789abcdefghjkmnpqrs'
export const PAYMENT = `pay_${CORE}`
export const CONNECTION = 'con_0123456789abcdefghjkmnpqrs'
export const OTHER_CONNECTION = 'con_another0000000000000000000'

/** The id of the payment's nth session. */
export const sessionId = (nth: number): string => `ps_${CORE}${String(nth).padStart(13, '0')}`

export const usd = (amount: number) => ({ amount, currency: 'USD' })

/** What a caller asks who opens the order's session with a secret key. */
export function aRequest(change: Partial<Omit<OpenRequest, 'terms'>> & Partial<OpenRequest['terms']> = {}) {
  const { money = usd(1_000), tokenIssuedAt = null, proven = true, ...rest } = change
  const request: OpenRequest = {
    paymentId: PAYMENT,
    merchantId: 'mer_0123456789abcdefghjkmnpqrs',
    livemode: false,
    orderId: 'A-1',
    terms: { money, tokenIssuedAt, proven },
    by: 'secret',
    connectionId: CONNECTION,
    connectionNamed: true,
    provider: 'sandbox',
    captureMethod: 'automatic',
    newAttempt: false,
    expiresAt: NOW + 30 * MINUTE,
    metadata: {},
    ...rest,
  }
  return request
}

/** Applies the entries on top of the payment, an instant each. */
export function written(payment: Payment | null, entries: readonly Entry[], at = NOW): Payment {
  const made = entries.reduce<Payment | null>(
    (before, entry) => apply(before, { seq: (before?.version ?? 0) + 1, at, actor: 'test', entry }),
    payment,
  )
  if (made === null) throw new Error('A payment begins with its creation.')
  return made
}

export const created: Entry = {
  type: 'payment.created',
  data: {
    ...{ id: PAYMENT, merchantId: 'mer_0123456789abcdefghjkmnpqrs', livemode: false, orderId: 'A-1' },
    ...{ ...usd(1_000), metadata: {} },
  },
}

/** The entry that begins the payment's nth session. */
export function opening(nth: number, change: Partial<Session> = {}): Entry {
  const { amount, currency, connectionId, captureMethod, expiresAt, openedBy, metadata } = {
    ...{ ...usd(1_000), connectionId: CONNECTION, captureMethod: 'automatic' as const },
    ...{ expiresAt: NOW + 30 * MINUTE, openedBy: 'secret' as const, metadata: {} },
    ...change,
  }
  const session = { id: sessionId(nth), amount, currency, connectionId, provider: 'sandbox' }
  return {
    type: 'session.opening',
    data: { session: { ...session, captureMethod, expiresAt, openedBy, metadata }, tokenIssuedAt: null },
  }
}

export function opened(nth: number, change: Partial<Pick<Session, 'expiresAt' | 'endsAt'>> = {}): Entry {
  const { expiresAt = NOW + 30 * MINUTE, endsAt = null } = change
  return {
    type: 'session.opened',
    data: { sessionId: sessionId(nth), references: [`ref-${nth}`], expiresAt, endsAt },
  }
}

/** A payment without sessions, changed as the test wants it. */
export function aPayment(change: Partial<Payment> = {}): Payment {
  return { ...written(null, [created]), ...change }
}

/** The nth session, open at its checkout, changed as the test wants it. */
export function aSession(change: Partial<Session> = {}, nth = 1): Session {
  const payment = written(aPayment(), [opening(nth), opened(nth)])
  return { ...of(payment, nth), attempt: nth, ...change }
}

/** A payment whose sessions are these, in order; each is open unless changed. */
export function withSessions(...changes: Partial<Session>[]): Payment {
  const sessions = changes.map((change, at) => aSession(change, at + 1))
  const latest = sessions.at(-1)
  const settled = sessions.find((session) => session.state === 'captured')
  return aPayment({
    sessions,
    settledBy: settled?.id ?? null,
    ...(latest && { amount: latest.amount, currency: latest.currency }),
  })
}

/** A session whose money was taken. */
export const captured = (amount = 1_000): Partial<Session> => ({
  ...{ state: 'captured', amount, authorized: amount, captured: amount },
})

export function anOrder(change: Partial<OrderTerms> = {}): OrderTerms {
  return {
    ...{ ...usd(1_000), access: 'token', expiresAt: null, description: null, metadata: {} },
    ...change,
  }
}

/** The payment's nth session. */
export function of(payment: Payment, nth: number): Session {
  const session = sessionOf(payment, sessionId(nth)) ?? payment.sessions[nth - 1]
  if (session === undefined) throw new Error(`There is no session ${nth}.`)
  return session
}

/** Somebody tells a fact of the nth session; a report unless said otherwise. */
export function telling(
  payment: Payment,
  fact: Fact,
  change: Partial<Telling> & { nth?: number } = {},
): Telling {
  const { nth = 1, ...rest } = change
  const session = of(payment, nth)
  const reference = session.references[0] ?? 'ref-1'
  const said = { reference, orderId: payment.orderId }
  const report = { id: 'rep-1', connectionId: session.connectionId, reference, occurredAt: NOW }
  return { source: 'report', session, fact, said, report, ...rest }
}

/** Tells the fact and returns what became of it and of the payment. */
export function tell(payment: Payment, fact: Fact, change: Partial<Telling> & { nth?: number } = {}) {
  const { outcome, entries } = record(payment, telling(payment, fact, change))
  return { outcome, entries, payment: written(payment, entries) }
}

/** The money facts of a session of 1000 USD, right in every part. */
export const authorized: Fact = { type: 'authorized', ...usd(1_000) }
export const capturedFact: Fact = { type: 'captured', ...usd(1_000) }
export const refunded = (amount: number): Fact => ({ type: 'refunded', ...usd(amount) })
export const ends = [{ type: 'failed' }, { type: 'canceled' }, { type: 'expired' }] as const satisfies Fact[]
export const sources: readonly Source[] = ['report', 'check', 'command', 'clock']

/** What the built-in sandbox can do. */
export function capabilitiesOf(change: Partial<Capabilities> = {}): Capabilities {
  return {
    ...{ signed: true, statusCheck: true, statusCheckByOurId: true, capture: true, cancel: true },
    ...{ refund: true, partialRefund: true, idempotencySeconds: 86_400, ends: 'at_once', asksFirst: false },
    ...{ polled: false, approves: false, numbered: false, reference: null, amounts: 'minor' },
    ...{ expiresInSeconds: { min: 300, max: 86_400 }, currencies: 'any' },
    ...change,
  }
}
