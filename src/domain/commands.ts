/**
 * Commands that move money: capture, cancel, refund. At most one per session runs or is in doubt. An intention is
 * written before its provider is called; an answer that nobody heard leaves it in doubt until the provider's own totals
 * account for it. Design D4.
 */
import type { Entry } from './entry.ts'
import type { BodyError, Refusal } from './errors.ts'
import type { MoneyCommand, Payment, RunningCommand, Session } from './payment.ts'
import { sessionOf, statusOf, unsettledSession } from './payment.ts'
import type { Action, Capabilities, Outcome } from './provider.ts'
import { allowed, holdsMoney, isPayable } from './tracks.ts'

/** What is asked for. */
export interface Commanded {
  type: MoneyCommand
  /** Minor units; null for everything that is there. */
  amount: number | null
  sessionId: string | null
  reason: string | null
}

export type CommandDecision =
  | { kind: 'refuse'; refusal: Refusal }
  | { kind: 'begin'; sessionId: string; amount: number; entries: Entry[] }

/** `capabilitiesOf` tells what the session's provider can do. */
export function decideCommand(
  payment: Payment,
  asked: Commanded,
  capabilitiesOf: (session: Session) => Capabilities | null,
): CommandDecision {
  const found = sessionFor(payment, asked)
  if (found.kind === 'refuse') return found
  const { session } = found
  if (!isAllowed(payment, session, asked.type)) return notAllowed(payment, asked.type)
  if (session.command !== null)
    return refuse(payment, `A ${session.command.type} of this session is still under way.`)
  const unable = inability(session, asked, capabilitiesOf(session))
  if (unable !== null) return refuse(payment, unable)
  const available = availableFor(payment, session, asked.type)
  if (asked.type !== 'cancel' && available < 1)
    return refuse(payment, `There is nothing left to ${asked.type}.`)
  const amount = asked.type === 'cancel' ? 0 : (asked.amount ?? available)
  if (asked.type !== 'cancel' && (amount < 1 || amount > available))
    return { kind: 'refuse', refusal: invalid('/amount', `is at most ${available} here`) }
  // What comes back is compared with the session's amount, unless the merchant said at the opening that it would choose.
  if (asked.type === 'capture' && session.captureMethod === 'automatic' && amount !== session.amount)
    return { kind: 'refuse', refusal: invalid('/amount', `is ${session.amount} here: capture is automatic`) }
  return { kind: 'begin', sessionId: session.id, amount, entries: [begun(payment, session, asked, amount)] }
}

function begun(payment: Payment, session: Session, { type, reason }: Commanded, amount: number): Entry {
  // The entry's own place makes the key: one operation, one key, whatever is retried.
  const key = `${session.id}-${type}-${payment.version + 1}`
  return { type: 'command.begun', data: { sessionId: session.id, command: type, amount, key, reason } }
}

type FoundSession = { kind: 'session'; session: Session } | { kind: 'refuse'; refusal: Refusal }

function sessionFor(payment: Payment, asked: Commanded): FoundSession {
  if (asked.sessionId !== null) {
    const session = sessionOf(payment, asked.sessionId)
    if (session !== undefined) return { kind: 'session', session }
    return { kind: 'refuse', refusal: invalid('/session_id', 'is no session of this payment') }
  }
  const holding = payment.sessions.filter((session) => holdsMoney(session.state))
  if (holding.length > 1)
    return { kind: 'refuse', refusal: invalid('/session_id', 'is required: several sessions hold money') }
  const session = holding[0] ?? payment.sessions.at(-1)
  if (session === undefined) return notAllowed(payment, asked.type)
  return { kind: 'session', session }
}

/** A customer's approval allows one capture, of the current session, while nothing else holds the order's money. */
function isAllowed(payment: Payment, session: Session, type: MoneyCommand): boolean {
  if (session.doubt !== null) return false
  if (type === 'cancel') return allowed.cancel.includes(session.state)
  if (allowed[type].includes(session.state)) return true
  return type === 'capture' && isApproved(payment, session)
}

/** Whether money waits for our capture, and this session is the one that may have it. */
export function isApproved(payment: Payment, session: Session): boolean {
  return (
    session.approved &&
    isPayable(session.state) &&
    session.doubt === null &&
    statusOf(payment) === 'pending' &&
    unsettledSession(payment)?.id === session.id
  )
}

function inability(session: Session, asked: Commanded, can: Capabilities | null): string | null {
  if (can === null) return 'The connection of this session cannot be used.'
  if (!can[asked.type]) return `${session.provider} takes no ${asked.type} over its interface.`
  const part = asked.type === 'refund' && asked.amount !== null && asked.amount < session.captured
  return part && !can.partialRefund ? `${session.provider} refunds only the whole amount.` : null
}

function availableFor(payment: Payment, session: Session, type: MoneyCommand): number {
  if (type === 'capture') return session.authorized > 0 ? session.authorized : session.amount
  const pending = payment.refunds.filter((one) => one.sessionId === session.id && one.status === 'pending')
  return session.captured - session.refunded - pending.reduce((sum, refund) => sum + refund.amount, 0)
}

/** What a running command becomes once facts are known: null when they account for it, or make it void. */
export function stillRunning(session: Session): RunningCommand | null {
  const { command } = session
  if (command === null) return null
  switch (command.type) {
    case 'capture':
      return session.captured > command.capturedBefore || isOver(session) ? null : command
    case 'cancel':
      return holdsMoney(session.state) && session.state !== 'captured' ? command : null
    case 'refund':
      return session.refunded >= command.refundedBefore + command.amount ? null : command
  }
}

const isOver = (session: Session): boolean => !isPayable(session.state) && !holdsMoney(session.state)

/** The provider's order for a command. */
export function actionOf(command: Pick<RunningCommand, 'type' | 'amount' | 'reason'>): Action {
  switch (command.type) {
    case 'capture':
      return { type: 'capture', amount: command.amount }
    case 'cancel':
      return { type: 'cancel' }
    case 'refund':
      return command.reason === null
        ? { type: 'refund', amount: command.amount }
        : { type: 'refund', amount: command.amount, reason: command.reason }
  }
}

/** Whether the machine may send a command in doubt once more: only under the provider's own, still living key. */
export function mayRepeat(command: RunningCommand, capabilities: Capabilities, now: number): boolean {
  // A margin, because the provider counts from when it heard us.
  const livesMs = (capabilities.idempotencySeconds - 60) * 1_000
  return command.status === 'in_doubt' && livesMs > 0 && now - command.begunAt < livesMs
}

/** The entries that a provider's answer to a command makes, besides the facts it tells. */
export function concluded(session: Session, outcome: Outcome<unknown>): Entry[] {
  const { command } = session
  if (command === null) return []
  const about = { sessionId: session.id, command: command.type, key: command.key }
  switch (outcome.kind) {
    case 'done':
      return []
    case 'declined':
      return [{ type: 'command.declined', data: { ...about, code: outcome.code, detail: outcome.detail } }]
    case 'unknown':
      return command.status === 'in_doubt'
        ? []
        : [{ type: 'command.doubted', data: { ...about, detail: outcome.detail } }]
  }
}

const notAllowed = (payment: Payment, type: string) =>
  refuse(payment, `A payment that is ${statusOf(payment)} takes no ${type} now.`)

function refuse(payment: Payment, detail: string): { kind: 'refuse'; refusal: Refusal } {
  return {
    kind: 'refuse',
    refusal: { code: 'not_allowed_now', detail, extra: { payment_status: statusOf(payment) } },
  }
}

function invalid(pointer: string, detail: string): Refusal {
  const errors: BodyError[] = [{ pointer, detail }]
  return { code: 'validation_failed', detail: `${pointer} ${detail}.`, errors }
}
