/** An operator at the console in a real browser: logs in, has each page judged by axe, and leaves pictures for people to look at. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Dev } from './system.ts'

const screens = path.resolve(import.meta.dirname, '../../../.local/screens/console')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.2 up to AA, and what axe's authors advise besides. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Violation {
  id: string
  nodes: { html: string; any: { message: string }[] }[]
}

export type Visit = Awaited<ReturnType<typeof visitDesk>>

/** A browser of its own kind (`name` stands in its pictures' names) that has logged in with this token. */
export async function visitDesk(
  browser: Browser,
  dev: Dev,
  token: string,
  { name, ...options }: BrowserContextOptions & { name: string },
) {
  mkdirSync(screens, { recursive: true })
  const context = await browser.newContext({ timezoneId: 'Asia/Yerevan', locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  // The page for logging in is a 401, which browsers write down too.
  page.on('console', (line) => {
    if (line.type() === 'error' && !/status of 4\d\d/.test(line.text())) complaints.push(line.text())
  })
  await page.goto(`${dev.url}/console/payments`)
  await page.getByLabel('Operator token').fill(token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL(`${dev.url}/console/payments`)

  const picture = (of: string) =>
    page.screenshot({ path: path.join(screens, `${of}-${name}.png`), fullPage: true, animations: 'disabled' })

  /** Holds the page as it stands to WCAG AA and to its width, and keeps a picture of it. */
  async function judge(of: string): Promise<void> {
    await picture(of)
    const root = 'document.documentElement'
    expect(await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`), `${of} fits its width`).toBe(0)
    expect(await violationsOf(page), of).toEqual([])
    expect(complaints, of).toEqual([])
  }

  return {
    page,
    context,
    picture,
    judge,
    open: (place: string) => page.goto(`${dev.url}/console${place}`),
  }
}

async function violationsOf(page: Page): Promise<string[]> {
  // Not as a script of the page, which its policy forbids.
  await page.evaluate(axe)
  const run = `axe.run(document, { runOnly: ${JSON.stringify(rules)} })`
  const { violations } = (await page.evaluate(run)) as { violations: Violation[] }
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
  )
}
