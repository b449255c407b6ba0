// What Stripe did and we did not hear: afterwards both agree, and money moved once.
import { expect } from 'vitest'
import { stripe } from '../../../src/providers/stripe.ts'
import { movesMoneyOnce } from '../../providers/money-once.ts'
import { arriving, through } from '../../providers/order.ts'
import { stripeSimulator } from '../../simulators/stripe.ts'
import { Desk } from '../../support/desk.ts'
import { checksTheBooksAfterEachTest, MINUTE } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

function shop() {
  const account = { secretKey: 'sk_test_51MadeUpForTests', secret: 'whsec_made_up' }
  const simulator = stripeSimulator({
    ...{ secretKey: account.secretKey, webhookSecret: account.secret },
    now: () => desk.rig.now,
  })
  const desk: Desk = new Desk(
    stripe({
      ...{ secretKey: account.secretKey, webhookSecrets: [account.secret] },
      fetch: through(simulator),
    }),
  )
  let told = 0
  /** Stripe's events since the last time arrive. */
  const reports = async (): Promise<void> => {
    for (const { body, headers } of simulator.sent.slice(told)) await desk.hear(arriving(body, headers))
    told = simulator.sent.length
  }
  const checkout = () => desk.rig.session().references.find((one) => one.startsWith('cs_')) ?? ''
  const losing = async <T>(step: () => Promise<T>): Promise<T> => {
    simulator.behave('loses_answers')
    return step().finally(() => simulator.behave('none'))
  }
  const events = (type: string) =>
    simulator.sent.filter(({ body }) => body.includes(`"type":"${type}"`)).length
  const books = () => ({
    ...{ gateway: desk.rig.moved(), provider: simulator.moved(), exceptions: desk.rig.exceptions },
  })
  return { simulator, desk, rig: desk.rig, reports, checkout, losing, events, books }
}

async function paid(captureMethod: 'automatic' | 'manual') {
  const made = shop()
  await made.desk.open({ captureMethod })
  made.simulator.pay(made.checkout())
  await made.reports()
  expect(made.rig.status).toBe(captureMethod === 'manual' ? 'authorized' : 'paid')
  return made
}

movesMoneyOnce('stripe', {
  open: [
    'the same checkout goes on under the same key',
    async () => {
      const { desk, rig, simulator, losing, checkout, reports, books } = shop()
      await expect(losing(() => desk.open())).rejects.toThrow('did not answer')
      expect(await desk.open()).toMatchObject({ status: 201 })
      expect(simulator.checkouts(rig.session().id)).toBe(1)
      simulator.pay(checkout())
      await reports()
      expect(rig.status).toBe('paid')
      return books()
    },
  ],
  capture: [
    'it is sent again under its key',
    async () => {
      const { desk, rig, losing, events, reports, books } = await paid('manual')
      expect(await losing(() => desk.command('capture', 800))).toMatchObject({ status: 202 })
      expect(rig.session().command).toMatchObject({ type: 'capture', status: 'in_doubt' })
      expect(events('payment_intent.succeeded')).toBe(1)
      await desk.alarm(MINUTE)
      await reports()
      expect([rig.status, rig.session().captured, rig.session().command]).toEqual(['paid', 800, null])
      expect(events('payment_intent.succeeded')).toBe(1)
      return books()
    },
  ],
  refund: [
    'it is sent again under its key, and a second refund only when it is told twice',
    async () => {
      const { desk, rig, losing, events, reports, books } = await paid('automatic')
      expect(await losing(() => desk.command('refund', 300))).toMatchObject({ status: 202 })
      expect(events('refund.created')).toBe(1)
      await desk.alarm(MINUTE)
      await reports()
      expect([rig.session().refunded, rig.session().command]).toEqual([300, null])
      expect(events('refund.created')).toBe(1)
      expect(await desk.command('refund', 300, 'refund-2')).toMatchObject({ status: 200 })
      expect([rig.session().refunded, events('refund.created')]).toEqual([600, 2])
      return books()
    },
  ],
})
