/**
 * One payment's object without the object: the production steps on `node:sqlite`, with a clock and chance that a test
 * holds. After every test the books of each rig are checked: what must be true of any history, whatever was tested.
 */
import { afterEach, expect } from 'vitest'
import { paymentIdOf } from '../../src/crypto/hash.ts'
import { resolve } from '../../src/domain/exceptions.ts'
import type { Payment, Session } from '../../src/domain/payment.ts'
import { statusOf, unsettledSession } from '../../src/domain/payment.ts'
import type { Capabilities, Fact, Found, Opened, Outcome } from '../../src/domain/provider.ts'
import type { PublishedEntry } from '../../src/domain/publication.ts'
import { learn, type Next } from '../../src/payment/asking.ts'
import { type Book, type Surroundings, transact } from '../../src/payment/book.ts'
import { type Hearing, type HearingOutcome, hear } from '../../src/payment/hearing.ts'
import { entriesBetween, replay, verify } from '../../src/payment/journal.ts'
import { type Begin, type Begun, begin, type Finished, finish } from '../../src/payment/opening.ts'
import { questionsOf } from '../../src/payment/side.ts'
import { load, loadBeside, type Stored } from '../../src/payment/storage.ts'
import { type Fuse, NodeStorage } from './sqlite.ts'

export const MERCHANT = 'mer_0123456789abcdefghjkmnpqrs'
export const CONNECTION = 'con_0123456789abcdefghjkmnpqrs'
export const OTHER_CONNECTION = 'con_another0000000000000000000'
export const paymentId = paymentIdOf(MERCHANT, false, 'A-1')
/** Of requests whose trace does not matter. */
export const TRACE = `${'a'.repeat(32)}-01`
export const ORIGIN = 'https://pay.example'
export const NOON = Date.parse('2026-11-22T12:00:00Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** What the sandbox can do; change what a test is about. */
export const capabilities = {
  ...{ signed: true, statusCheck: true, statusCheckByOurId: true, capture: true, cancel: true },
  ...{ refund: true, partialRefund: true, idempotencySeconds: 86_400, ends: 'at_once', asksFirst: false },
  ...{ polled: false, approves: false, numbered: false, reference: null, amounts: 'minor' },
  ...{ expiresInSeconds: { min: 60, max: 86_400 }, currencies: 'any' },
} as Capabilities

export interface Asked {
  key?: string
  /** What the request resolves to; another one is another request. */
  fingerprint?: string
  money?: { amount: number; currency: string } | null
  by?: 'secret' | 'publishable'
  proven?: boolean
  tokenIssuedAt?: number | null
  clientSecret?: string | null
  connectionId?: string
  captureMethod?: 'automatic' | 'manual'
  newAttempt?: boolean
  expiresInMs?: number
  metadata?: Record<string, string>
  customer?: { email: string } | null
}

export interface Told {
  type?: Fact['type']
  amount?: number | null
  currency?: string | null
  id?: string | null
  body?: string
  sessionId?: string | undefined
  orderId?: string | undefined
  reference?: string
  also?: string[]
  connectionId?: string
  fact?: Fact
}

const rigs: Rig[] = []

/** A fresh object that was never opened. */
export function aRig(fuse?: Fuse): Rig {
  const rig = new Rig(fuse)
  rigs.push(rig)
  return rig
}

/** To be called once at the top of a test file. */
export function checksTheBooksAfterEachTest(): void {
  afterEach(() => {
    for (const rig of rigs.splice(0)) rig.check()
  })
}

export class Rig {
  storage: NodeStorage
  now = NOON
  maxAttempts = 10
  /** Of the request that asks for the next steps. */
  trace: string | null = null
  #chance = 0

  constructor(fuse?: Fuse) {
    this.storage = new NodeStorage(fuse)
  }

  around(): Surroundings {
    const random = (bytes: number) => {
      this.#chance += 1
      return Uint8Array.from({ length: bytes }, (_, index) => (this.#chance * 37 + index * 11) % 256)
    }
    const { now, maxAttempts } = this
    return {
      now,
      random,
      maxAttempts,
      trace: this.trace,
      republishAfterMs: MINUTE,
      inDoubtTooLongMs: 24 * HOUR,
    }
  }

  step<T>(run: (book: Book) => T): T {
    return transact(this.storage, this.around(), run)
  }

  get stored(): Stored {
    const stored = load(this.storage)
    if (stored === null) throw new Error('Nothing was ever opened here.')
    return stored
  }

  get payment(): Payment {
    return this.stored.payment
  }

  get status(): string {
    return statusOf(this.payment)
  }

  /** The newest session, or the one of this attempt. */
  session(attempt = this.payment.sessions.length): Session {
    const session = this.payment.sessions[attempt - 1]
    if (session === undefined) throw new Error(`There is no attempt ${attempt}.`)
    return session
  }

  get journal(): PublishedEntry[] {
    const newest = loadBeside(this.storage)
    return newest === null ? [] : entriesBetween(this.storage, 1, newest.seq)
  }

  get types(): string[] {
    return this.journal.map(({ type }) => type)
  }

  get events(): string[] {
    return this.journal.flatMap(({ event }) => (event === null ? [] : [event.type]))
  }

  get exceptions(): string[] {
    return this.payment.exceptions.map(({ kind }) => kind)
  }

  /** What moved, over all sessions of the payment; minor units. */
  moved(): { captured: number; refunded: number } {
    const sum = (of: 'captured' | 'refunded') =>
      this.payment.sessions.reduce((total, session) => total + session[of], 0)
    return { captured: sum('captured'), refunded: sum('refunded') }
  }

  asks(sessionId = this.session().id): { at: number; tries: number } | undefined {
    return this.stored.side.asks[sessionId]
  }

  /** The look that a person's correction planned. */
  look(sessionId = this.session().id): { at: number; tries: number } | undefined {
    return this.stored.side.looks?.[sessionId]
  }

  begin(asked: Asked = {}): Begun {
    const what = this.asked(asked)
    return this.step((book) => begin(book, what))
  }

  asked(asked: Asked = {}): Begin {
    const { key = 'k1', by = 'secret', proven = by === 'secret', connectionId = CONNECTION } = asked
    const money = asked.money === undefined ? { amount: 1_000, currency: 'AMD' } : asked.money
    const { captureMethod = 'automatic', newAttempt = false, metadata = {}, customer = null } = asked
    const fingerprint = asked.fingerprint ?? JSON.stringify([money, captureMethod, connectionId, newAttempt])
    return {
      request: {
        ...{ paymentId, merchantId: MERCHANT, livemode: false, orderId: 'A-1', by, connectionId },
        connectionNamed: true,
        ...{ provider: 'sandbox', captureMethod, newAttempt, metadata },
        terms: { money, proven, tokenIssuedAt: asked.tokenIssuedAt ?? null },
        expiresAt: this.now + (asked.expiresInMs ?? 30 * MINUTE),
      },
      key: { name: `open ${by} ${key}`, fingerprint },
      ...{ actor: 'key_1', clientSecret: asked.clientSecret ?? null, origin: ORIGIN },
      own: {
        ...{ returnUrl: 'https://shop.example/done', cancelUrl: null, description: null, locale: null },
        customer,
      },
    }
  }

  /** Writes a provider's answer to a call that was begun. */
  finish(begun: Begun, outcome: Outcome<Opened> = answered('ref-1'), asked: Asked = {}): Finished {
    if (begun.kind !== 'call') throw new Error(`There was no call to finish, but: ${begun.kind}`)
    const { key, actor, origin } = this.asked(asked)
    const { epoch, order } = begun
    return this.step((book) =>
      finish(book, { sessionId: order.sessionId, epoch, outcome, key, actor, origin, polled: false }),
    )
  }

  /** A session that the provider has opened; answers its id. */
  open(asked: Asked = {}): string {
    const begun = this.begin(asked)
    const attempt = this.payment.sessions.length
    this.finish(begun, answered(`ref-${attempt}`), asked)
    return this.session().id
  }

  hear(told: Told = {}): HearingOutcome {
    const hearing = this.told(told)
    return this.step((book) => hear(book, hearing))
  }

  /** A report about the newest session, of a capture of its amount, unless something else is told. */
  told(told: Told = {}): Hearing {
    const session = load(this.storage)?.payment.sessions.at(-1)
    const { type = 'captured', amount = session?.amount ?? 1_000, currency = 'AMD' } = told
    const hasMoney = type === 'captured' || type === 'authorized' || type === 'refunded'
    const fact = told.fact ?? ((hasMoney ? { type, amount, currency } : { type }) as Fact)
    const reference = told.reference ?? session?.references[0] ?? 'ref-1'
    const id = told.id === undefined ? `rpt-${type}-${reference}` : told.id
    const body = told.body ?? JSON.stringify([id, fact, reference])
    const sessionId = 'sessionId' in told ? told.sessionId : session?.id
    const orderId = 'orderId' in told ? told.orderId : 'A-1'
    const named = {
      reference,
      ...(sessionId !== undefined && { sessionId }),
      ...(orderId !== undefined && { orderId }),
      ...(told.also !== undefined && { also: told.also }),
    }
    const report = { id, named, fact, occurredAt: this.now }
    return { connectionId: told.connectionId ?? CONNECTION, report, bodyHash: `hash of ${body}`, body }
  }

  /** What a status check of the newest session told. */
  learn(
    found: Partial<Found> | null,
    able: Partial<Capabilities> = {},
    { sessionId = this.session().id, askedAt = this.now } = {},
  ): Next {
    const outcome: Outcome<Found> =
      found === null
        ? { kind: 'unknown', detail: 'No answer.' }
        : { kind: 'done', value: { facts: [], references: [], payable: true, ...found } }
    return this.step((book) => learn(book, sessionId, outcome, { ...capabilities, ...able }, askedAt))
  }

  /** A person closes the exception. */
  resolve(id: string): void {
    this.step((book) => book.write(resolve(this.payment, { id }, 'checked', 'Looked at it.'), 'opr_1'))
  }

  /** The object leaves the memory of its machine, and with it whatever it remembered of its rows. */
  evict(): void {
    this.storage = this.storage.reopened()
  }

  /** What is true of any payment's books, whatever happened. */
  check(): void {
    const stored = load(this.storage.reopened())
    if (stored === null) return
    expect(load(this.storage), 'what an object remembers').toEqual(stored)
    const { payment, side, published } = stored
    const { journal } = this
    expect(replay(journal), 'the journal replayed').toEqual(payment)
    expect(verify(journal, side.head)).toMatchObject({ valid: true, entries: payment.version })
    const events = journal.flatMap(({ event }) => (event === null ? [] : [event]))
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1))
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    expect(events.filter(({ type }) => type === 'payment.paid').length).toBeLessThanOrEqual(1)
    const told = JSON.stringify(journal)
    for (const event of events) expect(event.body.length).toBeLessThan(20_000)
    for (const own of Object.values(side.sessions)) expect(told).not.toContain(own.clientSecret)
    expect(published).toBeLessThanOrEqual(payment.version)
    this.#checkClocks(stored)
  }

  /** Whatever is unsettled or unconfirmed has a time at which the object looks after it by itself. */
  #checkClocks({ payment, side, published }: Stored): void {
    const times = [...questionsOf(side).map(([, { at }]) => at), side.publishAt ?? Number.POSITIVE_INFINITY]
    const due = Math.min(...times)
    expect(side.alarmAt).toBe(this.storage.alarm)
    if (due < Number.POSITIVE_INFINITY) {
      expect(this.storage.alarm).not.toBeNull()
      // What is overdue is being done, or done again within the minute that an alarm promises before it begins.
      expect(this.storage.alarm).toBeLessThanOrEqual(due > this.now ? due : this.now + MINUTE)
    }
    if (published < payment.version) expect(side.publishAt).not.toBeNull()
    const waiting = unsettledSession(payment)
    if (waiting !== undefined && waiting.state !== 'authorized') expect(side.asks).toHaveProperty(waiting.id)
  }
}

/** The provider made a checkout under these references. */
export function answered(...references: [string, ...string[]]): Outcome<Opened> {
  const checkout = { kind: 'redirect' as const, url: `https://bank.example/${references[0]}?secret=1` }
  return { kind: 'done', value: { references, checkout, endsAt: null } }
}

export const declined: Outcome<Opened> = { kind: 'declined', code: 'bad_credentials', detail: 'Who is it?' }
export const lost: Outcome<Opened> = { kind: 'unknown', detail: 'No answer.' }

/** The JSON of an answer kept for a key. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers as their callers would.
export function bodyOf(answer: Begun | Finished): any {
  if (answer.kind !== 'answer' || answer.answer.kind !== 'body')
    throw new Error(`No body: ${JSON.stringify(answer)}`)
  return { status: answer.answer.status, ...JSON.parse(answer.answer.json), http: answer.answer.status }
}
