/** The bench's arithmetic: percentiles, ratios with their spread, and whose turn it is. Pure, so that it is tested. */

/** What one window of load came to. */
export interface Sample {
  /** Answers as they should be. */
  done: number
  /** How long it took until the last of them. */
  seconds: number
  /** Milliseconds of each. */
  latencies: number[]
  /** CPU of the runtime's process in that time; null where the system does not tell. */
  cpuMs: number | null
  /** Answers as they should not be, by what they were. */
  wrong: Record<string, number>
}

/** The nearest-rank percentile: the smallest value that at least `share` (0 to 1) of all are not above. NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

export interface Spread {
  median: number
  least: number
  most: number
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: percentile(values, 0.5),
    least: percentile(values, 0),
    most: percentile(values, 1),
  }
}

/** Answers a second; 0 of a window that came to nothing. */
export const rateOf = ({ done, seconds }: Sample): number => (seconds > 0 ? done / seconds : 0)

/**
 * The subject's rate as a part of the floor's, round by round: only windows that ran beside each other are compared, so
 * that what disturbs the machine for a while disturbs both.
 */
export function ratioOf(floor: readonly Sample[], subject: readonly Sample[]): Spread {
  const pairs = floor.flatMap((one, round) => {
    const other = subject[round]
    return other === undefined || rateOf(one) === 0 ? [] : [rateOf(other) / rateOf(one)]
  })
  return spreadOf(pairs)
}

/** CPU of one answer in milliseconds, over all rounds; null where the system does not tell. */
export function cpuOf(samples: readonly Sample[]): number | null {
  let cpu = 0
  let done = 0
  for (const sample of samples) {
    if (sample.cpuMs === null) return null
    cpu += sample.cpuMs
    done += sample.done
  }
  return done === 0 ? null : cpu / done
}

/** Who goes first takes turns, since the second of two finds the machine as the first one left it. */
export function orderIn<T>(round: number, both: readonly [T, T]): readonly [T, T] {
  return round % 2 === 0 ? both : [both[1], both[0]]
}
