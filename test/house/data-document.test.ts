// docs/data.md says where data is kept and for how long: whoever adds a place for data must say it there.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, sources } from './sources.ts'

const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const document = read('docs/data.md')
const wrangler = read('wrangler.toml').split('Below this line')[0]!

const all = (text: string, pattern: RegExp) => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name!)),
]

const schema = sources('src/store')
  .map(({ text }) => text)
  .join('\n')

const places = {
  table: all(schema, /sqliteTable\(\s*'(\w+)'/g),
  'class of objects': all(wrangler, /class_name = "(\w+)"/g),
  queue: all(wrangler, /queue = "([\w-]+)"/g),
  period: all(read('src/env.ts'), /^\s+(KEEP_\w+): whole/gm),
}

describe.each(Object.entries(places))('docs/data.md says of every %s how long it keeps data:', (_, names) => {
  it.each(names)('%s', (name) => {
    expect(document).toContain(`\`${name}\``)
  })

  it('and they are found', () => {
    expect(names.length).toBeGreaterThanOrEqual(2)
  })
})

describe('the constants that docs/data.md names', () => {
  const named = [...document.matchAll(/`([A-Z_]{4,})`(?:, `([A-Z_]{4,})`)? in `([\w/.-]+)`/g)]

  it.each(named.map(([, one, other, file]) => [[one!, ...(other ? [other] : [])], file!] as const))(
    '%j are in %s',
    (constants, file) => {
      for (const constant of constants) expect(read(file)).toMatch(new RegExp(`const ${constant} = `))
    },
  )

  it('are found', () => {
    expect(named.length).toBeGreaterThanOrEqual(3)
  })
})
