/** D1 on `node:sqlite`: the statements of production run as they are; the wire to them and its troubles are virtual. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Clockwork, Misfortune } from './clockwork.ts'

type Value = string | number | null

const folder = path.resolve(import.meta.dirname, '../../migrations')

/** How the wire to the database misbehaves. */
export interface DatabaseTrouble {
  /** Whether it is down at this time. */
  isDown(now: number): boolean
  /** Probability that a statement is refused, and that its answer is lost after it was done. */
  refused: number
  lost: number
}

export class SimulatedD1 {
  clock: Clockwork | null = null
  trouble: DatabaseTrouble = { isDown: () => false, refused: 0, lost: 0 }
  /** Grows with every write, so that others see whether to look again. */
  writes = 0
  readonly #database = new DatabaseSync(':memory:')
  readonly #objects = new Map<string, StatementSync>()
  readonly #arrays = new Map<string, StatementSync>()
  readonly #tables: string[]

  constructor() {
    for (const file of readdirSync(folder)
      .filter((name) => name.endsWith('.sql'))
      .sort())
      this.#database.exec(readFileSync(path.join(folder, file), 'utf8'))
    const tables = this.#database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    this.#tables = tables.map((row) => String(row.name))
  }

  /** Empties it for the next history. */
  clear(): void {
    for (const table of this.#tables) this.#database.exec(`DELETE FROM ${table}`)
    this.writes = 0
  }

  /** Reads or writes at once, past every trouble: for invariants and for making the world. */
  peek(query: string, ...parameters: Value[]): Record<string, Value>[] {
    return this.#prepared(query, this.#objects, false).all(...parameters) as Record<string, Value>[]
  }

  prepare(query: string): Statement {
    return new Statement(this, query, [])
  }

  /** All or nothing, as D1 does it. */
  async batch(statements: readonly Statement[]) {
    return await this.travel(statements[0]?.query ?? '', () => {
      this.#database.exec('BEGIN')
      try {
        const results = statements.map((one) => ({
          ...{ success: true, results: this.run(one, false), meta: { changes: this.#changes() } },
        }))
        this.#database.exec('COMMIT')
        return results
      } catch (error) {
        this.#database.exec('ROLLBACK')
        throw error
      }
    })
  }

  run({ query, parameters }: Statement, asArrays: boolean): unknown[] {
    if (!/^\s*select/i.test(query)) this.writes += 1
    return this.#prepared(query, asArrays ? this.#arrays : this.#objects, asArrays).all(...parameters)
  }

  /** Rows that the newest statement changed, or the one before it if that only read. */
  #changes(): number {
    return Number(this.#prepared('SELECT changes() AS n', this.#objects, false).get()?.n)
  }

  /** There and back again, with everything that can happen on the way. */
  async travel<T>(query: string, act: () => T): Promise<T> {
    const { clock, trouble } = this
    if (clock === null) throw new Error('No history is running.')
    const what = `D1 ${query.slice(0, 24).replaceAll('"', '')}`
    await clock.pause(`${what} →`)
    if (trouble.isDown(clock.now)) throw new Misfortune('D1_ERROR: the database is down.')
    if (clock.chance.happens(trouble.refused)) throw new Misfortune('D1_ERROR: refused.')
    const result = act()
    await clock.pause(`${what} ←`)
    if (clock.chance.happens(trouble.lost)) throw new Misfortune('D1_ERROR: the connection was lost.')
    return result
  }

  #prepared(query: string, cache: Map<string, StatementSync>, asArrays: boolean): StatementSync {
    const known = cache.get(query)
    if (known !== undefined) return known
    const made = this.#database.prepare(query)
    if (asArrays) made.setReturnArrays(true)
    cache.set(query, made)
    return made
  }
}

class Statement {
  readonly #database: SimulatedD1
  readonly query: string
  readonly parameters: Value[]

  constructor(database: SimulatedD1, query: string, parameters: Value[]) {
    this.#database = database
    this.query = query
    this.parameters = parameters
  }

  bind(...parameters: (Value | boolean)[]): Statement {
    const plain = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value))
    return new Statement(this.#database, this.query, plain)
  }

  async all() {
    const results = await this.#database.travel(this.query, () => this.#database.run(this, false))
    return { success: true, results, meta: {} }
  }

  run() {
    return this.all()
  }

  raw() {
    return this.#database.travel(this.query, () => this.#database.run(this, true))
  }
}
