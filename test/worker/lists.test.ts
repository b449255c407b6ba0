import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { recordsIn } from '../../src/store/database.ts'
import { listDeliveries } from '../../src/store/deliveries.ts'
import { listDestinations } from '../../src/store/destinations.ts'
import { eventById, listEvents } from '../../src/store/events.ts'
import { listExceptions } from '../../src/store/exceptions.ts'
import { cursorOf, type Place, placeOf } from '../../src/store/page.ts'
import { listPayments } from '../../src/store/payments.ts'
import { writeRecords } from '../../src/store/records.ts'
import { aDestination, aMerchantId, anEntry, aPaymentId, aPublication } from './delivery-rig.ts'

const owner = { merchantId: 'mer_1', livemode: false }
const after = { at: 5, id: `dlv_${'5'.repeat(58)}` }
const eventOf = (delivery: string) => delivery.slice(4, 36)

/** How SQLite goes about the statements that `ask` makes. */
async function plansOf(ask: (db: ReturnType<typeof recordsIn>) => Promise<unknown>): Promise<string> {
  const plans: string[] = []
  const explain = async (text: string, values: unknown[]) => {
    const plan = await env.DB.prepare(`explain query plan ${text}`)
      .bind(...values)
      .all<{ detail: string }>()
    plans.push(...plan.results.map((row) => row.detail))
  }
  const watched = {
    prepare(text: string) {
      return {
        bind: (...values: unknown[]) => ({
          raw: () => explain(text, values).then(() => []),
          all: () => explain(text, values).then(() => ({ results: [] })),
        }),
      }
    },
  } as unknown as D1Database
  await ask(recordsIn(watched))
  return plans.join(' | ')
}

describe('a list', () => {
  it.each([
    ['deliveries that failed', { status: 'failed' as const }, 'deliveries_troubled'],
    ['deliveries that are held', { status: 'held' as const }, 'deliveries_troubled'],
  ])('of %s walks an index in its own order', async (_name, filter, index) => {
    for (const place of [null, after]) {
      const plan = await plansOf((db) =>
        listDeliveries(db, { ...owner, ...filter }, { limit: 20, after: place }),
      )
      expect(plan).toContain(`USING INDEX ${index}`)
      expect(plan).not.toContain('TEMP B-TREE')
    }
  })

  it.each([{}, { destinationId: 'dst_1' }])(
    'of deliveries, %o, merges the events of all types and sorts none of them',
    async (filter) => {
      for (const place of [null, after]) {
        const plan = await plansOf((db) =>
          listDeliveries(db, { ...owner, ...filter }, { limit: 20, after: place }),
        )
        expect(plan).toContain('MERGE (UNION ALL)')
        expect(plan).toContain('SEARCH journal USING COVERING INDEX journal_events')
        expect(plan).not.toContain('SCAN journal')
      }
    },
  )

  it('of deliveries is read to its end page by page, each once and newest events first', async () => {
    const merchantId = aMerchantId()
    const db = recordsIn(env.DB)
    for (let n = 0; n < 3; n += 1) await aDestination(merchantId)
    const publications = [1, 2, 3].map(() => aPublication({ merchantId, stream: aPaymentId(), to: 2 }))
    const options = { now: 1, firstDelayMs: 0, leaseMs: 0, scheduleSeconds: [0] }
    await writeRecords(db, publications as Parameters<typeof writeRecords>[1], options)
    const seen: { id: string; at: number }[] = []
    let after: Place | null = null
    do {
      const page = await listDeliveries(db, { merchantId, livemode: false }, { limit: 4, after })
      seen.push(...page.rows.map(({ id, eventId }) => ({ id, at: Number(eventId.slice(-6)) })))
      after = page.next
    } while (after !== null)
    expect(seen).toHaveLength(18)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(18)
    expect(seen).toEqual(
      seen.toSorted(
        (left, right) =>
          right.at - left.at ||
          (eventOf(left.id) < eventOf(right.id)
            ? 1
            : eventOf(left.id) > eventOf(right.id)
              ? -1
              : left.id < right.id
                ? -1
                : 1),
      ),
    )
  })

  it('of one payment\u2019s deliveries reads only what lies beside each other in the key', async () => {
    const plan = await plansOf((db) =>
      listDeliveries(db, { ...owner, paymentId: aPaymentId() }, { limit: 20, after: null }),
    )
    expect(plan).toContain('USING PRIMARY KEY (id>? AND id<?)')
  })

  it('of payments, events, exceptions and destinations walks an index in its own order', async () => {
    const page = { limit: 20, after }
    const plans = {
      payments: await plansOf((db) => listPayments(db, owner, page)),
      events: await plansOf((db) => listEvents(db, owner, page)),
      exceptions: await plansOf((db) => listExceptions(db, { ...owner, status: 'open' }, page)),
      destinations: await plansOf((db) => listDestinations(db, owner, page)),
      eventsOfPayment: await plansOf((db) => listEvents(db, { ...owner, paymentId: aPaymentId() }, page)),
      event: await plansOf((db) => eventById(db, owner, `evt_${'0'.repeat(32)}`)),
      order: await plansOf((db) => listPayments(db, { ...owner, ids: [aPaymentId()] }, page)),
    }
    expect(plans).toEqual({
      payments: expect.stringMatching(
        /^SEARCH journal USING COVERING INDEX journal_events [^|]* \| SEARCH payments USING PRIMARY KEY \(id=\?\) LEFT-JOIN$/,
      ),
      events: expect.stringContaining('MERGE (UNION ALL)'),
      exceptions: expect.stringMatching(/^SEARCH exceptions USING INDEX exceptions_newest [^|]*$/),
      destinations: expect.stringMatching(/^SEARCH destinations USING INDEX destinations_newest/),
      eventsOfPayment: expect.stringMatching(/^SEARCH journal USING PRIMARY KEY \(stream=\?\)/),
      event: expect.stringMatching(/^SEARCH journal USING PRIMARY KEY \(stream=\?\)/),
      order: expect.stringMatching(/^SEARCH payments USING PRIMARY KEY \(id=\?\)$/),
    })
  })

  it('of payments is filtered by status and time, and comes newest first', async () => {
    const merchantId = aMerchantId()
    const publications = [1, 2, 3, 4].map((n) => {
      const publication = aPublication({ merchantId, stream: aPaymentId() })
      Object.assign(publication.content!.payment!, { createdAt: n, status: n === 2 ? 'failed' : 'paid' })
      publication.content!.entries = [{ ...anEntry(publication.stream, 1, 'payment.created'), at: n }]
      return publication
    }) as Parameters<typeof writeRecords>[1]
    const db = recordsIn(env.DB)
    await writeRecords(db, publications, {
      now: 1,
      firstDelayMs: 0,
      leaseMs: 0,
      scheduleSeconds: [0],
    })
    const createdAt = async (filter: object) => {
      const page = await listPayments(
        db,
        { merchantId, livemode: false, ...filter },
        { limit: 10, after: null },
      )
      return page.rows.map((row) => row.createdAt)
    }
    expect(await createdAt({})).toEqual([4, 3, 2, 1])
    expect(await createdAt({ status: 'paid' })).toEqual([4, 3, 1])
    expect(await createdAt({ createdAfter: 2, createdBefore: 4 })).toEqual([3, 2])
    expect(await createdAt({ ids: [publications[0]!.stream] })).toEqual([1])
    expect(await createdAt({ livemode: true })).toEqual([])
    const first = await listPayments(db, { merchantId, livemode: false }, { limit: 3, after: null })
    const rest = await listPayments(db, { merchantId, livemode: false }, { limit: 3, after: first.next })
    expect([first, rest].map(({ rows }) => rows.map((row) => row.createdAt))).toEqual([[4, 3, 2], [1]])
  })
})

describe('a cursor', () => {
  it('leads back to its place and refuses what was not made here', () => {
    const place = { at: 1_764_000_000_000, id: aPaymentId() }
    expect(placeOf(cursorOf(place)!)).toEqual(place)
    for (const text of ['', 'x', '!!', btoa('x'), btoa("1:pay_1' or 1"), `${cursorOf(place)}=`])
      expect(placeOf(text), text).toBeNull()
  })
})
