// What is published must be true of the gateway and complete by itself.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { clientTypes, typesFile } from '../../clients/typescript/generate.ts'
import { importsOf, root, sources } from './sources.ts'

const manifest = JSON.parse(readFileSync(path.join(root, 'clients/typescript/package.json'), 'utf8')) as {
  private: boolean
  dependencies: Record<string, string>
}

describe('the TypeScript client', () => {
  it('has the types of the API as it is: npm run docs:client', async () => {
    expect(readFileSync(typesFile, 'utf8') === (await clientTypes()), 'run npm run docs:client').toBe(true)
  })

  it('imports only its own files and the packages that it depends on', () => {
    const foreign = sources('clients/typescript/src').flatMap((source) =>
      importsOf(source)
        .map(({ from }) => from)
        .filter((from) => !from.startsWith('./') && !(from in manifest.dependencies)),
    )
    expect(foreign).toEqual([])
  })

  it('is for everybody, and names its dependencies exactly', () => {
    expect(manifest.private).toBe(false)
    for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })
})
