// The project's own files as the house tests see them: their text, their syntax trees and their imports.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type ParseResult, parse } from '@babel/parser'

export const root = path.resolve(import.meta.dirname, '../..')

export interface Source {
  /** Relative to the project, with forward slashes. */
  path: string
  text: string
}

export interface Import {
  from: string
  isTypeOnly: boolean
  line: number
}

/** A node of the tree, as loosely as a walk over all of them needs it. */
export interface Node {
  type: string
  loc: { start: { line: number }; end: { line: number } }
  [field: string]: unknown
}

export function sources(...folders: string[]): Source[] {
  return folders
    .flatMap((folder) => walkFolder(folder))
    .filter((file) => /\.(ts|tsx|mjs|js)$/.test(file))
    .map((file) => ({ path: file, text: readFileSync(path.join(root, file), 'utf8') }))
}

function walkFolder(folder: string): string[] {
  const at = path.join(root, folder)
  if (!existsSync(at)) return []
  const made = ['node_modules', 'dist']
  const entries = readdirSync(at, { withFileTypes: true }).filter(({ name }) => !made.includes(name))
  return entries.flatMap((entry) =>
    entry.isDirectory() ? walkFolder(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  )
}

/** What is committed or about to be: everything that git does not ignore. */
export function committedFiles(): string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
  })
  return [...new Set(list.toString().split('\0'))].filter((file) => file && existsSync(path.join(root, file)))
}

const trees = new Map<string, ParseResult>()

export function treeOf(source: Source): Node {
  const known = trees.get(source.text)
  const plugins = source.path.endsWith('.tsx') ? (['typescript', 'jsx'] as const) : (['typescript'] as const)
  const tree = known ?? parse(source.text, { sourceType: 'module', plugins: [...plugins] })
  trees.set(source.text, tree)
  return tree.program as unknown as Node
}

/** Calls `visit` for every node below, with its ancestors, nearest last. */
export function walk(
  node: Node,
  visit: (node: Node, ancestors: Node[]) => void,
  ancestors: Node[] = [],
): void {
  visit(node, ancestors)
  const below = [...ancestors, node]
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, below)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'loc' in value
}

export function importsOf(source: Source): Import[] {
  const found: Import[] = []
  walk(treeOf(source), (node) => {
    const from = (node.source as { value?: unknown } | undefined)?.value ?? dynamicSource(node)
    if (typeof from !== 'string') return
    found.push({ from, isTypeOnly: isTypeOnly(node), line: node.loc.start.line })
  })
  return found
}

// `import('./x.ts')` is a call in a program and an argument in a type.
function dynamicSource(node: Node): unknown {
  if (node.type === 'TSImportType') return (node.argument as { value?: unknown }).value
  if (node.type !== 'CallExpression' || (node.callee as Node).type !== 'Import') return undefined
  return (node.arguments as { value?: unknown }[])[0]?.value
}

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType') return true
  if (node.importKind === 'type' || node.exportKind === 'type') return true
  const names = (node.specifiers ?? []) as { importKind?: string; exportKind?: string }[]
  return names.length > 0 && names.every((name) => name.importKind === 'type' || name.exportKind === 'type')
}

/** Where a relative import leads, relative to the project. */
export function targetOf(source: Source, from: string): string {
  return path.posix.join(path.posix.dirname(source.path), from)
}

/** `a.b.c` as text; empty for anything that is not a plain chain of names. */
export function nameOf(node: Node | undefined): string {
  if (!node) return ''
  if (node.type === 'Identifier') return node.name as string
  if (node.type !== 'MemberExpression' || node.computed) return ''
  const owner = nameOf(node.object as Node)
  return owner && `${owner}.${nameOf(node.property as Node)}`
}
