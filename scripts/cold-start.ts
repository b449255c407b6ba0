/**
 * `npm run cold`: what an isolate's start costs. How much CPU the runtime takes for the Worker's bundle beyond what it takes
 * for an empty one, and how many functions are called meanwhile. docs/performance.md says what the figures mean.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { unstable_readConfig } from 'wrangler'
import { spreadOf } from './bench/figures.ts'
import { callsIn, totalOf } from './cold/loading.ts'
import { bundleOf } from './local/build.ts'
import { mostStartCalls } from './sizes.ts'

const checkout = path.resolve(import.meta.dirname, '..')
const { values } = parseArgs({ options: { times: { type: 'string', default: '15' } } })
const times = Number(values.times)
if (!(Number.isSafeInteger(times) && times > 0)) {
  process.stderr.write('Usage: npm run cold -- [--times 15]\n')
  process.exit(2)
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-cold-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const empty = path.join(folder, 'index.js')
writeFileSync(empty, 'export default { fetch: () => new Response() }\n')
const bundle = path.join(await bundleOf(checkout), 'index.js')
const date = unstable_readConfig({ config: path.join(checkout, 'wrangler.toml') }).compatibility_date ?? ''

if (process.platform === 'linux') printCpu()
else console.log('How much CPU a start takes is known on Linux only.\n')
const calls = callsIn(bundle)
console.log(`\n${totalOf(calls)} function calls of at most ${mostStartCalls}, by whose they are:`)
for (const [owner, count] of Object.entries(calls)) console.log(`${String(count).padStart(8)}  ${owner}`)

/** The two starts of one turn follow each other, so that what disturbs the machine for a while disturbs both. */
function printCpu(): void {
  const turns = Array.from({ length: times }, () => ({ without: startOf(empty), with: startOf(bundle) }))
  const cpu = `${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores`
  const [load = 0] = os.loadavg()
  console.log(`${times} turns on ${cpu}, load ${load.toFixed(1)}, ${new Date().toISOString()}`)
  for (const [key, name] of [
    ['code', 'the thread that runs the code'],
    ['all', 'all threads'],
  ] as const) {
    const { median, least, most } = spreadOf(turns.map((turn) => turn.with[key] - turn.without[key]))
    console.log(`${median.toFixed(1)} ms (${least.toFixed(1)} – ${most.toFixed(1)}) of CPU, ${name}`)
  }
}

function startOf(file: string): { all: number; code: number } {
  const script = path.join(import.meta.dirname, 'cold/start.ts')
  return JSON.parse(execFileSync(process.execPath, [script, file, date], { encoding: 'utf8' }))
}
