/**
 * Counts for Analytics Engine, one data point each: what became of sessions, reports, deliveries, exceptions and doubts.
 * Points carry ids and outcomes, never personal data. They are written after what they count is durable and may be lost
 * with their Worker, so they are for watching: money and promises are read from the journal.
 */
import type { Entry } from '../domain/entry.ts'
import { isInDoubt, type Payment, type Session, sessionOf } from '../domain/payment.ts'
import type { PublishedEntry } from '../domain/publication.ts'
import type { Env } from '../env.ts'
import type { Book } from './book.ts'

export interface Metric {
  name: 'session' | 'report' | 'delivery' | 'exception' | 'doubt'
  outcome: string
  merchantId: string
  livemode: boolean
  /** The provider, the event's type or the exception's kind. */
  kind: string
  /** The connection or the destination; empty where there is none. */
  about?: string
  /** How long it took here. */
  durationMs?: number
  /** How old it was when it ended: what a business system waited for its event, how long nobody knew. */
  ageMs?: number
}

type Bindings = Pick<Env, 'METRICS'>

/**
 * Writes the point: index merchant; blobs name, outcome, kind, mode, about; doubles 1, duration and age in milliseconds.
 * Costs nothing where the binding is absent, and never throws.
 */
export function count(env: Bindings, metric: Metric): void {
  if (env.METRICS === undefined) return
  const { name, outcome, merchantId, livemode, kind, about = '', durationMs = 0, ageMs = 0 } = metric
  try {
    env.METRICS.writeDataPoint({
      indexes: [merchantId],
      blobs: [name, outcome, kind, livemode ? 'live' : 'test', about],
      doubles: [1, durationMs, ageMs],
    })
  } catch {
    // What cannot be counted has happened all the same.
  }
}

/** Counts what a step did to a payment: what it wrote, and the sessions that came into doubt or out of it. */
export function countStep(env: Bindings, { before, payment, written, around }: Step): void {
  if (env.METRICS === undefined || payment === null) return
  const { merchantId, livemode } = payment
  const seen = [...written.map((entry) => seenIn(entry, payment)), ...doubts(before, payment, around.now)]
  for (const one of seen) if (one !== null) count(env, { ...one, merchantId, livemode })
}

/** Counts the exceptions that an inbox's new entries raise or resolve. */
export function countExceptions(
  env: Bindings,
  whose: Pick<Metric, 'merchantId' | 'livemode'>,
  entries: readonly PublishedEntry[],
): void {
  const { merchantId, livemode } = whose
  for (const { type, data } of entries) {
    const { kind } = JSON.parse(data) as { kind: string }
    count(env, { name: 'exception', outcome: afterDot(type), merchantId, livemode, kind })
  }
}

/** The part of a book that tells what its step did. */
type Step = Pick<Book, 'before' | 'payment' | 'written' | 'around'>
type Seen = Omit<Metric, 'merchantId' | 'livemode'>

function seenIn({ type, data }: Entry, payment: Payment): Seen | null {
  switch (type) {
    case 'session.opened':
    case 'session.unanswered':
    case 'session.declined':
    case 'session.reused':
      return { name: 'session', outcome: afterDot(type), ...through(sessionOf(payment, data.sessionId)) }
    case 'exception.raised':
    case 'exception.resolved':
      return { name: 'exception', outcome: afterDot(type), kind: data.kind }
    default:
      return null
  }
}

const afterDot = (type: string) => type.slice(type.indexOf('.') + 1)

const through = (session: Session | undefined) => ({
  kind: session?.provider ?? '',
  about: session?.connectionId ?? '',
})

/** What ends a doubt is a fact, a refusal or a person, so the sessions are compared and not the entries read. */
function doubts(before: Payment | null, after: Payment, now: number): Seen[] {
  return after.sessions.flatMap((session): Seen[] => {
    const earlier = before === null ? undefined : sessionOf(before, session.id)
    const wasInDoubt = earlier !== undefined && isInDoubt(earlier)
    if (wasInDoubt === isInDoubt(session)) return []
    const since = earlier?.doubtSince ?? earlier?.command?.begunAt ?? now
    return [
      isInDoubt(session)
        ? { name: 'doubt', outcome: 'begun', ...through(session) }
        : { name: 'doubt', outcome: 'ended', ...through(session), ageMs: now - since },
    ]
  })
}
