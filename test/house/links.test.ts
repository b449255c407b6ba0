// A document that sends its reader nowhere is worse than none: every link within the checkout leads somewhere, and every
// file that is named is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { root } from './sources.ts'

const folders = ['.', 'docs', 'docs/decisions', 'docs/providers', 'docs/systems', ...packages()]
const documents = folders.flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name)),
)

/** Clients and examples, of which each has a README of its own. */
function packages(): string[] {
  return ['clients', 'examples'].flatMap((top) =>
    readdirSync(path.join(root, top)).map((name) => path.join(top, name)),
  )
}

const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

/** As GitHub makes them of headings: lower case, no punctuation, spaces as hyphens. */
const anchorsOf = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )

const linksOf = (file: string): string[] =>
  [
    ...read(file)
      .replace(/```[\s\S]*?```/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))

function isDead(file: string, link: string): boolean {
  const [to, anchor] = link.split('#') as [string, string?]
  const target = to === '' ? file : path.join(path.dirname(file), to)
  if (!existsSync(path.join(root, target))) return true
  return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor)
}

it.each(documents)('%s has no dead link', (file) => {
  expect(linksOf(file).filter((link) => isDead(file, link))).toEqual([])
})

/** What stands as code in a line, such as `npm test`. */
const spansIn = (file: string): string[] => read(file).match(/`[^`\n]+`/g) ?? []

/** Files of this checkout that the text names, alone or in a command, such as `test/house/links.test.ts`. */
const namedIn = (file: string): string[] =>
  spansIn(file).flatMap(
    (span) =>
      span.match(/(?<=[` ])(?:src|test|scripts|clients|examples|docs|migrations)\/[\w./-]+\.\w+(?=[` ])/g) ??
      [],
  )

it.each(documents)('%s names no file that is not there', (file) => {
  // From here, or from the package that a README is about.
  const places = [root, path.join(root, path.dirname(file))]
  const isThere = (name: string) => places.some((place) => existsSync(path.join(place, name)))
  expect(namedIn(file).filter((name) => !isThere(name))).toEqual([])
})

/** The scripts of the checkout's own package and of its clients'. */
const scripts = ['package.json', 'clients/typescript/package.json'].flatMap((file) =>
  Object.keys(JSON.parse(read(file)).scripts),
)

it.each(documents)('%s names no command that is not there', (file) => {
  const run = [...read(file).matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name]) => name!)
  expect(run.filter((name) => !scripts.includes(name))).toEqual([])
})

it('every document can be reached from README', () => {
  const reached = new Set(['README.md'])
  for (const file of reached)
    for (const link of linksOf(file).filter((one) => !one.startsWith('#'))) {
      const target = path.join(path.dirname(file), link.split('#')[0]!)
      if (documents.includes(target)) reached.add(target)
      // A folder that is linked shows its files.
      for (const one of documents) if (path.dirname(one) === path.normalize(target)) reached.add(one)
    }
  expect(documents.filter((file) => !reached.has(file))).toEqual([])
})
