/**
 * The records in D1: what lists, searches, deliveries and logs-in read. A payment's own object stays the truth; these
 * rows can be made again from its journal. Times are milliseconds since the epoch, amounts minor units.
 * WITHOUT ROWID is added in the migrations, since a text key then costs one row to write instead of two.
 */

import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { FulfillmentWord } from '../domain/fulfillment.ts'
import type { ReceiptWord } from '../domain/receipts.ts'

const flag = (name: string) => integer(name, { mode: 'boolean' }).notNull()

export const merchants = sqliteTable('merchants', {
  id: text().primaryKey(),
  name: text().notNull(),
  currencies: text({ mode: 'json' }).$type<string[]>().notNull(),
  allowedOrigins: text('allowed_origins', { mode: 'json' }).$type<string[]>().notNull(),
  allowedReturnAddresses: text('allowed_return_addresses', { mode: 'json' }).$type<string[]>().notNull(),
  quoteUrl: text('quote_url'),
  defaultConnectionTest: text('default_connection_test'),
  defaultConnectionLive: text('default_connection_live'),
  /** Sealed JSON `{ test: [newest, older?], live: [newest, older?] }`. */
  orderSigningSecrets: text('order_signing_secrets').notNull(),
  createdAt: integer('created_at').notNull(),
})

/** API keys of merchants and tokens of operators: only their SHA-256. */
export const keys = sqliteTable(
  'keys',
  {
    hash: text().primaryKey(),
    id: text().notNull(),
    merchantId: text('merchant_id').notNull(),
    kind: text({ enum: ['secret', 'publishable', 'operator'] }).notNull(),
    livemode: flag('livemode'),
    /** For operators only. */
    name: text(),
    role: text({ enum: ['viewer', 'operator', 'admin'] }),
    expiresAt: integer('expires_at'),
    createdAt: integer('created_at').notNull(),
    revokedAt: integer('revoked_at'),
    /** Whose Cloudflare Access identity means this operator too; in lower case. */
    accessEmail: text('access_email'),
  },
  (t) => [
    index('keys_by_merchant').on(t.merchantId, t.id),
    index('keys_by_access_email').on(t.accessEmail).where(sql`access_email is not null`),
  ],
)

export const connections = sqliteTable(
  'connections',
  {
    id: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    provider: text().notNull(),
    livemode: flag('livemode'),
    /** Sealed JSON, in the shape that the provider's adapter validates. */
    credentials: text().notNull(),
    settings: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    disabledAt: integer('disabled_at'),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [index('connections_by_merchant').on(t.merchantId, t.id)],
)

export const payments = sqliteTable(
  'payments',
  {
    id: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    livemode: flag('livemode'),
    orderId: text('order_id').notNull(),
    status: text().notNull(),
    amount: integer().notNull(),
    currency: text().notNull(),
    version: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    overdueAt: integer('overdue_at'),
    /** The public view, as JSON text. */
    body: text().notNull(),
  },
  (t) => [
    index('payments_overdue').on(t.overdueAt).where(sql`overdue_at is not null`),
    // A payment that is paid was never in one of these, so it costs a row only where it ends otherwise or is held.
    index('payments_unpaid')
      .on(t.merchantId, t.livemode, t.status, t.createdAt, t.id)
      .where(sql`status in ('authorized', 'failed', 'canceled', 'expired')`),
  ],
)

/** Finds the session behind a provider's reference when a report names nothing else. */
export const references = sqliteTable(
  'provider_references',
  {
    connectionId: text('connection_id').notNull(),
    reference: text().notNull(),
    sessionId: text('session_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.connectionId, t.reference] })],
)

/** Every object's journal, and with it every event: one row each, never updated. */
export const journal = sqliteTable(
  'journal',
  {
    stream: text().notNull(),
    seq: integer().notNull(),
    merchantId: text('merchant_id').notNull(),
    livemode: flag('livemode'),
    at: integer().notNull(),
    type: text().notNull(),
    actor: text().notNull(),
    data: text().notNull(),
    prevHash: text('prev_hash').notNull(),
    hash: text().notNull(),
    eventId: text('event_id'),
    eventType: text('event_type'),
    eventSequence: integer('event_sequence'),
    /** The frozen body of the event. */
    eventBody: text('event_body'),
    /** W3C trace id and flags of what led to the entry; null when nobody knows it. */
    trace: text(),
  },
  (t) => [
    primaryKey({ columns: [t.stream, t.seq] }),
    // By type first: one type is a list of its own, above all `payment.created`, and all together are merged.
    index('journal_events')
      .on(t.merchantId, t.livemode, t.eventType, t.at, t.eventId)
      .where(sql`event_id is not null`),
  ],
)

/** One HTTP try of a delivery. */
export interface Attempt {
  n: number
  /** Milliseconds since the epoch. */
  at: number
  durationMs: number
  status: number | null
  error: string | null
  trigger: 'schedule' | 'manual' | 'replay' | 'probe'
  /** The first 2 kB of the answer. */
  responseBody: string | null
}

/** What a system answered a delivery with, until its payment has been told: a receipt, or a step of fulfilment. */
export type KeptAnswer = {
  /** The try that it answered. */
  n: number
} & ({ track: 'fiscal'; word: ReceiptWord } | { track: 'fulfillment'; word: FulfillmentWord })

export const destinations = sqliteTable(
  'destinations',
  {
    id: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    livemode: flag('livemode'),
    kind: text({
      enum: ['crm', 'erp', 'fiscal', 'fulfillment', 'notification', 'reconciliation', 'other'],
    }).notNull(),
    url: text().notNull(),
    eventTypes: text('event_types', { mode: 'json' }).$type<string[]>().notNull(),
    description: text(),
    ordered: flag('ordered'),
    maxPerSecond: integer('max_per_second'),
    timeoutMs: integer('timeout_ms'),
    /** What follows when nobody knows whether a receipt was asked for: another try, or a person's decision. */
    onTimeout: text('on_timeout', { enum: ['retry', 'hold'] })
      .notNull()
      .default('retry'),
    /** Sealed JSON `[newest, older?]`: what signs. */
    secrets: text().notNull(),
    /** Until when the older secret signs too. */
    olderSecretUntil: integer('older_secret_until'),
    /** Sealed JSON of further request headers by name, whose values may be credentials; null when there are none. */
    headers: text(),
    status: text({ enum: ['active', 'paused'] }).notNull(),
    /** What paused it: a person, its own 410, or its breaker after repeated failure. */
    pausedBecause: text('paused_because', { enum: ['asked', 'gone', 'failing'] }),
    /** Tries that failed since the last one that was taken, and since when. */
    failures: integer().notNull().default(0),
    failingSince: integer('failing_since'),
    /** When a paused one is probed, or an active one's held deliveries are released; null when neither is wanted. */
    dueAt: integer('due_at'),
    /** How the last test event went, as JSON text. */
    lastTest: text('last_test', { mode: 'json' }).$type<Attempt>(),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    index('destinations_newest')
      .on(t.merchantId, t.livemode, t.createdAt, t.id)
      .where(sql`deleted_at is null`),
    index('destinations_due').on(t.dueAt).where(sql`due_at is not null`),
  ],
)

export const deliveries = sqliteTable(
  'deliveries',
  {
    id: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    livemode: flag('livemode'),
    stream: text().notNull(),
    /** The journal position whose event this delivers. */
    seq: integer().notNull(),
    eventId: text('event_id').notNull(),
    eventType: text('event_type').notNull(),
    destinationId: text('destination_id').notNull(),
    status: text({ enum: ['pending', 'delivered', 'failed', 'held'] }).notNull(),
    attemptCount: integer('attempt_count').notNull(),
    /**
     * When this row needs work next; null once it needs none. A pending one needs its next attempt; one that has ended
     * still has to tell its payment so (an exception to raise or to resolve).
     */
    dueAt: integer('due_at'),
    /** Until when the claim of a running attempt holds. No two claims of a row share it, so it names the claim too. */
    leaseUntil: integer('lease_until'),
    nextTrigger: text('next_trigger', { enum: ['schedule', 'manual', 'replay', 'probe'] }).notNull(),
    attempts: text({ mode: 'json' }).$type<Attempt[]>().notNull(),
    createdAt: integer('created_at').notNull(),
    /** What the payment has still to be told of the destination's answer; null when nothing. */
    answer: text({ mode: 'json' }).$type<KeptAnswer>(),
    /**
     * A try went out to a destination that holds its doubts, and no certain answer has come: set before it goes, so that a
     * Worker that dies meanwhile leaves a doubt and not another try.
     */
    doubtful: flag('doubtful').default(false),
  },
  (t) => [
    index('deliveries_due').on(t.dueAt).where(sql`due_at is not null`),
    // Costs a row only in trouble, and spares operators a scan through everything that went well.
    index('deliveries_troubled')
      .on(t.merchantId, t.livemode, t.status, t.createdAt, t.id)
      .where(sql`status in ('failed', 'held')`),
    // Likewise: what waits for a destination that is paused is found again in its order.
    index('deliveries_held').on(t.destinationId, t.createdAt, t.id).where(sql`status = 'held'`),
  ],
)

/** Events of a span of time that go to one destination once more, a page at a time. */
export const replays = sqliteTable(
  'replays',
  {
    id: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    livemode: flag('livemode'),
    destinationId: text('destination_id').notNull(),
    /** The span: from `since` on, before `until`. */
    since: integer().notNull(),
    until: integer().notNull(),
    /** Patterns as in `destinations.event_types`. */
    eventTypes: text('event_types', { mode: 'json' }).$type<string[]>().notNull(),
    only: text({ enum: ['failed', 'all'] }).notNull(),
    /** The last event that was looked at. */
    cursorAt: integer('cursor_at').notNull(),
    cursorId: text('cursor_id').notNull(),
    events: integer().notNull(),
    deliveries: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    finishedAt: integer('finished_at'),
  },
  (t) => [
    index('replays_by_destination').on(t.destinationId, t.createdAt, t.id),
    index('replays_unfinished').on(t.createdAt).where(sql`finished_at is null`),
  ],
)

export const exceptions = sqliteTable(
  'exceptions',
  {
    id: text().primaryKey(),
    merchantId: text('merchant_id').notNull(),
    livemode: flag('livemode'),
    stream: text().notNull(),
    kind: text().notNull(),
    status: text({ enum: ['open', 'resolved'] }).notNull(),
    sessionId: text('session_id'),
    deliveryId: text('delivery_id'),
    destinationId: text('destination_id'),
    detail: text().notNull(),
    raisedAt: integer('raised_at').notNull(),
    resolvedAt: integer('resolved_at'),
    resolution: text(),
    note: text(),
    resolvedBy: text('resolved_by'),
    version: integer().notNull(),
  },
  (t) => [
    index('exceptions_newest').on(t.merchantId, t.livemode, t.status, t.raisedAt, t.id),
    index('exceptions_of_kind').on(t.merchantId, t.livemode, t.kind, t.status, t.raisedAt, t.id),
  ],
)

/** Who changed what about a merchant, append-only. A chain lies in the database of what it tells of. */
export const adminLog = sqliteTable(
  'admin_log',
  {
    merchantId: text('merchant_id').notNull(),
    chain: text({ enum: ['directory', 'destinations'] }).notNull(),
    seq: integer().notNull(),
    at: integer().notNull(),
    actor: text().notNull(),
    requestId: text('request_id').notNull(),
    action: text().notNull(),
    /** The id of what was changed. */
    subject: text().notNull(),
    /** JSON text: names of the fields that were given, never their values. */
    fields: text().notNull(),
    prevHash: text('prev_hash').notNull(),
    hash: text().notNull(),
    /** Null for what belongs to both modes. */
    livemode: integer({ mode: 'boolean' }),
  },
  (t) => [primaryKey({ columns: [t.merchantId, t.chain, t.seq] })],
)

/** Where each chain of the admin log ends, so that a removal of its newest entries shows. */
export const adminHeads = sqliteTable(
  'admin_heads',
  {
    merchantId: text('merchant_id').notNull(),
    chain: text({ enum: ['directory', 'destinations'] }).notNull(),
    seq: integer().notNull(),
    hash: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.merchantId, t.chain] })],
)
