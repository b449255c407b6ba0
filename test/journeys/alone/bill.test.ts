/** `npm run bill`: that it finds what is counted. The counts themselves are held where they are made. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { outcomeOf } from '../support/system.ts'

const checkout = path.resolve(import.meta.dirname, '../../..')

it('prints what a million payments cost, and what a million of each rarer thing add', async () => {
  const bill = spawn(process.execPath, [path.join(checkout, 'scripts/bootstrap.mjs'), 'scripts/bill.ts'], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { code, said } = await outcomeOf(bill)
  expect(code, said).toBe(0)
  expect(said.match(/a million payments +\$ +\d+\.\d\d/g)).toHaveLength(3)
  expect(said).toMatch(/a refund, with its receipt in the answer .* \$ +\d+\.\d\d/)
})
