/**
 * Telcell's words: base64 for texts, MD5 over values that are put together without anything between them, numbers for
 * currencies, and one list of statuses for what it tells and what it answers.
 */
import { fromBase64, toBase64 } from '../crypto/base64.ts'
import { isOneOf } from '../crypto/compare.ts'
import { md5Hex } from '../crypto/md5.ts'
import { minorUnitsOf } from '../domain/money.ts'
import type { Fact, Heard, Named, RawReport, Reply, Report, Verdict } from '../domain/provider.ts'
import { fieldsOf } from './posted.ts'

/** Telcell's number for AMD; the form has the sign instead. */
export const DRAM = '51'
export const DRAM_SIGN = '֏'

export const base64Of = (text: string): string => toBase64(new TextEncoder().encode(text))

/** Everything in the order that the call wants, a missing value as nothing. */
export const checksumOf = (key: string, ...values: string[]): string => md5Hex(key + values.join(''))

/**
 * Our name for the bill of one call. A bill is known by it alone, and no two bills may share one, so a repeated call takes
 * another. In base64 it never holds a sign that an address would change, and nothing that begins with `ps_` is base64.
 */
export const issuerIdOf = (sessionId: string, call: number): string =>
  call === 1 ? sessionId : `${sessionId}-${call}`

/** Our name as we know it: it is documented to come back in base64, and comes back decoded to some. */
export function ourNameIn(issuerId: string): string {
  if (issuerId.startsWith('ps_')) return issuerId
  const bytes = fromBase64(issuerId)
  const text = bytes === null ? '' : new TextDecoder().decode(bytes)
  return text.startsWith('ps_') ? text : issuerId
}

const amd = new Set([DRAM, '051', DRAM_SIGN, 'AMD'])

export const moneyIn = (sum: string, currency: string): { amount: number | null; currency: string } => ({
  amount: minorUnitsOf(sum, 'AMD'),
  currency: amd.has(currency) ? 'AMD' : currency.slice(0, 16),
})

export interface Standing {
  status: string
  amount: number | null
  currency: string
  /** Our name for the bill, which is paid at most once. */
  transaction: string
  /** Whether it is said to have been paid at some time. */
  wasPaid: boolean
}

/** What the bill's status means, in the order in which it became true; null for a status that nobody has foreseen. */
export function factsOf({ status, amount, currency, transaction, wasPaid }: Standing): Fact[] | null {
  const captured: Fact = { type: 'captured', amount, currency, transaction }
  switch (status.trim().toUpperCase().replaceAll('_', ' ')) {
    case 'NEW':
      return []
    case 'PAID':
      return [captured]
    case 'REJECTED':
      return [{ type: 'failed', code: 'customer_canceled' }]
    case 'EXPIRED':
      return [{ type: 'expired' }]
    // The same word before and after the money came: nothing more can be paid, and what was paid is given back.
    case 'CANCELLED':
    case 'CANCELED':
      return [wasPaid ? captured : { type: 'canceled' }, { type: 'refunded', amount, currency, transaction }]
    case 'CANCELLED FOR REPEAT':
      return [{ type: 'canceled' }]
    default:
      return null
  }
}

/** Which of the two documented formulas a callback's checksum follows. */
export type Formula = 'without_buyer' | 'with_buyer'

const signed: Record<Formula, readonly string[]> = {
  without_buyer: ['invoice', 'issuer_id', 'payment_id', 'currency', 'sum', 'time', 'status'],
  with_buyer: ['invoice', 'issuer_id', 'payment_id', 'buyer', 'currency', 'sum', 'time', 'status'],
}

const forged = (why: string): Heard => ({ kind: 'forged', why })

/** Verifies by the one formula that the contract has, over the values as they came, then reads. */
export function readTelcell(
  { shopKeys, formula }: { shopKeys: readonly string[]; formula: Formula },
  request: RawReport,
): Heard {
  const fields = fieldsOf(request)
  if (fields === null) return forged('a field came twice')
  const values = signed[formula].map((name) => fields.get(name) ?? '')
  const usable = shopKeys.filter((key) => key !== '')
  const expected = usable.map((key) => checksumOf(key, ...values))
  if (!isOneOf((fields.get('checksum') ?? '').toLowerCase(), expected)) return forged('no checksum fits')
  const [status = '', sum = '', currency = ''] = ['status', 'sum', 'currency'].map((name) => fields.get(name))
  const ours = ourNameIn(fields.get('issuer_id') ?? '').slice(0, 256)
  const named = naming(ours, fields.get('invoice') ?? '')
  const standing = { status, ...moneyIn(sum, currency), transaction: ours, wasPaid: false }
  const facts = factsOf(standing)
  // Genuine, and a word that we do not know: the bill's own status may tell more.
  if (facts === null) return { kind: 'hint', named }
  if (facts.length === 0) return { kind: 'ignored', type: status }
  // Its time has no zone, and the callback has no name of its own.
  const reports: Report[] = facts.map((fact) => ({ id: null, named, fact, occurredAt: null }))
  return { kind: 'reports', reports }
}

function naming(ours: string, invoice: string): Named {
  const sessionId = ours.replace(/-\d+$/, '')
  return { sessionId, reference: ours, ...(invoice !== '' && { also: [invoice.slice(0, 64)] }) }
}

/** What Telcell wants to hear is not documented; a success with `OK` is what others send. */
export function replyToTelcell(_heard: Heard, verdict: Verdict): Reply {
  const status = { kept: 200, ignored: 200, yes: 200, no: 200, refused: 401, not_kept: 503 }[verdict.kind]
  return { status, contentType: 'text/plain', body: status === 200 ? 'OK' : 'NO' }
}
