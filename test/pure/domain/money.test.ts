import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currencies, decimalOf, exponentOf, isAmount, minorUnitsOf } from '../../../src/domain/money.ts'

const anyCurrency = fc.constantFrom(...currencies)
const anyAmount = fc.oneof(fc.nat(), fc.maxSafeNat())

describe('a currency', () => {
  it.each([
    ['JPY', 0],
    ['KRW', 0],
    ['ISK', 0],
    ['CLP', 0],
    ['UGX', 0],
    ['XAF', 0],
    ['AMD', 2],
    ['USD', 2],
    ['EUR', 2],
    ['RUB', 2],
    ['GEL', 2],
    ['HUF', 2],
    ['MGA', 2],
    ['KWD', 3],
    ['BHD', 3],
    ['JOD', 3],
    ['TND', 3],
  ])('has the decimals that ISO 4217 gives it: %s has %i', (currency, exponent) => {
    expect(exponentOf(currency)).toBe(exponent)
  })

  it.each(['usd', 'USDT', 'XXX', 'XTS', 'XAU', 'CLF', 'US', '', ' USD', 'constructor'])(
    'is none that anybody can pay in when it is written %j',
    (currency) => {
      expect(exponentOf(currency)).toBeUndefined()
    },
  )

  it('is listed once, in order, and in upper case', () => {
    expect(currencies).toEqual([...new Set(currencies)].sort())
    expect(currencies.every((currency) => /^[A-Z]{3}$/.test(currency))).toBe(true)
    expect(currencies.length).toBeGreaterThan(150)
  })
})

describe('the amount of a payment', () => {
  it.each([1, 1_250_000, Number.MAX_SAFE_INTEGER])('may be %d minor units', (amount) => {
    expect(isAmount(amount)).toBe(true)
  })

  it.each([0, -1, 0.5, 1.000_000_1, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])(
    'may not be %d minor units',
    (amount) => {
      expect(isAmount(amount)).toBe(false)
    },
  )
})

describe('an amount as a decimal', () => {
  it.each([
    [125_050, 'USD', '1250.50'],
    [5, 'USD', '0.05'],
    [0, 'USD', '0.00'],
    [100, 'AMD', '1.00'],
    [500, 'JPY', '500'],
    [0, 'JPY', '0'],
    [1, 'KWD', '0.001'],
    [12_345, 'KWD', '12.345'],
    [Number.MAX_SAFE_INTEGER, 'USD', '90071992547409.91'],
  ])('writes %d of %s as %s', (amount, currency, decimal) => {
    expect(decimalOf(amount, currency)).toBe(decimal)
  })

  it.each([
    [-1, 'USD'],
    [1.5, 'USD'],
    [2 ** 53, 'USD'],
    [Number.NaN, 'USD'],
    [100, 'usd'],
    [100, 'XXX'],
  ])('refuses to write %d of %s', (amount, currency) => {
    expect(() => decimalOf(amount, currency)).toThrow(
      new RangeError(`${amount} ${currency} is not an amount of money.`),
    )
  })

  it('comes back as the same minor units, whatever the currency', () => {
    fc.assert(
      fc.property(anyAmount, anyCurrency, (amount, currency) => {
        expect(minorUnitsOf(decimalOf(amount, currency), currency)).toBe(amount)
      }),
    )
  })

  it('has exactly as many decimals as its currency', () => {
    fc.assert(
      fc.property(anyAmount, anyCurrency, (amount, currency) => {
        expect(decimalOf(amount, currency).split('.')[1]?.length ?? 0).toBe(exponentOf(currency))
      }),
    )
  })
})

describe('a decimal as minor units', () => {
  it.each([
    ['1250.50', 'USD', 125_050],
    ['1250.5', 'USD', 125_050],
    ['1250', 'USD', 125_000],
    ['1250.5000', 'USD', 125_050],
    ['007.10', 'USD', 710],
    ['500', 'JPY', 500],
    ['500.00', 'JPY', 500],
    ['1.234', 'KWD', 1_234],
    ['0.01', 'USD', 1],
  ])('reads %s %s as %d', (decimal, currency, amount) => {
    expect(minorUnitsOf(decimal, currency)).toBe(amount)
  })

  it.each([
    ['1.005', 'USD'],
    ['1.5', 'JPY'],
    ['1.2345', 'KWD'],
    ['-1', 'USD'],
    ['+1', 'USD'],
    ['1e3', 'USD'],
    ['1,000.00', 'USD'],
    ['1,5', 'USD'],
    ['.5', 'USD'],
    ['1.', 'USD'],
    ['', 'USD'],
    [' 1', 'USD'],
    ['1\n', 'USD'],
    ['0x10', 'USD'],
    ['١', 'USD'],
    ['NaN', 'USD'],
    ['1', 'XXX'],
    ['90071992547409.92', 'USD'],
    ['9999999999999999', 'USD'],
    ['99999999999999999', 'JPY'],
  ])('does not guess at %j %s', (decimal, currency) => {
    expect(minorUnitsOf(decimal, currency)).toBeNull()
  })
})
