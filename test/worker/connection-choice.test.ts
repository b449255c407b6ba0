// Through which of a merchant's connections a session goes: the one that is named, the default, or another by currency.
import { beforeAll, describe, expect, it } from 'vitest'
import { mintOrderToken } from '../../src/crypto/order-token.ts'
import { ADMIN, aDoor } from './door.ts'
import { anOrderId, type Json, SHOP } from './till.ts'

const idram = { provider: 'idram', credentials: { account: '100000114', secret_key: 'made-up-of-the-tests' } }

/** A merchant whose default takes drams only. */
async function aShop() {
  const door = aDoor()
  door.now = Date.now()
  const merchant = await door.aMerchant({ allowed_origins: [SHOP], currencies: ['AMD', 'EUR', 'USD'] })
  const secretKey = (await door.aKey(merchant.id)).key
  const publishable = (await door.aKey(merchant.id, 'publishable')).key
  const drams = await door.aConnection(merchant.id, idram)
  const order = (change: object = {}) => ({
    ...{ order_id: anOrderId(), amount: 1_000, currency: 'AMD', return_url: `${SHOP}/done` },
    ...change,
  })
  const open = (body: object, { status = 201, as = secretKey, key = crypto.randomUUID() as string } = {}) =>
    door.json(status, '/v1/payment-sessions', { as, body, headers: { 'idempotency-key': key } })
  const patch = (connection: Json, body: object) =>
    door.json(200, `/v1/admin/merchants/${merchant.id}/connections/${connection.id}`, {
      ...{ as: ADMIN, method: 'PATCH', body },
    })
  const connect = (details: Record<string, unknown> = {}) => {
    // One moment later, so that they have an age.
    door.now += 1
    return door.aConnection(merchant.id, details)
  }
  return { door, merchant, publishable, drams, order, open, patch, connect, secretKey }
}

let shop: Awaited<ReturnType<typeof aShop>>
beforeAll(async () => {
  shop = await aShop()
})

describe('a session that names no connection', () => {
  it('says what to do when no connection takes its currency', async () => {
    const { open, order, connect, patch } = await aShop()
    const problem = await open(order({ currency: 'EUR' }), { status: 422 })
    expect(problem.errors).toEqual([
      { pointer: '/currency', detail: expect.stringMatching(/no enabled test connection.*EUR.*settings/i) },
    ])
    const { id } = await connect()
    expect((await open(order({ currency: 'EUR' }))).connection_id).toBe(id)
    await patch({ id }, { disabled: true })
    await open(order({ currency: 'EUR' }), { status: 422 })
  })

  it('goes through the default where that takes its currency, whatever else there is', async () => {
    const { open, order, connect, drams } = await aShop()
    await connect({ settings: { currencies: ['AMD'] } })
    expect((await open(order())).connection_id).toBe(drams.id)
  })

  it('goes through one that lists its currency, else through the oldest that takes it', async () => {
    const { open, order, connect } = await aShop()
    const oldest = await connect()
    await connect()
    const euros = await connect({ settings: { currencies: ['EUR'] } })
    expect((await open(order({ currency: 'EUR' }))).connection_id).toBe(euros.id)
    expect((await open(order({ currency: 'USD' }))).connection_id).toBe(oldest.id)
  })

  it('goes through another one when the default is disabled', async () => {
    const { open, order, connect, patch, drams } = await aShop()
    await patch(drams, { disabled: true })
    await open(order(), { status: 422 })
    const { id } = await connect()
    expect((await open(order())).connection_id).toBe(id)
  })

  it('never goes through another mode’s connection', async () => {
    const { open, order, connect } = await aShop()
    const credentials = { secret_key: 'sk_live_made_up', webhook_secrets: ['whsec_made_up_for_tests'] }
    await connect({ provider: 'stripe', livemode: true, credentials })
    await open(order({ currency: 'EUR' }), { status: 422 })
  })

  it('is the same request again after the default was changed, under the same key or another', async () => {
    const { open, order, connect } = await aShop()
    const first = await connect({ default: true })
    const body = order()
    const opened = await open(body, { key: 'k-1' })
    expect(opened.connection_id).toBe(first.id)
    await connect({ default: true })
    expect((await open(body, { key: 'k-1' })).id).toBe(opened.id)
    expect((await open(body, { status: 200, key: 'k-2' })).id).toBe(opened.id)
    expect((await open({ ...body, connection_id: first.id }, { status: 200 })).id).toBe(opened.id)
  })
})

describe('the currency that chooses', () => {
  let anything: Json
  beforeAll(async () => {
    anything = await shop.connect()
  })

  const register = (change: object = {}) => {
    const orderId = anOrderId()
    const body = { amount: 1_000, currency: 'EUR', ...change }
    const asked = { as: shop.secretKey, method: 'PUT', body }
    return shop.door.json(201, `/v1/orders/${orderId}`, asked).then(() => orderId)
  }
  const named = (orderId: string) => ({ order_id: orderId, return_url: `${SHOP}/done` })

  it('is that of the registered order, for a back end and for a browser', async () => {
    const [mine, everybodys] = [await register(), await register({ access: 'open' })]
    expect((await shop.open(named(mine))).connection_id).toBe(anything.id)
    const opened = await shop.open(named(everybodys), { as: shop.publishable })
    expect(opened.connection_id).toBe(anything.id)
    expect((await shop.open(named(await register({ currency: 'AMD' })))).connection_id).toBe(shop.drams.id)
  })

  it('is that of the token', async () => {
    const said = { orderId: anOrderId(), amount: 1_000, currency: 'EUR', description: null, customerId: null }
    const times = { issuedAt: shop.door.now, expiresAt: shop.door.now + 3_600_000 }
    const secrets = shop.merchant.order_signing_secrets.test
    const order_token = await mintOrderToken(shop.merchant.id, { ...said, ...times }, secrets)
    const opened = await shop.open({ order_token, return_url: `${SHOP}/done` }, { as: shop.publishable })
    expect(opened.connection_id).toBe(anything.id)
  })

  it('is that of the open session, for the browser that holds its client secret', async () => {
    const session = await shop.open(shop.order({ currency: 'EUR' }))
    const body = { ...named(session.order_id), client_secret: session.client_secret }
    const again = await shop.open(body, { status: 200, as: shop.publishable })
    expect([again.id, again.connection_id]).toEqual([session.id, anything.id])
  })

  it('is not told to a browser that may not open the order: it is refused as for an order that does not exist', async () => {
    const refused = async (orderId: string) => {
      const {
        request_id: _id,
        instance: _instance,
        ...problem
      } = await shop.open(named(orderId), {
        ...{ status: 422, as: shop.publishable },
      })
      return problem
    }
    expect(await refused(await register())).toEqual(await refused(anOrderId()))
  })
})

describe('a session that names its connection', () => {
  it('is refused a currency that this one does not take, though another does', async () => {
    await shop.connect()
    const body = shop.order({ currency: 'EUR', connection_id: shop.drams.id })
    expect((await shop.open(body, { status: 422 })).errors).toEqual([
      { pointer: '/currency', detail: 'This connection takes AMD.' },
    ])
  })

  it('is refused a currency that its settings leave out, be the order registered or not', async () => {
    const euros = await shop.connect({ settings: { currencies: ['EUR'] } })
    await shop.open(shop.order({ currency: 'USD', connection_id: euros.id }), { status: 422 })
    const order_id = anOrderId()
    await shop.door.json(201, `/v1/orders/${order_id}`, {
      ...{ as: shop.secretKey, method: 'PUT', body: { amount: 1_000, currency: 'USD' } },
    })
    const body = { order_id, return_url: `${SHOP}/done`, connection_id: euros.id }
    const problem = await shop.open(body, { status: 402 })
    expect(problem).toMatchObject({ code: 'provider_declined', detail: expect.stringContaining('takes EUR') })
  })
})

describe('an isolate that knows the connections', () => {
  it('chooses without the database, and while that is away', async () => {
    const { door, open, order, connect } = await aShop()
    const { id } = await connect()
    await open(order({ currency: 'EUR' }))
    const before = door.statements
    await open(order({ currency: 'EUR' }))
    expect(door.statements - before).toBe(0)
    door.isBroken = true
    expect((await open(order({ currency: 'EUR' }))).connection_id).toBe(id)
  })

  it('says 503, not 422, while it cannot look up what else there is', async () => {
    const { door, open, order, connect } = await aShop()
    await connect()
    await open(order())
    door.isBroken = true
    expect(await open(order({ currency: 'EUR' }), { status: 503 })).toMatchObject({
      code: 'temporarily_unavailable',
    })
  })
})
