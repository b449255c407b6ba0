/**
 * What an object tells the rest of the system: a contiguous range of its journal. It travels through the queue
 * `journal` and is repeated until the records confirm it.
 */

import type { Trace } from './trace.ts'

/** An event as business systems get it; `body` is frozen when the event happens and never rendered again. */
export interface PublishedEvent {
  id: string
  type: string
  /** Counts a payment's events from 1 without gaps; null for an event without a payment. */
  sequence: number | null
  /** The exact JSON text that is signed and sent, under 20 KB. */
  body: string
}

/** One row of a journal, as it is recorded in D1. */
export interface PublishedEntry {
  seq: number
  /** Milliseconds since the epoch. */
  at: number
  type: string
  actor: string
  /** JSON text. */
  data: string
  prevHash: string
  hash: string
  event: PublishedEvent | null
  /** The trace of what led to it, where it is known: no part of the chain, since it proves nothing. */
  trace?: Trace | null
}

/** An exception as the records keep it; the newest `version` wins. */
export interface ExceptionRecord {
  id: string
  kind: string
  status: 'open' | 'resolved'
  sessionId: string | null
  deliveryId: string | null
  destinationId: string | null
  detail: string
  raisedAt: number
  resolvedAt: number | null
  resolution: string | null
  note: string | null
  resolvedBy: string | null
  /** The journal position that last changed it. */
  version: number
}

/** The payment as lists and searches see it. */
export interface PaymentRecord {
  id: string
  orderId: string
  status: string
  amount: number
  currency: string
  /** The journal position of this snapshot; an older one never overwrites a newer one. */
  version: number
  createdAt: number
  /** When the sweeper should poke the object if nothing newer is recorded; null when nothing is awaited. */
  overdueAt: number | null
  /** Every provider reference with its session, for reports that name nothing else. */
  references: { connectionId: string; reference: string; sessionId: string }[]
  /** The JSON text of the payment's public view. */
  body: string
}

export interface Publication {
  /** The object's id: `pay_…` for a payment, `inb_…` for an inbox of unmatched reports. */
  stream: string
  merchantId: string
  livemode: boolean
  /** Journal positions, both inclusive. */
  from: number
  to: number
  /** Null when the range is too large for a message (over 100 KB); then it is read from the object. */
  content: PublishedContent | null
}

export interface PublishedContent {
  entries: PublishedEntry[]
  /** Null for an inbox. */
  payment: PaymentRecord | null
  /** Every exception that the range touched. */
  exceptions: ExceptionRecord[]
}

/** What an object tells once more, of what the records had confirmed. */
export type Retold =
  | { kind: 'told'; publication: Publication & { content: PublishedContent } }
  /** Nothing was confirmed behind that position: what is new is told for the first time, elsewhere. */
  | { kind: 'nothing' }
  /** The object's own journal does not verify, and must not be written over records that may be good. */
  | { kind: 'broken'; brokenAt: number; why: string }

/** What both kinds of object answer to the records' consumer and the sweeper. */
export interface Publisher {
  /** The content of a range that was too large to travel. */
  publication(from: number, to: number): Promise<PublishedContent>
  /** What was confirmed once, again: a piece of bounded size of what lies behind position `after`. */
  retold(after: number): Promise<Retold>
  /** The range is recorded; moves the cursor only when it is contiguous with what was confirmed before. */
  confirm(from: number, to: number): Promise<void>
  /** Does whatever is overdue. */
  poke(): Promise<void>
}
