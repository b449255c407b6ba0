import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from '../../../src/http/json.ts'

const read = (text: string) => readJson(new TextEncoder().encode(text))
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

describe('a JSON body', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value)
        // Doubles may have seventeen digits; amounts have no fraction at all.
        fc.pre(!/\\u0000|\\ud[89a-f]|__proto__|\d[.e]|\d{16}/i.test(text))
        expect(read(text)).toEqual({ kind: 'json', value: JSON.parse(text) })
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['half an object', '{"a":1'],
    ['a trailing comma', '{"a":1,}'],
    ['two values', '{} {}'],
    ['a comment', '{} // x'],
    ['NaN', '{"a":NaN}'],
    ['a fraction that would be rounded away', '{"a":1000.00000000000000001}'],
    ['the same by its exponent', '{"a":80000000000000005e-1}'],
    ['a name given twice', '{"amount":1,"amount":2}'],
    ['a name given twice in another spelling', '{"amount":1,"\\u0061mount":2}'],
    ['a name given twice deeper down', '{"a":[{"b":1,"b" : 2}]}'],
    ['a name that reaches the prototype', '{"__proto__":{"x":1}}'],
    ['the same in another spelling', '{"a":{"\\u005f_proto__":1}}'],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['a NUL in its text', '{"a":"x\\u0000"}'],
    ['more than 20 levels', nested(21)],
    ['a bomb of brackets', nested(30_000)],
  ])('with %s is malformed', (_, text) => {
    expect(read(text)).toMatchObject({ kind: 'malformed' })
  })

  it.each([
    ['20 levels', nested(20)],
    ['one name in two objects', '[{"a":1},{"a":2},{"b":{"a":3}}]'],
    ['a value that looks like a name', '{"a":"a","b":"a\\":","c":"{[{["}'],
    ['names that objects have by birth', '{"constructor":1,"toString":2,"prototype":3}'],
    ['a whole surrogate pair', '{"a":"\\ud83d\\ude00"}'],
  ])('with %s is fine', (_, text) => {
    expect(read(text)).toEqual({ kind: 'json', value: JSON.parse(text) })
  })

  it('that is not UTF-8 is malformed', () => {
    expect(readJson(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ kind: 'malformed' })
  })

  it('of 64 KB of quotes and backslashes is read without going over it again and again', () => {
    expect(read(JSON.stringify({ a: '\\"'.repeat(16_000) }))).toMatchObject({ kind: 'json' })
  })
})
