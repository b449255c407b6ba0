/**
 * Idram: the customer's browser posts a form, Idram asks before it moves money (the precheck, which anybody could send) and
 * tells afterwards (the confirmation, under a checksum). Both are answered by exact texts that decide about money. There is
 * nothing else: no status, no refund and no end can be asked for.
 */
import * as z from 'zod'
import { isOneOf } from '../crypto/compare.ts'
import { md5Hex } from '../crypto/md5.ts'
import { decimalOf, minorUnitsOf } from '../domain/money.ts'
import type {
  Capabilities,
  CheckoutOrder,
  Heard,
  Named,
  Opened,
  Outcome,
  Provider,
  RawReport,
  Reply,
  Report,
  Verdict,
} from '../domain/provider.ts'
import { loopbackBase, type ProviderEntry } from './entry.ts'
import { type Fields, fieldsOf, valuesOf } from './posted.ts'

/** For test and live accounts alike. */
const CHECKOUTS = 'https://banking.idram.am'

export interface IdramOptions {
  /** The merchant's Idram ID. */
  account: string
  /** Any of them verifies. None, or an empty one: the door is closed. */
  secretKeys: readonly string[]
  /** Where Idram writes when it could not tell us, instead of the address that it has for the account. */
  alertEmail?: string
  /** Where the customer's browser posts to. */
  apiBase?: string
}

const capabilities: Capabilities = {
  signed: true,
  statusCheck: false,
  statusCheckByOurId: false,
  capture: false,
  cancel: false,
  refund: false,
  partialRefund: false,
  idempotencySeconds: 0,
  ends: 'never',
  polled: false,
  approves: false,
  numbered: false,
  // Idram states no limit; this is the length of what is sent.
  reference: { maxLength: 42, alphabet: 'printable' },
  amounts: 'decimal',
  asksFirst: true,
  expiresInSeconds: { min: 60, max: 86_400 },
  currencies: ['AMD'],
}

/** The adapter for one connection. */
export function idram(options: IdramOptions): Provider {
  return {
    name: 'idram',
    capabilities,
    objection: ({ currency }) => (currency === 'AMD' ? null : 'Idram takes AMD only.'),
    open: async (order) => open(options, order),
    act: async () => ({ kind: 'declined', code: 'invalid_request', detail: notOverItsInterface }),
    find: async () => ({ kind: 'unknown', detail: 'Idram has no call that tells how a payment stands.' }),
    tryCredentials: async () => ({
      kind: 'untestable',
      detail: 'Idram has no call to try the account and the key with: the first payment will tell.',
    }),
    read: async (request) => read(options, request),
    reply,
  }
}

const notOverItsInterface =
  'Idram gives nothing back and ends nothing over its interface: ask Idram, and record it here.'

const languages: Record<string, string> = { en: 'EN', ru: 'RU' }

/** Calls nobody: nothing exists at Idram before the customer's browser has posted the form. */
function open(options: IdramOptions, order: CheckoutOrder): Outcome<Opened> {
  const { sessionId, orderId, amount, currency, description, locale = '' } = order
  const fields: Record<string, string> = {
    EDP_LANGUAGE: languages[locale.slice(0, 2).toLowerCase()] ?? 'AM',
    EDP_REC_ACCOUNT: options.account,
    EDP_DESCRIPTION: description?.slice(0, 250) || `Order ${orderId}`,
    EDP_AMOUNT: decimalOf(amount, currency),
    EDP_BILL_NO: sessionId,
    ...(options.alertEmail !== undefined && { EDP_EMAIL: options.alertEmail }),
  }
  const action = `${options.apiBase ?? CHECKOUTS}/Payment/GetPayment`
  return {
    kind: 'done',
    value: { references: [sessionId], checkout: { kind: 'form', action, fields }, endsAt: null },
  }
}

const forged = (why: string): Heard => ({ kind: 'forged', why })

function read(options: IdramOptions, request: RawReport): Heard {
  const fields = request.method === 'POST' ? fieldsOf(request) : null
  if (fields === null) return forged('not a form that can be read in one way')
  // A question is answered yes only where the confirmation of its money could be verified.
  if (usable(options).length === 0) return forged('the connection has no secret key')
  return fields.get('EDP_PRECHECK') === 'YES' ? questionIn(options, fields) : confirmationIn(options, fields)
}

/** Anybody can ask, so nothing is believed: the answer comes from our own books. */
function questionIn({ account }: IdramOptions, fields: Fields): Heard {
  const values = valuesOf(fields, ['EDP_REC_ACCOUNT', 'EDP_BILL_NO', 'EDP_AMOUNT'])
  if (values === null) return forged('a question that lacks a field')
  const [asked = '', bill = '', said = ''] = values
  const amount = minorUnitsOf(said, 'AMD')
  if (asked !== account) return forged('a question about another account')
  if (amount === null) return forged('a question about no amount')
  return { kind: 'question', question: { named: naming(bill), amount, currency: 'AMD' } }
}

const confirmed = [
  ...['EDP_REC_ACCOUNT', 'EDP_AMOUNT', 'EDP_BILL_NO', 'EDP_PAYER_ACCOUNT', 'EDP_TRANS_ID'],
  ...['EDP_TRANS_DATE', 'EDP_CHECKSUM'],
]

/** The checksum is over the values as they came; the amount is then compared as a number, by the rules. */
function confirmationIn(options: IdramOptions, fields: Fields): Heard {
  const values = valuesOf(fields, confirmed)
  if (values === null) return forged('a confirmation that lacks a field')
  const [account = '', said = '', bill = '', payer = '', transaction = '', date = '', checksum = ''] = values
  const expected = usable(options).map((key) =>
    md5Hex([account, said, key, bill, payer, transaction, date].join(':')),
  )
  if (!isOneOf(checksum.toLowerCase(), expected)) return forged('no checksum fits')
  if (transaction === '') return forged('a confirmation of no transaction')
  // Money that went to somebody else's account is no amount of ours, which shows as a mismatch before a person.
  const amount = account === options.account ? minorUnitsOf(said, 'AMD') : null
  const report: Report = {
    id: transaction,
    // Fields that the checksum does not cover may come in any company.
    content: [account, said, bill, payer, transaction, date].join(':'),
    named: naming(bill),
    fact: { type: 'captured', amount, currency: 'AMD', transaction },
    // It tells the day only.
    occurredAt: null,
  }
  return { kind: 'reports', reports: [report] }
}

/** The bill is our session's id, and Idram has no name of its own for it. */
const naming = (bill: string): Named => ({ sessionId: bill.slice(0, 256), reference: bill.slice(0, 256) })

const usable = ({ secretKeys }: IdramOptions): string[] => secretKeys.filter((key) => key !== '')

/**
 * Exactly `OK` lets money move, or stay. After a confirmation a success with any other text makes Idram cancel the money,
 * and anything but success leaves the money where it is: so only what we will not have is answered 200 without `OK`.
 */
function reply(_heard: Heard, verdict: Verdict): Reply {
  const plain = (status: number, body: string): Reply => ({ status, contentType: 'text/plain', body })
  switch (verdict.kind) {
    case 'yes':
      return plain(200, 'OK')
    case 'kept':
      return plain(200, verdict.unwanted === true ? 'CANCEL' : 'OK')
    case 'no':
      return plain(200, 'NO')
    case 'ignored':
    case 'refused':
      return plain(400, 'REFUSED')
    case 'not_kept':
      return plain(503, 'LATER')
  }
}

const missingKey =
  'The secret key is missing: it is agreed with Idram, whose staff set it for the account together with RESULT_URL.'
const key = z.lazy(() =>
  z.string({ error: missingKey }).min(1, { error: missingKey }).max(256, {
    error: 'A secret key has at most 256 characters.',
  }),
)

/** Idram's line in the registry. */
export const idramEntry: ProviderEntry = {
  capabilities,
  live: true,
  credentials: z.lazy(() =>
    z.strictObject({
      account: z
        .string({ error: "The account is missing: the merchant's Idram ID, as it stands in the contract." })
        .regex(/^[0-9A-Za-z]{1,32}$/, { error: 'The account is an Idram ID: digits, such as 100000114.' }),
      secret_key: key,
      previous_secret_key: key.optional(),
    }),
  ),
  settings: z.lazy(() =>
    z.strictObject({
      api_base: loopbackBase.optional(),
      alert_email: z
        .email({ error: 'The address to which Idram writes when it could not reach the gateway.' })
        .optional(),
    }),
  ),
  make({ credentials, settings }) {
    const { account, secret_key, previous_secret_key } = credentials as {
      account: string
      secret_key: string
      previous_secret_key?: string
    }
    const { api_base: base, alert_email: alertEmail } = settings as {
      api_base?: string
      alert_email?: string
    }
    return idram({
      account,
      secretKeys: [secret_key, ...(previous_secret_key === undefined ? [] : [previous_secret_key])],
      ...(alertEmail !== undefined && { alertEmail }),
      ...(base !== undefined && { apiBase: base.replace(/\/+$/, '') }),
    })
  },
}
