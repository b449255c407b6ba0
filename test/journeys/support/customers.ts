/**
 * The load of a crash round: each order is a small story, drawn from the seed, of a merchant who repeats itself and gives
 * money back, a customer who clicks twice, a provider that tells again and an operator who corrects what nobody paid. Each
 * notes what it was promised, and asks until it is.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from '../../simulation/chance.ts'
import { eventually } from './eventually.ts'
import { type Answer, reportOf, type Session, type Shop } from './shop.ts'

/** What one order was promised: everything that was answered with success, and nothing else. */
export interface Promised {
  orderId: string
  amount: number
  /** The keys that were answered with a session. */
  opened: { key: string; sessionId: string; paymentId: string }[]
  /** Clicks on "Pay" that the provider's page took. */
  paid: number
  /** Signed reports that the gateway answered with 200. */
  reported: number
  /** Whether anybody paid or reported at all, answered or not. */
  moneyTried: boolean
  /** Minor units of the one refund that was answered; null without one. */
  refunded: number | null
  /** The correction that was answered; null without one. */
  corrected: 'paid' | 'canceled' | null
  /** Requests that were sent, and those among them that no success answered. */
  asked: number
  unanswered: number
  /** What went wrong on the way: nobody may be left without an answer for good. */
  troubles: string[]
}

const answeredWithinMs = 60_000
const again = (status: number) => status === 409 || status === 429 || status >= 500

/** Plays one order to its end. Never throws: what fails is among the troubles. */
export async function playOrder(
  shop: Shop,
  pageOf: PageOf,
  chance: Chance,
  orderId: string,
): Promise<Promised> {
  const promised: Promised = {
    ...{ orderId, amount: chance.whole(100, 5_000_000), opened: [], paid: 0, reported: 0 },
    ...{ moneyTried: false, refunded: null, corrected: null, asked: 0, unanswered: 0, troubles: [] },
  }
  const wait = chance.whole(0, 1_200)
  // Everything is drawn before anything is awaited, so that a seed draws the same stories whatever the timing.
  const plan = planOf(chance)
  await pause(wait) // waits because customers come one by one
  try {
    const session = await open(shop, plan, promised)
    if (session === null) return promised
    const ways: Promise<void>[] = []
    if (plan.pays) ways.push(pay(pageOf, plan, session, promised))
    if (plan.reports) ways.push(report(shop, plan, session, promised))
    await Promise.all(ways)
    if (plan.refunds && ways.length > 0) await refund(shop, plan, session, promised)
    if (plan.corrects !== null && ways.length === 0) await correct(shop, plan.corrects, session, promised)
  } catch (error) {
    promised.troubles.push((error as Error).message)
  }
  return promised
}

/** Clicks on the provider's page of a session. */
export type PageOf = (session: Session, switches: Record<string, string>) => Promise<Answer<string>>

type Plan = ReturnType<typeof planOf>

function planOf(chance: Chance) {
  const way = chance.pick(['page', 'page', 'page', 'report', 'report', 'both', 'none'] as const)
  return {
    keys: Array.from({ length: chance.pick([1, 1, 2]) }, () => randomUUID()),
    repeats: chance.pick([1, 1, 2, 3]),
    /** A merchant who never asks again when an answer is lost. */
    givesUp: chance.happens(0.15),
    pays: way === 'page' || way === 'both',
    reports: way === 'report' || way === 'both',
    clicks: chance.pick([1, 1, 2]),
    tellings: chance.pick([1, 2, 3]),
    switches: {
      late: String(chance.pick([0, 0, 1])),
      repeated: String(chance.pick([1, 1, 3])),
      ...(chance.happens(0.2) && { reordered: 'on' }),
    },
    refunds: chance.happens(0.4),
    /** Of the amount; all of it where it is null. */
    share: chance.pick([0.2, 0.5, null]),
    corrects: chance.pick(['paid', 'canceled', null] as const),
  }
}

/** Opens under each key, several times at once. Null when the merchant gave up on a lost answer. */
async function open(shop: Shop, plan: Plan, promised: Promised): Promise<Session | null> {
  const openOnce = async (key: string): Promise<Session> => {
    const terms = { order_id: promised.orderId, amount: promised.amount }
    const { status, body } = await counted(promised, () => shop.open(terms, { 'idempotency-key': key }))
    // 200: another key has opened the order's session before.
    if (status === 201 || status === 200) {
      promised.opened.push({ key, sessionId: body.id, paymentId: body.payment_id })
      return body
    }
    if (!again(status)) promised.troubles.push(`opening was answered ${status} ${JSON.stringify(body)}`)
    throw new Error(`opening is answered ${status}`)
  }
  const asks = plan.keys.flatMap((key) => Array.from({ length: plan.repeats }, () => key))
  const once = await Promise.allSettled(asks.map(openOnce))
  const first = once.find((one) => one.status === 'fulfilled')?.value
  if (first) return first
  return plan.givesUp ? null : eventually(() => openOnce(plan.keys[0] as string), answeredWithinMs)
}

async function pay(pageOf: PageOf, plan: Plan, session: Session, promised: Promised): Promise<void> {
  promised.moneyTried = true
  const click = async () => {
    const { status } = await counted(promised, () => pageOf(session, plan.switches))
    if (status === 303) promised.paid += 1
    // The page refuses a click after one that was taken, also after one whose answer was lost.
    else if (status !== 409) throw new Error(`the provider's page answers ${status}`)
  }
  await Promise.all(Array.from({ length: plan.clicks }, () => eventually(click, answeredWithinMs)))
}

async function report(shop: Shop, plan: Plan, session: Session, promised: Promised): Promise<void> {
  promised.moneyTried = true
  const body = reportOf(session, 'payment.captured')
  const id = `rep_${randomUUID()}`
  const tell = async () => {
    const { status } = await counted(promised, () => shop.report(body, { id }))
    if (status !== 200) throw new Error(`a report is answered ${status}`)
    promised.reported += 1
  }
  await Promise.all(Array.from({ length: plan.tellings }, () => eventually(tell, answeredWithinMs)))
}

/** The merchant gives back a part or all, under one key until it is answered. */
async function refund(shop: Shop, plan: Plan, session: Session, promised: Promised): Promise<void> {
  const amount = plan.share === null ? promised.amount : Math.ceil(promised.amount * plan.share)
  const key = { 'idempotency-key': randomUUID() }
  const ask = async () => {
    const path = `/v1/payments/${session.payment_id}/refunds`
    const { status, body } = await counted(promised, () => shop.call('POST', path, { amount }, key))
    // 409: what was paid has not come here yet, or an earlier try is still under way.
    if (status !== 200 && status !== 202) throw new Error(`a refund is answered ${status} ${body.code}`)
    promised.refunded = amount
  }
  await eventually(ask, answeredWithinMs)
}

/** An operator corrects what nobody paid. A crash may leave the checkout canceled, and then there is no more to correct. */
async function correct(shop: Shop, to: 'paid' | 'canceled', session: Session, promised: Promised) {
  const key = { 'idempotency-key': randomUUID() }
  const word = { to_status: to, reason: 'The customer called.' }
  const ask = async () => {
    const path = `/v1/payments/${session.payment_id}/corrections`
    const { status, body } = await counted(promised, () => shop.operate(path, word, key))
    if (status === 200) promised.corrected = to
    else if (body.payment_status !== 'canceled' || to === 'paid')
      throw new Error(`a correction is answered ${status} ${body.code}`)
  }
  await eventually(ask, answeredWithinMs)
}

async function counted<Body>(promised: Promised, ask: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  promised.asked += 1
  try {
    const answer = await ask()
    if (answer.status >= 500) promised.unanswered += 1
    return answer
  } catch (error) {
    promised.unanswered += 1
    throw error
  }
}
