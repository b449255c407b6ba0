import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOfKey, makeApiKey, readApiKey } from '../../../src/crypto/api-keys.ts'

const random = fc.uint8Array({ minLength: 32, maxLength: 32 })
const bytes = (value: number) => new Uint8Array(32).fill(value)

describe('an API key', () => {
  it.each([
    ['secret', false, 'sk_test_'],
    ['secret', true, 'sk_live_'],
    ['publishable', false, 'pk_test_'],
    ['publishable', true, 'pk_live_'],
    ['operator', false, 'op_'],
    ['operator', true, 'op_'],
  ] as const)('of kind %s with livemode %s begins with %s', (kind, livemode, prefix) => {
    expect(makeApiKey(kind, livemode, bytes(7)).startsWith(prefix)).toBe(true)
  })

  it('says what it is, except that an operator token does not say its mode', () => {
    const secret = makeApiKey('secret', true, bytes(1))
    expect(readApiKey(secret)).toEqual({ kind: 'secret', livemode: true, hash: hashOfKey(secret) })
    const operator = makeApiKey('operator', true, bytes(1))
    expect(readApiKey(operator)).toEqual({ kind: 'operator', livemode: null, hash: hashOfKey(operator) })
  })

  it('is read back from whatever bytes it was made', () => {
    fc.assert(fc.property(random, (made) => readApiKey(makeApiKey('publishable', false, made)) !== null))
  })

  it('differs whenever its bytes differ', () => {
    fc.assert(
      fc.property(random, random, (one, other) => {
        const same = one.every((byte, index) => byte === other[index])
        return (makeApiKey('secret', false, one) === makeApiKey('secret', false, other)) === same
      }),
    )
  })

  it('is not recognised once any one of its characters is changed', () => {
    const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
    const key = makeApiKey('secret', false, bytes(200))
    for (let place = 'sk_test_'.length; place < key.length; place++) {
      const changed = alphabet[(alphabet.indexOf(key[place]!) + 1) % 32]
      expect(readApiKey(key.slice(0, place) + changed + key.slice(place + 1)), `at ${place}`).toBeNull()
    }
  })

  it('has its checksum reckoned only where no key was found by its hash', () => {
    const unlikely = `sk_test_${'0'.repeat(56)}`
    expect(readApiKey(unlikely, (hash) => hash === hashOfKey(unlikely))).toMatchObject({ kind: 'secret' })
    expect(readApiKey(unlikely, (hash) => hash === hashOfKey('another'))).toBeNull()
  })

  it('of test mode is no key once its text claims live mode', () => {
    expect(readApiKey(makeApiKey('secret', false, bytes(3)).replace('test', 'live'))).toBeNull()
  })

  it.each([
    '',
    'sk_test_',
    'sk_test_1234',
    'Bearer x',
    `sk_test_${'0'.repeat(56)}`,
    `sk_test_${'0'.repeat(100_000)}`,
  ])('is not the invented text %#', (text) => {
    expect(readApiKey(text)).toBeNull()
  })

  it('is not read with anything before or behind it', () => {
    const key = makeApiKey('secret', false, bytes(9))
    for (const text of [` ${key}`, `${key} `, `${key}\n`, key.toUpperCase()])
      expect(readApiKey(text)).toBeNull()
  })

  it('is made from 32 random bytes and from no other number', () => {
    expect(() => makeApiKey('secret', false, new Uint8Array(31))).toThrow(RangeError)
  })
})
