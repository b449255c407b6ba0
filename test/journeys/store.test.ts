// The demo store in a real browser: whatever customers do, they pay once, and no page says more than the gateway knows.
import type { Route } from 'playwright-core'
import { describe, expect, inject, it } from 'vitest'
import { browserOfThisFile } from './support/browser.ts'
import { type Payment, reportOf, type Session, shopOf } from './support/shop.ts'
import { visitorOf } from './support/store-visit.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const coffee = 'Add to cart: Highland coffee'
const jam = 'Add to cart: Apricot jam'
const opening = `${dev.url}/v1/payment-sessions`

const browser = browserOfThisFile()

type Visitor = Awaited<ReturnType<typeof visitorOf>>

/** One visitor for each test, gone when it ends. */
async function visiting(act: (visitor: Visitor) => Promise<void>, options = {}): Promise<void> {
  const visitor = await visitorOf(browser(), dev, options)
  try {
    await act(visitor)
  } finally {
    await visitor.context.close()
  }
}

/** What the merchant's back end knows of a visitor's order. */
const paymentOf = async ({ paymentId }: Pick<Visitor, 'paymentId'>) => shop.payment(await paymentId())

async function firstSession(visitor: Pick<Visitor, 'paymentId'>): Promise<Session> {
  const { sessions } = await paymentOf(visitor)
  return sessions[0] as Session
}

const statusesOf = (payment: Payment) => payment.sessions.map(({ status }) => status)

describe('a customer', () => {
  it('pays for the cart, is thanked when the gateway knows, and sees the order go through', () =>
    visiting(async (visitor) => {
      const { page } = visitor
      await page.getByRole('button', { name: coffee }).waitFor()
      await visitor.picture('1-shop')
      await visitor.fill(coffee, jam)
      await visitor.picture('2-cart')
      await visitor.pay()
      await visitor.choose('pay')
      await visitor.until('paid')
      await visitor.picture('3-thanks')
      await page.getByRole('link', { name: 'See your order' }).click()
      await page.locator('.status.paid').waitFor()
      const crm = page.locator('.heard dl > div', { hasText: 'crm' })
      await crm.getByText('payment.paid').waitFor()
      await visitor.picture('4-order')
      await page.getByRole('link', { name: 'Cart', exact: true }).click()
      await page.getByText('Your cart is empty.').waitFor()
    }))

  it('who is declined is told that nothing was taken, and pays the same order at the second attempt', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.pay()
      await visitor.choose('decline')
      await visitor.until('failed')
      await visitor.picture('5-declined')
      await visitor.page.getByRole('link', { name: 'Try again' }).click()
      await visitor.pay()
      await visitor.choose('pay')
      await visitor.until('paid')
      expect(statusesOf(await paymentOf(visitor))).toEqual(['failed', 'completed'])
    }))

  it('can do it all with the keyboard', () =>
    visiting(async (visitor) => {
      await visitor.page.getByRole('button', { name: coffee }).press('Enter')
      await visitor.page.getByRole('link', { name: 'Cart (1)' }).press('Enter')
      await visitor.payButton.press('Enter')
      await visitor.page.waitForURL(/\/sandbox\/checkout\//)
    }))
})

describe('one payment, however impatient the customer', () => {
  it.each([
    ['as it is', { lateMs: 0, slower: 1 }],
    ['when the gateway’s answer is late', { lateMs: 400, slower: 1 }],
    ['when scripts are six times slower', { lateMs: 0, slower: 6 }],
  ])('is opened by a double click: %s', (_, { lateMs, slower }) =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      const keys = new Set<string | undefined>()
      await visitor.page.route(opening, async (route) => {
        keys.add(route.request().headers()['idempotency-key'])
        setTimeout(() => void route.continue(), lateMs)
      })
      await visitor.slowDown(slower)
      await visitor.payButton.dblclick()
      await visitor.page.waitForURL(/\/sandbox\/checkout\//)
      await visitor.slowDown(1)
      await visitor.choose('pay')
      await visitor.until('paid')
      expect(keys.size).toBe(1)
      expect((await paymentOf(visitor)).sessions).toHaveLength(1)
    }),
  )

  it('is opened once though the page is reloaded before the answer came', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      const answered = Promise.withResolvers<void>()
      // The page never hears of it, and only this first request is caught.
      const deaf = async (route: Route) => {
        await route.fetch()
        answered.resolve()
      }
      await visitor.page.route(opening, deaf, { times: 1 })
      await visitor.payButton.click()
      await answered.promise
      await visitor.page.reload()
      await visitor.pay()
      await visitor.choose('pay')
      await visitor.until('paid')
      expect((await paymentOf(visitor)).sessions).toHaveLength(1)
    }))

  it('stays paid when the success page is reloaded, and is not opened again by the back button', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.pay()
      await visitor.choose('pay')
      await visitor.until('paid')
      await visitor.page.reload()
      await visitor.until('paid')
      await visitor.page.goBack()
      await visitor.page.waitForURL(/\/sandbox\/checkout\//)
      await visitor.page.goBack()
      await visitor.page.waitForURL(/\/cart$/)
      await visitor.page.getByText('Your cart is empty.').waitFor()
      expect((await paymentOf(visitor)).sessions).toHaveLength(1)
    }))

  it('is one checkout in two tabs, where only one can pay', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      const other = await visitor.newTab()
      await other.toCart()
      await Promise.all([visitor.pay(), other.pay()])
      expect(other.page.url()).toBe(visitor.page.url())
      await visitor.choose('pay')
      await visitor.until('paid')
      await other.page.locator('button[value=pay]').click()
      await other.page.getByText('This checkout is over.').waitFor()
      const payment = await paymentOf(visitor)
      expect(payment).toMatchObject({ status: 'paid', excess_captured: 0 })
      expect(payment.sessions).toHaveLength(1)
    }))

  it('is opened once when the network goes and comes back', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.context.setOffline(true)
      await visitor.payButton.click()
      await visitor.untilSaid('There is no connection.')
      await visitor.picture('6-offline')
      await visitor.context.setOffline(false)
      await visitor.page.waitForURL(/\/sandbox\/checkout\//)
      await visitor.choose('pay')
      await visitor.until('paid')
      expect((await paymentOf(visitor)).sessions).toHaveLength(1)
    }))

  it('takes another way to pay, and ends the checkout that was open', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.pay()
      await visitor.toCart()
      await visitor.page.getByLabel('Stripe').check()
      await visitor.payButton.click()
      await visitor.page.waitForURL(({ href }) => !href.startsWith(dev.store_url))
      expect(statusesOf(await paymentOf(visitor))).toEqual(['canceled', 'open'])
    }))
})

describe('the success page', () => {
  it('says confirming until the report arrives, and then says paid without a reload', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.pay()
      await visitor.toCart()
      const session = await firstSession(visitor)
      await visitor.thanks(session.id, session.order_id)
      await visitor.until('confirming')
      await visitor.picture('7-confirming')
      expect((await shop.report(reportOf(session, 'payment.captured'))).status).toBe(200)
      await visitor.until('paid')
    }))

  it('claims nothing while the network is away, and says paid when it is back', () =>
    visiting(async (visitor) => {
      const { page, context } = visitor
      await visitor.fill(coffee)
      await visitor.pay()
      await visitor.toCart()
      const session = await firstSession(visitor)
      // Only asking is left: a browser that is told to be offline keeps the sockets that it has.
      await page.routeWebSocket(/\/live/, (socket) => socket.close())
      await visitor.thanks(session.id, session.order_id)
      await visitor.until('confirming')
      await context.setOffline(true)
      await page.locator('.verdict.confirming', { hasText: 'There is no connection.' }).waitFor()
      await shop.report(reportOf(session, 'payment.captured'))
      await context.setOffline(false)
      await visitor.until('paid')
    }))

  it('says paid when the report never comes, because the gateway asks', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.pay()
      await visitor.choose('pay', 'lost')
      await visitor.until('paid')
    }))

  it('is followed by the truth when a declined payment arrives late after all', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.pay()
      await visitor.choose('decline')
      await visitor.until('failed')
      const session = await firstSession(visitor)
      await shop.report(reportOf(session, 'payment.captured'))
      await visitor.page.getByRole('link', { name: 'Try again' }).click()
      await visitor.payButton.click()
      await visitor.page.getByText('Your payment has arrived.').waitFor()
      expect(await paymentOf(visitor)).toMatchObject({ status: 'paid', flags: ['late_payment'] })
    }))

  it('says that the time is over when the session has expired, and lets the customer try again', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.pay()
      await visitor.toCart()
      const session = await firstSession(visitor)
      await shop.report(reportOf(session, 'payment.expired'))
      await visitor.thanks(session.id, session.order_id)
      await visitor.until('expired')
      await visitor.picture('8-expired')
      await visitor.page.getByRole('link', { name: 'Try again' }).click()
      await visitor.pay()
      await visitor.choose('pay')
      await visitor.until('paid')
    }))

  it('claims nothing in a browser that did not open the session', () =>
    visiting((stranger) =>
      visiting(async (visitor) => {
        await visitor.fill(coffee)
        await visitor.pay()
        await visitor.choose('pay')
        await visitor.until('paid')
        await stranger.page.goto(visitor.page.url())
        await stranger.until('needs_attention')
        await stranger.picture('9-stranger')
      }),
    ))
})

describe('an amount from the browser', () => {
  it('is refused, and nothing is opened', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.page.route(opening, (route) => {
        const body = { ...route.request().postDataJSON(), amount: 1, currency: 'AMD' }
        return route.continue({ postData: JSON.stringify(body) })
      })
      await visitor.payButton.click()
      await visitor.page.locator('.said.needs_attention').waitFor()
      expect(await visitor.orders()).toEqual([])
    }))

  it('in the cart changes nothing: the store prices what is in it', () =>
    visiting(async (visitor) => {
      await visitor.fill(coffee)
      await visitor.page.route(opening, (route) => {
        const body = route.request().postDataJSON()
        body.quote.items[0].price = 1
        body.quote.amount = 1
        return route.continue({ postData: JSON.stringify(body) })
      })
      await visitor.pay()
      await visitor.toCart()
      expect(await firstSession(visitor)).toMatchObject({ amount: 480_000, currency: 'AMD' })
    }))
})

describe('a small screen', () => {
  it.each([
    ['light', 'ru'],
    ['dark', 'hy'],
  ] as const)('shows every page without scrolling sideways, %s and in %s', (colorScheme, locale) =>
    visiting(
      async (visitor) => {
        const { page } = visitor
        const look = async (name: string) => {
          await visitor.picture(`phone-${colorScheme}-${name}`)
          expect([name, await visitor.overflow()]).toEqual([name, 0])
        }
        await page.locator('.good button').first().click()
        await look('shop')
        await visitor.toCart()
        await look('cart')
        await visitor.pay()
        await visitor.choose('pay')
        await visitor.until('paid')
        await look('thanks')
        await page.goto(new URL('/orders', dev.store_url).href)
        await page.locator('.orders a').click()
        await page.locator('.status.paid').waitFor()
        await look('order')
      },
      { viewport: { width: 360, height: 720 }, colorScheme, locale, deviceScaleFactor: 2 },
    ),
  )
})
