/** How fast a business system answers, told by the tries that went out to it last. */

export interface Spread {
  /** So many of a hundred values are no larger. */
  p50: number
  p95: number
  most: number
}

/** The spread of these values, each figure one of them; null for none. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((left, right) => left - right)
  const at = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1]!
  return { p50: at(50), p95: at(95), most: at(100) }
}
