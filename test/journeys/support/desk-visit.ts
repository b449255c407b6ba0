/**
 * An operator at the console in a real browser: logs in, fills in forms as they stand, has each page judged by axe in every
 * look, and leaves pictures for people to look at.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Dev } from './system.ts'

const screens = path.resolve(import.meta.dirname, '../../../.local/screens/console')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.2 up to AA, and what axe's authors advise besides. */
const everything = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const [colours, places] = [['color-contrast'], ['target-size', 'scrollable-region-focusable']]

const desktop = { width: 1280, height: 720 }
/**
 * One page is looked at in all of them, since to open it again costs more than to look at it; each is judged by what may be
 * otherwise than in those before.
 */
const looks = {
  light: { colorScheme: 'light', size: desktop, rules: everything },
  dark: { colorScheme: 'dark', size: desktop, rules: colours },
  phone: { colorScheme: 'light', size: { width: 390, height: 844 }, rules: places },
} as const
const names = Object.keys(looks) as (keyof typeof looks)[]

interface Violation {
  id: string
  nodes: { html: string; any: { message: string }[] }[]
}

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
  mkdirSync(screens, { recursive: true })
  // A colour on its way to another would be judged as it is passing.
  const usual = { timezoneId: 'Asia/Yerevan', locale: 'en-GB', reducedMotion: 'reduce' } as const
  const context = await browser.newContext({ ...usual, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  // The page for logging in is a 401, and a refusal a 4xx, which browsers write down too.
  page.on('console', (line) => {
    if (line.type() === 'error' && !/status of 4\d\d/.test(line.text())) complaints.push(line.text())
  })
  await page.goto(`${dev.url}/console/audit`)
  await page.getByLabel('Operator token').fill(token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL(`${dev.url}/console/audit`)

  async function lookAs(look: keyof typeof looks): Promise<void> {
    const { colorScheme, size } = looks[look]
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize(size)
  }

  /** Keeps pictures of the page as it stands, and holds it, with all that is folded in it, to WCAG AA and to its width. */
  async function judge(of: string): Promise<void> {
    for (const look of names) {
      await lookAs(look)
      await page.screenshot({ path: path.join(screens, `${of}-${look}.png`), fullPage: true })
    }
    await page.evaluate('for (const folded of document.querySelectorAll("details")) folded.open = true')
    for (const look of names) {
      await lookAs(look)
      const root = 'document.documentElement'
      const over = await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`)
      expect(over, `${of} fits its width: ${look}`).toBe(0)
      expect(await violationsOf(page, looks[look].rules), `${of}: ${look}`).toEqual([])
    }
    expect(complaints, of).toEqual([])
  }

  return {
    ...{ page, context, judge, ...formsOf(page), text: textIn(page) },
    open: (place: string) => page.goto(`${dev.url}/console${place}`),
  }
}

async function violationsOf(page: Page, rules: readonly string[]): Promise<string[]> {
  // Not as a script of the page, which its policy forbids.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe)
  const options = { runOnly: rules, preload: false, resultTypes: ['violations'] }
  const run = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`
  const violations = (await page.evaluate(run)) as Violation[]
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
  )
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
