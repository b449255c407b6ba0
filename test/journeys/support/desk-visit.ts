/** An operator at the console in a real browser: logs in, fills in forms as they stand, and has each page judged. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { judgeOf } from './judge.ts'
import type { Dev } from './system.ts'

/** What a form is filled in with: text for a field or a choice, or a file. */
export type Filled = Record<string, string | { name: string; mimeType: string; buffer: Buffer }>

export type Visit = Awaited<ReturnType<typeof visitDesk>>

/** A browser of its own kind that has logged in with this token. */
export async function visitDesk(
  browser: Browser,
  dev: Dev,
  token: string,
  options: BrowserContextOptions = {},
) {
  const usual = { timezoneId: 'Asia/Yerevan', locale: 'en-GB', reducedMotion: 'reduce' } as const
  const context = await browser.newContext({ ...usual, ...options })
  const page = await context.newPage()
  const judge = judgeOf(page, 'console')
  await page.goto(`${dev.url}/console/audit`)
  await page.getByLabel('Operator token').fill(token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL(`${dev.url}/console/audit`)

  return {
    ...{ page, context, judge, ...formsOf(page), text: textIn(page) },
    open: (place: string) => page.goto(`${dev.url}/console${place}`),
  }
}

/** What is written where the selector first fits, its white space in one piece. */
const textIn =
  (page: Page) =>
  async (selector: string): Promise<string> => {
    const written = await page.locator(selector).first().textContent()
    return (written ?? '').replace(/\s+/g, ' ').trim()
  }

function formsOf(page: Page) {
  /** Unfolds the form of this name, fills it in and sends it; answers what the next page says about it. */
  async function act(name: string, filled: Filled = {}): Promise<string> {
    const form = page.locator(`form.act#${name}`)
    const folded = page.locator('details:not([open])', { has: form })
    if ((await folded.count()) > 0) await folded.locator('> summary').click()
    for (const [field, value] of Object.entries(filled)) {
      const input = form.locator(`[name="${field}"]`)
      if (typeof value !== 'string') await input.setInputFiles(value)
      else if ((await form.locator(`select[name="${field}"]`).count()) > 0) await input.selectOption(value)
      else await input.fill(value)
    }
    // The next document lacks the mark.
    await page.evaluate('document.documentElement.dataset.left = "yes"')
    await form.locator('button').click()
    return textIn(page)('html:not([data-left]) main .notice[role]')
  }

  /** The names of the forms that the page offers, without the ids of what they are about. */
  async function offered(): Promise<string[]> {
    const look = '[...document.querySelectorAll("form.act")].map(({ id }) => id)'
    const ids = (await page.evaluate(look)) as string[]
    return [...new Set(ids.map((id) => id.replace(/-[a-z]{3}_\w+$/, '')))].sort()
  }

  /** Sends this page's address a form that the page may not have, as somebody would who knows it; answers the status. */
  async function send(name: string, fields: Record<string, string>): Promise<number> {
    const sent = JSON.stringify({ form_name: name, form_key: crypto.randomUUID(), ...fields })
    return page.evaluate(`(async () => {
      const body = new FormData()
      for (const [field, value] of Object.entries(${sent}))
        body.set(field, field === 'file' ? new File([value], 'settled.csv', { type: 'text/csv' }) : value)
      body.set('form_token', document.querySelector('[name="form_token"]').value)
      const { status } = await fetch(location.href, { method: 'POST', body, redirect: 'manual' })
      return status
    })()`)
  }

  return { act, offered, send }
}
