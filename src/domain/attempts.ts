/**
 * Opening a session: whether an order may get one now, the same one again, or must wait. At most one session of a
 * payment can be paid at a time, and the amount is the merchant's. Contract §4 and §5.
 */
import type { Entry } from './entry.ts'
import type { BodyError, Refusal } from './errors.ts'
import type { CaptureMethod, OpenedBy, Payment, Session } from './payment.ts'
import { latestSession, statusOf, unsettledSession } from './payment.ts'
import { isPayable } from './tracks.ts'

/** For anybody: an order with more sessions than these is being misused, and would outgrow its object. */
const MOST_ATTEMPTS = 200
/** Characters of all sessions' metadata: the payment is one row, and a row that is full could record no report. */
const MOST_METADATA = 300_000

/** What the caller says of the amount. A browser can only bring a token, or the name of a registered order. */
export interface AskedTerms {
  /** Null when the caller leaves both to the registered order. */
  money: { amount: number; currency: string } | null
  /** A verified order token's `iat` in milliseconds; null when there is no token or it has none. */
  tokenIssuedAt: number | null
  /** The caller brought the order's token, or the client secret of its open session, or a secret key. */
  proven: boolean
}

export interface OpenRequest {
  paymentId: string
  merchantId: string
  livemode: boolean
  orderId: string
  terms: AskedTerms
  by: OpenedBy
  connectionId: string
  /** The caller named it, so that a session through another one is not what it asked for. */
  connectionNamed: boolean
  provider: string
  captureMethod: CaptureMethod
  newAttempt: boolean
  /** Milliseconds since the epoch; the provider may end it earlier. */
  expiresAt: number
  metadata: Record<string, string>
}

export type OpenDecision =
  | { kind: 'refuse'; refusal: Refusal }
  /** The session is open already: the same answer for everybody who means this order. */
  | { kind: 'reuse'; session: Session }
  /** A provider call for this session was begun and not answered: go on with the same session. */
  | { kind: 'continue'; session: Session; entries: Entry[] }
  /** The open session must first be ended at its provider. */
  | { kind: 'end_first'; session: Session }
  /** Its time is over by our clock, and only the provider can say whether it is over there too. */
  | { kind: 'check_first'; session: Session }
  | { kind: 'attempt'; entries: Entry[] }

/**
 * `freshSessionId` is used when a new attempt is made. A session that is being opened right now is the caller's
 * business (it waits for the lease); here it reads as one to continue.
 */
export function decideOpen(
  payment: Payment | null,
  request: OpenRequest,
  freshSessionId: string,
  maxAttempts: number,
  now: number,
): OpenDecision {
  if (payment !== null && statusOf(payment) === 'paid')
    return refuse('order_already_paid', 'This order is paid. Show the customer its confirmation.')
  const current = payment === null ? undefined : unsettledSession(payment)
  if (current !== undefined && !request.terms.proven && !isNobodys(current))
    return { kind: 'refuse', refusal: locked(unprovenDetail) }
  const entitled = refusalOfSource(payment, request, now)
  if (entitled !== null) return { kind: 'refuse', refusal: entitled }
  const money = request.terms.money ?? payment?.order ?? ownMoney(payment, request)
  if (money === null) return moneyMissing()
  if (current !== undefined && isOverdue(current, now)) return { kind: 'check_first', session: current }
  const blocked = current === undefined ? null : refusalOfCurrent(current, request, money)
  if (blocked !== null) return { kind: 'refuse', refusal: blocked }
  const differing = payment === null ? null : mismatch(payment, money)
  if (differing !== null) return { kind: 'refuse', refusal: differing }
  if (current !== undefined && !(request.newAttempt && current.state === 'open')) return goOn(current)
  if (request.by === 'publishable' && payment !== null && browserAttempts(payment) >= maxAttempts)
    return refuse(
      'too_many_attempts',
      'This order was tried too often from browsers. Open its next session with a secret key.',
    )
  if (payment !== null && isFull(payment))
    return refuse('too_many_attempts', 'This order was tried too often. Give the customer a new order.')
  if (current !== undefined) return { kind: 'end_first', session: current }
  return { kind: 'attempt', entries: attempt(payment, request, money, freshSessionId) }
}

/** What a browser began and nobody got an answer of gives nothing away: whoever may open the order goes on with it. */
const isNobodys = (current: Session): boolean =>
  current.state === 'opening' && current.openedBy === 'publishable'

/** Due timers come before commands: an open session whose time is over is first asked about. */
const isOverdue = (current: Session, now: number): boolean =>
  current.state === 'open' && current.doubt === null && current.expiresAt <= now

/** A browser with the open session's client secret brings no amount: it means the one that the back end gave. */
function ownMoney(payment: Payment | null, { by, terms }: OpenRequest): Session | null {
  if (payment === null || by === 'secret' || !terms.proven) return null
  return latestSession(payment) ?? null
}

/** What keeps this source from speaking for the order at all. */
function refusalOfSource(payment: Payment | null, request: OpenRequest, now: number): Refusal | null {
  const { terms, by } = request
  const superseded =
    terms.tokenIssuedAt !== null &&
    payment?.tokenIssuedAt != null &&
    terms.tokenIssuedAt < payment.tokenIssuedAt
  if (superseded)
    return {
      code: 'order_token_superseded',
      detail: 'A newer token of this order was used already. Fetch the order again and use its newest token.',
    }
  const order = payment?.order ?? null
  // The same words whether the order is unknown or closed to browsers, so that nobody can probe for orders.
  if (by === 'publishable' && terms.money === null && !terms.proven && order?.access !== 'open')
    return invalid('/order_token', 'is required: this order is not open to browsers without its token')
  if (order?.expiresAt != null && order.expiresAt <= now)
    return {
      code: 'order_expired',
      detail: 'The order has expired. Register it again with a later expires_at.',
    }
  return null
}

/** What the session that may still be paid, or holds money, forbids. */
function refusalOfCurrent(
  current: Session,
  request: OpenRequest,
  money: { amount: number; currency: string },
): Refusal | null {
  if (current.doubt !== null || current.state === 'ending')
    return {
      code: 'previous_attempt_in_doubt',
      detail: 'An earlier attempt may still be paid. Ask again once the provider has said how it ended.',
      retryAfterSeconds: 15,
    }
  if (!isPayable(current.state))
    return locked('The order has an authorized payment. Capture or cancel that before a new attempt.')
  // The answer to a session that is being opened is still awaited: it can only be gone on with, as it is.
  if (request.newAttempt && current.state === 'open') return null
  const same =
    current.amount === money.amount &&
    current.currency === money.currency &&
    current.captureMethod === request.captureMethod &&
    (current.connectionId === request.connectionId || !request.connectionNamed)
  if (same) return null
  return locked(
    'The order has an open session with another amount, currency, capture method or connection. ' +
      'Cancel it, or ask with "new_attempt": true.',
  )
}

function mismatch(payment: Payment, money: { amount: number; currency: string }): Refusal | null {
  const { order } = payment
  if (order === null) return null
  if (order.currency !== money.currency)
    return { code: 'currency_mismatch', detail: `The order is registered in ${order.currency}.` }
  if (order.amount !== money.amount)
    return { code: 'amount_mismatch', detail: 'The order is registered with another amount.' }
  return null
}

function goOn(current: Session): OpenDecision {
  if (current.state === 'opening')
    return {
      kind: 'continue',
      session: current,
      entries: [{ type: 'session.continued', data: { sessionId: current.id } }],
    }
  return { kind: 'reuse', session: current }
}

const isFull = ({ sessions }: Payment): boolean =>
  sessions.length >= MOST_ATTEMPTS ||
  JSON.stringify(sessions.map(({ metadata }) => metadata)).length > MOST_METADATA

const browserAttempts = (payment: Payment): number =>
  payment.sessions.filter((session) => session.openedBy === 'publishable').length

function attempt(
  payment: Payment | null,
  request: OpenRequest,
  money: { amount: number; currency: string },
  id: string,
): Entry[] {
  const { connectionId, provider, captureMethod, expiresAt, by, metadata } = request
  const session = {
    id,
    ...pick(money),
    connectionId,
    provider,
    captureMethod,
    expiresAt,
    openedBy: by,
    metadata,
  }
  const opening: Entry = {
    type: 'session.opening',
    data: { session, tokenIssuedAt: request.terms.tokenIssuedAt },
  }
  return payment === null ? [creation(request, money), opening] : [opening]
}

/** The entry that begins a payment's journal. */
export function creation(
  of: Pick<OpenRequest, 'paymentId' | 'merchantId' | 'livemode' | 'orderId' | 'metadata'>,
  money: { amount: number; currency: string },
): Entry {
  const { paymentId, merchantId, livemode, orderId, metadata } = of
  return {
    type: 'payment.created',
    data: { id: paymentId, merchantId, livemode, orderId, ...pick(money), metadata },
  }
}

const pick = ({ amount, currency }: { amount: number; currency: string }) => ({ amount, currency })

const refuse = (code: Refusal['code'], detail: string): OpenDecision => ({
  kind: 'refuse',
  refusal: { code, detail },
})
const unprovenDetail =
  'The order has a session already. Send its order_token, or the client_secret of that session.'

const locked = (detail: string): Refusal => ({ code: 'order_locked', detail })

function invalid(pointer: string, detail: string): Refusal {
  const errors: BodyError[] = [{ pointer, detail }]
  return { code: 'validation_failed', detail: `${pointer} ${detail}.`, errors }
}

const moneyMissing = (): OpenDecision => ({
  kind: 'refuse',
  refusal: invalid('/amount', 'and /currency are required: this order is not registered'),
})
