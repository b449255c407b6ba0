import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readIdempotencyKey } from '../../../src/http/idempotency.ts'

describe('the Idempotency-Key header', () => {
  it.each([
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    ['  abc  ', 'abc'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['a b,c;d=e', 'a b,c;d=e'],
    ['"a \\"quoted\\" \\\\ key"', 'a "quoted" \\ key'],
    ['" "', ' '],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('with %j means the key %j', (header, key) => {
    expect(readIdempotencyKey(header)).toEqual({ kind: 'key', key })
  })

  it.each([undefined, '', '   '])('with %j is missing', (header) => {
    expect(readIdempotencyKey(header)).toEqual({ kind: 'missing' })
  })

  it.each([
    '""',
    '"',
    '"abc',
    '"abc"def',
    '"abc";p=1',
    '"a\\nb"',
    'x'.repeat(256),
    `"${'x'.repeat(256)}"`,
    'ключ',
    'a\u0007b',
    'a\u007fb',
  ])('with %j is malformed', (header) => {
    expect(readIdempotencyKey(header)).toEqual({ kind: 'malformed' })
  })

  it('means the same key bare and quoted, for every key that can be sent bare', () => {
    const printable = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' })
    fc.assert(
      fc.property(printable, (text) => {
        fc.pre(text.trim() === text && !text.startsWith('"'))
        const quoted = `"${text.replace(/["\\]/g, '\\$&')}"`
        expect(readIdempotencyKey(quoted)).toEqual(readIdempotencyKey(text))
      }),
    )
  })
})
