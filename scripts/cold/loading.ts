/** How many function calls the loading of a bundle takes: the same number on every machine, where milliseconds are not. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'

/** Function calls by whose code is called, a package's or a folder's of ours; most first. */
export function callsIn(bundle: string): Record<string, number> {
  const counter = path.join(import.meta.dirname, 'calls.ts')
  const calls: Record<string, number> = JSON.parse(
    execFileSync(process.execPath, [counter, bundle], { encoding: 'utf8' }),
  )
  return Object.fromEntries(Object.entries(calls).sort(([, one], [, other]) => other - one))
}

export const totalOf = (calls: Record<string, number>): number =>
  Object.values(calls).reduce((sum, count) => sum + count, 0)
