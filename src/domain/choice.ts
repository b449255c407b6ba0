/** Which connection a session is paid through when it names none: the order's currency chooses. */

/** A connection as far as the choice goes. */
export interface Candidate {
  id: string
  /** Upper-case ISO 4217 codes that it takes, or 'any'. */
  takes: readonly string[] | 'any'
  /** Its merchant listed those currencies, rather than leaving them to the provider. */
  listed: boolean
}

/** Whether a connection can be paid through in this currency. */
export function takes(currencies: readonly string[] | 'any', currency: string): boolean {
  return currencies === 'any' || currencies.includes(currency)
}

/**
 * The one of these, the oldest first, that takes the currency: rather one that lists it than one whose provider merely takes
 * it. Null when none does. The mode's default comes before all of them, and is not asked about here.
 */
export function chosenFor(currency: string, candidates: readonly Candidate[]): Candidate | null {
  const able = candidates.filter((candidate) => takes(candidate.takes, currency))
  return able.find(({ listed }) => listed) ?? able[0] ?? null
}
