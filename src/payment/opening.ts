/**
 * The object's steps of opening a session: begin (decide, write the intention, take the lease) and finish (write what
 * the provider answered). Between them a Worker calls the provider.
 */
import { isSecret } from '../crypto/compare.ts'
import { decideOpen, type OpenRequest } from '../domain/attempts.ts'
import { firstAskAt } from '../domain/clock.ts'
import type { Refusal } from '../domain/errors.ts'
import { base32, sessionId as newSessionId } from '../domain/ids.ts'
import { isHeld, released, speaks, take } from '../domain/lease.ts'
import type { Payment, Session } from '../domain/payment.ts'
import { sessionOf } from '../domain/payment.ts'
import type { CheckoutOrder, Opened, Outcome } from '../domain/provider.ts'
import { isPayable } from '../domain/tracks.ts'
import { sessionView } from '../domain/view.ts'
import type { Book } from './book.ts'
import { type Answer, type Key, keep, keyReused, lookUp } from './keys.ts'
import type { PrivateSession, Side } from './side.ts'

/** Longer than the hard timeout of a provider call (8 s), so that no two calls run for one session. */
export const OPEN_LEASE_MS = 20_000

/** A customer at a checkout needs about this long; then the first question may find an answer. */
const FIRST_POLL_MS = 45_000

/** So many entries are more than any honest order needs; what comes after is somebody who only writes. */
const ENTRIES_FROM_BROWSERS = 1_000

export interface Begin {
  request: OpenRequest
  key: Key
  actor: string
  /** The client secret that the caller brought, if any: with the open session's own it is entitled. */
  clientSecret: string | null
  own: Omit<PrivateSession, 'clientSecret' | 'checkout'>
  /** Origin of the gateway's own addresses. */
  origin: string
}

export type Begun =
  | { kind: 'answer'; answer: Answer; replayed: boolean }
  | { kind: 'refused'; refusal: Refusal }
  /** Another caller is at the provider for this session right now. */
  | { kind: 'wait' }
  | { kind: 'call'; epoch: number; order: CheckoutOrder; connectionId: string }
  | { kind: 'end_first'; sessionId: string }
  | { kind: 'check_first'; sessionId: string }

export function begin(book: Book, asked: Begin): Begun {
  const known = lookUp(book.payment === null ? nothing : book.storage, asked.key)
  if (known.kind === 'reused') return { kind: 'refused', refusal: keyReused }
  if (known.kind === 'answered') return { kind: 'answer', answer: known.answer, replayed: true }
  const { now, maxAttempts, random } = book.around
  const request = entitled(book, asked)
  const fresh = newSessionId(request.paymentId, random(16))
  const decision = decideOpen(book.payment, request, fresh, maxAttempts, now)
  switch (decision.kind) {
    case 'refuse':
      return { kind: 'refused', refusal: decision.refusal }
    case 'end_first':
    case 'check_first':
      return { kind: decision.kind, sessionId: decision.session.id }
    case 'reuse':
      return reuse(book, asked, decision.session)
    case 'continue': {
      if (isHeld(book.side.lease, now)) return { kind: 'wait' }
      book.write(decision.entries, asked.actor, keep(asked.key))
      return call(book, decision.session.id, asked)
    }
    case 'attempt':
      // A command of an earlier session may still be at its provider.
      if (isHeld(book.side.lease, now)) return { kind: 'wait' }
      book.write(decision.entries, asked.actor, keep(asked.key))
      book.side.sessions[fresh] = { ...asked.own, clientSecret: base32(random(32), 50), checkout: null }
      return call(book, fresh, asked)
  }
}

const nothing = { exec: () => [], transactionSync: <T>(step: () => T) => step(), setAlarm: () => {} }

/** A browser that knows the client secret of the session that is open is entitled like one with the token. */
function entitled(book: Book, { request, clientSecret }: Begin): OpenRequest {
  if (request.terms.proven || clientSecret === null || book.payment === null) return request
  const proven = holdsSecret(book.payment, book.side, clientSecret)
  return { ...request, terms: { ...request.terms, proven } }
}

/** Whether this is the client secret of a session that can still be paid. */
export function holdsSecret(payment: Payment, side: Side, clientSecret: string): boolean {
  return payment.sessions.some(
    ({ id, state }) => isPayable(state) && isSecret(clientSecret, side.sessions[id]?.clientSecret ?? ''),
  )
}

function reuse(book: Book, asked: Begin, session: Session): Begun {
  const { payment } = book
  if (payment === null) throw new Error('A session without a payment cannot be open.')
  if (asked.request.by === 'publishable' && payment.version >= ENTRIES_FROM_BROWSERS) {
    const detail = 'This order was asked for too often. Continue with the session that is open.'
    return { kind: 'refused', refusal: { code: 'rate_limited', detail, retryAfterSeconds: 60 } }
  }
  const json = JSON.stringify(openView(book.side, payment, session, asked.origin))
  const answer: Answer = { kind: 'body', status: 200, json }
  book.write(
    [{ type: 'session.reused', data: { sessionId: session.id } }],
    asked.actor,
    keep(asked.key, answer),
  )
  return { kind: 'answer', answer, replayed: false }
}

function call(book: Book, sessionId: string, asked: Begin): Begun {
  const { now } = book.around
  const session = book.payment === null ? undefined : sessionOf(book.payment, sessionId)
  const own = book.side.sessions[sessionId]
  const lease = take(book.side.lease, 'open', sessionId, now, OPEN_LEASE_MS)
  if (session === undefined || own === undefined || lease === null)
    throw new Error(`Session ${sessionId} cannot be called for.`)
  book.side.lease = lease
  schedule(book, session)
  book.touch()
  return {
    kind: 'call',
    epoch: lease.epoch,
    connectionId: session.connectionId,
    order: orderOf(book, asked, session, own),
  }
}

function orderOf(
  book: Book,
  { request, origin }: Begin,
  session: Session,
  own: PrivateSession,
): CheckoutOrder {
  const order: CheckoutOrder = {
    paymentId: request.paymentId,
    sessionId: session.id,
    orderId: request.orderId,
    amount: session.amount,
    currency: session.currency,
    captureMethod: session.captureMethod,
    expiresAt: session.expiresAt,
    number: null,
    returnUrl: `${origin}/return/${session.id}`,
    webhookUrl: `${origin}/webhooks/${session.provider}/${session.connectionId}`,
    call: session.calls,
  }
  const description = own.description ?? book.payment?.order?.description
  const customer = own.customer ?? book.side.orderCustomer
  if (description != null) order.description = description
  if (customer != null) order.customer = customer
  if (own.locale !== null) order.locale = own.locale
  return order
}

export type Finished =
  | { kind: 'answer'; answer: Answer }
  /** The provider did not answer; the session stays `opening` and any key goes on with it. */
  | { kind: 'unanswered' }
  /** The lease went to somebody else meanwhile: ask again what to do. */
  | { kind: 'again' }

export interface Finish {
  sessionId: string
  epoch: number
  outcome: Outcome<Opened>
  key: Key
  actor: string
  origin: string
  /** The provider tells nothing by itself. */
  polled?: boolean
}

export function finish(
  book: Book,
  { sessionId, epoch, outcome, key, actor, origin, polled = false }: Finish,
): Finished {
  const { payment, side } = book
  if (payment === null || side.lease === null || !speaks(side.lease, epoch)) return { kind: 'again' }
  const session = sessionOf(payment, sessionId)
  const own = side.sessions[sessionId]
  if (session === undefined || own === undefined) return { kind: 'again' }
  side.lease = released(side.lease)
  book.touch()
  switch (outcome.kind) {
    case 'unknown':
      book.write([{ type: 'session.unanswered', data: { sessionId, detail: outcome.detail } }], actor)
      return { kind: 'unanswered' }
    case 'declined': {
      const { code, detail } = outcome
      const refusal: Refusal = {
        code: 'provider_declined',
        detail: `The provider refused to open a checkout: ${detail}`,
        instance: `urn:tollgate:session:${sessionId}`,
        extra: { decline_code: code },
      }
      const answer: Answer = { kind: 'refusal', refusal }
      book.write([{ type: 'session.declined', data: { sessionId, code, detail } }], actor, keep(key, answer))
      delete side.asks[sessionId]
      return { kind: 'answer', answer }
    }
    case 'done':
      return opened(book, own, outcome.value, { sessionId, key, actor, origin, polled })
  }
}

function opened(
  book: Book,
  own: PrivateSession,
  { references, checkout, endsAt }: Opened,
  { sessionId, key, actor, origin, polled }: Omit<Finish, 'epoch' | 'outcome'>,
): Finished {
  own.checkout = checkout
  const before = book.payment === null ? undefined : sessionOf(book.payment, sessionId)
  if (before === undefined) return { kind: 'again' }
  const expiresAt = endsAt === null ? before.expiresAt : Math.min(before.expiresAt, endsAt)
  // The answer is kept on the row that it speaks of, so the row is made with the answer it will have.
  const entry = { type: 'session.opened', data: { sessionId, references, expiresAt, endsAt } } as const
  const answer = book.foresee(entry, (payment) => {
    const session = sessionOf(payment, sessionId)
    if (session === undefined) throw new Error(`Session ${sessionId} vanished.`)
    const json = JSON.stringify(openView(book.side, payment, session, origin))
    return { kind: 'body', status: 201, json } satisfies Answer
  })
  book.write([entry], actor, keep(key, answer))
  const session = book.payment === null ? undefined : sessionOf(book.payment, sessionId)
  if (session !== undefined) schedule(book, session, polled === true)
  return { kind: 'answer', answer }
}

/** Sets when the session is next asked about, if nobody asks before. A provider that tells nothing is asked early. */
export function schedule(book: Book, session: Session, polled = false): void {
  const end = firstAskAt(session)
  const at = end === null || !polled ? end : Math.min(end, book.around.now + FIRST_POLL_MS)
  // What is in doubt is to be asked about soon already.
  if (session.doubt !== null) return
  if (at === null) delete book.side.asks[session.id]
  else book.side.asks[session.id] = { at, tries: 0 }
  book.touch()
}

/** A session as its opener sees it: with the address to send the customer to, and the secret to watch it with. */
export function openView(side: Side, payment: Payment, session: Session, origin: string): object {
  const own = side.sessions[session.id]
  return {
    ...sessionView(payment, session),
    checkout_url: `${origin}/pay/${session.id}`,
    client_secret: own?.clientSecret ?? null,
  }
}
