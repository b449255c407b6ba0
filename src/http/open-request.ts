/**
 * From a request for a session to what the payment's object is asked: whose order it is, what its amount is and who says
 * so, where the customer comes back to, and through which connection it is paid. Contract §4 and §5.
 */
import type { Context } from 'hono'
import * as z from 'zod'
import { paymentIdOf, sha256Hex } from '../crypto/hash.ts'
import { readOrderToken, type SignedOrder } from '../crypto/order-token.ts'
import { takes } from '../domain/choice.ts'
import { GatewayError } from '../domain/errors.ts'
import { allowedReturnAddress } from '../domain/return-address.ts'
import type { Begin } from '../payment/opening.ts'
import { atPayment } from '../payment/stub.ts'
import { providerFor } from '../providers/index.ts'
import type { Connection } from '../store/connections.ts'
import { findMerchant } from '../store/directory.ts'
import type { Merchant } from '../store/merchants.ts'
import { merchantOf } from './auth.ts'
import { connectionFor } from './connection-choice.ts'
import type { Caller, Gateway } from './gateway.ts'
import { quoted, quoteFields } from './quote.ts'
import { amount, currency, customer, line, locale, metadata, orderId, returnAddress } from './schemas.ts'
import { invalid, readBody } from './validated.ts'

const DEFAULT_EXPIRES_IN = 1_800
/** A merchant's secret may have been rotated since it was cached; it is read again at most this often. */
const LOOK_AGAIN_MS = 5_000

const everybodys = () => ({
  return_url: returnAddress,
  cancel_url: returnAddress.optional(),
  connection_id: z.string().max(64).optional(),
  locale: locale.optional(),
  new_attempt: z.boolean().default(false),
})

const fromSecretKey = z.lazy(() =>
  z.strictObject({
    ...everybodys(),
    order_id: orderId,
    amount: amount.optional(),
    currency: currency.optional(),
    description: line(500).optional(),
    capture_method: z.enum(['automatic', 'manual']).default('automatic'),
    expires_in: z.int().min(300).max(86_400).default(DEFAULT_EXPIRES_IN),
    customer: customer.optional(),
    metadata: metadata.default({}),
  }),
)

const fromPublishableKey = z.lazy(() =>
  z.strictObject({
    ...everybodys(),
    order_id: orderId.optional(),
    order_token: z.string().min(1).max(4_096).optional(),
    /** Of the session that is open: it entitles to that session as the order's token does. */
    client_secret: z.string().min(1).max(128).optional(),
    ...quoteFields(),
  }),
)

/** What a session is asked for with; which of the two is taken depends on the caller's key. */
export const sessionBody = z.lazy(() => z.union([fromSecretKey, fromPublishableKey]))

/** One shape for both kinds of caller, once each was read by its own schema. */
interface Asked {
  orderId: string
  money: { amount: number; currency: string } | null
  token: SignedOrder | null
  /** Whether the merchant's own back end stands behind this request: by its key, its token or its quote. */
  proven: boolean
  clientSecret: string | null
  returnUrl: string
  cancelUrl: string | null
  connectionId: string | null
  description: string | null
  customer: Begin['own']['customer']
  locale: string | null
  captureMethod: 'automatic' | 'manual'
  expiresInSeconds: number
  metadata: Record<string, string>
  newAttempt: boolean
}

/** Reads and judges everything that can be judged without the payment. Throws a `GatewayError` for what cannot be. */
export async function openRequest(c: Context<Gateway>, caller: Caller, key: string): Promise<Begin> {
  const merchant = await merchantOf(c, caller.merchantId)
  const asked =
    caller.kind === 'secret'
      ? await readSecret(c, caller, merchant)
      : await readPublishable(c, caller, merchant, key)
  if (asked.money !== null && !merchant.currencies.includes(asked.money.currency))
    throw wrong('/currency', `This merchant takes ${merchant.currencies.join(', ')}.`)
  const by = caller.kind === 'secret' ? 'secret' : 'publishable'
  const { merchantId, livemode } = caller
  const paymentId = paymentIdOf(merchantId, livemode, asked.orderId)
  c.var.log.payment = paymentId
  const connection = await connectionFor(c, caller, merchant, asked, () =>
    atPayment(c.env, paymentId, async (stub) =>
      stub.orderCurrency(caller, by === 'secret', asked.clientSecret),
    ),
  )
  checkTerms(c, connection, asked)
  const { returnUrl, cancelUrl, description, locale: language } = asked
  return {
    request: {
      ...{ paymentId, merchantId, livemode, by, orderId: asked.orderId },
      terms: {
        money: asked.money,
        tokenIssuedAt: asked.token?.issuedAt ?? null,
        proven: asked.proven,
      },
      connectionId: connection.id,
      connectionNamed: asked.connectionId !== null,
      provider: connection.provider,
      captureMethod: asked.captureMethod,
      newAttempt: asked.newAttempt,
      expiresAt: expiryOf(c, connection, asked),
      metadata: asked.metadata,
    },
    key: { name: `open ${by} ${key}`, fingerprint: fingerprintOf(asked) },
    actor: caller.id,
    clientSecret: asked.clientSecret,
    own: { returnUrl, cancelUrl, description, locale: language, customer: asked.customer },
    origin: c.var.origin,
  }
}

async function readSecret(c: Context<Gateway>, caller: Caller, merchant: Merchant): Promise<Asked> {
  const body = await readBody(c, fromSecretKey)
  checkAddresses(common(body), merchant, caller.livemode)
  if ((body.amount === undefined) !== (body.currency === undefined))
    throw wrong(body.amount === undefined ? '/amount' : '/currency', 'amount and currency go together.')
  return {
    ...common(body),
    orderId: body.order_id,
    money:
      body.amount === undefined || body.currency === undefined
        ? null
        : { amount: body.amount, currency: body.currency },
    ...{ token: null, proven: true },
    clientSecret: null,
    description: body.description ?? null,
    customer: body.customer ?? null,
    captureMethod: body.capture_method,
    expiresInSeconds: body.expires_in,
    metadata: body.metadata,
  }
}

async function readPublishable(
  c: Context<Gateway>,
  caller: Caller,
  merchant: Merchant,
  idempotencyKey: string,
): Promise<Asked> {
  const body = await readBody(c, fromPublishableKey)
  checkAddresses(common(body), merchant, caller.livemode)
  const { token, ...order } =
    body.quote === undefined
      ? await orderIn(c, caller, merchant, body)
      : await quotedOrder(c, caller, merchant, body, idempotencyKey)
  return {
    ...common(body),
    ...{ ...order, token, proven: token !== null || body.quote !== undefined },
    clientSecret: body.client_secret ?? null,
    captureMethod: 'automatic',
    expiresInSeconds: DEFAULT_EXPIRES_IN,
    metadata: {},
  }
}

type FromBrowser = z.output<typeof fromPublishableKey>
type Order = Pick<Asked, 'orderId' | 'money' | 'token' | 'description' | 'customer'>

/** A registered order, or one that its token describes. */
async function orderIn(
  c: Context<Gateway>,
  caller: Caller,
  merchant: Merchant,
  body: FromBrowser,
): Promise<Order> {
  if (body.customer_token !== undefined) throw wrong('/customer_token', 'It goes with a quote only.')
  const token =
    body.order_token === undefined ? null : await signedOrder(c, caller, merchant, body.order_token)
  const orderId = body.order_id ?? token?.orderId
  if (orderId === undefined) throw wrong('/order_id', 'Send order_id, order_token, or both, or a quote.')
  if (token !== null && token.orderId !== orderId)
    throw new GatewayError({
      code: 'order_token_invalid',
      detail: 'The order token is of another order than order_id.',
    })
  return {
    ...{ orderId, token },
    money: token === null ? null : { amount: token.amount, currency: token.currency },
    description: token?.description ?? null,
    customer: token?.customerId == null ? null : { id: token.customerId },
  }
}

async function quotedOrder(
  c: Context<Gateway>,
  caller: Caller,
  merchant: Merchant,
  body: FromBrowser,
  idempotencyKey: string,
): Promise<Order> {
  for (const name of ['order_id', 'order_token'] as const)
    if (body[name] !== undefined) throw wrong(`/${name}`, 'The quote itself says which order it is.')
  const asked = { cart: body.quote ?? {}, customerToken: body.customer_token, idempotencyKey }
  const answer = await quoted(c, caller, merchant, asked)
  return {
    ...{ orderId: answer.order_id, token: null },
    money: { amount: answer.amount, currency: answer.currency },
    description: answer.description ?? null,
    customer: answer.customer_id === undefined ? null : { id: answer.customer_id },
  }
}

function common(body: {
  return_url: string
  cancel_url?: string | undefined
  connection_id?: string | undefined
  locale?: string | undefined
  new_attempt: boolean
}) {
  return {
    returnUrl: body.return_url,
    cancelUrl: body.cancel_url ?? null,
    connectionId: body.connection_id ?? null,
    locale: body.locale ?? null,
    newAttempt: body.new_attempt,
  }
}

async function signedOrder(
  c: Context<Gateway>,
  caller: Caller,
  merchant: Merchant,
  token: string,
): Promise<SignedOrder> {
  const mode = caller.livemode ? 'live' : 'test'
  const judgedBy = (secrets: readonly string[]) =>
    readOrderToken(token, { merchantId: merchant.id, secrets, now: c.var.now })
  let read = await judgedBy(merchant.orderSigningSecrets[mode])
  if (read.kind === 'invalid') {
    const fresh = await findMerchant(c.env, merchant.id, c.var.now, LOOK_AGAIN_MS)
    if (fresh !== null && fresh !== merchant) read = await judgedBy(fresh.orderSigningSecrets[mode])
  }
  switch (read.kind) {
    case 'ok':
      return read.order
    case 'expired':
      throw new GatewayError({
        code: 'order_token_expired',
        detail: 'The order token has expired. Fetch the order again for a fresh one.',
      })
    case 'invalid':
      throw new GatewayError({ code: 'order_token_invalid', detail: read.why })
  }
}

function checkAddresses(
  asked: Pick<Asked, 'returnUrl' | 'cancelUrl'>,
  merchant: Merchant,
  livemode: boolean,
): void {
  const detail = 'Not https on an allowed origin of the merchant, nor one of its registered addresses.'
  if (!allowedReturnAddress(asked.returnUrl, merchant, livemode)) throw wrong('/return_url', detail)
  if (asked.cancelUrl !== null && !allowedReturnAddress(asked.cancelUrl, merchant, livemode))
    throw wrong('/cancel_url', detail)
}

/** What the connection cannot do for this request, as far as the request itself tells its amount. */
function checkTerms(c: Context<Gateway>, connection: Connection, asked: Asked): void {
  const provider = providerFor(c.env, connection, c.var.origin)
  const { capabilities } = provider
  if (asked.captureMethod === 'manual' && (!capabilities.capture || capabilities.approves))
    throw wrong(
      '/capture_method',
      `${connection.provider} captures at once; manual capture is not to be had there.`,
    )
  if (asked.money === null) return
  const objection = provider.objection(asked.money)
  const isOfCurrency = !takes(capabilities.currencies, asked.money.currency)
  if (objection !== null) throw wrong(isOfCurrency ? '/currency' : '/amount', objection)
}

function expiryOf(c: Context<Gateway>, connection: Connection, asked: Asked): number {
  const { max } = providerFor(c.env, connection, c.var.origin).capabilities.expiresInSeconds
  return c.var.now + Math.min(asked.expiresInSeconds, max) * 1_000
}

/**
 * What the request resolves to: a fresh token of the same order and amount is the same request. The connection is the one
 * that was named, or none, so that a repeat stays the same when the deployer has changed the default meanwhile.
 */
function fingerprintOf(asked: Asked): string {
  const { token: _token, clientSecret: _secret, metadata: pairs, customer: person, ...plain } = asked
  const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256Hex(JSON.stringify([sorted(plain), sorted(pairs), sorted(person ?? {})]))
}

const wrong = (pointer: string, detail: string): GatewayError => invalid([{ pointer, detail }])
