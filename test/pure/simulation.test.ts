// The simulation as `npm test` runs it. `npm run simulate` runs any number of histories, and all planted bugs.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { providerNames } from '../../src/providers/index.ts'
import { Crew } from '../simulation/many.ts'
import { mutants } from '../simulation/mutants.ts'
import { temperNames } from '../simulation/temper.ts'

const root = path.resolve(import.meta.dirname, '../..')
const broken = (failures: { seed: number; rule: string; detail: string }[]) =>
  failures.map(
    ({ seed, rule, detail }) => `npm run simulate -- --seed ${seed} --histories 1: ${rule}: ${detail}`,
  )

// Reading all the code costs a process more than a hundred histories do.
const crew = new Crew(2)
afterAll(() => crew.letGo())

describe('a thousand histories of crashes, losses and lies', () => {
  it('break no promise, at any step or at rest', { timeout: 240_000 }, async () => {
    const { histories, failures, counts, tempers } = await crew.run({ first: 1, histories: 1_000 })
    expect(broken(failures)).toEqual([])
    expect(histories).toBe(1_000)
    // A simulation in which nothing happens keeps every promise.
    expect(counts.captured).toBeGreaterThan(500)
    expect(counts.deaths).toBeGreaterThan(100)
    expect(counts.exceptions).toBeGreaterThan(100)
    expect(counts.delivered).toBeGreaterThan(3_000)
    const ofPeople = [
      'corrections',
      'receipts',
      'steps of goods',
      'retries',
      'replayed',
      'probed',
      'rotations',
      'losses',
      'rebuilt',
    ]
    expect(ofPeople.filter((name) => (counts[name] ?? 0) < 40)).toEqual([])
    expect(counts.doubts).toBeGreaterThan(5)
    // Nor does one tell anything of a kind of provider that takes no money in it.
    const idle = temperNames.filter((name) => (tempers[name] ?? 0) < 50)
    expect(idle).toEqual([])
  })

  it('are the same again from the same seed, whatever was run before', { timeout: 60_000 }, async () => {
    const alone = new Crew(1)
    const once = await alone.run({ first: 100, histories: 10 })
    alone.letGo()
    const again = await crew.run({ first: 100, histories: 10 })
    expect(again.hash).toBe(once.hash)
    const others = await crew.run({ first: 200, histories: 10 })
    expect(others.hash).not.toBe(once.hash)
  })
})

describe('forty histories with a provider that can do what the real one declares', () => {
  it.each(providerNames)('break no promise: %s', { timeout: 60_000 }, async (like) => {
    const { failures, counts } = await crew.run({ first: 1, histories: 40, like })
    expect(broken(failures)).toEqual([])
    expect(counts.captured).toBeGreaterThan(5)
  })
})

describe('the simulation finds a planted bug:', () => {
  // The others take more histories; `npm run simulate -- --mutants` plants them all.
  const quick = mutants.filter(({ within }) => within <= 50)

  // Side by side, in one process each: most bugs are found before a second one would have read the code.
  it.concurrent.each(quick)('$name', { timeout: 120_000 }, async ({ within, ...mutant }) => {
    const planted = new Crew(1, mutant)
    const { failures } = await planted.run({ first: 1, histories: within, stops: true })
    planted.letGo()
    expect(failures.length).toBeGreaterThan(0)
  })

  it.each(mutants)('$name has its place in the code', ({ file, from }) => {
    const text = readFileSync(path.join(root, 'src', file), 'utf8')
    expect(text.split(from).length - 1).toBe(1)
  })
})
