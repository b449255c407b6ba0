// The PHP client as its README and the frameworks' examples show it, run by PHP against the started system.
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { freePort } from '../../scripts/local/ports.ts'
import { snippetsOf } from '../support/snippets.ts'
import { eventually } from './support/eventually.ts'
import { php, servePhp } from './support/php.ts'
import { deliveredTo, makeReceiver, type Receiver, removeReceiver } from './support/receiving.ts'
import { orderNumber, type Session, shopOf } from './support/shop.ts'
import { removeFolder, stateFolder } from './support/system.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const root = path.resolve(import.meta.dirname, '../..')
const client = path.join(root, 'clients/php')
/** A shop's folder, which has the client and the code of its README. */
let folder: string

beforeAll(() => {
  folder = stateFolder()
  mkdirSync(path.join(folder, 'vendor'))
  writeFileSync(path.join(folder, 'vendor/autoload.php'), `<?php require '${client}/autoload.php';`)
  for (const [name, code] of Object.entries(snippetsOf(path.join(client, 'README.md'))))
    writeFileSync(path.join(folder, name), `<?php declare(strict_types=1);\n${code}`)
})

afterAll(() => removeFolder(folder))

const pay = (order: string, env: Record<string, string> = {}) =>
  php(['pay.php'], folder, {
    TOLLGATE_URL: dev.url,
    TOLLGATE_KEY: dev.secret_key,
    SHOP_URL: dev.sink_url,
    ORDER: order,
    ...env,
  })

describe('the PHP client', () => {
  it('opens a session that a customer pays, and reads its payment', async () => {
    const order = orderNumber()
    const [status, address = ''] = (await pay(order)).split(' ')
    expect([status, new URL(address).origin]).toEqual(['pending', dev.url])
    const { body } = await shop.call('GET', `/v1/payment-sessions/${path.basename(address)}`)
    const session = body as unknown as Session
    await shop.checkOut(session)
    await shop.untilPaid(session.payment_id)
    // The README's key belongs to the order, so the second run gets the first one's session.
    expect((await pay(order)).split(' ')).toEqual(['paid', address])
  })

  it('throws what the gateway says', async () => {
    const refused = pay(orderNumber(), { TOLLGATE_KEY: 'sk_test_made_up' })
    await expect(refused).rejects.toThrow(/Tollgate\\Problem: 401 unauthorized/)
  })

  it('keeps its promises about keys, retries, waits and signatures', async () => {
    expect(await php([path.join(root, 'test/php/run.php')], root)).toMatch(/^\d+ passed, 0 failed$/m)
  })
})

describe('a PHP page that hears events', () => {
  let receiver: Receiver
  let server: ChildProcess
  let address: string

  beforeAll(async () => {
    const port = await freePort()
    address = `http://127.0.0.1:${port}/events`
    receiver = await makeReceiver(shop, address)
    const secrets = `whsec_${Buffer.alloc(32, 1).toString('base64')} ${receiver.secret}`
    server = await servePhp('events.php', port, folder, { TOLLGATE_EVENT_SECRETS: secrets })
  })

  afterAll(async () => {
    server?.kill()
    await removeReceiver(shop, receiver)
  })

  it('takes what the gateway has signed', async () => {
    const { body: session } = await shop.open()
    await shop.checkOut(session)
    await eventually(async () => expect(await deliveredTo(shop, receiver)).toEqual(['delivered']))
  })

  it('refuses what somebody else sends', async () => {
    const forged = await fetch(address, {
      method: 'POST',
      body: '{"type":"payment.paid"}',
      headers: {
        'webhook-id': 'evt_forged',
        'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
        'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
      },
    })
    expect(forged.status).toBe(401)
  })
})

describe('every PHP file', () => {
  const files = ['clients/php', 'examples', 'test/php'].flatMap((top) =>
    readdirSync(path.join(root, top), { recursive: true })
      .map((name) => path.join(top, String(name)))
      .filter((name) => name.endsWith('.php') && !name.includes('node_modules')),
  )

  it('is PHP, in the client and in the frameworks’ examples', async () => {
    expect(files.length).toBeGreaterThan(15)
    const said = await Promise.all(files.map((file) => php(['-l', file], root)))
    expect(said.filter((line) => !line.startsWith('No syntax errors'))).toEqual([])
  })
})
