// Changes the rules in src/domain, one mutant at a time, and runs the tests that import the changed file: a rule must be
// stated where it can be found. `npm run mutate` goes through all files, `npm run mutate -- tracks clock` through these.
// What was tested before and has not changed since is not tested again.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

interface Report {
  files: Record<string, { mutants: { status: string }[] }>
}

const root = path.resolve(import.meta.dirname, '..')
const tests = path.join(root, 'test/pure/domain')
const kept = path.join(root, '.local/mutation')
mkdirSync(kept, { recursive: true })

/** Whole histories try everything and state no rule, and take seconds for each mutant. */
const stating = readdirSync(tests)
  .filter((name) => name.endsWith('.test.ts') && name !== 'histories.test.ts')
  .map((name) => ({ name, text: readFileSync(path.join(tests, name), 'utf8') }))

const asked = process.argv.slice(2)
const all = readdirSync(path.join(root, 'src/domain')).map((file) => path.basename(file, '.ts'))
const unknown = asked.filter((name) => !all.includes(name))
if (unknown.length > 0) throw new Error(`There is no src/domain/${unknown[0]}.ts.`)

let failed = false
const rows = (asked.length > 0 ? asked : all).flatMap((name) => {
  const own = stating.filter(({ text }) => text.includes(`/src/domain/${name}.ts'`)).map((one) => one.name)
  if (own.length === 0) return []
  const file = path.join(kept, `${name}.json`)
  const stryker = path.join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const args = ['run', '--mutate', `src/domain/${name}.ts`, '--incrementalFile', file]
  const env = { ...process.env, MUTATION_TESTS: own.map((test) => `test/pure/domain/${test}`).join(',') }
  const run = spawnSync(process.execPath, [stryker, ...args], { cwd: root, stdio: 'inherit', env })
  if (run.status !== 0) {
    failed = true
    return []
  }
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  const mutants = report.files[`src/domain/${name}.ts`]?.mutants ?? []
  const count = (...states: string[]) => mutants.filter(({ status }) => states.includes(status)).length
  const killed = count('Killed', 'Timeout')
  return [{ name, killed, alive: count('Survived', 'NoCoverage') }]
})

for (const { name, killed, alive } of rows) print(name, killed, alive)
const sum = (pick: (row: { killed: number; alive: number }) => number) =>
  rows.reduce((total, row) => total + pick(row), 0)
print(
  'together',
  sum(({ killed }) => killed),
  sum(({ alive }) => alive),
)
process.exit(failed ? 1 : 0)

function print(name: string, killed: number, alive: number): void {
  const score = killed + alive === 0 ? 100 : (100 * killed) / (killed + alive)
  process.stdout.write(`${name.padEnd(16)} ${killed} of ${killed + alive} noticed, ${score.toFixed(1)} %\n`)
}
