/**
 * The object's steps when a provider tells something: the mark that a report was heard, its entries and its effect are
 * one transaction, so a repeat finds either all of it or nothing.
 */
import { askAgainMs, firstAskAt } from '../domain/clock.ts'
import type { Entry, HeardReport } from '../domain/entry.ts'
import { raise } from '../domain/exceptions.ts'
import { type FactOutcome, record } from '../domain/facts.ts'
import type { Payment, Session } from '../domain/payment.ts'
import { sessionOf } from '../domain/payment.ts'
import type { Fact, Named, Question, Report } from '../domain/provider.ts'
import { answer } from '../domain/question.ts'
import { hasPendingRefund } from '../domain/refunds.ts'
import { isPayable } from '../domain/tracks.ts'
import type { Book } from './book.ts'
import { guarded } from './reading.ts'

export interface Hearing {
  connectionId: string
  report: Report
  bodyHash: string
  /** Scrubbed and cut; kept beside the entry. */
  body: string
}

/** What became of a report. `unmatched` and `foreign` wrote nothing here and are kept elsewhere. */
export type HearingOutcome = FactOutcome | 'repeated' | 'unmatched' | 'foreign'

export function hear(book: Book, { connectionId, report, bodyHash, body }: Hearing): HearingOutcome {
  const { payment } = book
  if (payment === null) return 'unmatched'
  const session = sessionNamed(payment, connectionId, report.named)
  if (session === undefined) return 'unmatched'
  if (session.connectionId !== connectionId) return 'foreign'
  const id = report.id ?? bodyHash
  // Quoted, so that no id can read like the beginning of another one.
  const named = `${connectionId} ${JSON.stringify(id)} `
  const mark = `${named}${report.fact.type} ${report.named.reference}`
  const heard: HeardReport = {
    id,
    connectionId,
    reference: report.named.reference,
    occurredAt: report.occurredAt,
  }
  const actor = `provider:${connectionId}`
  const marks = { report: mark, reportHash: bodyHash, reportBody: body }
  const other = book.storage.exec(
    'SELECT 1 FROM journal WHERE substr(report, 1, length(?)) = ? AND report_hash <> ? LIMIT 1',
    ...[named, named, bodyHash],
  )
  if (other.length > 0)
    return contradicted(book, payment, session, report, heard, actor, { ...marks, report: `other ${named}` })
  const before = book.storage.exec(
    'SELECT outcome FROM journal WHERE report = ? ORDER BY seq DESC LIMIT 1',
    mark,
  )[0]
  if (before?.outcome === 'applied' || before?.outcome === 'stale') return 'repeated'
  const { reference, orderId = null, also = [] } = report.named
  const said = { reference, orderId, also }
  const { outcome, entries } = record(payment, {
    source: 'report',
    session,
    fact: inOurWords(book, session, report.fact),
    said,
    report: heard,
  })
  // A report that is judged again and ends as before is on record already.
  if (before?.outcome === outcome) return outcome
  book.write(entries, actor, { ...marks, outcome })
  follow(book, session.id, outcome)
  return outcome
}

/**
 * What our clock ended is expired and what somebody asked to end is canceled, whoever finishes it and whoever tells first
 * that the provider did as it was told.
 */
export function inOurWords(book: Book, session: Session, fact: Fact): Fact {
  if (fact.type !== 'canceled' || session.state !== 'ending') return fact
  const rows = book.storage.exec("SELECT data FROM journal WHERE type = 'session.ending' ORDER BY seq")
  const endings = rows.map(({ data }) => JSON.parse(String(data)) as EndingData)
  const why = endings.findLast(({ sessionId }) => sessionId === session.id)?.why
  return why === 'clock' ? { type: 'expired' } : fact
}

type EndingData = Extract<Entry, { type: 'session.ending' }>['data']

/** A refund or dispute that overtook its capture was kept as premature; once the capture is seen it counts. */
export function judgeAgain(book: Book, sessionId: string): void {
  // What was applied just now is none of them, so most steps need not look at their own entries.
  if (book.earlier("SELECT 1 FROM journal WHERE outcome = 'premature' LIMIT 1").length === 0) return
  const rows = book.storage.exec(
    `SELECT data, actor, report, report_hash FROM journal WHERE outcome = 'premature' AND NOT EXISTS (
       SELECT 1 FROM journal AS later WHERE later.report = journal.report AND later.seq > journal.seq)
     ORDER BY seq`,
  )
  for (const row of rows) {
    const { payment } = book
    const data = JSON.parse(String(row.data)) as Extract<Entry, { type: 'report.premature' }>['data']
    const session = payment === null ? undefined : sessionOf(payment, sessionId)
    if (payment === null || session?.state !== 'captured' || data.sessionId !== sessionId) continue
    const said = { reference: data.report?.reference ?? null, orderId: null }
    const { outcome, entries } = record(payment, { ...data, source: 'report', session, said })
    // One that is still too early is on record already.
    if (outcome === 'premature') continue
    const marks = { report: String(row.report), reportHash: String(row.report_hash), outcome }
    book.write(entries, String(row.actor), marks)
  }
}

/** The session's own id first, then the provider's reference, then the newest session of this connection. */
export function sessionNamed(payment: Payment, connectionId: string, named: Named): Session | undefined {
  if (named.sessionId !== undefined) return guarded(payment, named.sessionId)
  return (
    payment.sessions.find(
      (one) => one.connectionId === connectionId && one.references.includes(named.reference),
    ) ??
    payment.sessions.findLast((one) => one.connectionId === connectionId) ??
    payment.sessions.at(-1)
  )
}

function contradicted(
  book: Book,
  payment: Payment,
  session: Session,
  report: Report,
  heard: HeardReport,
  actor: string,
  marks: { report: string; reportHash: string; reportBody: string },
): HearingOutcome {
  const seen = book.storage.exec(
    "SELECT 1 FROM journal WHERE report = ? AND report_hash = ? AND outcome = 'contradicted'",
    ...[marks.report, marks.reportHash],
  )
  if (seen.length > 0) return 'contradicted'
  const why = 'The provider sent this report before with another body.'
  book.write(
    [
      { type: 'report.contradicted', data: { sessionId: session.id, fact: report.fact, why, report: heard } },
      ...raise(payment, { kind: 'contradiction', cause: heard.id, detail: why, sessionId: session.id }),
    ],
    actor,
    { ...marks, outcome: 'contradicted' },
  )
  follow(book, session.id, 'contradicted')
  return 'contradicted'
}

/**
 * After a fact: what is still open is scheduled, what ended is forgotten, what is doubtful is asked about at once, and what
 * came too early is judged again.
 */
export function follow(book: Book, sessionId: string, outcome: FactOutcome): void {
  const { payment } = book
  const session = payment === null ? undefined : sessionOf(payment, sessionId)
  if (payment === null || session === undefined) return
  const { asks } = book.side
  const soon = book.around.now + askAgainMs(1)
  if (outcome === 'mismatched' || outcome === 'premature' || outcome === 'contradicted') {
    const planned = asks[sessionId]
    if (planned === undefined || planned.at > soon) asks[sessionId] = { at: soon, tries: 1 }
  } else if (outcome === 'applied' && session.approved && isPayable(session.state)) {
    // The customer agreed: the alarm rings at once and captures, if this session is the one that may.
    asks[sessionId] = { at: book.around.now, tries: 0 }
  } else if (outcome === 'applied' && hasPendingRefund(payment, sessionId)) {
    // One refund's end says nothing of another one, and the report of that one may be lost.
    asks[sessionId] ??= { at: soon, tries: 1 }
  } else if (outcome === 'applied' && isQuiet(session)) delete asks[sessionId]
  book.touch()
  if (outcome === 'applied') judgeAgain(book, sessionId)
}

/** Whether nothing about the session is awaited or in doubt. */
const isQuiet = (session: Session): boolean =>
  session.doubt === null && session.command === null && firstAskAt(session) === null

/** Answers a provider that asks before it moves money. An unknown bill, and any doubt, is a no. */
export function ask(book: Book, connectionId: string, question: Question): boolean {
  const { payment } = book
  if (payment === null) return false
  const session = sessionNamed(payment, connectionId, question.named)
  if (session === undefined || session.connectionId !== connectionId) return false
  if (question.named.orderId !== undefined && question.named.orderId !== payment.orderId) return false
  const { yes, entries } = answer(payment, session, question, book.around.now)
  book.write(entries, `provider:${connectionId}`)
  return yes
}
