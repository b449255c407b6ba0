/** `npm run bench` in small: that it measures, not how fast anything is. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { outcomeOf } from '../support/system.ts'

const checkout = path.resolve(import.meta.dirname, '../../..')

const bench = (...args: string[]) =>
  outcomeOf(
    spawn(process.execPath, [path.join(checkout, 'scripts/bootstrap.mjs'), 'scripts/bench.ts', ...args], {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )

it('runs every measure against floor and gateway, and no answer is one that it should not be', {
  timeout: 300_000,
}, async () => {
  const { code, said } = await bench(
    '--seconds',
    '0.04',
    '--rounds',
    '1',
    '--callers',
    '16',
    '--state',
    'disk',
    '--recorded',
    '10',
  )
  expect(said).not.toContain('WRONG')
  expect(said).toContain(', 10 payments recorded, ')
  expect(code, said).toBe(0)
  const rows = said.split('\n').filter((line) => /^\| (session|signed|status|delivery)/.test(line))
  const loads = ['16 at once', '100 a second']
  const wanted = ['session opening', 'signed report', 'status read'].flatMap((measure) =>
    loads.map((load) => `${measure} ${load}`),
  )
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()))
  expect(cells.map(([, measure, load]) => `${measure} ${load}`)).toEqual([
    ...wanted,
    ...['delivery a backlog', 'delivery 100 a second'],
  ])
  for (const [, measure, , floor, gateway] of cells) {
    expect(Number(floor), `${measure}, floor`).toBeGreaterThan(0)
    expect(Number(gateway), `${measure}, gateway`).toBeGreaterThan(0)
  }
})

it('says what it takes when it is asked for something else', async () => {
  const { code, said } = await bench('--only', 'everything')
  expect(code).toBe(2)
  expect(said).toContain('Usage: npm run bench')
})
