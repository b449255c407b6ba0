import { describe, expect, it } from 'vitest'
import { currencies } from '../../../src/domain/money.ts'
import {
  contractCurrencies,
  currencyOf,
  numberOf,
  usualCurrencies,
} from '../../../src/domain/numeric-currencies.ts'

// ISO 4217, list one.
const numbers = [
  ['AMD', '051'],
  ['EUR', '978'],
  ['RUB', '643'],
  ['USD', '840'],
] as const

describe('a currency that Armenian banks settle in', () => {
  it.each(numbers)('%s is sent to them as %s, and understood when they answer so', (currency, number) => {
    expect([numberOf(currency), currencyOf(number)]).toEqual([number, currency])
  })

  it('is understood without its leading zero, and as a number', () => {
    expect([currencyOf('51'), currencyOf(51), currencyOf(840)]).toEqual(['AMD', 'AMD', 'USD'])
  })

  it('is one that can be paid in, and is dram where a contract does not say', () => {
    expect(contractCurrencies).toEqual(numbers.map(([currency]) => currency))
    expect(currencies).toEqual(expect.arrayContaining([...contractCurrencies]))
    expect(usualCurrencies).toEqual(['AMD'])
  })
})

describe('no currency', () => {
  it.each([null, undefined, '', '0', '000', '0051', '51.0', 'AMD', 826, 51.5])('is meant by %j', (number) => {
    expect(currencyOf(number)).toBeNull()
  })

  it.each(['GBP', 'amd', '', 'constructor'])('has a number when it is written %j', (currency) => {
    expect(numberOf(currency)).toBeUndefined()
  })
})
