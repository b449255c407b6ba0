/** The inbox object's steps: what is parked, when it is tried again, and the journal of the exceptions it raises. */

import type { Trouble } from '../domain/exceptions.ts'
import { eventId, exceptionId } from '../domain/ids.ts'
import type { ExceptionKind } from '../domain/payment.ts'
import type {
  ExceptionRecord,
  Publication,
  PublishedContent,
  PublishedEntry,
  Retold,
} from '../domain/publication.ts'
import type { Trace } from '../domain/trace.ts'
import { timeOf } from '../domain/view.ts'
import type { Hearing } from './hearing.ts'
import { hashOf, verify } from './journal.ts'
import { fits } from './publishing.ts'
import type { Resolution } from './resolving.ts'
import type { ObjectStorage } from './storage.ts'

/** A report to be kept, and the account through which it came. */
export interface Keep {
  connectionId: string
  merchantId: string
  livemode: boolean
  hearing: Hearing
  /** `foreign`: it names a session that belongs to another connection. */
  why: 'unmatched' | 'foreign'
  /** The trace of the request that brought it, in which its later tries go on. */
  trace?: Trace | null
}

/** Whose inbox it is. */
export type Owner = Pick<Keep, 'merchantId' | 'livemode'>

export type Judged = 'taken' | 'unmatched' | 'foreign'

interface Parked {
  mark: string
  keep: Keep
  at: number
  tries: number
  /** When it is tried again; null once that is over. */
  dueAt: number | null
  outcome: 'waiting' | 'taken' | 'raised'
}

export interface InboxState {
  merchantId: string
  livemode: boolean
  parked: Parked[]
  journal: PublishedEntry[]
  exceptions: (ExceptionRecord & { cause: string })[]
  published: number
  publishAt: number | null
  publishTries: number
  alarmAt: number | null
}

export interface InboxSurroundings {
  now: number
  unmatchedAfterMs: number
  republishAfterMs: number
}

/** More different reports for one unknown reference than a provider has reason to send. */
const MOST_PARKED = 50
/** Seconds, then minutes, then hours, for a week. */
const againMs = (tries: number) => Math.min(2_000 * 2 ** Math.min(tries, 12), 3_600_000)
const GIVE_UP_MS = 7 * 86_400_000

const FOREIGN = 'it came through another connection than its session has'

/** Entries that are told again at once; each carries an event of a few hundred bytes. */
const ENTRIES_OF_A_PIECE = 200

export class InboxBook {
  readonly #storage: ObjectStorage
  readonly #id: string
  readonly #around: InboxSurroundings
  state: InboxState | null
  #changed = false

  constructor(storage: ObjectStorage, id: string, around: InboxSurroundings) {
    this.#storage = storage
    this.#id = id
    this.#around = around
    const made =
      storage.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'inbox'").length > 0
    const row = made ? storage.exec('SELECT state FROM inbox')[0] : undefined
    this.state = row === undefined ? null : (JSON.parse(String(row.state)) as InboxState)
  }

  keep(keep: Keep): void {
    const state = this.#open(keep)
    const { report, bodyHash } = keep.hearing
    // The same id with another body is kept beside the first: which of them is true is the payment's to judge.
    const mark = `${report.id ?? 'no id'} ${report.fact.type} ${bodyHash.slice(0, 12)}`
    if (state.parked.some((parked) => parked.mark === mark)) return
    if (state.parked.length >= MOST_PARKED) throw new Error('This inbox is full.')
    const { now } = this.#around
    const waiting = keep.why === 'unmatched'
    state.parked.push({
      mark,
      keep,
      at: now,
      tries: 0,
      dueAt: waiting ? now + againMs(0) : null,
      outcome: waiting ? 'waiting' : 'raised',
    })
    this.#changed = true
    if (!waiting) this.#raiseReport('report_mismatch', mark, keep, FOREIGN)
  }

  /** Raises what is no report's and no payment's, each cause once for ever. */
  raise(owner: Owner, troubles: readonly Pick<Trouble, 'kind' | 'cause' | 'detail'>[]): void {
    this.#open(owner)
    for (const { kind, cause, detail } of troubles) this.#raise(kind, cause, detail, null)
  }

  #open({ merchantId, livemode }: Owner): InboxState {
    this.state ??= {
      merchantId,
      livemode,
      parked: [],
      journal: [],
      exceptions: [],
      published: 0,
      publishAt: null,
      publishTries: 0,
      alarmAt: null,
    }
    return this.state
  }

  due(): Parked[] {
    return this.state?.parked.filter(({ dueAt }) => dueAt !== null && dueAt <= this.#around.now) ?? []
  }

  /** Writes what became of a parked report that was tried again. */
  judged(mark: string, judged: Judged): void {
    const parked = this.state?.parked.find((one) => one.mark === mark)
    if (parked === undefined) return
    const { now, unmatchedAfterMs } = this.#around
    this.#changed = true
    parked.tries += 1
    if (judged === 'taken') {
      parked.dueAt = null
      parked.outcome = 'taken'
      this.resolve({ cause: mark }, 'matched', null, 'tollgate', parked.keep.trace)
      return
    }
    if (judged === 'foreign') {
      parked.dueAt = null
      parked.outcome = 'raised'
      this.#raiseReport('report_mismatch', mark, parked.keep, FOREIGN)
      return
    }
    if (parked.outcome === 'waiting' && now - parked.at >= unmatchedAfterMs) {
      parked.outcome = 'raised'
      this.#raiseReport('report_unmatched', mark, parked.keep, 'no payment here has it')
    }
    const next = now + againMs(parked.tries)
    if (parked.outcome === 'waiting') parked.dueAt = Math.min(next, parked.at + unmatchedAfterMs)
    else parked.dueAt = now - parked.at >= GIVE_UP_MS ? null : next
  }

  resolve(
    key: { id: string } | { cause: string },
    resolution: string,
    note: string | null,
    actor: string,
    trace: Trace | null = null,
  ): Resolution {
    const found = this.state?.exceptions.find((one) =>
      'id' in key ? one.id === key.id : one.cause === key.cause,
    )
    if (found === undefined) return 'not_found'
    if (found.status === 'resolved') return 'already'
    const { id, kind } = found
    const at = this.#around.now
    const seq = this.#write(
      'exception.resolved',
      actor,
      { id, kind, resolution, note },
      {
        ...{ id, kind, status: 'resolved', resolution },
        resolved_at: timeOf(at),
      },
      trace,
    )
    Object.assign(found, {
      status: 'resolved',
      resolution,
      note,
      resolvedAt: at,
      resolvedBy: actor,
      version: seq,
    })
    return 'resolved'
  }

  #raiseReport(kind: ExceptionKind, cause: string, keep: Keep, why: string): void {
    this.#open(keep)
    const { reference } = keep.hearing.report.named
    const detail = `Report ${cause} through ${keep.connectionId} about reference ${reference} was not applied: ${why}.`
    this.#raise(kind, cause, detail, keep.trace ?? null)
  }

  #raise(kind: ExceptionKind, cause: string, detail: string, trace: Trace | null): void {
    const { state } = this
    if (state === null || state.exceptions.some((one) => one.cause === cause)) return
    const id = exceptionId(this.#id, state.exceptions.length + 1)
    const at = this.#around.now
    const about = { sessionId: null, deliveryId: null, destinationId: null }
    const seq = this.#write(
      'exception.raised',
      'tollgate',
      { id, kind, detail, ...about },
      {
        ...{ id, kind, status: 'open', detail },
        raised_at: timeOf(at),
      },
      trace,
    )
    const open = { resolvedAt: null, resolution: null, note: null, resolvedBy: null }
    state.exceptions.push({
      cause,
      id,
      kind,
      status: 'open',
      detail,
      ...about,
      raisedAt: at,
      ...open,
      version: seq,
    })
  }

  /** Appends to the chain and returns the position. An event without a payment has no sequence. */
  #write(type: string, actor: string, data: object, exception: object, trace: Trace | null): number {
    const { state } = this
    if (state === null) throw new Error('Nothing was ever kept here.')
    const seq = state.journal.length + 1
    const at = this.#around.now
    const id = eventId(this.#id, seq)
    const told = { event_id: id, payment: null, exception }
    const event = {
      id,
      type,
      sequence: null,
      body: JSON.stringify({ type, timestamp: timeOf(at), data: told }),
    }
    const row = {
      seq,
      at,
      type,
      actor,
      data: JSON.stringify(data),
      prevHash: state.journal.at(-1)?.hash ?? '',
      event,
    }
    state.journal.push({ ...row, hash: hashOf(row), trace })
    state.publishAt ??= at + this.#around.republishAfterMs
    this.#changed = true
    return seq
  }

  publication(): Publication | null {
    const { state } = this
    if (state === null || state.journal.length <= state.published) return null
    const { merchantId, livemode } = state
    const from = state.published + 1
    const to = state.journal.length
    const content = this.contentOf(from, to)
    return { stream: this.#id, merchantId, livemode, from, to, content: fits(content) ? content : null }
  }

  contentOf(from: number, to: number): PublishedContent {
    const entries = this.state?.journal.slice(from - 1, to) ?? []
    const touched = entries.map((entry) => (JSON.parse(entry.data) as { id: string }).id)
    const exceptions = (this.state?.exceptions ?? [])
      .filter((one) => touched.includes(one.id))
      .map(({ cause: _, ...record }) => record)
    return { entries, payment: null, exceptions }
  }

  /** The next of what was confirmed, behind `after`, again. */
  retold(after: number): Retold {
    const { state } = this
    if (state === null || state.published <= after) return { kind: 'nothing' }
    const verified = verify(state.journal, state.journal.at(-1)?.hash ?? '')
    if (!verified.valid) return { kind: 'broken', brokenAt: verified.brokenAt, why: verified.why }
    const { merchantId, livemode } = state
    const to = Math.min(state.published, after + ENTRIES_OF_A_PIECE)
    const content = this.contentOf(after + 1, to)
    return {
      kind: 'told',
      publication: { stream: this.#id, merchantId, livemode, from: after + 1, to, content },
    }
  }

  confirmed(from: number, to: number): void {
    const { state } = this
    if (state === null || from > state.published + 1 || to <= state.published || to > state.journal.length)
      return
    state.published = to
    state.publishTries = 0
    if (to === state.journal.length) state.publishAt = null
    this.#changed = true
  }

  plannedAgain(): void {
    const { state } = this
    if (state?.publishAt == null || state.publishAt > this.#around.now) return
    state.publishTries += 1
    const delay = Math.min(
      this.#around.republishAfterMs * 2 ** Math.min(state.publishTries - 1, 10),
      3_600_000,
    )
    state.publishAt = this.#around.now + delay
    this.#changed = true
  }

  armFor(at: number): void {
    if (this.state === null) return
    this.state.alarmAt = at
    this.#storage.setAlarm(at)
    this.#changed = true
  }

  /** Sets the alarm to whatever is due next, or to nothing. */
  rearm(): void {
    if (this.state === null) return
    const due = this.#dueAt()
    this.state.alarmAt = due
    this.#storage.setAlarm(due)
    this.#changed = true
  }

  #dueAt(): number | null {
    const times = this.state?.parked.flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt])) ?? []
    if (this.state?.publishAt != null) times.push(this.state.publishAt)
    return times.length === 0 ? null : Math.max(Math.min(...times), this.#around.now + 1)
  }

  close(): void {
    const { state } = this
    if (!this.#changed || state === null) return
    const due = this.#dueAt()
    const { now } = this.#around
    const { alarmAt } = state
    // What is overdue while an alarm is set is being done by the alarm that rings now.
    const isSoonEnough =
      alarmAt !== null && alarmAt > now && due !== null && (alarmAt <= due || due <= now + 1)
    if (due !== null && !isSoonEnough) {
      state.alarmAt = due
      this.#storage.setAlarm(due)
    }
    this.#storage.exec(
      'CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY CHECK (id = 0), state TEXT NOT NULL)',
    )
    this.#storage.exec(
      'INSERT INTO inbox (id, state) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state',
      JSON.stringify(state),
    )
  }
}
