import { describe, expect, it } from 'vitest'
import { type Candidate, chosenFor, takes } from '../../../src/domain/choice.ts'

const candidate = (id: string, takes: Candidate['takes'], more: Partial<Candidate> = {}): Candidate => ({
  ...{ id, takes, listed: false },
  ...more,
})

describe('of the connections that could take an order in a currency', () => {
  it('only those count that take it', () => {
    expect(chosenFor('EUR', [candidate('drams', ['AMD']), candidate('euros', ['EUR'])])?.id).toBe('euros')
    expect(chosenFor('EUR', [candidate('drams', ['AMD']), candidate('anything', 'any')])?.id).toBe('anything')
    expect(chosenFor('EUR', [candidate('drams', ['AMD'])])).toBeNull()
    expect(chosenFor('EUR', [])).toBeNull()
  })

  it('one that lists the currency comes before one whose provider merely takes it, however old that is', () => {
    const old = candidate('old', 'any')
    const listing = candidate('listing', ['EUR', 'USD'], { listed: true })
    expect(chosenFor('EUR', [old, listing])?.id).toBe('listing')
    expect(chosenFor('EUR', [listing, old])?.id).toBe('listing')
    expect(chosenFor('JPY', [listing, old])?.id).toBe('old')
  })

  it('of equals the oldest comes first, which is the first that is given', () => {
    const equals = [candidate('b', 'any'), candidate('a', 'any')]
    expect(chosenFor('EUR', equals)?.id).toBe('b')
    const listing = equals.map((one) => ({ ...one, listed: true }))
    expect(chosenFor('EUR', listing)?.id).toBe('b')
  })
})

it.each([
  ['any', 'XOF', true],
  [['AMD'], 'AMD', true],
  [['AMD'], 'USD', false],
  [[], 'AMD', false],
] as const)('a connection that takes %j takes %s: %s', (list, currency, whether) => {
  expect(takes(list, currency)).toBe(whether)
})
