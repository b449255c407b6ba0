// What a page of a list reads does not depend on how much is recorded, counted from D1's own metadata. `npm run flat`
// runs this, and the bill, with as many payments recorded as it is asked for.
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fillRecords } from '../../scripts/bench/fill.ts'
import { type Records, recordsOf } from '../../src/store/database.ts'
import { listDeliveries } from '../../src/store/deliveries.ts'
import { destinationOf, listDestinations } from '../../src/store/destinations.ts'
import { listEvents } from '../../src/store/events.ts'
import { listExceptions } from '../../src/store/exceptions.ts'
import { latestTries } from '../../src/store/latency.ts'
import type { Page, PageRequest } from '../../src/store/page.ts'
import { listPayments, type PaymentFilter, paymentsOfReference } from '../../src/store/payments.ts'
import { aDestination, aMerchantId, databaseOf } from './delivery-rig.ts'
import { plugIn, unplug } from './meter.ts'

/** A page of twenty with no filter or one, and a page with several or by money: contract of growth, docs/scaling.md. */
const [ONE_FILTER, MIXED] = [60, 1_000]
/** What the overview reads for each destination that it shows, however often each delivery was tried. */
const LATEST = 240
const recorded = Number(env.TEST_RECORDED)
const since = 1_700_000_000_000
const FILLING_MS = 60_000 + recorded

afterEach(unplug)

type List = (page: PageRequest) => Promise<Page<unknown>>

type Filters = Record<'payments' | 'events' | 'deliveries' | 'exceptions' | 'destinations', object[]>

interface Asked {
  paymentId: string
  destinationId: string
  /** A time with half of the payments on either side. */
  middle: number
}

/** Nothing, or one thing that is indexed or common. */
const oneFilter = ({ paymentId, destinationId, middle }: Asked): Filters => ({
  payments: [
    {},
    ...['created', 'pending', 'authorized', 'paid', 'failed', 'canceled', 'expired'].map((status) => ({
      status,
    })),
    { createdAfter: middle },
    { createdBefore: middle },
    { reference: 'ref-1' },
    { reference: 'ref-none' },
  ],
  events: [
    {},
    { type: 'payment.paid' },
    { type: 'payment.expired' },
    { type: 'payment.disputed' },
    { paymentId },
  ],
  deliveries: [
    {},
    ...['pending', 'delivered', 'failed', 'held'].map((status) => ({ status })),
    { destinationId },
    { destinationId: 'dst_none' },
    { paymentId },
  ],
  exceptions: [
    {},
    { status: 'open' },
    { status: 'resolved' },
    { kind: 'late_payment' },
    { kind: 'fiscal_failed' },
  ],
  destinations: [{}],
})

const mixed = ({ paymentId, destinationId, middle }: Asked): Filters => ({
  payments: [
    { status: 'pending', createdBefore: middle },
    { status: 'expired', createdBefore: middle, createdAfter: since },
    { status: 'paid', createdAfter: since },
    // No index has them, so a page looks through what was made last, whether it finds something there or not.
    { amount: 1_000 },
    { amount: 999 },
    { currency: 'AMD' },
    { currency: 'USD' },
    { amount: 1_000, currency: 'USD', status: 'paid', createdBefore: middle },
    { amount: 999, status: 'expired' },
    { reference: 'ref-1', amount: 1_000, currency: 'AMD', status: 'paid' },
  ],
  events: [{ type: 'payment.paid', paymentId }],
  deliveries: [
    ...['pending', 'delivered', 'failed', 'held'].map((status) => ({ status, destinationId })),
    { status: 'failed', destinationId: 'dst_none' },
    { status: 'delivered', paymentId },
  ],
  exceptions: [{ kind: 'delivery_exhausted', status: 'open' }],
  destinations: [],
})

/** Every list of a merchant: what it is asked with, the most that a page may read, and how it is asked. */
function listsOf(merchantId: string, payments: number, destinationId: string): [string, number, List][] {
  const db = recordsOf(env, merchantId)
  const owner = { merchantId, livemode: false }
  const asked = {
    paymentId: `pay_${String(payments).padStart(26, '0')}`,
    destinationId,
    middle: since + (payments / 2) * 1_000,
  }
  const lists: Record<keyof Filters, (filter: object, page: PageRequest) => Promise<Page<unknown>>> = {
    payments: (filter, page) => paymentsAsked(db, { ...owner, ...filter }, page),
    events: (filter, page) => listEvents(db, { ...owner, ...filter }, page),
    deliveries: (filter, page) => listDeliveries(db, { ...owner, ...filter }, page),
    exceptions: (filter, page) => listExceptions(db, { ...owner, ...filter }, page),
    destinations: (_, page) => listDestinations(db, owner, page),
  }
  const names = Object.keys(lists) as (keyof Filters)[]
  const all = (filters: Filters, most: number) =>
    names.flatMap((name) =>
      filters[name].map((filter): [string, number, List] => [
        `${name} ${JSON.stringify(filter)}`,
        most,
        (page) => lists[name](filter, page),
      ]),
    )
  return [...all(oneFilter(asked), ONE_FILTER), ...all(mixed(asked), MIXED)]
}

/** As the route does it: what a provider's reference names is looked up first. */
async function paymentsAsked(
  db: Records,
  { reference, ...filter }: PaymentFilter & { reference?: string },
  page: PageRequest,
): Promise<Page<unknown>> {
  const ids = reference === undefined ? undefined : await paymentsOfReference(db, ['con_x'], reference)
  return ids?.length === 0 ? { rows: [], next: null } : await listPayments(db, { ...filter, ids }, page)
}

/** The rows read for the first page, and for the one that its cursor leads to. */
async function reads(list: List): Promise<{ rows: number; read: number; readNext: number }> {
  const counts = plugIn()
  const first = await list({ limit: 20, after: null })
  const read = counts.d1RowsRead
  if (first.next !== null) await list({ limit: 20, after: first.next })
  const readNext = counts.d1RowsRead - read
  unplug()
  return { rows: first.rows.length, read, readNext }
}

describe(`among ${recorded} payments`, () => {
  const merchantId = aMerchantId()
  let destinationId = ''

  beforeAll(async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => aDestination(merchantId)))
    const destinationIds = made.map(({ id }) => id)
    destinationId = destinationIds[0]!
    const fill = { merchantId, livemode: false, destinationIds, payments: recorded, since }
    await fillRecords(databaseOf(merchantId), fill)
  }, FILLING_MS)

  it('a page reads few rows, and with several filters at most a thousand', { timeout: 60_000 }, async () => {
    const over: string[] = []
    for (const [name, most, list] of listsOf(merchantId, recorded, destinationId)) {
      const { rows, read, readNext } = await reads(list)
      console.info(`LIST ${JSON.stringify({ name, recorded, rows, read, readNext })}`)
      if (Math.max(read, readNext) > most) over.push(`${name}: ${read}, then ${readNext}`)
    }
    expect(over).toEqual([])
  })

  it('the tries that went to a destination last are read from few rows, whatever it takes', async () => {
    const tries = Array.from({ length: 3 }, () => ({ at: since, durationMs: 20, status: 200 }))
    const database = databaseOf(merchantId)
    await database
      .prepare('update deliveries set attempts = ? where destination_id = ?')
      .bind(JSON.stringify(tries), destinationId)
      .run()
    const db = recordsOf(env, merchantId)
    const destination = (await destinationOf(db, { merchantId, livemode: false }, destinationId))!
    for (const [eventTypes, found] of [
      [['payment.paid'], 100],
      [['*'], null],
      [['payment.disputed'], 0],
    ] as const) {
      const counts = plugIn()
      const latest = await latestTries(db, { ...destination, eventTypes: [...eventTypes] })
      console.info(`TRIES ${JSON.stringify({ eventTypes, recorded, read: counts.d1RowsRead })}`)
      expect(counts.d1RowsRead).toBeLessThanOrEqual(LATEST)
      if (found !== null) expect(latest.tries).toHaveLength(found)
      unplug()
    }
  })
})

describe('a list that is read page by page to its end', () => {
  it('has every row once, however many pages are short', { timeout: 60_000 }, async () => {
    const merchantId = aMerchantId()
    const [told, silent] = [await aDestination(merchantId), await aDestination(merchantId)]
    const database = databaseOf(merchantId)
    // Payments of another merchant have the same numbers here, so they go first.
    for (const table of ['payments', 'journal', 'deliveries', 'provider_references', 'exceptions'])
      await database.prepare(`delete from ${table}`).run()
    await fillRecords(database, {
      merchantId,
      livemode: false,
      destinationIds: [told.id],
      payments: 100,
      since,
    })
    const count = async (table: string, where: string) =>
      await database
        .prepare(`select count(*) as n from ${table} where merchant_id = ? and ${where}`)
        .bind(merchantId)
        .first<number>('n')
    const db = recordsOf(env, merchantId)
    const owner = { merchantId, livemode: false }
    const payments =
      (filter: object): List =>
      (page) =>
        listPayments(db, { ...owner, ...filter }, page)
    const deliveries =
      (filter: object): List =>
      (page) =>
        listDeliveries(db, { ...owner, ...filter }, page)
    const events =
      (filter: object): List =>
      (page) =>
        listEvents(db, { ...owner, ...filter }, page)
    const exceptions =
      (filter: object): List =>
      (page) =>
        listExceptions(db, { ...owner, ...filter }, page)
    const walks: [List, number | null][] = [
      [payments({}), 100],
      [payments({ status: 'paid' }), 90],
      [payments({ status: 'pending' }), 1],
      [payments({ status: 'expired' }), 5],
      [
        payments({ status: 'paid', createdAfter: since + 30_000 }),
        await count('payments', `status = 'paid' and created_at >= ${since + 30_000}`),
      ],
      [events({}), await count('journal', 'event_id is not null')],
      [events({ type: 'payment.expired' }), 5],
      [deliveries({}), 90],
      [deliveries({ status: 'delivered' }), await count('deliveries', "status = 'delivered'")],
      [deliveries({ status: 'failed' }), await count('deliveries', "status = 'failed'")],
      [deliveries({ status: 'failed', destinationId: silent.id }), 0],
      [deliveries({ destinationId: told.id }), 90],
      [deliveries({ destinationId: silent.id }), 0],
      [
        deliveries({ destinationId: told.id, status: 'delivered' }),
        await count('deliveries', "status = 'delivered'"),
      ],
      [exceptions({}), await count('exceptions', 'true')],
    ]
    for (const [list, expected] of walks) {
      const rows = await toItsEnd(list, 15)
      expect(rows.length).toBe(expected)
      expect(new Set(rows.map((row) => row.id)).size).toBe(expected)
      const times = rows.map((row) => row.createdAt ?? row.at ?? row.raisedAt ?? 0)
      expect(times).toEqual(times.toSorted((left, right) => right - left))
    }
  })
})

interface Listed {
  id: string
  createdAt?: number
  at?: number
  raisedAt?: number
}

async function toItsEnd(list: List, limit: number): Promise<Listed[]> {
  const rows: Listed[] = []
  let after: PageRequest['after'] = null
  do {
    const page: Page<unknown> = await list({ limit, after })
    expect(page.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...(page.rows as Listed[]))
    after = page.next
  } while (after !== null)
  return rows
}
