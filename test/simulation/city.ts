/** Everything of one history under one clock: objects, queues, database, providers, business systems. */

import { goOnRebuilding } from '../../src/delivery/chores.ts'
import { type Ports, portsOf } from '../../src/delivery/ports.ts'
import { consume } from '../../src/delivery/queues.ts'
import { sweep } from '../../src/delivery/sweeper.ts'
import { GatewayError } from '../../src/domain/errors.ts'
import type { Heard, Verdict } from '../../src/domain/provider.ts'
import type { Env } from '../../src/env.ts'
import { InboxObject } from '../../src/payment/inbox.ts'
import { KnownStreams } from '../../src/payment/known-streams.ts'
import { PaymentObject } from '../../src/payment/object.ts'
import type { Providers } from '../../src/payment/ports.ts'
import { load } from '../../src/payment/storage.ts'
import { takeHeard } from '../../src/payment/take-report.ts'
import type { Checkout } from './checkout.ts'
import { BEGINNING, type Clockwork, Misfortune } from './clockwork.ts'
import type { SimulatedD1 } from './d1.ts'
import { Destinations } from './destinations.ts'
import { type ObjectClass, SimulatedObjects } from './objects.ts'
import { SimulatedProvider } from './provider.ts'
import { SimulatedQueue } from './queues.ts'
import type { Temper } from './temper.ts'

export const MERCHANT = 'mer_00000000000000000000000001'
export const ORIGIN = 'https://gateway.example'
/** All of a city's requests; what a trace does is held by test/worker/trace.test.ts. */
export const TRACE = `${'a'.repeat(32)}-01`

/** A promise that was broken. */
export interface Violation {
  rule: string
  detail: string
}

export class City {
  readonly clock: Clockwork
  readonly temper: Temper
  readonly database: SimulatedD1
  readonly payments: SimulatedObjects
  readonly inboxes: SimulatedObjects
  readonly known: SimulatedObjects
  readonly journal: SimulatedQueue
  readonly deliveries: SimulatedQueue
  readonly retries: SimulatedQueue
  readonly simulated: SimulatedProvider[]
  readonly destinations: Destinations
  readonly env: Env
  readonly violations: Violation[] = []
  /** Whether a person has decided about this session. */
  isCorrected: (paymentId: string, sessionId: string) => boolean = () => false
  /** How often rows of the database were gone or spoiled. */
  losses = 0
  /** Reports that were answered 200. */
  readonly kept = new Set<string>()
  /** Dead letters of either queue come here first. */
  readonly #dead: SimulatedQueue[]
  readonly #troubles
  #sweepAt: number | null = null
  #sweptAt = 0
  #reports = 0
  #seenWrites = -1

  constructor(clock: Clockwork, temper: Temper, database: SimulatedD1) {
    this.clock = clock
    this.temper = temper
    this.database = database
    this.#troubles = troublesOf(temper, clock)
    const { queue, object } = this.#troubles
    const make = (
      name: string,
      batch: number,
      retries: number,
      retryDelayMs: number,
      dead: SimulatedQueue | null,
    ) =>
      new SimulatedQueue(clock, queue, {
        ...{ name, batch, retries, retryDelayMs, dead },
        consume: (letters) => consume(letters as unknown as MessageBatch<unknown>, this.ports()),
      })
    this.#dead = [make('journal-dead', 10, 100, 60_000, null), make('deliveries-dead', 10, 100, 60_000, null)]
    this.journal = make('journal', 100, 10, 5_000, this.#dead[0]!)
    this.deliveries = make('deliveries', 1, 10, 5_000, this.#dead[1]!)
    this.retries = make('retries', 1, 10, 5_000, this.#dead[1]!)
    const env = () => this.env
    this.payments = new SimulatedObjects(clock, object, PaymentObject as unknown as ObjectClass, env)
    this.inboxes = new SimulatedObjects(clock, object, InboxObject as unknown as ObjectClass, env)
    this.known = new SimulatedObjects(clock, object, KnownStreams as unknown as ObjectClass, env)
    this.simulated = temper.providers.map(
      (one, index) =>
        new SimulatedProvider(`con_${index}`, one, temper, clock, (...report) => this.#takeReport(...report)),
    )
    this.destinations = new Destinations(this)
    this.env = this.#makeEnv()
    database.clock = clock
    clock.onBug = (said) => this.violation('an error that nobody foresaw', said)
    database.trouble = this.#troubles.database
  }

  #makeEnv(): Env {
    const bindings = {
      ...{ PAYMENT: this.payments, INBOX: this.inboxes, KNOWN: this.known, DB: this.database },
      ...{ JOURNAL: this.journal, DELIVERIES: this.deliveries, RETRIES: this.retries },
      PROVIDERS: this.providers,
      DELIVERY_SCHEDULE_SECONDS: this.temper.schedule,
    }
    return bindings as unknown as Env
  }

  readonly providers: Providers = async (connectionId) =>
    this.simulated.find((one) => one.connectionId === connectionId) ?? null

  get checkouts(): Checkout[] {
    return this.simulated.flatMap((one) => one.checkouts)
  }

  providerOf(one: Checkout): SimulatedProvider {
    return this.simulated.find((provider) => provider.checkouts.includes(one))!
  }

  violation(rule: string, detail: string): void {
    this.violations.push({ rule, detail })
    this.clock.tell(`✗ ${rule}: ${detail}`)
  }

  /** Whether no money moves there before the gateway has said yes, which it has not. */
  #needsYes(one: Checkout): boolean {
    const { temper } = this.providerOf(one)
    return (temper.asksFirst || temper.approves) && !one.yes
  }

  /** A customer got this address. No other one that still can be paid may be in anybody's hands. */
  reach(found: Checkout): void {
    // An answer may come so late that its checkout is over by then; nobody can pay there.
    const isOver = !this.providerOf(found).isPayable(found)
    for (const other of this.checkouts) {
      if (isOver || other === found || !other.reached || other.paymentId !== found.paymentId) continue
      const needYes = [found, other].some((one) => this.#needsYes(one))
      // A person has said that it is over there; what is paid there all the same is flagged.
      if (this.isCorrected(other.paymentId, other.sessionId)) continue
      if (other.state === 'open' && this.providerOf(other).isPayable(other) && !needYes)
        this.violation('two checkouts of a payment can be paid', `${other.reference} and ${found.reference}`)
      if (other.sessionId === found.sessionId)
        this.violation('two addresses for one session', `${other.reference} and ${found.reference}`)
    }
    found.reached = true
    this.clock.tell(`a customer reaches ${found.reference}`)
  }

  ports(): Ports {
    return {
      ...portsOf(this.env),
      unseal: async (sealed) => sealed,
      fetch: (request) => this.destinations.fetch(request as never),
      now: () => this.clock.now,
      chance: () => this.clock.chance.next(),
      log: () => {},
    }
  }

  #takeReport(id: string, heard: Heard, body: Uint8Array, answered: (verdict: Verdict | null) => void): void {
    this.#reports += 1
    let verdict: Verdict | null = null
    const end = () => answered(verdict)
    const lost = this.clock.chance.happens(this.#troubles.object.unanswered)
    this.clock.worker(
      'ingress',
      async () => {
        try {
          const through = { id, merchantId: MERCHANT, livemode: false }
          const taken = await takeHeard(this.env, through, heard, body, TRACE)
          if (!lost) verdict = taken.verdict
          if (heard.kind === 'reports' && verdict?.kind === 'kept')
            for (const one of heard.reports) this.kept.add(one.id ?? '')
        } catch (error) {
          if (!(error instanceof Misfortune || error instanceof GatewayError)) throw error
          verdict = { kind: 'not_kept' }
        }
      },
      end,
      () => answered(null),
    )
  }

  /**
   * The schedule runs when the database has something due, and never twice within a few minutes: more runs would only
   * cost time, and a schedule that skips runs is what a sweeper must stand.
   */
  planSweep(): void {
    const { database, clock } = this
    if (this.#sweepAt !== null || this.#seenWrites === database.writes) return
    this.#seenWrites = database.writes
    const [row] = database.peek(
      `SELECT min(t) AS t FROM (SELECT min(due_at) + 60000 AS t FROM deliveries WHERE due_at IS NOT NULL
       UNION ALL SELECT min(overdue_at) + 1800000 FROM payments WHERE overdue_at IS NOT NULL
       UNION ALL SELECT min(due_at) + 3600000 FROM destinations WHERE due_at IS NOT NULL
       UNION ALL SELECT min(created_at) + 60000 FROM replays WHERE finished_at IS NULL
       UNION ALL SELECT min(moved_at) + 300000 FROM rebuilds WHERE finished_at IS NULL)`,
    )
    if (row?.t == null) return
    const soonest = this.#sweptAt + clock.chance.wait(120_000, 14_400_000)
    const at = Math.ceil(Math.max(Number(row.t), soonest, clock.now + 1) / 60_000) * 60_000
    this.#sweepAt = at
    const end = () => {
      this.#sweptAt = clock.now
      this.#sweepAt = null
      this.#seenWrites = -1
    }
    const run = async () => {
      await sweep(this.ports())
      await goOnRebuilding(this.ports())
    }
    clock.at(at, 'the schedule', () => clock.worker('sweeper', run, end), clock.world)
  }

  /** What the whole city has written so far; while it stays the same, nothing that matters happens. */
  get state(): string {
    let versions = 0
    for (const kept of this.payments.kept.values()) versions += kept.versions
    const queues = [this.journal, this.deliveries, this.retries, ...this.#dead]
    const queued = queues.reduce((sum, one) => sum + one.open, 0)
    return `${versions} ${this.#reports} ${this.destinations.tries} ${queued} ${this.destinations.got}`
  }

  /** Whether anything is under way besides the next look at what is waited for. */
  get isBusy(): boolean {
    if (this.clock.waitsFor((what) => !what.startsWith('alarm of') && what !== 'the schedule')) return true
    const [row] = this.database.peek(
      `SELECT EXISTS (SELECT 1 FROM deliveries WHERE due_at IS NOT NULL) OR EXISTS (SELECT 1 FROM replays WHERE finished_at IS NULL)
       OR EXISTS (SELECT 1 FROM destinations WHERE due_at IS NOT NULL)
       OR EXISTS (SELECT 1 FROM rebuilds WHERE finished_at IS NULL) AS n`,
    )
    return Number(row?.n) > 0 || this.#looksAgain
  }

  /** Behind a person's correction the gateway looks once more, at the provider's own limit. */
  get #looksAgain(): boolean {
    return [...this.payments.kept.values()].some(({ storage }) =>
      Object.values(load(storage)?.side.looks ?? {}).some(({ tries }) => tries === 0),
    )
  }

  /** From here on nothing goes wrong any more, except what the destinations are by nature. */
  makePeace(): void {
    const calm = (trouble: object) => {
      for (const name of Object.keys(trouble))
        Object.assign(trouble, { [name]: name === 'isDown' ? () => false : 0 })
    }
    calm(this.#troubles.database)
    calm(this.#troubles.object)
    calm(this.#troubles.queue)
    this.clock.deathRate = 0
    this.clock.stallRate = 0
    const kept = ['declines', 'destinations'] as const
    const { on } = this.temper
    for (const name of [...on]) if (!kept.includes(name as never)) on.delete(name)
    this.clock.tell('peace')
  }
}

function troublesOf({ on, rate }: Temper, clock: Clockwork) {
  const when = (name: Parameters<typeof on.has>[0], value = rate) => (on.has(name) ? value : 0)
  const { chance } = clock
  const outages = on.has('outages')
    ? Array.from({ length: 2 }, () => {
        const from = BEGINNING + chance.wait(100, 36_000_000)
        return [from, from + chance.wait(1_000, 3_600_000)] as const
      })
    : []
  const isDown = (now: number) => outages.some(([from, to]) => now >= from && now < to)
  clock.deathRate = when('deaths', rate / 3)
  clock.stallRate = when('slowWires', rate / 3)
  clock.latency = on.has('slowWires') ? [1, 12_000] : [1, 60]
  return {
    database: { isDown, refused: when('database'), lost: when('database') },
    object: {
      unreached: when('wires', rate / 2),
      unanswered: when('wires', rate / 2),
      evicted: when('evictions', rate / 2),
      alarmTwice: when('alarms', rate * 2),
      alarmLate: when('alarms', rate * 2),
    },
    queue: { refused: when('queues'), lost: when('queues'), doubled: when('queues', rate * 2) },
  }
}
