// How fast a destination answered lately, over HTTP: its newest tries, and how they and the arrivals spread.
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { PublishedEntry } from '../../src/domain/publication.ts'
import { recordsOf } from '../../src/store/database.ts'
import { type Recordable, writeRecords } from '../../src/store/records.ts'
import { anEntry, aPaymentId, aPublication, databaseOf } from './delivery-rig.ts'
import { aDoor } from './door.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

interface Made {
  /** Milliseconds after the event. */
  after: number
  durationMs: number
  status: number | null
}

async function aDestination(change: object = {}) {
  const door = aDoor()
  const merchant = await door.aMerchant()
  const key: string = (await door.aKey(merchant.id)).key
  const body = { kind: 'crm', url: 'https://crm.example/hook', event_types: ['*'], ...change }
  const { id } = await door.json(201, '/v1/destinations', { as: key, body })

  async function recorded(stream: string, entries: PublishedEntry[]): Promise<void> {
    const publication = aPublication({ merchantId: merchant.id, stream, to: entries.length }, { entries })
    await writeRecords(recordsOf(env, merchant.id), [publication as Recordable], {
      ...{ now, firstDelayMs: 0, leaseMs: 0, scheduleSeconds: [0] },
    })
  }

  /** So many events of a type, which have just happened. */
  async function others(count: number, eventType: string): Promise<void> {
    const stream = aPaymentId()
    const entries = Array.from({ length: count }, (_, n) => anEntry(stream, n + 1, eventType))
    await recorded(
      stream,
      entries.map((entry) => ({ ...entry, at: now })),
    )
  }

  /** An event that happened so many milliseconds ago, with the tries that were made of it. */
  async function anEvent(ago: number, tries: readonly Made[], eventType = 'payment.paid'): Promise<void> {
    const stream = aPaymentId()
    const entry = { ...anEntry(stream, 1, eventType), at: now - ago }
    await recorded(stream, [entry])
    const attempts = tries.map(({ after, durationMs, status }, index) => ({
      ...{ n: index + 1, at: entry.at + after, durationMs, status, error: null, trigger: 'schedule' },
      responseBody: 'a secret of somebody’s',
    }))
    await databaseOf(merchant.id)
      .prepare(
        'update deliveries set attempts = ?, attempt_count = ? where stream = ? and destination_id = ?',
      )
      .bind(JSON.stringify(attempts), attempts.length, stream, id)
      .run()
  }

  const read = () => door.json(200, `/v1/destinations/${id}/latency`, { as: key })
  return { id, anEvent, others, read }
}

describe('a destination’s latency', () => {
  it('tells its tries, oldest first and without what was answered, and how long they took', async () => {
    const { id, anEvent, read } = await aDestination()
    await anEvent(60_000, [
      { after: 100, durationMs: 15_000, status: null },
      { after: 30_000, durationMs: 40, status: 200 },
    ])
    await anEvent(50_000, [{ after: 50, durationMs: 20, status: 204 }])
    const { tries, ...said } = await read()
    expect(said).toEqual({
      ...{ object: 'latency', destination_id: id },
      answer_ms: { p50: 40, p95: 15_000, most: 15_000 },
      arrival_ms: { p50: 70, p95: 30_040, most: 30_040 },
    })
    expect(tries).toEqual([
      { at: '2026-11-22T11:59:00.100Z', duration_ms: 15_000, status: null },
      { at: '2026-11-22T11:59:10.050Z', duration_ms: 20, status: 204 },
      { at: '2026-11-22T11:59:30.000Z', duration_ms: 40, status: 200 },
    ])
  })

  it('counts an arrival by the first try that was taken, however often it was sent again', async () => {
    const { anEvent, read } = await aDestination()
    await anEvent(90_000, [
      { after: 10, durationMs: 5, status: 200 },
      { after: 80_000, durationMs: 5, status: 200 },
    ])
    expect((await read()).arrival_ms).toEqual({ p50: 15, p95: 15, most: 15 })
  })

  it('is never below nothing where two clocks differ', async () => {
    const { anEvent, read } = await aDestination()
    await anEvent(1_000, [{ after: -50, durationMs: 5, status: 200 }])
    expect((await read()).arrival_ms).toEqual({ p50: 0, p95: 0, most: 0 })
  })

  it('is told by the newest hundred tries', async () => {
    const { anEvent, read } = await aDestination()
    const tries = Array.from({ length: 10 }, (_, n) => ({ after: n, durationMs: n, status: 500 }))
    for (let n = 0; n < 11; n += 1) await anEvent(1_000 * (11 - n), tries)
    const said = await read()
    expect(said.tries).toHaveLength(100)
    expect(said.tries[0].at).toBe('2026-11-22T11:59:50.000Z')
    expect(said.arrival_ms).toBeNull()
  })

  it('reads the newest ten of a delivery that is tried without end, whose arrival it does not know then', async () => {
    const { anEvent, read } = await aDestination()
    const tries = Array.from({ length: 11 }, (_, n) => ({ after: n, durationMs: n + 1, status: 200 }))
    await anEvent(1_000, tries)
    const said = await read()
    expect(said.tries.map((one: { duration_ms: number }) => one.duration_ms)).toEqual([
      ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    ])
    expect(said.arrival_ms).toBeNull()
    await anEvent(1_000, tries.slice(1))
    expect((await read()).arrival_ms).toEqual({ p50: 3, p95: 3, most: 3 })
  })

  it('looks only at events that the destination takes, so that rare ones are found behind many others', async () => {
    const { anEvent, others, read } = await aDestination({ event_types: ['payment.disputed'] })
    await anEvent(90_000, [{ after: 10, durationMs: 5, status: 200 }], 'payment.disputed')
    await others(101, 'payment.created')
    expect((await read()).tries).toHaveLength(1)
  })

  it('is nothing where nothing was sent yet', async () => {
    const { anEvent, read } = await aDestination()
    expect(await read()).toMatchObject({ answer_ms: null, arrival_ms: null, tries: [] })
    await anEvent(10, [])
    expect(await read()).toMatchObject({ answer_ms: null, arrival_ms: null, tries: [] })
  })
})
