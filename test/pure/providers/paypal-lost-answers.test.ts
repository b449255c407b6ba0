// What PayPal did and we did not hear, and what customers do meanwhile: afterwards both agree, and money moved once.
import { describe, expect, it } from 'vitest'
import { ownCommand } from '../../../src/payment/commanding.ts'
import { paypal } from '../../../src/providers/paypal.ts'
import { emptyMemory } from '../../../src/providers/paypal-call.ts'
import { movesMoneyOnce } from '../../providers/money-once.ts'
import { arriving, through } from '../../providers/order.ts'
import { type PaypalSettings, paypalSimulator } from '../../simulators/paypal.ts'
import { Desk } from '../../support/desk.ts'
import { type Asked, checksTheBooksAfterEachTest, HOUR, MINUTE } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const money = { amount: 1_000, currency: 'EUR' }

async function shop(settings: Partial<PaypalSettings> = {}) {
  const account = { clientId: 'made-up-client-id', clientSecret: 'made-up-client-secret' }
  const webhookId = '1JE4291016473214C'
  const simulator = paypalSimulator({ ...account, webhookId, now: () => desk.rig.now, ...settings })
  const fetch = through(simulator)
  const memory = emptyMemory()
  const provider = paypal({ ...account, webhookIds: [webhookId], livemode: false, fetch, memory })
  const desk = new Desk(provider)
  // The token is there, so that the answer that is lost is the one that matters.
  await provider.tryCredentials()
  let told = 0
  /** PayPal's events since the last time arrive. */
  const reports = async (): Promise<string[]> => {
    const outcomes: string[] = []
    for (const { body, headers } of simulator.sent.slice(told))
      outcomes.push(...(await desk.hear(arriving(body, headers))))
    told = simulator.sent.length
    return outcomes
  }
  const losing = async <T>(step: () => Promise<T>): Promise<T> => {
    simulator.behave('loses_answers')
    return step().finally(() => simulator.behave('none'))
  }
  const open = (asked: Asked = {}) => desk.open({ money, ...asked })
  const order = (nth = 0) => simulator.all()[nth]!
  const approve = (nth = 0) => simulator.approve(order(nth).id)
  const { capabilities } = provider
  /** Over every order that was ever made. */
  const moved = () => {
    const done = simulator.all().filter(({ capture }) => capture?.status.match(/COMPLETED|REFUNDED/))
    const sum = (amounts: { value: string }[]) =>
      amounts.reduce((total, { value }) => total + Math.round(Number(value) * 100), 0)
    return {
      captured: sum(done.map(({ unit }) => unit.amount)),
      refunded: sum(simulator.all().flatMap(({ refunds }) => refunds.map(({ amount }) => amount))),
    }
  }
  const books = () => ({ gateway: desk.rig.moved(), provider: moved(), exceptions: desk.rig.exceptions })
  return { simulator, desk, rig: desk.rig, reports, losing, open, order, approve, capabilities, books }
}

/** An order that is paid, as both know. */
async function paid(settings: Partial<PaypalSettings> = {}) {
  const made = await shop(settings)
  await made.open()
  made.approve()
  await made.reports()
  await made.desk.alarm()
  expect(await made.reports()).toEqual(['stale'])
  expect(made.rig.status).toBe('paid')
  return made
}

movesMoneyOnce('paypal', {
  open: [
    'the same order goes on under the same key',
    async () => {
      const { desk, rig, simulator, losing, open, approve, reports, books } = await shop()
      await expect(losing(() => open())).rejects.toThrow('did not answer')
      expect(await open()).toMatchObject({ status: 201 })
      expect(simulator.orders(rig.session().id)).toBe(1)
      approve()
      await reports()
      await desk.alarm()
      expect(rig.status).toBe('paid')
      return books()
    },
  ],
  capture: [
    'of what the customer approved, asking finds it',
    async () => {
      const { desk, rig, reports, losing, open, order, approve, books } = await shop()
      await open()
      approve()
      expect(await reports()).toEqual(['applied'])
      await losing(() => desk.alarm())
      expect([rig.status, rig.session().command]).toMatchObject(['pending', { status: 'in_doubt' }])
      expect(order().capture?.status).toBe('COMPLETED')
      await desk.alarm(MINUTE)
      expect([rig.status, rig.session().captured, order().status]).toEqual(['paid', 1_000, 'COMPLETED'])
      expect(await reports()).toEqual(['stale'])
      return books()
    },
  ],
  refund: [
    'it is found by asking, or sent again',
    async () => {
      const { desk, rig, reports, losing, order, books } = await paid()
      expect(await losing(() => desk.command('refund', 300))).toMatchObject({ status: 202 })
      await desk.alarm(MINUTE)
      await reports()
      expect(order().refunds).toHaveLength(1)
      expect(rig.payment.refunds).toMatchObject([{ amount: 300, status: 'succeeded' }])
      expect([rig.session().refunded, rig.session().command]).toEqual([300, null])
      return books()
    },
  ],
})

describe('what a customer approved', () => {
  it('is captured once, however many tell of it', async () => {
    const { desk, rig, reports, open, approve, simulator } = await shop()
    await open()
    approve()
    approve()
    expect(await reports()).toEqual(['applied', 'stale'])
    await desk.alarm()
    await desk.alarm()
    await reports()
    expect(rig.status).toBe('paid')
    expect(simulator.sent.filter(({ body }) => body.includes('CAPTURE.COMPLETED'))).toHaveLength(1)
  })

  it('is not captured after the session was ended, and the next attempt is', async () => {
    const { desk, rig, reports, open, order, approve } = await shop()
    await open()
    await open({ key: 'k2', newAttempt: true })
    expect(rig.payment.sessions.map(({ state }) => state)).toEqual(['canceled', 'open'])
    approve(0)
    approve(1)
    expect(await reports()).toEqual(['stale', 'applied'])
    await desk.alarm()
    expect([order(0).status, order(1).status, rig.status]).toEqual(['APPROVED', 'COMPLETED', 'paid'])
  })

  it('is over at the session’s time, at once, and is not captured then', async () => {
    const { desk, rig, open, order, approve } = await shop()
    await open()
    approve()
    await desk.alarm(HOUR)
    expect([rig.session().state, order().status]).toEqual(['expired', 'APPROVED'])
  })

  it('and is being captured cannot be ended: only the outcome of the capture tells', async () => {
    const { desk, rig, reports, open, approve, capabilities } = await shop()
    await open()
    approve()
    await reports()
    // A Worker is on its way to PayPal, and dies there.
    expect(rig.step((book) => ownCommand(book, rig.session().id, capabilities))).not.toBe(null)
    await desk.end()
    expect(rig.session().state).toBe('ending')
    await desk.alarm(MINUTE)
    expect([rig.status, rig.exceptions]).toEqual(['paid', []])
  })

  it('and PayPal holds for review is paid when PayPal says so', async () => {
    const { desk, rig, reports, open, order, approve, simulator } = await shop({ captures: 'PENDING' })
    await open()
    approve()
    await reports()
    await desk.alarm()
    expect([rig.status, rig.session().command?.status]).toEqual(['pending', 'accepted'])
    await reports()
    simulator.settle(order().id, 'COMPLETED')
    expect(await reports()).toEqual(['applied'])
    expect([rig.status, rig.session().command]).toEqual(['paid', null])
  })

  it('and PayPal declines after all has failed, and another attempt may begin', async () => {
    const { desk, rig, reports, open, order, approve, simulator } = await shop({ captures: 'PENDING' })
    await open()
    approve()
    await reports()
    await desk.alarm()
    await reports()
    simulator.settle(order().id, 'DECLINED')
    expect(await reports()).toEqual(['applied'])
    expect([rig.status, rig.session().state, rig.session().command]).toEqual(['failed', 'failed', null])
    expect(await open({ key: 'k2' })).toMatchObject({ status: 201 })
  })
})

it('a refund is one refund, whether the answer or the event of it comes first, and never more than was taken', async () => {
  const { desk, rig, reports, order } = await paid()
  expect(await desk.command('refund', 300, 'r1')).toMatchObject({ status: 200 })
  expect(await reports()).toEqual(['stale'])
  expect(await desk.command('refund', 700, 'r2')).toMatchObject({ status: 200 })
  await reports()
  await desk.alarm()
  expect([rig.session().refunded, order().capture?.status, rig.exceptions]).toEqual([1_000, 'REFUNDED', []])
})

it('a lie about the captured amount leaves the payment unpaid, with an exception', async () => {
  const { desk, rig, reports, open, approve, simulator } = await shop()
  await open()
  approve()
  await reports()
  simulator.behave('lies')
  await desk.alarm()
  await reports()
  expect([rig.status, rig.exceptions]).toEqual(['pending', ['report_mismatch']])
})

it('a dispute that names only the capture finds its payment, opens and closes', async () => {
  const { rig, reports, order, simulator } = await paid()
  expect(rig.session().references).toContain(order().capture?.id)
  simulator.dispute(order().id)
  await reports()
  expect([rig.payment.disputeStatus, rig.exceptions]).toEqual(['open', ['dispute_opened']])
  rig.now += HOUR
  simulator.dispute(order().id, 'RESOLVED_SELLER_FAVOUR')
  await reports()
  expect([rig.payment.disputeStatus, rig.exceptions]).toEqual(['won', []])
})
