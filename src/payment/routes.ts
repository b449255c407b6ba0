/** Which payment is meant: by a session's or its own id, which route by themselves, or by the order, from which a name is derived. */
import { paymentIdOf } from '../crypto/hash.ts'
import { isPaymentId, paymentOfSession } from '../domain/ids.ts'
import type { Named } from '../domain/provider.ts'

const orderIdShape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Null when the report names neither; then only its provider reference can tell. */
export function paymentNamed(
  of: { merchantId: string; livemode: boolean },
  named: Pick<Named, 'sessionId' | 'paymentId' | 'orderId'>,
): string | null {
  if (named.sessionId !== undefined) return paymentOfSession(named.sessionId)
  if (named.paymentId !== undefined) return isPaymentId(named.paymentId) ? named.paymentId : null
  if (named.orderId === undefined || !orderIdShape.test(named.orderId)) return null
  return paymentIdOf(of.merchantId, of.livemode, named.orderId)
}
