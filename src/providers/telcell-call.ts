/** One call of Telcell's server API: a form with a checksum, answered by a line of text, by lines of `key=value`, or by `E000x`. */
import * as z from 'zod'
import type { DeclineCode, Outcome } from '../domain/provider.ts'
import { call, type Fetch, type Limits, usualLimits } from './call.ts'
import { base64Of, checksumOf, moneyIn, ourNameIn, type Standing } from './telcell-dialect.ts'

/** For test and live shops alike, as an integrator was told; the document names another address for tests. */
const ORIGIN = 'https://telcellmoney.am'

/** Who calls, and how. */
export interface TelcellAccount {
  issuer: string
  /** The newest first, which signs our calls; any of them verifies a callback. */
  shopKeys: readonly string[]
  fetch: Fetch
  apiBase?: string
  /** Uses the address that the document names for tests. */
  testEndpoint?: boolean
  limits?: Limits
}

export const originOf = ({ apiBase = ORIGIN }: Pick<TelcellAccount, 'apiBase'>): string => apiBase

/** Where bills are made and asked about. */
export const invoicesOf = (account: Pick<TelcellAccount, 'apiBase' | 'testEndpoint'>): string =>
  `${originOf(account)}${account.testEndpoint === true ? '/proto_test2' : ''}/invoices`

export type Told =
  | { kind: 'text'; text: string }
  | { kind: 'refused'; code: string }
  | { kind: 'unknown'; detail: string }

/** Sends the form. Texts that could quote anything never come through, only Telcell's own error numbers. */
export async function tell(account: TelcellAccount, form: Record<string, string>): Promise<Told> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const init = { method: 'POST', headers, body: new URLSearchParams(form).toString() }
  const answer = await call(account.fetch, invoicesOf(account), init, account.limits ?? usualLimits)
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const code = /^\s*(E\d{4})\b/.exec(answer.text)?.[1]
  if (code !== undefined) return { kind: 'refused', code }
  if (answer.status === 200) return { kind: 'text', text: answer.text.trim() }
  return { kind: 'unknown', detail: `Telcell answered ${answer.status}.` }
}

const NO_SUCH_BILL = 'E0007'

/** The numbers that are a definite no to this very call. E0006 is any failure, and E0009 means two things. */
const refusals: Record<string, { code: DeclineCode; detail: string }> = {
  E0001: { code: 'invalid_request', detail: 'Telcell does not take these parameters (E0001).' },
  E0002: { code: 'bad_credentials', detail: 'Telcell does not know the issuer (E0002).' },
  E0003: { code: 'invalid_request', detail: 'Telcell does not know the buyer (E0003).' },
  E0004: { code: 'invalid_request', detail: 'Telcell does not take this buyer (E0004).' },
  E0005: { code: 'bad_credentials', detail: 'Telcell refuses access, or the shop key is wrong (E0005).' },
  [NO_SUCH_BILL]: { code: 'invalid_request', detail: 'Telcell knows no such bill (E0007).' },
  E0008: { code: 'invalid_request', detail: 'Telcell does not take this social card number (E0008).' },
}

/** What a refusal, or no answer, means to a caller who wanted something else. */
export function noOf(told: Exclude<Told, { kind: 'text' }>): Outcome<never> {
  if (told.kind === 'unknown') return told
  const refusal = Object.hasOwn(refusals, told.code) ? refusals[told.code] : undefined
  if (refusal !== undefined) return { kind: 'declined', ...refusal }
  return { kind: 'unknown', detail: `Telcell answered ${told.code}, which does not say what was done.` }
}

const bill = z.lazy(() =>
  z.object({
    status: z.string().min(1).max(64),
    sum: z.string().max(32).optional(),
    currency: z.string().max(16).optional(),
    issuer_id: z.string().max(256).optional(),
    paid_time: z.string().max(64).optional(),
  }),
)

export type Asked = Outcome<Standing | 'no_such_bill'>

/**
 * How the bill with our name stands. The answer's own checksum is over bytes that the document does not name, so what is
 * trusted is the connection.
 */
export async function check(account: TelcellAccount, ours: string): Promise<Asked> {
  const told = await tell(account, naming(account, 'check_bill', ours))
  if (told.kind === 'refused' && told.code === NO_SUCH_BILL) return { kind: 'done', value: 'no_such_bill' }
  if (told.kind !== 'text') return noOf(told)
  const lines = told.text.split('\n').map((line) => line.trim().split(/=(.*)/s))
  const read = bill.safeParse(Object.fromEntries(lines.map(([name, value]) => [name, value])))
  if (!read.success) return { kind: 'unknown', detail: 'Telcell answered with nothing that can be read.' }
  const { status, sum = '', currency = '', issuer_id: named, paid_time: paidAt = '' } = read.data
  if (named !== undefined && ourNameIn(named) !== ours)
    return { kind: 'unknown', detail: 'Telcell answered about another bill.' }
  const wasPaid = paidAt !== ''
  return { kind: 'done', value: { status, ...moneyIn(sum, currency), transaction: ours, wasPaid } }
}

/** A call about one bill, which is named by our name; a missing invoice counts as nothing in its checksum. */
export function naming(
  { issuer, shopKeys }: TelcellAccount,
  verb: 'check_bill' | 'cancel_bill' | 'clear_bill' | 'refund_bill',
  ours: string,
  more: Record<string, string> = {},
  invoice = '',
): Record<string, string> {
  const id = base64Of(ours)
  const checksum = checksumOf(shopKeys[0] ?? '', issuer, invoice, id, ...Object.values(more))
  return {
    [`${verb}:issuer`]: issuer,
    ...(invoice !== '' && { invoice }),
    issuer_id: id,
    ...more,
    checksum,
  }
}
