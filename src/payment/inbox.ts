/**
 * Verified reports that no payment took: about something that is not here yet, or that came through a connection which
 * is not the session's. One object per connection and reference keeps them, tries again, and tells an operator.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Trouble } from '../domain/exceptions.ts'
import type { PublishedContent, PublishedEntry, Publisher, Retold } from '../domain/publication.ts'
import { type Trace, traceIdOf } from '../domain/trace.ts'
import type { Env } from '../env.ts'
import { settingsOf } from '../env.ts'
import { recordsOf } from '../store/database.ts'
import { sessionOfReference } from '../store/payments.ts'
import type { Hearing } from './hearing.ts'
import { InboxBook, type InboxState, type Judged, type Keep, type Owner } from './inbox-book.ts'
import { writeLine } from './log.ts'
import { count, countExceptions } from './metrics.ts'
import type { Resolution, Resolve } from './resolving.ts'
import { paymentNamed } from './routes.ts'
import { storageOf } from './sqlite.ts'

/** A trouble that no payment has. */
type Raised = Pick<Trouble, 'kind' | 'cause' | 'detail'>

const ALARM_AGAIN_MS = 60_000

export class InboxObject extends DurableObject<Env> implements Publisher {
  readonly #storage = storageOf(this.ctx.storage)

  /** Keeps the report; durable when this returns. A repeat of the same report changes nothing. */
  async keep(keep: Keep): Promise<void> {
    this.#step((book) => book.keep(keep))
    this.ctx.waitUntil(this.#publish())
  }

  /** Raises what a settlement file tells and no payment here has; the same cause again changes nothing. */
  async raiseExceptions(owner: Owner, troubles: readonly Raised[]): Promise<void> {
    this.#step((book) => book.raise(owner, troubles))
    this.ctx.waitUntil(this.#publish())
  }

  /** Raises a trouble of this inbox itself; the same cause again changes nothing. */
  async raiseException(trouble: Raised): Promise<void> {
    this.#step((book) => {
      if (book.state !== null) book.raise(book.state, [trouble])
    })
    this.ctx.waitUntil(this.#publish())
  }

  async resolveException(
    { id, cause, resolution, note, actor }: Resolve,
    trace?: Trace,
  ): Promise<Resolution> {
    const key = id !== undefined ? { id } : { cause: cause ?? '' }
    const result = this.#step((book) => book.resolve(key, resolution, note, actor, trace))
    this.ctx.waitUntil(this.#publish())
    return result
  }

  async publication(from: number, to: number): Promise<PublishedContent> {
    return this.#step((book) => book.contentOf(from, to))
  }

  async retold(after: number): Promise<Retold> {
    return this.#step((book) => book.retold(after))
  }

  async confirm(from: number, to: number): Promise<void> {
    this.#step((book) => book.confirmed(from, to))
  }

  async poke(): Promise<void> {
    await this.alarm()
  }

  /** What is parked here, for tests and operators. */
  async parked(): Promise<InboxState['parked']> {
    return this.#step((book) => book.state?.parked ?? [])
  }

  /** Never throws, so that it is never dropped. */
  override async alarm(): Promise<void> {
    this.#step((book) => book.armFor(Date.now() + ALARM_AGAIN_MS))
    try {
      for (const parked of this.#step((book) => book.due())) {
        const judged = await this.#tryAgain(parked.keep).catch((): Judged => 'unmatched')
        this.#step((book) => book.judged(parked.mark, judged))
        if (judged === 'taken') this.#tellTaken(parked.keep)
      }
      this.#step((book) => book.plannedAgain())
      await this.#publish()
    } finally {
      this.#step((book) => book.rearm())
    }
  }

  async #tryAgain({ connectionId, merchantId, livemode, hearing, trace }: Keep): Promise<Judged> {
    const named = hearing.report.named
    const direct = paymentNamed({ merchantId, livemode }, named)
    if (direct !== null) {
      const outcome = await this.#hear(direct, hearing, trace)
      if (outcome !== 'unmatched') return outcome
    }
    const sessionId = await sessionOfReference(recordsOf(this.env, merchantId), connectionId, named.reference)
    const found = sessionId === null ? null : paymentNamed({ merchantId, livemode }, { ...named, sessionId })
    return found === null || found === direct ? 'unmatched' : this.#hear(found, hearing, trace)
  }

  async #hear(paymentId: string, hearing: Hearing, trace?: Trace | null): Promise<Judged> {
    const outcome = await this.env.PAYMENT.getByName(paymentId).hear(hearing, trace ?? undefined)
    return outcome === 'unmatched' || outcome === 'foreign' ? outcome : 'taken'
  }

  /** Its request is long answered, so it has a line and a count of its own. */
  #tellTaken({ connectionId, merchantId, livemode, trace }: Keep): void {
    const about = { connection: connectionId, merchant: merchantId, livemode }
    writeLine({
      message: 'report_taken',
      trace: trace ? traceIdOf(trace) : null,
      inbox: this.ctx.id.name ?? '',
      ...about,
    })
    const outcome = 'taken_later'
    count(this.env, { name: 'report', outcome, merchantId, livemode, kind: '', about: connectionId })
  }

  #step<T>(run: (book: InboxBook) => T): T {
    const settings = settingsOf(this.env)
    let written: PublishedEntry[] = []
    let state: InboxState | null = null
    const result = this.#storage.transactionSync(() => {
      const book = new InboxBook(this.#storage, this.ctx.id.name ?? '', {
        now: Date.now(),
        unmatchedAfterMs: settings.UNMATCHED_AFTER_SECONDS * 1_000,
        republishAfterMs: settings.REPUBLISH_AFTER_SECONDS * 1_000,
      })
      const known = book.state?.journal.length ?? 0
      const answer = run(book)
      book.close()
      written = book.state?.journal.slice(known) ?? []
      state = book.state
      return answer
    })
    if (state !== null) countExceptions(this.env, state, written)
    return result
  }

  async #publish(): Promise<void> {
    const publication = this.#step((book) => book.publication())
    if (publication === null) return
    // What the queue does not take now, the alarm sends again.
    await this.env.JOURNAL.send(publication).catch(() =>
      writeLine({ level: 'error', message: 'publish_failed', about: publication.stream }),
    )
  }
}
