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

/** A refusal is an answer like any other, and a network may be away; browsers write both down. */
const expected = /status of 4\d\d|ERR_INTERNET_DISCONNECTED/

interface Violation {
  id: string
  nodes: { html: string; any: { message: string }[] }[]
}

/**
 * A judge of what this page shows from now on, with all that is folded in it. The pictures lie in this folder, and are named
 * after what is judged.
 */
export function judgeOf(page: Page, folder: string): (of: string) => Promise<void> {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (line) => {
    if (line.type() === 'error' && !expected.test(line.text())) complaints.push(line.text())
  })
  async function lookAs(look: keyof typeof looks): Promise<void> {
    const { colorScheme, size } = looks[look]
    // A colour on its way to another would be judged as it is passing.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(size)
  }
  return async (of) => {
    for (const look of names) {
      await lookAs(look)
      await page.screenshot({ path: path.join(screens, folder, `${of}-${look}.png`), fullPage: true })
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
