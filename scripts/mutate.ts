// Changes the rules in src/domain, one mutant at a time, and runs the tests of the rules: a rule must be stated where it
// can be found. `npm run mutate` goes through all files, `npm run mutate -- tracks clock` through these.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

interface Report {
  files: Record<string, { mutants: { status: string }[] }>
}

const root = path.resolve(import.meta.dirname, '..')
const told = path.join(root, '.local/mutation.json')

/** The TypeScript files below a folder, by their paths in it without an ending. */
const filesIn = (folder: string, ending = '.ts'): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort()

/** Whole histories try everything and state no rule, and take seconds for each mutant. */
const stating = filesIn('test/pure', '.test.ts')
  .filter((name) => !/histories$|simulation$/.test(name))
  .map((name) => ({ name, text: readFileSync(path.join(root, `test/pure/${name}.test.ts`), 'utf8') }))

/** All tests of the rules, of which Stryker runs those that reach a mutant, and whoever else imports the file. */
const testsOf = (name: string): string[] =>
  stating
    .filter((test) => test.name.startsWith('domain/') || test.text.includes(`/src/domain/${name}.ts'`))
    .map((test) => `test/pure/${test.name}.test.ts`)

const asked = process.argv.slice(2)
const all = filesIn('src/domain')
const unknown = asked.find((name) => !all.includes(name))
if (unknown !== undefined) throw new Error(`There is no src/domain/${unknown}.ts.`)

let failed = false
const rows = (asked.length > 0 ? asked : all).flatMap((name) => {
  const stryker = path.join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const args = ['run', '--mutate', `src/domain/${name}.ts`]
  const env = { ...process.env, MUTATION_TESTS: testsOf(name).join(',') }
  const run = spawnSync(process.execPath, [stryker, ...args], { cwd: root, stdio: 'inherit', env })
  if (run.status !== 0) {
    failed = true
    return []
  }
  const report = JSON.parse(readFileSync(told, 'utf8')) as Report
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
