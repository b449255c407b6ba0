/**
 * Standard Webhooks 1.0.0 with symmetric secrets: `webhook-id`, `webhook-timestamp` (Unix seconds) and
 * `webhook-signature` (`v1,<base64>`, several separated by spaces). What is signed is `id.timestamp.body`, byte by byte.
 * WebCrypto makes the digests in workerd and in Node alike.
 */
import { timingSafeEqual } from 'node:crypto'

/** Five minutes, in both directions: the reference libraries' tolerance. */
export const TOLERANCE_SECONDS = 300

const PREFIX = 'whsec_'
const MAX_ID_LENGTH = 256

/** What became of a signed message. Everything but `forged` carries a valid signature of one of our secrets. */
export type Verification =
  | { kind: 'ok'; id: string; timestampSeconds: number }
  | { kind: 'too_old'; id: string; timestampSeconds: number }
  | { kind: 'too_new'; id: string; timestampSeconds: number }
  /** `why` is for an operator's log; it never quotes a secret or a signature. */
  | { kind: 'forged'; why: string }

/** A message as it arrived. `header` is asked with lower-case names; the body is the raw bytes. */
export interface SignedMessage {
  header(name: string): string | undefined
  body: Uint8Array
}

/**
 * The three headers of one attempt, with a signature for each secret, so that both work while one replaces the other.
 * The id stays the same on every try; the timestamp is each try's own. Throws when no secret is given or one is not base64.
 */
export async function signatureHeaders(
  secrets: readonly string[],
  id: string,
  timestampSeconds: number,
  body: string | Uint8Array,
): Promise<Record<string, string>> {
  if (secrets.length === 0) throw new Error('Signing needs at least one secret.')
  const content = contentOf(id, String(timestampSeconds), body)
  const signatures = await Promise.all(
    secrets.map(async (secret) => {
      const key = keyOf(secret)
      if (key === null) throw new Error('A signing secret is not `whsec_` followed by base64.')
      return `v1,${toBase64(await digest(key, content))}`
    }),
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  }
}

/**
 * Checks the signature first and the age second, so that an age is only ever told of a genuine message.
 * Secrets that are empty or unreadable match nothing; with none left the door is closed. `nowMs` is epoch milliseconds.
 */
export async function verifySignature(
  secrets: readonly string[],
  message: SignedMessage,
  nowMs: number,
  toleranceSeconds: number = TOLERANCE_SECONDS,
): Promise<Verification> {
  const keys = secrets.map(keyOf).filter((key) => key !== null)
  if (keys.length === 0) return { kind: 'forged', why: 'no secret is configured' }
  const id = message.header('webhook-id') ?? ''
  const stamp = message.header('webhook-timestamp') ?? ''
  const offered = signaturesIn(message.header('webhook-signature') ?? '')
  if (id === '' || id.length > MAX_ID_LENGTH)
    return { kind: 'forged', why: 'webhook-id is missing or too long' }
  if (!/^[1-9]\d{0,11}$/.test(stamp))
    return { kind: 'forged', why: 'webhook-timestamp is not in Unix seconds' }
  if (offered.length === 0) return { kind: 'forged', why: 'webhook-signature holds no v1 signature' }

  const content = contentOf(id, stamp, message.body)
  const expected = await Promise.all(keys.map((key) => digest(key, content)))
  const genuine = expected.some((mac) => offered.some((given) => equal(mac, given)))
  if (!genuine) return { kind: 'forged', why: 'no signature matches an active secret' }

  const timestampSeconds = Number(stamp)
  const ageSeconds = Math.floor(nowMs / 1000) - timestampSeconds
  if (ageSeconds > toleranceSeconds) return { kind: 'too_old', id, timestampSeconds }
  if (-ageSeconds > toleranceSeconds) return { kind: 'too_new', id, timestampSeconds }
  return { kind: 'ok', id, timestampSeconds }
}

/** A new secret from 24 to 64 random bytes, in the form that receivers' libraries take. */
export function secretFrom(random: Uint8Array): string {
  if (random.length < 24 || random.length > 64) throw new RangeError('A secret has 24 to 64 random bytes.')
  return PREFIX + toBase64(random)
}

/** Whether this text can sign: base64 of at least one byte, with or without `whsec_`. */
export function isSecret(text: string): boolean {
  return keyOf(text) !== null
}

function keyOf(secret: string): Uint8Array | null {
  const key = fromBase64(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret)
  return key === null || key.length === 0 ? null : key
}

/** The `v1` signatures as bytes. Other versions (`v1a` is ed25519) are not ours to judge and are passed over. */
function signaturesIn(header: string): Uint8Array[] {
  return header
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .map((part) => fromBase64(part.slice('v1,'.length)))
    .filter((bytes) => bytes !== null)
}

function contentOf(id: string, stamp: string, body: string | Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`${id}.${stamp}.`)
  const rest = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const content = new Uint8Array(head.length + rest.length)
  content.set(head)
  content.set(rest, head.length)
  return content
}

async function digest(key: Uint8Array, content: Uint8Array): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, content))
}

/** The length is no secret: every SHA-256 has 32 bytes. */
function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
