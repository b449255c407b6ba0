// Every kind of business system breaks off, hangs, dawdles and lies, and so does our own Worker in between. Each event that
// was accepted for it ends as delivered or as one open exception: both are counted, and their sum is exact.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordsOf } from '../../src/store/database.ts'
import { askForRetry } from '../../src/store/deliveries.ts'
import { destinations } from '../../src/store/schema.ts'
import type { DeliveryRow } from './a-delivery.ts'
import {
  aDestination,
  aMerchantId,
  anEntry,
  aPaymentId,
  aPublication,
  askedAt,
  emptyRecords,
  type Got,
  Rig,
  rowsOf,
} from './delivery-rig.ts'

beforeEach(emptyRecords)

const HOLDING = 'fiscal, holds its doubts'
const systems = [...destinations.kind.enumValues, HOLDING]

/** Two of the three ask fiscal and fulfilment systems for something. */
const types = ['payment.pending', 'payment.paid', 'payment.refunded']
const ACCEPTED = types.length
const ASKING = 2

/** What a system does to its try number `count` of an event. */
type Habit = (rig: Rig, count: number) => Response | Promise<Response>

const well: Habit = () => new Response('ok')
const atFirst =
  (habit: Habit): Habit =>
  (rig, count) =>
    count <= 2 ? habit(rig, count) : well(rig, count)
const saying =
  (status: number, body: BodyInit | null = 'no', headers = {}): Habit =>
  () =>
    new Response(body, { status, headers })

const breaksOff: Habit = () => Promise.reject(new TypeError('The connection was closed.'))
const hangs: Habit = () => new Promise(() => {})
const dawdles: Habit = (rig) => {
  rig.now += 14_000
  return new Response('ok')
}
const neverEnds: Habit = () =>
  new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('so f')) }))
/** It took the event, and the Worker dies before the row is saved. */
const outlivesUs: Habit = (rig, count) => {
  if (count === 1) rig.diesAt(1, 'before')
  return new Response('ok')
}
const falseReceipt = JSON.stringify({
  fiscal_receipt: { kind: 'refund', status: 'issued', receipt_id: 'F-1', refund_id: 'rfd_of_somebody' },
})

/** With each habit how many events a system takes in the end, and how many one that holds its doubts takes. */
const habits: [string, Habit, number, number][] = [
  ['is killed, and comes back', atFirst(breaksOff), ACCEPTED, ACCEPTED - ASKING],
  ['is killed for good', breaksOff, 0, 0],
  ['hangs at first', atFirst(hangs), ACCEPTED, ACCEPTED - ASKING],
  ['hangs for ever', hangs, 0, 0],
  ['is slow', dawdles, ACCEPTED, ACCEPTED],
  ['asks for less', atFirst(saying(429)), ACCEPTED, ACCEPTED],
  ['lies that it failed', atFirst(saying(500)), ACCEPTED, ACCEPTED - ASKING],
  ['fails for ever', saying(503), 0, 0],
  ['lies that it has moved', saying(302, null, { location: 'https://login.example/' }), 0, 0],
  ['lies with rubbish', saying(200, '<html>Welcome!</html>'), ACCEPTED, ACCEPTED],
  ['lies with a receipt of another payment', saying(200, falseReceipt), ACCEPTED, ACCEPTED],
  ['answers without end', neverEnds, ACCEPTED, ACCEPTED],
  ['takes what our Worker dies over', outlivesUs, ACCEPTED, ACCEPTED - ASKING],
]

async function history(habit: Habit) {
  const rig = new Rig()
  rig.schedule = [0, 5, 60, 300]
  rig.refusal = { code: 'validation_failed', detail: 'is no refund of this payment' }
  const merchantId = aMerchantId()
  const named = new Map<string, string>()
  const add = async (name: string, change: Parameters<typeof aDestination>[1]) =>
    named.set((await aDestination(merchantId, change)).id, name)
  for (const kind of destinations.kind.enumValues) await add(kind, { kind, timeoutMs: 20 })
  await add(HOLDING, { kind: 'fiscal', onTimeout: 'hold', timeoutMs: 20 })
  await add('neighbour', { kind: 'crm', url: 'https://neighbour.example/' })
  const world = { well: false }
  const counts = new Map<string, number>()
  rig.behaviour = ({ url, headers }) => {
    const event = `${url} ${headers['webhook-id']}`
    const count = (counts.get(event) ?? 0) + 1
    counts.set(event, count)
    return world.well || url === 'https://neighbour.example/' ? well(rig, count) : habit(rig, count)
  }
  // Each of a payment of its own, or the doubts about two receipts would be one exception.
  for (const type of types) {
    const stream = aPaymentId()
    rig.publish(aPublication({ merchantId, stream }, { entries: [anEntry(stream, 1, type)] }))
  }
  await rig.settle(60)
  return { rig, merchantId, named, world }
}

interface Row extends DeliveryRow {
  destination_id: string
}

/** For each system: the events that were accepted for it, and where they are. */
async function whereTheyAre({ rig, merchantId, named }: Awaited<ReturnType<typeof history>>) {
  const rows = await rowsOf<Row>('deliveries', merchantId)
  const open = [...rig.open.values()]
  return Object.fromEntries(
    [...named].map(([id, name]) => {
      const own = rows.filter((row) => row.destination_id === id)
      const delivered = own.filter((row) => row.status === 'delivered').length
      const exceptions = open.filter((one) => one.destinationId === id).length
      return [name, { accepted: own.length, delivered, exceptions }]
    }),
  )
}

const expected = (others: number, holding: number) =>
  Object.fromEntries(
    [...systems, 'neighbour'].map((name) => {
      const delivered = name === 'neighbour' ? ACCEPTED : name === HOLDING ? holding : others
      return [name, { accepted: ACCEPTED, delivered, exceptions: ACCEPTED - delivered }]
    }),
  )

/** Every try of an event carried the same bytes. */
function expectFrozen(got: readonly Got[]): void {
  const bodies = Map.groupBy(got, ({ headers }) => headers['webhook-id'])
  for (const tries of bodies.values()) expect(new Set(tries.map(({ body }) => body)).size).toBe(1)
}

/** A person asks for everything that failed, once each. */
async function askForAll({ rig, merchantId }: Awaited<ReturnType<typeof history>>): Promise<void> {
  const db = recordsOf(env, merchantId)
  for (const { id, status } of await rowsOf<Row>('deliveries', merchantId)) {
    if (status !== 'failed') continue
    const due = await askForRetry(db, { merchantId, livemode: false }, id, askedAt(rig.now))
    rig.send('tollgate-retries', rig.message(id, merchantId, due!.attemptCount + 1))
  }
}

describe('every kind of system that', () => {
  it.each(habits)('%s: accepted is delivered plus open exceptions', async (_what, habit, others, holding) => {
    const made = await history(habit)
    const { rig, merchantId, world } = made
    expect(await whereTheyAre(made)).toEqual(expected(others, holding))
    expectFrozen(rig.got)
    const rows = await rowsOf<Row>('deliveries', merchantId)
    expect(rows.filter((row) => row.due_at !== null || row.lease_until !== null)).toEqual([])
    expect(rig.waiting).toEqual([])

    world.well = true
    await askForAll(made)
    await rig.settle(5)
    for (const one of Object.values(await whereTheyAre(made))) expect(one.delivered).toBe(ACCEPTED)
    // Whether a receipt was made that nobody told of, a delivery does not say.
    expect([...rig.open.values()].filter(({ kind }) => kind !== 'fiscal_failed')).toEqual([])
  })
})

describe('a system that lies about receipts', () => {
  it('is heard once for each event that asks, and only from kinds that are asked', async () => {
    const { rig, named } = await history(saying(200, falseReceipt))
    const times: Record<string, number> = {}
    for (const { actor } of rig.told) {
      const name = named.get(actor.slice('destination:'.length)) ?? actor
      times[name] = (times[name] ?? 0) + 1
    }
    expect(times).toEqual({ fiscal: ASKING, fulfillment: ASKING, [HOLDING]: ASKING })
  })
})
