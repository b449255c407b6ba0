/**
 * The records' and deliveries' code on real D1, with everything else of the outside under a test's control: clock,
 * queue, objects, business systems, and a fuse that kills the Worker at a chosen outward step.
 */
import { env } from 'cloudflare:workers'
import { seal, unseal } from '../../src/crypto/seal.ts'
import type { Ports, QueueMessage, Resolution } from '../../src/delivery/ports.ts'
import { consume } from '../../src/delivery/queues.ts'
import { sweep } from '../../src/delivery/sweeper.ts'
import type { Refusal } from '../../src/domain/errors.ts'
import type { Trouble } from '../../src/domain/exceptions.ts'
import { eventId } from '../../src/domain/ids.ts'
import type { Publication, PublishedContent, PublishedEntry, Retold } from '../../src/domain/publication.ts'
import { Turns } from '../../src/domain/turns.ts'
import { paymentView } from '../../src/domain/view.ts'
import type { DeliveryMessage } from '../../src/env.ts'
import type { Metric } from '../../src/payment/metrics.ts'
import type { Told, Tracked } from '../../src/payment/tracking.ts'
import { type Databases, type Records, recordsIn, recordsOf, shardsOf } from '../../src/store/database.ts'
import { addDestination, type Destination, type NewDestination } from '../../src/store/destinations.ts'
import { aPayment } from '../support/a-payment.ts'
import { databaseOf, emptyRecords, isAnythingDue, rowsOf } from './record-rows.ts'

let made = 0
/** 26 characters of an id, never the same ones. */
export const aCore = () => String(++made).padStart(26, '0')
export const aPaymentId = () => `pay_${aCore()}`
export const aMerchantId = () => `mer_${aCore()}`

export { databaseOf, emptyRecords, rowsOf }

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** A journal entry; with a type of event it carries that event, whose sequence is the entry's own number. */
export function anEntry(
  stream: string,
  seq: number,
  eventType: string | null = 'payment.paid',
): PublishedEntry {
  const id = eventId(stream, seq)
  const body = JSON.stringify({
    type: eventType,
    timestamp: '2026-11-22T12:00:00.000Z',
    data: {
      ...{ event_id: id, sequence: seq, receipt_key: `${stream}-sale` },
      payment: { ...paymentView(aPayment()), id: stream },
    },
  })
  const event = eventType === null ? null : { id, type: eventType, sequence: seq, body }
  return {
    seq,
    at: 1_700_000_000_000 + seq,
    type: 'report.applied',
    actor: 'provider:con_x',
    data: '{}',
    prevHash: `h${seq - 1}`,
    hash: `h${seq}`,
    event,
  }
}

/** What an object publishes of the range `from` to `to`, one event for each entry. */
export function aPublication(
  change: Partial<Publication> & { merchantId: string; stream: string },
  content: Partial<PublishedContent> = {},
): Publication {
  const { stream, from = 1, to = from } = change
  const entries = Array.from({ length: to - from + 1 }, (_, index) => anEntry(stream, from + index))
  const payment = {
    id: stream,
    orderId: 'A-1',
    status: 'paid',
    amount: 1_000,
    currency: 'AMD',
    version: to,
    createdAt: 1_700_000_000_000,
    overdueAt: null,
    references: [{ connectionId: 'con_x', reference: `ref-${stream}`, sessionId: `ps_${stream.slice(4)}` }],
    body: JSON.stringify({ id: stream, version: to }),
  }
  return { livemode: false, from, to, content: { entries, payment, exceptions: [], ...content }, ...change }
}

export async function aDestination(
  merchantId: string,
  change: Partial<Destination> = {},
): Promise<Destination> {
  const id = `dst_${aCore()}`
  const destination: NewDestination = {
    ...{
      id,
      merchantId,
      livemode: false,
      kind: 'crm',
      url: `https://${id.slice(4)}.example/hook`,
      eventTypes: ['*'],
    },
    ...{
      description: null,
      ordered: false,
      maxPerSecond: null,
      timeoutMs: null,
      status: 'active',
      pausedBecause: null,
    },
    ...{
      createdAt: 1_600_000_000_000,
      deletedAt: null,
      secrets: await seal(env, JSON.stringify([SECRET]), id),
    },
    ...change,
  }
  return await addDestination(recordsOf(env, merchantId), destination, {
    ...askedAt(destination.createdAt),
  })
}

/** Somebody who asks for something at this time, as the admin log names them. */
export const askedAt = (at: number) => ({ actor: 'opr_of_the_test', requestId: 'req_of_the_test', at })

/** The Worker died: from here on nothing that it starts has any effect. */
export class Died extends Error {}

interface Waiting {
  dueAt: number
  queue: string
  body: unknown
  attempts: number
}

export interface Got {
  url: string
  headers: Record<string, string>
  body: string
}

type Behaviour = (got: Got, count: number) => Response | Promise<Response>

export class Rig {
  now = 1_764_000_000_000
  schedule: readonly number[] = [0, 5, 300, 1_800]
  waiting: Waiting[] = []
  got: Got[] = []
  log: Record<string, unknown>[] = []
  counted: Metric[] = []
  confirmed: string[] = []
  poked: string[] = []
  /** Open exceptions, by kind and cause. */
  open = new Map<string, Trouble>()
  resolved: Resolution[] = []
  /** Receipts and steps of fulfilment that payments were told, each as often as it was told. */
  told: Told<object>[] = []
  /** What payments answer to them. */
  refusal: Refusal | null = null
  /** The traces in which exceptions were raised. */
  toldIn: (string | undefined)[] = []
  behaviour: Behaviour = () => new Response('ok')
  /** The turns that destinations with a limit deal out. */
  turns = new Map<string, Turns>()
  /** Contents that objects hand out when asked. */
  contents = new Map<string, PublishedContent>()
  /** What objects hold and tell again, each whole. */
  truths = new Map<string, Publication>()
  /** The objects that are known, by merchant. */
  known = new Map<string, Set<string>>()
  /** Objects or queues that are away just now. */
  away = new Set<'publication' | 'confirm' | 'raise' | 'tell' | 'queue' | 'database' | 'known'>()
  /** Databases whose batches fail, while others work. */
  broken = new Set<D1Database>()
  timeoutMs = 15_000
  steps = 0
  #fuse: { at: number; when: 'before' | 'after' } | null = null
  #dead = false

  /** Dies at the outward step number `at` from here, before or after it has its effect. */
  diesAt(at: number, when: 'before' | 'after'): void {
    this.steps = 0
    this.#fuse = { at, when }
  }

  /** A new Worker, in a world where the old one's leases run still. */
  revive(): void {
    this.#fuse = null
    this.#dead = false
  }

  async #step<T>(action: () => T | Promise<T>, away?: string): Promise<T> {
    this.steps += 1
    const fatal = this.#fuse?.at === this.steps ? this.#fuse.when : null
    if (this.#dead) throw new Died('dead')
    if (fatal === 'before') {
      this.#dead = true
      throw new Died('before')
    }
    if (away !== undefined && this.away.has(away as never)) throw new Error(`${away} is away`)
    const result = await action()
    if (fatal === 'after') this.#dead = true
    if (this.#dead) throw new Died('after')
    return result
  }

  /** The same databases, whose every call is a step. */
  readonly #records: Map<D1Database, Records>
  readonly #directory: Records
  readonly #world: Databases

  /** With the databases that are bound, unless a test says others. */
  constructor(world: Databases = env) {
    this.#world = world
    const clients = shardsOf(world).map((records) => records.$client)
    this.#records = new Map(clients.map((one) => [one, recordsIn(this.#stepped(one))]))
    this.#directory = this.#records.get(world.DB) ?? recordsIn(this.#stepped(world.DB))
  }

  #stepped(database: D1Database): D1Database {
    const inner = new WeakMap<object, D1PreparedStatement>()
    const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
      const call = (name: 'run' | 'all' | 'raw') => () =>
        this.#step(() => statement[name]() as Promise<never>, 'database')
      const outer = {
        bind: (...values: unknown[]) => wrap(statement.bind(...values)),
        run: call('run'),
        all: call('all'),
        raw: call('raw'),
      }
      inner.set(outer, statement)
      return outer as unknown as D1PreparedStatement
    }
    const batch = (statements: D1PreparedStatement[]) =>
      this.#step(async () => {
        if (this.broken.has(database)) throw new Error('this database is broken')
        return await database.batch(statements.map((one) => inner.get(one)!))
      }, 'database')
    return { prepare: (text: string) => wrap(database.prepare(text)), batch } as unknown as D1Database
  }

  #hear(told: Told<object>): Tracked {
    this.told.push(told)
    if (this.refusal !== null) return { kind: 'refused', refusal: this.refusal }
    return { kind: 'answer', answer: { kind: 'body', status: 200, json: '{}' }, replayed: false }
  }

  /** Two entries at a time, as an object with large ones would. */
  #retold(stream: string, after: number): Retold {
    const truth = this.truths.get(stream)
    if (truth === undefined || truth.to <= after) return { kind: 'nothing' }
    const to = Math.min(after + 2, truth.to)
    const content = truth.content!
    const entries = content.entries.filter(({ seq }) => seq > after && seq <= to)
    return { kind: 'told', publication: { ...truth, from: after + 1, to, content: { ...content, entries } } }
  }

  #knownOf(merchantId: string) {
    const known = this.known.get(merchantId) ?? new Set()
    this.known.set(merchantId, known)
    return {
      add: (streams: string[]) =>
        this.#step(() => {
          for (const stream of streams) known.add(stream)
        }, 'known'),
      page: (after: string, limit: number) =>
        this.#step(
          () =>
            [...known]
              .filter((stream) => stream > after)
              .sort()
              .slice(0, limit),
          'known',
        ),
    }
  }

  ports(): Ports {
    const keyOf = ({ kind, cause }: { kind?: string; cause?: string }) => `${kind} ${cause}`
    return {
      directory: () => this.#directory,
      knownOf: (merchantId) => this.#knownOf(merchantId),
      sendRebuild: (message) => this.#step(() => this.send('tollgate-retries', message), 'queue'),
      keepCopy: async () => {},
      recordsOf: (merchantId) => this.#records.get(recordsOf(this.#world, merchantId).$client)!,
      shards: () => [...this.#records.values()],
      publisherOf: (stream) => ({
        publication: (from, to) =>
          this.#step(() => this.contents.get(`${stream} ${from}-${to}`)!, 'publication'),
        retold: (after) => this.#step(() => this.#retold(stream, after), 'publication'),
        confirm: (from, to) =>
          this.#step(() => void this.confirmed.push(`${stream} ${from}-${to}`), 'confirm'),
        poke: () => this.#step(() => void this.poked.push(stream)),
      }),
      raiserOf: (stream) => this.ports().paymentOf(stream),
      paymentOf: () => ({
        raiseException: (trouble, trace) =>
          this.#step(() => {
            this.open.set(keyOf(trouble), trouble)
            this.toldIn.push(trace)
          }, 'raise'),
        resolveException: (how) =>
          this.#step(() => {
            this.resolved.push(how)
            return this.open.delete(keyOf(how)) ? ('resolved' as const) : ('not_found' as const)
          }, 'raise'),
        tellReceipt: (told) => this.#step(() => this.#hear(told), 'tell'),
        tellFulfillment: (told) => this.#step(() => this.#hear(told), 'tell'),
      }),
      sendDeliveries: (messages, delaySeconds, lane) =>
        this.#step(() => {
          for (const body of messages) this.send(`tollgate-${lane}`, body, delaySeconds)
        }, 'queue'),
      paceOf: async (destinationId, deliveryId, perSecond) => {
        const turns = this.turns.get(destinationId) ?? new Turns()
        this.turns.set(destinationId, turns)
        return turns.waitMs(deliveryId, perSecond, this.now)
      },
      unseal: (sealed, owner) => unseal(env, sealed, owner),
      fetch: (request) =>
        this.#step(async () => {
          const got = {
            url: request.url,
            headers: Object.fromEntries(request.headers),
            body: await request.text(),
          }
          this.got.push(got)
          return this.behaviour(got, this.got.filter((one) => one.url === got.url).length)
        }),
      now: () => this.now,
      chance: () => 0.5,
      log: (line) => void this.log.push(line),
      count: (metric) => void this.counted.push(metric),
      settings: {
        ...{ DELIVERY_SCHEDULE_SECONDS: this.schedule, DELIVERY_LEASE_SECONDS: 60 },
        ...{ DELIVERY_TIMEOUT_MS: this.timeoutMs, BREAKER_PROBE_SECONDS: 60, ALLOW_PRIVATE_ADDRESSES: false },
        ...{ KEEP_ANSWERS_DAYS: 30, KEEP_DELIVERIES_DAYS: 90, PARITY_SAMPLE: 100 },
      },
    }
  }

  send(queue: string, body: unknown, delaySeconds = 0): void {
    this.waiting.push({ dueAt: this.now + delaySeconds * 1_000, queue, body, attempts: 0 })
  }

  publish(...publications: Publication[]): void {
    for (const publication of publications) this.send('tollgate-journal', publication)
  }

  /** Hands every message that is due to its consumer, once, in batches as the platform makes them. */
  async turn(): Promise<number> {
    const due = this.waiting.filter((one) => one.dueAt <= this.now)
    this.waiting = this.waiting.filter((one) => one.dueAt > this.now)
    for (const [queue, group] of Map.groupBy(due, (one) => one.queue)) {
      const settled = new Set<Waiting>()
      const back = (one: Waiting, seconds: number) => {
        if (this.#dead || settled.has(one)) return
        settled.add(one)
        this.waiting.push({ ...one, dueAt: this.now + seconds * 1_000 })
      }
      const messages = group.map((one) => {
        one.attempts += 1
        const ack = () => void (this.#dead || settled.add(one))
        const retry = (options?: { delaySeconds?: number }) => back(one, options?.delaySeconds ?? 5)
        return { body: one.body, attempts: one.attempts, ack, retry } satisfies QueueMessage<unknown>
      })
      await consume({ queue, messages } as unknown as MessageBatch<unknown>, this.ports())
      // What a dead Worker did not settle comes back, as on the platform.
      if (this.#dead) this.revive()
      for (const one of group) if (!settled.has(one)) back(one, 5)
    }
    return due.length
  }

  async sweep(): Promise<void> {
    await sweep(this.ports())
    if (this.#dead) this.revive()
  }

  /** Lets time pass, a minute and a sweep at a time, until nothing moves any more. */
  async settle(minutes = 120): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      while ((await this.turn()) > 0) {}
      await this.sweep()
      while ((await this.turn()) > 0) {}
      this.now += 61_000
      // From here on time would only pass.
      if (this.waiting.length === 0 && !(await isAnythingDue())) {
        this.now += (minutes - 1 - minute) * 61_000
        return
      }
    }
  }

  message(deliveryId: string, merchantId: string, attempt: number): DeliveryMessage {
    return { merchantId, tries: [{ deliveryId, attempt }] }
  }
}
