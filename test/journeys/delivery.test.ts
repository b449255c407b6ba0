// Business systems that are down, slow or gone. The payment never minds, and the event arrives once they are back.
import { afterEach, expect, inject, it } from 'vitest'
import { eventually } from './support/eventually.ts'
import { type Delivery, type Session, shopOf, systems } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const story = ['payment.created', 'payment.pending', 'payment.paid']

afterEach(async () => {
  for (const system of systems) await shop.behave(system, 'ok')
})

async function deliveriesOf(session: Session, system: string): Promise<Delivery[]> {
  const { id } = dev.destinations[system] ?? { id: '' }
  const query = new URLSearchParams({ payment_id: session.payment_id, destination_id: id })
  return ((await shop.call('GET', `/v1/deliveries?${query}`)).body as { data: Delivery[] }).data
}

it('reaches a system that fails at first, while the payment is paid all along and the tries are listed', async () => {
  await shop.behave('erp', 'fail')
  const { body: session } = await shop.open()
  await shop.checkOut(session)
  await shop.untilPaid(session.payment_id)
  await shop.untilReceived('crm', session.payment_id, story)
  await eventually(async () => {
    const waiting = await deliveriesOf(session, 'erp')
    expect(waiting.map((delivery) => delivery.attempt_count > 0)).toEqual([true, true, true])
  })
  await shop.behave('erp', 'ok')
  const events = await shop.untilReceived('erp', session.payment_id, story)
  expect(events.map((event) => event.sequence)).toEqual([1, 2, 3])

  const deliveries = await eventually(async () => {
    const all = await deliveriesOf(session, 'erp')
    expect(all.map((delivery) => delivery.status)).toEqual(['delivered', 'delivered', 'delivered'])
    return all
  })
  const singles = await Promise.all(
    deliveries.map(
      async ({ id }) => (await shop.call('GET', `/v1/deliveries/${id}`)).body as unknown as Delivery,
    ),
  )
  const failed = singles
    .flatMap((delivery) => delivery.attempts ?? [])
    .filter((attempt) => attempt.status === 500)
  expect(failed.length).toBeGreaterThanOrEqual(3)
  for (const { attempts = [], attempt_count } of singles) {
    expect(attempts).toHaveLength(attempt_count)
    expect(attempts.map((attempt) => attempt.n)).toEqual(attempts.map((_, i) => i + 1))
    expect(attempts.at(-1)?.status).toBe(200)
  }
  expect((await shop.payment(session.payment_id)).status).toBe('paid')
})

it('waits as long as a throttling system asks, and goes on', async () => {
  await shop.behave('notification', 'throttle', 2)
  const { body: session } = await shop.open()
  await shop.checkOut(session)
  await shop.untilReceived('notification', session.payment_id, story)
})

it('lets an operator press "retry" instead of waiting, and keeps the event\'s id', async () => {
  await shop.behave('fiscal', 'fail')
  const { body: session } = await shop.open()
  const waiting = await eventually(async () => {
    const [delivery] = await deliveriesOf(session, 'fiscal')
    if (!delivery || delivery.attempt_count < 1) throw new Error('Nothing has been tried yet.')
    return delivery
  })
  await shop.behave('fiscal', 'ok')
  const retried = await shop.call('POST', `/v1/deliveries/${waiting.id}/retry`)
  expect(retried.status).toBeLessThan(300)
  await shop.untilReceived('fiscal', session.payment_id, [waiting.event_type])
})
