// The checkout page in a real browser, as a customer meets it.
import { expect, inject, it } from 'vitest'
import { browserOfThisFile } from './support/browser.ts'
import { shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const browser = browserOfThisFile()

it('takes a customer from the checkout address over the provider’s page back to the shop', async () => {
  const { body: session } = await shop.open()
  const page = await browser().newPage()
  await page.goto(session.checkout_url)
  await page.locator('button[value="pay"]').click()
  await page.waitForURL((address) => address.origin === dev.sink_url)
  expect(new URL(page.url()).searchParams.get('order_id')).toBe(session.order_id)
  expect((await shop.untilPaid(session.payment_id)).status).toBe('paid')
})
