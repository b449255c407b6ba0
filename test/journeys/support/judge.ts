/**
 * Whether a page may be shown to everybody: axe's word by WCAG AA, whether it fits its width, and what its browser complains
 * of; in every look, with pictures of each for people to look at.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const screens = path.resolve(import.meta.dirname, '../../../.local/screens')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.2 up to AA, and what axe's authors advise besides. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const desktop = { width: 1_280, height: 720 }
/** One page is looked at in all of them, since to open it again costs more than to look at it. */
const looks = {
  light: { colorScheme: 'light', size: desktop },
  dark: { colorScheme: 'dark', size: desktop },
  phone: { colorScheme: 'light', size: { width: 360, height: 720 } },
} as const

/** A refusal is an answer like any other, and a network may be away; browsers write both down. */
const expected = /status of 4\d\d|ERR_INTERNET_DISCONNECTED/

interface Violation {
  id: string
  nodes: { html: string; any: { message: string }[] }[]
}

/** A judge of what this page shows from now on, whose pictures lie in this folder. */
export function judgeOf(page: Page, folder: string): (of: string) => Promise<void> {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (line) => {
    if (line.type() === 'error' && !expected.test(line.text())) complaints.push(line.text())
  })
  /** Judges the page as it stands. */
  return async (of) => {
    const before = page.viewportSize() ?? desktop
    for (const [look, { colorScheme, size }] of Object.entries(looks)) {
      // A colour on its way to another would be judged as it is passing.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize(size)
      await page.screenshot({ path: path.join(screens, folder, `${of}-${look}.png`), fullPage: true })
      const root = 'document.documentElement'
      const over = await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`)
      expect(over, `${of} fits its width: ${look}`).toBe(0)
      expect(await violationsOf(page), `${of}: ${look}`).toEqual([])
    }
    await page.setViewportSize(before)
    expect(complaints, of).toEqual([])
  }
}

async function violationsOf(page: Page): Promise<string[]> {
  // Not as a script of the page, which its policy forbids.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe)
  const run = `axe.run(document, { runOnly: ${JSON.stringify(rules)} })`
  const { violations } = (await page.evaluate(run)) as { violations: Violation[] }
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
  )
}
