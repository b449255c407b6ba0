/**
 * The order number that a BPC bank knows a checkout by: the payment's 26 characters, so that it routes by itself, and six
 * that stand for the session and the call, since a number is good for one call only. Thirty-two is the most it may have.
 */
import { createHash } from 'node:crypto'
import { base32, isPaymentId } from '../domain/ids.ts'

const CORE = 26

/** The number of this call for this session. `call` counts from 1. */
export function orderNumberOf(sessionId: string, call: number): string {
  const hash = createHash('sha256').update(`${sessionId} ${call}`).digest()
  return sessionId.slice('ps_'.length, 'ps_'.length + CORE) + base32(hash, 6)
}

/** Whether a reference is a number of ours for this session's payment, and not the bank's own id. */
export function isNumberOf(sessionId: string, reference: string): boolean {
  return (
    reference.length === CORE + 6 && reference.startsWith(sessionId.slice('ps_'.length, 'ps_'.length + CORE))
  )
}

/** The payment that a number is of; null when it is none of ours. */
export function paymentOfNumber(orderNumber: string): string | null {
  const id = `pay_${orderNumber.slice(0, CORE)}`
  return orderNumber.length === CORE + 6 && isPaymentId(id) ? id : null
}
