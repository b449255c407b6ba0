// docs/operations.md is read at night: what the code can raise, log or count must stand in it.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Node, nameOf, root, sources, treeOf, walk } from './sources.ts'

const document = readFileSync(path.join(root, 'docs/operations.md'), 'utf8')
const files = sources('src')

/** The texts of a union of literals, by the name of its type. */
function unionOf(file: string, name: string): string[] {
  const found: string[] = []
  const source = files.find((one) => one.path === file)!
  walk(treeOf(source), (node, ancestors) => {
    const isOurs = ancestors.some(
      (one) =>
        ['TSTypeAliasDeclaration', 'TSPropertySignature'].includes(one.type) &&
        nameOf((one.id ?? one.key) as Node) === name,
    )
    const literal = node.type === 'TSLiteralType' ? (node.literal as unknown as { value?: unknown }) : null
    if (isOurs && typeof literal?.value === 'string') found.push(literal.value)
  })
  return found
}

const kinds = unionOf('src/domain/payment.ts', 'ExceptionKind')
const counted = unionOf('src/payment/metrics.ts', 'name')

/** Every `message` that a line of the log can have. */
const messages = [
  ...new Set(
    files.flatMap(({ text }) => [...text.matchAll(/\bmessage: '([a-z_]+)'/g)].map(([, word]) => word!)),
  ),
  ...new Set(files.flatMap(({ text }) => [...text.matchAll(/#log\('([a-z_]+)'/g)].map(([, word]) => word!))),
]

describe('docs/operations.md', () => {
  it.each(kinds)('has a runbook for %s', (kind) => {
    const [, runbook = ''] = document.split(`\n### ${kind}\n`)
    expect(runbook.split(/\n##/)[0]).toMatch(/^\S[\s\S]*\n1\. \S[\s\S]*\n2\. \S/)
  })

  it('has a runbook for nothing that cannot be raised', () => {
    const chapter = document.split('\n## When an exception is raised\n')[1]?.split('\n## ')[0] ?? ''
    const headings = [...chapter.matchAll(/^### (\w+)$/gm)].map(([, heading]) => heading!)
    expect(headings.toSorted()).toEqual(kinds.toSorted())
  })

  it.each(messages)('says what the line `%s` means', (message) => {
    expect(document).toContain(`\`${message}\``)
  })

  it.each(counted)('says what is counted as %s', (name) => {
    expect(document).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'))
  })

  it('finds what it compares', () => {
    expect([kinds.length, counted.length, messages.length].map((count) => count >= 5)).toEqual([
      true,
      true,
      true,
    ])
  })

  it('leads to nowhere but its own chapters and files that are there', () => {
    const anchors = [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!.toLowerCase().replaceAll(' ', '-'),
    )
    const links = [...document.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!)
    expect(links.filter((link) => !anchors.includes(link))).toEqual([])
  })
})
