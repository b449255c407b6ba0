// What the registry may not hold without: a provider joins with its contract, its fault tests, its page and its simulator.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { providerNames } from '../../src/providers/index.ts'
import { root, sources } from './sources.ts'

const tests = sources('test/pure', 'test/worker')
const callers = (call: RegExp) => tests.filter(({ text }) => call.test(text)).map(({ path: file }) => file)

describe.each(providerNames)('%s of the registry', (name) => {
  it('keeps the provider contract', () => {
    const files = callers(/^keepsTheProviderContract\(/m)
    expect(files.filter((file) => file.endsWith(`/${name}-contract.test.ts`))).toHaveLength(1)
  })

  it('shows that a lost answer to open, capture and refund moves money once', () => {
    expect(callers(new RegExp(`^(movesMoneyOnce|accountsForLostAnswers)\\('${name}', `, 'm'))).toHaveLength(1)
  })

  const ofOthers = name === 'sandbox' ? it.skip : it
  // reason: the sandbox is in the deployment itself; it is its own simulator and needs no set-up
  ofOthers('has a simulator, and a page that says how to connect it', () => {
    for (const file of [`test/simulators/${name}.ts`, `docs/providers/${name}.md`])
      expect(existsSync(path.join(root, file)), file).toBe(true)
  })
})
