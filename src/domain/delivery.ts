/** What the result of one try means for its delivery, and when the next try is due. Clock and chance are passed in. */

/** No wait is longer, whatever a schedule or a `Retry-After` asks: queues hold a message for at most a day. */
export const LONGEST_WAIT_MS = 86_400_000

const JITTER = 0.2

/** Why a try was made. Only scheduled ones use up the schedule: a person's impatience must not shorten it. */
export type Trigger = 'schedule' | 'manual' | 'replay' | 'probe'

/** What came back. `status` is null when nothing did, and then `error` says why. */
export interface Answer {
  status: number | null
  /** The `Retry-After` header as it came: seconds or an HTTP date. */
  retryAfter: string | null
  /** Why there is no status; see `SignedTry`. */
  error?: string | null
}

/** What is known around the try. */
export interface Circumstances {
  /** Scheduled tries made so far, this one included when it is one. */
  scheduledTries: number
  /** An earlier try was taken, so that this one only repeats it. */
  deliveredBefore: boolean
  /** Repeating the request could make a second receipt, so that a person decides about what nobody can know. */
  holdsDoubt: boolean
  /** An earlier try may have been taken, although no answer says so. */
  doubtedBefore: boolean
  /** Seconds before each try, counted from the one before. */
  scheduleSeconds: readonly number[]
  /** Milliseconds since the epoch. */
  now: number
  /** Between 0 and 1. */
  chance: number
}

export type Next =
  | { kind: 'delivered' }
  /** `slow`: the destination asks for less, by 429, 502 or 504. */
  | { kind: 'retry'; delayMs: number; slow: boolean }
  /** That was the last try. */
  | { kind: 'exhausted' }
  /** 410: nobody lives there any more; the destination is paused and the delivery waits for a person. */
  | { kind: 'gone' }
  /** It may have been taken, and must not go out again by itself. */
  | { kind: 'doubtful' }

/** Whether a status says that the event was taken; null is no answer. */
export const isTaken = (status: number | null): boolean => status !== null && status >= 200 && status < 300

/** What follows from the answer. A delivery that was taken once stays delivered, however its repeats end. */
export function nextAfter(answer: Answer, around: Circumstances): Next {
  const { status } = answer
  if (isTaken(status)) return { kind: 'delivered' }
  if (around.deliveredBefore) return { kind: 'delivered' }
  if (status === 410) return { kind: 'gone' }
  if (around.holdsDoubt && (isDoubtful(answer) || around.doubtedBefore)) return { kind: 'doubtful' }
  const seconds = around.scheduleSeconds[around.scheduledTries]
  if (seconds === undefined) return { kind: 'exhausted' }
  const slow = status === 429 || status === 502 || status === 504
  const planned = jittered(seconds * 1_000 * (slow ? 2 : 1), around.chance)
  const asked = retryAfterMs(answer.retryAfter, around.now) ?? 0
  return { kind: 'retry', delayMs: Math.min(Math.max(planned, asked), LONGEST_WAIT_MS), slow }
}

/**
 * Whether the try may have been taken all the same: no answer came, or one that a proxy may have given for a system that
 * was still at work. What never left us, and what was refused, is certain.
 */
export function isDoubtful({ status, error }: Pick<Answer, 'status' | 'error'>): boolean {
  if (status !== null) return status >= 500
  return error !== 'address_not_allowed' && error !== 'unsigned'
}

/** Events that ask for a receipt or for goods, so that a fiscal or fulfilment system may answer with its own. */
export const asking: readonly string[] = ['payment.paid', 'payment.refunded']

export const asksForTracks = (eventType: string): boolean => asking.includes(eventType)

/** How long the first try waits, in milliseconds. Without jitter: nothing has failed that could fail in step. */
export function firstDelayMs(scheduleSeconds: readonly number[]): number {
  return Math.min((scheduleSeconds[0] ?? 0) * 1_000, LONGEST_WAIT_MS)
}

/** Spreads a wait by a fifth to either side, so that what failed together does not come back together. */
export function jittered(delayMs: number, chance: number): number {
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * chance))
}

/** Milliseconds that a `Retry-After` asks for (RFC 9110 §10.2.3), never negative; null when it says nothing readable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  // Date.parse takes "5.5" or "-3" for dates, so only what looks like an HTTP date is asked.
  if (!/^[A-Za-z]{3,9},? .*GMT$/.test(text)) return null
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

/** Whether an end without success raises an exception: events about exceptions and tests do not feed themselves. */
export function raisesException(eventType: string): boolean {
  return !eventType.startsWith('exception.') && eventType !== 'test' && !eventType.startsWith('test.')
}

/** Whether a destination that subscribed to `pattern` gets this type: `*`, the exact type, or `payment.*`. */
export function subscribes(pattern: string, eventType: string): boolean {
  if (pattern === '*' || pattern === eventType) return true
  return pattern.endsWith('.*') && eventType.startsWith(pattern.slice(0, -1))
}

interface Made {
  n: number
  trigger: Trigger
}

/** Attempts that are kept beside the scheduled ones; a row must not grow with every click on "retry". */
const OTHERS_KEPT = 30

/** The attempts worth keeping: all scheduled ones up to a hundred, and the newest of the others, in order. */
export function keptAttempts<A extends Made>(attempts: readonly A[]): A[] {
  const scheduled = attempts.filter((one) => one.trigger === 'schedule').slice(-100)
  const others = attempts.filter((one) => one.trigger !== 'schedule').slice(-OTHERS_KEPT)
  return [...scheduled, ...others].sort((left, right) => left.n - right.n)
}
