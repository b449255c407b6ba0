/** Comparison of secrets without telling how much of them was right: both sides are hashed, so lengths hide too. */
import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (data: string | Uint8Array) => createHash('sha256').update(data).digest()

/** Whether what was given is the secret. An empty secret matches nothing: it is a closed door, not an open one. */
export function isSecret(given: string | Uint8Array, secret: string | Uint8Array): boolean {
  const same = timingSafeEqual(digest(given), digest(secret))
  return same && secret.length > 0
}

/** Whether one of several active secrets was given; all are compared, so time does not tell which. */
export function isOneOf(given: string | Uint8Array, secrets: readonly (string | Uint8Array)[]): boolean {
  let found = false
  for (const secret of secrets) found = isSecret(given, secret) || found
  return found
}
