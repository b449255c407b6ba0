// Who may import whom. The folders are ordered, an import points left or stays home, and so nothing can go in circles.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type Import,
  importsOf,
  nameOf,
  root,
  type Source,
  sources,
  targetOf,
  treeOf,
  walk,
} from './sources.ts'

const order = [
  'domain',
  'crypto',
  'store',
  'providers',
  'payment',
  'delivery',
  'reconciliation',
  'http',
  'console',
  'api',
  'index',
]
const sandboxMay = ['domain', 'crypto', 'sandbox']

/** Folders that may import a package; a package that is not named here may be imported everywhere but in domain. */
const homes: Record<string, string[]> = {
  hono: ['http', 'console', 'sandbox'],
  '@hono/zod-validator': ['http'],
  'drizzle-orm': ['store'],
  'cloudflare:workers': ['payment', 'delivery', 'index', 'sandbox'],
  'csv-parse': ['reconciliation'],
  zod: ['http', 'console', 'api', 'delivery', 'providers', 'env', 'sandbox'],
}
/** The only parts of Node that the runtime serves and the product needs. */
const nodeModules = ['node:crypto', 'node:async_hooks']

/** What would make the domain depend on anything but its arguments. */
const impure = [
  'Date.now',
  'Math.random',
  'performance.now',
  'fetch',
  'setTimeout',
  'setInterval',
  'console.log',
]

const all = sources('src')
const layerOf = (file: string) => file.replace(/^src\//, '').split(/[/.]/)[0]!
const packageOf = (from: string) =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/')
const isRelative = (from: string) => from.startsWith('.')

function wrongLayer(source: Source, { from, isTypeOnly }: Import): string | undefined {
  const here = layerOf(source.path)
  const there = layerOf(targetOf(source, from))
  if (here === there) return undefined
  if (here === 'env')
    return isTypeOnly || there === 'domain' ? undefined : `env.ts imports types only, not ${from}`
  if (there === 'env') return here === 'domain' ? 'domain imports nothing but itself' : undefined
  if (here === 'sandbox') return sandboxMay.includes(there) ? undefined : `sandbox must not import ${there}`
  if (there === 'sandbox') return here === 'index' ? undefined : `${here} must not import sandbox`
  if (!order.includes(here)) return `the folder ${here} has no place in the order`
  return order.indexOf(there) <= order.indexOf(here) && order.includes(there)
    ? undefined
    : `${here} must not import ${there}`
}

function wrongPackage(source: Source, { from, isTypeOnly }: Import): string | undefined {
  const here = layerOf(source.path)
  const name = packageOf(from)
  if (here === 'domain') return `domain imports nothing but itself, not ${from}`
  if (name.startsWith('node:')) return nodeModules.includes(name) ? undefined : `${name} is not for src`
  // The object's storage names its rows' types with Drizzle's and runs plain SQL.
  if (name === 'drizzle-orm' && isTypeOnly && source.path.startsWith('src/payment/storage')) return undefined
  const allowed = homes[name]
  return !allowed || allowed.includes(here)
    ? undefined
    : `${name} belongs to ${allowed.join(', ')}, not to ${here}`
}

function complaints(source: Source, judge: (source: Source, one: Import) => string | undefined): string[] {
  return importsOf(source).flatMap((one) => {
    const complaint = judge(source, one)
    return complaint ? [`${source.path}:${one.line} ${complaint}`] : []
  })
}

describe('the layers of src', () => {
  it('import leftward only: domain < crypto < store < providers < payment < delivery < reconciliation < http < console < api < index', () => {
    const judge = (source: Source, one: Import) =>
      isRelative(one.from) ? wrongLayer(source, one) : undefined
    expect(all.flatMap((source) => complaints(source, judge))).toEqual([])
  })

  it('import a package only where it is at home', () => {
    const judge = (source: Source, one: Import) =>
      isRelative(one.from) ? undefined : wrongPackage(source, one)
    expect(all.flatMap((source) => complaints(source, judge))).toEqual([])
  })

  it('import only packages that the product depends on', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
    const judge = (_: Source, { from }: Import) => {
      if (isRelative(from) || from.startsWith('node:') || from.startsWith('cloudflare:')) return undefined
      return packageOf(from) in dependencies ? undefined : `${packageOf(from)} is not among the dependencies`
    }
    expect(all.flatMap((source) => complaints(source, judge))).toEqual([])
  })

  it('keep clocks, chance and the network out of the domain', () => {
    const found = all.filter((source) => layerOf(source.path) === 'domain').flatMap(impurities)
    expect(found).toEqual([])
  })

  it('have no file that imports itself through others', () => {
    expect(circles()).toEqual([])
  })
})

describe('the storefront kit', () => {
  it('imports nothing but itself, and React in its second entry', () => {
    const kit = sources('clients/storefront/src')
    const judge = (source: Source, { from }: Import) => {
      if (isRelative(from) && targetOf(source, from).startsWith('clients/storefront/src/')) return undefined
      return from === 'react' && source.path.endsWith('/react.ts') ? undefined : `must not import ${from}`
    }
    expect(kit.length).toBeGreaterThan(5)
    expect(kit.flatMap((source) => complaints(source, judge))).toEqual([])
  })
})

describe('the examples', () => {
  it('import nothing of the gateway’s own code, since whoever copies them has none of it', () => {
    const judge = (source: Source, { from }: Import) =>
      isRelative(from) && !targetOf(source, from).startsWith('examples/')
        ? `must not import ${from}`
        : undefined
    expect(sources('examples').length).toBeGreaterThan(10)
    expect(sources('examples').flatMap((source) => complaints(source, judge))).toEqual([])
  })
})

function impurities(source: Source): string[] {
  const found: string[] = []
  walk(treeOf(source), (node) => {
    const called = node.type === 'CallExpression' ? nameOf(node.callee as never) : ''
    const isNow =
      node.type === 'NewExpression' &&
      nameOf(node.callee as never) === 'Date' &&
      !(node.arguments as []).length
    const word = isNow ? 'new Date()' : called
    const isImpure = isNow || impure.includes(called) || /^(globalThis\.)?crypto\./.test(called)
    if (isImpure)
      found.push(`${source.path}:${node.loc.start.line} ${word} in the domain: hand it in as an argument`)
  })
  return found
}

function circles(): string[] {
  const edges = new Map(
    all.map((source) => {
      const values = importsOf(source).filter((one) => isRelative(one.from) && !one.isTypeOnly)
      return [source.path, values.map((one) => targetOf(source, one.from))]
    }),
  )
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, trail: string[]): void => {
    if (trail.includes(file)) found.push([...trail.slice(trail.indexOf(file)), file].join(' -> '))
    if (trail.includes(file) || done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return found
}
