/**
 * A Durable Object's storage on `node:sqlite`, so that the payment's steps run in plain Node, and die where a test wants
 * them to. The contract in `storage-contract.ts` holds it to what workerd does.
 */
import { DatabaseSync } from 'node:sqlite'
import type { ObjectStorage, SqlValue } from '../../src/payment/storage.ts'

/** The object died here; what its transaction wrote is gone, and what it had committed stands. */
export class Died extends Error {}

export class NodeStorage implements ObjectStorage {
  readonly #database = new DatabaseSync(':memory:')
  /** Milliseconds since the epoch, as the platform would hold it. */
  alarm: number | null = null
  /** Writes and commits since the fuse was last set, and rows written since the beginning. */
  moments = 0
  rows = 0
  #fuse: number | null = null

  exec(query: string, ...bindings: SqlValue[]): Record<string, SqlValue>[] {
    if (query.trim() === '') return []
    const writes = /^\s*(INSERT|UPDATE|DELETE|CREATE|ALTER|DROP)/i.test(query)
    if (writes) this.#moment()
    if (/^\s*(INSERT|UPDATE|DELETE)/i.test(query)) this.rows += 1
    return this.#database.prepare(query).all(...bindings) as Record<string, SqlValue>[]
  }

  transactionSync<T>(step: () => T): T {
    const before = this.alarm
    const momentsBefore = this.moments
    this.#database.exec('BEGIN')
    let result: T
    try {
      result = step()
    } catch (error) {
      this.#database.exec('ROLLBACK')
      this.alarm = before
      throw error
    }
    this.#database.exec('COMMIT')
    // Dying between a commit and its answer is the other half of every crash.
    if (this.moments > momentsBefore) this.#moment()
    return result
  }

  setAlarm(at: number | null): void {
    this.#moment()
    this.alarm = at
  }

  /** Dies at the write, alarm or commit number `at` from here; null never. */
  diesAt(at: number | null): void {
    this.moments = 0
    this.#fuse = at
  }

  #moment(): void {
    this.moments += 1
    if (this.moments === this.#fuse) throw new Died(`at moment ${this.moments}`)
  }
}
