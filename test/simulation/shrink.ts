/** Makes a failing history small: fewer troubles, then fewer deeds, as long as the same rule is still broken. */
import type { Capabilities } from '../../src/domain/provider.ts'
import { type Cut, runHistory, type Told } from './history.ts'
import { sayAction } from './plan.ts'
import { troubles } from './temper.ts'

/** The smallest cut of this seed's history that still breaks the same rule first. */
export async function shrink(seed: number, like: Capabilities | null = null): Promise<Cut> {
  const run = (cut?: Cut) => runHistory(seed, cut, false, like)
  const whole = await run()
  const rule = whole.violations[0]?.rule
  let best: Cut = { without: [], actions: [] }
  if (rule === undefined) return best
  const breaks = async (cut: Cut) => (await run(cut)).violations[0]?.rule === rule
  for (const name of troubles) {
    if (!whole.troubles.includes(name)) continue
    const cut = { ...best, without: [...best.without, name] }
    if (await breaks(cut)) best = cut
  }
  // From the end, since what came last is most often not needed.
  for (const index of [...whole.plan.keys()].reverse()) {
    const cut = { ...best, actions: [...best.actions, index] }
    if (await breaks(cut)) best = cut
  }
  return best
}

/** The options that run this cut again. */
export function optionsOf({ without, actions }: Cut): string {
  const parts = []
  if (without.length > 0) parts.push(`--without ${without.join(',')}`)
  if (actions.length > 0) parts.push(`--leave-out ${actions.join(',')}`)
  return parts.join(' ')
}

/** What a person needs to see of a history: who did what, and what came of it at each step. */
export function tellHistory(told: Told, left: Cut): string {
  const deeds = told.plan.flatMap((action, index) =>
    left.actions.includes(index) ? [] : [`  ${index}: ${sayAction(action)}`],
  )
  const { providers, destinations, captureMethod, rate, latency } = told.temper
  const temper = { troubles: told.troubles, providers, destinations, captureMethod, rate, latency }
  return [
    `Seed ${told.seed}, ${told.steps} steps, hash ${told.hash}`,
    `Temper: ${JSON.stringify(temper)}`,
    'Deeds:',
    ...deeds,
    'Steps (milliseconds after the beginning):',
    ...told.trace.map((line) => `  ${line}`),
    ...told.violations.map(({ rule, detail }) => `BROKEN: ${rule}\n  ${detail}`),
  ].join('\n')
}
