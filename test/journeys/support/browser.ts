/** A headless browser for journeys, found once for all of them (`programs.ts`). */
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, inject } from 'vitest'
import { findPrograms, noBrowser, type Programs } from './programs.ts'

/** A fresh browser; whoever launches it closes it. Throws, and says what would help, on a machine that has none. */
export async function launchBrowser(): Promise<Browser> {
  // Journeys with a system of their own have no common set-up.
  const known = inject('programs') as Programs | undefined
  const { chromium: executablePath } = known ?? findPrograms()
  if (executablePath === null) throw new Error(noBrowser)
  return chromium.launch({ executablePath, headless: true, args: ['--disable-dev-shm-usage'] })
}

/** One browser for a file's tests, there while they run. */
export function browserOfThisFile(): () => Browser {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())
  return () => {
    if (browser === undefined) throw new Error('The browser is there only while tests run.')
    return browser
  }
}
