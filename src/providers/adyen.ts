/**
 * Adyen by Pay by Link. A call to capture, cancel or refund is only taken there; how it ended is reported. A session is
 * known by the link's id, by our own reference, and by the payment's `pspReference`, which only reports tell.
 */
import * as z from 'zod'
import type {
  Action,
  Capabilities,
  CheckoutOrder,
  Fact,
  Found,
  Opened,
  Outcome,
  Provider,
  SessionReference,
  Trial,
} from '../domain/provider.ts'
import { fromAdyen, objectionOf, toAdyen } from './adyen-amounts.ts'
import { type AdyenAccount, ask, VERSION } from './adyen-call.ts'
import { type AdyenReader, readAdyen, readReference, referenceFor, replyToAdyen } from './adyen-reports.ts'
import { asCommand, trialOf } from './credentials.ts'
import { loopbackBase, type ProviderEntry } from './entry.ts'

export type AdyenOptions = AdyenAccount & AdyenReader

const capabilities: Capabilities = {
  signed: true,
  statusCheck: true,
  statusCheckByOurId: false,
  capture: true,
  cancel: true,
  refund: true,
  partialRefund: true,
  idempotencySeconds: 86_400,
  ends: 'at_once',
  polled: false,
  approves: false,
  numbered: false,
  reference: { maxLength: 80, alphabet: 'printable' },
  amounts: 'minor',
  asksFirst: false,
  expiresInSeconds: { min: 60, max: 70 * 86_400 },
  currencies: 'any',
}

/** The adapter for one connection. */
export function adyen(options: AdyenOptions): Provider {
  return {
    name: 'adyen',
    capabilities,
    objection: ({ amount, currency }) => objectionOf(amount, currency),
    open: (order) => open(options, order),
    act: async (action, session, key) => asCommand(await act(options, action, session, key)),
    find: (session) => find(options, session),
    tryCredentials: () => tryCredentials(options),
    read: async (request) => readAdyen(options, request),
    reply: replyToAdyen,
  }
}

const paymentLink = z.lazy(() =>
  z.object({
    id: z.string().regex(/^[\w-]{1,64}$/),
    status: z.string(),
    url: z.url().max(4_096),
    reference: z.string(),
    amount: z.object({ value: z.int(), currency: z.string() }),
    expiresAt: z.string().optional().catch(undefined),
    metadata: z.object({ order_id: z.string().optional() }).optional().catch(undefined),
  }),
)
type Link = z.output<typeof paymentLink>

/** The session's id is the key, and every call for a session says the same. */
async function open(options: AdyenOptions, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const body = openingBody(options, order)
  const made = await ask(options, paymentLink, { path: '/paymentLinks', key: order.sessionId, body })
  if (made.kind !== 'done') return made
  const { id, url, reference, amount, expiresAt = '' } = made.value
  if (
    reference !== body.reference ||
    amount.value !== body.amount.value ||
    amount.currency !== order.currency
  )
    return { kind: 'unknown', detail: 'Adyen answered with another payment than was asked for.' }
  const endsAt = Date.parse(expiresAt)
  return {
    kind: 'done',
    value: {
      references: [id, reference],
      checkout: { kind: 'redirect', url },
      endsAt: Number.isNaN(endsAt) ? null : endsAt,
    },
  }
}

function openingBody({ merchantAccount }: AdyenOptions, order: CheckoutOrder) {
  const { amount, currency, captureMethod, sessionId, orderId } = order
  const email = order.customer?.email
  return {
    merchantAccount,
    reference: referenceFor(sessionId, captureMethod),
    amount: { value: toAdyen(amount, currency), currency },
    returnUrl: order.returnUrl,
    expiresAt: new Date(order.expiresAt).toISOString().replace(/\.\d+Z$/, '+00:00'),
    // Said either way, since the account has a usual delay of its own.
    ...(captureMethod === 'manual' ? { manualCapture: true } : { captureDelayHours: 0 }),
    metadata: { order_id: orderId.slice(0, 80) },
    description: order.description?.slice(0, 280) || `Order ${orderId}`,
    ...(email !== undefined && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) && { shopperEmail: email }),
  }
}

const taken = z.lazy(() =>
  z.object({ pspReference: z.string().min(1).max(256), status: z.literal('received') }),
)

async function act(
  options: AdyenOptions,
  action: Action,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  if (action.type === 'cancel') return cancel(options, session, key)
  const { currency } = session
  const amount = { value: toAdyen(action.amount, currency), currency }
  const answer = await modify(options, session, `${action.type}s`, key, { amount })
  if (answer.kind !== 'done') return answer
  const fact: Fact =
    action.type === 'capture'
      ? { type: 'capture_pending' }
      : { type: 'refund_pending', amount: action.amount, currency, reference: answer.value.pspReference }
  return { kind: 'done', value: [fact] }
}

/** An order about the payment, under the payment's own reference, so that the report of its end names the session too. */
async function modify(
  options: AdyenOptions,
  session: SessionReference,
  what: string,
  key: string,
  more: object,
): Promise<Outcome<z.output<typeof taken>>> {
  const payment = session.references.find(isPayment)
  const reference = session.references.find((one) => readReference(one) !== null)
  if (payment === undefined)
    return { kind: 'unknown', detail: 'Adyen has not reported the reference of this payment yet.' }
  const { merchantAccount } = options
  const body = { merchantAccount, ...(reference !== undefined && { reference }), ...more }
  return ask(options, taken, { path: `/payments/${encodeURIComponent(payment)}/${what}`, key, body })
}

/** Ends a link that nobody paid, without a key: that is harmless to repeat. A hold is released under the command's key. */
async function cancel(
  options: AdyenOptions,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  const found = await linkOf(options, session)
  if (found.kind !== 'done') return asQuestion(found)
  const { status, id, reference } = found.value
  const ended: Outcome<Fact[]> = { kind: 'done', value: [{ type: 'canceled' }] }
  if (status === 'expired') return ended
  if (status === 'active') {
    const body = { status: 'expired' }
    const ending = await ask(options, paymentLink, { path: `/paymentLinks/${id}`, method: 'PATCH', body })
    if (ending.kind !== 'done') return ending
    return ending.value.status === 'expired' ? ended : stillThere
  }
  if (status !== 'completed' && status !== 'paid') return stillThere
  if (readReference(reference)?.isHeld !== true)
    return { kind: 'declined', code: 'declined', detail: 'The payment was captured already.' }
  const answer = await modify(options, session, 'cancels', key, {})
  return answer.kind === 'done'
    ? { kind: 'unknown', detail: 'Adyen took the cancellation and will report how it ended.' }
    : answer
}

const stillThere: Outcome<never> = { kind: 'unknown', detail: 'Adyen did not say that the link has ended.' }

async function linkOf(options: AdyenOptions, session: SessionReference): Promise<Outcome<Link>> {
  const id = session.references.find(isLink)
  if (id === undefined) return { kind: 'unknown', detail: 'The id of the payment link is not known here.' }
  return ask(options, paymentLink, { path: `/paymentLinks/${encodeURIComponent(id)}` })
}

/** A refusal to tell how a link stands says nothing of what was ordered about it before. */
const asQuestion = (outcome: Exclude<Outcome<unknown>, { kind: 'done' }>): Outcome<never> =>
  outcome.kind === 'unknown'
    ? outcome
    : { kind: 'unknown', detail: 'Adyen refused to tell how the link stands.' }

const isPayment = (reference: string): boolean => /^[A-Z0-9]{16}$/.test(reference)
const isLink = (reference: string): boolean => /^PL[\w-]+$/.test(reference) && !isPayment(reference)

/** A link tells whether it was paid, and nothing of what became of the money afterwards: that is only reported. */
async function find(options: AdyenOptions, session: SessionReference): Promise<Outcome<Found>> {
  const found = await linkOf(options, session)
  if (found.kind !== 'done') return asQuestion(found)
  const { id, reference, metadata } = found.value
  const standing = standingOf(found.value, session.references.some(isPayment))
  if (standing === null)
    return { kind: 'unknown', detail: 'Adyen answered with a status that is not known here.' }
  const orderId = metadata?.order_id
  const references = [id, reference]
  return { kind: 'done', value: { ...standing, references, ...(orderId !== undefined && { orderId }) } }
}

/** Null for a status that nobody has foreseen. */
function standingOf(
  { status, reference, amount }: Link,
  isReported: boolean,
): Pick<Found, 'facts' | 'payable'> | null {
  switch (status) {
    case 'active':
    case 'paymentPending':
      return { facts: [], payable: true }
    case 'expired':
      return { facts: [{ type: 'expired' }], payable: false }
    case 'completed':
    case 'paid': {
      const { currency } = amount
      const isHeld = readReference(reference)?.isHeld === true
      // The link says the same of a hold that was released since: what reports have told is newer than its word.
      if (isHeld && isReported) return { facts: [], payable: false }
      const type = isHeld ? 'authorized' : 'captured'
      return { facts: [{ type, amount: fromAdyen(amount.value, currency), currency }], payable: false }
    }
    default:
      return null
  }
}

/** The list of payment methods needs the same key, account and role as a link does, and makes nothing. */
async function tryCredentials(options: AdyenOptions): Promise<Trial> {
  const { merchantAccount } = options
  const schema = z.object({ paymentMethods: z.array(z.unknown()).optional() })
  const listed = await ask(options, schema, { path: '/paymentMethods', body: { merchantAccount } })
  return trialOf(listed)
}

const prefix = z.lazy(() =>
  z
    .string({ error: 'The live URL prefix is missing: Customer Area, Developers, API URLs, Prefix.' })
    .regex(/^[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*$/, {
      error:
        'The live URL prefix looks like 1797a841fbb37ca7-MyCompany: Customer Area, Developers, API URLs.',
    })
    .max(100, { error: 'The live URL prefix is shorter: Customer Area, Developers, API URLs.' }),
)

const settings = () =>
  z.strictObject({
    api_base: loopbackBase.optional(),
    live_url_prefix: prefix.optional(),
    shared_account: z
      .boolean({ error: 'true when other software takes payments with the same merchant account.' })
      .optional(),
  })

/** Adyen's line in the registry. */
export const adyenEntry: ProviderEntry = {
  capabilities,
  live: true,
  credentials: z.lazy(() =>
    z.strictObject({
      api_key: z
        .string({ error: 'The API key is missing: Customer Area, Developers, API credentials.' })
        .regex(/^[\x21-\x7e]{20,512}$/, {
          error: 'An API key is a long text without spaces: Customer Area, Developers, API credentials.',
        }),
      merchant_account: z
        .string({ error: 'The merchant account is missing: the name at the top of the Customer Area.' })
        .regex(/^[\w-]{1,80}$/, {
          error: 'A merchant account is letters, digits, _ and -: the name at the top of the Customer Area.',
        }),
      hmac_keys: z
        .array(
          z.string().regex(/^[0-9A-Fa-f]{64}$/, {
            error: 'An HMAC key is 64 hexadecimal digits: Customer Area, Developers, Webhooks, your webhook.',
          }),
          {
            error:
              'List the HMAC keys of the webhook, the newest first: Customer Area, Developers, Webhooks, your webhook.',
          },
        )
        .max(10, { error: 'At most 10 HMAC keys are active at once.' }),
    }),
  ),
  settings: z.lazy(settings),
  liveSettings: z.lazy(() => settings().extend({ live_url_prefix: prefix })),
  make({ credentials, settings, livemode }, { fetch }) {
    const given = credentials as { api_key: string; merchant_account: string; hmac_keys: string[] }
    const {
      api_base: base,
      live_url_prefix: prefix,
      shared_account: sharedAccount,
    } = settings as {
      api_base?: string
      live_url_prefix?: string
      shared_account?: boolean
    }
    return adyen({
      apiKey: given.api_key,
      merchantAccount: given.merchant_account,
      hmacKeys: given.hmac_keys,
      fetch,
      ...(livemode && { apiBase: `https://${prefix}-checkout-live.adyenpayments.com/checkout/${VERSION}` }),
      ...(base !== undefined && { apiBase: `${base.replace(/\/+$/, '')}/${VERSION}` }),
      ...(sharedAccount !== undefined && { sharedAccount }),
    })
  },
}
