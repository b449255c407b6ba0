/** What can be written into a payment's journal. Entries are the only thing that changes a payment. */
import type { CorrectionWord } from './corrections.ts'
import type {
  CaptureMethod,
  ExceptionKind,
  MoneyCommand,
  OpenedBy,
  OrderTerms,
  PaymentStatus,
} from './payment.ts'
import type { DeclineCode, Fact } from './provider.ts'
import type { ReceiptWord } from './receipts.ts'
import type { FulfillmentStatus } from './tracks.ts'

/** A report as the journal keeps it; its body stays beside the entry, in the object. */
export interface HeardReport {
  /** The provider's id of the report, or the hash of its body. */
  id: string
  connectionId: string
  reference: string
  occurredAt: number | null
}

export interface SessionBirth {
  id: string
  amount: number
  currency: string
  connectionId: string
  provider: string
  captureMethod: CaptureMethod
  expiresAt: number
  openedBy: OpenedBy
  metadata: Record<string, string>
}

export interface ExceptionBirth {
  id: string
  kind: ExceptionKind
  cause: string
  detail: string
  sessionId: string | null
  deliveryId: string | null
  destinationId: string | null
}

/** How two things that must agree differ; `found` is null where the provider said nothing. */
export interface Difference {
  field: 'connection' | 'reference' | 'order' | 'currency' | 'amount'
  expected: string
  found: string | null
}

/** Which command of which session an answer is about. */
export interface CommandWord {
  sessionId: string
  command: MoneyCommand
  key: string
}

/** Where a fact came from. */
export type FactEntryType = 'report.applied' | 'check.applied' | 'command.applied' | 'clock.applied'

export interface AppliedFact {
  sessionId: string
  fact: Fact
  /** References that the fact taught us belong to the session. */
  references: string[]
  /** The id of the refund that the fact tells of for the first time. */
  refundId: string | null
  report: HeardReport | null
}

export type Entry =
  | {
      type: 'payment.created'
      data: {
        id: string
        merchantId: string
        livemode: boolean
        orderId: string
        amount: number
        currency: string
        metadata: Record<string, string>
      }
    }
  | { type: 'order.registered'; data: OrderTerms }
  | { type: 'session.opening'; data: { session: SessionBirth; tokenIssuedAt: number | null } }
  | { type: 'session.continued'; data: { sessionId: string } }
  | {
      type: 'session.opened'
      data: { sessionId: string; references: string[]; expiresAt: number; endsAt: number | null }
    }
  | { type: 'session.unanswered'; data: { sessionId: string; detail: string } }
  | { type: 'session.declined'; data: { sessionId: string; code: DeclineCode; detail: string } }
  | { type: 'session.reused'; data: { sessionId: string } }
  | { type: 'session.ending'; data: { sessionId: string; why: 'asked' | 'new_attempt' | 'clock' } }
  | { type: 'session.doubted'; data: { sessionId: string; why: string } }
  | { type: 'session.cleared'; data: { sessionId: string; why: string; command: boolean } }
  | { type: 'session.extended'; data: { sessionId: string; expiresAt: number; answer: 'yes' } }
  | { type: FactEntryType; data: AppliedFact }
  | {
      type: 'report.stale'
      data: { sessionId: string; fact: Fact; references: string[]; report: HeardReport | null }
    }
  | {
      type: 'report.mismatched' | 'check.mismatched'
      data: { sessionId: string; fact: Fact; differences: Difference[]; report: HeardReport | null }
    }
  /** It presupposes a capture that we have not seen: kept, and a reason to ask the provider. */
  | { type: 'report.premature'; data: { sessionId: string; fact: Fact; report: HeardReport | null } }
  /** The same report id with another body, or a fact that cannot be true. */
  | {
      type: 'report.contradicted'
      data: { sessionId: string | null; fact: Fact; why: string; report: HeardReport | null }
    }
  | { type: 'fiscal.receipted' | 'fiscal.contradicted'; data: ReceiptWord }
  | { type: 'fulfillment.moved'; data: { status: FulfillmentStatus; note: string | null } }
  | { type: 'correction.proposed'; data: CorrectionWord & { by: string } }
  | {
      type: 'correction.made'
      data: CorrectionWord & { from: PaymentStatus; sessionId: string; proposedBy: string | null }
    }
  /** The intention, and the provider's own key for it, before the provider is called. */
  | {
      type: 'command.begun'
      data: { sessionId: string; command: MoneyCommand; amount: number; key: string; reason: string | null }
    }
  /** The provider took it and will tell later how it ended. */
  | { type: 'command.accepted'; data: CommandWord }
  /** A definitive no. */
  | { type: 'command.declined'; data: CommandWord & { code: DeclineCode; detail: string } }
  /** No certain answer: it may have been done. */
  | { type: 'command.doubted'; data: CommandWord & { detail: string } }
  /** A command with an idempotency key came to its end; the answer is kept beside the entry. */
  | { type: 'command.answered'; data: { command: string; sessionId: string | null } }
  | { type: 'command.refused'; data: { command: string; sessionId: string | null; why: string } }
  | { type: 'exception.raised'; data: ExceptionBirth }
  | {
      type: 'exception.resolved'
      data: { id: string; kind: ExceptionKind; resolution: string; note: string | null }
    }

export type EntryType = Entry['type']

/** An entry in its place: where, when and by whom. */
export interface PlacedEntry {
  seq: number
  at: number
  actor: string
  entry: Entry
}
