// What customers load stays small: the storefront kit is built as it is published, and weighed.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildKit, gzippedBytes, kitLimitBytes } from '../../scripts/storefront/build.ts'
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
