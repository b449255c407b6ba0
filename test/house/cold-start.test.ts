// An isolate's start stays short. Milliseconds depend on the machine, so what is held is how much there is to do.
import path from 'node:path'
import { expect, it } from 'vitest'
import { callsIn, totalOf } from '../../scripts/cold/loading.ts'
import { bundleOf } from '../../scripts/local/build.ts'
import { mostStartCalls } from '../../scripts/sizes.ts'
import { root } from './sources.ts'

it(`the Worker is loaded with at most ${mostStartCalls} function calls`, async () => {
  const calls = callsIn(path.join(await bundleOf(root), 'index.js'))
  expect(totalOf(calls)).toBeLessThanOrEqual(mostStartCalls)
  // So that this would notice a counter that no longer sees the bundle.
  expect(calls.zod).toBeGreaterThan(1_000)
  expect(calls['src/http']).toBeGreaterThan(50)
})
