/** One history from its seed: troubles first, then peace until everything is quiet, judged at every step and at rest. */
import type { Capabilities } from '../../src/domain/provider.ts'
import { Chance } from './chance.ts'
import { City, type Violation } from './city.ts'
import { BEGINNING, Clockwork } from './clockwork.ts'
import { SimulatedD1 } from './d1.ts'
import { Deployer } from './deployer.ts'
import { becomeVirtual } from './globals.ts'
import { Operators } from './operators.ts'
import { People } from './people.ts'
import { type Action, drawDesk, drawPlan, drawUpkeep } from './plan.ts'
import { judgeRest } from './rest.ts'
import { drawTemper, type Temper, type TroubleName, temperNames, tempersOf } from './temper.ts'
import { Watch } from './watch.ts'

/** What of a history is left out, while it is shrunk. */
export interface Cut {
  without: readonly TroubleName[]
  /** Positions of actions in the plan. */
  actions: readonly number[]
}

export interface Told {
  seed: number
  hash: string
  violations: Violation[]
  steps: number
  /** How many things of each kind happened, to show that the simulation reaches them. */
  counts: Record<string, number>
  /** Checkouts that took money, by what their provider stands for. */
  tempers: Record<string, number>
  plan: Action[]
  temper: Temper
  /** The troubles that were on before peace. */
  troubles: TroubleName[]
  trace: string[]
}

const HOUR = 3_600_000
/** More steps than any honest history needs; what comes so far goes in circles. */
const MOST_STEPS = 12_000
/**
 * Doubts are asked about every hour, so what was quiet for longer, with nothing under way, stays quiet. Some histories
 * wait longer than any wait of the gateway, to see what a doubt that lasts becomes.
 */
const QUIET_MS = 3 * HOUR
const PATIENT_MS = 30 * HOUR

let database: SimulatedD1 | null = null

/** Runs the history of this seed. With `traced`, every step of it is kept for a reader. */
export async function runHistory(
  seed: number,
  cut: Cut = { without: [], actions: [] },
  traced = false,
  like: Capabilities | null = null,
): Promise<Told> {
  database ??= new SimulatedD1()
  database.clear()
  const temper = drawTemper(new Chance(seed, 1), new Set(cut.without), like, new Chance(seed, 4))
  const plan = [
    ...drawPlan(new Chance(seed, 2), temper),
    ...drawDesk(new Chance(seed, 5), temper),
    ...drawUpkeep(new Chance(seed, 6), temper),
  ]
  const troubles = [...temper.on]
  const clock = new Clockwork(new Chance(seed, 3))
  if (traced) clock.trace = []
  const real = becomeVirtual(clock)
  try {
    const city = new City(clock, temper, database)
    const watch = new Watch(city)
    city.isCorrected = (...of) => watch.isCorrected(...of)
    const operators = new Operators(city)
    const deployer = new Deployer(city)
    const people = new People(city, { operators, deployer }, temper.orders)
    for (const [index, { at, order, deed }] of plan.entries())
      if (!cut.actions.includes(index))
        clock.at(BEGINNING + at, `${deed.kind} of order ${order}`, () => people.act(order, deed), clock.world)
    await live(city, watch, BEGINNING + Math.max(0, ...plan.map(({ at }) => at)) + HOUR)
    city.makePeace()
    if (city.violations.length === 0) await live(city, watch, null)
    if (city.violations.length === 0 && deployer.compare()) await live(city, watch, null)
    if (city.violations.length === 0 && temper.amends) {
      judgeRest(city, watch, people.refundKeys)
      operators.makeAmends()
      if (city.violations.length === 0) await live(city, watch, null)
    }
    if (city.violations.length === 0) judgeRest(city, watch, people.refundKeys)
    const { violations } = city
    return {
      ...{ seed, hash: clock.hash, violations, steps: clock.steps, counts: countsOf(city) },
      tempers: paidByTemper(city),
      ...{ plan, temper, troubles, trace: clock.trace ?? [] },
    }
  } finally {
    real()
  }
}

/** Lives on until that time, or, with null, until nothing that matters happens any more. */
async function live(city: City, watch: Watch, until: number | null): Promise<void> {
  const { clock } = city
  let state = ''
  let since = clock.now
  while (city.violations.length === 0) {
    city.payments.windUp()
    city.inboxes.windUp()
    city.planSweep()
    const { next } = clock
    if (next === null || (until !== null && next > until)) break
    if (until === null && next - since > (city.temper.patient ? PATIENT_MS : QUIET_MS) && !city.isBusy) break
    await clock.step()
    watch.look()
    if (clock.steps > MOST_STEPS) city.violation('it never comes to rest', `${clock.steps} steps`)
    // What a bank still does will change something there, and then the gateway gets its time to notice.
    if (city.state === state && !clock.waitsFor((what) => what === 'a bank')) continue
    state = city.state
    since = clock.now
  }
  if (until !== null) clock.now = Math.max(clock.now, until)
}

function paidByTemper(city: City): Record<string, number> {
  const paid = Object.fromEntries<number>(temperNames.map((name) => [name, 0]))
  for (const { temper, checkouts } of city.simulated)
    for (const name of tempersOf(temper))
      paid[name] = (paid[name] ?? 0) + checkouts.filter((one) => one.captured > 0).length
  return paid
}

function countsOf(city: City): Record<string, number> {
  const { checkouts, database: records } = city
  const count = (query: string) => Number(records.peek(`SELECT count(*) AS n FROM ${query}`)[0]?.n)
  return {
    steps: city.clock.steps,
    deaths: city.clock.deaths,
    checkouts: checkouts.length,
    captured: checkouts.filter((one) => one.captured > 0).length,
    entries: count('journal'),
    deliveries: count('deliveries'),
    delivered: count("deliveries WHERE status = 'delivered'"),
    exceptions: count('exceptions'),
    corrections: count("journal WHERE type = 'correction.made'"),
    receipts: count("journal WHERE type = 'fiscal.receipted'"),
    'steps of goods': count("journal WHERE type = 'fulfillment.moved'"),
    doubts: count('deliveries WHERE doubtful = 1'),
    retries: count('deliveries WHERE attempts LIKE \'%"manual"%\''),
    replayed: count('deliveries WHERE attempts LIKE \'%"replay"%\''),
    probed: count('deliveries WHERE attempts LIKE \'%"probe"%\''),
    losses: city.losses,
    rebuilt: count('rebuilds WHERE rows > 0'),
    rotations: city.destinations.all.filter(({ learned }) => learned > 0).length,
  }
}
