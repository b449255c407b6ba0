/**
 * Reconciling on real D1, with everything else of the outside under a test's control: clock, queue, objects, and a fuse
 * that kills the Worker before or after a chosen outward step. Payments are recorded by SQL, as many as a test wants.
 */
import { env } from 'cloudflare:workers'
import type { Trouble } from '../../src/domain/exceptions.ts'
import { layoutOf } from '../../src/domain/settlement/layouts.ts'
import { emptyTally } from '../../src/domain/settlement/tally.ts'
import type { ReconciliationMessage } from '../../src/env.ts'
import { reconcile } from '../../src/reconciliation/consumer.ts'
import type { ReconcilingPorts } from '../../src/reconciliation/ports.ts'
import { receiveFirst, Upload } from '../../src/reconciliation/receive.ts'
import { sweepReconciliations } from '../../src/reconciliation/sweeper.ts'
import { type Records, recordsIn, recordsOf } from '../../src/store/database.ts'
import { type Reconciliation, reconciliationById, runAgain } from '../../src/store/reconciliations.ts'
import { aCore, aMerchantId, Died } from './delivery-rig.ts'

const BEGIN = 1_764_000_000_000
const DAY = 86_400_000

/** Ids hold the payment's number, as in fill.ts. */
const core = "substr('00000000000000000000000000' || n, -26)"

export class ReconcilingRig {
  readonly merchantId = aMerchantId()
  /** What the ids of its payments begin with, so that rigs of one file do not meet. */
  readonly mark = `x${aCore().slice(-11)}`
  readonly connectionId = `con_${aCore()}`
  readonly id = `rcn_${aCore()}`
  now = BEGIN
  waiting: ReconciliationMessage[] = []
  /** Open exceptions by object and cause, and how often each was raised anew. */
  open = new Map<string, string>()
  raised: string[] = []
  ended: string[] = []
  hinted: string[] = []
  steps = 0
  #fuse: { at: number; when: 'before' | 'after' } | null = null
  #dead = false

  readonly db: Records = recordsOf(env, this.merchantId)
  readonly #stepped: Records = recordsIn(this.#wrap(this.db.$client))

  diesAt(at: number, when: 'before' | 'after'): void {
    this.steps = 0
    this.#fuse = { at, when }
  }

  revive(): void {
    this.#fuse = null
    this.#dead = false
  }

  async #step<T>(action: () => T | Promise<T>): Promise<T> {
    this.steps += 1
    const fatal = this.#fuse?.at === this.steps ? this.#fuse.when : null
    if (fatal === 'before') this.#dead = true
    if (this.#dead) throw new Died('dead')
    const result = await action()
    if (fatal === 'after') this.#dead = true
    if (this.#dead) throw new Died('after')
    return result
  }

  #wrap(database: D1Database): D1Database {
    const inner = new WeakMap<object, D1PreparedStatement>()
    const wrapped = (statement: D1PreparedStatement): D1PreparedStatement => {
      const call = (name: 'run' | 'all' | 'raw') => () =>
        this.#step(() => statement[name]() as Promise<never>)
      const outer = {
        bind: (...values: unknown[]) => wrapped(statement.bind(...values)),
        ...{ run: call('run'), all: call('all'), raw: call('raw') },
      } as unknown as D1PreparedStatement
      inner.set(outer, statement)
      return outer
    }
    return {
      prepare: (text: string) => wrapped(database.prepare(text)),
      batch: (statements: D1PreparedStatement[]) =>
        this.#step(() => database.batch(statements.map((one) => inner.get(one)!))),
    } as unknown as D1Database
  }

  readonly ports: ReconcilingPorts = {
    recordsOf: () => this.#stepped,
    shards: () => [this.#stepped],
    paymentOf: (id) => ({
      ...this.#keeper(id),
      raiseException: (trouble) => this.#raise(id, [trouble]),
      hint: (named) => this.#step(() => void this.hinted.push(named.sessionId ?? '')),
    }),
    inboxOf: (stream) => ({
      ...this.#keeper(stream),
      raiseExceptions: (_, troubles) => this.#raise(stream, troubles),
    }),
    send: (messages) => this.#step(() => void this.waiting.push(...messages)),
    now: () => this.now,
    log: () => undefined,
  }

  #raise(stream: string, troubles: readonly Pick<Trouble, 'cause' | 'detail'>[]): Promise<void> {
    return this.#step(() => {
      for (const { cause, detail } of troubles) {
        const key = `${stream} ${cause}`
        if (!this.open.has(key)) this.raised.push(key)
        this.open.set(key, detail)
      }
    })
  }

  #keeper(stream: string) {
    return {
      resolveException: ({ cause }: { cause?: string }) =>
        this.#step(() => {
          if (!this.open.delete(`${stream} ${cause}`)) return 'not_found' as const
          this.ended.push(`${stream} ${cause}`)
          return 'resolved' as const
        }),
    }
  }

  /** Payments 1 to `count` of 10.00 AMD each, paid a second after each other, referenced as `ref-1` and so on. */
  async record(count: number): Promise<void> {
    const owner = `'${this.merchantId}', 0`
    const at = `${BEGIN - DAY} + n * 10`
    const own = `'${this.mark}' || substr(${core}, -14)`
    const body = `json_object('sessions', json_array(json_object('id', 'ps_' || ${own} || '0000000000000', 'connection_id',
      '${this.connectionId}', 'currency', 'AMD', 'amount_captured', 1000)), 'refunds', json_array(), 'dispute_status', 'none')`
    const numbers = (first: number, last: number) =>
      `with recursive numbers (n) as (select ${first} union all select n + 1 from numbers where n < ${last})`
    for (let first = 1; first <= count; first += 20_000) {
      const head = numbers(first, Math.min(first + 19_999, count))
      await this.db.$client.batch(
        [
          `insert into payments ${head} select 'pay_' || ${own}, ${owner}, 'A-' || n, 'paid', 1000, 'AMD', 3, ${at}, null, ${body} from numbers`,
          `insert into journal ${head} select 'pay_' || ${own}, 3, ${owner}, ${at}, 'x', 'x', '{}', '', '',
            'evt_' || ${own} || '000003', 'payment.paid', 3, '{}', null from numbers`,
          `insert into provider_references ${head} select '${this.connectionId}', 'ref-' || n, 'ps_' || ${own} || '0000000000000' from numbers`,
        ].map((text) => this.db.$client.prepare(text)),
      )
    }
  }

  /** Sends a file of the generic layout; its reconciliation's period holds every recorded payment. */
  async receive(file: string | ReadableStream<Uint8Array>): Promise<void> {
    const fresh: Omit<Reconciliation, 'fingerprint'> = {
      ...{ id: this.id, merchantId: this.merchantId, livemode: false, connectionId: this.connectionId },
      ...{ layout: 'generic', mapping: {}, since: BEGIN - 2 * DAY, until: BEGIN + DAY, graceMs: 0 },
      ...{ checkedFrom: BEGIN - 2 * DAY, filesExpected: 1, run: 0, finishedRun: 0, stage: null },
      ...{
        tally: emptyTally(),
        summary: null,
        createdBy: 'key_x',
        createdAt: BEGIN,
        finishedAt: null,
        dueAt: null,
      },
    }
    const body = typeof file === 'string' ? new Response(file).body! : file
    const coming = {
      id: `stf_${aCore()}`,
      merchantId: this.merchantId,
      reconciliationId: this.id,
      at: this.now,
    }
    const reading = { layout: layoutOf('generic', {}), encoding: 'utf-8' as const }
    await receiveFirst(
      this.#stepped,
      fresh,
      (digest) => digest,
      new Upload(body),
      reading,
      coming,
      this.ports,
    )
  }

  /** The queue's next message, which may come more than once. */
  async turn(times = 1): Promise<void> {
    const body = this.waiting.shift()
    if (body === undefined) return
    let retries = 0
    const retry = () => {
      retries += 1
    }
    const message = { body, attempts: 1, ack: () => undefined, retry }
    await Promise.all(Array.from({ length: times }, () => reconcile([message], this.ports)))
    // A Worker that is dead tells its queue nothing, and the message comes again.
    if (retries > 0 || this.#dead) this.waiting.push(body)
  }

  async sweep(): Promise<void> {
    await sweepReconciliations(this.ports)
  }

  /** Until nothing is to be done; a death on the way is followed by a new Worker. */
  async settle(times = 1): Promise<Reconciliation> {
    for (let turns = 0; turns < 2_000; turns += 1) {
      while (this.waiting.length > 0) {
        await this.turn(times)
        if (this.#dead) this.revive()
      }
      const found = await reconciliationById(this.db, this.id)
      if (found !== null && found.run > 0 && found.stage === null) return found
      this.now += 10 * 60_000
      await this.sweep()
      if (this.#dead) this.revive()
    }
    throw new Error('It does not come to an end.')
  }

  async runAgain(): Promise<Reconciliation> {
    const begun = await runAgain(this.db, { merchantId: this.merchantId, livemode: false }, this.id, this.now)
    this.waiting.push({ merchantId: this.merchantId, reconciliationId: this.id, run: begun!.run })
    return await this.settle()
  }

  /** What is to be seen of it, without the run's number and the names that are this rig's own. */
  async result() {
    const { summary, finishedRun } = (await reconciliationById(this.db, this.id))!
    const { results } = await this.db.$client
      .prepare('select * from settlement_items where reconciliation_id = ? order by run, place')
      .bind(this.id)
      .all()
    const unnamed = (text: string) =>
      text.replaceAll(this.id, 'rcn').replaceAll(this.connectionId, 'con').replaceAll(this.mark, 'own')
    return {
      summary,
      runs: [...new Set(results.map(({ run }) => run === finishedRun))],
      items: results.map(({ run: _, reconciliation_id: __, ...item }) => unnamed(JSON.stringify(item))),
      open: [...this.open.values()].map(unnamed).sort(),
    }
  }
}
