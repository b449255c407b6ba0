// `npm run simulate -- --seed S --histories N`: N histories from seed S on, on all cores, with the rate. A broken rule is
// shrunk, told step by step, and can be run again alone. `--mutants` proves that the simulation finds planted bugs,
// `--mutant NAME` those whose name has this in it.
// `--like stripe` makes every provider able to do what the real one declares.
import os from 'node:os'
import { parseArgs } from 'node:util'
import { Crew, type Failure } from '../test/simulation/many.ts'
import { mutants } from '../test/simulation/mutants.ts'
import { becomeRuntime } from '../test/simulation/runtime.ts'
import type { TroubleName } from '../test/simulation/temper.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    histories: { type: 'string', default: '1000' },
    processes: { type: 'string', default: String(os.availableParallelism()) },
    without: { type: 'string', default: '' },
    'leave-out': { type: 'string', default: '' },
    trace: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    like: { type: 'string' },
  },
})

const first = Number(values.seed)
const histories = Number(values.histories)
const processes = Number(values.processes)
const print = (line: string) => process.stdout.write(`${line}\n`)
const like = values.like ?? null
const listOf = (text: string) => text.split(',').filter((part) => part !== '')

if (!Number.isSafeInteger(first) || !Number.isSafeInteger(histories) || !(processes >= 1) || histories < 1) {
  print(
    'Usage: npm run simulate -- --seed S --histories N [--processes P] [--trace] [--mutants] [--mutant NAME] [--like NAME]',
  )
  process.exit(2)
}

async function many(): Promise<void> {
  const began = performance.now()
  let shown = began
  const known = new Set<number>()
  const progress = (done: number, failures: Failure[]) => {
    for (const { seed, rule } of failures) if (!known.has(seed)) print(`seed ${seed}: ${rule}`)
    for (const { seed } of failures) known.add(seed)
    if (performance.now() - shown < 10_000) return
    shown = performance.now()
    print(`${done} of ${histories} (${rateOf(done, began)}), ${failures.length} broken`)
  }
  const crew = new Crew(processes)
  const totals = await crew.run({ first, histories, like, progress })
  crew.letGo()
  print(
    `${totals.histories} histories from seed ${first}: ${rateOf(totals.histories, began)}, hash ${totals.hash}`,
  )
  print(said(totals.counts))
  print(`taken by providers that are: ${said(totals.tempers)}`)
  print(`${totals.failures.length} broken`)
  for (const failure of rules(totals.failures)) await explain(failure.seed)
  if (totals.failures.length > 0) {
    print(totals.failures.map(({ seed, rule }) => `seed ${seed}: ${rule}`).join('\n'))
    process.exitCode = 1
  }
}

const rateOf = (done: number, began: number) =>
  `${((done * 1_000) / (performance.now() - began)).toFixed(1)} histories/s in ${processes} processes`

const said = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')

/** One failure for each rule: a thousand of one kind tell no more than the first. */
function rules(failures: Failure[]): Failure[] {
  return failures.filter(({ rule }, index) => failures.findIndex((one) => one.rule === rule) === index)
}

async function explain(seed: number): Promise<void> {
  becomeRuntime(null)
  const { runHistory } = await import('../test/simulation/history.ts')
  const { optionsOf, shrink, tellHistory } = await import('../test/simulation/shrink.ts')
  const real = await capabilitiesLike()
  const cut = await shrink(seed, real)
  print(`\n${tellHistory(await runHistory(seed, cut, true, real), cut)}`)
  const options = [...(like === null ? [] : [`--like ${like}`]), optionsOf(cut)].join(' ')
  print(`Again: npm run simulate -- --seed ${seed} --histories 1 --trace ${options}\n`)
}

/** Imported only once the runtime has been made. */
async function capabilitiesLike() {
  const { capabilitiesOf } = await import('../src/providers/index.ts')
  return like === null ? null : capabilitiesOf(like)
}

/** One history, told whole. */
async function one(): Promise<void> {
  becomeRuntime(null)
  const { runHistory } = await import('../test/simulation/history.ts')
  const { tellHistory } = await import('../test/simulation/shrink.ts')
  const cut = {
    without: listOf(values.without) as TroubleName[],
    actions: listOf(values['leave-out']).map(Number),
  }
  const told = await runHistory(first, cut, true, await capabilitiesLike())
  print(tellHistory(told, cut))
  if (told.violations.length > 0) process.exitCode = 1
}

async function bite(name: string): Promise<void> {
  for (const mutant of mutants.filter((one) => one.name.includes(name))) {
    const crew = new Crew(processes, mutant)
    const { histories: run, failures } = await crew.run({ first, histories: mutant.within, stops: true })
    crew.letGo()
    const [found] = failures
    if (found === undefined) process.exitCode = 1
    print(
      found === undefined
        ? `NOT FOUND in ${run}: ${mutant.name}`
        : `seed ${found.seed} after ${run} of ${mutant.within}: ${mutant.name} → ${found.rule}`,
    )
  }
}

const bites = values.mutants || values.mutant !== undefined
await (bites ? bite(values.mutant ?? '') : values.trace ? one() : many())
