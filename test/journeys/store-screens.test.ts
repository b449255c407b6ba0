// Every screen of the demo store as everybody must be able to use it: by axe, light, dark and on a phone.
import { expect, inject, it } from 'vitest'
import { browserOfThisFile } from './support/browser.ts'
import { judgeOf } from './support/judge.ts'
import { reportOf, type Session, shopOf } from './support/shop.ts'
import { visitorOf } from './support/store-visit.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const browser = browserOfThisFile()

it('the store keeps to WCAG AA and to its width on each screen', async () => {
  const visitor = await visitorOf(browser(), dev)
  const { page, context } = visitor
  const judge = judgeOf(page, 'store/judged')
  /** Goes to a place of the store, waits until this is there, and has the screen judged. */
  const see = async (of: string, place: string, sign: string) => {
    await page.goto(new URL(place, dev.store_url).href)
    await page.locator(sign).first().waitFor()
    await judge(of)
  }
  /** The provider reports this about the newest session, and the success page says what it means. */
  const hear = async (report: string, status: string) => {
    const session = (await shop.payment(await visitor.paymentId())).sessions.at(-1) as Session
    await visitor.thanks(session.id, session.order_id)
    await visitor.until('confirming')
    await judge('confirming')
    expect((await shop.report(reportOf(session, report))).status).toBe(200)
    await visitor.until(status)
    await judge(status)
    await page.locator('.verdict a.main').click()
  }

  await see('orders-none', '/orders', 'main p')
  await see('order-unknown', '/orders/none', 'main p')
  await see('cart-empty', '/cart', 'main p')
  await see('needs-attention', '/thanks', '.verdict.needs_attention')
  await see('shop', '/', '.good button')
  const more = page.getByRole('button', { name: 'Add to cart' })
  while ((await more.count()) > 0) await more.first().click()
  await judge('shop-chosen')
  await see('cart', '/cart', 'form button.main')
  await context.setOffline(true)
  await visitor.payButton.click()
  await visitor.untilSaid('There is no connection.')
  await judge('cart-offline')
  await context.setOffline(false)
  await page.waitForURL(/\/sandbox\/checkout\//)
  await hear('payment.failed', 'failed')
  await visitor.pay()
  await hear('payment.expired', 'expired')
  await visitor.pay()
  await visitor.choose('pay')
  await visitor.until('paid')
  await judge('paid')
  await see('orders', '/orders', '.orders a')
  await page.locator('.orders a').click()
  await page.locator('.status.paid').waitFor()
  await judge('order')
  await context.close()
})
