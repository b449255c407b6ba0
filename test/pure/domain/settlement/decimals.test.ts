import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currencies, decimalOf, exponentOf } from '../../../../src/domain/money.ts'
import { readAmount, readMinorUnits } from '../../../../src/domain/settlement/decimals.ts'

const amountOf = (text: string, currency = 'USD', sign: 'auto' | '.' | ',' = 'auto') => {
  const read = readAmount(text, currency, sign)
  return read.kind === 'amount' ? read.amount : null
}

describe('an amount', () => {
  it.each([
    ['12.50', 1_250],
    ['12,50', 1_250],
    ['12.5', 1_250],
    ['1,234.56', 123_456],
    ['1.234,56', 123_456],
    ['1,234,567', 123_456_700],
    ['1.234.567', 123_456_700],
    ['1.234.567,8', 123_456_780],
    ['1 234 567.00', 123_456_700],
    ['1\u00a0234,50', 123_450],
    ["1'234.50", 123_450],
    ['1’234.50', 123_450],
    ['-12.50', -1_250],
    ['- 12.50', -1_250],
    ['( 12.50 )', -1_250],
    [' 12.50 ', 1_250],
    ['−12.50', -1_250],
    ['12.50-', -1_250],
    ['(12.50)', -1_250],
    ['+12.50', 1_250],
    ['0.125,00', null],
    ['-0.00', 0],
    ['0,125', null],
    ['1234.500', 123_450],
  ])('%s is %s', (text, amount) => {
    expect(amountOf(text)).toBe(amount)
  })

  it.each([
    '',
    '-',
    '.',
    '12.',
    ',5x',
    '1,2,3',
    '12,34,567.00',
    '1,2345,678',
    '12 50',
    '1 2 3.5',
    "12'50",
    '1 234.5 6',
    '0 125.00',
    '1,234,5678',
    '1234,567,890',
    '0,125,000',
    '1,,000',
    '1.2.3,4,5',
    '--1',
    '(-1)',
    '-1-',
    '(1',
    '1e3',
    'NaN',
    '1.005',
    '٣',
  ])('%s is none', (text) => {
    expect(readAmount(text, 'USD', 'auto').kind).toBe('wrong')
  })

  it.each(['1.2.3', '1.2,3', '1.', '1,.5'])('%s is none where the point is the decimal sign', (text) => {
    expect(readAmount(text, 'USD', '.').kind).toBe('wrong')
  })

  it.each([
    ['twelve', 'is not an amount'],
    ['0.005', 'is not an amount of USD: not a number, or finer than its minor unit'],
    ['-12.50-', 'has more than one sign'],
  ])('%s is refused because it %s', (text, why) => {
    expect(readAmount(text, 'USD', 'auto')).toEqual({ kind: 'wrong', why })
  })

  it.each(['1,234', '12.345', '-1.000'])(
    '%s can be read in two ways, and is refused until the mapping says which',
    (text) => {
      expect(readAmount(text, 'KWD', 'auto')).toMatchObject({
        kind: 'wrong',
        why: expect.stringContaining('two ways'),
      })
      expect(amountOf(text, 'KWD', '.')).not.toBe(amountOf(text, 'KWD', ','))
      expect(amountOf(text, 'KWD', '.')).not.toBeNull()
    },
  )

  it('comes back from whatever way it was written in, for every currency', () => {
    const written = fc.record({
      amount: fc.integer({ min: -(10 ** 14), max: 10 ** 14 }),
      currency: fc.constantFrom(...currencies),
      sign: fc.constantFrom<'.' | ','>('.', ','),
      group: fc.constantFrom('', ' ', '\u00a0', "'", 'other'),
    })
    fc.assert(
      fc.property(written, ({ amount, currency, sign, group }) => {
        const [whole = '', fraction] = decimalOf(Math.abs(amount), currency).split('.')
        const between = group === 'other' ? (sign === '.' ? ',' : '.') : group
        const grouped = whole.replace(/\B(?=(\d{3})+$)/g, between)
        const text = `${amount < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `${sign}${fraction}`}`
        expect(amountOf(text, currency, sign)).toBe(amount)
        // Read by itself it is the same or refused, and never another amount.
        expect([amount, null]).toContain(amountOf(text, currency, 'auto'))
        expect(exponentOf(currency)).toBeDefined()
      }),
    )
  })

  it('in minor units is a whole number and nothing else', () => {
    expect(readMinorUnits('-1250')).toEqual({ kind: 'amount', amount: -1_250 })
    expect(readMinorUnits(' 7 ')).toEqual({ kind: 'amount', amount: 7 })
    // Never minus nothing.
    expect(readMinorUnits('-0')).toEqual({ kind: 'amount', amount: 0 })
    for (const text of ['12.50', '12.0', '', '1 000', '1e3', '0x10', '9007199254740993'])
      expect(readMinorUnits(text), text).toEqual({
        ...{ kind: 'wrong', why: 'is not a whole number of minor units' },
      })
  })
})
