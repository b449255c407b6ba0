/**
 * The adapter of the built-in sandbox. It knows the sandbox only by its API and its signed reports, as it would know any
 * provider; the service binding stands where the internet would be.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { isSecret, verifySignature } from '../crypto/standard-webhooks.ts'
import type {
  Action,
  Capabilities,
  CheckoutOrder,
  Fact,
  Found,
  Heard,
  Named,
  Opened,
  Outcome,
  Provider,
  RawReport,
  Reply,
  Report,
  SessionReference,
  Trial,
  Verdict,
} from '../domain/provider.ts'
import { call, type Fetch, isRefusal, jsonOf, type Limits, usualLimits } from './call.ts'
import { loopbackBase, type ProviderEntry } from './entry.ts'

/** No request from the internet can bear this host, so the API is there for holders of the service binding only. */
const API_ORIGIN = 'https://sandbox.internal'

export interface SandboxOptions {
  connectionId: string
  /** `whsec_…`; any of them verifies, the first one authenticates our calls. None: the door is closed. */
  webhookSecrets: readonly string[]
  fetch: Fetch
  /** Where the API answers. */
  apiOrigin: string
  /** Where customers find the checkout page. */
  pageOrigin: string
  limits?: Limits
}

const happening = z.lazy(() =>
  z.object({
    type: z.enum(['authorized', 'captured', 'failed', 'canceled', 'refunded']),
    at: z.number(),
    amount: z.int().nonnegative(),
    refund_reference: z.string().optional(),
  }),
)
const checkoutAnswer = z.lazy(() =>
  z.object({
    reference: z.string().min(1),
    order_id: z.string(),
    amount: z.int().positive(),
    currency: z.string(),
    page: z.string().startsWith('/'),
    expires_at: z.int().positive(),
    state: z.enum(['payable', 'expired', 'over']),
    happened: z.array(happening),
  }),
)
const refusalAnswer = z.lazy(() => z.object({ error: z.object({ code: z.string(), message: z.string() }) }))
type CheckoutAnswer = z.output<typeof checkoutAnswer>

const capabilities: Capabilities = {
  signed: true,
  statusCheck: true,
  statusCheckByOurId: true,
  capture: true,
  cancel: true,
  refund: true,
  partialRefund: true,
  idempotencySeconds: 86_400,
  ends: 'at_once',
  polled: false,
  approves: false,
  numbered: false,
  reference: null,
  amounts: 'minor',
  asksFirst: false,
  expiresInSeconds: { min: 60, max: 86_400 },
  currencies: 'any',
}

/** The adapter for one connection. */
export function sandbox(options: SandboxOptions): Provider {
  return {
    name: 'sandbox',
    capabilities,
    objection: () => null,
    open: (order) => open(options, order),
    act: (action, session, key) => act(options, action, session, key),
    find: (session) => find(options, session),
    tryCredentials: () => tryCredentials(options),
    read: (request, now) => read(options, request, now),
    reply,
  }
}

/** The session's id is the key, so every call for a session meets the same checkout. */
async function open(options: SandboxOptions, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const made = await ask(options, 'POST', '/checkouts', order.sessionId, {
    account: options.connectionId,
    session_id: order.sessionId,
    order_id: order.orderId,
    amount: order.amount,
    currency: order.currency,
    capture_method: order.captureMethod,
    description: order.description?.slice(0, 1_000) ?? null,
    expires_at: order.expiresAt,
    return_url: order.returnUrl,
    report_url: order.webhookUrl,
    secrets: usable(options),
  })
  if (made.kind !== 'done') return made
  const { reference, page, expires_at, amount, currency } = made.value
  if (amount !== order.amount || currency !== order.currency)
    return { kind: 'unknown', detail: 'The sandbox answered with another amount than was asked.' }
  const checkout = { kind: 'redirect' as const, url: new URL(page, options.pageOrigin).href }
  return { kind: 'done', value: { references: [reference], checkout, endsAt: expires_at } }
}

async function act(
  options: SandboxOptions,
  action: Action,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  const reference = session.references[0]
  if (reference === undefined)
    return {
      kind: 'declined',
      code: 'invalid_request',
      detail: 'The session has no checkout at the sandbox.',
    }
  const path = `/checkouts/${encodeURIComponent(reference)}/${action.type}`
  const body = action.type === 'cancel' ? {} : { amount: action.amount }
  const done = await ask(options, 'POST', path, key, body)
  return done.kind === 'done' ? { kind: 'done', value: factsOf(done.value) } : done
}

async function find(options: SandboxOptions, session: SessionReference): Promise<Outcome<Found>> {
  const reference = session.references[0]
  const ours = new URLSearchParams({ account: options.connectionId, key: session.sessionId })
  const path = reference === undefined ? `/checkouts?${ours}` : `/checkouts/${encodeURIComponent(reference)}`
  const found = await ask(options, 'GET', path, null, null)
  switch (found.kind) {
    case 'done':
      return {
        kind: 'done',
        value: {
          facts: factsOf(found.value),
          references: [found.value.reference],
          payable: found.value.state === 'payable',
          orderId: found.value.order_id,
        },
      }
    case 'declined':
      // No such checkout: nothing was ever made there, hence nothing can be paid.
      return found.code === 'invalid_request' && found.detail === 'unknown_checkout'
        ? { kind: 'done', value: { facts: [], references: [], payable: false } }
        : { kind: 'unknown', detail: 'The sandbox refused to tell how the checkout stands.' }
    case 'unknown':
      return found
  }
}

/** The sandbox keeps no accounts: any secret opens its own checkouts, so an answer about none of them is all there is. */
async function tryCredentials(options: SandboxOptions): Promise<Trial> {
  const none = new URLSearchParams({ account: options.connectionId, key: 'none' })
  const found = await ask(options, 'GET', `/checkouts?${none}`, null, null)
  if (found.kind === 'unknown') return { kind: 'no_answer', detail: found.detail }
  if (found.kind === 'declined' && found.code === 'bad_credentials')
    return { kind: 'refused', detail: found.detail }
  return { kind: 'accepted' }
}

/** What the books say, oldest first. An end by time is only told where nothing else happened. */
function factsOf(checkout: CheckoutAnswer): Fact[] {
  const facts = checkout.happened.map((happening) => factOf(happening, checkout.currency))
  return checkout.state === 'expired' ? [{ type: 'expired' }] : facts
}

function factOf(happened: z.output<typeof happening>, currency: string): Fact {
  const { type, amount, refund_reference: reference } = happened
  switch (type) {
    case 'authorized':
    case 'captured':
      return { type, amount, currency }
    case 'refunded':
      return { type, amount, currency, ...(reference !== undefined && { reference }) }
    case 'failed':
    case 'canceled':
      return { type }
  }
}

async function ask(
  options: SandboxOptions,
  method: 'GET' | 'POST',
  path: string,
  key: string | null,
  body: object | null,
): Promise<Outcome<CheckoutAnswer>> {
  const tokens = usable(options).map((secret) => tokenOf(secret, options.connectionId))
  if (tokens.length === 0)
    return { kind: 'declined', code: 'bad_credentials', detail: 'The connection has no webhook secret.' }
  const headers = {
    authorization: `Bearer ${tokens.join('.')}`,
    'content-type': 'application/json',
    ...(key !== null && { 'idempotency-key': key }),
  }
  const sent = body === null ? { method, headers } : { method, headers, body: JSON.stringify(body) }
  const url = `${options.apiOrigin}/sandbox/api${path}`
  const answer = await call(options.fetch, url, sent, options.limits ?? usualLimits)
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const json = jsonOf(answer.text)
  const checkout = checkoutAnswer.safeParse(json)
  if (answer.status === 200 && checkout.success) return { kind: 'done', value: checkout.data }
  const refused = refusalAnswer.safeParse(json)
  if (isRefusal(answer.status) && refused.success) return declined(refused.data.error)
  return { kind: 'unknown', detail: `The sandbox answered ${answer.status} with nothing that can be read.` }
}

/** Only texts that the sandbox's API is known to send come through, and only where they say something to a person. */
function declined(error: { code: string; message: string }): Outcome<never> {
  switch (error.code) {
    case 'wrong_token':
      return {
        kind: 'declined',
        code: 'bad_credentials',
        detail: 'The sandbox does not know the webhook secret.',
      }
    case 'refused':
      return { kind: 'declined', code: 'declined', detail: error.message.slice(0, 200) }
    case 'invalid_request':
    case 'unknown_checkout':
    case 'key_reused':
      return { kind: 'declined', code: 'invalid_request', detail: error.code }
    default:
      return { kind: 'unknown', detail: 'The sandbox refused for a reason that is not known here.' }
  }
}

/** A wrong amount or currency is no reason to lose the report: as null it shows as a mismatch, in front of a person. */
const saidAmount = z.lazy(() => z.int().nonnegative().nullable().catch(null))
const saidCurrency = z.lazy(() => z.string().max(16).nullable().catch(null))
const saidId = z.lazy(() => z.string().min(1).max(256).optional().catch(undefined))
/** A name that cannot be one is still said: as an empty one it is nobody's, and never passes for one left out. */
const saidName = z.lazy(() => z.string().max(256).optional().catch(''))
const data = z.lazy(() =>
  z.object({
    reference: saidName,
    order_id: saidName,
    session_id: saidName,
    amount: saidAmount,
    currency: saidCurrency,
    occurred_at: z.string().optional().catch(undefined),
    refund_reference: saidId,
    amount_refunded_total: saidAmount,
    outcome: z.enum(['won', 'lost']).optional().catch(undefined),
  }),
)
type Data = z.output<typeof data>
const envelope = z.lazy(() => z.object({ type: z.string().min(1).max(256), data: z.unknown() }))

const facts: Record<string, (said: Data) => Fact | null> = {
  'payment.authorized': ({ amount, currency }) => ({ type: 'authorized', amount, currency }),
  'payment.captured': ({ amount, currency }) => ({ type: 'captured', amount, currency }),
  'payment.failed': () => ({ type: 'failed' }),
  'payment.canceled': () => ({ type: 'canceled' }),
  'payment.expired': () => ({ type: 'expired' }),
  'payment.refunded': (said) => ({
    type: 'refunded',
    amount: said.amount_refunded_total ?? said.amount,
    currency: said.currency,
    ...referenceOf(said),
  }),
  'payment.disputed': (said) => ({ type: 'disputed', ...referenceOf(said) }),
  'payment.dispute_closed': (said) =>
    said.outcome === undefined
      ? null
      : { type: 'dispute_closed', outcome: said.outcome, ...referenceOf(said) },
}

const referenceOf = (said: Data) =>
  said.refund_reference === undefined ? {} : { reference: said.refund_reference }

async function read(options: SandboxOptions, request: RawReport, now: number): Promise<Heard> {
  const verified = await verifySignature(usable(options), request, now)
  if (verified.kind === 'forged') return verified
  const heard = statementOf(request.body, verified.id)
  if (verified.kind === 'ok') return heard
  const named = heard.kind === 'reports' ? (heard.reports[0]?.named ?? null) : null
  const why = verified.kind === 'too_old' ? 'signed too long ago' : 'signed in the future'
  return { kind: 'untimely', why, named }
}

/** What a verified body states. One that cannot be read is said to be `unreadable`, so that it is at least counted. */
function statementOf(body: Uint8Array, id: string): Heard {
  const said = envelope.safeParse(jsonOf(new TextDecoder().decode(body)))
  if (!said.success) return { kind: 'ignored', type: 'unreadable' }
  const toFact = Object.hasOwn(facts, said.data.type) ? facts[said.data.type] : undefined
  if (toFact === undefined) return { kind: 'ignored', type: said.data.type }
  const details = data.safeParse(said.data.data)
  const named = details.success ? namedIn(details.data) : null
  const fact = details.success ? toFact(details.data) : null
  if (!details.success || named === null || fact === null) return { kind: 'ignored', type: 'unreadable' }
  const occurredAt = Date.parse(details.data.occurred_at ?? '')
  const report: Report = { id, named, fact, occurredAt: Number.isNaN(occurredAt) ? null : occurredAt }
  return { kind: 'reports', reports: [report] }
}

/** Whom the report names. A missing reference stays visible as an empty one, which belongs to no session. */
function namedIn(said: Data): Named | null {
  const { reference, session_id: sessionId, order_id: orderId } = said
  if (reference === undefined && sessionId === undefined && orderId === undefined) return null
  return {
    reference: reference ?? '',
    ...(sessionId !== undefined && { sessionId }),
    ...(orderId !== undefined && { orderId }),
  }
}

function reply(_heard: Heard, verdict: Verdict): Reply {
  const status = { kept: 200, ignored: 200, yes: 200, no: 200, refused: 401, not_kept: 503 }[verdict.kind]
  return { status, contentType: 'application/json', body: JSON.stringify({ received: status === 200 }) }
}

/** The sandbox's bearer token for an account: made from one of its secrets, one token for each. */
function tokenOf(secret: string, account: string): string {
  return createHmac('sha256', secret).update(`sandbox-api:${account}`).digest('hex')
}

/** The secrets that can sign; an empty or unreadable one opens nothing. */
function usable(options: SandboxOptions): string[] {
  return options.webhookSecrets.filter(isSecret)
}

/** The sandbox's line in the registry. */
export const sandboxEntry: ProviderEntry = {
  capabilities,
  live: false,
  credentials: z.lazy(() =>
    z.strictObject({
      webhook_secrets: z
        .array(
          z.string().refine((secret) => secret.startsWith('whsec_') && isSecret(secret), {
            error: 'A webhook secret is `whsec_` followed by base64; make one with 24 to 64 random bytes.',
          }),
          {
            error:
              'List the webhook secrets that sign the sandbox\'s reports, the newest first: ["whsec_…"].',
          },
        )
        .max(10, { error: 'At most 10 webhook secrets are active at once.' }),
    }),
  ),
  settings: z.lazy(() => z.strictObject({ api_base: loopbackBase.optional() })),
  make({ id, credentials, settings }, { fetch, self, origin }) {
    const { webhook_secrets: webhookSecrets } = credentials as { webhook_secrets: string[] }
    const { api_base: base } = settings as { api_base?: string }
    return base === undefined
      ? sandbox({ connectionId: id, webhookSecrets, fetch: self, apiOrigin: API_ORIGIN, pageOrigin: origin })
      : sandbox({
          connectionId: id,
          webhookSecrets,
          fetch,
          apiOrigin: new URL(base).origin,
          pageOrigin: base,
        })
  },
}
