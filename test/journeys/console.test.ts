// The operator's desk in a real browser: each page by axe, light, dark and at phone width, and without script or mouse.
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { browserOfThisFile } from './support/browser.ts'
import { scenesOf, tokenOf } from './support/desk-scenes.ts'
import { type Visit, visitDesk } from './support/desk-visit.ts'
import { eventually } from './support/eventually.ts'
import { type OwnSystem, ownSystem } from './support/own-system.ts'
import { shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const scenes = scenesOf(shop, dev)
const browser = browserOfThisFile()

describe('every page keeps to WCAG AA and to its width, in light, in dark and on a phone', () => {
  let visit: Visit
  let system: OwnSystem

  beforeAll(async () => {
    system = await ownSystem(shop)
    visit = await visitDesk(browser(), dev, await tokenOf(shop, 'admin'))
    return async () => {
      await visit.context.close()
      await system.end()
    }
  })

  it('overview, payments, a payment in trouble and one that is only held', async () => {
    system.answers = 500
    const paid = await scenes.chosen('pay', 'paid')
    const held = await scenes.chosen('pay', 'authorized', { capture_method: 'manual' })
    await scenes.aFailure(system, paid)
    const pages = { overview: '', payments: '/payments', payment: `/payments/${paid.payment_id}` }
    for (const [of, place] of Object.entries({ ...pages, held: `/payments/${held.payment_id}` })) {
      await visit.open(place)
      await visit.judge(of)
    }
    system.answers = 200
  })

  it('exceptions, and one of them', async () => {
    const exception = await scenes.anException()
    for (const [of, place] of Object.entries({ exceptions: '', exception: `/${exception}` })) {
      await visit.open(`/exceptions${place}`)
      await visit.judge(of)
    }
    await visit.open('/exceptions?language=hy')
    await visit.judge('exceptions-hy')
    await visit.open('/exceptions?language=en')
  })

  it('destinations, one of them, and the answer that shows its new secret once', async () => {
    await visit.open('/destinations')
    await visit.judge('destinations')
    await visit.open(`/destinations/${system.id}`)
    await visit.judge('destination')
    expect(await visit.act('rotate')).toContain('shown this once')
    await visit.judge('destination-secret')
  })

  it('connections, one of them, and what its provider says to its credentials', async () => {
    const connection = await scenes.aConnection()
    await visit.open('/connections')
    await visit.judge('connections')
    await visit.open(`/connections/${connection}`)
    expect(await visit.act('try')).toContain('Accepted')
    await visit.judge('connection')
  })

  it('reconciliations, and one with what differs', async () => {
    const settlement = await scenes.aSettlement()
    await visit.open('/reconciliations')
    await visit.judge('reconciliations')
    await visit.open(`/reconciliations/${settlement}`)
    await visit.judge('reconciliation')
  })

  it('audit, with a payment’s journal and the admin log verified', async () => {
    const { payment_id } = await scenes.chosen('decline', 'failed')
    await visit.open(`/audit?payment=${payment_id}&verify=yes`)
    await visit.judge('audit')
  })

  it('operators and keys, and the answer that shows a token once', async () => {
    await visit.open('/operators')
    expect(await visit.act('operator', { name: 'Vahe', role: 'viewer' })).toContain('op_')
    await visit.judge('operators-token')
    await visit.open('/operators')
    expect(await visit.page.locator('#secret').count()).toBe(0)
    await visit.judge('operators')
  })

  it('what is refused, what is not there, and the page for logging in', async () => {
    await visit.open('/connections?provider=arca')
    expect(
      await visit.act('connect', {
        'credentials.username': 'shop',
        'credentials.password': 'x',
        settings: '{',
      }),
    ).toContain('not a JSON object')
    await visit.judge('refused')
    await visit.open('/payments/pay_nothing')
    await visit.judge('not-found')
    await visit.page.locator('.who button').click()
    await visit.judge('login')
  })
})

describe('the console', () => {
  it('works without script: an exception is found, resolved with a reason, and seen resolved', async () => {
    const exception = await scenes.anException()
    const { page, ...visit } = await visitDesk(browser(), dev, await tokenOf(shop, 'operator'), {
      javaScriptEnabled: false,
    })
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
    await visit.context.close()
  })

  it('is used by keyboard alone: the first stop skips the menu, and a folded action opens', async () => {
    const { payment_id } = await scenes.chosen('pay', 'paid')
    const { page, ...visit } = await visitDesk(browser(), dev, await tokenOf(shop, 'operator'))
    await visit.open(`/payments/${payment_id}`)
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

  it('looks for news by itself: a destination that somebody else pauses is seen paused', async () => {
    const system = await ownSystem(shop)
    const { page, ...visit } = await visitDesk(browser(), dev, await tokenOf(shop, 'viewer'))
    await page.clock.install()
    await visit.open(`/destinations/${system.id}`)
    expect(await visit.text('#state .tag')).toBe('takes events')
    await shop.call('POST', `/v1/destinations/${system.id}/pause`)
    await page.clock.fastForward(10_000)
    await page.locator('#state .tag', { hasText: 'paused' }).waitFor()
    await visit.context.close()
    await system.end()
  })
})
