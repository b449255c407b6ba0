// What is accepted survives whatever kills the machine: this system of its own is killed again and again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { orderNumber, type Session, shopOf, systems } from '../support/shop.ts'
import { removeFolder, type System, startSystem, stateFolder } from '../support/system.ts'

const state = stateFolder()
let system: System
const shop = shopOf(() => system.dev)
const story = ['payment.created', 'payment.pending', 'payment.paid']

beforeAll(async () => {
  system = await startSystem(state)
})
afterAll(async () => {
  await system.stop()
  removeFolder(state)
})

/** Every system has each event once in effect: one id per sequence number, and no number is missing. */
async function expectWholeStory(session: Session): Promise<void> {
  await shop.untilPaid(session.payment_id)
  for (const name of systems) {
    const events = await shop.untilReceived(name, session.payment_id, story, 90_000)
    const first = events.filter((event) => !event.duplicate)
    expect(first.map((event) => event.sequence)).toEqual([1, 2, 3])
    expect(new Set(events.map((event) => event.webhook_id)).size).toBe(3)
  }
}

/** Resolves once every business system holds a call that it will never answer. */
const untilAllHang = () =>
  eventually(async () => {
    for (const name of systems) expect(await shop.behaviour(name)).toEqual({ mode: 'ok', times: null })
  })

describe('a system that is killed', () => {
  it.each([0, 1, 2, 4, 8])(
    'opens a session once, killed %i round trips after it was asked to',
    async (trips) => {
      const order = orderNumber()
      const key = { 'idempotency-key': `killed-${trips}` }
      const lost = shop.open({ order_id: order }, key).catch(() => null)
      for (let trip = 0; trip < trips; trip++) await fetch(`${system.dev.url}/healthz`).catch(() => null)
      await system.killRuntime()
      await lost
      const opened = await eventually(async () => {
        const answer = await shop.open({ order_id: order }, key)
        if (answer.status >= 500) throw new Error(`Opening answers ${answer.status}.`)
        return answer
      })
      expect(opened.status).toBe(201)
      expect((await shop.payment(opened.body.payment_id)).sessions).toHaveLength(1)
      await shop.checkOut(opened.body)
      await expectWholeStory(opened.body)
    },
  )

  it('delivers what every business system had in its hands when the runtime died', async () => {
    for (const name of systems) await shop.behave(name, 'hang', 1)
    const { body: session } = await shop.open()
    await untilAllHang()
    await system.killRuntime()
    await shop.checkOut(session)
    await expectWholeStory(session)
  })

  it('delivers each event once in effect when the runtime dies as a business system answers', async () => {
    const { body: session } = await shop.open()
    await shop.untilReceived('crm', session.payment_id, ['payment.created'])
    await system.killRuntime()
    await shop.checkOut(session)
    await shop.untilReceived('crm', session.payment_id, ['payment.paid'])
    await system.killRuntime()
    await expectWholeStory(session)
  })

  it('delivers what was answered and not yet sent when launcher and runtime died together', async () => {
    const { body: session } = await shop.open()
    await shop.checkOut(session)
    await system.killAll()
    system = await startSystem(state)
    await expectWholeStory(session)
  })

  it('takes up a report that the sandbox had not got rid of when the runtime died', async () => {
    const { body: session } = await shop.open()
    await shop.checkOut(session, 'pay', { late: '2' })
    await system.killRuntime()
    await expectWholeStory(session)
  })

  it('opens the same session again under the same key', async () => {
    const key = { 'idempotency-key': 'before-and-after' }
    const first = await shop.open({ order_id: 'KEPT-1' }, key)
    await system.killRuntime()
    const second = await shop.open({ order_id: 'KEPT-1' }, key)
    expect(second.status).toBe(201)
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
  })
})

describe('a system that is stopped and started', () => {
  it('has its keys, its payments and what its business systems received', async () => {
    const { body: session } = await shop.open()
    await shop.checkOut(session)
    await expectWholeStory(session)
    const before = system.dev
    await system.stop()
    system = await startSystem(state)
    expect(system.dev).toMatchObject({
      merchant_id: before.merchant_id,
      secret_key: before.secret_key,
      operator_token: before.operator_token,
      admin_token: before.admin_token,
    })
    expect(system.dev.destinations.crm?.secret).toBe(before.destinations.crm?.secret)
    expect((await shop.payment(session.payment_id)).status).toBe('paid')
    expect((await shop.received('crm', session.payment_id)).length).toBeGreaterThanOrEqual(3)
    const next = await shop.open()
    await shop.checkOut(next.body)
    await expectWholeStory(next.body)
  })
})
