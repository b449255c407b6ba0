/**
 * The object's steps of telling the records: the journal is the outbox, `published` is the position in it that the
 * records confirmed, and what lies above is told again until they have it. Design D6.
 */
import type { Entry } from '../domain/entry.ts'
import type { Payment } from '../domain/payment.ts'
import { moneyOf, statusOf, unsettledSession } from '../domain/payment.ts'
import type {
  ExceptionRecord,
  PaymentRecord,
  Publication,
  PublishedContent,
  PublishedEntry,
} from '../domain/publication.ts'
import { marksAbove, traceAt } from '../domain/trace.ts'
import { paymentView, timeOf } from '../domain/view.ts'
import type { Book } from './book.ts'
import { entriesBetween } from './journal.ts'
import type { ObjectStorage, Stored } from './storage.ts'

/** A queue message holds 128 KB; what is larger is fetched by the consumer instead. */
const MESSAGE_LIMIT = 100_000
const LONGEST_BACKOFF_MS = 3_600_000

/** What is to be sent now; null when everything is confirmed. */
export function publicationDue(book: Book): Publication | null {
  const { payment, side, published } = book
  if (payment === null || payment.version <= published) return null
  const content = contentOf(book.storage, { payment, side }, published + 1, payment.version)
  return {
    stream: payment.id,
    merchantId: payment.merchantId,
    livemode: payment.livemode,
    from: published + 1,
    to: payment.version,
    content: fits(content) ? content : null,
  }
}

/** Whether a content may travel in a message. */
export const fits = (content: PublishedContent): boolean =>
  new TextEncoder().encode(JSON.stringify(content)).length <= MESSAGE_LIMIT

/** The range's entries with their traces, the newest snapshot, and every exception that the range touched. */
export function contentOf(
  storage: ObjectStorage,
  { payment, side }: Pick<Stored, 'payment' | 'side'>,
  from: number,
  to: number,
): PublishedContent {
  const entries = entriesBetween(storage, from, to).map((entry) => {
    const trace = traceAt(side.traces, entry.seq)
    return trace === null ? entry : { ...entry, trace }
  })
  return contentWith(storage, payment, entries)
}

/** The content of a publication with these entries. */
export const contentWith = (
  storage: ObjectStorage,
  payment: Payment,
  entries: PublishedEntry[],
): PublishedContent => ({
  entries,
  payment: recordOf(payment),
  exceptions: exceptionsIn(storage, entries),
})

/** The records have everything up to `to`. A gap below means that an earlier range is still under way. */
export function confirmed(book: Book, from: number, to: number): void {
  const { payment, side } = book
  if (payment === null || from > book.published + 1 || to <= book.published || to > payment.version) return
  book.published = to
  side.publishTries = 0
  // Those of the newest entry stay in its row, for whoever must tell the records again.
  side.traces = marksAbove(side.traces, Math.min(to, payment.version - 1))
  if (to === payment.version) side.publishAt = null
  book.touch()
}

/** Plans the next time, with backoff, before the range is sent once more. */
export function plannedAgain(book: Book): void {
  const { side, around } = book
  side.publishTries += 1
  const delay = Math.min(
    around.republishAfterMs * 2 ** Math.min(side.publishTries - 1, 10),
    LONGEST_BACKOFF_MS,
  )
  side.publishAt = around.now + delay
  book.touch()
}

function recordOf(payment: Payment): PaymentRecord {
  const waiting = unsettledSession(payment)
  // Half an hour behind its own alarm, somebody else looks whether the object still does its work.
  const overdueAt = waiting === undefined ? null : waiting.expiresAt + 30 * 60_000
  return {
    id: payment.id,
    orderId: payment.orderId,
    status: statusOf(payment),
    ...moneyOf(payment),
    version: payment.version,
    createdAt: payment.createdAt,
    overdueAt,
    references: payment.sessions.flatMap((session) =>
      session.references.map((reference) => ({
        connectionId: session.connectionId,
        reference,
        sessionId: session.id,
      })),
    ),
    body: JSON.stringify(paymentView(payment)),
  }
}

type Row = Pick<PublishedEntry, 'seq' | 'at' | 'type' | 'actor' | 'data'>

function exceptionsIn(storage: ObjectStorage, entries: PublishedEntry[]): ExceptionRecord[] {
  const touched = entries.filter((row) => row.type.startsWith('exception.')).map((row) => dataOf(row).id)
  if (touched.length === 0) return []
  const rows = storage.exec(
    "SELECT seq, at, type, actor, data FROM journal WHERE type LIKE 'exception.%' ORDER BY seq",
  ) as unknown as Row[]
  return [...new Set(touched)].map((id) => exceptionFrom(rows.filter((row) => dataOf(row).id === id)))
}

const dataOf = (row: Row) => JSON.parse(row.data) as { id: string }

function exceptionFrom(rows: Row[]): ExceptionRecord {
  const [raised, resolved] = rows
  if (raised === undefined) throw new Error('An exception is resolved that was never raised.')
  const birth = JSON.parse(raised.data) as Extract<Entry, { type: 'exception.raised' }>['data']
  const end =
    resolved && (JSON.parse(resolved.data) as Extract<Entry, { type: 'exception.resolved' }>['data'])
  const { id, kind, detail, sessionId, deliveryId, destinationId } = birth
  return {
    ...{ id, kind, detail, sessionId, deliveryId, destinationId },
    status: end === undefined ? 'open' : 'resolved',
    raisedAt: raised.at,
    resolvedAt: resolved?.at ?? null,
    resolution: end?.resolution ?? null,
    note: end?.note ?? null,
    resolvedBy: resolved?.actor ?? null,
    version: (resolved ?? raised).seq,
  }
}

/** An entry as the journal shows it (contract §6). */
export function entryView(row: PublishedEntry): Record<string, unknown> {
  const data = wire(JSON.parse(row.data))
  return {
    seq: row.seq,
    at: timeOf(row.at),
    type: row.type,
    actor: row.actor,
    data,
    prev_hash: row.prevHash,
    hash: row.hash,
  }
}

/** Names in snake_case, as everywhere outside; what the merchant named stays as the merchant named it. */
function wire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wire)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      name === 'metadata' ? inner : wire(inner),
    ]),
  )
}
