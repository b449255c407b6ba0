/**
 * What people do in the midst of a crash round: destinations are paused and resumed, events replayed, secrets replaced and
 * records made again. Everything is asked for until it is answered.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from '../../simulation/chance.ts'
import { type Business, fiscalSystems } from './business.ts'
import { eventually } from './eventually.ts'
import type { Answer, Shop } from './shop.ts'

const answeredWithinMs = 60_000

/** What was asked for and has to come to its end. */
export interface Deeds {
  replays: { destinationId: string; id: string }[]
  rebuilds: number
}

interface Round {
  shop: Shop
  business: Business
  /** The ids of all destinations that are well. */
  destinations: string[]
  /** RFC 3339. */
  since: string
  deeds: Deeds
}

/** One of each, at moments that the seed draws. */
export async function workAtTheDesk(round: Round, chance: Chance): Promise<void> {
  const [held, again] = [chance.pick(round.destinations), chance.pick(round.destinations)]
  const only = chance.pick(['all', 'all', 'failed'] as const)
  const [from, until] = [chance.whole(0, 1_500), chance.whole(500, 3_000)]
  const [replayAt, rebuildAt, rotateAt] = [
    chance.whole(500, 3_000),
    chance.whole(0, 2_500),
    chance.whole(0, 2_000),
  ]
  const [name, laterMs] = [chance.pick(fiscalSystems), chance.whole(200, 2_500)]
  await Promise.all([
    holdBack(round.shop, held, from, until),
    after(replayAt, () => replay(round, again, only)),
    after(rebuildAt, () => rebuild(round.shop, round.deeds)),
    after(rotateAt, () => round.business.rotate(name, laterMs)),
  ])
}

async function after(ms: number, deed: () => Promise<unknown>): Promise<void> {
  await pause(ms) // waits because the seed draws when somebody does it
  await deed()
}

/** Asks until this is the answer. */
const insist = (status: number, ask: () => Promise<Answer>): Promise<Answer['body']> =>
  eventually(async () => {
    const answer = await ask()
    if (answer.status !== status) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }, answeredWithinMs)

async function holdBack(shop: Shop, id: string, from: number, until: number): Promise<void> {
  const ask = (what: string) => insist(200, () => shop.call('POST', `/v1/destinations/${id}/${what}`))
  await after(from, () => ask('pause'))
  await after(until, () => ask('resume'))
}

/** Everything since the rounds began goes to a destination once more; one that is paused just then is asked for again. */
async function replay({ shop, since, deeds }: Round, destinationId: string, only: string): Promise<void> {
  const path = `/v1/destinations/${destinationId}/replay`
  const { id } = await insist(202, () =>
    shop.call('POST', path, { from: since, to: new Date().toISOString(), only }),
  )
  deeds.replays.push({ destinationId, id: String(id) })
}

/** Has all records made again; answers the rebuild's id. */
export async function rebuild(shop: Shop, deeds: Deeds): Promise<string> {
  const wish = { merchant_id: shop.merchantId() }
  const { id } = await insist(202, () => shop.administer('POST', '/v1/admin/rebuild', wish))
  deeds.rebuilds += 1
  return String(id)
}

/** The rebuild when it is finished; throws when it is not in time. */
export const finishedRebuild = (shop: Shop, id: string) =>
  eventually(async () => {
    const { body } = await shop.administer('GET', `/v1/admin/rebuild/${id}`)
    if (body.status !== 'finished') throw new Error(`The rebuild ${id} is ${body.status}.`)
    return body as { failed: number; rows_written: number; asked: number }
  }, answeredWithinMs)

/** How many events the replays have had sent again; throws while one is not finished. */
export async function finishedReplays(shop: Shop, { replays }: Deeds): Promise<number> {
  let sent = 0
  for (const { destinationId, id } of replays) {
    const { body } = await shop.call('GET', `/v1/destinations/${destinationId}/replays/${id}`)
    if (body.status !== 'finished') throw new Error(`The replay ${id} is ${body.status}.`)
    sent += Number(body.deliveries)
  }
  return sent
}

/** Waits until the moody system's breaker has opened, and makes the system well; then a probe has to find that out. */
export async function calmDown(shop: Shop, business: Business): Promise<void> {
  const { id } = business.systems.get('moody')!
  await eventually(async () => {
    const { body } = await shop.call('GET', `/v1/destinations/${id}`)
    if (body.paused_because !== 'failing') throw new Error('The breaker of a failing system does not open.')
  }, 180_000)
  business.isMoody = false
}
