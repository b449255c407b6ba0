// The receivers of docs/systems behind the destinations that their pages make, told by the started gateway. The vendors are
// stand-ins in this process; their own services are not part of this.
import type { Server } from 'node:http'
import path from 'node:path'
import { afterAll, afterEach, expect, inject, it } from 'vitest'
import { codeOf } from '../support/documents-code.ts'
import { eventually } from './support/eventually.ts'
import { deliveredTo, type Receiver, removeReceiver } from './support/receiving.ts'
import { shopOf } from './support/shop.ts'
import { destinationOf, type Receive, serve } from './support/vendors.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const docs = path.resolve(import.meta.dirname, '../../docs/systems')
const code = codeOf(docs)
const servers: Server[] = []
const receivers: Receiver[] = []

afterEach(async () => {
  for (const receiver of receivers.splice(0)) await removeReceiver(shop, receiver)
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => code.remove())

/** The page's receiver at work; the secret reaches it as it would reach a person's configuration, afterwards. */
async function connected(name: string, surroundings: object): Promise<Receiver> {
  const { receive } = await code.load<{ receive: Receive }>(`${name}.ts`)
  const around = { secrets: '', ...surroundings }
  const { server, url } = await serve(receive, around)
  servers.push(server)
  const receiver = await destinationOf(shop, path.join(docs, `${name}.md`), url)
  receivers.push(receiver)
  around.secrets = receiver.secret
  return receiver
}

/** A vendor that says yes to everything, and what it was asked. */
function aVendor(answer: (url: string) => unknown) {
  const asked: { url: string; body: string }[] = []
  const newest = new Map<string, number>()
  const surroundings = {
    ...{ portal: 'https://portal.example/rest/1/made-up/', token: 'made-up' },
    ...{ base: 'https://1c.example/trade', user: 'tollgate', password: 'made-up' },
    newestOf: async (id: string) => newest.get(id) ?? 0,
    done: async (id: string, sequence: number) => void newest.set(id, sequence),
    fetch: async (url: string, { body }: RequestInit) => {
      asked.push({ url, body: String(body) })
      return Response.json(answer(url))
    },
  }
  return { asked, surroundings }
}

const ofBitrix = (url: string) => ({ result: url.endsWith('crm.deal.list') ? [{ ID: '7' }] : true })

it.each([
  ['bitrix24', ofBitrix, '"STAGE_ID":"WON"'],
  ['hubspot', () => ({}), '"dealstage":"closedwon"'],
  ['1c', () => ({}), '"status":"paid"'],
] as const)(
  '%s hears that an order is paid, in the words of its own interface',
  async (name, answer, words) => {
    const { asked, surroundings } = aVendor(answer)
    const receiver = await connected(name, surroundings)
    const { body: session } = await shop.open()
    await shop.checkOut(session)
    await eventually(() => expect(asked.some(({ body }) => body.includes(words))).toBe(true))
    await eventually(async () =>
      expect(new Set(await deliveredTo(shop, receiver))).toEqual(new Set(['delivered'])),
    )
    expect(asked.some(({ url, body }) => `${url} ${body}`.includes(session.order_id))).toBe(true)
  },
)

it('a cash register prints one receipt of the sale and one of the refund, and the payment has both', async () => {
  const printed = new Map<string, number>()
  const kept = new Map<string, { issued: string }>()
  await connected('e-receipt', {
    begin: async (key: string) => kept.get(key) ?? 'new',
    end: async (key: string, made: { issued: string }) => void kept.set(key, made),
    print: async ({ key }: { key: string }) => {
      printed.set(key, (printed.get(key) ?? 0) + 1)
      return { issued: `F-${key}` }
    },
  })
  const { body: session } = await shop.open()
  await shop.checkOut(session)
  const issued = async () => {
    const { fiscal_receipts: receipts } = await shop.payment(session.payment_id)
    return receipts.filter(({ status }) => status === 'issued').map(({ receipt_id: id }) => id)
  }
  const sale = `${session.payment_id}-sale`
  await eventually(async () => expect(await issued()).toEqual([`F-${sale}`]))
  await shop.call('POST', `/v1/payments/${session.payment_id}/refunds`, { amount: 50_000 })
  const { refunds } = await shop.payment(session.payment_id)
  const refund = `${session.payment_id}-${refunds[0]?.id}`
  await eventually(async () => expect(await issued()).toEqual([`F-${sale}`, `F-${refund}`]))
  expect([printed.get(sale), printed.get(refund)]).toEqual([1, 1])
})
