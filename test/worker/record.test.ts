import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { subscribes } from '../../src/domain/delivery.ts'
import { deliveryId } from '../../src/domain/ids.ts'
import type { ExceptionRecord } from '../../src/domain/publication.ts'
import { recordsIn, recordsOf } from '../../src/store/database.ts'
import { sessionOfReference } from '../../src/store/payments.ts'
import { rewriteRecords, writeRecords } from '../../src/store/records.ts'
import {
  aDestination,
  aMerchantId,
  anEntry,
  aPaymentId,
  aPublication,
  databaseOf,
  emptyRecords,
  Rig,
  rowsOf,
} from './delivery-rig.ts'

const anException = (change: Partial<ExceptionRecord>): ExceptionRecord => ({
  ...{
    id: 'exc_1',
    kind: 'report_mismatch',
    status: 'open',
    sessionId: null,
    deliveryId: null,
    destinationId: null,
  },
  ...{
    detail: 'The amount differs.',
    raisedAt: 1,
    resolvedAt: null,
    resolution: null,
    note: null,
    resolvedBy: null,
  },
  ...{ version: 1, ...change },
})

beforeEach(emptyRecords)

describe('recording what objects publish', () => {
  it('keeps payment, journal and references, tells each destination once and confirms the range', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const stream = aPaymentId()
    const [crm, erp] = [await aDestination(merchantId), await aDestination(merchantId)]
    const publication = aPublication({ merchantId, stream, from: 1, to: 2 })

    rig.publish(publication)
    await rig.turn()

    expect(await rowsOf('payments', merchantId)).toMatchObject([
      { id: stream, version: 2, livemode: 0, overdue_at: null },
    ])
    expect(
      (await rowsOf('journal', merchantId)).map((row) => [row.seq, row.event_id, row.event_body]),
    ).toEqual(publication.content!.entries.map((entry) => [entry.seq, entry.event!.id, entry.event!.body]))
    const expected = publication.content!.entries.flatMap((entry) =>
      [crm, erp].map((one) => deliveryId(entry.event!.id, one.id)),
    )
    const deliveries = await rowsOf('deliveries', merchantId)
    expect(deliveries.map((row) => row.id).sort()).toEqual(expected.sort())
    expect(deliveries[0]).toMatchObject({
      stream,
      status: 'pending',
      attempt_count: 0,
      due_at: rig.now,
      attempts: '[]',
      next_trigger: 'schedule',
    })
    expect(rig.confirmed).toEqual([`${stream} 1-2`])
    // The first tries of a merchant travel together, because messages are billed one by one.
    expect(rig.waiting.map((one) => one.body)).toMatchObject([
      { merchantId, tries: [{ attempt: 1 }, { attempt: 1 }, { attempt: 1 }, { attempt: 1 }] },
    ])
    expect(await sessionOfReference(recordsOf(env, merchantId), 'con_x', `ref-${stream}`)).toBe(
      `ps_${stream.slice(4)}`,
    )
  })

  it('changes nothing when a range comes again, alone or overlapping another', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const stream = aPaymentId()
    await aDestination(merchantId)
    rig.publish(aPublication({ merchantId, stream, from: 1, to: 2 }))
    await rig.turn()
    const before = [
      await rowsOf('journal', merchantId),
      await rowsOf('deliveries', merchantId),
      await rowsOf('payments', merchantId),
    ]
    rig.waiting = []

    rig.publish(
      aPublication({ merchantId, stream, from: 1, to: 2 }),
      aPublication({ merchantId, stream, from: 2, to: 2 }),
    )
    await rig.turn()

    expect([
      await rowsOf('journal', merchantId),
      await rowsOf('deliveries', merchantId),
      await rowsOf('payments', merchantId),
    ]).toEqual(before)
    expect(rig.waiting).toEqual([])
    expect(rig.confirmed).toEqual([`${stream} 1-2`, `${stream} 1-2`])
  })

  it('ends the same in whatever order, batches and repeats the ranges arrive', async () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(3), fc.boolean()), {
      minLength: 1,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(ranges, async (list) => {
        await emptyRecords()
        const rig = new Rig()
        const merchantId = aMerchantId()
        const stream = aPaymentId()
        await aDestination(merchantId)
        const told = new Set<number>()
        let newest = 0
        for (const [from, length, turn] of list) {
          const to = from + length
          newest = Math.max(newest, to)
          for (let seq = from; seq <= to; seq += 1) told.add(seq)
          rig.publish(aPublication({ merchantId, stream, from, to }))
          if (turn) await rig.turn()
        }
        await rig.settle(2)
        const sequences = [...told].sort((a, b) => a - b)
        expect((await rowsOf('journal', merchantId)).map((row) => row.seq)).toEqual(sequences)
        expect(await rowsOf('payments', merchantId)).toMatchObject([{ version: newest }])
        expect((await rowsOf('deliveries', merchantId)).map((row) => [row.seq, row.status]).sort()).toEqual(
          sequences.map((seq) => [seq, 'delivered']),
        )
        expect(rig.got.map((one) => one.headers['webhook-id'])).toHaveLength(sequences.length)
      }),
      { numRuns: 12 },
    )
  })

  it('lets the newest version of an exception win', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    const id = `exc_${stream.slice(4)}0001`
    const raised = anException({ id, version: 3 })
    const resolved = anException({
      id,
      version: 5,
      status: 'resolved',
      note: 'Seen.',
      resolution: 'accepted',
      resolvedBy: 'opr_1',
      resolvedAt: 9,
    })
    rig.publish(aPublication({ merchantId, stream, from: 5 }, { exceptions: [resolved] }))
    await rig.turn()
    rig.publish(aPublication({ merchantId, stream, from: 3 }, { exceptions: [raised] }))
    await rig.turn()
    expect(await rowsOf('exceptions', merchantId)).toMatchObject([
      { status: 'resolved', note: 'Seen.', version: 5, stream, raised_at: 1 },
    ])
  })

  it('records an inbox, which has no payment, and confirms at its object', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const stream = aPaymentId().replace('pay_', 'inb_')
    rig.publish(
      aPublication(
        { merchantId, stream },
        { payment: null, exceptions: [anException({ id: `exc_${stream.slice(4)}0001` })] },
      ),
    )
    await rig.turn()
    expect(await rowsOf('payments', merchantId)).toEqual([])
    expect(await rowsOf('exceptions', merchantId)).toHaveLength(1)
    expect(rig.confirmed).toEqual([`${stream} 1-1`])
  })

  it('reads a range from its object that was too large to travel', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    rig.contents.set(`${stream} 1-3`, aPublication({ merchantId, stream, from: 1, to: 3 }).content!)
    rig.publish({ ...aPublication({ merchantId, stream, from: 1, to: 3 }), content: null })
    await rig.turn()
    expect(await rowsOf('journal', merchantId)).toHaveLength(3)
  })

  it('takes more than one parameter can hold in one transaction', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    const entries = Array.from({ length: 90 }, (_, index) => ({
      ...anEntry(stream, index + 1),
      data: 'x'.repeat(20_000),
    }))
    rig.publish(aPublication({ merchantId, stream, from: 1, to: 90 }, { entries }))
    await rig.turn()
    expect(await rowsOf('journal', merchantId)).toHaveLength(90)
    expect(rig.confirmed).toEqual([`${stream} 1-90`])
  })

  it('sends back only the message of an object that does not answer', async () => {
    const rig = new Rig()
    const [merchantId, silent, other] = [aMerchantId(), aPaymentId(), aPaymentId()]
    rig.away.add('publication')
    rig.publish(
      { ...aPublication({ merchantId, stream: silent }), content: null },
      aPublication({ merchantId, stream: other }),
    )
    await rig.turn()
    expect(rig.confirmed).toEqual([`${other} 1-1`])
    expect(rig.waiting.map((one) => (one.body as { stream: string }).stream)).toEqual([silent])
  })

  it('acknowledges what is recorded although its object does not hear the confirmation', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    rig.away.add('confirm')
    rig.publish(aPublication({ merchantId, stream }))
    await rig.turn()
    expect(await rowsOf('journal', merchantId)).toHaveLength(1)
    expect(rig.waiting).toEqual([])
  })

  it('sends only the one bad message of a batch back, and waits longer each time', async () => {
    const rig = new Rig()
    const [merchantId, good, bad] = [aMerchantId(), aPaymentId(), aPaymentId()]
    const broken = aPublication(
      { merchantId, stream: bad },
      { entries: [{ ...anEntry(bad, 1), hash: null as never }] },
    )
    rig.publish(aPublication({ merchantId, stream: good }), broken)
    await rig.turn()
    expect(rig.confirmed).toEqual([`${good} 1-1`])
    expect(rig.waiting).toMatchObject([{ body: { stream: bad }, attempts: 1, dueAt: rig.now + 5_000 }])
    rig.now += 5_000
    await rig.turn()
    expect(rig.waiting).toMatchObject([{ body: { stream: bad }, attempts: 2, dueAt: rig.now + 10_000 }])
  })

  it('does not try message after message while the database is away', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    rig.away.add('database')
    rig.publish(...Array.from({ length: 20 }, () => aPublication({ merchantId, stream: aPaymentId() })))
    await rig.turn()
    expect(rig.waiting).toHaveLength(20)
    // One batch, three single ones, and one note of who is known.
    expect(rig.steps).toBeLessThanOrEqual(5)
    rig.away.clear()
    await rig.settle(2)
    expect(rig.confirmed).toHaveLength(20)
  })

  it('raises a refused range once at its payment when it reaches the dead letters', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    rig.send('tollgate-journal-dead', aPublication({ merchantId, stream }))
    rig.send('tollgate-journal-dead', aPublication({ merchantId, stream, from: 1, to: 2 }))
    await rig.turn()
    expect([...rig.open.keys()]).toEqual(['contradiction records_refused'])
    expect(rig.log.filter((line) => line.message === 'journal_dead')).toHaveLength(2)
    expect(rig.waiting).toEqual([])
  })

  it('writes as few rows as the bill allows: a payment, an entry with its event, a reference, a delivery', async () => {
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    await aDestination(merchantId)
    const written: number[] = []
    const counting = {
      prepare: (text: string) => databaseOf(merchantId).prepare(text),
      batch: async (statements: D1PreparedStatement[]) => {
        const results = await databaseOf(merchantId).batch(statements)
        written.push(...results.map((result) => result.meta.rows_written))
        return results
      },
    } as unknown as D1Database
    const publication = aPublication({ merchantId, stream }) as Parameters<typeof writeRecords>[1][number]
    const options = { now: 1, firstDelayMs: 0, leaseMs: 0, scheduleSeconds: [0] }
    await writeRecords(recordsIn(counting), [publication], options)
    // Delivery with the index of what is due, a look at who is failing, payment, entry with the events' index, reference.
    expect(written).toEqual([2, 0, 1, 2, 1])
    written.length = 0
    await writeRecords(recordsIn(counting), [publication], options)
    expect(written).toEqual([0, 0, 0, 0, 0])
  })
})

describe('the fan-out', () => {
  it('asks each destination of the same merchant and mode, as the domain would', async () => {
    const merchantId = aMerchantId()
    const patterns = [
      '*',
      'payment.*',
      'payment.paid',
      'payment.failed',
      'exception.*',
      'payment.pai',
      'payment',
    ]
    const destinations = await Promise.all(
      patterns.map((pattern) => aDestination(merchantId, { eventTypes: [pattern] })),
    )
    await aDestination(merchantId, { livemode: true })
    await aDestination(aMerchantId())
    const types = ['payment.paid', 'payment.failed', 'exception.raised', 'payment.fiscal_updated']
    const rig = new Rig()
    const stream = aPaymentId()
    const entries = types.map((type, index) => anEntry(stream, index + 1, type))
    rig.publish(aPublication({ merchantId, stream, to: 4 }, { entries }))
    await rig.turn()
    const expected = destinations.flatMap((destination, index) =>
      types.filter((type) => subscribes(patterns[index]!, type)).map((type) => `${destination.id} ${type}`),
    )
    const rows = await rowsOf('deliveries', merchantId)
    expect(rows.map((row) => `${row.destination_id} ${row.event_type}`).sort()).toEqual(expected.sort())
  })

  it('counts a destination once whose patterns match twice', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId, { eventTypes: ['*', 'payment.*', 'payment.paid'] })
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    expect(rig.waiting).toHaveLength(1)
  })

  it('tells a new destination nothing old, though the range is published again', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    rig.publish(aPublication({ merchantId, stream }))
    await rig.turn()
    await aDestination(merchantId)
    rig.publish(aPublication({ merchantId, stream, from: 1, to: 2 }))
    await rig.turn()
    expect((await rowsOf('deliveries', merchantId)).map((row) => row.seq)).toEqual([2])
  })

  it('holds what is for a paused destination and skips a deleted one', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId, { status: 'paused', pausedBecause: 'asked' })
    await aDestination(merchantId, { deletedAt: 1 })
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    expect(await rowsOf('deliveries', merchantId)).toMatchObject([{ status: 'held', due_at: null }])
    expect(rig.waiting).toEqual([])
  })

  it('tells nobody anything when the records are only rebuilt', async () => {
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    await aDestination(merchantId)
    const publication = aPublication({ merchantId, stream }) as Parameters<typeof writeRecords>[1][number]
    await rewriteRecords(recordsOf(env, merchantId), [publication])
    expect(await rowsOf('deliveries', merchantId)).toEqual([])
    expect(await rowsOf('journal', merchantId)).toHaveLength(1)
  })

  it('sends by way of the sweeper what the queue would not take', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    rig.away.add('queue')
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    expect(rig.confirmed).toHaveLength(1)
    rig.away.clear()
    await rig.settle(3)
    expect(rig.got).toHaveLength(1)
  })
})
