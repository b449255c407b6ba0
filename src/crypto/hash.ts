/**
 * SHA-256, synchronously: the journal's chain is made inside a storage transaction, which may not wait. `node:crypto`
 * serves both workerd and plain Node.
 */
import { createHash } from 'node:crypto'
import { base32 } from '../domain/ids.ts'

/** Lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** For what comes in pieces. */
export const sha256 = () => createHash('sha256')

/** 26 characters that stand for the parts. Each part is prefixed by its length, so no two lists read the same. */
export function nameOf(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${new TextEncoder().encode(part).length}:${part}`)
  return base32(hash.digest(), 26)
}

/** The one payment of an order: every server, tab and key that means the same order meets in the same object. */
export function paymentIdOf(merchantId: string, livemode: boolean, orderId: string): string {
  return `pay_${nameOf([merchantId, livemode ? 'live' : 'test', orderId])}`
}

/** The inbox for verified reports that name no payment of ours, by the provider's reference. */
export function inboxIdOf(connectionId: string, reference: string): string {
  return `inb_${nameOf([connectionId, reference])}`
}

/** The reconciliation that a request with this idempotency key makes, so that a repeat meets the first. */
export function reconciliationIdOf(merchantId: string, livemode: boolean, key: string): string {
  return `rcn_${nameOf([merchantId, livemode ? 'live' : 'test', 'reconciliation', key])}`
}
