// Five crash rounds; `npm run crash -- --rounds N` plays any number.
import { expect, it } from 'vitest'
import { crashRounds } from '../support/crash-rounds.ts'

const seed = 20_261_123

it('loses nothing, charges nobody twice and leaves no gap when its runtime is killed again and again under load', {
  // Long enough that whoever does not settle is named.
  timeout: 300_000,
}, async () => {
  const said: string[] = []
  const { counts, complaints } = await crashRounds({
    ...{ seed, rounds: 5, orders: 8, settleEvery: 5, settleWithinMs: 90_000, breaks: false },
    say: (line) => said.push(line),
  })
  expect(
    complaints,
    `${said.join('\n')}\nAgain: npm run crash -- --rounds 5 --seed ${seed} --orders 8`,
  ).toEqual([])
  // Rounds in which no crash met a request would prove nothing.
  expect(counts.kills).toBeGreaterThanOrEqual(5)
  expect(counts['requests without an answer']).toBeGreaterThan(0)
  expect(counts['charges at the provider']).toBeGreaterThan(0)
  expect(counts['reports answered 200']).toBeGreaterThan(0)
  for (const what of [
    'refunds at the provider',
    'corrections',
    'receipts printed',
    'rows lost and made again',
  ])
    expect([what, counts[what]]).not.toEqual([what, 0])
  for (const what of ['rotations', 'replays', 'rebuilds'])
    expect([what, counts[what]! >= 5]).toEqual([what, true])
})
