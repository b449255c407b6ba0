// `npm test`: types, lint and format, then the three speeds of tests. All of them run, whatever fails, and the last line
// tells how it went: `N passed, N failed`. Types count as one test, and so does lint.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

interface Tally {
  step: string
  passed: number
  failed: number
  skipped: number
}
/** The part of vitest's JSON report that is counted here. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

const root = path.resolve(import.meta.dirname, '..')
const bootstrap = path.join(root, 'scripts/bootstrap.mjs')

/** With `beside`, what it says is shown at its end, because another one is speaking. */
function run(tool: string, args: string[], beside = false): Promise<boolean> {
  const child = spawn(process.execPath, [bootstrap, '--bin', tool, ...args], {
    ...{ cwd: root, stdio: beside ? ['ignore', 'pipe', 'pipe'] : 'inherit' },
  })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => said.push(part))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // Someone has seen enough: the step that runs ends, and no other one begins.
      child.kill(signal)
      child.once('exit', () => process.exit(1))
    })
  }
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(said))
      resolve(code === 0)
    })
  })
}

async function single(step: string, tool: string, args: string[]): Promise<Tally> {
  process.stdout.write(`\n── ${step}\n`)
  const isFine = await run(tool, args)
  return { step, passed: isFine ? 1 : 0, failed: isFine ? 0 : 1, skipped: 0 }
}

interface Suite {
  projects: string[]
  folder: string
  /** Arguments for vitest. */
  more: string[]
  beside?: boolean
}

async function suite({ projects, folder, more, beside = false }: Suite): Promise<Tally> {
  const step = projects.join(' and ')
  if (!beside) process.stdout.write(`\n── ${step} tests\n`)
  const file = path.join(folder, `${projects.join('-')}.json`)
  const chosen = projects.flatMap((project) => ['--project', project])
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const isFine = await run('vitest', ['run', ...chosen, ...reporters, ...more], beside)
  const { passed, failed, skipped } = count(file)
  // An error outside of any test fails the run without failing a test, and must not be lost.
  return { step, passed, failed: isFine ? failed : Math.max(failed, 1), skipped }
}

function count(file: string): Omit<Tally, 'step'> {
  let report: Report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
  // A file that could not be loaded has failed without having a test.
  const unloaded = report.testResults.filter((one) => one.status === 'failed' && !one.assertionResults.length)
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

async function all(more: string[]): Promise<Tally[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-test-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return [
    await single('types', 'tsc', ['--noEmit']),
    // The pages run in a browser, where other things are there than in the Worker.
    await single('pages', 'tsc', ['--noEmit', '-p', 'examples/react-storefront']),
    await single('lint', 'biome', ['check']),
    await suite({ projects: ['pure'], folder, more }),
    await suite({ projects: ['worker', 'counting', 'sharded'], folder, more }),
    // Both wait more than they work, and neither asks how long anything took.
    ...(await Promise.all([
      suite({ projects: ['alone'], folder, more: ['--maxWorkers=3', ...more] }),
      suite({ projects: ['journeys'], folder, more, beside: true }),
    ])),
  ]
}

const tallies = await all(process.argv.slice(2))
const sum = (field: 'passed' | 'failed' | 'skipped') => tallies.reduce((total, one) => total + one[field], 0)

process.stdout.write('\n')
const widest = Math.max(...tallies.map(({ step }) => step.length))
for (const { step, passed, failed, skipped } of tallies) {
  const note = skipped > 0 ? `, ${skipped} skipped` : ''
  process.stdout.write(`${step.padEnd(widest + 2)}${passed} passed, ${failed} failed${note}\n`)
}
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`)
if (sum('failed') > 0) process.exitCode = 1
