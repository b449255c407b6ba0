/**
 * Crash rounds: a system of its own under load, its runtime killed with SIGKILL at moments that the seed draws, and then,
 * when all has come to rest, every order judged from every side.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Chance } from '../../simulation/chance.ts'
import { Business, fiscalSystems } from './business.ts'
import { countsOf, everyRow, judge, repeatedKeys, type Scene, unknownIn } from './crash-evidence.ts'
import { type PageOf, type Promised, playOrder } from './customers.ts'
import { calmDown, finishedRebuild, finishedReplays, rebuild, workAtTheDesk } from './desk.ts'
import { eventually } from './eventually.ts'
import { loseRecords } from './lost-records.ts'
import { ProviderBooks } from './provider-books.ts'
import { type Payment, shopOf, systems } from './shop.ts'
import { removeFolder, startSystem, stateFolder } from './system.ts'

export interface CrashPlan {
  seed: number
  rounds: number
  /** Orders in each round. */
  orders: number
  /** After how many rounds all comes to rest and is judged; in between, crash meets what an earlier crash left. */
  settleEvery: number
  settleWithinMs: number
  /** Whether one system fails until its breaker opens, which takes a minute and more. */
  breaks: boolean
  say(line: string): void
}

/** What the rounds came to. A broken promise is a complaint, and there must be none. */
export interface CrashResult {
  counts: Record<string, number>
  complaints: string[]
}

/** Starts a system, plays the rounds on it and judges them; the system and its state are gone afterwards. */
export async function crashRounds(plan: CrashPlan): Promise<CrashResult> {
  const state = stateFolder()
  const closing: (() => unknown)[] = [() => removeFolder(state)]
  try {
    const scene = await begin(state, plan)
    closing.unshift(() => scene.system.stop())
    const business = await Business.open(
      scene.shop,
      plan.breaks ? [...fiscalSystems, 'moody'] : fiscalSystems,
    )
    closing.unshift(() => business.close())
    return await playOn(Object.assign(scene, { business }))
  } finally {
    for (const close of closing) await close()
  }
}

async function begin(state: string, plan: CrashPlan): Promise<Omit<Scene, 'business'>> {
  const scene: Omit<Scene, 'business'> = {
    ...{ plan, all: [], kills: 0, longestSettleMs: 0, downMs: 0, breakers: 0, lostRows: 0 },
    ...{ books: new ProviderBooks(state), deeds: { replays: [], rebuilds: 0 } },
    ...{ system: await startSystem(state), since: new Date().toISOString() },
    shop: shopOf(() => scene.system.dev),
  }
  return scene
}

async function playOn(scene: Scene): Promise<CrashResult> {
  const { plan } = scene
  const strangers = new Set((await everyRow<Payment>(scene, '/v1/payments')).map(({ id }) => id))
  const breaking = plan.breaks ? calmDown(scene.shop, scene.business) : null
  // Whoever looks for its trouble looks at the end.
  breaking?.catch(() => {})
  let unsettled: Promised[] = []
  const complaints: string[] = []
  for (let round = 1; round <= plan.rounds; round++) {
    const played = await playRound(scene, round)
    unsettled.push(...played)
    scene.all.push(...played)
    if (round % plan.settleEvery !== 0 && round !== plan.rounds) continue
    await breaking
    scene.breakers = breaking === null ? 0 : 1
    // What went wrong under load is no matter of waiting.
    const troubles = unsettled.flatMap(({ orderId, troubles }) => troubles.map((one) => `${orderId}: ${one}`))
    const found = [...troubles, ...(await settle(scene, unsettled)), ...scene.business.troubles]
    plan.say(`round ${round}: ${scene.kills} kills, ${scene.all.length} orders, ${found.length} complaints`)
    complaints.push(...found)
    unsettled = []
    if (found.length > 0) break
  }
  // What was right after its own round must still be right after all the others, and without the records of before.
  if (complaints.length === 0) {
    complaints.push(...(await loseAndRebuild(scene)), ...(await settle(scene, scene.all)))
    complaints.push(...(await repeatedKeys(scene)), ...(await unknownIn(scene, strangers)))
    complaints.push(...scene.business.troubles)
  }
  return { counts: await countsOf(scene), complaints }
}

async function playRound(scene: Scene, round: number): Promise<Promised[]> {
  const { plan, shop, system } = scene
  const clickOn: PageOf = async (session, switches) => {
    const answer = await fetch(`${system.dev.url}/sandbox/checkout/${session.provider_reference}`, {
      method: 'POST',
      body: new URLSearchParams({ choice: 'pay', ...switches }),
      redirect: 'manual',
      signal: AbortSignal.timeout(30_000),
    })
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  }
  const orders = Array.from({ length: plan.orders }, (_, index) =>
    playOrder(
      shop,
      clickOn,
      new Chance(plan.seed, round * 1_000 + index + 1),
      `C-${plan.seed}-${round}-${index}`,
    ),
  )
  const demo = systems.map((name) => system.dev.destinations[name]!.id)
  const destinations = [...demo, ...fiscalSystems.map((name) => scene.business.systems.get(name)!.id)]
  const [promised] = await Promise.all([
    Promise.all(orders),
    kill(scene, new Chance(plan.seed, round * 1_000)),
    workAtTheDesk({ ...scene, destinations }, new Chance(plan.seed, round * 1_000 + 999)),
  ])
  return promised
}

/** Kills the runtime once or twice, the second time soon after it has come back. */
async function kill(scene: Scene, chance: Chance): Promise<void> {
  // A receiver that takes its time has events in its hands when the crash comes, and gets them again.
  const slow = chance.pick([...systems, null, null])
  if (slow !== null) await scene.shop.behave(slow, 'slow', 3)
  const failing = chance.pick(systems.filter((name) => name !== slow))
  await scene.shop.behave(failing, 'fail', chance.whole(3, 8))
  const moments = [chance.whole(0, 2_500), ...(chance.happens(0.4) ? [chance.wait(1, 1_000)] : [])]
  for (const moment of moments) {
    await pause(moment) // waits because the moment of the crash is what the seed draws
    const died = Date.now()
    await scene.system.killRuntime()
    scene.kills += 1
    scene.downMs += Date.now() - died
  }
}

/**
 * The power fails, and with it all records of payments are gone; the system starts without them, and has them made again. As
 * many rows must come back as were lost.
 */
async function loseAndRebuild(scene: Scene): Promise<string[]> {
  const { state } = scene.system
  await scene.system.killAll()
  scene.kills += 1
  scene.lostRows = loseRecords(state)
  scene.system = await startSystem(state)
  const { failed, rows_written } = await finishedRebuild(scene.shop, await rebuild(scene.shop, scene.deeds))
  return [
    ...(failed > 0 ? [`${failed} objects could not be rebuilt`] : []),
    ...(rows_written === scene.lostRows
      ? []
      : [`${scene.lostRows} rows were lost, and ${rows_written} made again`]),
  ]
}

/** Judges until nobody has a complaint; what is left at the deadline are the complaints. */
async function settle(scene: Scene, orders: Promised[]): Promise<string[]> {
  const began = Date.now()
  let open = orders.map((promised) => ({ promised, complaints: [] as string[] }))
  for (;;) {
    const judged = await judge(
      scene,
      open.map(({ promised }) => promised),
    ).catch((error: Error) =>
      open.map(({ promised }) => ({ promised, complaints: [`it cannot be judged: ${error.message}`] })),
    )
    open = judged.filter(({ complaints }) => complaints.length > 0)
    scene.longestSettleMs = Math.max(scene.longestSettleMs, Date.now() - began)
    if (open.length === 0) break
    if (Date.now() - began > scene.plan.settleWithinMs)
      return open.flatMap(({ promised, complaints }) =>
        complaints.map((one) => `${promised.orderId}: ${one}`),
      )
    await pause(500) // waits because deliveries have leases, and a crashed one is taken up when its lease is over
  }
  const unfinished = eventually(() => finishedReplays(scene.shop, scene.deeds), scene.plan.settleWithinMs)
  return unfinished.then(
    () => [],
    (error: Error) => [error.message],
  )
}
