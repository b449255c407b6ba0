/**
 * Quoted orders (contract §4): the storefront sends a cart, and the merchant's own back end says which order it is and what
 * it costs. Asked anew each time and never kept but for the order's number under the key, since prices and stock change.
 */
import type { Context } from 'hono'
import * as z from 'zod'
import { sha256Hex } from '../crypto/hash.ts'
import { signatureHeaders } from '../crypto/standard-webhooks.ts'
import { send } from '../delivery/send.ts'
import { GatewayError } from '../domain/errors.ts'
import { firstQuotedOrder } from '../payment/stub.ts'
import type { Merchant } from '../store/merchants.ts'
import type { Caller, Gateway } from './gateway.ts'
import { readJson } from './json.ts'
import { amount, currency, line, orderId } from './schemas.ts'
import { invalid } from './validated.ts'

/** For the whole call; a customer is waiting. */
const TIMEOUT_MS = 5_000
const LARGEST_ANSWER = 64 * 1024

/** What a storefront sends beside its cart: the customer's own proof towards the merchant, which is passed on unread. */
export const quoteFields = () => ({
  quote: z.record(z.string(), z.unknown()).optional(),
  customer_token: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, { error: 'Up to 4096 printable ASCII characters without a space.' })
    .optional(),
})

/** What the merchant answers. Further fields are its own business. */
export const quoteAnswer = z.lazy(() =>
  z.discriminatedUnion('allowed', [
    z.object({
      allowed: z.literal(true),
      order_id: orderId,
      amount,
      currency,
      description: line(500).optional(),
      customer_id: line(255).optional(),
    }),
    z.object({ allowed: z.literal(false), reason: line(100).optional(), message: line(500).optional() }),
  ]),
)

export type Quoted = Extract<z.output<typeof quoteAnswer>, { allowed: true }>

interface Asked {
  cart: Record<string, unknown>
  customerToken: string | undefined
  idempotencyKey: string
}

/**
 * The merchant's word on a cart. Throws `quote_refused` with the merchant's reason, `quote_unavailable` when there is no
 * usable answer, and `idempotency_key_reused` when the key's order was another one before.
 */
export async function quoted(
  c: Context<Gateway>,
  caller: Caller,
  merchant: Merchant,
  asked: Asked,
): Promise<Quoted> {
  const answer = await ask(c, caller, merchant, asked)
  if (!answer.allowed) {
    c.var.log.quote = 'refused'
    throw new GatewayError({
      code: 'quote_refused',
      detail: answer.message ?? 'The store does not sell this cart as it is.',
      ...(answer.reason === undefined ? {} : { extra: { reason: answer.reason } }),
    })
  }
  const first = await firstQuotedOrder(c.env, nameOf(caller, asked.idempotencyKey), answer.order_id)
  if (first !== answer.order_id) {
    c.var.log.quote = 'another_order'
    throw new GatewayError({
      code: 'idempotency_key_reused',
      detail: `Under this key the quote was order ${first}, and now it is ${answer.order_id}. Use a new key for a new order.`,
    })
  }
  c.var.log.quote = 'allowed'
  return answer
}

async function ask(c: Context<Gateway>, caller: Caller, merchant: Merchant, asked: Asked) {
  if (merchant.quoteUrl === null)
    throw invalid([{ pointer: '/quote', detail: 'This merchant has no quote address.' }])
  const body = JSON.stringify(asked.cart)
  const sent = await send(
    {
      url: merchant.quoteUrl,
      headers: await headersOf(c, caller, merchant, asked, body),
      ...{ body, timeoutMs: TIMEOUT_MS, answerBytes: LARGEST_ANSWER },
      allowPrivate: c.var.settings.ALLOW_PRIVATE_ADDRESSES,
    },
    { fetch: (request) => fetch(request), now: Date.now },
  )
  c.var.log.quote_ms = sent.durationMs
  const { status, responseBody } = sent
  if (status === null) throw unavailable(c, sent.error ?? 'unreachable')
  if (status >= 300 && status < 400) throw unavailable(c, 'redirect')
  if (!sent.isWhole) throw unavailable(c, 'cut_short')
  const read = readJson(new TextEncoder().encode(responseBody ?? ''))
  const parsed = quoteAnswer.safeParse(read.kind === 'json' ? read.value : undefined)
  const isSaid = status < 300 || (status >= 400 && status < 500 && parsed.data?.allowed === false)
  if (!isSaid) throw unavailable(c, 'status')
  if (!parsed.success) throw unavailable(c, 'unreadable')
  return parsed.data
}

/** The secret that verifies order tokens signs here; an older one signs too, so that it can be replaced at leisure. */
async function headersOf(
  c: Context<Gateway>,
  caller: Caller,
  merchant: Merchant,
  { customerToken, idempotencyKey }: Asked,
  body: string,
): Promise<Record<string, string>> {
  const { livemode } = caller
  const secrets = merchant.orderSigningSecrets[livemode ? 'live' : 'test'].map((text) => btoa(text))
  return {
    ...(await signatureHeaders(secrets, nameOf(caller, idempotencyKey), Math.floor(c.var.now / 1_000), body)),
    'content-type': 'application/json',
    'idempotency-key': idempotencyKey,
    'tollgate-livemode': String(livemode),
    'user-agent': 'Tollgate-Quote/1',
    ...(customerToken === undefined ? {} : { authorization: `Bearer ${customerToken}` }),
  }
}

/** The quote's name: the same for every repeat under a merchant's key, and telling nothing of the key. */
const nameOf = ({ merchantId, livemode }: Caller, key: string): string =>
  `quo_${sha256Hex(JSON.stringify([merchantId, livemode, key])).slice(0, 40)}`

const saying = {
  timeout: 'It did not answer within 5 seconds.',
  unreachable: 'It cannot be reached.',
  address_not_allowed: 'Its address is not a public one.',
  redirect: 'It redirects, which is not followed.',
  cut_short: 'Its answer is larger than 64 KiB, or does not end within 5 seconds.',
  status: 'It answers with an error.',
  unreadable: 'Its answer is no quote.',
}

function unavailable(c: Context<Gateway>, why: keyof typeof saying): GatewayError {
  c.var.log.quote = why
  return new GatewayError({
    code: 'quote_unavailable',
    detail: `The merchant's quote address gives no usable answer. ${saying[why]} Repeat the request with the same key.`,
  })
}
