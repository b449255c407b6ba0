/** One process of a crew. The runtime is made before anything of `src` is imported, hence the imports below it. */
import type { Order, Totals, Word } from './many.ts'
import { becomeRuntime, type Mutant } from './runtime.ts'

const [, , mutant] = process.argv
becomeRuntime(mutant === undefined ? null : (JSON.parse(mutant) as Mutant))
const { runHistory } = await import('./history.ts')
const { added } = await import('./many.ts')
const { capabilitiesOf } = await import('../../src/providers/index.ts')

const say = (word: Word) => process.send?.(word)
let isStopped = false

async function carryOut({ first, last, step, stops, like }: Order): Promise<void> {
  isStopped = false
  let totals: Totals = { histories: 0, failures: [], counts: {}, tempers: {}, hash: '0' }
  const real = like === null ? null : capabilitiesOf(like)
  for (let seed = first; seed <= last; seed += step) {
    const { hash, violations, counts, tempers } = await runHistory(seed, undefined, false, real)
    const [broken] = violations
    const failures = broken === undefined ? [] : [{ seed, ...broken }]
    totals = added(totals, { histories: 1, failures, counts, tempers, hash })
    if (totals.histories % 100 === 0 || failures.length > 0)
      say({ kind: 'progress', histories: totals.histories, failures: totals.failures })
    if (isStopped || (stops && failures.length > 0)) break
  }
  say({ kind: 'end', totals })
}

process.on('message', (word: Order | 'stop') => {
  if (word === 'stop') isStopped = true
  else void carryOut(word)
})
// Whoever gave the orders is gone, and nobody else would end this.
process.on('disconnect', () => process.exit())
