/**
 * Which objects of a merchant ever told the records anything: one object per merchant, written before a first range is
 * confirmed. Records cannot say what they have lost, and a database that is restored loses its newest rows together, so
 * this lies outside all of them.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env.ts'
import { storageOf } from './sqlite.ts'

export class KnownStreams extends DurableObject<Env> {
  readonly #storage = storageOf(this.ctx.storage)

  /** Durable when this returns; what is known already costs nothing. */
  async add(streams: string[]): Promise<void> {
    this.#storage.transactionSync(() => {
      this.#storage.exec('CREATE TABLE IF NOT EXISTS known (stream TEXT PRIMARY KEY) WITHOUT ROWID')
      this.#storage.exec(
        'INSERT OR IGNORE INTO known SELECT value FROM json_each(?)',
        JSON.stringify(streams),
      )
    })
  }

  /** In the order of their ids, behind `after`. */
  async page(after: string, limit: number): Promise<string[]> {
    const isMade = this.#storage.exec("SELECT 1 FROM sqlite_master WHERE name = 'known'").length > 0
    if (!isMade) return []
    const rows = this.#storage.exec(
      'SELECT stream FROM known WHERE stream > ? ORDER BY stream LIMIT ?',
      after,
      limit,
    )
    return rows.map((row) => String(row.stream))
  }
}
