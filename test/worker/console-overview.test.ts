// The overview of the console, over the real Worker.
import { describe, expect, it, vi } from 'vitest'
import { deskOf } from './console-browser.ts'
import { aTill, click } from './till.ts'

describe('the overview', () => {
  it('counts the newest payments by status and provider, and tells a chart in words', async () => {
    const till = await aTill()
    for (const choice of ['pay', 'pay', 'decline']) await click(await till.open(), choice)
    const browser = await deskOf(till).loggedIn('viewer')
    const text = await vi.waitFor(async () => {
      const seen = await browser.see('/console')
      expect(seen.text).toContain('aria-label="2 paid, 0 under way, 1 not paid"')
      return seen.text
    }, 10_000)
    expect(text).toContain('<dd>66.7%</dd>')
    expect(text).toMatch(/<td class="text">sandbox<\/td>\s*<td class="number">3<\/td>/)
  })

  it('says of each destination whether it takes deliveries, and what stops it', async () => {
    const till = await aTill()
    const body = { kind: 'crm', url: 'https://crm.example/hook', event_types: ['payment.disputed'] }
    const { id } = await till.json(201, '/v1/destinations', { body })
    const browser = await deskOf(till).loggedIn('viewer')
    expect((await browser.see('/console')).text).toMatch(/crm · crm\.example.*>active</s)
    await till.json(200, `/v1/destinations/${id}/pause`, { body: {} })
    expect((await browser.see('/console')).text).toContain('paused by a person')
  })

  it('has something to say where nothing has happened yet', async () => {
    const browser = await deskOf(await aTill()).loggedIn('viewer')
    const { status, text } = await browser.see('/console')
    expect(status).toBe(200)
    for (const part of ['No payment fits.', 'Nothing waits for a person.', 'There is no destination.'])
      expect(text).toContain(part)
  })
})
