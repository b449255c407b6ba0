/** Numbers for providers that know an order by digits only: counted per connection, and never twice the same. */
import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ADMIN } from './door.ts'
import { aTill } from './till.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the order numbers of a connection', () => {
  it('are never twice the same, however many are taken at once and whatever is restarted in between', async () => {
    const numbers = () => env.NUMBERS.getByName('con_counted')
    const taken = await Promise.all(Array.from({ length: 20 }, () => numbers().next(1)))
    await evictDurableObject(numbers())
    taken.push(await numbers().next(1))
    expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1))
  })

  it('begin where the provider’s range begins, also when that is moved on later', async () => {
    const numbers = env.NUMBERS.getByName('con_ranged')
    const taken = [await numbers.next(100), await numbers.next(100), await numbers.next(500)]
    expect([...taken, await numbers.next(100)]).toEqual([100, 101, 500, 501])
  })

  it('are another connection’s own', async () => {
    expect(await env.NUMBERS.getByName('con_one').next(1)).toBe(1)
    expect(await env.NUMBERS.getByName('con_two').next(1)).toBe(1)
  })
})

it('a checkout at Ameriabank takes the next number of its connection, and its return makes us ask', async () => {
  const asked: { Opaque?: string; OrderID?: number; PaymentID?: string }[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) => {
    const body = await (request as Request).json<(typeof asked)[number]>()
    asked.push(body)
    const { OrderID } = body
    if (OrderID !== undefined)
      return Response.json({ PaymentID: `P-${OrderID}`, ResponseCode: 1, ResponseMessage: 'OK' })
    const order = { OrderID: body.PaymentID?.slice(2), OrderStatus: 2, ResponseCode: '00' }
    return Response.json({ ...order, DepositedAmount: 10, RefundedAmount: 0, Currency: '051' })
  })
  const till = await aTill()
  const connection = await till.json(201, `/v1/admin/merchants/${till.merchantId}/connections`, {
    as: ADMIN,
    body: {
      ...{ provider: 'ameriabank', livemode: false, settings: { first_order_number: 4_001 } },
      credentials: { client_id: 'c', username: 'u', password: 'p' },
    },
  })
  const sessions = [await till.open({ connection_id: connection.id })]
  sessions.push(await till.open({ connection_id: connection.id }))
  expect(asked.map(({ OrderID }) => OrderID)).toEqual([4_001, 4_002])
  expect(sessions.map((session) => session.provider_reference)).toEqual(['P-4001', 'P-4002'])
  const back = await till.call(`/return/${sessions[1].id}?orderID=4001&resposneCode=00&paymentID=P-4001`)
  expect([back.status, asked.at(-1)?.PaymentID]).toEqual([303, 'P-4002'])
  expect(await till.paymentOf(sessions[1])).toMatchObject({ status: 'paid', amount_captured: 1_000 })
  expect(await till.paymentOf(sessions[0])).toMatchObject({ status: 'pending' })
})
