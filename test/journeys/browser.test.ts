// The checkout page in a real browser, as a customer meets it.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { launchBrowser } from './support/browser.ts'
import { shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(async () => browser?.close())

it('takes a customer from the checkout address over the provider’s page back to the shop', async () => {
  const { body: session } = await shop.open()
  const page = await browser.newPage()
  await page.goto(session.checkout_url)
  await page.locator('button[value="pay"]').click()
  await page.waitForURL((address) => address.origin === dev.sink_url)
  expect(new URL(page.url()).searchParams.get('order_id')).toBe(session.order_id)
  expect((await shop.untilPaid(session.payment_id)).status).toBe('paid')
})
