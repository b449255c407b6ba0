// What Adyen did and we did not hear: afterwards both agree, and money moved once.
import { describe, expect, it } from 'vitest'
import { adyen } from '../../../src/providers/adyen.ts'
import { movesMoneyOnce } from '../../providers/money-once.ts'
import { arriving, through } from '../../providers/order.ts'
import { adyenSimulator } from '../../simulators/adyen.ts'
import { Desk } from '../../support/desk.ts'
import { checksTheBooksAfterEachTest, HOUR, MINUTE } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

function shop() {
  const account = { apiKey: 'AQE_made_up_for_these_tests', merchantAccount: 'TollgateTests' }
  const hmacKey = '1F'.repeat(32)
  const simulator = adyenSimulator({ ...account, hmacKey })
  const desk = new Desk(adyen({ ...account, hmacKeys: [hmacKey], fetch: through(simulator) }))
  let told = 0
  /** Adyen's notifications since the last time arrive. */
  const reports = async (): Promise<string[]> => {
    const outcomes: string[] = []
    for (const { body } of simulator.sent.slice(told)) outcomes.push(...(await desk.hear(arriving(body, {}))))
    told = simulator.sent.length
    return outcomes
  }
  const link = () => desk.rig.session().references.find((one) => one.startsWith('PL')) ?? ''
  const losing = async <T>(step: () => Promise<T>): Promise<T> => {
    simulator.behave('loses_answers')
    return step().finally(() => simulator.behave('none'))
  }
  /** Over every link that was ever made. */
  const moved = () => {
    const payments = simulator.all().flatMap(({ id }) => simulator.payment(id) ?? [])
    return {
      captured: payments.reduce((sum, { captured }) => sum + captured, 0),
      refunded: payments.reduce((sum, { refunded }) => sum + refunded, 0),
    }
  }
  const books = () => ({ gateway: desk.rig.moved(), provider: moved(), exceptions: desk.rig.exceptions })
  return { simulator, desk, rig: desk.rig, reports, link, losing, books }
}

async function paid(captureMethod: 'automatic' | 'manual') {
  const made = shop()
  await made.desk.open({ captureMethod })
  made.simulator.pay(made.link())
  expect(await made.reports()).toEqual(['applied'])
  return made
}

movesMoneyOnce('adyen', {
  open: [
    'the same link goes on under the same key',
    async () => {
      const { desk, rig, simulator, losing, link, reports, books } = shop()
      await expect(losing(() => desk.open())).rejects.toThrow('did not answer')
      expect(await desk.open()).toMatchObject({ status: 201 })
      expect(simulator.links(rig.session().id)).toBe(1)
      simulator.pay(link())
      expect(await reports()).toEqual(['applied'])
      expect(rig.status).toBe('paid')
      return books()
    },
  ],
  capture: [
    'it is sent again under its key',
    async () => {
      const { desk, rig, simulator, losing, reports, books } = await paid('manual')
      expect(await losing(() => desk.command('capture', 800))).toMatchObject({ status: 202 })
      await desk.alarm(MINUTE)
      expect(simulator.sent.filter(({ body }) => body.includes('"CAPTURE"'))).toHaveLength(1)
      expect(rig.session().command).toMatchObject({ type: 'capture', status: 'accepted' })
      expect(await reports()).toEqual(['applied'])
      expect([rig.status, rig.session().captured, rig.session().command]).toEqual(['paid', 800, null])
      return books()
    },
  ],
  refund: [
    'it is sent again under its key',
    async () => {
      const { desk, rig, losing, reports, books } = await paid('automatic')
      expect(await losing(() => desk.command('refund', 300))).toMatchObject({ status: 202 })
      await desk.alarm(MINUTE)
      expect(rig.payment.refunds).toMatchObject([{ amount: 300, status: 'pending' }])
      expect(await reports()).toEqual(['applied'])
      expect(rig.payment.refunds).toMatchObject([{ amount: 300, status: 'succeeded' }])
      expect(rig.session().refunded).toBe(300)
      return books()
    },
  ],
})

describe('when the answer of Adyen is lost', () => {
  it('to the opening, and the customer paid meanwhile, the payment is paid', async () => {
    const { desk, rig, simulator, losing, reports } = shop()
    await expect(losing(() => desk.open())).rejects.toThrow('did not answer')
    const [{ id } = { id: '' }] = simulator.all()
    simulator.pay(id)
    expect(await reports()).toEqual(['applied'])
    expect([rig.status, rig.session().captured, rig.exceptions]).toEqual(['paid', 1_000, []])
  })

  it('to a capture, and its report comes first, nothing is sent again', async () => {
    const { desk, rig, losing, reports } = await paid('manual')
    await losing(() => desk.command('capture'))
    expect(await reports()).toEqual(['applied'])
    expect([rig.status, rig.session().command]).toEqual(['paid', null])
  })

  it('to a cancellation, the hold is released once, when Adyen says so', async () => {
    const { desk, rig, simulator, losing, link, reports } = await paid('manual')
    expect(await losing(() => desk.command('cancel'))).toMatchObject({ status: 202 })
    await desk.alarm(MINUTE)
    expect(rig.status).toBe('authorized')
    expect(await reports()).toEqual(['applied'])
    expect([rig.status, rig.session().command, simulator.payment(link())?.status]).toEqual([
      'canceled',
      null,
      'canceled',
    ])
    expect(await reports()).toEqual([])
  })
})

describe('when Adyen never reports', () => {
  it('how an accepted capture ended, a person is told after a day', async () => {
    const { desk, rig } = await paid('manual')
    await desk.command('capture')
    await desk.alarm(HOUR)
    expect(rig.exceptions).toEqual([])
    await desk.alarm(24 * HOUR)
    expect(rig.exceptions).toEqual(['in_doubt_too_long'])
  })

  it('that a link was paid, asking tells, and the report later teaches the reference to refund by', async () => {
    const { desk, rig, simulator, link, reports } = shop()
    await desk.open()
    simulator.pay(link())
    await desk.alarm()
    expect([rig.status, rig.session().references.length]).toEqual(['paid', 2])
    expect(await desk.command('refund', 300)).toMatchObject({ status: 202 })
    expect(simulator.payment(link())?.refunded).toBe(0)
    expect(await reports()).toEqual(['stale'])
    await desk.alarm(MINUTE)
    await reports()
    expect([rig.session().refunded, simulator.payment(link())?.refunded]).toEqual([300, 300])
  })
})

it('a refund that Adyen undoes later is undone here', async () => {
  const { desk, rig, simulator, link, reports } = await paid('automatic')
  await desk.command('refund', 300)
  await reports()
  const [{ reference } = { reference: '' }] = rig.payment.refunds
  simulator.tell(link(), 'REFUND_FAILED', { pspReference: reference ?? '' })
  expect(await reports()).toEqual(['applied'])
  expect([rig.session().refunded, rig.payment.refunds[0]?.status]).toEqual([0, 'failed'])
})

it('a dispute opens and closes', async () => {
  const { rig, simulator, link, reports } = await paid('automatic')
  const pspReference = simulator.tell(link(), 'CHARGEBACK')
  await reports()
  expect([rig.payment.disputeStatus, rig.exceptions]).toEqual(['open', ['dispute_opened']])
  simulator.tell(link(), 'CHARGEBACK_REVERSED', { pspReference })
  await reports()
  expect([rig.payment.disputeStatus, rig.exceptions]).toEqual(['won', []])
})
