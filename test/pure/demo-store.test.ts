// The demo store's back end: only the gateway may ask for a price, one cart is one order, and orders are their customer's own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { priced } from '../../examples/react-storefront/server/catalogue.ts'
import { type Store, storeOf } from '../../examples/react-storefront/server/store.ts'

const secret = 'order-signing-secret-of-the-tests-0123456789'
const ani = 'c-ani-0123456789-0123456789'
const aram = 'c-aram-0123456789-0123456789'
const cart = { cart_id: 'cart-1', currency: 'AMD', items: [{ sku: 'cup', count: 2 }] }

let folder: string
let store: Store

const open = () =>
  storeOf({
    ...{
      gateway: 'http://gateway.example',
      publishableKey: 'pk_test_x',
      secretKey: 'sk_test_x',
      methods: [],
    },
    ...{ orderSigningSecret: secret, folder, pages: path.join(folder, 'pages'), now: Date.now },
  })

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-store-'))
  mkdirSync(path.join(folder, 'pages', 'assets'), { recursive: true })
  writeFileSync(path.join(folder, 'pages', 'index.html'), '<!doctype html>')
  store = open()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const get = (place: string, customer?: string) =>
  store(
    new Request(`http://store.example${place}`, {
      headers: customer ? { authorization: `Bearer ${customer}` } : {},
    }),
  )

async function quote(body: unknown, customer = ani, signedWith = secret) {
  const text = JSON.stringify(body)
  const at = new Date()
  const headers = {
    authorization: `Bearer ${customer}`,
    'webhook-id': 'quo_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(signedWith, { format: 'raw' }).sign('quo_1', at, text),
  }
  const answer = await store(
    new Request('http://store.example/api/quote', { method: 'POST', headers, body: text }),
  )
  return { status: answer?.status, body: (await answer?.json()) as { order_id?: string } }
}

describe('a price', () => {
  it('is the catalogue’s, whatever the cart claims', () => {
    const claimed = { ...cart, amount: 1, items: [{ sku: 'cup', count: 2, price: 1 }] }
    expect(priced(claimed)).toMatchObject({ kind: 'priced', amount: 1_300_000, currency: 'AMD' })
  })

  it.each([
    [{ ...cart, currency: 'XAU' }, 'currency'],
    [{ ...cart, items: [] }, 'empty_cart'],
    [{ ...cart, items: [{ sku: 'gold', count: 1 }] }, 'not_for_sale'],
    [{ ...cart, items: [null] }, 'not_for_sale'],
    [{ ...cart, items: [{ sku: 'cup', count: 0 }] }, 'count'],
    [{ ...cart, items: [{ sku: 'cup', count: 1.5 }] }, 'count'],
    [{ ...cart, items: [...cart.items, ...cart.items] }, 'twice'],
  ])('of %j is refused: %s', (wanted, reason) => {
    expect(priced(wanted)).toMatchObject({ kind: 'refused', reason })
  })
})

describe('a quote', () => {
  it('is given to the gateway alone', async () => {
    expect((await quote(cart, ani, `${secret}-forged`)).status).toBe(401)
    expect((await quote(cart)).status).toBe(200)
  })

  it('keeps the order’s number for a cart, also after a restart and with other things in it', async () => {
    const { body: first } = await quote(cart)
    store = open()
    const { body: again } = await quote({ ...cart, items: [{ sku: 'coffee', count: 1 }] })
    expect(again).toMatchObject({ order_id: first.order_id, amount: 480_000 })
    expect((await quote(cart, aram)).body.order_id).not.toBe(first.order_id)
  })

  it('of a cart without a number, or of nobody, is refused with a reason', async () => {
    expect(await quote({ ...cart, cart_id: undefined })).toMatchObject({
      status: 422,
      body: { reason: 'no_cart' },
    })
    expect((await quote(cart, 'short')).body).toMatchObject({ allowed: false })
  })
})

describe('the pages and what they ask', () => {
  it('show an order to its customer only', async () => {
    const { body } = await quote(cart)
    expect((await get(`/api/orders/${body.order_id}`, aram))?.status).toBe(404)
    expect((await get('/api/orders'))?.status).toBe(401)
    expect(await (await get('/api/orders', ani))?.json()).toMatchObject({ data: [{ id: body.order_id }] })
  })

  it('may reach the store and its gateway, and nobody else', async () => {
    const policy = (await get('/thanks?session_id=x'))?.headers.get('content-security-policy')
    expect(policy).toContain("connect-src 'self' http://gateway.example ws://gateway.example;")
    expect(policy).toContain("default-src 'none'")
  })

  it.each(['/crm/received', '/assets/..%2f..%2findex.html', '/assets/none.js', '/cart/x'])(
    'leave %s to others',
    async (place) => {
      expect(await get(place)).toBeNull()
    },
  )

  it('never learn a secret', async () => {
    const told = JSON.stringify(await (await get('/api/store'))?.json())
    expect(told).toContain('pk_test_x')
    expect(told).not.toMatch(/sk_test|order-signing/)
  })
})
