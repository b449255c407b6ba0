/**
 * Telcell, in two ways that a contract chooses: the customer's browser posts a form that makes the bill, or we make it for
 * the customer's phone number. Its callback is signed and may never come, so the bill is asked about and cleared by us.
 */
import * as z from 'zod'
import { DAY_MS } from '../domain/clock.ts'
import { decimalOf } from '../domain/money.ts'
import type { Capabilities, CheckoutOrder, Opened, Outcome, Provider, Trial } from '../domain/provider.ts'
import { loopbackBase, type ProviderEntry } from './entry.ts'
import { act, clear, find, namesOf, type TelcellOptions } from './telcell-bills.ts'
import { check, invoicesOf, noOf, originOf, tell } from './telcell-call.ts'
import {
  base64Of,
  checksumOf,
  DRAM,
  DRAM_SIGN,
  issuerIdOf,
  readTelcell,
  replyToTelcell,
} from './telcell-dialect.ts'

/** The fewest that a bill can be given; we clear it earlier. */
const VALID_DAYS = '1'

const capabilities: Capabilities = {
  signed: true,
  statusCheck: true,
  statusCheckByOurId: true,
  capture: false,
  cancel: true,
  refund: true,
  partialRefund: true,
  idempotencySeconds: 0,
  ends: 'at_once',
  polled: false,
  approves: false,
  numbered: false,
  // Telcell states no limit; this is the length of what is sent, before base64.
  reference: { maxLength: 48, alphabet: 'printable' },
  amounts: 'decimal',
  asksFirst: false,
  expiresInSeconds: { min: 60, max: 86_400 },
  currencies: ['AMD'],
}

/** A form alone: nothing can be asked, and a bill ends when its day is over. */
const formAlone: Capabilities = {
  ...capabilities,
  ...{ statusCheck: false, statusCheckByOurId: false, cancel: false, refund: false, partialRefund: false },
  ends: 'at_limit',
}

/** The adapter for one connection. */
export function telcell(options: TelcellOptions): Provider {
  const { serverCalls } = options
  return {
    name: 'telcell',
    capabilities: serverCalls ? capabilities : formAlone,
    objection: ({ currency }) => (currency === 'AMD' ? null : 'Telcell takes AMD only.'),
    open: (order) => (options.checkout === 'form' ? handOut(options, order) : bill(options, order)),
    act: async (action, session) => (serverCalls ? act(options, action, session) : notAllowed),
    find: async (session) => (serverCalls ? find(options, session) : notAsked),
    tryCredentials: () => tryCredentials(options),
    read: async (request) => readTelcell(options, request),
    reply: replyToTelcell,
  }
}

const notAllowed: Outcome<never> = {
  kind: 'declined',
  code: 'invalid_request',
  detail: "This connection is not allowed Telcell's server calls (server_calls).",
}
const notAsked: Outcome<never> = { kind: 'unknown', detail: 'This connection cannot ask Telcell.' }

const languages: Record<string, string> = { en: 'en', ru: 'ru' }

/** Calls nobody: the bill comes to be when the customer's browser posts the form, at most once under our name. */
async function handOut(options: TelcellOptions, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const { sessionId, amount, currency, locale = '', expiresAt } = order
  const { issuer, shopKeys, serverCalls } = options
  const [price, product, id] = [decimalOf(amount, currency), base64Of(describing(order)), base64Of(sessionId)]
  const values = [issuer, DRAM_SIGN, price, product, id, VALID_DAYS]
  const fields = {
    ...{
      action: 'PostInvoice',
      issuer,
      currency: DRAM_SIGN,
      price,
      product,
      issuer_id: id,
      valid_days: VALID_DAYS,
    },
    lang: languages[locale.slice(0, 2).toLowerCase()] ?? 'am',
    security_code: checksumOf(shopKeys[0] ?? '', ...values),
  }
  const checkout = { kind: 'form' as const, action: invoicesOf(options), fields }
  // Who cannot ask must wait until a bill that was made in the last moment is over.
  const endsAt = serverCalls ? null : expiresAt + DAY_MS
  return { kind: 'done', value: { references: [sessionId], checkout, endsAt } }
}

/**
 * A repeated call would be refused as a duplicate, and the address of the first bill is lost with its answer. So the bills
 * of earlier calls are cleared, or were never made, before another one is: the customer never has two in the wallet.
 */
async function bill(options: TelcellOptions, order: CheckoutOrder): Promise<Outcome<Opened>> {
  const { sessionId, amount, currency, returnUrl, call } = order
  const buyer = (order.customer?.phone ?? '').replaceAll(/\D/g, '')
  if (!/^\d{8,15}$/.test(buyer))
    return {
      kind: 'declined',
      code: 'invalid_request',
      detail: 'Telcell bills a person: customer.phone is needed.',
    }
  const earlier = namesOf(sessionId, call - 1)
  const cleared = await Promise.all(earlier.map((ours) => clear(options, ours)))
  if (!cleared.every((end) => end === 'ended' || end === 'no_such_bill'))
    return { kind: 'unknown', detail: 'An earlier bill of this session may still be paid.' }
  const ours = issuerIdOf(sessionId, call)
  const { issuer, shopKeys } = options
  const [sum, description, id] = [decimalOf(amount, currency), base64Of(describing(order)), base64Of(ours)]
  const values = [issuer, buyer, DRAM, sum, description, VALID_DAYS, id]
  const told = await tell(options, {
    'bill:issuer': issuer,
    ...{ buyer, currency: DRAM, sum, description, issuer_id: id, valid_days: VALID_DAYS },
    checksum: checksumOf(shopKeys[0] ?? '', ...values),
  })
  if (told.kind !== 'text') return noOf(told)
  if (!/^\d{1,20}$/.test(told.text)) return { kind: 'unknown', detail: 'Telcell answered with no invoice.' }
  const query = new URLSearchParams({ invoice: told.text, return_url: returnUrl })
  const checkout = { kind: 'redirect' as const, url: `${originOf(options)}/payments/invoice/?${query}` }
  // Not the earlier names: that those bills ended is no end of this one.
  return { kind: 'done', value: { references: [ours, told.text], checkout, endsAt: null } }
}

const describing = ({ description, orderId }: CheckoutOrder): string =>
  description?.slice(0, 100) || `Order ${orderId}`

async function tryCredentials(options: TelcellOptions): Promise<Trial> {
  if (!options.serverCalls)
    return { kind: 'untestable', detail: 'A form alone cannot be tried: the first payment will tell.' }
  const asked = await check(options, 'none')
  if (asked.kind === 'unknown') return { kind: 'no_answer', detail: asked.detail }
  if (asked.kind === 'declined') return { kind: 'refused', detail: asked.detail }
  return { kind: 'accepted' }
}

const issuerMissing =
  "The issuer is missing: the shop's e-mail or name at Telcell, as it stands in the contract."
const keyMissing =
  'The shop key is missing: Telcell gives it with the contract, one for tests and one for the live shop.'
const shopKey = z.lazy(() => z.string({ error: keyMissing }).min(1, { error: keyMissing }).max(256))

const credentials = z.lazy(() =>
  z.strictObject({
    issuer: z.string({ error: issuerMissing }).trim().min(1, { error: issuerMissing }).max(128),
    shop_key: shopKey,
    previous_shop_key: shopKey.optional(),
  }),
)

const settings = z.lazy(() =>
  z
    .strictObject({
      api_base: loopbackBase.optional(),
      checkout: z
        .enum(['form', 'server'], {
          error: 'form: the browser posts the bill; server: we bill a phone number.',
        })
        .optional(),
      callback_formula: z
        .enum(['without_buyer', 'with_buyer'], {
          error:
            'without_buyer as in "WEB v1.2", or with_buyer as in the shop gateway v2.6: the contract tells.',
        })
        .optional(),
      server_calls: z.boolean({ error: 'false where the contract does not allow check_bill.' }).optional(),
      test_endpoint: z
        .boolean({ error: 'true for https://telcellmoney.am/proto_test2/invoices.' })
        .optional(),
    })
    .refine((one) => one.checkout !== 'server' || one.server_calls !== false, {
      path: ['server_calls'],
      error: 'Bills that we make ourselves need server calls.',
    }),
)

/** Telcell's line in the registry. */
export const telcellEntry: ProviderEntry = {
  capabilities,
  live: true,
  credentials,
  settings,
  make(connection, { fetch }) {
    const {
      issuer,
      shop_key,
      previous_shop_key: previous,
    } = connection.credentials as z.output<typeof credentials>
    const set = connection.settings as z.output<typeof settings>
    const checkout = set.checkout ?? 'form'
    return telcell({
      issuer,
      shopKeys: [shop_key, ...(previous === undefined ? [] : [previous])],
      fetch,
      checkout,
      formula: set.callback_formula ?? (checkout === 'form' ? 'without_buyer' : 'with_buyer'),
      serverCalls: set.server_calls ?? true,
      testEndpoint: set.test_endpoint ?? false,
      ...(set.api_base !== undefined && { apiBase: set.api_base.replace(/\/+$/, '') }),
    })
  },
}
