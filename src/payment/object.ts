/**
 * The payment's Durable Object: a thin shell over the steps beside it. It gives them time, chance and storage, tells
 * watchers and the queue afterwards, and rings its one alarm for whatever is due.
 */

import { DurableObject } from 'cloudflare:workers'
import type { Verification } from '../crypto/chain.ts'
import type { Trouble } from '../domain/exceptions.ts'
import { raise } from '../domain/exceptions.ts'
import type { FulfillmentWord } from '../domain/fulfillment.ts'
import { isHeld } from '../domain/lease.ts'
import { leadingSession } from '../domain/payment.ts'
import type { Capabilities, Fact, Found, Named, Outcome, Question } from '../domain/provider.ts'
import type { PublishedContent, PublishedEntry, Publisher, Retold } from '../domain/publication.ts'
import { isIssuedAnyway, type ReceiptWord } from '../domain/receipts.ts'
import type { Trace } from '../domain/trace.ts'
import { traceIdOf } from '../domain/trace.ts'
import type { Env } from '../env.ts'
import { settingsOf } from '../env.ts'
import { type Answered, answered } from './answering.ts'
import { ask } from './ask.ts'
import {
  beginEnd,
  type EndBegun,
  ended,
  learn,
  type Next,
  postpone,
  type Subject,
  subjectOf,
} from './asking.ts'
import { type Book, type Surroundings, transact } from './book.ts'
import {
  type BeginCommand,
  beginCommand,
  type Call,
  type CommandBegun,
  type Conclude,
  conclude,
  ownCommand,
} from './commanding.ts'
import { type Correct, type Corrected, correct } from './correcting.ts'
import { ask as answerQuestion, type Hearing, type HearingOutcome, hear } from './hearing.ts'
import { ASK_AT_MOST_EVERY_MS, takeHint } from './hinting.ts'
import { entriesBetween, verify } from './journal.ts'
import { type Answer, type Key, type Known, lookUp } from './keys.ts'
import { isOver, tell } from './live.ts'
import { writeLine } from './log.ts'
import { countStep } from './metrics.ts'
import { type Begin, type Begun, begin, type Finish, type Finished, finish } from './opening.ts'
import { providersOf } from './providers.ts'
import type { Chain } from './proving.ts'
import { confirmed, contentOf, plannedAgain, publicationDue } from './publishing.ts'
import {
  belongsTo,
  orderCurrency,
  type Reduced,
  type Scope,
  showPayment,
  showReduced,
  showSession,
  type Way,
  wayOf,
} from './reading.ts'
import { type Register, type Registered, register } from './registering.ts'
import { type Resolution, type Resolve, resolveException } from './resolving.ts'
import { retold } from './retelling.ts'
import { questionsOf } from './side.ts'
import { storageOf } from './sqlite.ts'
import { load, loadBeside } from './storage.ts'
import { type Told, type Tracked, tellFulfillment, tellReceipt } from './tracking.ts'
import { Waiting } from './waiting.ts'

/** How long a caller waits for another one that is opening the same session; then it is told to come back. */
const WAIT_MS = 10_000
/** What an alarm promises before it begins: should it die, it rings again. */
const ALARM_AGAIN_MS = 60_000

export class PaymentObject extends DurableObject<Env> implements Publisher {
  readonly #storage = storageOf(this.ctx.storage)
  readonly #waiting = new Waiting()
  readonly #askedAt = new Map<string, number>()

  /** Decides about opening a session; waits a while where another caller is at the provider for it. */
  async begin(asked: Begin, trace?: Trace): Promise<Begun> {
    const deadline = Date.now() + WAIT_MS
    for (;;) {
      const begun = this.#step((book) => begin(book, asked), trace, 'quietly')
      if (begun.kind !== 'wait' || Date.now() >= deadline) return begun
      await this.#waiting.until(deadline)
    }
  }

  async finish(outcome: Finish, trace?: Trace): Promise<Finished> {
    return this.#step((book) => finish(book, outcome), trace)
  }

  async register(order: Register, trace?: Trace): Promise<Registered> {
    return this.#step((book) => register(book, order), trace)
  }

  async hear(hearing: Hearing, trace?: Trace): Promise<HearingOutcome> {
    return this.#step((book) => hear(book, hearing), trace)
  }

  async question(connectionId: string, question: Question, trace?: Trace): Promise<boolean> {
    return this.#step((book) => answerQuestion(book, connectionId, question), trace)
  }

  /** The sessions that are worth asking about on demand: whatever is not settled, and the one that leads. */
  async sessionsToAsk(scope: Scope): Promise<string[] | null> {
    const stored = load(this.#storage)
    if (stored === null || !belongsTo(stored.payment, scope)) return null
    const { payment } = stored
    const leading = leadingSession(payment)
    const worth = payment.sessions.filter((session) => session === leading || !isOver(session))
    return worth.slice(-5).map((session) => session.id)
  }

  /** Someone says, without proof, that something happened: the alarm asks the provider soon. */
  async hint(named: Named, connectionId: string, trace?: Trace): Promise<void> {
    this.#step((book) => takeHint(book, connectionId, named, (id) => this.#askedAt.get(id) ?? 0), trace)
  }

  /** What to ask the provider, who is about to be asked. */
  async subject(sessionId: string): Promise<Subject | null> {
    const subject = this.#step((book) => subjectOf(book, sessionId))
    if (subject !== null) this.#askedAt.set(sessionId, subject.askedAt)
    return subject
  }

  /** The session to ask about on somebody's visit; null when that tells nothing or was done a moment ago. */
  async subjectToAsk(sessionId: string): Promise<Subject | null> {
    const justAsked = Date.now() - (this.#askedAt.get(sessionId) ?? 0) < ASK_AT_MOST_EVERY_MS
    const subject = justAsked ? null : this.#step((book) => subjectOf(book, sessionId))
    if (subject === null || subject.settled) return null
    this.#askedAt.set(sessionId, subject.askedAt)
    return subject
  }

  async learn(
    sessionId: string,
    outcome: Outcome<Found>,
    capabilities: Capabilities,
    askedAt: number,
    trace?: Trace,
  ): Promise<Next> {
    return this.#step((book) => learn(book, sessionId, outcome, capabilities, askedAt), trace)
  }

  async beginEnd(sessionId: string, actor: string, trace?: Trace): Promise<EndBegun | null> {
    return this.#step(
      (book) => beginEnd(book, sessionId, isHeld(book.side.lease, book.around.now), actor),
      trace,
    )
  }

  /** The connections that the payment's sessions were opened through. */
  async connections(): Promise<string[]> {
    const sessions = load(this.#storage)?.payment.sessions ?? []
    return [...new Set(sessions.map((session) => session.connectionId))]
  }

  /** Decides about a money command; waits a while where another one is at the provider. */
  async beginCommand(asked: BeginCommand, trace?: Trace): Promise<CommandBegun | null> {
    const deadline = Date.now() + WAIT_MS
    for (;;) {
      const begun = this.#step((book) => beginCommand(book, asked), trace, 'quietly')
      if (begun?.kind !== 'wait' || Date.now() >= deadline) return begun
      await this.#waiting.until(deadline)
    }
  }

  async conclude(conclusion: Conclude, trace?: Trace): Promise<Answer | null> {
    return this.#step((book) => conclude(book, conclusion), trace)
  }

  async ownCommand(sessionId: string, capabilities: Capabilities, trace?: Trace): Promise<Call | null> {
    return this.#step((book) => ownCommand(book, sessionId, capabilities), trace)
  }

  async correct(correction: Correct, trace?: Trace): Promise<Corrected | null> {
    return this.#step((book) => correct(book, correction), trace)
  }

  async tellReceipt(told: Told<ReceiptWord>, trace?: Trace): Promise<Tracked | null> {
    return this.#step((book) => tellReceipt(book, told), trace)
  }

  async tellFulfillment(told: Told<FulfillmentWord>, trace?: Trace): Promise<Tracked | null> {
    return this.#step((book) => tellFulfillment(book, told), trace)
  }

  /** What is known of a command's idempotency key. */
  async keyed(key: Key): Promise<Known> {
    const stored = load(this.#storage)
    return stored === null ? { kind: 'first' } : lookUp(this.#storage, key)
  }

  /** Keeps a command's answer under its key: the session or the payment as it now is. Null when there is none. */
  async answered(command: Answered, trace?: Trace): Promise<Answer | null> {
    return this.#step((book) => answered(book, command), trace)
  }

  async ended(
    sessionId: string,
    outcome: Outcome<Fact[]>,
    why: 'asked' | 'clock',
    actor: string,
    trace?: Trace,
  ): Promise<void> {
    this.#step((book) => ended(book, sessionId, outcome, why, actor), trace)
  }

  /** Raised once per kind and cause while it is open, and not when it is over already. */
  async raiseException(trouble: Trouble, trace?: Trace): Promise<void> {
    this.#step((book) => {
      const { payment } = book
      if (payment === null || isIssuedAnyway(payment, trouble)) return
      book.write(raise(payment, trouble), 'tollgate')
    }, trace)
  }

  async resolveException(how: Resolve, trace?: Trace): Promise<Resolution> {
    return this.#step((book) => resolveException(book, how), trace)
  }

  async payment(scope: Scope): Promise<string | null> {
    return showPayment(load(this.#storage), scope)
  }

  async orderCurrency(scope: Scope, proven: boolean, clientSecret: string | null): Promise<string | null> {
    return orderCurrency(load(this.#storage), scope, proven, clientSecret)
  }

  async session(scope: Scope, sessionId: string, origin: string): Promise<string | null> {
    return showSession(load(this.#storage), scope, sessionId, origin)
  }

  async reduced(scope: Scope | null, sessionId: string, clientSecret: string): Promise<Reduced | null> {
    return showReduced(load(this.#storage), scope, sessionId, clientSecret)
  }

  async way(sessionId: string): Promise<Way | null> {
    return wayOf(load(this.#storage), sessionId)
  }

  async journal(scope: Scope): Promise<PublishedEntry[] | null> {
    const stored = load(this.#storage)
    if (stored === null || !belongsTo(stored.payment, scope)) return null
    return entriesBetween(this.#storage, 1, stored.payment.version)
  }

  /** The chain as it is stored, also where it cannot be read as a payment any more. */
  async chain(scope: Scope): Promise<Chain | null> {
    const newest = loadBeside(this.#storage)
    if (newest === null || !belongsTo(newest.beside, scope)) return null
    return { entries: entriesBetween(this.#storage, 1, newest.seq), head: newest.beside.side.head }
  }

  async verifyJournal(scope: Scope): Promise<Verification | null> {
    const newest = loadBeside(this.#storage)
    if (newest === null || !belongsTo(newest.beside, scope)) return null
    return verify(entriesBetween(this.#storage, 1, newest.seq), newest.beside.side.head)
  }

  async publication(from: number, to: number): Promise<PublishedContent> {
    const stored = load(this.#storage)
    if (stored === null) throw new Error('Nothing was published from here.')
    return contentOf(this.#storage, stored, from, to)
  }

  async retold(after: number): Promise<Retold> {
    return retold(this.#storage, after)
  }

  async confirm(from: number, to: number): Promise<void> {
    this.#step((book) => confirmed(book, from, to), null, 'quietly')
  }

  async poke(): Promise<void> {
    await this.alarm()
  }

  /** A watcher of one session; the Worker has checked that it may watch. */
  override async fetch(request: Request): Promise<Response> {
    const stored = load(this.#storage)
    const sessionId = new URL(request.url).pathname.slice(1)
    if (stored === null || request.headers.get('upgrade') !== 'websocket')
      return new Response(null, { status: 404 })
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server, [sessionId])
    tell(server, stored.payment, sessionId)
    return new Response(null, { status: 101, webSocket: client })
  }

  override async webSocketMessage(): Promise<void> {
    // Watchers have nothing to say.
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // 1005 and its like stand for "no code" and must not be sent.
    socket.close(code >= 1000 && code < 1005 ? code : 1000)
  }

  /** Never throws: an alarm that fails seven times would be dropped for good, and with it everything that waits. */
  override async alarm(): Promise<void> {
    const isDue = this.#step(
      (book) => {
        const due = book.dueAt()
        if (due === null || due > book.around.now) book.passOn()
        else book.armFor(book.around.now + ALARM_AGAIN_MS)
        return due !== null && due <= book.around.now
      },
      null,
      'quietly',
    )
    if (!isDue) return
    try {
      await this.#publish('planned')
      for (const sessionId of this.#dueSessions())
        await ask(this, providersOf(this.env), sessionId).catch((error) => {
          // What fails here fails again at once, so it is put off like a provider that does not answer.
          this.#step((book) => postpone(book, sessionId), null, 'quietly')
          this.#log('ask_failed', sessionId, error)
        })
    } finally {
      this.#step((book) => book.rearm(), null, 'quietly')
    }
  }

  #dueSessions(): string[] {
    const stored = load(this.#storage)
    const due = stored === null ? [] : questionsOf(stored.side).filter(([, { at }]) => at <= Date.now())
    return [...new Set(due.map(([sessionId]) => sessionId))]
  }

  /** One transaction; afterwards, unless quietly, the queue and the watchers are told what became true. */
  #step<T>(run: (book: Book) => T, trace: Trace | null = null, how: 'aloud' | 'quietly' = 'aloud'): T {
    let book: Book | undefined
    const result = transact(this.#storage, this.#around(trace), (opened) => {
      book = opened
      return run(opened)
    })
    if (book !== undefined && book.written.length > 0) {
      countStep(this.env, book)
      this.#tellWatchers()
      if (how === 'aloud') this.ctx.waitUntil(this.#publish('now'))
    }
    // Quiet steps change nothing that others wait for; if those who wait woke each other, the clock would stand still.
    if (how === 'aloud') this.#waiting.wake()
    return result
  }

  async #publish(when: 'now' | 'planned'): Promise<void> {
    const publication = this.#step(
      (book) => {
        const due = when === 'now' || (book.side.publishAt !== null && book.side.publishAt <= book.around.now)
        const range = due ? publicationDue(book) : null
        if (range !== null && when === 'planned') plannedAgain(book)
        return range
      },
      null,
      'quietly',
    )
    if (publication === null) return
    // What the queue does not take now, the alarm sends again.
    await this.env.JOURNAL.send(publication).catch((error) =>
      this.#log('publish_failed', publication.stream, error),
    )
  }

  #tellWatchers(): void {
    const sockets = this.ctx.getWebSockets()
    const stored = sockets.length === 0 ? null : load(this.#storage)
    if (stored === null) return
    for (const socket of sockets) tell(socket, stored.payment, this.ctx.getTags(socket)[0] ?? '')
  }

  #around(trace: Trace | null): Surroundings {
    const settings = settingsOf(this.env)
    return {
      trace,
      now: Date.now(),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      republishAfterMs: settings.REPUBLISH_AFTER_SECONDS * 1_000,
      inDoubtTooLongMs: settings.IN_DOUBT_TOO_LONG_SECONDS * 1_000,
      maxAttempts: settings.MAX_ATTEMPTS,
    }
  }

  #log(message: string, about: string, error: unknown): void {
    const trace = load(this.#storage)?.side.traces.at(-1)?.trace
    const kind = error instanceof Error ? error.name : 'unknown'
    writeLine({ message, level: 'error', trace: trace ? traceIdOf(trace) : null, about, error: kind })
  }
}
