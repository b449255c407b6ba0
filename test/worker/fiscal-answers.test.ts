// What fiscal and fulfilment systems answer a delivery with reaches the payment, and what a fiscal system that cannot tell
// repeats apart may have taken goes to a person instead of out again.
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { recordsOf } from '../../src/store/database.ts'
import { addReplay, replayPage } from '../../src/store/replays.ts'
import { aDelivery, failing } from './a-delivery.ts'
import { type aDestination, askedAt, emptyRecords, type Rig } from './delivery-rig.ts'

const receipt = { kind: 'sale', status: 'issued', receipt_id: 'F-1', amount: 1_000 }
const word = {
  ...{ kind: 'sale', status: 'issued', refundId: null, receiptId: 'F-1', url: null, amount: 1_000 },
}
const answering =
  (body: unknown, status = 200) =>
  () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })

type Change = NonNullable<Parameters<typeof aDestination>[1]>

async function told(body: unknown, destination: Change = { kind: 'fiscal' }, eventType = 'payment.paid') {
  await emptyRecords()
  const made = await aDelivery({ eventType, destination })
  made.rig.behaviour = answering(body)
  await made.rig.settle(3)
  return made
}

const ignored = ({ log }: Rig) => log.filter((line) => line.answer === 'ignored').length

describe('an answer to a delivery', () => {
  it('tells the payment of its receipt, in the name of the destination, and then owes nothing', async () => {
    const { rig, destination, read } = await told({ fiscal_receipt: receipt })
    const row = await read()
    const key = { name: `answer ${row.id} 1`, fingerprint: JSON.stringify(word) }
    expect(rig.told).toEqual([{ word, key, actor: `destination:${destination.id}` }])
    expect(row).toMatchObject({ status: 'delivered', due_at: null, answer: null })
  })

  it.each(['fiscal', 'fulfillment'] as const)('tells of fulfilment, from a %s system', async (kind) => {
    const { rig } = await told({ fulfillment: { status: 'in_progress' } }, { kind }, 'payment.refunded')
    expect(rig.told).toMatchObject([{ word: { status: 'in_progress', note: null } }])
  })

  it.each<[string, unknown, number]>([
    ['no JSON', 'ok', 1],
    ['another shape', { ok: true }, 1],
    ['an unknown field', { fiscal_receipt: { ...receipt, vat: 20 } }, 1],
    ['an amount that is none', { fiscal_receipt: { ...receipt, amount: 10.5 } }, 1],
    ['a status that is none', { fulfillment: { status: 'lost' } }, 1],
    ['both at once', { fiscal_receipt: receipt, fulfillment: { status: 'delivered' } }, 1],
    ['more than is read', `${JSON.stringify({ fiscal_receipt: receipt })}${' '.repeat(2_048)}`, 1],
    ['nothing', '', 0],
  ])('that is %s is no answer, and the event is delivered all the same', async (_what, body, lines) => {
    const { rig, read } = await told(body)
    expect(rig.told).toEqual([])
    expect(await read()).toMatchObject({ status: 'delivered', due_at: null, answer: null })
    expect(ignored(rig)).toBe(lines)
  })

  it.each<[string, Change, string]>([
    ['another kind of system', { kind: 'crm' }, 'payment.paid'],
    ['an event that asks for nothing', { kind: 'fiscal' }, 'payment.pending'],
  ])('of %s is not read', async (_what, destination, eventType) => {
    const { rig } = await told({ fiscal_receipt: receipt }, destination, eventType)
    expect([rig.told, ignored(rig)]).toEqual([[], 0])
  })

  it('of an error is not read', async () => {
    const made = await aDelivery({ destination: { kind: 'fiscal' } })
    made.rig.behaviour = answering({ fiscal_receipt: receipt }, 409)
    await made.rig.turn()
    expect(made.rig.told).toEqual([])
  })

  it('that the payment refuses is logged once, and the delivery stays delivered', async () => {
    await emptyRecords()
    const { rig, read } = await aDelivery({ destination: { kind: 'fiscal' } })
    rig.behaviour = answering({ fiscal_receipt: { ...receipt, kind: 'refund', refund_id: 'rfd_foreign' } })
    rig.refusal = { code: 'validation_failed', detail: 'is no refund of this payment' }
    await rig.settle(4)
    expect(rig.told).toHaveLength(1)
    expect(rig.log.filter((line) => line.message === 'answer_refused')).toHaveLength(1)
    expect(await read()).toMatchObject({ status: 'delivered', due_at: null, answer: null })
  })

  it('waits for a payment that does not answer just now', async () => {
    await emptyRecords()
    const { rig, read } = await aDelivery({ destination: { kind: 'fiscal' } })
    rig.behaviour = answering({ fiscal_receipt: receipt })
    rig.away.add('tell')
    await rig.turn()
    expect(await read()).toMatchObject({ status: 'delivered', answer: expect.stringContaining('F-1') })
    rig.away.delete('tell')
    await rig.settle(4)
    expect(rig.told).toHaveLength(1)
    expect(await read()).toMatchObject({ due_at: null, answer: null })
  })

  it('outlives a repeat that nobody answers', async () => {
    const { rig, read, retry } = await aDelivery({ destination: { kind: 'fiscal' } })
    rig.behaviour = answering({ fiscal_receipt: receipt })
    rig.away.add('tell')
    await rig.turn()
    rig.away.delete('tell')
    rig.behaviour = failing(503)
    await retry()
    await rig.turn()
    expect(rig.told).toMatchObject([{ word: { receiptId: 'F-1' } }])
    expect(await read()).toMatchObject({ status: 'delivered', due_at: null, answer: null })
  })

  it('is told before another try is made, whose answer would take its place', async () => {
    await emptyRecords()
    const { rig, read, retry } = await aDelivery({ destination: { kind: 'fiscal' } })
    rig.behaviour = answering({ fiscal_receipt: receipt })
    rig.away.add('tell')
    await rig.turn()
    rig.behaviour = answering({ fiscal_receipt: { ...receipt, receipt_id: 'F-2' } })
    await retry()
    await rig.turn()
    expect(rig.got).toHaveLength(1)
    expect(await read()).toMatchObject({ status: 'pending', answer: expect.stringContaining('F-1') })
    rig.away.delete('tell')
    await rig.settle(4)
    const receipts = rig.told.map(({ word }) => (word as { receiptId: string }).receiptId)
    expect(receipts.filter((id, place) => receipts.indexOf(id) === place)).toEqual(['F-1', 'F-2'])
    expect(await read()).toMatchObject({ status: 'delivered', due_at: null, answer: null })
  })
})

describe('a Worker that dies once', () => {
  const history = async (
    change: Change,
    behaviour: Rig['behaviour'],
    at: number,
    when: 'before' | 'after',
  ) => {
    await emptyRecords()
    const made = await aDelivery({ destination: { kind: 'fiscal', ...change } })
    made.rig.behaviour = behaviour
    made.rig.diesAt(at, when)
    await made.rig.settle(12)
    return { ...made, row: await made.read() }
  }
  const deaths = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((at) => [
    { at, when: 'before' as const },
    { at, when: 'after' as const },
  ])

  it.each(deaths)('$when step $at loses no receipt, and tells no two', async ({ at, when }) => {
    const { rig, row } = await history({}, answering({ fiscal_receipt: receipt }), at, when)
    // Told again is the same key again, for which the payment answers what it answered before; a try that was made
    // again has a number of its own only when it was saved.
    expect(new Set(rig.told.map(({ key }) => key?.name))).toEqual(new Set([`answer ${row.id} 1`]))
    expect(row).toMatchObject({ status: 'delivered', due_at: null, lease_until: null, answer: null })
  })

  it.each(deaths)('$when step $at asks a system that holds its doubts only once', async ({ at, when }) => {
    const hold: Change = { onTimeout: 'hold' }
    const { rig, stream, row } = await history(hold, answering({ fiscal_receipt: receipt }), at, when)
    expect(rig.got.length).toBeLessThanOrEqual(1)
    expect(row).toMatchObject({ due_at: null, lease_until: null })
    // The third step is the request: from here to its row nobody can know how it ended.
    if ((at === 2 && when === 'after') || at === 3 || (at === 4 && when === 'before'))
      expect(row.status).toBe('failed')
    if (row.status === 'delivered') expect(rig.told.length).toBeGreaterThan(0)
    else {
      expect(row.attempts).toMatchObject([{ status: null, error: 'unsaved' }])
      expect([...rig.open.values()]).toMatchObject([{ kind: 'fiscal_failed', cause: `${stream}-sale` }])
    }
  })
})

describe('a fiscal destination that holds its doubts', () => {
  const hold = { kind: 'fiscal', onTimeout: 'hold' } as const

  it.each<[string, Rig['behaviour']]>([
    ['an answer of 503', failing(503)],
    ['a connection that breaks', () => Promise.reject(new Error('reset'))],
    ['a silence', () => new Promise<Response>(() => {})],
  ])('after %s is not asked again by itself, and a person hears of it', async (_what, behaviour) => {
    await emptyRecords()
    const { rig, stream, destination, read } = await aDelivery({ destination: { ...hold, timeoutMs: 100 } })
    rig.behaviour = behaviour
    await rig.settle(300)
    const row = await read()
    expect(rig.got).toHaveLength(1)
    expect(row).toMatchObject({ status: 'failed', due_at: null, doubtful: 1 })
    expect([...rig.open.values()]).toMatchObject([
      { kind: 'fiscal_failed', cause: `${stream}-sale`, deliveryId: row.id, destinationId: destination.id },
    ])
  })

  it('is asked again after a refusal, which is certain', async () => {
    await emptyRecords()
    const { rig, read } = await aDelivery({ destination: hold })
    rig.behaviour = (_got, count) => new Response('{}', { status: count === 1 ? 429 : 200 })
    await rig.settle(3)
    expect(await read()).toMatchObject({ status: 'delivered', attempt_count: 2, doubtful: 0 })
    expect(rig.open.size).toBe(0)
  })

  it('gets other events as everybody does', async () => {
    await emptyRecords()
    const { rig, read } = await aDelivery({ eventType: 'payment.pending', destination: hold })
    rig.behaviour = failing(503)
    await rig.turn()
    expect(await read()).toMatchObject({ status: 'pending', doubtful: 0 })
  })

  it('gets it once more when a person asks, and each time only once', async () => {
    await emptyRecords()
    const { rig, read, retry } = await aDelivery({ destination: hold })
    for (const behaviour of [failing(503), failing(429), answering({ fiscal_receipt: receipt })]) {
      rig.behaviour = behaviour
      if (rig.got.length > 0) await retry()
      await rig.settle(60)
    }
    expect(rig.got).toHaveLength(3)
    expect(await read()).toMatchObject({ status: 'delivered', attempt_count: 3, doubtful: 0, answer: null })
    expect(rig.told).toMatchObject([{ word: { receiptId: 'F-1' } }])
  })

  const replayed = async (
    only: 'failed' | 'all',
    destination: Change,
    behaviour: Rig['behaviour'],
    eventType = 'payment.paid',
  ) => {
    await emptyRecords()
    const made = await aDelivery({ eventType, destination })
    const { rig, merchantId } = made
    rig.behaviour = behaviour
    await rig.settle(3)
    const db = recordsOf(env, merchantId)
    const replay = {
      ...{ id: `rpl_${merchantId}`, merchantId, livemode: false, destinationId: made.destination.id, only },
      ...{ since: 0, until: 2_000_000_000_000, eventTypes: ['*'], cursorAt: 0, cursorId: '' },
      ...{ events: 0, deliveries: 0, createdAt: rig.now, finishedAt: null },
    }
    await addReplay(db, replay, askedAt(rig.now))
    return { ...made, page: await replayPage(db, replay, rig.now, 10) }
  }

  it.each(['failed', 'all'] as const)('keeps its doubt when %s is replayed', async (only) => {
    const { page, read } = await replayed(only, hold, failing(503))
    expect(page.replay).toMatchObject({ events: 1, deliveries: 0 })
    expect(await read()).toMatchObject({ status: 'failed', doubtful: 1 })
  })

  it.each<[string, Change, string, number]>([
    ['what it has taken', hold, 'payment.paid', 0],
    ['what asks it for nothing', hold, 'payment.pending', 1],
    ['what a system took that can tell repeats apart', { kind: 'fiscal' }, 'payment.paid', 1],
  ])('of a replay of everything: %s', async (_what, destination, eventType, again) => {
    const { page } = await replayed('all', destination, answering({ fiscal_receipt: receipt }), eventType)
    expect(page.released).toHaveLength(again)
  })
})
