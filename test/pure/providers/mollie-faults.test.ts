// The answer is lost after Mollie has acted: afterwards both sides agree, and money moved once.
import { expect, it } from 'vitest'
import { mollie } from '../../../src/providers/mollie.ts'
import { movesMoneyOnce } from '../../providers/money-once.ts'
import { through } from '../../providers/order.ts'
import { type MollieSettings, mollieSimulator } from '../../simulators/mollie.ts'
import { aRig, checksTheBooksAfterEachTest } from '../../support/payment-rig.ts'
import { tillOf } from '../../support/provider-till.ts'

checksTheBooksAfterEachTest()

const money = { amount: 10_000, currency: 'EUR' }

function aShop(settings: Partial<MollieSettings> = {}) {
  const rig = aRig()
  const simulator = mollieSimulator({ now: () => rig.now, refundsAfterMs: 2 * 3_600_000, ...settings })
  const apiKey = 'test_simulatedSimulatedSimulated01'
  const till = tillOf(rig, mollie({ apiKey, fetch: through(simulator) }))
  const id = () => rig.session().references[0]!
  const moved = () => simulator.moved(id())
  const books = () => {
    const { captured, refunded } = moved()
    expect(simulator.payments(rig.session().id)).toBe(1)
    return { gateway: rig.moved(), provider: { captured, refunded }, exceptions: rig.exceptions }
  }
  return { rig, simulator, till, id, moved, books }
}

async function aPaidShop(captureMethod: 'automatic' | 'manual' = 'automatic', settings = {}) {
  const shop = aShop(settings)
  await shop.till.open({ money, captureMethod })
  shop.simulator.pay(shop.id())
  await shop.till.hint()
  return shop
}

async function losesTheCapture(slow: boolean) {
  const { rig, simulator, till, id, books } = await aPaidShop('manual', { slow })
  expect(rig.status).toBe('authorized')
  simulator.behave('loses_answers', 1)
  expect(await till.command({ type: 'capture', amount: 6_000 })).toBe(202)
  await till.wait(2)
  if (slow) simulator.settle(id())
  await till.wait()
  expect([rig.status, rig.session().captured, rig.session().command]).toEqual(['paid', 6_000, null])
  return books()
}

movesMoneyOnce('mollie', {
  open: [
    'it is asked for again under its key',
    async () => {
      const { rig, simulator, till, id, books } = aShop()
      simulator.behave('loses_answers', 1)
      await expect(till.open({ money })).rejects.toMatchObject({
        refusal: { code: 'provider_unavailable' },
      })
      await till.open({ money, key: 'k2' })
      simulator.pay(id())
      await till.wait()
      expect([rig.status, rig.session().captured]).toEqual(['paid', 10_000])
      return books()
    },
  ],
  capture: ['it is found out by asking', () => losesTheCapture(false)],
  refund: [
    'it is one refund, pending for hours and then done',
    async () => {
      const { rig, simulator, till, books } = await aPaidShop()
      simulator.behave('loses_answers', 1)
      expect(await till.command({ type: 'refund', amount: 3_000 })).toBe(202)
      await till.wait()
      expect(rig.payment.refunds).toMatchObject([{ amount: 3_000, status: 'succeeded' }])
      expect([rig.session().refunded, rig.session().command]).toEqual([3_000, null])
      expect(rig.asks()).toBeUndefined()
      return books()
    },
  ],
})

it('a lost answer to a capture that Mollie makes later is found out by asking too', async () => {
  const { gateway, provider } = await losesTheCapture(true)
  expect([gateway, provider]).toEqual(Array(2).fill({ captured: 6_000, refunded: 0 }))
})

it('a refund that was never heard of there is sent once more, and a failed one gives its amount back', async () => {
  const { rig, simulator, till, id, moved } = await aPaidShop()
  simulator.behave('hangs_up', 1)
  expect(await till.command({ type: 'refund', amount: 3_000 })).toBe(202)
  await till.wait(2)
  expect(moved().refunded).toBe(3_000)
  simulator.settle(id(), 'badly')
  await till.hint()
  expect(rig.payment.refunds).toMatchObject([{ amount: 3_000, status: 'failed' }])
  expect([rig.session().refunded, moved().refunded]).toEqual([0, 0])
  expect(await till.command({ type: 'refund' }, 'c2')).toBe(202)
  await till.wait()
  expect([rig.session().refunded, moved().refunded]).toEqual([10_000, 10_000])
})

it.each([false, true])('a lost answer to a release is found out by asking (slow: %s)', async (slow) => {
  const { rig, simulator, till, id, moved } = await aPaidShop('manual', { slow })
  simulator.behave('loses_answers', 2)
  expect(await till.command({ type: 'cancel' })).toBe(202)
  await till.wait(2)
  if (slow) simulator.settle(id())
  await till.wait()
  expect([rig.status, moved().status]).toEqual(['canceled', 'canceled'])
})

it('a refund made by hand over there, and a chargeback, are learnt from a hint', async () => {
  const { rig, simulator, till, id } = await aPaidShop()
  simulator.chargeBack(id())
  await till.hint()
  expect([rig.payment.disputeStatus, rig.exceptions]).toEqual(['open', ['dispute_opened']])
  simulator.reverse(id())
  await till.hint()
  expect([rig.payment.disputeStatus, rig.exceptions]).toEqual(['won', []])
})
