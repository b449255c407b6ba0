/** A visitor of the demo store in a real browser: what people do there, in their own words. */
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { eventually } from './eventually.ts'
import type { Dev } from './system.ts'

/** Pictures of the store's screens, for people to look at. */
const screens = path.resolve(import.meta.dirname, '../../../.local/screens/store')
const patienceMs = 30_000

/** A visitor with a browser profile of their own. */
export async function visitorOf(browser: Browser, dev: Dev, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({
    locale: 'en',
    viewport: { width: 1_200, height: 850 },
    ...options,
  })
  context.setDefaultTimeout(patienceMs)
  const page = await context.newPage()
  await page.goto(dev.store_url)
  const ask = async <T>(place: string): Promise<T> => {
    const { origins } = await context.storageState()
    const kept = origins.flatMap(({ localStorage }) => localStorage)
    const token = kept.find(({ name }) => name === 'store:customer')?.value
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(new URL(place, dev.store_url), { headers })).json() as Promise<T>
  }
  const orders = async () => (await ask<{ data: { id: string }[] }>('/api/orders')).data
  return {
    ...tabOf(page, dev),
    ...{ context, orders },
    newTab: async () => tabOf(await context.newPage(), dev),
    /** Makes the first tab's scripts run this many times slower. */
    async slowDown(rate: number) {
      const session = await context.newCDPSession(page)
      await session.send('Emulation.setCPUThrottlingRate', { rate })
    },
    /** The payment of the visitor's newest order, as the store's back end finds it. */
    paymentId: () =>
      eventually(async () => {
        const { payment } = await ask<{ payment?: { id: string } }>(`/api/orders/${(await orders())[0]?.id}`)
        if (payment === undefined) throw new Error('The store knows no payment of the order yet.')
        return payment.id
      }),
  }
}

/** One tab of a visitor's browser. */
function tabOf(page: Page, dev: Dev) {
  const verdict = (status: string) => page.locator(`.verdict.${status}`)
  const payButton = page.locator('form button.main')
  const toCart = async () => {
    await page.goto(new URL('/cart', dev.store_url).href)
    await payButton.waitFor()
  }
  return {
    ...{ page, payButton, toCart },
    /** Puts things into the cart and goes there. */
    async fill(...goods: string[]) {
      for (const name of goods) await page.getByRole('button', { name }).click()
      await page.getByRole('link', { name: /^Cart/ }).click()
      await payButton.waitFor()
    },
    async pay() {
      await payButton.click()
      await page.waitForURL(/\/sandbox\/checkout\//)
    },
    /** At the sandbox's checkout: ticks switches, presses a button there and comes back to the store. */
    async choose(choice: 'pay' | 'decline' | 'cancel', ...ticked: string[]) {
      for (const name of ticked) await page.locator(`#${name}`).check()
      await page.locator(`button[value=${choice}]`).click()
      await page.waitForURL(/\/thanks\?/)
    },
    /** Waits until the success page has this verdict. */
    until: (status: string) => verdict(status).waitFor(),
    /** Waits until the cart page says this. */
    untilSaid: (text: string) => page.locator('.said', { hasText: text }).waitFor(),
    /** Goes to the success page by its address alone, as somebody does who is quicker than the provider. */
    thanks: (sessionId: string, orderId: string) =>
      page.goto(new URL(`/thanks?session_id=${sessionId}&order_id=${orderId}`, dev.store_url).href),
    picture: (name: string) =>
      page.screenshot({ path: path.join(screens, `${name}.png`), fullPage: true, animations: 'disabled' }),
    /** By how many pixels the page is wider than the window. */
    overflow: () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
  }
}
