import { describe, expect, it } from 'vitest'
import { type Candidate, chosenFor, takes } from '../../../src/domain/choice.ts'

const candidate = (id: string, takes: Candidate['takes'], more: Partial<Candidate> = {}): Candidate => ({
  ...{ id, takes, listed: false, createdAt: 1_000 },
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
    const old = candidate('old', 'any', { createdAt: 1 })
    const listing = candidate('listing', ['EUR', 'USD'], { listed: true, createdAt: 2 })
    expect(chosenFor('EUR', [old, listing])?.id).toBe('listing')
    expect(chosenFor('EUR', [listing, old])?.id).toBe('listing')
    expect(chosenFor('JPY', [listing, old])?.id).toBe('old')
  })

  it('the oldest comes first among equals, and of one moment the smaller id', () => {
    const older = candidate('b', 'any', { createdAt: 999 })
    const twins = [candidate('c', 'any'), candidate('a', 'any')]
    expect(chosenFor('EUR', [...twins, older])?.id).toBe('b')
    expect(chosenFor('EUR', twins)?.id).toBe('a')
    expect(chosenFor('EUR', twins.toReversed())?.id).toBe('a')
  })

  it('the list that was given stays as it was', () => {
    const given = [candidate('b', 'any'), candidate('a', 'any')]
    chosenFor('EUR', given)
    expect(given.map(({ id }) => id)).toEqual(['b', 'a'])
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
