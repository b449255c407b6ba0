/**
 * Crash rounds: a system of its own under load, its runtime killed with SIGKILL at moments that the seed draws, and then,
 * when all has come to rest, every order judged from every side.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Chance } from '../../simulation/chance.ts'
import { type PageOf, type Promised, playOrder } from './customers.ts'
import { eventually } from './eventually.ts'
import { ProviderBooks, type ProviderCheckout } from './provider-books.ts'
import { type Delivery, type Payment, type ReceivedEvent, type Shop, shopOf, systems } from './shop.ts'
import { removeFolder, type System, startSystem, stateFolder } from './system.ts'
import { complaintsOf } from './verdict.ts'

export interface CrashPlan {
  seed: number
  rounds: number
  /** Orders in each round. */
  orders: number
  /** After how many rounds all comes to rest and is judged; in between, crash meets what an earlier crash left. */
  settleEvery: number
  settleWithinMs: number
  say(line: string): void
}

/** What the rounds came to. A broken promise is a complaint, and there must be none. */
export interface CrashResult {
  counts: Record<string, number>
  complaints: string[]
}

/** Everything that a judgement needs to ask. */
interface Scene {
  system: System
  shop: Shop
  books: ProviderBooks
  plan: CrashPlan
  all: Promised[]
  kills: number
  longestSettleMs: number
  downMs: number
}

/** Starts a system, plays the rounds on it and judges them; the system and its state are gone afterwards. */
export async function crashRounds(plan: CrashPlan): Promise<CrashResult> {
  const state = stateFolder()
  try {
    const system = await startSystem(state)
    try {
      return await playOn(system, plan)
    } finally {
      await system.stop()
    }
  } finally {
    removeFolder(state)
  }
}

async function playOn(system: System, plan: CrashPlan): Promise<CrashResult> {
  const shop = shopOf(() => system.dev)
  const books = new ProviderBooks(system.state)
  const scene: Scene = { system, shop, books, plan, all: [], kills: 0, longestSettleMs: 0, downMs: 0 }
  const strangers = new Set((await everyRow<Payment>(scene, '/v1/payments')).map(({ id }) => id))
  let unsettled: Promised[] = []
  const complaints: string[] = []
  for (let round = 1; round <= plan.rounds; round++) {
    const played = await playRound(scene, round)
    unsettled.push(...played)
    scene.all.push(...played)
    if (round % plan.settleEvery !== 0 && round !== plan.rounds) continue
    // What went wrong under load is no matter of waiting.
    const troubles = unsettled.flatMap(({ orderId, troubles }) => troubles.map((one) => `${orderId}: ${one}`))
    const found = [...troubles, ...(await settle(scene, unsettled))]
    plan.say(`round ${round}: ${scene.kills} kills, ${scene.all.length} orders, ${found.length} complaints`)
    complaints.push(...found)
    unsettled = []
    if (found.length > 0) break
  }
  // What was right after its own round must still be right after all the others.
  if (complaints.length === 0) {
    complaints.push(...(await settle(scene, scene.all)))
    complaints.push(...(await repeatedKeys(scene)), ...(await unknownIn(scene, strangers)))
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
  const [promised] = await Promise.all([
    Promise.all(orders),
    kill(scene, new Chance(plan.seed, round * 1_000)),
    holdBack(scene, new Chance(plan.seed, round * 1_000 + 999)),
  ])
  return promised
}

/** Somebody pauses a destination in the midst of it, and resumes it; both are asked for until they are answered. */
async function holdBack({ system, shop }: Scene, chance: Chance): Promise<void> {
  const id = system.dev.destinations[chance.pick(systems)]?.id
  const [from, until] = [chance.whole(0, 1_500), chance.whole(500, 3_000)]
  const ask = (what: 'pause' | 'resume') =>
    eventually(async () => {
      const { status } = await shop.call('POST', `/v1/destinations/${id}/${what}`)
      if (status !== 200) throw new Error(`${what} is answered ${status}`)
    }, 60_000)
  await pause(from) // waits because the seed draws when somebody pauses, and for how long
  await ask('pause')
  await pause(until) // waits because deliveries are to be held meanwhile
  await ask('resume')
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
    if (open.length === 0) return []
    if (Date.now() - began > scene.plan.settleWithinMs)
      return open.flatMap(({ promised, complaints }) =>
        complaints.map((one) => `${promised.orderId}: ${one}`),
      )
    await pause(500) // waits because deliveries have leases, and a crashed one is taken up when its lease is over
  }
}

async function judge(scene: Scene, orders: Promised[]) {
  // The provider is looked at first: what it charged before now must be known everywhere after that.
  const checkouts = scene.books.byOrder()
  const received = await receivedByPayment(scene)
  const judged: { promised: Promised; complaints: string[] }[] = []
  for (const promised of orders)
    judged.push({ promised, complaints: await judgeOne(scene, promised, checkouts, received) })
  return judged
}

type Received = Map<string, ReceivedEvent[]>

async function judgeOne(
  scene: Scene,
  promised: Promised,
  checkouts: Map<string, ProviderCheckout[]>,
  received: Record<string, Received>,
): Promise<string[]> {
  const { shop, system } = scene
  const read = async (address: string) => (await shop.call('GET', address)).body
  const rowsOf = async <Row>(address: string) => (await read(address)).data as Row[]
  const listed = await rowsOf<Payment>(`/v1/payments?order_id=${promised.orderId}`)
  // A merchant that gave up knows no payment; the records may.
  const id = promised.opened[0]?.paymentId ?? listed[0]?.id
  const found = id === undefined ? null : await shop.call('GET', `/v1/payments/${id}`)
  const isThere = found?.status === 200
  return complaintsOf({
    promised,
    checkouts: checkouts.get(promised.orderId) ?? [],
    payment: isThere ? (found.body as unknown as Payment) : null,
    journal: isThere
      ? ((await read(`/v1/payments/${id}/journal/verify`)) as { valid: boolean; entries: number })
      : null,
    listed,
    deliveries: isThere ? await rowsOf<Delivery>(`/v1/deliveries?payment_id=${id}&limit=100`) : [],
    received: Object.fromEntries(systems.map((name) => [name, received[name]?.get(id ?? '') ?? []])),
    destinations: systems.map((name) => system.dev.destinations[name]?.id ?? name),
  })
}

async function receivedByPayment({ system }: Scene): Promise<Record<string, Received>> {
  const all: Record<string, Received> = {}
  for (const name of systems) {
    const mine: Received = new Map()
    const answer = await fetch(`${system.dev.sink_url}/${name}/received`)
    for (const event of ((await answer.json()) as { data: ReceivedEvent[] }).data) {
      const payment = event.payment_id ?? ''
      const known = mine.get(payment)
      if (known) known.push(event)
      else mine.set(payment, [event])
    }
    all[name] = mine
  }
  return all
}

/** A key that was answered is answered the same after every crash. */
async function repeatedKeys({ shop, all }: Scene): Promise<string[]> {
  const complaints: string[] = []
  for (const { orderId, amount, opened } of all)
    for (const { key, sessionId } of new Map(opened.map((one) => [one.key, one])).values()) {
      const { status, body } = await shop.open({ order_id: orderId, amount }, { 'idempotency-key': key })
      if ((status !== 201 && status !== 200) || body.id !== sessionId)
        complaints.push(
          `${orderId}: its key was answered ${sessionId} and is now answered ${status} ${body.id}`,
        )
    }
  return complaints
}

/** Payments that nobody asked for, and deliveries that never came to an end. */
async function unknownIn(scene: Scene, strangers: Set<string>): Promise<string[]> {
  const orders = new Set(scene.all.map(({ orderId }) => orderId))
  const payments = await everyRow<Payment & { order_id: string }>(scene, '/v1/payments')
  const deliveries = await everyRow<Delivery>(scene, '/v1/deliveries')
  const mine = payments.filter(({ id }) => !strangers.has(id))
  return [
    ...mine
      .filter((one) => !orders.has(one.order_id))
      .map(({ id }) => `${id} is a payment that nobody asked for`),
    ...deliveries
      .filter((one) => one.status !== 'delivered')
      .map(({ id, status }) => `delivery ${id} is ${status}`),
    ...(await miscounted(scene, deliveries)),
    ...[...scene.books.byOrder().keys()]
      .filter((order) => order.startsWith('C-') && !orders.has(order))
      .map((order) => `the provider has a checkout for ${order}, which nobody ordered`),
  ]
}

/** Of what was accepted everything is delivered, held, or stands before an operator: counted from three lists, exactly. */
async function miscounted(scene: Scene, deliveries: Delivery[]): Promise<string[]> {
  const events = await everyRow<{ id: string }>(scene, '/v1/events')
  const open = await everyRow<{ kind: string }>(scene, '/v1/exceptions?status=open')
  const exhausted = open.filter(({ kind }) => kind === 'delivery_exhausted').length
  const of = (status: string) => deliveries.filter((one) => one.status === status).length
  const accepted = events.length * systems.length
  const found = of('delivered') + of('held') + exhausted
  return accepted === found ? [] : [`${accepted} deliveries were accepted, and ${found} are accounted for`]
}

async function everyRow<Row>({ shop }: Scene, address: string): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const at = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { status, body } = await shop.call(
      'GET',
      `${address}${address.includes('?') ? '&' : '?'}limit=100${at}`,
    )
    if (status !== 200) throw new Error(`${address} is answered ${status}.`)
    const page = body as unknown as { data: Row[]; next_cursor: string | null }
    rows.push(...page.data)
    cursor = page.next_cursor
  }
  return rows
}

async function countsOf(scene: Scene): Promise<Record<string, number>> {
  const { all, books, kills, longestSettleMs, downMs } = scene
  const sum = (of: (promised: Promised) => number) => all.reduce((total, one) => total + of(one), 0)
  const mine = new Set(all.flatMap(({ opened }) => opened.map(({ paymentId }) => paymentId)))
  const events = Object.values(await receivedByPayment(scene)).flatMap((received) =>
    [...received].flatMap(([payment, list]) => (mine.has(payment) ? list : [])),
  )
  const checkouts = [...books.byOrder()].flatMap(([order, list]) => (order.startsWith('C-') ? list : []))
  return {
    kills,
    orders: all.length,
    requests: sum(({ asked }) => asked),
    'requests without an answer': sum(({ unanswered }) => unanswered),
    'openings answered': sum(({ opened }) => opened.length),
    'clicks taken': sum(({ paid }) => paid),
    'reports answered 200': sum(({ reported }) => reported),
    'payments given up': all.filter(({ opened }) => opened.length === 0).length,
    'checkouts at the provider': checkouts.length,
    'charges at the provider': checkouts.flatMap(({ happened }) => happened).length,
    'events received': events.filter(({ duplicate }) => !duplicate).length,
    'repeats received': events.filter(({ duplicate }) => duplicate).length,
    'ms down': downMs,
    'ms of the longest settling': longestSettleMs,
  }
}
