// An app: a publishable key without an Origin, the order's own token, and an address that only its own app opens.
import { describe, expect, it } from 'vitest'
import { aKey, aTill, SHOP, type Till } from './till.ts'

const OWN = 'shop-app://paid'

async function anAppsTill(): Promise<Till> {
  const till = await aTill()
  await till.door.json(200, `/v1/admin/merchants/${till.merchantId}`, {
    method: 'PATCH',
    as: 'admin-token-of-the-tests',
    body: { allowed_return_addresses: [OWN] },
  })
  return till
}

const openIn = async (till: Till, return_url: string) =>
  till.call('/v1/payment-sessions', {
    as: till.publishable,
    key: aKey(),
    body: { order_token: await till.token(), return_url },
  })

describe('an app', () => {
  it('opens a session with the order token of its back end and gets its customer back by its own scheme', async () => {
    const till = await anAppsTill()
    const opened = await openIn(till, OWN)
    expect(opened.status).toBe(201)
    const session = (await opened.json()) as { id: string; order_id: string; client_secret: string }
    const back = await till.call(`/return/${session.id}`, { as: '' })
    expect([back.status, back.headers.get('location')]).toEqual([
      303,
      `${OWN}?session_id=${session.id}&order_id=${session.order_id}`,
    ])
    const asked = `/v1/payment-sessions/${session.id}?client_secret=${session.client_secret}`
    expect(await till.json(200, asked, { as: till.publishable })).toMatchObject({ payment_status: 'pending' })
  })

  it('comes back by an app link on an origin of its merchant', async () => {
    expect((await openIn(await anAppsTill(), `${SHOP}/app/done`)).status).toBe(201)
  })

  it.each([
    ['another path of its scheme', 'shop-app://paid/elsewhere'],
    ['a query that nobody registered', 'shop-app://paid?to=elsewhere'],
    ['a longer name', 'shop-app://paid.evil'],
    ["another app's scheme", 'evil-app://paid'],
    ['a wildcard', 'shop-app://*'],
    ['a link of a stranger', 'https://evil.example/done'],
    ['script', 'javascript:alert(1)//shop-app://paid'],
  ])('does not come back by %s', async (_, address) => {
    const refused = await openIn(await anAppsTill(), address)
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ errors: [{ pointer: '/return_url' }] })
  })
})
