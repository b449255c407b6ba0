/** What the bench prints: a table for each state, with the targets beside the ratios. Markdown, as the docs hold it. */
import { cpuOf, percentile, rateOf, ratioOf, type Sample, spreadOf } from './figures.ts'
import { type Level, nameOfLevel } from './load.ts'
import type { Measure } from './windows.ts'

/** All windows of one measure at one level, round by round. */
export interface Row {
  measure: Measure
  level: Level
  floor: Sample[]
  gateway: Sample[]
}

/** The part of its floor's rate that each measure is to reach. */
export const targets: Record<Measure, number> = { open: 0.7, report: 0.6, read: 0.8, deliver: 0.5 }

const names: Record<Measure, string> = {
  open: 'session opening',
  report: 'signed report',
  read: 'status read',
  deliver: 'delivery',
}

export function tableOf(rows: readonly Row[]): string {
  const head = [
    '| | load | floor /s | gateway /s | ratio (least – most) | target | floor p50 · p95 · p99 ms | gateway p50 · p95 · p99 ms | CPU ms: floor · gateway |',
    '|---|---|---|---|---|---|---|---|---|',
  ]
  return [...head, ...rows.map(lineOf)].join('\n')
}

function lineOf({ measure, level, floor, gateway }: Row): string {
  const isEven = 'perSecond' in level
  const ratio = ratioOf(floor, gateway)
  const cells = [
    names[measure],
    measure === 'deliver' && !isEven ? 'a backlog' : nameOfLevel(level),
    rateIn(floor),
    rateIn(gateway),
    // At an even load both keep up, so only their times can be compared.
    isEven ? '' : `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)} – ${ratio.most.toFixed(2)})`,
    isEven ? '' : targets[measure].toFixed(1),
    // In a backlog a time tells how long the backlog was.
    measure === 'deliver' && !isEven ? '' : timesOf(floor),
    measure === 'deliver' && !isEven ? '' : timesOf(gateway),
    `${cpuText(floor)} · ${cpuText(gateway)}`,
  ]
  return `| ${cells.join(' | ')} |`
}

const rateIn = (samples: readonly Sample[]) => spreadOf(samples.map(rateOf)).median.toFixed(0)

function timesOf(samples: readonly Sample[]): string {
  const all = samples.flatMap(({ latencies }) => latencies)
  return [0.5, 0.95, 0.99].map((share) => percentile(all, share).toFixed(1)).join(' · ')
}

function cpuText(samples: readonly Sample[]): string {
  return cpuOf(samples)?.toFixed(2) ?? '?'
}

/** A sentence for each answer that was not as it should be. */
export function wrongIn(rows: readonly Row[]): string[] {
  return rows.flatMap(({ measure, level, floor, gateway }) =>
    Object.entries({ floor, gateway }).flatMap(([who, samples]) =>
      samples.flatMap(({ wrong }) =>
        Object.entries(wrong).map(
          ([what, count]) =>
            `${names[measure]}, ${nameOfLevel(level)}: the ${who} answered ${what} ${count} times.`,
        ),
      ),
    ),
  )
}
