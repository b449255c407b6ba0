// The TypeScript client as it is published: its packed file in an empty project, used as its README shows, in Node, in a
// Worker and in a browser, against the started system.
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { freePort } from '../../scripts/local/ports.ts'
import { snippetsOf } from '../support/snippets.ts'
import { launchBrowser } from './support/browser.ts'
import { eventually } from './support/eventually.ts'
import { checkTypes, installPacked, run } from './support/packed.ts'
import { deliveredTo, makeReceiver, type Receiver, removeReceiver } from './support/receiving.ts'
import { orderNumber, shopOf } from './support/shop.ts'
import { removeFolder, stateFolder } from './support/system.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const readme = path.resolve(import.meta.dirname, '../../clients/typescript/README.md')
let folder: string

beforeAll(async () => {
  folder = stateFolder()
  await installPacked(folder)
  for (const [name, code] of Object.entries(snippetsOf(readme))) writeFileSync(path.join(folder, name), code)
})

afterAll(() => removeFolder(folder))

/** One module out of a file and all that it imports. */
async function bundled(file: string): Promise<string> {
  const [made] = (await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: path.join(folder, file), formats: ['es'] } },
  })) as Rolldown.RolldownOutput[]
  return made!.output[0].code
}

describe('the packed client', () => {
  it('is typed as its README uses it', () => checkTypes(folder))

  it('opens a session in Node and reads its payment', async () => {
    const order = orderNumber()
    const pay = (env: object = {}) =>
      run(process.execPath, ['pay.ts'], folder, {
        ...{ TOLLGATE_URL: dev.url, TOLLGATE_KEY: dev.secret_key, SHOP_URL: dev.sink_url, ORDER: order },
        ...env,
      })
    const said = await pay()
    expect(said).toMatch(`pending ${dev.url}/pay/ps_`)
    await expect(pay({ TOLLGATE_KEY: 'sk_test_made_up' })).rejects.toThrow('401 unauthorized')
    // The README's key belongs to the order, so the second run gets the first one's answer.
    expect(await pay()).toBe(said)
  })
})

describe('the packed client in a browser', () => {
  let server: Server
  let origin: string

  beforeAll(async () => {
    const script = `${await bundled('browser.ts')}\nglobalThis.pay = pay`
    server = createServer(({ url }, response) => {
      const isScript = url === '/shop.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? script : '<script type="module" src="/shop.js"></script>')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await allow(origin)
  })

  afterAll(() => void server?.close())

  it('opens a session with a publishable key, and refuses a secret one', async () => {
    const order = { amount: 90_000, currency: 'AMD' }
    const { body } = await shop.call('PUT', `/v1/orders/${orderNumber()}`, order)
    const browser = await launchBrowser()
    try {
      const page = await browser.newPage()
      await page.goto(origin)
      await page.waitForFunction('globalThis.pay')
      const pay = (key: string) =>
        page.evaluate(`pay(...${JSON.stringify([dev.url, key, body.order_token])})`)
      await expect(pay('sk_test_made_up')).rejects.toThrow('must not reach a browser')
      await pay(dev.publishable_key)
      await page.locator('button[value="pay"]').click()
      await page.waitForURL(`${origin}/thanks**`)
    } finally {
      await browser.close()
    }
  })
})

/** Adds an origin to those whose pages may call for the demo's merchant. */
async function allow(origin: string): Promise<void> {
  const merchant = `/v1/admin/merchants/${dev.merchant_id}`
  const deployer = { authorization: `Bearer ${dev.admin_token}` }
  const { body } = await shop.call('GET', merchant, undefined, deployer)
  const origins = [...(body.allowed_origins as string[]), origin]
  const { status } = await shop.call('PATCH', merchant, { allowed_origins: origins }, deployer)
  expect(status).toBe(200)
}

describe('the packed client in a Worker', () => {
  let worker: Miniflare
  let receiver: Receiver
  let address: string

  beforeAll(async () => {
    const port = await freePort()
    address = `http://127.0.0.1:${port}`
    receiver = await makeReceiver(shop, `${address}/events`)
    const secrets = `whsec_${Buffer.alloc(32, 1).toString('base64')} ${receiver.secret}`
    worker = new Miniflare(
      convertV4MiniflareOptions({
        ...{ host: '127.0.0.1', port, cf: false, telemetry: { enabled: false } },
        compatibilityDate: '2026-10-01',
        modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundled('worker.ts') }],
        bindings: { TOLLGATE_URL: dev.url, TOLLGATE_KEY: dev.secret_key, TOLLGATE_EVENT_SECRETS: secrets },
      }),
    )
    await worker.ready
  })

  afterAll(async () => {
    if (receiver) await removeReceiver(shop, receiver)
    await worker?.dispose()
  })

  it('takes the event that the gateway has signed, and reads the payment that it is about', async () => {
    const { body: session } = await shop.open()
    await shop.checkOut(session)
    await eventually(async () => expect(await deliveredTo(shop, receiver)).toEqual(['delivered']))
    await eventually(async () => {
      const paid = await fetch(address)
      expect(await paid.json()).toContain(session.order_id)
    })
  })

  it('refuses an event that the gateway has not signed', async () => {
    const forged = await fetch(`${address}/events`, { method: 'POST', body: '{"type":"payment.paid"}' })
    expect(forged.status).toBe(401)
  })
})
