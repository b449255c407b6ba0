/**
 * Order tokens: what a merchant's back end signed for its storefront to carry, as a compact JWS under HS256 and nothing
 * else. The HMAC key is the order-signing secret's text as UTF-8. Claims are the contract's §4.
 */
import { CompactSign, compactVerify } from 'jose'
import { exponentOf, isAmount } from '../domain/money.ts'

/** An order as its merchant signed it. */
export interface SignedOrder {
  orderId: string
  /** Minor units. */
  amount: number
  currency: string
  description: string | null
  customerId: string | null
  /** Milliseconds since the epoch; null when the token does not say. The newest token of an order wins. */
  issuedAt: number | null
  /** Milliseconds since the epoch. */
  expiresAt: number
}

export type ReadOrderToken =
  | { kind: 'ok'; order: SignedOrder }
  /** Genuine and complete, but its time is over. */
  | { kind: 'expired' }
  /** `why` may be shown: it tells the merchant's developer what to mend, and nothing about the secret. */
  | { kind: 'invalid'; why: string }

/** By whom and when a token is judged. */
export interface Judge {
  /** Whose token it must be. */
  merchantId: string
  /** The active order-signing secrets of the caller's mode. */
  secrets: readonly string[]
  /** Milliseconds since the epoch. */
  now: number
}

const DAY_SECONDS = 86_400
/** Merchants' clocks differ from ours by this much without any harm. */
const SKEW_SECONDS = 30
const SHORTEST_SECRET = 32
const LONGEST_TOKEN = 4_096
const ours = new Set(['iss', 'order_id', 'amount', 'currency', 'exp', 'iat', 'description', 'customer_id'])
const registered = new Set(['nbf', 'aud', 'sub', 'jti'])
const orderIdShape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const encoder = new TextEncoder()

/** Verifies, then reads. Never throws on what a token says. */
export async function readOrderToken(token: string, judge: Judge): Promise<ReadOrderToken> {
  if (token.length > LONGEST_TOKEN) return invalid('The order token is longer than 4096 characters.')
  for (const secret of judge.secrets) {
    const payload = await verified(token, secret)
    if (payload !== null) return readClaims(payload, judge)
  }
  return invalid('The order token is not a compact JWS signed with HS256 and an active order-signing secret.')
}

/** Makes a token, for registered orders and for tests. Throws when the secret is shorter than 32 characters. */
export async function mintOrderToken(
  merchantId: string,
  order: SignedOrder,
  secret: string,
): Promise<string> {
  if (secret.length < SHORTEST_SECRET)
    throw new RangeError('An order-signing secret has at least 32 characters.')
  const claims = {
    iss: merchantId,
    order_id: order.orderId,
    amount: order.amount,
    currency: order.currency,
    exp: Math.floor(order.expiresAt / 1_000),
    ...(order.issuedAt === null ? {} : { iat: Math.floor(order.issuedAt / 1_000) }),
    ...(order.description === null ? {} : { description: order.description }),
    ...(order.customerId === null ? {} : { customer_id: order.customerId }),
  }
  const signed = new CompactSign(encoder.encode(JSON.stringify(claims)))
  return signed.setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(encoder.encode(secret))
}

/** The payload, when this secret signed it. A short secret signs nothing: it could be guessed. */
async function verified(token: string, secret: string): Promise<Uint8Array | null> {
  if (secret.length < SHORTEST_SECRET) return null
  try {
    return (await compactVerify(token, encoder.encode(secret), { algorithms: ['HS256'] })).payload
  } catch {
    return null
  }
}

function readClaims(payload: Uint8Array, judge: Judge): ReadOrderToken {
  const claims = claimsOf(payload)
  if (claims === null) return invalid('The payload of the order token is not a JSON object.')
  const { iss, order_id: orderId, amount, currency, description, customer_id: customerId } = claims
  const strange = Object.keys(claims).find((name) => !ours.has(name) && !registered.has(name))
  if (strange !== undefined) return invalid(`The order token has an unknown claim: ${strange.slice(0, 64)}.`)
  if (iss !== judge.merchantId) return invalid('The claim iss is not the id of this merchant.')
  if (typeof orderId !== 'string' || !orderIdShape.test(orderId))
    return invalid('The claim order_id is no order id.')
  if (typeof amount !== 'number' || !isAmount(amount))
    return invalid('The claim amount is no positive integer of minor units.')
  if (typeof currency !== 'string' || exponentOf(currency) === undefined)
    return invalid('The claim currency is no ISO 4217 currency that can be paid in.')
  if (!isText(description, 500)) return invalid('The claim description is no text of at most 500 characters.')
  if (!isText(customerId, 255)) return invalid('The claim customer_id is no text of at most 255 characters.')
  const times = readTimes(claims, judge.now)
  if (times.kind !== 'ok') return times
  const { issuedAt, expiresAt } = times
  const said = { description: description ?? null, customerId: customerId ?? null }
  return { kind: 'ok', order: { orderId, amount, currency, ...said, issuedAt, expiresAt } }
}

type Times =
  | { kind: 'ok'; issuedAt: number | null; expiresAt: number }
  | Exclude<ReadOrderToken, { kind: 'ok' }>

function readTimes(claims: Record<string, unknown>, now: number): Times {
  const { exp, nbf, iat } = claims
  const seconds = now / 1_000
  if (!isTime(exp)) return invalid('The claim exp is missing, or no number of seconds.')
  if (nbf !== undefined && !isTime(nbf)) return invalid('The claim nbf is no number of seconds.')
  if (iat !== undefined && !isTime(iat)) return invalid('The claim iat is no number of seconds.')
  if (nbf !== undefined && nbf > seconds + SKEW_SECONDS) return invalid('The claim nbf is in the future.')
  // The newest token of an order wins, so one from the future would shut out every later one.
  if (iat !== undefined && iat > seconds + SKEW_SECONDS) return invalid('The claim iat is in the future.')
  if (exp > seconds + DAY_SECONDS + SKEW_SECONDS) return invalid('The claim exp is more than 24 hours ahead.')
  if (exp <= seconds) return { kind: 'expired' }
  return {
    kind: 'ok',
    issuedAt: iat === undefined ? null : Math.floor(iat * 1_000),
    expiresAt: Math.floor(exp * 1_000),
  }
}

function claimsOf(payload: Uint8Array): Record<string, unknown> | null {
  try {
    const claims: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(payload),
    )
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? { ...claims } : null
  } catch {
    return null
  }
}

const invalid = (why: string): ReadOrderToken & { kind: 'invalid' } => ({ kind: 'invalid', why })

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e12

const isText = (value: unknown, longest: number): value is string | undefined =>
  value === undefined || (typeof value === 'string' && value.length <= longest && value.isWellFormed())
