import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../../../src/crypto/base64.ts'
import { isOneOf, isSecret } from '../../../src/crypto/compare.ts'
import { hmac } from '../../../src/crypto/hmac.ts'

describe('the comparison of secrets', () => {
  it('knows the secret itself and nothing that only begins like it', () => {
    expect(isSecret('opensesame', 'opensesame')).toBe(true)
    expect(isSecret('opensesam', 'opensesame')).toBe(false)
    expect(isSecret('opensesame!', 'opensesame')).toBe(false)
    expect(isSecret(new Uint8Array([1, 2]), new Uint8Array([1, 2]))).toBe(true)
  })

  it('lets nothing through an empty secret, not even nothing', () => {
    expect(isSecret('', '')).toBe(false)
    expect(isSecret(new Uint8Array(), new Uint8Array())).toBe(false)
    expect(isOneOf('', ['', ''])).toBe(false)
  })

  it('knows any of several', () => {
    expect(isOneOf('b', ['a', 'b'])).toBe(true)
    expect(isOneOf('c', ['a', 'b'])).toBe(false)
    expect(isOneOf('c', [])).toBe(false)
  })
})

describe('the HMAC', () => {
  // RFC 4231, test case 2.
  it.each([
    ['sha256', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    [
      'sha512',
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    ],
  ] as const)('by %s is that of RFC 4231, also when it is fed in parts', (hash, code) => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    expect(hex(hmac(hash, 'Jefe', 'what do ya want for nothing?'))).toBe(code)
    expect(hex(hmac(hash, 'Jefe', 'what do ya want ', new TextEncoder().encode('for nothing?')))).toBe(code)
  })
})

describe('base64', () => {
  it('reads back what it wrote, in both alphabets, as Node writes it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
        expect(fromBase64(toBase64(bytes))).toEqual(bytes)
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes)
      }),
    )
  })

  it.each(['A', 'AA', 'AB==', 'AAA', 'A===', 'AA==\n', 'AA-_', '====', 'ÄÄÄÄ'])('is not %j', (text) => {
    expect(fromBase64(text)).toBeNull()
  })

  it.each(['A', 'AB', 'AA==', 'AA+/', 'A A'])('for addresses is not %j', (text) => {
    expect(fromBase64Url(text)).toBeNull()
  })
})
