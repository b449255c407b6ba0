import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { providersDocument, providersFile, providersTable } from '../../../scripts/print-providers.ts'
import { capabilitiesOf, providerNames } from '../../../src/providers/index.ts'

describe('docs/providers.md', () => {
  it('has the table that the adapters declare', () => {
    const advice = 'The adapters and docs/providers.md differ: run `npm run docs:providers`.'
    expect(readFileSync(providersFile, 'utf8'), advice).toBe(providersDocument())
  })

  it('has a column for each provider, with what it can do', () => {
    const [head, , signed] = providersTable()
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
    expect(head?.slice(2, -1)).toEqual(providerNames)
    const said = providerNames.map((name) => (capabilitiesOf(name).signed ? 'yes' : ''))
    expect(signed?.slice(2, -1)).toEqual(said)
  })

  it.each(providerNames.filter((name) => name !== 'sandbox'))('leads to a page about %s', (name) => {
    expect(readFileSync(providersFile, 'utf8')).toContain(`providers/${name}.md`)
    expect(existsSync(path.join(path.dirname(providersFile), `providers/${name}.md`))).toBe(true)
  })
})
