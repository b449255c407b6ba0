// The operator's desk in a real browser: each page by axe, light and dark, at phone width and without script; and each action.
import { describe, expect, inject, it } from 'vitest'
import { browserOfThisFile } from './support/browser.ts'
import { visitDesk } from './support/desk-visit.ts'
import { eventually } from './support/eventually.ts'
import { orderNumber, reportOf, shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const browser = browserOfThisFile()

/** A payment that was paid, and one whose report names another amount. */
async function aPaid() {
  const order_id = orderNumber()
  const { body: session } = await shop.open({ order_id })
  await shop.checkOut(session)
  await shop.untilPaid(session.payment_id)
  return { order_id, path: `/payments/${session.payment_id}` }
}

async function anException(): Promise<string> {
  const { body: session } = await shop.open({ order_id: orderNumber() })
  await shop.report(reportOf(session, 'payment.captured', { amount: 1 }))
  return eventually(async () => {
    const { body } = await shop.call('GET', '/v1/exceptions?status=open')
    const found = (body.data as { id: string; payment_id: string }[]).find(
      ({ payment_id }) => payment_id === session.payment_id,
    )
    if (found === undefined) throw new Error('The exception is not in the list yet.')
    return found.id
  })
}

describe('the console', () => {
  it.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 844 } }],
  ] as const)('keeps to WCAG AA and to its width on each page: %s', async (name, options) => {
    const { path } = await aPaid()
    const exception = await anException()
    const visit = await visitDesk(browser(), dev, dev.operator_token, { name, ...options })
    const pages = { overview: '', payments: '/payments', payment: path, exceptions: '/exceptions' }
    for (const [of, place] of Object.entries({ ...pages, exception: `/exceptions/${exception}` })) {
      await visit.open(place)
      await visit.judge(of)
    }
    await visit.open('/exceptions?language=hy')
    await visit.judge('exceptions-hy')
    await visit.page.locator('.who button').click()
    await visit.judge('login')
    await visit.context.close()
  })

  it('lets an operator refund a payment that it has found, and writes the time of the operator’s zone', async () => {
    const { order_id } = await aPaid()
    const visit = await visitDesk(browser(), dev, dev.operator_token, { name: 'refund' })
    const { page } = visit
    await eventually(async () => {
      await visit.open(`/payments?q=${order_id}`)
      if ((await page.getByRole('link', { name: order_id }).count()) === 0)
        throw new Error('It is not listed yet.')
    })
    await page.getByRole('link', { name: order_id }).click()
    await page.locator('summary', { hasText: 'Refund' }).click()
    await page.getByLabel('Amount, AMD').fill('500')
    await page.getByRole('button', { name: 'Refund' }).click()
    await page.getByRole('status').waitFor()
    expect(await page.getByText('Times in Asia/Yerevan').count()).toBe(1)
    expect(
      await page
        .locator('.facts')
        .getByText(/^AMD\s500\.00$/)
        .count(),
    ).toBe(1)
    await visit.judge('refunded')
    await visit.context.close()
  })

  it('works without script: an exception is found, resolved with a reason, and seen resolved', async () => {
    const exception = await anException()
    const visit = await visitDesk(browser(), dev, dev.operator_token, {
      name: 'plain',
      javaScriptEnabled: false,
    })
    const { page } = visit
    await visit.open('/exceptions')
    await page.locator(`a[href="/console/exceptions/${exception}"]`).click()
    await page.getByLabel('Resolution').fill('checked')
    await page.getByLabel('Note').fill('The bank shows the whole amount.')
    await page.getByRole('button', { name: 'Resolve' }).click()
    await page.getByRole('status').waitFor()
    await eventually(async () => {
      await page.reload()
      if ((await page.getByText('The bank shows the whole amount.').count()) === 0)
        throw new Error('It is open still.')
    })
    await visit.picture('resolved')
    await visit.context.close()
  })

  it('is used by keyboard alone: the first stop skips the menu, and a folded action opens', async () => {
    const { path } = await aPaid()
    const visit = await visitDesk(browser(), dev, dev.operator_token, { name: 'keyboard' })
    const { page } = visit
    await visit.open(path)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.className')).toBe('skip')
    await page.keyboard.press('Enter')
    await page.locator('summary', { hasText: 'Ask the provider' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('status').waitFor()
    await visit.context.close()
  })
})
