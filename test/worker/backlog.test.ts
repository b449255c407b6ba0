// What a destination was owed while it was paused is let go in pieces of a bounded size, however much it is, and live events
// pass by. `HELD=100000 npm run test:worker -- test/worker/backlog.test.ts` does it with as many.
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it } from 'vitest'
import type { Ports } from '../../src/delivery/ports.ts'
import { consume } from '../../src/delivery/queues.ts'
import { sweep } from '../../src/delivery/sweeper.ts'
import { recovered } from '../../src/domain/health.ts'
import type { DeliveryMessage } from '../../src/env.ts'
import { recordsOf } from '../../src/store/database.ts'
import { changeDestination, type Destination } from '../../src/store/destinations.ts'
import { aDestination, aMerchantId, aPaymentId, aPublication, databaseOf, Rig } from './delivery-rig.ts'
import { plugIn, unplug } from './meter.ts'

afterEach(unplug)

const HELD = Number(env.TEST_HELD)
const PART = 20_000
/** Contract of one run of the schedule: at most so many are let go, and each costs at most so many rows of D1. */
const MOST_OF_A_RUN = 10_000
const ROWS_WRITTEN_EACH = 5
const ROWS_READ_EACH = 8

/** Beside the ids of other tests, which are numbers. */
const core = "'b' || substr('0000000000000000000000000' || n, -25)"

/** Fills in one held delivery and its event for each number. */
async function hold({ merchantId, id }: Destination): Promise<void> {
  const database = databaseOf(merchantId)
  for (let first = 1; first <= HELD; first += PART) {
    const numbers = `with recursive numbers (n) as (select ${first} union all select n + 1 from numbers where n < ${Math.min(first + PART - 1, HELD)})`
    await database.batch([
      database.prepare(`${numbers} insert into journal select 'pay_' || ${core}, 1, '${merchantId}', 0, n, 'x', 'x', '{}', '', '',
        'evt_' || ${core} || '000001', 'payment.paid', 1, '{"type":"payment.paid","data":{}}', null from numbers`),
      database.prepare(`${numbers} insert into deliveries select 'dlv_' || ${core} || '000001' || '${id.slice(4)}', '${merchantId}', 0,
        'pay_' || ${core}, 1, 'evt_' || ${core} || '000001', 'payment.paid', '${id}', 'held', 0, null, null, 'schedule', '[]', n, null, 0
        from numbers`),
    ])
  }
}

/** The rig's ports, which note how many messages each call of the queue carries. */
function noting(rig: Rig): { ports: Ports; calls: { lane: string; messages: DeliveryMessage[] }[] } {
  const calls: { lane: string; messages: DeliveryMessage[] }[] = []
  const sendDeliveries: Ports['sendDeliveries'] = async (messages, _delay, lane) =>
    void calls.push({ lane, messages })
  return { ports: { ...rig.ports(), sendDeliveries }, calls }
}

async function resume({ merchantId, id }: Destination, now: number): Promise<void> {
  const by = { actor: 'opr_of_the_test', requestId: 'req_of_the_test', at: now }
  const owner = { merchantId, livemode: false }
  await changeDestination(recordsOf(env, merchantId), owner, id, recovered(now), by)
}

const triesIn = (calls: { messages: DeliveryMessage[] }[]) =>
  calls.flatMap(({ messages }) => messages.flatMap(({ tries }) => tries.map(({ deliveryId }) => deliveryId)))

describe(`a backlog of ${HELD} deliveries`, () => {
  it('goes out once, oldest first, in pieces of a bounded size, and live events pass by', {
    timeout: 60_000 + 20 * HELD,
  }, async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const paused = await aDestination(merchantId, {
      ...{ status: 'paused', pausedBecause: 'asked', eventTypes: ['payment.expired'] },
    })
    const live = await aDestination(merchantId)
    await hold(paused)
    await resume(paused, rig.now)
    const { ports, calls } = noting(rig)
    const runs: { released: number; written: number; read: number; ms: number }[] = []
    for (let run = 0; run <= Math.ceil(HELD / MOST_OF_A_RUN); run += 1) {
      const [counts, before, began] = [plugIn(), triesIn(calls).length, Date.now()]
      await sweep(ports)
      const released = triesIn(calls).length - before
      runs.push({
        ...{ released, written: counts.d1RowsWritten, read: counts.d1RowsRead },
        ms: Date.now() - began,
      })
      unplug()
      rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
      await rig.turn()
      await rig.turn()
      expect(rig.got.filter(({ url }) => url === live.url)).toHaveLength(run + 1)
      rig.now += 1_000
    }
    console.info(`BACKLOG ${JSON.stringify({ held: HELD, runs })}`)

    const sent = triesIn(calls)
    expect(sent).toHaveLength(HELD)
    expect(sent).toEqual(sent.toSorted())
    expect(new Set(sent).size).toBe(HELD)
    expect(calls.filter(({ lane, messages }) => lane !== 'retries' || messages.length > 100)).toEqual([])
    for (const { released, written, read } of runs) {
      expect(released).toBeLessThanOrEqual(MOST_OF_A_RUN)
      expect(written).toBeLessThanOrEqual(released * ROWS_WRITTEN_EACH + 100)
      // Beside them, who looks for what was held for too long walks over whatever is due.
      expect(read).toBeLessThanOrEqual(released * ROWS_READ_EACH + HELD + 100)
    }
    await takes(rig, calls[0]!.messages)
  })
})

/** What was let go arrives. */
async function takes(rig: Rig, messages: readonly DeliveryMessage[]): Promise<void> {
  const before = rig.got.length
  for (const body of messages) {
    const message = { body, attempts: 1, ack: () => {}, retry: () => expect.fail('A message came back.') }
    await consume(
      { queue: 'tollgate-retries', messages: [message] } as unknown as MessageBatch<unknown>,
      rig.ports(),
    )
  }
  expect(rig.got.length - before).toBe(messages.flatMap(({ tries }) => tries).length)
}
