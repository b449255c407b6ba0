/**
 * FastShift's vPOS (document v1.0 of 25.02.25): an order is registered, the customer confirms it in FastShift's app, and
 * its status is asked for. Nothing it tells is signed, and neither its webhook's format nor any retry of it is documented,
 * so a report is a reason to ask and orders are asked about in any case.
 */
import * as z from 'zod'
import { sha256Hex } from '../crypto/hash.ts'
import { paymentOfSession } from '../domain/ids.ts'
import { exponentOf } from '../domain/money.ts'
import type {
  Capabilities,
  CheckoutOrder,
  Fact,
  Found,
  Heard,
  Opened,
  Outcome,
  Provider,
  RawReport,
  Reply,
  SessionReference,
  Trial,
  Verdict,
} from '../domain/provider.ts'
import { call, type Fetch, isRefusal, jsonOf, type Limits, usualLimits } from './call.ts'
import { loopbackBase, type ProviderEntry } from './entry.ts'

const hosts = ['merchants.fastshift.am', 'test-merchants.fastshift.am'] as const

export interface FastshiftOptions {
  token: string
  fetch: Fetch
  /** Origin of the API. */
  apiBase: string
  /** Epoch milliseconds. */
  now?: () => number
  limits?: Limits
}

const order = z.lazy(() =>
  z.object({
    order_number: z.string().max(64),
    /** Whole drams. What is wrong is null, which shows as a mismatch and is never taken for equal. */
    amount: z.int().nonnegative().nullable().catch(null),
    status: z.string().max(64),
    created_at: z.string().nullish().catch(null),
    expires_at: z.string().nullish().catch(null),
  }),
)
const registered = z.lazy(() =>
  z.object({
    status: z.literal('OK'),
    data: z.object({ order, redirect_url: z.url({ protocol: /^https?$/ }).max(4_096) }),
  }),
)
const asked = z.lazy(() => z.object({ status: z.literal('OK'), data: z.object({ order }) }))
const refusal = z.lazy(() =>
  z.object({
    status: z.enum(['INVALID_DATA', 'FORBIDDEN', 'UNAUTHORIZED', 'ERROR', 'NOT_FOUND']),
    errors: z.record(z.string(), z.unknown()).optional().catch(undefined),
  }),
)
type Refusal = z.output<typeof refusal>

const capabilities: Capabilities = {
  signed: false,
  statusCheck: true,
  statusCheckByOurId: true,
  capture: false,
  cancel: false,
  refund: false,
  partialRefund: false,
  idempotencySeconds: 0,
  ends: 'at_limit',
  polled: true,
  approves: false,
  numbered: false,
  reference: { maxLength: 36, alphabet: 'printable' },
  amounts: 'whole',
  asksFirst: false,
  // Its own limit is said with each order and documented nowhere; without a word of it, a day is waited.
  expiresInSeconds: { min: 60, max: 86_400 },
  currencies: ['AMD'],
}

const DRAM = 10 ** (exponentOf('AMD') ?? 2)

/** The adapter for one connection. */
export function fastshift(options: FastshiftOptions): Provider {
  return {
    name: 'fastshift',
    capabilities,
    objection: ({ amount, currency }) =>
      currency === 'AMD' && amount % DRAM !== 0
        ? `FastShift takes whole drams only: the amount must be a multiple of ${DRAM}.`
        : null,
    open: (wanted) => open(options, wanted),
    act: async () => noSuchCall,
    find: (session) => find(options, session),
    tryCredentials: () => tryCredentials(options),
    read: async (request) => read(request),
    reply,
  }
}

/**
 * Each call has an order number of its own, for FastShift refuses one that it knows: the checkout of a call whose answer
 * was lost stays there, and nobody ever gets its address.
 */
async function open(options: FastshiftOptions, wanted: CheckoutOrder): Promise<Outcome<Opened>> {
  const { sessionId, orderId, amount } = wanted
  const number = orderNumberOf(sessionId, wanted.call)
  const webhookUrl = new URL(wanted.webhookUrl)
  webhookUrl.searchParams.set('session', sessionId)
  const made = await ask(options, registered, '/vpos/order/register', {
    order_number: number,
    amount: amount / DRAM,
    description: wanted.description?.slice(0, 250) || `Order ${orderId}`,
    callback_url: wanted.returnUrl,
    webhook_url: webhookUrl.href,
    external_order_id: orderId,
  })
  if (made.kind !== 'done') return made
  const { order: said, redirect_url: url } = made.value.data
  if (!isSame(said.order_number, number) || said.amount !== amount / DRAM)
    return { kind: 'unknown', detail: 'FastShift answered with another order than was registered.' }
  const checkout = { kind: 'redirect' as const, url }
  return {
    kind: 'done',
    value: { references: [number], checkout, endsAt: endOf(said, options.now ?? Date.now) },
  }
}

/** Dates come without a zone, so only their distance is taken: from the answer, as long as the order lives. */
function endOf(
  { created_at: from, expires_at: to }: z.output<typeof order>,
  now: () => number,
): number | null {
  const [born, ends] = [from, to].map((text) => Date.parse(`${text ?? ''}Z`.replace(' ', 'T')))
  const lives = (ends ?? Number.NaN) - (born ?? Number.NaN)
  return lives > 0 ? now() + lives : null
}

/** A GUID that this call's number can be made of again. It looks like a random one, which is what others send. */
function orderNumberOf(sessionId: string, callNumber: number): string {
  const hex = sha256Hex(`fastshift ${sessionId} ${callNumber}`)
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const noSuchCall: Outcome<never> = {
  kind: 'declined',
  code: 'invalid_request',
  detail: 'FastShift has no such call.',
}

/**
 * Every order of the session counts. Of calls whose answer was lost only our own numbers are known, and these may never
 * have become an order there.
 */
async function find(options: FastshiftOptions, session: SessionReference): Promise<Outcome<Found>> {
  const { references, sessionId, calls } = session
  const begun = Array.from({ length: calls }, (_, i) => orderNumberOf(sessionId, i + 1))
  const newestFirst = (references.length > 0 ? [...references] : begun).reverse()
  const found: Found = { facts: [], references: [], payable: false }
  for (const number of newestFirst.slice(0, MOST_ORDERS)) {
    const answer = await ask(options, asked, `/vpos/order/status/${encodeURIComponent(number)}`)
    if (answer.kind === 'unknown') return answer
    if (answer.kind === 'declined') {
      if (answer.detail === NOT_FOUND && references.length === 0) continue
      return { kind: 'unknown', detail: 'FastShift refused to tell how the order stands.' }
    }
    const standing = standingOf(answer.value.data.order)
    if (standing === null || !isSame(answer.value.data.order.order_number, number))
      return { kind: 'unknown', detail: 'FastShift answered with what is not known here.' }
    found.references.push(number)
    found.facts.push(...standing.facts)
    found.payable ||= standing.payable
  }
  return { kind: 'done', value: settled(found) }
}

/** Older orders than so many are left alone: only the newest one's address was given out. */
const MOST_ORDERS = 5

/** Money speaks for the session, whatever became of its other orders; and one that can be paid keeps it open. */
function settled(found: Found): Found {
  const money = found.facts.filter(({ type }) => type === 'captured')
  if (money.length > 0) return { ...found, facts: money, payable: false }
  return found.payable ? { ...found, facts: [] } : { ...found, facts: found.facts.slice(0, 1) }
}

/** Null for a status that nobody has foreseen. */
function standingOf({ status, amount }: z.output<typeof order>): { facts: Fact[]; payable: boolean } | null {
  switch (status) {
    case 'pending':
      return { facts: [], payable: true }
    case 'completed': {
      const paid = amount === null ? null : amount * DRAM
      return { facts: [{ type: 'captured', amount: paid, currency: 'AMD' }], payable: false }
    }
    case 'rejected':
      return { facts: [{ type: 'failed', code: 'customer_canceled' }], payable: false }
    case 'expired':
      return { facts: [{ type: 'expired' }], payable: false }
    default:
      return null
  }
}

const NOT_FOUND = 'NOT_FOUND'

/** A question about an order that cannot exist: being told so takes a token that is good. */
async function tryCredentials(options: FastshiftOptions): Promise<Trial> {
  const answer = await ask(options, asked, `/vpos/order/status/${orderNumberOf('none', 0)}`)
  if (answer.kind === 'unknown') return { kind: 'no_answer', detail: answer.detail }
  if (answer.kind === 'done' || answer.detail === NOT_FOUND) return { kind: 'accepted' }
  return answer.code === 'bad_credentials'
    ? { kind: 'refused', detail: answer.detail }
    : { kind: 'no_answer', detail: answer.detail }
}

async function ask<T>(
  { token, fetch, apiBase, limits }: FastshiftOptions,
  schema: z.ZodType<T>,
  path: string,
  body?: object,
): Promise<Outcome<T>> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const init =
    body === undefined ? { method: 'GET', headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await call(fetch, `${apiBase}/api/en${path}`, init, limits ?? usualLimits)
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const json = jsonOf(answer.text)
  const read = schema.safeParse(json)
  if ((answer.status === 200 || answer.status === 201) && read.success)
    return { kind: 'done', value: read.data }
  const refused = refusal.safeParse(json)
  if (isRefusal(answer.status) && refused.success) return declined(refused.data)
  return { kind: 'unknown', detail: `FastShift answered ${answer.status} with nothing that can be read.` }
}

/** FastShift's sentences may quote what they were given, so only its status and the names of the fields come through. */
function declined({ status, errors }: Refusal): Outcome<never> {
  const fields = Object.keys(errors ?? {}).filter((name) => /^\w{1,40}$/.test(name))
  const detail = [status, ...fields].join(', ')
  switch (status) {
    case 'UNAUTHORIZED':
    case 'FORBIDDEN':
      return {
        kind: 'declined',
        code: 'bad_credentials',
        detail: 'FastShift does not accept the token, or not from this address.',
      }
    case 'INVALID_DATA':
      return {
        kind: 'declined',
        code: fields.includes('amount') ? 'unsupported_amount' : 'invalid_request',
        detail,
      }
    case 'ERROR':
      return { kind: 'declined', code: 'declined', detail }
    case 'NOT_FOUND':
      return { kind: 'declined', code: 'invalid_request', detail: NOT_FOUND }
  }
}

const note = z.lazy(() => z.object({ order_number: z.string().min(1).max(64) }))

/**
 * Whom a report is about: the session in its address. How the body is written is not documented, so a form, JSON and
 * parameters in the address are read, and a `?` that was appended to our own is borne with.
 */
function read({ url, body }: RawReport): Heard {
  const text = new TextDecoder().decode(body.subarray(0, 4_096))
  const sessionId = /[?&]session=(ps_[0-9a-z]+)/.exec(url)?.[1] ?? ''
  const search = new URLSearchParams(url.slice(url.indexOf('?') + 1).replaceAll('?', '&'))
  const told = [jsonOf(text), Object.fromEntries(new URLSearchParams(text)), Object.fromEntries(search)]
  const reference = told.map((one) => note.safeParse(one).data?.order_number).find((one) => one !== undefined)
  if (reference === undefined) return { kind: 'ignored', type: 'unreadable' }
  if (paymentOfSession(sessionId) === null) return { kind: 'ignored', type: 'unknown' }
  return { kind: 'hint', named: { sessionId, reference } }
}

/** Which reply it wants is not documented; 200 is what every sender understands. */
function reply(_heard: Heard, verdict: Verdict): Reply {
  return { status: verdict.kind === 'not_kept' ? 503 : 200 }
}

/** FastShift's line in the registry. */
export const fastshiftEntry: ProviderEntry = {
  capabilities,
  live: true,
  credentials: z.lazy(() =>
    z.strictObject({
      token: z
        .string({
          error: 'The token is missing: FastShift gives one to each merchant, and another for tests.',
        })
        .regex(/^[\x21-\x7e]{8,4096}$/, {
          error: 'A token is one word without spaces, as FastShift gave it, without "Bearer" in front.',
        }),
    }),
  ),
  settings: z.lazy(() =>
    z.strictObject({
      api_base: loopbackBase.optional(),
      host: z.enum(hosts, { error: `host is one of: ${hosts.join(', ')}.` }).optional(),
    }),
  ),
  make({ credentials, settings }, { fetch }) {
    const { token } = credentials as { token: string }
    const { api_base: base, host = hosts[0] } = settings as { api_base?: string; host?: string }
    return fastshift({ token, fetch, apiBase: base?.replace(/\/+$/, '') ?? `https://${host}` })
  },
}
