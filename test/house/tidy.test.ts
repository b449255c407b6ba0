// Style that a machine can hold, so that nobody has to argue about it. A failure names the file, the line and the rule.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  committedFiles,
  importsOf,
  type Node,
  nameOf,
  root,
  type Source,
  sources,
  targetOf,
  treeOf,
  walk,
} from './sources.ts'

const longestFile = 400
const longestFunction = 70
/** A helper that asks again and again until something is true may wait between its questions. */
const pollers = ['until', 'eventually']
const functions = [
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ObjectMethod',
  'ClassMethod',
  'ClassPrivateMethod',
]

/** Written by `npm run docs:client`, and as long as the API is. */
const generated = 'clients/typescript/src/api.ts'
const all = sources('src', 'scripts', 'test', 'clients', 'examples').filter(
  ({ path: file }) => file !== generated,
)
const tests = all.filter((source) => source.path.startsWith('test/'))

/** Every node that breaks a rule, as `file:line complaint`. */
function find(
  files: Source[],
  judge: (node: Node, ancestors: Node[], source: Source) => string | undefined,
): string[] {
  return files.flatMap((source) => {
    const found: string[] = []
    walk(treeOf(source), (node, ancestors) => {
      const complaint = judge(node, ancestors, source)
      if (complaint) found.push(`${source.path}:${node.loc.start.line} ${complaint}`)
    })
    return found
  })
}

const calleeOf = (node: Node) => (node.type === 'CallExpression' ? calledName(node.callee as Node) : '')

// `it.each(table)(…)` and it.each`…`(…) are calls of what a call gave back.
function calledName(callee: Node): string {
  if (callee.type === 'CallExpression') return calledName(callee.callee as Node)
  if (callee.type === 'TaggedTemplateExpression') return calledName(callee.tag as Node)
  return nameOf(callee)
}

const isSuiteCall = (name: string) => /^(describe|it|test|suite)(\.|$)/.test(name)

/** A function in a test that registers tests is a list of them, not a step that must be read at a glance. */
function registersTests(node: Node): boolean {
  let does = false
  walk(node, (inner, ancestors) => {
    const owner = ancestors.findLast((one) => functions.includes(one.type))
    if (owner === node && isSuiteCall(calleeOf(inner))) does = true
  })
  return does
}

/** The reason stands at the end of the line or on the line before it. */
function hasReason(source: Source, line: number): boolean {
  const lines = source.text.split('\n')
  const own = lines[line - 1] ?? ''
  const before = lines[line - 2] ?? ''
  return /\/\/ \S+ \S+/.test(own) || /^\s*\/\/ \S+ \S+/.test(before)
}

describe('every source file', () => {
  it(`has at most ${longestFile} lines`, () => {
    const lengths = all.map((source) => ({ ...source, lines: source.text.trimEnd().split('\n').length }))
    const long = lengths.filter(({ lines }) => lines > longestFile)
    expect(long.map(({ path: file, lines }) => `${file} has ${lines} lines`)).toEqual([])
  })

  it(`has functions of at most ${longestFunction} lines`, () => {
    const long = find(all, (node, _, source) => {
      const lines = node.loc.end.line - node.loc.start.line + 1
      if (!functions.includes(node.type) || lines <= longestFunction) return undefined
      if (source.path.startsWith('test/') && registersTests(node)) return undefined
      return `a function of ${lines} lines`
    })
    expect(long).toEqual([])
  })

  it('says in its name what it is for', () => {
    const vague = all.filter((source) =>
      source.path.split(/[/.]/).some((word) => /^(utils?|helpers?|common)$/.test(word)),
    )
    expect(vague.map((source) => source.path)).toEqual([])
  })

  it('names the files that it imports in full, so that Node runs it as it is', () => {
    const wrong = all.flatMap((source) =>
      importsOf(source)
        .filter(({ from }) => from.startsWith('.'))
        .filter(({ from }) => !path.extname(from) || !existsSync(path.join(root, targetOf(source, from))))
        .map(({ from, line }) => `${source.path}:${line} imports ${from}, which is no file`),
    )
    expect(wrong).toEqual([])
  })
})

describe('tests', () => {
  it('replace no modules: what varies is handed in', () => {
    const mocked = find(tests, (node) => {
      const name = calleeOf(node)
      return /^vi\.(mock|doMock|hoisted)$/.test(name) ? `${name} replaces a module` : undefined
    })
    expect(mocked).toEqual([])
  })

  it('do not sleep: they drive the clock, or ask until it is so', () => {
    expect(find(tests, sleeping)).toEqual([])
  })

  it('leave nobody out without a reason, and never run alone', () => {
    const left = find(tests, (node, _, source) => {
      const name = calleeOf(node)
      if (/^(fit|fdescribe)$/.test(name) || (isSuiteCall(name) && name.includes('.only')))
        return `${name} runs alone`
      const isLeftOut =
        /^x(it|describe|test)$/.test(name) || (isSuiteCall(name) && /\.(skip|todo|skipIf|runIf)\b/.test(name))
      return isLeftOut && !hasReason(source, node.loc.start.line)
        ? `${name} without a comment that says why`
        : undefined
    })
    expect(left).toEqual([])
  })
})

function sleeping(node: Node, ancestors: Node[], source: Source): string | undefined {
  const line = node.loc.start.line
  const asksAgain = ancestors.some((one) => pollers.includes(functionName(one)))
  if (asksAgain || (source.text.split('\n')[line - 1] ?? '').includes('// waits because ')) return undefined
  if (/^(sleep|delay|pause|scheduler\.wait)$/.test(calleeOf(node))) return `${calleeOf(node)}() sleeps`
  if (node.type !== 'NewExpression' || nameOf(node.callee as Node) !== 'Promise') return undefined
  let sleeps = false
  walk(node, (inner) => {
    // What runs after the pause decides: resolving and nothing else is a sleep, a slow answer of a fake is not.
    const then = calleeOf(inner) === 'setTimeout' ? (inner.arguments as Node[])[0] : undefined
    if (then) sleeps ||= resolvesOnly(then, (node.arguments as Node[])[0])
  })
  return sleeps ? 'a promise that only waits; end its line with `// waits because …` if it must' : undefined
}

function functionName(node: Node): string {
  if (node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration')
    return nameOf(node.id as Node)
  return ''
}

function resolvesOnly(then: Node, executor: Node | undefined): boolean {
  const resolve = nameOf((executor?.params as Node[] | undefined)?.[0])
  if (nameOf(then) === resolve) return true
  const body = then.body as Node | undefined
  return (
    body?.type === 'CallExpression' && calleeOf(body) === resolve && (body.arguments as Node[]).length === 0
  )
}

describe('what is committed', () => {
  // Written in parts, because this file is committed too.
  const machine = ['', 'work', ''].join('/')
  const readable = committedFiles().filter((file) => !/\.(png|jpg|ico|woff2|wasm|gz)$/.test(file))

  it('names no path of the machine it was made on', () => {
    const said = readable.filter((file) => mentions(readFileSync(path.join(root, file), 'utf8'), machine))
    expect(said).toEqual([])
  })

  it('has a lock file that names no registry', () => {
    const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
    const entries = Object.entries<{ resolved?: string; link?: boolean }>(lock.packages)
    // A link leads to a folder of this checkout.
    const foreign = entries.filter(([, entry]) => entry.resolved && !entry.link)
    expect(foreign.map(([name]) => name)).toEqual([])
  })

  it('holds no secrets of a local run', () => {
    expect(committedFiles().filter((file) => /(^|\/)(\.dev\.vars|\.env)(\.|$)/.test(file))).toEqual([])
  })
})

// `https://host/work/` and `framework/` are somebody else's path.
function mentions(text: string, folder: string): boolean {
  return text
    .split(folder)
    .slice(0, -1)
    .some((before) => !/[\w.-]$/.test(before))
}
