/**
 * Ameriabank vPOS 3.1. It tells nothing by itself and signs nothing, so it is asked; it knows an order by a number of
 * digits that is good once; and it has no idempotency keys, so commands are judged by its books.
 */
import * as z from 'zod'
import { decimalOf, minorUnitsOf } from '../domain/money.ts'
import { contractCurrencies, numberOf, usualCurrencies } from '../domain/numeric-currencies.ts'
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
  SessionReference,
  Trial,
} from '../domain/provider.ts'
import { type AmeriabankAccount, ask, badCredentials, refusalIn, saidOf } from './ameriabank-call.ts'
import { anyCase, codeOf, details, reply, standingOf } from './ameriabank-details.ts'
import { accounted } from './by-totals.ts'
import { bankUrl, loopbackBase, type ProviderEntry } from './entry.ts'

const LIVE = 'https://services.ameriabank.am/VPOS'
const TEST = 'https://servicestest.ameriabank.am/VPOS'
/** The bank's own most, and what it takes when it is told nothing. */
const LONGEST_SECONDS = 1_200
const SHORTEST_SECONDS = 60
/** "A positive integer", of a size that no document tells: this is the largest that every bank's software holds. */
const LARGEST_NUMBER = 2_147_483_647

export interface AmeriabankOptions extends AmeriabankAccount {
  clientId: string
  currencies: readonly string[]
  /** The range of order numbers that the bank gave. */
  numbers: { first: number; last: number }
  /** The bank has switched the account to two stages: every payment is held, and captured by command. */
  twoStage: boolean
  /** Whether our session travels along as `Opaque`, whose length no document tells. */
  sendsOpaque: boolean
  /** Epoch milliseconds. */
  now?: () => number
}

const capabilities: Capabilities = {
  signed: false,
  statusCheck: true,
  statusCheckByOurId: false,
  // In one stage, which is what the bank gives unless it is asked, there are no holds.
  capture: false,
  cancel: false,
  refund: true,
  partialRefund: true,
  idempotencySeconds: 0,
  ends: 'at_limit',
  polled: true,
  approves: false,
  numbered: { first: 1 },
  reference: { maxLength: 10, alphabet: 'digits' },
  amounts: 'decimal',
  asksFirst: false,
  expiresInSeconds: { min: 300, max: LONGEST_SECONDS },
  currencies: usualCurrencies,
}

/** The adapter for one connection. */
export function ameriabank(options: AmeriabankOptions): Provider {
  const { currencies, numbers, twoStage } = options
  return {
    name: 'ameriabank',
    capabilities: {
      ...{ ...capabilities, currencies, numbered: { first: numbers.first } },
      ...{ capture: twoStage, cancel: twoStage },
    },
    objection: ({ amount, currency }) => objection(amount, currency),
    open: (order) => open(options, order),
    act: (action, session, key) => act(options, action, session, key),
    find: (session) => find(options, session),
    tryCredentials: () => tryCredentials(options),
    read: async (request) => readReturn(request),
    reply: (_heard, verdict) => ({ status: verdict.kind === 'not_kept' ? 503 : 200 }),
  }
}

/** A decimal travels as a JSON number, which must come back as the same amount. */
function objection(amount: number, currency: string): string | null {
  const there = minorUnitsOf(String(Number(decimalOf(amount, currency))), currency)
  return there === amount ? null : 'Ameriabank takes amounts as decimals, and this one is too large for that.'
}

/** The number 1 is a yes here, while the text "01" means that the order number was used before. */
const initiated = z.lazy(() =>
  anyCase(
    z.object({
      responsecode: z.literal([1, '1']),
      responsemessage: z.literal('OK'),
      paymentid: z.string().min(1).max(64),
    }),
  ),
)

async function open(options: AmeriabankOptions, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const { clientId, base, now = Date.now, numbers, sendsOpaque } = options
  const { number, amount, sessionId } = order
  const currency = numberOf(order.currency)
  if (currency === undefined)
    return { kind: 'declined', code: 'unsupported_currency', detail: 'This currency has no number here.' }
  if (options.twoStage && order.captureMethod === 'automatic')
    return { kind: 'declined', code: 'invalid_request', detail: holdsAll }
  if (number === null) return { kind: 'unknown', detail: 'The order was given no number.' }
  if (number > numbers.last)
    return {
      kind: 'declined',
      code: 'invalid_request',
      detail: 'The bank’s range of order numbers is used up.',
    }
  const left = Math.floor((order.expiresAt - now()) / 1_000)
  const seconds = Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, left))
  const answer = await ask(options, 'InitPayment', {
    ClientID: clientId,
    OrderID: number,
    Amount: Number(decimalOf(amount, order.currency)),
    Currency: currency,
    Description: (order.description || `Order ${order.orderId}`).slice(0, 250),
    BackURL: order.returnUrl,
    Timeout: seconds,
    ...(sendsOpaque && { Opaque: opaqueOf(sessionId) }),
  })
  if (answer.kind === 'unknown') return answer
  const made = initiated.safeParse(answer.body)
  if (!made.success) {
    const no = refusalIn(answer.body)
    return no.kind === 'declined' ? no : { kind: 'unknown', detail: no.detail }
  }
  const { paymentid: paymentId } = made.data
  const url = `${base}/Payments/Pay?id=${encodeURIComponent(paymentId)}&lang=${languageOf(order.locale)}`
  return {
    kind: 'done',
    value: {
      references: [paymentId, String(number)],
      checkout: { kind: 'redirect', url },
      // Counted from here the bank's own time is over a little earlier, which the grace behind it covers.
      endsAt: now() + seconds * 1_000,
    },
  }
}

const holdsAll =
  'This account holds every payment (two_stage): open sessions with "capture_method": "manual", and capture them.'

/** Letters and digits only, because the bank has a refusal for what else may stand there. */
const opaqueOf = (sessionId: string): string => sessionId.slice('ps_'.length)

/** The pages' own three, of which the bank calls Armenian by its country. */
function languageOf(locale: string | undefined): string {
  const language = locale?.slice(0, 2).toLowerCase() ?? ''
  return { hy: 'am', ru: 'ru', en: 'en' }[language] ?? 'en'
}

async function act(
  options: AmeriabankOptions,
  action: Action,
  session: SessionReference,
  key: string,
): Promise<Outcome<Fact[]>> {
  const paymentId = paymentOf(session)
  if (paymentId === undefined)
    return { kind: 'unknown', detail: 'The reference of the checkout is not known here.' }
  const methods = { capture: 'ConfirmPayment', cancel: 'CancelPayment', refund: 'RefundPayment' } as const
  const sum = action.type === 'cancel' ? {} : { Amount: Number(decimalOf(action.amount, session.currency)) }
  const answer = await ask(options, methods[action.type], { PaymentID: paymentId, ...sum })
  const said = answer.kind === 'unknown' ? answer : saidOf(answer.body)
  return accounted(action, session, key, said, (known) => find(options, known))
}

/** The bank's own reference: the one that is no order number. */
const paymentOf = ({ references }: SessionReference): string | undefined =>
  references.find((reference) => !/^\d{1,10}$/.test(reference))

async function find(options: AmeriabankOptions, session: SessionReference): Promise<Outcome<Found>> {
  const paymentId = paymentOf(session)
  if (paymentId === undefined)
    return { kind: 'unknown', detail: 'The reference of the checkout is not known here.' }
  const answer = await ask(options, 'GetPaymentDetails', { PaymentID: paymentId })
  if (answer.kind === 'unknown') return answer
  const read = anyCase(details).safeParse(answer.body)
  const standing = read.success ? standingOf(read.data, session) : null
  if (!read.success || standing === null)
    return { kind: 'unknown', detail: 'Ameriabank answered with details that say nothing.' }
  const { orderid: orderId, opaque } = read.data
  // What belongs to another session shows as a reference that is none of this one's.
  const foreign = [
    ...(orderId !== null && !session.references.includes(orderId) ? [orderId] : []),
    ...(options.sendsOpaque && opaque !== null && opaque !== opaqueOf(session.sessionId) ? [opaque] : []),
  ]
  return { kind: 'done', value: { ...standing, references: [paymentId, ...foreign] } }
}

/** Asks for a payment that cannot be. The client id is no part of that question. */
async function tryCredentials(options: AmeriabankOptions): Promise<Trial> {
  const nothing = '00000000-0000-0000-0000-000000000000'
  const answer = await ask(options, 'GetPaymentDetails', { PaymentID: nothing })
  if (answer.kind === 'unknown') return { kind: 'no_answer', detail: answer.detail }
  const read = anyCase(reply).safeParse(answer.body)
  const code = read.success ? codeOf(read.data.responsecode) : ''
  if (code === '20') return { kind: 'refused', detail: badCredentials }
  if (code === '00' || code === '06') return { kind: 'accepted' }
  return { kind: 'no_answer', detail: 'Ameriabank did not say whether it takes the user name and password.' }
}

/** What a browser brings back, in any of the spellings there are: never more than a reason to ask. */
function readReturn({ method, url, body }: RawReport): Heard {
  const text = method === 'POST' && body.length > 0 ? new TextDecoder().decode(body) : new URL(url).search
  const fields = new Map([...new URLSearchParams(text)].map(([name, value]) => [name.toLowerCase(), value]))
  const reference = fields.get('paymentid') ?? ''
  const opaque = fields.get('opaque') ?? ''
  if (reference === '' || reference.length > 64 || !/^[0-9a-z]{1,64}$/.test(opaque))
    return { kind: 'ignored', type: 'unreadable' }
  return { kind: 'hint', named: { sessionId: `ps_${opaque}`, reference } }
}

const where = 'Ameriabank sends it by e-mail with the contract for vPOS.'
const given = (what: string) =>
  z
    .string({ error: `The ${what} is missing: ${where}` })
    .min(1, { error: `The ${what} is missing: ${where}` })
const orderNumber = z.lazy(() =>
  z
    .int({ error: 'A whole number of the range that the bank gave you.' })
    .min(1, { error: 'Order numbers begin at 1.' })
    .max(LARGEST_NUMBER, { error: `Order numbers end at ${LARGEST_NUMBER}.` }),
)

/** Ameriabank's line in the registry. */
export const ameriabankEntry: ProviderEntry = {
  capabilities,
  contractCurrencies,
  live: true,
  credentials: z.lazy(() =>
    z.strictObject({
      client_id: given('client id (ClientID)'),
      username: given('user name'),
      password: given('password'),
    }),
  ),
  settings: z.lazy(() =>
    z.strictObject({
      api_base: loopbackBase.optional(),
      bank_url: bankUrl.optional(),
      first_order_number: orderNumber.optional(),
      last_order_number: orderNumber.optional(),
      two_stage: z
        .boolean({ error: 'true when the bank has switched your account to two-stage payments.' })
        .optional(),
      send_opaque: z.boolean({ error: 'false when the bank answers code 30.' }).optional(),
    }),
  ),
  make({ credentials, settings, livemode }, { fetch }) {
    const { client_id: clientId, username, password } = credentials as Credentials
    const {
      api_base: simulator,
      bank_url: bank,
      currencies = usualCurrencies,
      ...more
    } = settings as Settings
    const simulated = simulator === undefined ? undefined : `${simulator.replace(/\/+$/, '')}/VPOS`
    return ameriabank({
      clientId,
      username,
      password,
      fetch,
      base: simulated ?? bank ?? (livemode ? LIVE : TEST),
      currencies,
      numbers: { first: more.first_order_number ?? 1, last: more.last_order_number ?? LARGEST_NUMBER },
      twoStage: more.two_stage ?? false,
      sendsOpaque: more.send_opaque ?? true,
    })
  },
}

interface Credentials {
  client_id: string
  username: string
  password: string
}

interface Settings {
  api_base?: string
  bank_url?: string
  currencies?: string[]
  first_order_number?: number
  last_order_number?: number
  two_stage?: boolean
  send_opaque?: boolean
}
