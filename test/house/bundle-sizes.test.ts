// What is loaded stays small: everything is built as it is shipped, and weighed. The limits are those that the build prints.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../../scripts/local/build.ts'
import { filesIn, gzippedBytes, limits, workerFiles } from '../../scripts/sizes.ts'
import { buildKit, buildStore } from '../../scripts/storefront/build.ts'
import { root } from './sources.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-kit-'))
beforeAll(() => buildKit(root, folder))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the storefront kit', () => {
  it(`is at most ${limits.kit} bytes, gzipped`, () => {
    expect(gzippedBytes(path.join(folder, 'index.js'))).toBeLessThanOrEqual(limits.kit)
  })

  it('has React bindings that bring neither React nor the kit a second time', () => {
    expect(gzippedBytes(path.join(folder, 'react.js'))).toBeLessThanOrEqual(limits.kitReact)
  })
})

describe('the demo store', () => {
  it(`loads at most ${limits.store} bytes, gzipped, React and all`, () => {
    const pages = path.join(folder, 'store')
    buildStore(root, pages)
    const bytes = gzippedBytes(...filesIn(path.join(pages, 'assets')))
    expect(bytes).toBeGreaterThan(limits.kit)
    expect(bytes).toBeLessThanOrEqual(limits.store)
  })
})

describe('the Worker', () => {
  let built = ''
  let code = ''
  beforeAll(async () => {
    built = await bundleOf(root)
    code = workerFiles(built)
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
  })

  it(`is less than ${limits.worker} bytes, gzipped`, () => {
    expect(gzippedBytes(...workerFiles(built))).toBeLessThan(limits.worker)
    // What it does carry, so that this test would notice a bundle of another name.
    expect(code.includes('idempotency_key_missing')).toBe(true)
  })

  it.each([
    ['openapi.json', 'openPaymentSession'],
    ['docs/reference.js', '@scalar'],
    ['console/desk.js', '[data-live]'],
    ['console/desk.css', '--good-ground'],
  ])('has %s beside it and not within it', (file, words) => {
    // Not as texts that are compared: a failure would print the whole of them.
    expect(readFileSync(path.join(built, 'public', file), 'utf8').includes(words)).toBe(true)
    expect(code.includes(words)).toBe(false)
  })
})
