/** What an operator finds at the desk: payments in each state, an exception, a settlement, and people of each role. */
import { randomBytes, randomUUID } from 'node:crypto'
import { eventually } from './eventually.ts'
import type { OwnSystem } from './own-system.ts'
import { type Delivery, orderNumber, reportOf, type Session, type Shop } from './shop.ts'
import type { Dev } from './system.ts'

export type Role = 'viewer' | 'operator' | 'admin'

/** The token of a new operator of this role. */
export async function tokenOf(shop: Shop, role: Role): Promise<string> {
  const wish = { name: `Ani the ${role}`, role, livemode: false }
  const { status, body } = await shop.administer(
    'POST',
    `/v1/admin/merchants/${shop.merchantId()}/operators`,
    wish,
  )
  if (status !== 201) throw new Error(`An operator is answered ${status}: ${JSON.stringify(body)}`)
  return String(body.token)
}

export function scenesOf(shop: Shop, dev: Dev) {
  /** A payment whose customer has made this choice at the provider, once that is known here. */
  async function chosen(choice: 'pay' | 'decline', status: string, order: object = {}): Promise<Session> {
    const { body: session } = await shop.open({ order_id: orderNumber(), ...order })
    await shop.checkOut(session, choice)
    await eventually(async () => {
      const payment = await shop.payment(session.payment_id)
      if (payment.status !== status) throw new Error(`The payment is ${payment.status}, not ${status}.`)
    })
    return session
  }

  /** An exception: a report names another amount. */
  async function anException(): Promise<string> {
    const { body: session } = await shop.open({ order_id: orderNumber() })
    await shop.report(reportOf(session, 'payment.captured', { amount: 1 }))
    return eventually(async () => {
      const { body } = await shop.call('GET', '/v1/exceptions?status=open')
      const found = (body.data as { id: string; payment_id: string }[]).find(
        ({ payment_id }) => payment_id === session.payment_id,
      )
      if (found === undefined) throw new Error('The exception is not in the list yet.')
      return found.id
    })
  }

  /** A delivery of a payment's to this system that has failed once at least. */
  async function aFailure({ id }: OwnSystem, session: Session): Promise<Delivery> {
    return eventually(async () => {
      const path = `/v1/deliveries?payment_id=${session.payment_id}&destination_id=${id}`
      const { body } = await shop.call('GET', path)
      const [found] = body.data as Delivery[]
      if (found === undefined || found.attempt_count === 0) throw new Error('No try has failed yet.')
      return found
    })
  }

  /** A connection that is nobody's default. */
  async function aConnection(): Promise<string> {
    const wish = { provider: 'sandbox', livemode: false, credentials: { webhook_secrets: [sandboxSecret()] } }
    const { body } = await shop.administer(
      'POST',
      `/v1/admin/merchants/${shop.merchantId()}/connections`,
      wish,
    )
    return String(body.id)
  }

  return { chosen, anException, aFailure, aConnection, aSettlement: () => aSettlement(shop, dev, chosen) }
}

type Chosen = (choice: 'pay', status: string) => Promise<Session>

/** A finished reconciliation, in which one payment differs and one is missing. */
async function aSettlement(shop: Shop, dev: Dev, chosen: Chosen): Promise<string> {
  const from = new Date().toISOString()
  const [less] = [await chosen('pay', 'paid'), await chosen('pay', 'paid')]
  const to = new Date(Date.now() + 1).toISOString()
  const period = { connection_id: dev.connections.sandbox.id, from, to, grace_days: '0' }
  const answer = await fetch(`${dev.url}/v1/reconciliations?${new URLSearchParams(period)}`, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${dev.secret_key}`, 'content-type': 'text/csv' },
      'idempotency-key': randomUUID(),
    },
    body: settlementFile(less),
  })
  const { id } = (await answer.json()) as { id: string }
  await eventually(async () => {
    const { body } = await shop.call('GET', `/v1/reconciliations/${id}`)
    if (body.status !== 'finished') throw new Error(`The reconciliation is ${body.status}.`)
  })
  return id
}

/** What would sign a sandbox account's reports, made up. */
export const sandboxSecret = () => `whsec_${randomBytes(32).toString('base64')}`

/** What the provider would say of a payment, which is less than it should be. */
export const settlementFile = ({ id, provider_reference }: Session): string =>
  `transaction_id;type;reference;amount;currency;fee\r\n${id};payment;${provider_reference};12 000,00;AMD;125,00\r\n`
