import { describe, expect, it } from 'vitest'
import {
  fileAndLine,
  identityOf,
  isNamed,
  placeOf,
  type SettlementRow,
} from '../../../../src/domain/settlement/row.ts'
import { aRow } from '../../../support/a-settlement.ts'

describe('the identity of a row, which claims of earlier releases still hold', () => {
  it.each<[string, Partial<SettlementRow>, string]>([
    ['is its provider’s id of it', {}, 'id payment tx-1'],
    ['is another one of another kind', { kind: 'refund' }, 'id refund tx-1'],
    [
      'is all that it says where it has none',
      { id: null, references: ['a', 'b'], orderId: 'A-1' },
      'row payment a,b A-1 1000 AMD 2026-11-20',
    ],
    [
      'keeps the room of what it does not say',
      { id: null, date: null, amount: -7 },
      'row payment ref-1  -7 AMD ',
    ],
  ])('%s', (_, row, identity) => {
    expect(identityOf(aRow(row))).toBe(identity)
  })

  it('is none that the line or the fee could change', () => {
    const row = aRow({ id: null })
    expect(identityOf({ ...row, line: 9, fee: 30 })).toBe(identityOf(row))
  })

  it('is named by the provider alone', () => {
    expect([aRow(), aRow({ id: null })].map(isNamed)).toEqual([true, false])
  })
})

describe('a place', () => {
  it.each([
    [0, 1],
    [1, 2],
    [3, 100_001],
    [40, 9_999_999],
  ])('leads back to file %i and line %i', (file, line) => {
    expect(fileAndLine(placeOf(file, line))).toEqual({ file, line })
  })

  it('keeps the order of lines, and of files before it', () => {
    const places = [placeOf(0, 2), placeOf(0, 3), placeOf(1, 1), placeOf(1, 9_999_999), placeOf(2, 1)]
    expect(places.toSorted((left, right) => left - right)).toEqual(places)
  })
})
