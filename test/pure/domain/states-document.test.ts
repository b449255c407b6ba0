import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { statesDocument, statesFile } from '../../../scripts/print-states.ts'
import { sessionTable } from '../../../src/domain/tracks.ts'

describe('docs/states.md', () => {
  it('is what the tables say', () => {
    const advice = 'The tables and docs/states.md differ: run `npm run docs:states`.'
    expect(readFileSync(statesFile, 'utf8'), advice).toBe(statesDocument())
  })

  it('shows every move of a session, and who makes it', () => {
    const text = statesDocument()
    for (const [from, row] of Object.entries(sessionTable))
      for (const to of Object.values(row)) if (to !== from) expect(text).toContain(`  ${from} --> ${to}: `)
    expect(text).toContain('  opening --> open: the provider answered')
    expect(text).toContain('  open --> ending: told to end')
    expect(text).toContain('| **authorized** | · | captured | · | canceled | expired |')
    expect(text).toContain('| **lost** | · |  | · |')
  })
})
