/**
 * When to ask a provider without being asked, and when a session's time is over. An end is an end only at the
 * provider: our clock alone ends a session only after the provider's own limit and a grace. Milliseconds throughout.
 */
import type { Session } from './payment.ts'
import type { Capabilities } from './provider.ts'
import { isPayable } from './tracks.ts'

const MINUTE = 60_000
export const DAY_MS = 86_400_000

/** After the provider's own limit a payment that was under way may still arrive. */
export const GRACE_MS = 15 * MINUTE

/** When this session is next to be asked about, if nobody asks before; null when nothing is awaited. */
export function firstAskAt(session: Session): number | null {
  return isPayable(session.state) ? session.expiresAt : null
}

/** Seconds, then minutes, then an hour between asks that did not settle it. `tries` counts from 1. */
export function askAgainMs(tries: number): number {
  return Math.min(5_000 * 3 ** Math.min(tries - 1, 8), 60 * MINUTE)
}

/** What is to be done about a session that could still be paid after it was asked about. */
export type Ending =
  /** Its time has not come. */
  | 'wait'
  /** The provider can end it now. */
  | 'end'
  /** Only time ends it: it is ending, and is asked about again. */
  | 'ask_again'
  /** Nobody can pay there any more. */
  | 'expire'

export function endingOf(session: Session, capabilities: Capabilities, now: number): Ending {
  if (!isPayable(session.state) || session.doubt !== null) return 'wait'
  if (now < session.expiresAt && session.state !== 'ending') return 'wait'
  // Nobody ever had an address to pay at.
  if (session.references.length === 0 && session.calls === session.answers) return 'expire'
  if (capabilities.ends === 'at_once' && session.references.length > 0) return 'end'
  if (capabilities.asksFirst && session.yesAt === null) return 'expire'
  // No money moves there but by our capture, and a session that is over is not captured any more.
  if (capabilities.approves) return session.command === null ? 'expire' : 'ask_again'
  const limit = session.endsAt ?? latestEnd(session, capabilities)
  return limit !== null && now >= limit + GRACE_MS ? 'expire' : 'ask_again'
}

/** When even a provider that names no limit takes no payment any more; null when it never ends by itself. */
export function latestEnd(session: Session, capabilities: Capabilities): number | null {
  // Behind our yes the money may be under way; a later one would need another yes, which an ended time does not get.
  if (capabilities.asksFirst) return session.expiresAt
  if (capabilities.ends === 'never') return null
  return Math.max(session.expiresAt, session.createdAt + capabilities.expiresInSeconds.max * 1_000)
}
