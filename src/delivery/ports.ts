/**
 * What recording, delivering and sweeping need from the outside, so that the same code runs in the Worker, in tests
 * with faults and in a simulation. `portsOf` is the Worker's own.
 */
import { unseal } from '../crypto/seal.ts'
import type { Trouble } from '../domain/exceptions.ts'
import type { FulfillmentWord } from '../domain/fulfillment.ts'
import type { Publisher } from '../domain/publication.ts'
import type { ReceiptWord } from '../domain/receipts.ts'
import type { Trace } from '../domain/trace.ts'
import { type DeliveryMessage, type Env, type RebuildMessage, settingsOf, type Try } from '../env.ts'
import { type LogLine, writeLine } from '../payment/log.ts'
import { count, type Metric } from '../payment/metrics.ts'
import type { Told, Tracked } from '../payment/tracking.ts'
import { type Records, recordsIn, recordsOf, shardsOf } from '../store/database.ts'

/** A queue's message, as far as its consumer settles it. */
export interface QueueMessage<T> {
  readonly body: T
  /** Deliveries of this message so far, this one included. */
  readonly attempts: number
  ack(): void
  retry(options?: { delaySeconds?: number }): void
}

/** How an exception is closed: by its id, or by what it is about. */
export interface Resolution {
  id?: string
  kind?: Trouble['kind']
  cause?: string
  resolution: string
  note: string | null
  actor: string
}

/** What both kinds of object answer about exceptions. */
export interface ExceptionKeeper {
  resolveException(how: Resolution, trace?: Trace): Promise<'resolved' | 'already' | 'not_found'>
}

/** What a payment's object answers besides. Raising is deduplicated by kind and cause while one is open. */
export interface ExceptionRaiser extends ExceptionKeeper {
  raiseException(trouble: Trouble, trace?: Trace): Promise<void>
}

/** What a payment's object is told of deliveries. */
export interface ToldPayment extends ExceptionRaiser {
  tellReceipt(told: Told<ReceiptWord>, trace?: Trace): Promise<Tracked | null>
  tellFulfillment(told: Told<FulfillmentWord>, trace?: Trace): Promise<Tracked | null>
}

/** The objects of a merchant that ever told the records anything. */
export interface KnownObjects {
  /** Durable when this returns; a repeat changes nothing. */
  add(streams: string[]): Promise<void>
  /** In the order of their ids, behind `after`. */
  page(after: string, limit: number): Promise<string[]>
}

export interface Ports {
  /** The database of merchants, and of what concerns several of them. */
  directory(): Records
  recordsOf(merchantId: string): Records
  shards(): Records[]
  /** The object that published a stream. */
  publisherOf(stream: string): Publisher
  paymentOf(stream: string): ToldPayment
  /** The object that published a stream, as the one before which its own trouble is raised. */
  raiserOf(stream: string): Pick<ExceptionRaiser, 'raiseException'>
  knownOf(merchantId: string): KnownObjects
  /** At most a hundred messages a call. */
  sendDeliveries(messages: DeliveryMessage[], delaySeconds: number, lane: Lane): Promise<void>
  /** Travels with the retries, which wait for nobody's first news. */
  sendRebuild(message: RebuildMessage): Promise<void>
  /** Keeps a text outside the databases under this name; does nothing where there is no bucket. Repeats are harmless. */
  keepCopy(name: string, text: string): Promise<void>
  /** How long, in milliseconds, a try must wait so that its destination gets no more than this a second. */
  paceOf(destinationId: string, deliveryId: string, perSecond: number): Promise<number>
  unseal(sealed: string, owner: string): Promise<string>
  fetch(request: Request): Promise<Response>
  /** Milliseconds since the epoch. */
  now(): number
  /** Between 0 and 1. */
  chance(): number
  log(line: LogLine): void
  /** Counts for Analytics Engine; never throws. */
  count(metric: Metric): void
  settings: {
    DELIVERY_SCHEDULE_SECONDS: readonly number[]
    DELIVERY_LEASE_SECONDS: number
    DELIVERY_TIMEOUT_MS: number
    BREAKER_PROBE_SECONDS: number
    ALLOW_PRIVATE_ADDRESSES: boolean
    KEEP_ANSWERS_DAYS: number
    KEEP_DELIVERIES_DAYS: number
    PARITY_SAMPLE: number
  }
}

/**
 * The queue that a try travels in: first tries of destinations that are well have one for themselves, so that nobody's
 * news waits behind the retries, replays and backlogs of somebody else.
 */
export type Lane = 'deliveries' | 'retries'

/** The ports on the real platform. */
export function portsOf(env: Env): Ports {
  return {
    directory: () => recordsIn(env.DB),
    recordsOf: (merchantId) => recordsOf(env, merchantId),
    shards: () => shardsOf(env),
    publisherOf: (stream) => publisherOf(env, stream),
    paymentOf: (stream) => env.PAYMENT.getByName(stream),
    raiserOf: (stream) => publisherOf(env, stream),
    knownOf: (merchantId) => env.KNOWN.getByName(merchantId),
    sendDeliveries: async (messages, delaySeconds, lane) => {
      const queue = lane === 'deliveries' ? env.DELIVERIES : env.RETRIES
      await queue.sendBatch(messages.map((body) => ({ body, delaySeconds })))
    },
    sendRebuild: async (message) => {
      await env.RETRIES.send(message)
    },
    keepCopy: async (name, text) => {
      await env.CHECKPOINTS?.put(name, text)
    },
    paceOf: (destinationId, deliveryId, perSecond) =>
      env.PACE.getByName(destinationId).waitMs(deliveryId, perSecond),
    unseal: (sealed, owner) => unseal(env, sealed, owner),
    fetch: (request) => fetch(request),
    now: () => Date.now(),
    chance: () => Math.random(),
    log: writeLine,
    count: (metric) => count(env, metric),
    settings: settingsOf(env),
  }
}

/** The object behind a stream: a payment's, or the inbox of reports that name no payment. */
export function publisherOf(
  env: Pick<Env, 'PAYMENT' | 'INBOX'>,
  stream: string,
): Publisher & ExceptionRaiser {
  return stream.startsWith('inb_') ? env.INBOX.getByName(stream) : env.PAYMENT.getByName(stream)
}

const MOST_AT_ONCE = 100

/** Tries of one message. An invocation may hold six connections: five that hang leave one for the rows. */
const TRIES_OF_A_MESSAGE = 5

/** A try and whose it is. */
export type OwnedTry = Try & { merchantId: string }

/**
 * Sends tries in as few messages and calls as the queue allows. A failure is only logged: a delivery's row is due before
 * its message exists, so the sweeper sends again what was lost here. A hundred of these messages are far below 256 KB.
 */
export async function sendTries(
  ports: Pick<Ports, 'sendDeliveries' | 'log'>,
  tries: readonly OwnedTry[],
  delayMs: number,
  lane: Lane,
  lease?: number,
): Promise<void> {
  const messages = messagesOf(tries).map((message) => (lease === undefined ? message : { ...message, lease }))
  for (let start = 0; start < messages.length; start += MOST_AT_ONCE) {
    const part = messages.slice(start, start + MOST_AT_ONCE)
    try {
      await ports.sendDeliveries(part, Math.ceil(delayMs / 1_000), lane)
    } catch (error) {
      ports.log({
        message: 'deliveries_unsent',
        level: 'error',
        messages: part.length,
        error: reasonOf(error),
      })
    }
  }
}

function messagesOf(tries: readonly OwnedTry[]): DeliveryMessage[] {
  return [...Map.groupBy(tries, (one) => one.merchantId)].flatMap(([merchantId, own]) =>
    Array.from({ length: Math.ceil(own.length / TRIES_OF_A_MESSAGE) }, (_, index) => {
      const part = own.slice(index * TRIES_OF_A_MESSAGE, (index + 1) * TRIES_OF_A_MESSAGE)
      return { merchantId, tries: part.map(({ deliveryId, attempt }) => ({ deliveryId, attempt })) }
    }),
  )
}

/**
 * An error as a log line may show it: no stack, and no statement's parameters, which drizzle prints into its messages.
 */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return text.replace(/\nparams:.*$/s, '').slice(0, 500)
}

/** How long a message that failed waits before its consumer sees it again: 5 s, doubled each time, at most 10 min. */
export function backoffSeconds(attempts: number): number {
  return Math.min(5 * 2 ** Math.max(0, attempts - 1), 600)
}
