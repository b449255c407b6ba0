/**
 * Ids: a prefix that says what it names, and Crockford base32 in lower case behind it. A payment's 26 characters are
 * derived from its order, and everything that lives in the payment begins with them, so every id routes by itself.
 */

/** The characters of ids, by what they stand for: 0 to 31. */
export const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const CORE = 26
const SESSION_RANDOM = 13

/** Lower-case Crockford base32 of the leading bits of `bytes`, `length` characters long. */
export function base32(bytes: Uint8Array, length: number): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5 && text.length < length) {
      bits -= 5
      text += alphabet[(held >> bits) & 31]
    }
  }
  if (text.length < length) throw new RangeError(`${bytes.length} bytes do not make ${length} characters.`)
  return text
}

export type Prefix =
  | 'mer'
  | 'key'
  | 'con'
  | 'opr'
  | 'dst'
  | 'rpl'
  | 'rbd'
  | 'rcn'
  | 'stf'
  | 'evt'
  | 'inb'
  | 'pay'

/** A fresh id from at least 17 random bytes. */
export function freshId(prefix: Prefix, random: Uint8Array): string {
  return `${prefix}_${base32(random, CORE)}`
}

const shape = (prefix: string, tail: string) => new RegExp(`^${prefix}_([${alphabet}]{${CORE}})${tail}$`)
const shapes = {
  payment: shape('pay', ''),
  inbox: shape('inb', ''),
  session: shape('ps', `[${alphabet}]{${SESSION_RANDOM}}`),
}

/** A session's id: the payment's 26 characters and 64 random bits, since order numbers can be guessed. */
export function sessionId(paymentId: string, random: Uint8Array): string {
  return `ps_${coreOf(paymentId)}${base32(random, SESSION_RANDOM)}`
}

/** The payment that a session belongs to; null when the text is not a session id. */
export function paymentOfSession(id: string): string | null {
  const core = shapes.session.exec(id)?.[1]
  return core === undefined ? null : `pay_${core}`
}

export const isPaymentId = (id: string): boolean => shapes.payment.test(id)
export const isInboxId = (id: string): boolean => shapes.inbox.test(id)

/** The event's id: its stream and its place there, so publishing twice names the same event. */
export function eventId(stream: string, place: number): string {
  return `evt_${coreOf(stream)}${String(place).padStart(6, '0')}`
}

/** The exception's id within the object that raised it. */
export function exceptionId(stream: string, place: number): string {
  return `exc_${coreOf(stream)}${String(place).padStart(4, '0')}`
}

/** The refund's id within its payment. */
export function refundId(paymentId: string, place: number): string {
  return `rfd_${coreOf(paymentId)}${String(place).padStart(4, '0')}`
}

/** One event to one destination: the same pair always gives the same id, so a fan-out can be repeated. */
export function deliveryId(event: string, destination: string): string {
  return `dlv_${event.slice('evt_'.length)}${destination.slice('dst_'.length)}`
}

function coreOf(stream: string): string {
  return stream.slice(stream.indexOf('_') + 1, stream.indexOf('_') + 1 + CORE)
}
