// `npm run crash -- --rounds N --seed S`: load on a system of its own, `kill -9` of its runtime at moments that the seed
// draws, one system failing until its breaker opens, and then provider, payment objects, records and receivers compared;
// at the end the records are lost and made again. Ends with 1 when a promise was broken.
import { parseArgs } from 'node:util'
import { crashRounds } from '../test/journeys/support/crash-rounds.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    orders: { type: 'string', default: '12' },
    'settle-every': { type: 'string', default: '5' },
  },
})
const print = (line: string) => process.stdout.write(`${line}\n`)
const [rounds, seed, orders, settleEvery] = [
  Number(values.rounds),
  Number(values.seed),
  Number(values.orders),
  Number(values['settle-every']),
] as const

if (![rounds, orders, settleEvery].every((one) => Number.isSafeInteger(one) && one > 0) || !(seed >= 0)) {
  print(
    'Usage: npm run crash -- [--rounds 5] [--seed S] [--orders 12 (in each round)] [--settle-every 5 (rounds)]',
  )
  process.exit(2)
}

const began = performance.now()
const { counts, complaints } = await crashRounds({
  ...{ rounds, seed, orders, settleEvery },
  settleWithinMs: 240_000,
  breaks: true,
  say: print,
})
for (const complaint of complaints) print(`BROKEN ${complaint}`)
print(
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', '),
)
print(
  `${rounds} rounds from seed ${seed} in ${((performance.now() - began) / 1_000).toFixed(1)} s: ${complaints.length} promises broken`,
)
print(
  `Again: npm run crash -- --rounds ${rounds} --seed ${seed} --orders ${orders} --settle-every ${settleEvery} (same stories and moments; the machine's own timing varies)`,
)
if (complaints.length > 0) process.exitCode = 1
