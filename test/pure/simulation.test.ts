// The simulation as `npm test` runs it. `npm run simulate` runs any number of histories, and all planted bugs.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { providerNames } from '../../src/providers/index.ts'
import { runMany } from '../simulation/many.ts'
import { mutants } from '../simulation/mutants.ts'
import { temperNames } from '../simulation/temper.ts'

const root = path.resolve(import.meta.dirname, '../..')
const broken = (failures: { seed: number; rule: string; detail: string }[]) =>
  failures.map(
    ({ seed, rule, detail }) => `npm run simulate -- --seed ${seed} --histories 1: ${rule}: ${detail}`,
  )

describe('a thousand histories of crashes, losses and lies', () => {
  it('break no promise, at any step or at rest', { timeout: 240_000 }, async () => {
    const { histories, failures, counts, tempers } = await runMany({ first: 1, histories: 1_000, threads: 2 })
    expect(broken(failures)).toEqual([])
    expect(histories).toBe(1_000)
    // A simulation in which nothing happens keeps every promise.
    expect(counts.captured).toBeGreaterThan(500)
    expect(counts.deaths).toBeGreaterThan(100)
    expect(counts.exceptions).toBeGreaterThan(100)
    expect(counts.delivered).toBeGreaterThan(3_000)
    // Nor does one tell anything of a kind of provider that takes no money in it.
    const idle = temperNames.filter((name) => (tempers[name] ?? 0) < 50)
    expect(idle).toEqual([])
  })

  it('are the same again from the same seed, whatever was run before', { timeout: 60_000 }, async () => {
    const once = await runMany({ first: 100, histories: 10, threads: 1 })
    const again = await runMany({ first: 100, histories: 10, threads: 2 })
    expect(again.hash).toBe(once.hash)
    const others = await runMany({ first: 200, histories: 10, threads: 2 })
    expect(others.hash).not.toBe(once.hash)
  })
})

describe('forty histories with a provider that can do what the real one declares', () => {
  it.each(providerNames)('break no promise: %s', { timeout: 60_000 }, async (like) => {
    const { failures, counts } = await runMany({ first: 1, histories: 40, threads: 2, like })
    expect(broken(failures)).toEqual([])
    expect(counts.captured).toBeGreaterThan(5)
  })
})

describe('the simulation finds a planted bug:', () => {
  // The others take more histories; `npm run simulate -- --mutants` plants them all.
  const quick = mutants.filter(({ within }) => within <= 50)

  it.each(quick)('$name', { timeout: 120_000 }, async ({ within, ...mutant }) => {
    const { failures } = await runMany({ first: 1, histories: within, threads: 2, mutant, stops: true })
    expect(failures.length).toBeGreaterThan(0)
  })

  it.each(mutants)('$name has its place in the code', ({ file, from }) => {
    const text = readFileSync(path.join(root, 'src', file), 'utf8')
    expect(text.split(from).length - 1).toBe(1)
  })
})
