/**
 * `npm run bench`: how fast the gateway is, as a part of what the platform can do at all. The production bundle and bare
 * floors of the same shape run side by side on the local runtime; docs/performance.md says what the figures mean.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { run } from './bench/run.ts'
import { tableOf, wrongIn } from './bench/table.ts'
import { type Measure, measures } from './bench/windows.ts'
import { lowOpenFiles, raiseOpenFiles } from './local/open-files.ts'

const usage = `Usage: npm run bench -- [--seconds 2] [--rounds 3] [--only ${measures.join(',')}] [--callers 1,16,64]
                            [--state disk|memory] [--recorded 0]

  --seconds N     how long each window of load lasts; a state takes about 28 windows a round
  --rounds N      how often every window is repeated, floor and gateway in turns
  --only LIST     some of the measures
  --callers LIST  how many callers there are at once; beside them, 100 requests a second are always measured
  --state S       where objects and records live; without it both, one after the other
  --recorded N    how many payments there are in the records before the first window`

const states = ['disk', 'memory'] as const
type State = (typeof states)[number]
const TMPFS = 0x01021994
const MEMORY = '/dev/shm'
const print = (line: string) => process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    callers: { type: 'string', default: '1,16,64' },
    only: { type: 'string', default: measures.join(',') },
    state: { type: 'string', default: states.filter(isThere).join(',') },
    recorded: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
})
const plan = {
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
  callers: values.callers.split(',').map(Number),
  recorded: Number(values.recorded),
  only: values.only.split(',') as Measure[],
  say: (what: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${what}`),
}
const wanted = values.state.split(',') as State[]
const makesSense =
  plan.seconds > 0 &&
  Number.isSafeInteger(plan.rounds) &&
  plan.rounds > 0 &&
  Number.isSafeInteger(plan.recorded) &&
  plan.recorded >= 0 &&
  plan.callers.every((one) => Number.isSafeInteger(one) && one > 0) &&
  plan.only.every((one) => measures.includes(one)) &&
  wanted.every((one) => states.includes(one))

if (values.help || !makesSense) {
  print(usage)
  process.exitCode = values.help ? 0 : 2
} else if (!wanted.every(isThere)) {
  print(`There is no memory-backed folder at ${MEMORY} on this machine; try --state disk.`)
  process.exitCode = 2
} else {
  raiseOpenFiles()
  for (const state of wanted) await bench(state)
}

async function bench(state: State): Promise<void> {
  const folder = folderFor(state)
  // Whatever ends this process, the state of a bench is of no use to anybody.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))
  const low = lowOpenFiles()
  if (low !== null) print(low)
  const rows = await run(plan, folder)
  plan.say('')
  const cpu = `${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores`
  print(
    `\nState on ${state}, ${plan.recorded} payments recorded, ${plan.rounds} rounds of ${plan.seconds} s, ${cpu}, ${new Date().toISOString()}\n`,
  )
  print(tableOf(rows))
  for (const complaint of wrongIn(rows)) {
    print(`WRONG ${complaint}`)
    process.exitCode = 1
  }
}

function folderFor(state: State): string {
  const local = path.resolve(import.meta.dirname, '../.local')
  if (state === 'disk') mkdirSync(local, { recursive: true })
  return mkdtempSync(path.join(state === 'disk' ? local : MEMORY, 'tollgate-bench-'))
}

function isThere(state: State): boolean {
  return state === 'disk' || (existsSync(MEMORY) && statfsSync(MEMORY).type === TMPFS)
}
