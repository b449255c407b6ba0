// A run of many pieces whose Worker dies at every step that reaches the outside, whose messages come twice, or never.
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it } from 'vitest'
import { plugIn, unplug } from './meter.ts'
import { ReconcilingRig } from './reconciliation-rig.ts'

afterEach(unplug)

const heading = 'transaction_id,type,reference,order_id,amount,currency,fee,date\n'
const row = (n: number, amount = '10.00', id = `tx-${n}`) =>
  `${id},payment,ref-${n},,${amount},AMD,0.25,2026-11-20\n`

/** Of 520 payments: two that differ, two that are told twice, one that nobody knows, and three without a row. */
function aFile(): string {
  const rows = Array.from({ length: 517 }, (_, n) => row(n + 1, n === 5 || n === 510 ? '9.00' : '10.00'))
  rows.splice(505, 0, row(3), row(4, '10.00', 'tx-other'), row(99_999))
  return heading + rows.join('')
}

async function aRig(): Promise<ReconcilingRig> {
  const rig = new ReconcilingRig()
  await rig.record(520)
  return rig
}

describe('a reconciliation', () => {
  it('comes to the same wherever its Worker dies, and raises nothing twice', {
    timeout: 120_000,
  }, async () => {
    const calm = await aRig()
    await calm.receive(aFile())
    calm.steps = 0
    const through = await calm.settle()
    const steps = calm.steps
    expect(through.summary).toMatchObject({
      outcomes: { matched: 515, amount_difference: 2, duplicate: 2, missing_here: 1, missing_there: 3 },
      ...{ rows: 520, differences: 7, raised: 7 },
    })
    const expected = await calm.result()
    for (const when of ['before', 'after'] as const)
      for (let at = when === 'before' ? 1 : 4; at <= steps; at += 7) {
        const rig = await aRig()
        await rig.receive(aFile())
        rig.diesAt(at, when)
        await rig.settle()
        expect(await rig.result(), `${when} ${at}`).toEqual(expected)
        expect(new Set(rig.raised).size, `${when} ${at}`).toBe(rig.raised.length)
      }
  })

  it('comes to the same when each message comes three times at once', async () => {
    const calm = await aRig()
    await calm.receive(aFile())
    await calm.settle()
    const rig = await aRig()
    await rig.receive(aFile())
    await rig.settle(3)
    expect(await rig.result()).toEqual(await calm.result())
  })

  it('goes on when its messages are lost', async () => {
    const rig = await aRig()
    await rig.receive(aFile())
    rig.waiting = []
    await rig.turn()
    const { summary } = await rig.settle()
    expect(summary?.rows).toBe(520)
  })

  it('gives the same result when it runs again, and leaves no rows of the run before', async () => {
    const rig = await aRig()
    await rig.receive(aFile())
    await rig.settle()
    const before = await rig.result()
    const raised = [...rig.raised]
    const { finishedRun } = await rig.runAgain()
    expect(finishedRun).toBe(2)
    expect(await rig.result()).toEqual(before)
    expect(rig.raised).toEqual(raised)
    expect(rig.ended).toEqual([])
  })
})

describe('a file whose Worker dies while it comes', () => {
  it('is not there at all, or there as a whole, and its remains leave within an hour', async () => {
    const calm = await aRig()
    calm.steps = 0
    await calm.receive(aFile())
    const { steps } = calm
    expect(steps).toBeGreaterThan(4)
    for (const when of ['before', 'after'] as const)
      for (let at = 1; at <= steps; at += 1) {
        const rig = new ReconcilingRig()
        rig.diesAt(at, when)
        await rig.receive(aFile()).catch(() => undefined)
        rig.revive()
        const { results } = await rig.db.$client
          .prepare('select n, rows from settlement_files where reconciliation_id = ?')
          .bind(rig.id)
          .all()
        const whole = await rig.db.$client
          .prepare('select count(*) as n from reconciliations where id = ?')
          .bind(rig.id)
          .first('n')
        if (whole === 1) expect(results, `${when} ${at}`).toEqual([{ n: 1, rows: 520 }])
        rig.now += 2 * 3_600_000
        await rig.sweep()
        expect(await unowned(rig), `${when} ${at}`).toEqual([0, 0])
      }
  })

  const unowned = (rig: ReconcilingRig) =>
    Promise.all(
      [
        'select count(*) as n from settlement_files where n is null',
        'select count(*) as n from settlement_chunks where file_id not in (select id from settlement_files)',
      ].map((text) => rig.db.$client.prepare(text).first('n')),
    )
})

describe('payments that no file accounts for', () => {
  it('are asked about at their provider each day, until a file tells of them', async () => {
    const rig = new ReconcilingRig()
    await rig.record(3)
    await rig.receive(heading + row(1))
    await rig.settle()
    expect(rig.open.size).toBe(2)
    await rig.sweep()
    await rig.sweep()
    // Others of this database are asked about too.
    const asked = () => rig.hinted.filter((id) => id.startsWith(`ps_${rig.mark}`))
    expect(asked()).toHaveLength(2)
    rig.now += 25 * 3_600_000
    await rig.sweep()
    expect(asked()).toHaveLength(4)
  })
})

describe('a file of another account', () => {
  it('raises two hundred exceptions and one that says how many there are', async () => {
    const rig = new ReconcilingRig()
    const rows = Array.from({ length: 700 }, (_, n) => row(n + 1))
    await rig.receive(heading + rows.join(''))
    const { summary } = await rig.settle()
    expect(summary).toMatchObject({ differences: 700, raised: 200, outcomes: { missing_here: 700 } })
    expect(rig.open.size).toBe(201)
    expect([...rig.open.values()].at(-1)).toMatch(/has 700 differences, of which 200 were raised one by one/)
  })
})

describe('a large file', () => {
  /** `SETTLED=100000` for the largest that may be. */
  const count = Number(env.TEST_SETTLED)

  it('costs as many rows of D1 as it has, and no more each when there are more', {
    timeout: 600_000,
  }, async () => {
    const rig = new ReconcilingRig()
    await rig.record(count)
    const encoder = new TextEncoder()
    let next = 0
    const file = new ReadableStream<Uint8Array>({
      pull(controller) {
        const rows = Array.from({ length: Math.min(500, count - next) }, (_, n) => row(next + n + 1))
        controller.enqueue(encoder.encode((next === 0 ? heading : '') + rows.join('')))
        next += rows.length
        if (next >= count) controller.close()
      },
    })
    const counts = plugIn()
    await rig.receive(file)
    const received = counts.d1RowsWritten
    const { summary } = await rig.settle()
    const each = (rows: number) => Math.round((rows / count) * 1_000) / 1_000
    console.log({ count, received, written: each(counts.d1RowsWritten), read: each(counts.d1RowsRead) })
    expect(summary).toMatchObject({ rows: count, differences: 0, outcomes: { matched: count } })
    // A chunk for 500 rows, and the file and its reconciliation with their indexes.
    expect(received).toBeLessThan(count / 500 + 20)
    // An item and a claim for each row.
    expect(each(counts.d1RowsWritten)).toBeLessThan(2.1)
    // Its reference and payment, its claim, the event and the claim once more from the payment's side, and what JSON holds.
    expect(each(counts.d1RowsRead)).toBeLessThan(40)
  })
})
