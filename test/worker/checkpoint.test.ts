// Checkpoints over the heads of all journals, and what they prove. Everything here is real: objects, queues, D1, R2.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fillRecords } from '../../scripts/bench/fill.ts'
import { type Leaf, verifyCheckpoints } from '../../src/crypto/checkpoints.ts'
import { doChores } from '../../src/delivery/chores.ts'
import { type Ports, portsOf } from '../../src/delivery/ports.ts'
import { tellAgain } from '../../src/delivery/rebuild.ts'
import { hashOf } from '../../src/payment/journal.ts'
import { evidenceOf } from '../../src/store/checkpoints.ts'
import { recordsIn } from '../../src/store/database.ts'
import { recordedJournal } from '../../src/store/journal.ts'
import { credentials } from './door.ts'
import { plugIn, unplug } from './meter.ts'
import { aTill, inside, type Json, type Till } from './till.ts'

const DAY = 86_400_000
let till: Till
let now = Date.parse('2026-12-01T03:00:00Z')
const db = recordsIn(env.DB)

beforeAll(async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('ok'))
  till = await aTill()
})

afterAll(() => {
  vi.restoreAllMocks()
})

const ports = (change: Partial<Ports> = {}): Ports => ({
  ...portsOf(env),
  now: () => now,
  log: () => {},
  // What the samples find is another test's.
  settings: { ...portsOf(env).settings, PARITY_SAMPLE: 0 },
  ...change,
})

/** The next day's checkpoint, however many runs it takes. */
async function nextDay(): Promise<void> {
  now += DAY
  for (let runs = 0; runs < 6; runs += 1) await doChores(ports())
}

async function recorded(paymentId: string): Promise<string> {
  const isRecorded = async () => {
    const versions = await inside(paymentId, ({ storage }) =>
      storage.sql.exec('SELECT max(seq) AS seq FROM journal').one(),
    )
    expect((await recordedJournal(db, paymentId)).length).toBe(versions.seq)
  }
  await vi.waitFor(isRecorded, { timeout: 15_000, interval: 50 })
  return paymentId
}

/** A payment that a checkpoint has noted when it was opened. */
async function aNoted(): Promise<{ session: Json; id: string; path: string }> {
  const session = await till.open()
  const id = await recorded(session.payment_id)
  await nextDay()
  return { session, id, path: `/v1/payments/${id}/journal/proof` }
}

const proofOf = (path: string): Promise<Json> => till.json(200, path)
const d1 = (query: string, ...values: unknown[]) =>
  env.DB.prepare(query)
    .bind(...values)
    .run()
const checkpoints = async (): Promise<Json[]> =>
  (await env.DB.prepare('select * from checkpoints order by seq').all()).results.map(
    ({ prev_hash, ...row }) => ({
      ...row,
      prevHash: prev_hash,
    }),
  )

describe('a journal', () => {
  it('is proved by the newest checkpoint that noted it, and by an older one when that is asked for', async () => {
    const { session, id, path } = await aNoted()
    const first = await proofOf(path)
    const day = new Date(now).toISOString().slice(0, 10)
    expect(first).toMatchObject({
      object: 'journal_proof',
      payment_id: id,
      valid: true,
      entries: 3,
      doubts: [],
    })
    expect(first.checkpoint).toMatchObject({ day, seq: 3, is_copied: true })

    await till.report(session)
    await recorded(id)
    expect(await proofOf(path)).toMatchObject({ valid: true, entries: 4, checkpoint: { day, seq: 3 } })
    await nextDay()
    const second = await proofOf(path)
    expect(second).toMatchObject({ valid: true, entries: 4, checkpoint: { seq: 4, is_copied: true } })
    expect(await proofOf(`${path}?day=${day}`)).toMatchObject({ valid: true, checkpoint: first.checkpoint })
    // A day on which it did not grow notes nothing of it, and takes nothing away.
    await nextDay()
    expect(await proofOf(path)).toEqual(second)
    expect(verifyCheckpoints(await checkpoints()).valid).toBe(true)
  }, 60_000)

  it('that no checkpoint has noted yet says so', async () => {
    const id = await recorded((await till.open()).payment_id)
    expect(await proofOf(`/v1/payments/${id}/journal/proof`)).toMatchObject({ valid: true, checkpoint: null })
  })
})

describe('tampering', () => {
  it('with one row of the records is named', async () => {
    const { id, path } = await aNoted()
    await d1("update journal set actor = 'nobody' where stream = ? and seq = 2", id)
    expect((await proofOf(path)).doubts).toEqual([
      { where: 'records', seq: 2, why: 'Its content is not what was written.' },
    ])
  }, 30_000)

  it('with a row that is taken away, or made anew with its hash, is named', async () => {
    const { id, path } = await aNoted()
    const [, second] = await recordedJournal(db, id)
    const forged = { ...second!, actor: 'nobody' }
    await d1(
      'update journal set actor = ?, hash = ? where stream = ? and seq = 2',
      'nobody',
      hashOf(forged),
      id,
    )
    expect((await proofOf(path)).doubts).toEqual([
      { where: 'records', seq: 2, why: 'It is not the entry that the object has.' },
    ])
    await d1('delete from journal where stream = ? and seq = 2', id)
    expect((await proofOf(path)).doubts).toEqual([{ where: 'records', seq: 2, why: 'The row is missing.' }])
  }, 30_000)

  it('with one row of the object is named, also where it cannot be read any more', async () => {
    const { id, path } = await aNoted()
    await inside(id, ({ storage }) => {
      storage.sql.exec("UPDATE journal SET data = 'no JSON' WHERE seq = 2")
    })
    expect((await proofOf(path)).doubts).toContainEqual({
      where: 'object',
      seq: 2,
      why: 'Its content is not what was written.',
    })
  }, 30_000)

  it('with the object’s whole chain, made anew so that it holds in itself, is shown by the checkpoint', async () => {
    const { id, path } = await aNoted()
    const entries = await recordedJournal(db, id)
    await inside(id, ({ storage }) => {
      let prevHash = ''
      for (const entry of entries) {
        const forged = { ...entry, prevHash, actor: entry.seq === 2 ? 'nobody' : entry.actor }
        prevHash = hashOf(forged)
        storage.sql.exec(
          'UPDATE journal SET actor = ?, prev_hash = ?, hash = ? WHERE seq = ?',
          ...[forged.actor, forged.prevHash, prevHash, entry.seq],
        )
      }
      storage.sql.exec(
        "UPDATE journal SET beside = json_set(beside, '$.side.head', ?) WHERE seq = 3",
        prevHash,
      )
    })
    const { doubts } = await proofOf(path)
    expect(doubts).toMatchObject([
      { where: 'object', seq: 3 },
      { where: 'records', seq: 2 },
    ])
    expect(doubts[0].why).toContain('was written anew since the checkpoint of')
  }, 30_000)

  it('with what was noted is shown by the piece, the checkpoints’ chain, and the copy', async () => {
    const { id, path } = await aNoted()
    const found = await evidenceOf(db, id, null)
    if (found.kind !== 'evidence') throw new Error('It was not noted.')
    const { day, piece } = found
    const written = JSON.stringify(piece.leaves)
    const forged = piece.leaves.map((leaf): Leaf => (leaf[0] === id ? [id, 3, 'f'.repeat(64), null] : leaf))
    const setLeaves = (leaves: string) =>
      d1('update checkpoint_pieces set leaves = ? where day = ? and digest = ?', leaves, day, piece.digest)
    await setLeaves(JSON.stringify(forged))
    expect((await proofOf(path)).doubts.map(({ where }: Json) => where)).toEqual(['object', 'checkpoint'])
    await setLeaves(written)
    expect((await proofOf(path)).valid).toBe(true)

    const hash = (await checkpoints()).find((one) => one.day === day)!.hash
    await d1('update checkpoints set journals = journals + 1 where day = ?', day)
    expect((await proofOf(path)).doubts).toMatchObject([{ where: 'checkpoint' }])
    await d1('update checkpoints set journals = journals - 1 where day = ?', day)

    await env.CHECKPOINTS!.put(
      `checkpoints/0/${day}.json`,
      JSON.stringify({ hash: hash.replaceAll('a', 'b') }),
    )
    expect((await proofOf(path)).doubts).toMatchObject([{ where: 'copy' }])
    await env.CHECKPOINTS!.delete(`checkpoints/0/${day}.json`)
    expect((await proofOf(path)).checkpoint).toMatchObject({ is_copied: false })
  }, 30_000)

  it('with the end of a recorded journal is found by the next walk, which raises it at its payment', async () => {
    const [one, two] = [await aNoted(), await aNoted()]
    await d1('delete from journal where stream = ? and seq = 3', one.id)
    await d1("update journal set hash = 'x' where stream = ? and seq = 3", two.id)
    await nextDay()
    for (const { id } of [one, two]) {
      const { open_exceptions } = await till.json(200, `/v1/payments/${id}`)
      expect(open_exceptions).toBe(1)
      const { data } = await till.json(200, `/v1/payments/${id}/journal`)
      expect(data.at(-1)).toMatchObject({ type: 'exception.raised', data: { cause: 'journal_altered' } })
      expect(data.at(-1).data.detail).toContain(
        'entry 3 was not the one that an earlier checkpoint had noted',
      )
    }
  }, 60_000)
})

describe('the journal of an inbox', () => {
  /** An inbox whose journal tells of a report through a foreign connection. */
  async function anInbox(): Promise<string> {
    const session = await till.open()
    const { id: connection } = await till.door.aConnection(till.merchantId)
    await till.report(session, { connection, secret: credentials.webhook_secrets[0]! })
    return vi.waitFor(async () => {
      const { data } = await till.json(200, '/v1/exceptions?kind=report_mismatch&limit=1')
      expect(data[0].detail).toContain(connection)
      const row = await env.DB.prepare('select stream from exceptions where id = ?').bind(data[0].id).first()
      return String(row?.stream)
    }, 15_000)
  }

  it('that was altered in the records is found by the next walk, which raises it there by its name', async () => {
    const stream = await anInbox()
    await nextDay()
    await d1("update journal set hash = 'x' where stream = ? and seq = 1", stream)
    await nextDay()
    const isRaised = async () => {
      const { data } = await till.json(200, '/v1/exceptions?kind=contradiction')
      const told = data.map(({ detail, payment_id }: Json) => [payment_id, detail])
      expect(told).toContainEqual([null, expect.stringContaining(`entry 1 of ${stream} was not the one`)])
    }
    await vi.waitFor(isRaised, 15_000)
  }, 60_000)

  it('that was altered in the object is told to nobody, and a rebuild names the entry', async () => {
    const stream = await anInbox()
    await runInDurableObject(env.INBOX.getByName(stream), (_, { storage }) => {
      const { state } = storage.sql.exec<{ state: string }>('SELECT state FROM inbox').one()
      storage.sql.exec('UPDATE inbox SET state = ?', state.replace('report_mismatch', 'report_unmatched'))
    })
    const { failures, rows } = await tellAgain([stream], false, ports())
    expect(failures).toEqual([{ stream, why: expect.stringContaining('Entry 1 of its own journal') }])
    expect(rows).toBe(0)
  }, 60_000)
})

describe('the walk', () => {
  it('goes on after runs that died or ran at once, and makes one checkpoint of it', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => recorded((await till.open()).payment_id)))
    now += DAY
    const before = await checkpoints()
    let steps = 0
    const dying = ports({
      keepCopy: async (key, text) => {
        steps += 1
        if (steps % 2 === 1) throw new Error('died')
        await ports().keepCopy(key, text)
      },
    })
    for (let runs = 0; runs < 12; runs += 1) await doChores(dying)
    await Promise.all([doChores(ports()), doChores(ports()), doChores(ports())])
    for (let runs = 0; runs < 6; runs += 1) await doChores(ports())
    const after = await checkpoints()
    expect(after.length).toBe(before.length + 1)
    expect(verifyCheckpoints(after).valid).toBe(true)
    for (const id of ids)
      expect(await proofOf(`/v1/payments/${id}/journal/proof`)).toMatchObject({
        valid: true,
        checkpoint: { day: after.at(-1)!.day, is_copied: true },
      })
  }, 60_000)

  it('among many journals reads each entry a few times, and writes a few rows for each that has grown', async () => {
    const payments = 5_000
    const since = 1_700_000_000_000
    await fillRecords(env.DB, {
      merchantId: 'mer_filled',
      livemode: false,
      destinationIds: [],
      payments,
      since,
    })
    const count = async (what: () => Promise<void>) => {
      const counts = plugIn()
      await what()
      unplug()
      return { read: counts.d1RowsRead, written: counts.d1RowsWritten }
    }
    const first = await count(nextDay)
    const second = await count(nextDay)
    console.info(`CHECKPOINT ${JSON.stringify({ payments, first, second })}`)
    // Three entries each; a row for each page of the walk, each piece, and each bucket.
    expect(first.written).toBeLessThan(400)
    expect(second.written).toBeLessThan(150)
    expect(first.read).toBeLessThan(4 * payments)
    expect(second.read).toBeLessThan(6 * payments)
  }, 60_000)
})
