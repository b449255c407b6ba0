/**
 * Mollie by its Payments API. It signs nothing: its reports name a payment and are a reason to ask. The address it reports
 * to carries our session's id, which only those know who were given it.
 */
import * as z from 'zod'
import { paymentOfSession } from '../domain/ids.ts'
import { decimalOf } from '../domain/money.ts'
import type {
  Action,
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
import { asCommand, trialOf } from './credentials.ts'
import { loopbackBase, type ProviderEntry } from './entry.ts'
import { ask, type MollieAccount } from './mollie-call.ts'
import {
  captureObject,
  factOfRefund,
  type Payment,
  paymentObject,
  refundObject,
  standingOf,
} from './mollie-payment.ts'

/** What the hosted page speaks; anything else is refused by Mollie, so it is left to the browser. */
const locales =
  'en_US en_GB nl_NL nl_BE fr_FR fr_BE fr_LU de_DE de_AT de_CH de_LU es_ES ca_ES pt_PT it_IT nb_NO sv_SE fi_FI da_DK is_IS hu_HU pl_PL lv_LV lt_LT'.split(
    ' ',
  )

const capabilities: Capabilities = {
  signed: false,
  statusCheck: true,
  statusCheckByOurId: false,
  capture: true,
  cancel: true,
  refund: true,
  partialRefund: true,
  idempotencySeconds: 3_600,
  ends: 'at_once',
  polled: false,
  approves: false,
  numbered: false,
  reference: null,
  amounts: 'decimal',
  asksFirst: false,
  expiresInSeconds: { min: 60, max: 14 * 86_400 },
  currencies:
    'AED AUD BRL CAD CHF CZK DKK EUR GBP HKD HUF ILS ISK JPY MXN MYR NOK NZD PHP PLN RON SEK SGD THB TWD USD ZAR'.split(
      ' ',
    ),
}

/** The adapter for one connection. */
export function mollie(account: MollieAccount): Provider {
  return {
    name: 'mollie',
    capabilities,
    objection: () => null,
    open: (order) => open(account, order),
    act: async (action, session, key) => asCommand(await act(account, action, session, key)),
    find: (session) => find(account, session),
    tryCredentials: () => tryCredentials(account),
    read: async (request) => read(request),
    reply,
  }
}

/** The session's id is the key, and every call for a session says the same. */
async function open(account: MollieAccount, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const { sessionId, amount, currency } = order
  const body = openingBody(order)
  const made = await ask(account, paymentObject, { method: 'POST', path: '/payments', key: sessionId, body })
  if (made.kind !== 'done') return made
  const { id, amount: said, _links: links, expiresAt } = made.value
  const url = links?.checkout?.href
  if (said.amount !== amount || said.currency !== currency)
    return { kind: 'unknown', detail: 'Mollie answered with another amount than was asked.' }
  if (url === undefined || !/^https?:/.test(url) || !URL.canParse(url))
    return { kind: 'unknown', detail: 'Mollie answered with a checkout that has no address.' }
  const endsAt = Date.parse(expiresAt ?? '')
  const checkout = { kind: 'redirect' as const, url }
  return { kind: 'done', value: { references: [id], checkout, endsAt: Number.isNaN(endsAt) ? null : endsAt } }
}

function openingBody(order: CheckoutOrder): object {
  const { sessionId, orderId, paymentId, returnUrl, captureMethod } = order
  const webhookUrl = new URL(order.webhookUrl)
  webhookUrl.searchParams.set('session', sessionId)
  const locale = localeOf(order.locale)
  return {
    amount: said(order),
    description: order.description?.slice(0, 255) || `Order ${orderId}`,
    redirectUrl: returnUrl,
    webhookUrl: webhookUrl.href,
    metadata: { session_id: sessionId, order_id: orderId, payment_id: paymentId },
    ...(captureMethod === 'manual' && { captureMode: 'manual' }),
    ...(locale !== undefined && { locale }),
  }
}

/** A text with exactly the currency's decimals; a number, or fewer decimals, is refused there. */
const said = ({ amount, currency }: { amount: number; currency: string }) => ({
  currency,
  value: decimalOf(amount, currency),
})

function localeOf(asked: string | undefined): string | undefined {
  const wanted = asked?.replace('-', '_')
  return locales.find((one) => one === wanted) ?? locales.find((one) => one.slice(0, 2) === wanted)
}

async function act(
  account: MollieAccount,
  action: Action,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  const id = paymentIn(session)
  if (id === undefined) return noPayment
  const path = `/payments/${encodeURIComponent(id)}`
  switch (action.type) {
    case 'capture':
      return capture(account, `${path}/captures`, { ...session, amount: action.amount }, key)
    case 'refund':
      return refund(account, `${path}/refunds`, { ...session, amount: action.amount }, key, action.reason)
    case 'cancel':
      return cancel(account, path, key)
  }
}

async function capture(
  account: MollieAccount,
  path: string,
  wanted: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  const body = { amount: said(wanted), description: `Order ${wanted.orderId}` }
  const made = await ask(account, captureObject, { method: 'POST', path, key, body })
  if (made.kind !== 'done') return made
  switch (made.value.status) {
    case 'succeeded':
      return { kind: 'done', value: [{ type: 'captured', ...made.value.amount }] }
    case 'pending':
      return { kind: 'done', value: [{ type: 'capture_pending' }] }
    case 'failed':
      return { kind: 'declined', code: 'declined', detail: 'The capture failed.' }
    default:
      return { kind: 'unknown', detail: 'Mollie answered with a capture that cannot be understood.' }
  }
}

async function refund(
  account: MollieAccount,
  path: string,
  wanted: SessionReference,
  key: string,
  reason: string | undefined,
): Promise<Outcome<Fact[]>> {
  const body = {
    amount: said(wanted),
    description: reason?.slice(0, 140) || `Order ${wanted.orderId}`,
    metadata: { session_id: wanted.sessionId },
  }
  const made = await ask(account, refundObject, { method: 'POST', path, key, body })
  if (made.kind !== 'done') return made
  const fact = factOfRefund(made.value)
  if (fact === null)
    return { kind: 'unknown', detail: 'Mollie answered with a refund that cannot be understood.' }
  return fact.type === 'refund_failed'
    ? { kind: 'declined', code: 'declined', detail: `The refund ${made.value.status}.` }
    : { kind: 'done', value: [fact] }
}

/**
 * A hold is released, which Mollie first only accepts; a checkout is ended where its method lets us. What is over already
 * is told as it is.
 */
async function cancel(account: MollieAccount, path: string, key: string): Promise<Outcome<Fact[]>> {
  const before = await paymentAt(account, path)
  if (before.kind !== 'done') return before
  const { status, isCancelable } = before.value
  if (status === 'authorized') {
    const accepted = await ask(account, z.unknown(), {
      method: 'POST',
      path: `${path}/release-authorization`,
      key,
    })
    if (accepted.kind !== 'done') return accepted
    const after = await paymentAt(account, path)
    return after.kind === 'done' ? endOf(after.value) : after
  }
  const isOpen = status === 'open' || status === 'pending'
  if (!isOpen || isCancelable !== true) return endOf(before.value)
  const ended = await ask(account, paymentObject, { method: 'DELETE', path })
  return ended.kind === 'done' ? endOf(ended.value) : ended
}

function endOf(payment: Payment): Outcome<Fact[]> {
  switch (payment.status) {
    case 'canceled':
    case 'expired':
    case 'failed':
      return { kind: 'done', value: standingOf(payment)?.facts ?? [] }
    case 'paid':
      return { kind: 'declined', code: 'declined', detail: 'The payment was captured already.' }
    default:
      return { kind: 'unknown', detail: 'Mollie did not say that the payment has ended.' }
  }
}

const paymentIn = ({ references }: SessionReference) => references.find((one) => one.startsWith('tr_'))

const noPayment: Outcome<never> = {
  kind: 'unknown',
  detail: 'The reference of the payment is not known here.',
}

const paymentAt = (account: MollieAccount, path: string) =>
  ask(account, paymentObject, { method: 'GET', path: `${path}?embed=captures,refunds,chargebacks` })

async function find(account: MollieAccount, session: SessionReference): Promise<Outcome<Found>> {
  const id = paymentIn(session)
  if (id === undefined) return noPayment
  const found = await paymentAt(account, `/payments/${encodeURIComponent(id)}`)
  if (found.kind === 'declined')
    return { kind: 'unknown', detail: 'Mollie refused to tell how the payment stands.' }
  if (found.kind === 'unknown') return found
  const standing = standingOf(found.value)
  if (standing === null)
    return { kind: 'unknown', detail: 'Mollie answered with a status that is not known here.' }
  const orderId = found.value.metadata?.order_id
  return {
    kind: 'done',
    value: { ...standing, references: [found.value.id], ...(orderId !== undefined && { orderId }) },
  }
}

async function tryCredentials(account: MollieAccount): Promise<Trial> {
  const list = z.object({ count: z.int() })
  const listed = await ask(account, list, { method: 'GET', path: '/payments?limit=1' })
  return trialOf(listed)
}

/** Whom a report is about: the session in its address, and never more than that somebody says so. */
function read({ url, body }: RawReport): Heard {
  const reference = new URLSearchParams(new TextDecoder().decode(body.subarray(0, 1_024))).get('id') ?? ''
  const sessionId = new URL(url).searchParams.get('session') ?? ''
  if (!/^tr_\w{1,64}$/.test(reference)) return { kind: 'ignored', type: 'unreadable' }
  if (paymentOfSession(sessionId) === null) return { kind: 'ignored', type: 'unknown' }
  return { kind: 'hint', named: { sessionId, reference } }
}

/** 200 also to what nobody knows, so that strangers learn nothing; the rest makes Mollie call again, for a day. */
function reply(_heard: Heard, verdict: Verdict): Reply {
  return { status: verdict.kind === 'not_kept' ? 503 : 200 }
}

/** Mollie's line in the registry. */
export const mollieEntry: ProviderEntry = {
  capabilities,
  live: true,
  credentials: z.lazy(() =>
    z.strictObject({
      api_key: z
        .string({ error: 'The API key is missing: Mollie Web app, Developers, API keys.' })
        .regex(/^(?:test|live)_\w{20,128}$/, {
          error: 'An API key begins with test_ or live_: Mollie Web app, Developers, API keys.',
        }),
    }),
  ),
  modeOf(credentials) {
    const { api_key: key } = credentials as { api_key: string }
    return { field: 'api_key', livemode: key.startsWith('live_') }
  },
  settings: z.lazy(() => z.strictObject({ api_base: loopbackBase.optional() })),
  make({ credentials, settings }, { fetch }) {
    const { api_key: apiKey } = credentials as { api_key: string }
    const { api_base: base } = settings as { api_base?: string }
    return mollie({ apiKey, fetch, ...(base !== undefined && { apiBase: base.replace(/\/+$/, '') }) })
  },
}
