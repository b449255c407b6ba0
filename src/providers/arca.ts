/**
 * ArCa iPay, and any bank that runs the same BPC software under its own address. It knows no idempotency keys: each call
 * to open takes an order number of its own, and commands are judged by the bank's books.
 */
import * as z from 'zod'
import { contractCurrencies, numberOf, usualCurrencies } from '../domain/numeric-currencies.ts'
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
import { type ArcaAccount, ask, refusal, wrongValue } from './arca-call.ts'
import { type CallbackSettings, isPem, publicKeyIn, readCallback, replyToCallback } from './arca-callbacks.ts'
import { isNumberOf, orderNumberOf } from './arca-number.ts'
import { type OrderStatus, orderStatus, standingOf } from './arca-status.ts'
import { accounted } from './by-totals.ts'
import { bankUrl, loopbackBase, type ProviderEntry } from './entry.ts'

const LIVE = 'https://ipay.arca.am/payment/rest'
const TEST = 'https://ipaytest.arca.am:8445/payment/rest'
/** The bank's own most, and what it takes when it is told nothing. */
const LONGEST_SECONDS = 1_200
const SHORTEST_SECONDS = 60
/** What reaches the processing centre is cut there, and must be free of these. */
const DESCRIPTION_LENGTH = 99

export interface ArcaOptions extends ArcaAccount, CallbackSettings {
  /** Passed on as they are, such as `FORCE_3DS2`. */
  jsonParams?: Record<string, string>
  /** Epoch milliseconds. */
  now?: () => number
}

const capabilities: Capabilities = {
  signed: false,
  statusCheck: true,
  statusCheckByOurId: true,
  capture: true,
  cancel: true,
  refund: true,
  partialRefund: true,
  idempotencySeconds: 0,
  ends: 'at_limit',
  polled: true,
  approves: false,
  numbered: false,
  reference: { maxLength: 32, alphabet: 'letters_digits' },
  amounts: 'minor',
  asksFirst: false,
  expiresInSeconds: { min: 300, max: LONGEST_SECONDS },
  currencies: usualCurrencies,
}

/** The adapter for one connection. */
export function arca(options: ArcaOptions): Provider {
  const { currencies, callbackKeys } = options
  return {
    name: 'arca',
    capabilities: { ...capabilities, currencies, signed: callbackKeys !== null },
    objection: () => null,
    open: (order) => open(options, order),
    act: (action, session, key) => act(options, action, session, key),
    find: (session) => find(options, session),
    tryCredentials: () => tryCredentials(options),
    read: async (request) => readCallback(options, request),
    reply: replyToCallback,
  }
}

const registered = z.lazy(() =>
  z.object({
    orderId: z.string().min(1).max(64),
    formUrl: z.url({ protocol: /^https?$/ }).max(4_096),
  }),
)

async function open(options: ArcaOptions, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const { now = Date.now } = options
  const currency = numberOf(order.currency)
  if (currency === undefined)
    return { kind: 'declined', code: 'unsupported_currency', detail: 'This currency has no number here.' }
  const orderNumber = orderNumberOf(order.sessionId, order.call)
  const left = Math.floor((order.expiresAt - now()) / 1_000)
  const seconds = Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, left))
  const form = {
    orderNumber,
    amount: String(order.amount),
    currency,
    returnUrl: order.returnUrl,
    description: descriptionOf(order),
    sessionTimeoutSecs: String(seconds),
    ...languageOf(order.locale),
    ...(options.jsonParams !== undefined && { jsonParams: JSON.stringify(options.jsonParams) }),
  }
  const method = order.captureMethod === 'manual' ? 'registerPreAuth.do' : 'register.do'
  const made = await ask(options, method, form, registered)
  if (made.kind === 'unknown') return made
  if (made.kind === 'refused') {
    const no = refusal(made.code)
    return no.kind === 'declined' ? no : { kind: 'unknown', detail: no.detail }
  }
  const { orderId, formUrl } = made.value
  // Counted from here the bank's own time is over a little earlier, which the grace behind it covers.
  const endsAt = now() + seconds * 1_000
  return {
    kind: 'done',
    value: {
      references: [orderId, orderNumber],
      checkout: { kind: 'redirect', url: formUrl },
      endsAt,
    },
  }
}

function descriptionOf({ description, orderId }: CheckoutOrder): string {
  const plain = (description || `Order ${orderId}`).replaceAll(/[%+\s]+/g, ' ')
  return [...plain].slice(0, DESCRIPTION_LENGTH).join('')
}

/** The pages' own three; for any other the bank chooses. */
function languageOf(locale: string | undefined): { language?: string } {
  const language = locale?.slice(0, 2).toLowerCase() ?? ''
  return ['hy', 'en', 'ru'].includes(language) ? { language } : {}
}

async function act(
  options: ArcaOptions,
  action: Action,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  const orderId = checkoutOf(session)
  if (orderId === undefined)
    return { kind: 'unknown', detail: 'The reference of the checkout is not known here.' }
  const methods = { capture: 'deposit.do', cancel: 'reverse.do', refund: 'refund.do' } as const
  const form = action.type === 'cancel' ? { orderId } : { orderId, amount: String(action.amount) }
  const told = await ask(options, methods[action.type], form, z.object({}))
  const said = told.kind === 'refused' ? refusal(told.code) : told
  return accounted(action, session, key, said, (known) => find(options, known))
}

/** The bank's own id of the checkout: the reference that is no order number of ours. */
function checkoutOf({ references, sessionId }: SessionReference): string | undefined {
  return references.find((reference) => !isNumberOf(sessionId, reference))
}

/** The numbers of this session's latest calls, the newest first; of earlier ones nobody has the address. */
const numbersOf = (sessionId: string, calls: number): string[] =>
  [calls, calls - 1, calls - 2].filter((call) => call > 0).map((call) => orderNumberOf(sessionId, call))

async function find(options: ArcaOptions, session: SessionReference): Promise<Outcome<Found>> {
  const orderId = checkoutOf(session)
  const numbers = numbersOf(session.sessionId, session.calls)
  const ways = orderId === undefined ? numbers.map((orderNumber) => ({ orderNumber })) : [{ orderId }]
  for (const way of ways) {
    const told = await ask(options, 'getOrderStatusExtended.do', way, orderStatus)
    if (told.kind === 'done') return found(told.value, session, orderId)
    if (told.kind === 'unknown') return told
    if (told.code !== 6) return { kind: 'unknown', detail: `Error ${told.code}: the bank did not tell.` }
  }
  // It may know the order in a moment, so only time ends what it does not know.
  return { kind: 'done', value: { facts: [], references: [], payable: true } }
}

function found(status: OrderStatus, session: SessionReference, asked: string | undefined): Outcome<Found> {
  const standing = standingOf(status, session)
  if (standing === null)
    return {
      kind: 'unknown',
      detail: `The bank answered with status ${status.orderStatus}, which says nothing.`,
    }
  const { orderNumber, attributes } = status
  const mdOrder = asked ?? attributes.find(({ name }) => name === 'mdOrder')?.value
  const known = [...session.references, ...numbersOf(session.sessionId, session.calls)]
  const foreign = orderNumber !== null && !known.includes(orderNumber) ? [orderNumber] : []
  return {
    kind: 'done',
    value: { ...standing, references: [...(mdOrder === undefined ? [] : [mdOrder]), ...foreign] },
  }
}

/** Asks for an order that cannot be: whoever may ask is told that there is none. */
async function tryCredentials(options: ArcaOptions): Promise<Trial> {
  const form = { orderNumber: 'tollgate-tries-credentials' }
  const told = await ask(options, 'getOrderStatusExtended.do', form, z.object({}))
  if (told.kind === 'unknown') return { kind: 'no_answer', detail: told.detail }
  if (told.kind === 'done' || told.code === 6) return { kind: 'accepted' }
  return told.code === 5
    ? { kind: 'refused', detail: wrongValue }
    : { kind: 'no_answer', detail: `Error ${told.code}: the bank did not tell.` }
}

const where =
  'your bank gives it with the contract for internet payments; it is the API user, not the console’s.'
const callbackKey = z.lazy(() =>
  z
    .string()
    .min(1, { error: 'An empty callback key is no key: leave it out if the bank signs no callbacks.' })
    .refine((key) => !isPem(key) || publicKeyIn(key) !== null),
)
const callbackKeyError =
  'callback_key is what your bank gives on request: the shared key for checksums, or its RSA public key or certificate as ' +
  'PEM; a list while it is replaced.'

/** ArCa's line in the registry. */
export const arcaEntry: ProviderEntry = {
  capabilities,
  contractCurrencies,
  live: true,
  credentials: z.lazy(() =>
    z.strictObject({
      username: z
        .string({ error: `The user name is missing: ${where}` })
        .min(1, { error: `The user name is missing: ${where}` }),
      password: z
        .string({
          error:
            'The password of the API user is missing. Change it once in the bank’s console, or calls give error 5.',
        })
        .min(1, { error: 'The password of the API user is missing.' }),
      callback_key: z
        .union([callbackKey, z.array(callbackKey).min(1).max(5)], { error: callbackKeyError })
        .optional(),
    }),
  ),
  settings: z.lazy(() =>
    z.strictObject({
      api_base: loopbackBase.optional(),
      bank_url: bankUrl.optional(),
      json_params: z
        .record(z.string(), z.string())
        .refine((params) => JSON.stringify(params).length <= 1_024, {
          error: 'jsonParams are at most 1024 characters.',
        })
        .optional(),
    }),
  ),
  make({ credentials, settings, livemode }, { fetch }) {
    const { username, password, callback_key: keys } = credentials as Credentials
    const { api_base: simulator, bank_url: bank, currencies, json_params: jsonParams } = settings as Settings
    const simulated = simulator === undefined ? undefined : `${simulator.replace(/\/+$/, '')}/payment/rest`
    return arca({
      username,
      password,
      fetch,
      base: simulated ?? bank ?? (livemode ? LIVE : TEST),
      callbackKeys: keys === undefined ? null : [keys].flat(),
      currencies: currencies ?? usualCurrencies,
      ...(jsonParams !== undefined && { jsonParams }),
    })
  },
}

interface Credentials {
  username: string
  password: string
  callback_key?: string | string[]
}

interface Settings {
  api_base?: string
  bank_url?: string
  currencies?: string[]
  json_params?: Record<string, string>
}
