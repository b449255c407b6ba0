/** HMAC, synchronously, over parts that are fed one after another. `node:crypto` serves both workerd and plain Node. */
import { createHmac } from 'node:crypto'

export type HmacHash = 'sha256' | 'sha512' | 'sha1'

/** The code as lower-case hex. */
export function hmacHex(hash: HmacHash, key: string | Uint8Array, ...parts: (string | Uint8Array)[]): string {
  const bytes = [...hmac(hash, key, ...parts)]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The raw code. Text is taken as UTF-8, keys too. */
export function hmac(
  hash: HmacHash,
  key: string | Uint8Array,
  ...parts: (string | Uint8Array)[]
): Uint8Array {
  const code = createHmac(hash, key)
  for (const part of parts) code.update(part)
  return new Uint8Array(code.digest())
}
