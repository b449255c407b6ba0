// What customers load stays small: the storefront kit is built as it is published, the demo store as it is served, and both are weighed.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  buildKit,
  buildStore,
  gzippedBytes,
  kitLimitBytes,
  storeLimitBytes,
} from '../../scripts/storefront/build.ts'
import { root } from './sources.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-kit-'))
beforeAll(() => buildKit(root, folder))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the storefront kit', () => {
  it(`is at most ${kitLimitBytes} bytes, gzipped`, () => {
    expect(gzippedBytes(path.join(folder, 'index.js'))).toBeLessThanOrEqual(kitLimitBytes)
  })

  it('has React bindings that bring neither React nor the kit a second time', () => {
    expect(gzippedBytes(path.join(folder, 'react.js'))).toBeLessThanOrEqual(1_000)
  })
})

describe('the demo store', () => {
  it(`loads at most ${storeLimitBytes} bytes, gzipped, React and all`, () => {
    const pages = path.join(folder, 'store')
    buildStore(root, pages)
    const files = readdirSync(path.join(pages, 'assets')).map((name) => path.join(pages, 'assets', name))
    const bytes = files.map(gzippedBytes).reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeGreaterThan(kitLimitBytes)
    expect(bytes).toBeLessThanOrEqual(storeLimitBytes)
  })
})
