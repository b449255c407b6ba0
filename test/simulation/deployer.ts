/** Who keeps the database: it loses what lies in it now and then, and has it made again from the objects. */
import { freshId } from '../../src/domain/ids.ts'
import { recordsIn } from '../../src/store/database.ts'
import { addRebuild, type Rebuild } from '../../src/store/rebuilds.ts'
import { type City, MERCHANT } from './city.ts'
import { errand } from './errand.ts'
import type { Deed } from './plan.ts'

const MINUTE = 60_000
/** A consumer that recorded before a loss may confirm for so long after it: the platform's limit of one run. */
const SOONEST = 15 * MINUTE

/** The tables that objects can tell again, each with what spoils its rows. */
const spoils = {
  payments: "status = 'spoiled', body = '{}'",
  journal: "actor = 'spoiled', hash = 'spoiled'",
  provider_references: "session_id = 'spoiled'",
  exceptions: "status = 'spoiled', detail = 'spoiled'",
} as const

type Table = keyof typeof spoils
const tables = Object.keys(spoils) as Table[]

export class Deployer {
  readonly #city: City
  #hasSpoiled = false

  constructor(city: City) {
    this.#city = city
  }

  act(deed: Extract<Deed, { kind: 'loss' | 'rebuild' }>, paymentId: string): void {
    if (deed.kind === 'loss') this.#lose(deed)
    else this.#rebuild(deed.named ? [paymentId] : null)
  }

  #lose({ what, of }: Extract<Deed, { kind: 'loss' }>): void {
    const { clock, database } = this.#city
    for (const table of of === 'all' ? tables : [of])
      database.peek(what === 'gone' ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${spoils[table]}`)
    clock.tell(`${of}: ${what}`)
    this.#city.losses += 1
    this.#hasSpoiled ||= what === 'spoiled'
    const wait = clock.chance.wait(SOONEST, 600 * MINUTE)
    clock.at(clock.now + wait, 'somebody notices', () => this.#rebuild(null), clock.world)
  }

  /**
   * What was recorded and not yet confirmed when it was spoiled is no rebuild's to tell. The daily comparison finds it.
   * Says whether there is anything to wait for.
   */
  compare(): boolean {
    if (this.#hasSpoiled) this.#rebuild(null)
    return this.#hasSpoiled
  }

  /** The way of its route: a queue may refuse it, and then the schedule goes on with it. */
  #rebuild(streams: string[] | null): void {
    const { now } = this.#city.clock
    const id = freshId('rbd', crypto.getRandomValues(new Uint8Array(17)))
    const rebuild: Rebuild = {
      ...{
        id,
        merchantId: streams === null ? MERCHANT : null,
        streams,
        cursorMerchant: '',
        cursorStream: '',
      },
      ...{ asked: 0, rows: 0, failed: 0, failures: [], createdAt: now, movedAt: now, finishedAt: null },
    }
    errand(
      this.#city,
      'rebuild',
      async () => {
        await addRebuild(recordsIn(this.#city.env.DB), rebuild)
        await this.#city.ports().sendRebuild({ rebuildId: id })
      },
      0,
    )
    this.#lookAt(rebuild)
  }

  /** A person looks how far it is, and asks once more for what was never heard or passed over. */
  #lookAt({ id, streams }: Rebuild): void {
    const { clock, database } = this.#city
    const look = () => {
      const [row] = database.peek('SELECT finished_at, failed FROM rebuilds WHERE id = ?', id)
      if (row === undefined || (row.finished_at !== null && Number(row.failed) > 0 && streams === null))
        this.#rebuild(streams)
      else if (row.finished_at === null) clock.at(clock.now + 10 * MINUTE, 'looks again', look, clock.world)
    }
    clock.at(clock.now + 10 * MINUTE, 'somebody looks at a rebuild', look, clock.world)
  }
}
