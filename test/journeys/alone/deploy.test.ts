/** A deployment as far as it goes without Cloudflare: the plan, and the bundle of each environment. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { environments } from '../../../scripts/deploy/environments.ts'
import { outcomeOf } from '../support/system.ts'

const checkout = path.resolve(import.meta.dirname, '../../..')
const bootstrapped = (...args: string[]) =>
  outcomeOf(
    spawn(process.execPath, [path.join(checkout, 'scripts/bootstrap.mjs'), ...args], {
      ...{ cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'] },
    }),
  )

it('prints its plan without the network', async () => {
  const { code, said } = await bootstrapped('scripts/deploy.ts', '--env', 'production', '--dry-run')
  expect(said).toContain('wrangler queues create tollgate-production-journal-dead')
  expect(code).toBe(0)
})

it.each([[[]], [['--env', 'moon']]])('says what it takes when it is asked for %j', async (args) => {
  const { code, said } = await bootstrapped('scripts/deploy.ts', ...args)
  expect(said).toContain('Usage: npm run deploy -- --env')
  expect(code).toBe(2)
})

/** Wrangler's warning of the vars that an environment leaves out; it does so because they have their defaults then. */
const ofVars =
  /.*WARNING.*\n\s*- .*environment configuration\s*\n\s*- The following vars exist[^:]*:\s*\n(\s+- [A-Z_]+\n)+/

it.each(environments)('builds for %s without a warning', async (name) => {
  const { code, said } = await bootstrapped('--bin', 'wrangler', 'deploy', '--dry-run', '--env', name)
  expect(said).toContain(`tollgate-${name}-deliveries`)
  expect(said.replace(ofVars, '')).not.toMatch(/warning/i)
  expect(code).toBe(0)
})
