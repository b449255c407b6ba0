import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { compareSample } from '../../src/delivery/parity.ts'
import type { Publication } from '../../src/domain/publication.ts'
import { aMerchantId, aPaymentId, aPublication, databaseOf, emptyRecords, Rig } from './delivery-rig.ts'
import { plugIn, unplug } from './meter.ts'

beforeEach(async () => {
  await emptyRecords()
  await env.DB.prepare('delete from merchants').run()
})

/** Payments that were recorded as their objects tell them. */
async function aStore(payments: number) {
  const rig = new Rig()
  const merchantId = aMerchantId()
  await env.DB.prepare("insert into merchants values (?, 'Shop', '[]', '[]', '[]', null, null, null, 'x', 1)")
    .bind(merchantId)
    .run()
  const truths = Array.from({ length: payments }, (): Publication => {
    return aPublication({ merchantId, stream: aPaymentId(), from: 1, to: 3 })
  })
  for (const truth of truths) rig.truths.set(truth.stream, truth)
  rig.publish(...truths)
  await rig.turn()
  const spoil = async (query: string, stream: string) =>
    await databaseOf(merchantId).prepare(query).bind(stream).run()
  const compare = async () => {
    const ports = rig.ports()
    // Chance chooses the first id, so that the few that there are lie behind it.
    return await compareSample(ports.recordsOf(merchantId), { ...ports, chance: () => 0 })
  }
  return { rig, merchantId, spoil, compare, streams: truths.map(({ stream }) => stream) }
}

describe('a day’s sample', () => {
  it('raises nothing where the records say what the objects say, and is taken once a day', async () => {
    const { rig, compare } = await aStore(5)
    expect(await compare()).toEqual({ compared: 5, differing: 0, unreached: 0 })
    expect(await compare()).toEqual({})
    rig.now += 86_400_000
    expect(await compare()).toMatchObject({ compared: 5 })
    expect(rig.open.size).toBe(0)
  })

  it.each([
    ['delete from journal where stream = ? and seq = 2', 'entry 2 is missing'],
    ["update journal set data = '[]' where stream = ? and seq = 3", 'entry 3 (data)'],
    ["update journal set event_body = '{}' where stream = ? and seq = 1", 'entry 1 (eventBody)'],
    ["update payments set status = 'failed', amount = 1 where id = ?", 'the payment’s row (status, amount)'],
    ['update payments set version = 2 where id = ?', 'the payment’s row is missing or behind'],
    ["update provider_references set session_id = 'ps_x' where reference = 'ref-' || ?", '(sessionId)'],
  ])('names what differs after %s, and leaves it as it is', async (query, named) => {
    const { rig, spoil, compare, streams } = await aStore(2)
    await spoil(query, streams[1]!)
    expect(await compare()).toEqual({ compared: 1, differing: 1, unreached: 0 })
    const raised = rig.open.get('contradiction records_differ')!
    expect(raised.detail).toContain(named)
    rig.now += 86_400_000
    expect(await compare()).toMatchObject({ differing: 1 })
  })

  it('has what is missing altogether, which only those who are known can show', async () => {
    const { rig, spoil, compare, streams } = await aStore(1)
    await spoil('delete from journal where stream = ?', streams[0]!)
    await spoil('delete from payments where id = ?', streams[0]!)
    expect(await compare()).toMatchObject({ differing: 1 })
    expect(rig.open.get('contradiction records_differ')!.detail).toContain('entry 1 is missing')
  })

  it('finds no difference in records that are newer than what the object said', async () => {
    const { rig, merchantId, compare, streams } = await aStore(1)
    rig.publish(aPublication({ merchantId, stream: streams[0]!, from: 4 }))
    await rig.turn()
    expect(await compare()).toEqual({ compared: 1, differing: 0, unreached: 0 })
  })

  it('leaves for another day who does not answer', async () => {
    const { rig, compare } = await aStore(2)
    rig.away.add('publication')
    expect(await compare()).toEqual({ compared: 0, differing: 0, unreached: 2 })
  })

  it('costs no more for many payments than the sample is large', async () => {
    const { compare } = await aStore(300)
    const counts = plugIn()
    const done = await compare()
    unplug()
    expect(done.compared).toBeLessThanOrEqual(100)
    expect(done.compared).toBeGreaterThanOrEqual(50)
    expect(counts.d1RowsRead).toBeLessThan(1_500)
    expect(counts.d1RowsWritten).toBeLessThanOrEqual(2)
  })
})
