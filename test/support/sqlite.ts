/**
 * A Durable Object's storage on `node:sqlite`, so that the payment's steps run in plain Node, and die where a test wants
 * them to. The contract in `storage-contract.ts` holds it to what workerd does.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { ObjectStorage, SqlValue } from '../../src/payment/storage.ts'

/** The object died here; what its transaction wrote is gone, and what it had committed stands. */
export class Died extends Error {}

/** Counts the moments at which something can die, over every storage that shares it, and lets it die at one. */
export class Fuse {
  /** Writes, alarms and commits since it was last set. */
  moments = 0
  #at: number | null = null

  /** Dies at the moment number `at` from here; null never. */
  diesAt(at: number | null): void {
    this.moments = 0
    this.#at = at
  }

  moment(): void {
    this.moments += 1
    if (this.moments === this.#at) throw new Died(`at moment ${this.moments}`)
  }
}

export class NodeStorage implements ObjectStorage {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #fuse: Fuse
  /** Milliseconds since the epoch, as the platform would hold it. */
  alarm: number | null = null
  /** Rows written since the beginning. */
  rows = 0

  constructor(fuse = new Fuse(), database = new DatabaseSync(':memory:')) {
    this.#fuse = fuse
    this.#database = database
  }

  /** The same rows as an object finds them that was just made, and remembers nothing of what it read before. */
  reopened(): NodeStorage {
    const reopened = new NodeStorage(this.#fuse, this.#database)
    reopened.alarm = this.alarm
    return reopened
  }

  exec(query: string, ...bindings: SqlValue[]): Record<string, SqlValue>[] {
    if (query.trim() === '') return []
    const writes = /^\s*(INSERT|UPDATE|DELETE|CREATE|ALTER|DROP)/i.test(query)
    if (writes) this.#fuse.moment()
    if (/^\s*(INSERT|UPDATE|DELETE)/i.test(query)) this.rows += 1
    return this.#prepared(query).all(...bindings) as Record<string, SqlValue>[]
  }

  #prepared(query: string): StatementSync {
    const known = this.#statements.get(query)
    const statement = known ?? this.#database.prepare(query)
    if (known === undefined) this.#statements.set(query, statement)
    return statement
  }

  transactionSync<T>(step: () => T): T {
    const before = this.alarm
    const momentsBefore = this.#fuse.moments
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
    if (this.#fuse.moments > momentsBefore) this.#fuse.moment()
    return result
  }

  setAlarm(at: number | null): void {
    this.#fuse.moment()
    this.alarm = at
  }
}
