/** What is found after crash rounds: every order from every side, and what belongs to no order. */
import { type Business, type OwnName, ownTypes } from './business.ts'
import type { CrashPlan } from './crash-rounds.ts'
import type { Promised } from './customers.ts'
import { type Deeds, finishedReplays } from './desk.ts'
import type { ProviderBooks, ProviderCheckout } from './provider-books.ts'
import { type Delivery, type Payment, type ReceivedEvent, type Shop, systems } from './shop.ts'
import type { System } from './system.ts'
import { complaintsOf, type Receiver, takes } from './verdict.ts'

/** Everything that a judgement needs to ask. */
export interface Scene {
  system: System
  shop: Shop
  books: ProviderBooks
  business: Business
  deeds: Deeds
  plan: CrashPlan
  all: Promised[]
  /** RFC 3339: when the first round began. */
  since: string
  kills: number
  longestSettleMs: number
  downMs: number
  breakers: number
  lostRows: number
}

/** All business systems: the demo's, which take everything, and the harness's own. */
function destinationsOf({ system, business }: Scene): Omit<Receiver, 'received'>[] {
  const own = [...business.systems].map(([name, { id }]) => ({ name, id, types: ownTypes }))
  return [
    ...systems.map((name) => ({ name, id: system.dev.destinations[name]?.id ?? name, types: null })),
    ...own,
  ]
}

export async function judge(scene: Scene, orders: Promised[]) {
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
  const { shop, business } = scene
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
    receivers: destinationsOf(scene).map((one) => ({
      ...one,
      received: received[one.name]?.get(id ?? '') ?? [],
    })),
    printed: new Map(
      [...business.printed].flatMap(([key, receipt]) =>
        id !== undefined && key.startsWith(`${id}-`) ? [[key, receipt.id] as const] : [],
      ),
    ),
  })
}

async function receivedByPayment(scene: Scene): Promise<Record<string, Received>> {
  const all: Record<string, Received> = {}
  for (const { name } of destinationsOf(scene)) {
    const mine: Received = new Map()
    for (const event of await receivedBy(scene, name)) {
      const payment = event.payment_id ?? ''
      const known = mine.get(payment)
      if (known) known.push(event)
      else mine.set(payment, [event])
    }
    all[name] = mine
  }
  return all
}

async function receivedBy({ system, business }: Scene, name: string): Promise<ReceivedEvent[]> {
  const own = business.systems.get(name as OwnName)
  if (own) return own.received
  const answer = await fetch(`${system.dev.sink_url}/${name}/received`)
  return ((await answer.json()) as { data: ReceivedEvent[] }).data
}

/** A key that was answered is answered the same after every crash. */
export async function repeatedKeys({ shop, all }: Scene): Promise<string[]> {
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
export async function unknownIn(scene: Scene, strangers: Set<string>): Promise<string[]> {
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
  const events = await everyRow<{ type: string }>(scene, '/v1/events')
  const open = await everyRow<{ kind: string }>(scene, '/v1/exceptions?status=open')
  const exhausted = open.filter(({ kind }) => kind === 'delivery_exhausted').length
  const of = (status: string) => deliveries.filter((one) => one.status === status).length
  const taken = destinationsOf(scene).map((one) => events.filter(({ type }) => takes(one, type)).length)
  const accepted = taken.reduce((sum, count) => sum + count, 0)
  const found = of('delivered') + of('held') + exhausted
  return accepted === found ? [] : [`${accepted} deliveries were accepted, and ${found} are accounted for`]
}

export async function everyRow<Row>({ shop }: Scene, address: string): Promise<Row[]> {
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

export async function countsOf(scene: Scene): Promise<Record<string, number>> {
  const { all, books, kills, longestSettleMs, downMs, business, deeds, breakers, lostRows } = scene
  const sum = (of: (promised: Promised) => number) => all.reduce((total, one) => total + of(one), 0)
  const mine = new Set(all.flatMap(({ opened }) => opened.map(({ paymentId }) => paymentId)))
  const events = Object.values(await receivedByPayment(scene)).flatMap((received) =>
    [...received].flatMap(([payment, list]) => (mine.has(payment) ? list : [])),
  )
  const checkouts = [...books.byOrder()].flatMap(([order, list]) => (order.startsWith('C-') ? list : []))
  const happened = (type: string) =>
    checkouts.flatMap((one) => one.happened.filter((each) => each.type === type)).length
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
    'charges at the provider': happened('captured'),
    'refunds at the provider': happened('refunded'),
    corrections: sum(({ corrected }) => (corrected === null ? 0 : 1)),
    'receipts printed': business.printed.size,
    rotations: business.rotations,
    replays: deeds.replays.length,
    'deliveries replayed': await finishedReplays(scene.shop, deeds).catch(() => Number.NaN),
    rebuilds: deeds.rebuilds,
    'rows lost and made again': lostRows,
    'breakers opened': breakers,
    'events received': events.filter(({ duplicate }) => !duplicate).length,
    'repeats received': events.filter(({ duplicate }) => duplicate).length,
    'ms down': downMs,
    'ms of the longest settling': longestSettleMs,
  }
}
