// A customer pays at each of the simulated providers, through the system as `npm start` runs it.
import { describe, expect, inject, it } from 'vitest'
import { eventually } from './support/eventually.ts'
import { payAt } from './support/paying.ts'
import { orderNumber, type Session, shopOf } from './support/shop.ts'

const dev = () => inject('dev')
const shop = shopOf(dev)

/** What each can be asked to do afterwards, and what its customer pays. */
const providers = {
  stripe: { amount: 2_500, currency: 'EUR', holds: true, refunds: true },
  idram: { amount: 1_250_000, currency: 'AMD', holds: false, refunds: false },
  adyen: { amount: 2_500, currency: 'EUR', holds: true, refunds: true },
  arca: { amount: 1_250_000, currency: 'AMD', holds: true, refunds: true },
  ameriabank: { amount: 1_250_000, currency: 'AMD', holds: false, refunds: true },
  telcell: { amount: 1_250_000, currency: 'AMD', holds: false, refunds: true },
  paypal: { amount: 2_500, currency: 'EUR', holds: false, refunds: true },
  mollie: { amount: 2_500, currency: 'EUR', holds: true, refunds: true },
  fastshift: { amount: 1_250_000, currency: 'AMD', holds: false, refunds: false },
} as const

type Name = keyof typeof providers
const names = Object.keys(providers) as Name[]
const those = (can: 'holds' | 'refunds') => names.filter((name) => providers[name][can])

async function paidAt(name: Name, captureMethod?: 'manual'): Promise<Session> {
  const { amount, currency } = providers[name]
  const connection = dev().connections[name]
  const { status, body } = await shop.open({
    ...{ order_id: orderNumber(), amount, currency, connection_id: connection?.id },
    ...(captureMethod !== undefined && { capture_method: captureMethod }),
  })
  expect([status, body.status]).toEqual([201, 'open'])
  await payAt(body)
  return body
}

const command = (session: Session, what: string, body?: Record<string, unknown>) =>
  shop.call('POST', `/v1/payments/${session.payment_id}/${what}`, body)

const until = (session: Session, wanted: Record<string, unknown>) =>
  eventually(async () => expect(await shop.payment(session.payment_id)).toMatchObject(wanted), 60_000)

it('every simulated provider is offered beside the sandbox', () => {
  expect(Object.keys(dev().connections)).toEqual(['sandbox', ...names])
})

describe('a customer pays', () => {
  it.each(names)('at %s, and the order is paid', async (name) => {
    const session = await paidAt(name)
    const { amount } = providers[name]
    await until(session, { status: 'paid', amount_captured: amount, provider: name, open_exceptions: 0 })
  })

  it.each(those('refunds'))('at %s, and gets a part back', async (name) => {
    const session = await paidAt(name)
    await until(session, { status: 'paid' })
    expect((await command(session, 'refunds', { amount: 1_000 })).status).toBeLessThan(300)
    await until(session, { amount_refunded: 1_000, refund_status: 'partial', open_exceptions: 0 })
  })

  it.each(those('holds'))('at %s, where money is held and taken later', async (name) => {
    const session = await paidAt(name, 'manual')
    await until(session, { status: 'authorized' })
    expect((await command(session, 'capture')).status).toBeLessThan(300)
    await until(session, { status: 'paid', amount_captured: providers[name].amount, open_exceptions: 0 })
  })

  it.each(those('holds'))('at %s, where money is held and given back', async (name) => {
    const session = await paidAt(name, 'manual')
    await until(session, { status: 'authorized' })
    expect((await command(session, 'cancel')).status).toBeLessThan(300)
    await until(session, { status: 'canceled', amount_captured: 0, open_exceptions: 0 })
  })
})
