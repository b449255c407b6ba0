/**
 * Filling the queue of deliveries. The gateway's rows are made by its own code, as the records' consumer would have left
 * them; then its messages, or the floors' of the same number of posts, are sent all at once or evenly.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { sendTries } from '../../src/delivery/ports.ts'
import { eventId, freshId } from '../../src/domain/ids.ts'
import type { DeliveryMessage } from '../../src/env.ts'
import { recordsIn } from '../../src/store/database.ts'
import { type NewDelivery, type Recordable, writeRecords } from '../../src/store/records.ts'
import type { FloorMessage } from './floor/index.ts'
import type { Asked } from './system.ts'

/** Makes what is to be delivered; what it gives back sends it, and says when each event was sent. */
export type Preparer = (asked: Extract<Asked, { do: 'prepare' }>) => Promise<Sender>

/** So many messages a second; null sends all of them at once. */
export type Sender = (perSecond: number | null) => Promise<[string, number][]>

/** A queue as Miniflare hands it out. */
interface Producer {
  sendBatch(messages: { body: unknown }[]): Promise<unknown>
}

/** Longer than any run, so that no try is put off while its message waits in the backlog. */
export const LEASE_SECONDS = 900

/** The size of a usual event, in characters. */
const BODY = 1_200
const MOST_AT_ONCE = 100

export function floorPreparer(queue: unknown): Preparer {
  const producer = queue as Producer
  return async (asked) => {
    const messages = Array.from({ length: asked.events }, (): [string, FloorMessage] => {
      const id = eventId(freshId('pay', randomBytes(17)), 1)
      return [id, { id, urls: asked.urls, body: bodyOf(id) }]
    })
    return (perSecond) =>
      inTime(perSecond, messages, async (part) => {
        await producer.sendBatch(part.map((body) => ({ body })))
      })
  }
}

export function gatewayPreparer(queue: unknown, db: unknown): Preparer {
  const producer = queue as Producer
  const records = recordsIn(db as D1Database)
  const ports = {
    sendDeliveries: async (messages: DeliveryMessage[]) => {
      await producer.sendBatch(messages.map((body) => ({ body })))
    },
    log: (line: object) => void process.stderr.write(`${JSON.stringify(line)}\n`),
  }
  return async ({ merchantId, events }) => {
    const streams = Array.from({ length: events }, () => freshId('pay', randomBytes(17)))
    const now = Date.now()
    const lease = { now, firstDelayMs: 0, leaseMs: LEASE_SECONDS * 1_000, scheduleSeconds: [0], fanOut: true }
    const made: NewDelivery[] = []
    for (let start = 0; start < events; start += MOST_AT_ONCE) {
      const part = streams.slice(start, start + MOST_AT_ONCE)
      const publications = part.map((stream) => publicationOf(merchantId, stream))
      made.push(...(await writeRecords(records, publications, lease)))
    }
    // A delivery's id begins with its event's.
    const byEvent = Map.groupBy(made, ({ deliveryId }) => `evt_${deliveryId.slice(4, 36)}`)
    return (perSecond) =>
      inTime(perSecond, [...byEvent], (part) => {
        const tries = part.flat().map((one) => ({ ...one, attempt: 1 }))
        return sendTries(ports, tries, 0, 'deliveries', now + lease.leaseMs)
      })
  }
}

/** Sends everything at once, or one after another evenly; says when each was sent. */
async function inTime<T>(
  perSecond: number | null,
  all: [string, T][],
  send: (part: T[]) => Promise<void>,
): Promise<[string, number][]> {
  const sentAt: [string, number][] = []
  const began = performance.now()
  const step = perSecond === null ? MOST_AT_ONCE : 1
  for (let start = 0; start < all.length; start += step) {
    const due = perSecond === null ? 0 : began + (start * 1_000) / perSecond
    if (due > performance.now()) await pause(due - performance.now())
    const part = all.slice(start, start + step)
    const at = performance.timeOrigin + performance.now()
    sentAt.push(...part.map(([id]): [string, number] => [id, at]))
    await send(part.map(([, one]) => one))
  }
  return sentAt
}

const bodyOf = (id: string) => JSON.stringify({ id, type: 'payment.disputed', data: 'x'.repeat(BODY) })

/** A publication of one event, of a type that nothing else in the bench's traffic brings. */
function publicationOf(merchantId: string, stream: string): Recordable {
  const id = eventId(stream, 1)
  const entry = {
    ...{ seq: 1, at: Date.now(), type: 'report.applied', actor: 'bench', data: '{}' },
    ...{ prevHash: '', hash: id },
    event: { id, type: 'payment.disputed', sequence: 1, body: bodyOf(id) },
  }
  return {
    ...{ stream, merchantId, livemode: false, from: 1, to: 1 },
    content: { entries: [entry], payment: null, exceptions: [] },
  }
}
