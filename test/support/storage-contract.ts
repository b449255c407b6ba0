/** What the payment's steps rely on in their storage, asked of workerd's and of `node:sqlite`'s alike. */
import { expect, it } from 'vitest'
import type { Entry } from '../../src/domain/entry.ts'
import { transact } from '../../src/payment/book.ts'
import { chained, replay } from '../../src/payment/journal.ts'
import { emptySide } from '../../src/payment/side.ts'
import { create, load, type ObjectStorage, save } from '../../src/payment/storage.ts'

/** A fresh storage; `run` may be called several times on it. */
export interface StorageRig {
  run<T>(use: (storage: ObjectStorage) => T): Promise<T>
  alarm(): Promise<number | null>
}

const later = Date.now() + 3_600_000
const odd = {
  text: 'Հայերեն "quoted" \\ \u2028 🧾',
  big: Number.MAX_SAFE_INTEGER,
  none: null,
  deep: [{ a: [1] }],
}
const tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'"

export function keepsTheStorageContract(aStorage: () => StorageRig): void {
  it('answers rows as plain objects, and none to a statement that has none', async () => {
    const rows = await aStorage().run((storage) => {
      const made = storage.exec('CREATE TABLE t (a INTEGER, b TEXT, c TEXT)')
      const put = storage.exec('INSERT INTO t VALUES (?, ?, ?)', Number.MAX_SAFE_INTEGER, 'ա', null)
      return [made, put, storage.exec('SELECT a, b, c FROM t').map((row) => ({ ...row }))]
    })
    expect(rows).toEqual([[], [], [{ a: Number.MAX_SAFE_INTEGER, b: 'ա', c: null }]])
  })

  it('keeps what a transaction wrote, and its alarm', async () => {
    const rig = aStorage()
    await rig.run((storage) =>
      storage.transactionSync(() => {
        storage.exec('CREATE TABLE t (a INTEGER)')
        storage.exec('INSERT INTO t VALUES (1)')
        storage.setAlarm(later)
      }),
    )
    expect(await rig.run((storage) => storage.exec('SELECT a FROM t').length)).toBe(1)
    expect(await rig.alarm()).toBe(later)
  })

  it('takes back rows, tables and the alarm of a transaction that throws', async () => {
    const rig = aStorage()
    await rig.run((storage) => {
      storage.exec('CREATE TABLE t (a INTEGER)')
      storage.setAlarm(later)
      const failing = () =>
        storage.transactionSync(() => {
          storage.exec('INSERT INTO t VALUES (1)')
          storage.exec('CREATE TABLE u (a INTEGER)')
          storage.setAlarm(later + 1_000)
          throw new Error('no')
        })
      expect(failing).toThrow('no')
    })
    expect(await rig.run((storage) => storage.exec(tables).map(({ name }) => name))).toEqual(['t'])
    expect(await rig.run((storage) => storage.exec('SELECT a FROM t'))).toEqual([])
    expect(await rig.alarm()).toBe(later)
  })

  it('takes back an alarm that was cleared in a transaction that throws', async () => {
    const rig = aStorage()
    await rig.run((storage) => {
      storage.setAlarm(later)
      const failing = () =>
        storage.transactionSync(() => {
          storage.setAlarm(null)
          throw new Error('no')
        })
      expect(failing).toThrow('no')
    })
    expect(await rig.alarm()).toBe(later)
  })

  it('is not written to by a step on an object that was never opened, not even a schema', async () => {
    const rig = aStorage()
    const around = {
      ...{ now: 1, random: (bytes: number) => new Uint8Array(bytes) },
      ...{ republishAfterMs: 1, inDoubtTooLongMs: 1, maxAttempts: 1, trace: null },
    }
    const seen = await rig.run((storage) =>
      transact(storage, around, (book) => {
        book.armFor(later)
        book.rearm()
        book.touch()
        return [book.payment, load(storage)]
      }),
    )
    expect(seen).toEqual([null, null])
    expect(await rig.run((storage) => storage.exec(tables))).toEqual([])
    expect(await rig.alarm()).toBeNull()
  })

  it('gives back what was saved, to the letter', async () => {
    const rig = aStorage()
    const order = {
      ...{ id: 'pay_1', merchantId: 'mer_1', livemode: false, orderId: 'A-1', amount: 1, currency: 'AMD' },
      ...{ description: odd.text, metadata: odd, tokenIssuedAt: null, access: 'token', expiresAt: null },
    }
    const entry = { type: 'payment.created', data: order } as unknown as Entry
    const placed = { seq: 1, at: odd.big, actor: odd.text, entry }
    const row = chained(placed, null, '', { key: odd.text })
    const payment = replay([
      { ...placed, type: entry.type, data: JSON.stringify(entry.data), prevHash: '', hash: '', event: null },
    ])!
    const side = { ...emptySide(), head: odd.text, publishAt: later }
    const seen = await rig.run((storage) => {
      create(storage)
      save(storage, { payment, side, published: 0 }, row)
      const first = load(storage)
      save(storage, { payment, side: { ...side, publishAt: null }, published: 1 }, null)
      return [first, load(storage)]
    })
    expect(seen).toEqual([
      { payment, side, published: 0 },
      { payment, side: { ...side, publishAt: null }, published: 1 },
    ])
  })

  it('makes its table once, however often it is opened', async () => {
    const rig = aStorage()
    await rig.run((storage) => {
      create(storage)
      create(storage)
    })
    const names = await rig.run((storage) => storage.exec(tables).map(({ name }) => name))
    expect(names).toEqual(['journal'])
    expect(await rig.run((storage) => load(storage))).toBeNull()
  })
}
