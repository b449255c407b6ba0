/** One call of PayPal's API: its access token, its headers, and what its refusals mean. */
import * as z from 'zod'
import { toBase64 } from '../crypto/base64.ts'
import { sha256Hex } from '../crypto/hash.ts'
import type { DeclineCode, Outcome } from '../domain/provider.ts'
import { type Answer, call, type Fetch, isRefusal, jsonOf, type Limits, usualLimits } from './call.ts'

/** What is remembered between requests: access tokens by account, certificates by address. */
export interface PaypalMemory {
  tokens: Map<string, { token: string; until: number }>
  certificates: Map<string, string>
}

export const emptyMemory = (): PaypalMemory => ({ tokens: new Map(), certificates: new Map() })

/** The isolate's, since an adapter lives as long as its request. */
const isolateMemory = emptyMemory()
const MOST_REMEMBERED = 500

/** Remembers, and forgets what was remembered first when it becomes too much. */
export function remember<T>(memory: Map<string, T>, name: string, value: T): void {
  const [oldest] = memory.keys()
  if (memory.size >= MOST_REMEMBERED && oldest !== undefined) memory.delete(oldest)
  memory.set(name, value)
}

/** Who calls, and how. */
export interface PaypalAccount {
  clientId: string
  clientSecret: string
  livemode: boolean
  fetch: Fetch
  /** A simulator's. */
  apiBase?: string
  limits?: Limits
  memory?: PaypalMemory
  /** Epoch milliseconds; for the life of tokens. */
  now?: () => number
}

export const memoryOf = ({ memory = isolateMemory }: PaypalAccount): PaypalMemory => memory

const baseOf = ({ apiBase, livemode }: PaypalAccount): string =>
  apiBase ?? (livemode ? 'https://api-m.paypal.com' : 'https://api-m.sandbox.paypal.com')

export interface Asking {
  path: string
  /** PayPal's idempotency key, kept for six hours. */
  key?: string
  body?: object
}

/** A call of PayPal's API; `schema` is what its good answer looks like. Never throws. */
export async function ask<T>(
  options: PaypalAccount,
  schema: z.ZodType<T>,
  asking: Asking,
): Promise<Outcome<T>> {
  const known = knownToken(options)
  const token = known === null ? await freshToken(options) : ({ kind: 'done', value: known } as const)
  if (token.kind !== 'done') return token
  const answer = await send(options, token.value, asking)
  // The token may have been withdrawn; with a 401 nothing was done, so it may be asked once more.
  if (known !== null && answer.kind === 'answered' && answer.status === 401) {
    const another = await freshToken(options)
    return another.kind === 'done' ? read(schema, await send(options, another.value, asking)) : another
  }
  return read(schema, answer)
}

function send(options: PaypalAccount, token: string, { path, key, body }: Asking): Promise<Answer> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${token}`,
    // The whole object, in which amounts can be compared.
    prefer: 'return=representation',
    ...(key !== undefined && { 'paypal-request-id': key }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const init =
    body === undefined ? { method: 'GET', headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  return call(options.fetch, `${baseOf(options)}${path}`, init, options.limits ?? usualLimits)
}

const nameOf = (options: PaypalAccount): string =>
  `${baseOf(options)} ${options.clientId} ${sha256Hex(options.clientSecret)}`

function knownToken(options: PaypalAccount): string | null {
  const known = memoryOf(options).tokens.get(nameOf(options))
  return known !== undefined && known.until > (options.now ?? Date.now)() ? known.token : null
}

const granted = z.lazy(() =>
  z.object({ access_token: z.string().min(1).max(4_096), expires_in: z.int().positive() }),
)

/** Asks for a new access token, whatever is remembered. */
export async function freshToken(options: PaypalAccount): Promise<Outcome<string>> {
  const { clientId, clientSecret, fetch, limits = usualLimits, now = Date.now } = options
  const pair = toBase64(new TextEncoder().encode(`${clientId}:${clientSecret}`))
  const answer = await call(
    fetch,
    `${baseOf(options)}/v1/oauth2/token`,
    {
      method: 'POST',
      headers: { authorization: `Basic ${pair}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    },
    limits,
  )
  const given = read(granted, answer)
  if (given.kind !== 'done') return given
  const { access_token: token, expires_in: seconds } = given.value
  // A minute less, so that no call sets out with a token that ends on its way.
  remember(memoryOf(options).tokens, nameOf(options), { token, until: now() + (seconds - 60) * 1_000 })
  return { kind: 'done', value: token }
}

const refusal = z.lazy(() =>
  z.object({
    name: z.string().max(100).optional(),
    error: z.string().max(100).optional(),
    details: z
      .array(z.object({ issue: z.string().max(100).optional() }))
      .optional()
      .catch(undefined),
  }),
)

function read<T>(schema: z.ZodType<T>, answer: Answer): Outcome<T> {
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const body = jsonOf(answer.text)
  const good = schema.safeParse(body)
  if ((answer.status === 200 || answer.status === 201) && good.success)
    return { kind: 'done', value: good.data }
  const refused = refusal.safeParse(body)
  const word = refused.success
    ? (refused.data.details?.[0]?.issue ?? refused.data.name ?? refused.data.error)
    : undefined
  if (isRefusal(answer.status) && word !== undefined) return declined(answer.status, word)
  return { kind: 'unknown', detail: `PayPal answered ${answer.status} with nothing that can be read.` }
}

/** Somebody else was at it, or is: only what has become of the order tells. */
const overtaken = new Set(['ORDER_ALREADY_CAPTURED', 'PREVIOUS_REQUEST_IN_PROGRESS', 'DUPLICATE_REQUEST_ID'])

const codes: Readonly<Record<string, DeclineCode>> = {
  INSTRUMENT_DECLINED: 'declined',
  TRANSACTION_REFUSED: 'declined',
  PAYER_CANNOT_PAY: 'declined',
  REFUND_FAILED_INSUFFICIENT_FUNDS: 'insufficient_funds',
  CURRENCY_NOT_SUPPORTED: 'unsupported_currency',
  CURRENCY_NOT_SUPPORTED_FOR_RECEIVER: 'unsupported_currency',
  INVALID_CURRENCY_CODE: 'unsupported_currency',
  DECIMAL_PRECISION: 'unsupported_amount',
  DECIMALS_NOT_SUPPORTED: 'unsupported_amount',
  REFUND_AMOUNT_EXCEEDED: 'unsupported_amount',
}

/** PayPal's sentences may quote what was sent, so only its fixed words come through. */
function declined(status: number, word: string): Outcome<never> {
  if (status === 409 || overtaken.has(word))
    return { kind: 'unknown', detail: 'PayPal knows this call already and does not repeat its answer.' }
  if (status === 401 || status === 403)
    return {
      kind: 'declined',
      code: 'bad_credentials',
      detail: 'PayPal does not accept the client id and secret, or they may not do this.',
    }
  const code = Object.hasOwn(codes, word) ? codes[word] : undefined
  return { kind: 'declined', code: code ?? 'invalid_request', detail: /^\w+$/.test(word) ? word : 'refused' }
}
