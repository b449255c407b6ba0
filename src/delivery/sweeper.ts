/**
 * The schedule's run: whatever is overdue in D1 goes on its way again. Queues may lose, objects may sleep through an
 * alarm, Workers may die between two writes; this is where each of those ends.
 */
import type { Records } from '../store/database.ts'
import { takeOverduePayments } from '../store/payments.ts'
import { type Due, takeDueDeliveries } from '../store/tries.ts'
import { workOff } from './backlog.ts'
import { chore } from './chore.ts'
import { tellPayment } from './owed.ts'
import { type Ports, reasonOf, sendTries } from './ports.ts'

/** Deliveries of one statement, and statements of one run: 2,000 a run and database keep a queue busy, not flooded. */
const PAGE = 100
const PAGES = 20

/** Payments poked in one run, and how long one that stays silent is left alone. */
const POKES = 100
const POKE_AGAIN_MS = 10 * 60_000

/** One run over every database. Never throws. */
export async function sweep(ports: Ports): Promise<void> {
  await Promise.all(ports.shards().map((db) => sweepShard(db, ports)))
}

async function sweepShard(db: Records, ports: Ports): Promise<void> {
  await chore('poke', () => pokeOverdue(db, ports), ports)
  await chore('backlog', () => workOff(db, ports), ports)
  await chore('overdue', () => sendOverdue(db, ports), ports)
}

async function sendOverdue(db: Records, ports: Ports): Promise<{ queued: number; told: number }> {
  const sent = { queued: 0, told: 0 }
  for (let page = 0; page < PAGES; page += 1) {
    const due = await duePage(db, ports)
    const pending = due.filter((one) => one.status === 'pending')
    await sendTries(ports, pending.map(nextTry), 0, 'retries')
    const ended = due.filter((one) => one.status !== 'pending')
    await Promise.all(ended.map((one) => tellPayment(db, one, ports)))
    sent.queued += pending.length
    sent.told += ended.length
    if (due.length < PAGE) break
  }
  return sent
}

/**
 * Deliveries are overdue only a lease's length after they were due, because until then the message that was sent for
 * them may still be on its way.
 */
function duePage(db: Records, ports: Ports): Promise<Due[]> {
  const now = ports.now()
  return takeDueDeliveries(db, { now, before: now - ports.settings.DELIVERY_LEASE_SECONDS * 1_000 }, PAGE)
}

const nextTry = ({ id, merchantId, attemptCount }: Due) => ({
  deliveryId: id,
  merchantId,
  attempt: attemptCount + 1,
})

async function pokeOverdue(db: Records, ports: Ports): Promise<{ poked: number }> {
  const ids = await takeOverduePayments(db, ports.now(), POKE_AGAIN_MS, POKES)
  const calls = ids.map(async (id) => {
    try {
      await ports.publisherOf(id).poke()
    } catch (error) {
      ports.log({ message: 'unpoked', level: 'error', payment: id, error: reasonOf(error) })
    }
  })
  await Promise.all(calls)
  return { poked: ids.length }
}
