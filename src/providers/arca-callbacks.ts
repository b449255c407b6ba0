/**
 * Callbacks of a BPC installation, which not every bank has: signed under a shared key or the bank's own, or only a reason
 * to ask.
 */
import { createPublicKey, createVerify, type KeyObject } from 'node:crypto'
import { isOneOf } from '../crypto/compare.ts'
import { hmacHex } from '../crypto/hmac.ts'
import type { Fact, Heard, Named, RawReport, Reply, Verdict } from '../domain/provider.ts'
import { paymentOfNumber } from './arca-number.ts'

export interface CallbackSettings {
  /**
   * Shared keys, and public keys or certificates of the bank as PEM. Null: the bank signs nothing, so its callbacks are
   * hints. An empty list or text is a closed door.
   */
  callbackKeys: readonly string[] | null
  /** Callbacks tell no currency: their amounts mean something only where there is just one. */
  currencies: readonly string[]
}

const MOST_FIELDS = 30

/** Reads a GET's query or a POST's form. Never throws. */
export function readCallback({ callbackKeys, currencies }: CallbackSettings, request: RawReport): Heard {
  const fields = fieldsOf(request)
  if (fields === null) return { kind: 'forged', why: 'A field comes twice, or there are too many.' }
  if (callbackKeys !== null) {
    const why = flaw(fields, callbackKeys)
    if (why !== null) return { kind: 'forged', why }
  }
  const mdOrder = fields.get('mdOrder') ?? ''
  const operation = fields.get('operation') ?? ''
  if (mdOrder === '' || mdOrder.length > 64) return { kind: 'ignored', type: 'unreadable' }
  if (operation.startsWith('binding')) return { kind: 'ignored', type: 'binding' }
  const named = namedBy(mdOrder, fields.get('orderNumber'))
  const fact = callbackKeys === null ? null : factOf(fields, operation, currencies)
  if (fact === null) return { kind: 'hint', named }
  // A repeat may come in another order or encoding, and a GET has no body at all: what was signed is what was said.
  const content = signedText(fields)
  return { kind: 'reports', reports: [{ id: null, named, fact, occurredAt: null, content }] }
}

function namedBy(mdOrder: string, orderNumber: string | undefined): Named {
  const paymentId = orderNumber === undefined ? null : paymentOfNumber(orderNumber)
  return {
    reference: mdOrder,
    ...(paymentId !== null && { paymentId }),
    ...(orderNumber !== undefined && orderNumber.length <= 64 && { also: [orderNumber] }),
  }
}

/** Values as they were before the form encoding; null when they are ambiguous. */
function fieldsOf({ method, url, body }: RawReport): Map<string, string> | null {
  const text = method === 'POST' && body.length > 0 ? new TextDecoder().decode(body) : new URL(url).search
  const pairs = [...new URLSearchParams(text)]
  const fields = new Map(pairs)
  return fields.size === pairs.length && pairs.length <= MOST_FIELDS ? fields : null
}

/** Why it is not the bank's word; null when it is. */
function flaw(fields: Map<string, string>, keys: readonly string[]): string | null {
  const checksum = fields.get('checksum')
  if (checksum === undefined) return 'It has no checksum.'
  const signed = signedText(fields)
  // What everybody may know is never taken for a shared key.
  const shared = keys.filter((key) => key !== '' && !isPem(key)).map((key) => hmacHex('sha256', key, signed))
  const own = keys.filter(isPem).map((pem) => isBanks(pem, signed, checksum))
  return isOneOf(checksum.toLowerCase(), shared) || own.includes(true) ? null : 'The checksum is not right.'
}

/** Whether a key is the bank's public one, and not one that is shared with it. */
export const isPem = (key: string): boolean => key.trimStart().startsWith('-----BEGIN')

/** The bank's RSA key from its public key or certificate; null when it is none. */
export function publicKeyIn(pem: string): KeyObject | null {
  if (!/^\s*-----BEGIN (?:PUBLIC KEY|CERTIFICATE)-----/.test(pem)) return null
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'rsa' ? key : null
  } catch {
    return null
  }
}

/** RSA-SHA512, in hex. */
function isBanks(pem: string, signed: string, checksum: string): boolean {
  const key = publicKeyIn(pem)
  const bytes = /^(?:[0-9a-f]{2}){1,1024}$/i.test(checksum) ? checksum.match(/../g) : null
  if (key === null || bytes === null) return false
  const signature = Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16))
  return createVerify('RSA-SHA512').update(signed).verify(key, signature)
}

/** What the checksum is made over: every other field, by name in the order of code points. */
function signedText(fields: Map<string, string>): string {
  const named = [...fields].filter(([name]) => name !== 'checksum' && name !== 'sign_alias')
  return named
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name};${value};`)
    .join('')
}

/**
 * Only money that came in is told well enough to be believed; all else is asked about. `amount` is what was registered, of
 * which a bank that is asked to also tells what was taken.
 */
function factOf(fields: Map<string, string>, operation: string, currencies: readonly string[]): Fact | null {
  const [currency, ...more] = currencies
  if (fields.get('status') !== '1' || currency === undefined || more.length > 0) return null
  const told = (name: string) => fields.get(name) ?? fields.get('amount') ?? ''
  const money = (text: string) => (/^\d{1,15}$/.test(text) ? { amount: Number(text), currency } : null)
  const taken = operation === 'deposited' ? money(told('depositedAmount')) : null
  if (taken !== null) return { type: 'captured', ...taken }
  const held = operation === 'approved' ? money(told('approvedAmount')) : null
  return held === null ? null : { type: 'authorized', ...held }
}

/** Anything but 200 is repeated every 30 seconds, three times. */
export function replyToCallback(_heard: Heard, verdict: Verdict): Reply {
  switch (verdict.kind) {
    case 'refused':
    case 'no':
      return { status: 401 }
    case 'not_kept':
      return { status: 503 }
    case 'kept':
    case 'ignored':
    case 'yes':
      return { status: 200 }
  }
}
