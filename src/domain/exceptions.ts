/** What a human must look at, raised once per cause, and what its resolution does. */
import type { Entry, ExceptionBirth } from './entry.ts'
import { exceptionId } from './ids.ts'
import type { Exception, ExceptionKind, Payment } from './payment.ts'
import { sessionOf } from './payment.ts'

export interface Trouble {
  kind: ExceptionKind
  /** One open exception per kind and cause. */
  cause: string
  /** A sentence for the operator, without personal data. */
  detail: string
  sessionId?: string | null
  deliveryId?: string | null
  destinationId?: string | null
}

/** The entry that raises it, or none while the same trouble is open already. `offset` counts others of the same step. */
export function raise(payment: Payment, trouble: Trouble, offset = 0): Entry[] {
  if (openException(payment, trouble)) return []
  const birth: ExceptionBirth = {
    id: exceptionId(payment.id, payment.exceptionsRaised + 1 + offset),
    kind: trouble.kind,
    cause: trouble.cause,
    detail: trouble.detail,
    sessionId: trouble.sessionId ?? null,
    deliveryId: trouble.deliveryId ?? null,
    destinationId: trouble.destinationId ?? null,
  }
  return [{ type: 'exception.raised', data: birth }]
}

/** The open exception of this kind and cause, if there is one. */
export function openException(
  payment: Payment,
  trouble: Pick<Trouble, 'kind' | 'cause'>,
): Exception | undefined {
  return payment.exceptions.find((open) => open.kind === trouble.kind && open.cause === trouble.cause)
}

/** Which exception is meant: by its id, or by what it is about. */
export type ExceptionKey = { id: string } | Pick<Trouble, 'kind' | 'cause'>

/**
 * The entries that close it, or none when it is not open. A person who closes a mismatch has decided about the money,
 * so the session's doubt ends with it.
 */
export function resolve(
  payment: Payment,
  key: ExceptionKey,
  resolution: string,
  note: string | null,
): Entry[] {
  const open = 'id' in key ? payment.exceptions.find((one) => one.id === key.id) : openException(payment, key)
  if (open === undefined) return []
  const entries: Entry[] = [
    { type: 'exception.resolved', data: { id: open.id, kind: open.kind, resolution, note } },
  ]
  const session = open.sessionId === null ? undefined : sessionOf(payment, open.sessionId)
  const decides = open.kind === 'report_mismatch' || open.kind === 'in_doubt_too_long'
  // Only who decides about a doubt that lasted has looked whether the provider did what we asked of it.
  const command = open.kind === 'in_doubt_too_long' && session?.command?.status === 'in_doubt'
  if (decides && session !== undefined && (session.doubt !== null || command))
    entries.push({ type: 'session.cleared', data: { sessionId: session.id, why: open.id, command } })
  return entries
}
