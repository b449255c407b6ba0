// The answer is lost after FastShift has acted: afterwards both sides agree, and money moved once.
import { expect, it } from 'vitest'
import { fastshift } from '../../../src/providers/fastshift.ts'
import { movesMoneyOnce } from '../../providers/money-once.ts'
import { through } from '../../providers/order.ts'
import { fastshiftSimulator } from '../../simulators/fastshift.ts'
import { aRig, checksTheBooksAfterEachTest, MINUTE, NOON } from '../../support/payment-rig.ts'
import { tillOf } from '../../support/provider-till.ts'

checksTheBooksAfterEachTest()

const money = { amount: 100_000, currency: 'AMD' }
const token = 'simulated-token'

/** `stands`: FastShift's clock does not move, so that nothing is ever over there. */
function aShop({ stands = false } = {}) {
  const rig = aRig()
  const now = () => rig.now
  const simulator = fastshiftSimulator({ token, now: stands ? () => NOON : now, livesMs: 30 * MINUTE })
  const provider = fastshift({ token, now, apiBase: 'https://fastshift.invalid', fetch: through(simulator) })
  return { rig, simulator, till: tillOf(rig, provider) }
}

movesMoneyOnce('fastshift', {
  open: [
    'another order follows under another number, and only that one can be paid',
    async () => {
      const { rig, simulator, till } = aShop()
      simulator.behave('loses_answers', 1)
      await expect(till.open({ money })).rejects.toMatchObject({ refusal: { code: 'provider_unavailable' } })
      await till.open({ money, key: 'k2' })
      expect(simulator.orders('A-1')).toBe(2)
      expect(rig.session().references).toHaveLength(1)
      simulator.pay(rig.session().references[0]!)
      await till.wait()
      expect(rig.status).toBe('paid')
      const provider = { captured: simulator.paid('A-1') * 100, refunded: 0 }
      return { gateway: rig.moved(), provider, exceptions: rig.exceptions }
    },
  ],
  capture: { none: 'it does not hold money' },
  refund: { none: 'it gives nothing back by a call' },
})

it('an order that was found by asking before the answer came counts beside the one that is paid', async () => {
  const { rig, simulator, till } = aShop()
  simulator.behave('loses_answers', 1)
  await expect(till.open({ money })).rejects.toThrow()
  await till.hint()
  await till.open({ money, key: 'k2' })
  simulator.pay(rig.session().references.at(-1)!)
  await till.wait()
  expect([rig.status, rig.exceptions]).toEqual(['paid', []])
})

it('a webhook that never comes is not waited for: the order is asked about until it is over', async () => {
  const { rig, simulator, till } = aShop()
  simulator.behave('loses_reports')
  await till.open({ money })
  simulator.pay(rig.session().references[0]!)
  await till.wait(1)
  expect([rig.status, rig.now < rig.session().expiresAt]).toEqual(['paid', true])
})

it('a rejected order fails, one that nobody pays expires, and then another can be opened', async () => {
  const { rig, simulator, till } = aShop()
  await till.open({ money })
  simulator.reject(rig.session().references[0]!)
  await till.hint()
  expect(rig.status).toBe('failed')
  await till.open({ money, key: 'k2' })
  await till.wait(30)
  expect([rig.status, rig.payment.sessions.length]).toEqual(['expired', 2])
})

it('an order that outlives its own limit there is over here, and money that comes then counts and is flagged', async () => {
  const { rig, simulator, till } = aShop({ stands: true })
  await till.open({ money })
  await till.wait(40)
  expect(rig.status).toBe('expired')
  simulator.pay(rig.session().references[0]!)
  await till.hint()
  expect([rig.status, rig.exceptions]).toEqual(['paid', ['late_payment']])
})
