/**
 * One step on a payment object, from load to save, inside one transaction: entries are appended, the payment follows
 * from them, and the alarm is set for whatever is due next. Every write of the object goes through here.
 */
import type { Entry } from '../domain/entry.ts'
import { eventOf } from '../domain/event.ts'
import type { Payment } from '../domain/payment.ts'
import { marked, type Trace } from '../domain/trace.ts'
import { type ChainedRow, chained, insert, type Marks, step } from './journal.ts'
import { emptySide, isPersonal, questionsOf, type Side } from './side.ts'
import { create, forgetOlder, load, type ObjectStorage, type SqlValue, save } from './storage.ts'

/** What a step is given from outside: time, chance and the deployment's settings. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  now: number
  random(bytes: number): Uint8Array
  republishAfterMs: number
  inDoubtTooLongMs: number
  maxAttempts: number
  /** The trace of the request that asked for the step; null where nobody did. */
  trace: Trace | null
}

export class Book {
  readonly #storage: ObjectStorage
  readonly around: Surroundings
  /** Null until the order is registered or its first session is opened. */
  payment: Payment | null
  side: Side
  published: number
  /** The payment as the step found it, and the entries that the step wrote. */
  readonly before: Payment | null
  readonly written: Entry[] = []
  #changed = false
  /** The newest entry of this step, which waits for the state that is written with it. */
  #unwritten: ChainedRow | null = null
  #hasNewRow = false
  readonly #wasPersonal: boolean

  constructor(storage: ObjectStorage, around: Surroundings) {
    this.#storage = storage
    this.around = around
    const stored = load(storage)
    this.payment = stored?.payment ?? null
    this.before = this.payment
    this.side = stored?.side ?? emptySide()
    this.published = stored?.published ?? 0
    this.#wasPersonal = isPersonal(this.side)
  }

  /** The journal's rows, this step's entries among them. After a write this costs one more; `earlier` does not. */
  get storage(): ObjectStorage {
    this.#flush()
    return this.#storage
  }

  /** Rows of earlier steps; of this step's entries the newest may be missing. */
  earlier(query: string, ...bindings: SqlValue[]): Record<string, SqlValue>[] {
    return this.#storage.exec(query, ...bindings)
  }

  #flush(): void {
    if (this.#unwritten === null) return
    insert(this.#storage, this.#unwritten, null, null)
    this.#unwritten = null
  }

  /** Appends the entries in order; the marks belong to the first that is not the payment's own creation. */
  write(entries: readonly Entry[], actor: string, marks: Marks = {}): void {
    if (entries.length > 0 && this.payment === null) create(this.#storage)
    const marked = entries.find((entry) => entry.type !== 'payment.created')
    for (const entry of entries) this.#append(entry, actor, entry === marked ? marks : {})
  }

  /** What would be true after this entry; nothing is written. */
  foresee<T>(entry: Entry, look: (payment: Payment) => T): T {
    const seq = (this.payment?.version ?? 0) + 1
    return look(step(this.payment, { seq, at: this.around.now, actor: '', entry }).payment)
  }

  #append(entry: Entry, actor: string, marks: Marks): void {
    const before = this.payment
    const placed = { seq: (before?.version ?? 0) + 1, at: this.around.now, actor, entry }
    const { payment, type } = step(before, placed)
    const event = type === null ? null : eventOf(type, before, payment, placed, payment.events)
    this.#flush()
    this.#hasNewRow = true
    this.#unwritten = chained(placed, event, this.side.head, marks)
    this.side.head = this.#unwritten.hash
    this.side.traces = marked(this.side.traces, placed.seq, this.around.trace)
    this.written.push(entry)
    this.payment = payment
    this.side.publishAt ??= this.around.now + this.around.republishAfterMs
    this.touch()
  }

  /** Something beside the journal changed and is to be saved. */
  touch(): void {
    this.#changed = true
  }

  /** Saves and sets the alarm; writes nothing when nothing changed. */
  close(): void {
    if (!this.#changed || this.payment === null) return
    this.#arm()
    const { payment, side, published, around } = this
    forgetCustomers(payment, side)
    // Who only made the object plan something, such as a question to the provider, is the cause of what comes next.
    if (this.written.length === 0) side.traces = marked(side.traces, payment.version + 1, around.trace)
    save(this.#storage, { payment, side, published }, this.#unwritten)
    this.#unwritten = null
    // What is personal is kept only as long as it is needed, so it must not stay behind in an older row.
    if (this.#hasNewRow && this.#wasPersonal) forgetOlder(this.#storage, payment.version)
  }

  /**
   * An alarm that rings early costs less than moving it, so it is only ever moved forward in time. What is overdue while
   * an alarm is set is being done by the alarm that rings now, which has promised the next one before it began.
   */
  #arm(): void {
    const due = this.dueAt()
    const { alarmAt } = this.side
    const { now } = this.around
    if (due === null || (alarmAt !== null && alarmAt > now && (alarmAt <= due || due <= now))) return
    this.side.alarmAt = Math.max(due, now + 1)
    this.#storage.setAlarm(this.side.alarmAt)
  }

  /** Sets the alarm to this time, whatever is due: what an alarm does first, before anything can go wrong. */
  armFor(at: number): void {
    if (this.payment === null) return
    this.side.alarmAt = at
    this.#storage.setAlarm(at)
    this.touch()
  }

  /**
   * The alarm rang before anything is due, so it is set for what is. Nothing is saved: a remembered time that is over
   * means that none is set, and the worst that follows is an alarm set twice or rung for nothing.
   */
  passOn(): void {
    const due = this.payment === null ? null : this.dueAt()
    if (due !== null) this.#storage.setAlarm(Math.max(due, this.around.now + 1))
  }

  /** Sets the alarm to whatever is due now, or to nothing: what an alarm does last. */
  rearm(): void {
    if (this.payment === null) return
    const due = this.dueAt()
    const pending = this.side.alarmAt !== null && this.side.alarmAt > this.around.now
    this.side.alarmAt = due === null ? null : Math.max(due, this.around.now + 1)
    // The alarm that is ringing is gone already; only one that is still to come needs taking back.
    if (due === null && !pending) return
    this.#storage.setAlarm(this.side.alarmAt)
    this.touch()
  }

  /** When the object next has something to do by itself; null when it waits for nothing. */
  dueAt(): number | null {
    const times = questionsOf(this.side).map(([, { at }]) => at)
    if (this.side.publishAt !== null) times.push(this.side.publishAt)
    return times.length === 0 ? null : Math.min(...times)
  }
}

/**
 * Who ordered is needed for a checkout that is still to be made, and for nothing else: a registered order may get another
 * one until it is paid.
 */
function forgetCustomers({ sessions, settledBy }: Payment, side: Side): void {
  if (settledBy !== null) side.orderCustomer = null
  for (const { id, state } of sessions) {
    const own = side.sessions[id]
    if (own !== undefined && state !== 'opening') own.customer = null
  }
}

/** Runs one step as one transaction. What it throws undoes everything it wrote. */
export function transact<T>(storage: ObjectStorage, around: Surroundings, run: (book: Book) => T): T {
  return storage.transactionSync(() => {
    const book = new Book(storage, around)
    const result = run(book)
    book.close()
    return result
  })
}
