/**
 * What a payment object knows besides its journal: secrets and addresses that must never travel, leases and timers.
 * Losing it would lose no money and no history.
 */
import type { Lease } from '../domain/lease.ts'
import type { Checkout, CheckoutOrder } from '../domain/provider.ts'
import type { TraceMark } from '../domain/trace.ts'

/** The private half of a session. */
export interface PrivateSession {
  clientSecret: string
  /** Where the customer is sent; null until the provider answered. */
  checkout: Checkout | null
  returnUrl: string
  cancelUrl: string | null
  description: string | null
  locale: string | null
  /** Personal data: kept only while the session can still be opened. */
  customer: CheckoutOrder['customer'] | null
}

export interface Ask {
  at: number
  tries: number
}

/** A question that a hint led to; times are milliseconds since the epoch. */
export interface Hint extends Ask {
  /** It was answered once. */
  again?: true
  /** The newest hint that came when the question was due or under way, whose answer may not know of it. */
  cameAt?: number
}

export interface Side {
  /** The hash of the newest journal entry. */
  head: string
  sessions: Record<string, PrivateSession>
  /** Who the registered order is for: personal data, for the provider's checkout only, and kept until the order is paid. */
  orderCustomer: CheckoutOrder['customer'] | null
  lease: Lease | null
  /** When which session is next asked about at its provider. */
  asks: Record<string, Ask>
  /** Which sessions somebody has hinted at since they were asked about; missing while there are none. */
  hints?: Record<string, Hint>
  /** When which session is looked at behind a person's word (`last-look.ts`); missing while none is. */
  looks?: Record<string, Ask>
  /** When the unconfirmed range is published again; null when everything is confirmed. */
  publishAt: number | null
  publishTries: number
  /** The alarm that is set; null when none is. */
  alarmAt: number | null
  /** The traces of the entries that the records have not confirmed, and the newest one. */
  traces: TraceMark[]
}

/** Raised whenever a payment gains, loses or changes a field: checkpoints of another shape are passed over. */
export const SHAPE = 2

export const emptySide = (): Side => ({
  head: '',
  sessions: {},
  orderCustomer: null,
  lease: null,
  asks: {},
  publishAt: null,
  publishTries: 0,
  alarmAt: null,
  traces: [],
})

/** Every question that is planned, whatever for, with its session. */
export const questionsOf = ({ asks, hints = {}, looks = {} }: Side): [string, Ask][] =>
  [asks, hints, looks].flatMap((planned) => Object.entries(planned))

/** Whether something in it is about a person, and must be gone when it is not needed any more. */
export const isPersonal = (side: Side): boolean =>
  side.orderCustomer !== null || Object.values(side.sessions).some(({ customer }) => customer !== null)
