import { createHmac } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { mintOrderToken, readOrderToken, type SignedOrder } from '../../../src/crypto/order-token.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const seconds = now / 1_000
const secret = 'a made-up order-signing secret, long enough'
const other = 'another made-up secret that is long enough'
const judge = { merchantId: 'mer_1', secrets: [secret], now }
const anOrder = { iss: 'mer_1', order_id: 'A-1001', amount: 1_250_000, currency: 'AMD', exp: seconds + 600 }

/** As a merchant would mint it, with a library that is not ours. */
const signed = (claims: Record<string, unknown>, alg = 'HS256', by = secret) =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(by))

/** A token in which every byte is chosen, for headers that libraries refuse to write. */
function forged(header: unknown, claims: unknown, by = secret, hash = 'sha256') {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac(hash, by).update(input).digest('base64url')}`
}

describe('an order token', () => {
  it('that a merchant signed gives the order', async () => {
    const claims = { ...anOrder, iat: seconds - 5, description: 'Ծաղիկներ', customer_id: 'c-7' }
    expect(await readOrderToken(await signed(claims), judge)).toEqual({
      kind: 'ok',
      order: {
        orderId: 'A-1001',
        amount: 1_250_000,
        currency: 'AMD',
        description: 'Ծաղիկներ',
        customerId: 'c-7',
        issuedAt: now - 5_000,
        expiresAt: now + 600_000,
      },
    })
  })

  it('that we mint is one that other libraries verify, and that we read back', async () => {
    const order: SignedOrder = {
      orderId: 'A-1',
      amount: 5,
      currency: 'JPY',
      description: null,
      customerId: null,
      issuedAt: now,
      expiresAt: now + 60_000,
    }
    const token = await mintOrderToken('mer_1', order, secret)
    const verified = await jwtVerify(token, new TextEncoder().encode(secret), { currentDate: new Date(now) })
    expect(verified.payload).toEqual({
      iss: 'mer_1',
      order_id: 'A-1',
      amount: 5,
      currency: 'JPY',
      iat: seconds,
      exp: seconds + 60,
    })
    expect(await readOrderToken(token, judge)).toEqual({ kind: 'ok', order })
  })

  it('verifies with either of two active secrets, and with no other', async () => {
    const token = await signed(anOrder)
    expect(await readOrderToken(token, { ...judge, secrets: [other, secret] })).toMatchObject({ kind: 'ok' })
    expect(await readOrderToken(token, { ...judge, secrets: [other] })).toMatchObject({ kind: 'invalid' })
    expect(await readOrderToken(token, { ...judge, secrets: [] })).toMatchObject({ kind: 'invalid' })
  })

  it.each([
    ['HS384', 'sha384'],
    ['HS512', 'sha512'],
    ['hs256', 'sha256'],
    ['none', 'sha256'],
    ['RS256', 'sha256'],
  ])('with alg %s is invalid, whatever stands behind it', async (alg, hash) => {
    expect(await readOrderToken(forged({ alg }, anOrder, secret, hash), judge)).toMatchObject({
      kind: 'invalid',
    })
  })

  it('without any signature is invalid', async () => {
    const [header, payload] = forged({ alg: 'none' }, anOrder).split('.')
    expect(await readOrderToken(`${header}.${payload}.`, judge)).toMatchObject({ kind: 'invalid' })
  })

  it('with a critical extension is invalid, since we know none', async () => {
    const header = { alg: 'HS256', crit: ['b64'], b64: true }
    expect(await readOrderToken(forged({ ...header, crit: ['x'] }, anOrder), judge)).toMatchObject({
      kind: 'invalid',
    })
  })

  it('is not verified with a secret of fewer than 32 characters, which could be guessed', async () => {
    const short = 'x'.repeat(31)
    const token = forged({ alg: 'HS256' }, anOrder, short)
    expect(await readOrderToken(token, { ...judge, secrets: [short, ''] })).toMatchObject({ kind: 'invalid' })
    await expect(mintOrderToken('mer_1', {} as SignedOrder, short)).rejects.toThrow(RangeError)
  })

  it('is invalid once a character of any of its parts is changed', async () => {
    const token = await signed(anOrder)
    for (const part of [0, 1, 2]) {
      const parts = token.split('.')
      const text = parts[part]!
      parts[part] = text.slice(0, 5) + (text[5] === 'A' ? 'B' : 'A') + text.slice(6)
      expect(await readOrderToken(parts.join('.'), judge), `part ${part}`).toMatchObject({ kind: 'invalid' })
    }
  })

  it.each([
    ['of another merchant', { iss: 'mer_2' }],
    ['without an issuer', { iss: undefined }],
    ['without an order id', { order_id: undefined }],
    ['with an order id that is none', { order_id: '../A' }],
    ['with amount 0', { amount: 0 }],
    ['with a negative amount', { amount: -1 }],
    ['with a fractional amount', { amount: 1.5 }],
    ['with an amount as text', { amount: '100' }],
    ['with an amount above 2^53 - 1', { amount: 2 ** 53 }],
    ['with an unknown currency', { currency: 'XXX' }],
    ['with a currency in lower case', { currency: 'amd' }],
    ['without an end', { exp: undefined }],
    ['with an end as text', { exp: String(seconds + 60) }],
    ['that ends more than 24 hours ahead', { exp: seconds + 86_400 + 60 }],
    ['that is not valid yet', { nbf: seconds + 60 }],
    ['issued in the future', { iat: seconds + 60 }],
    ['with a description that is no text', { description: 7 }],
    ['with a customer that is no text', { customer_id: {} }],
    ['with a claim that nobody knows', { capture_method: 'manual' }],
  ])('%s is invalid', async (_, change) => {
    expect(await readOrderToken(await signed({ ...anOrder, ...change }), judge)).toMatchObject({
      kind: 'invalid',
    })
  })

  it.each([
    ['the other registered claims', { sub: 'x', aud: 'tollgate', jti: 'j', nbf: seconds - 1 }],
    ['an end exactly 24 hours ahead', { exp: seconds + 86_400 }],
    ['a clock that runs a little ahead of ours', { iat: seconds + 20, nbf: seconds + 20 }],
  ])('is valid with %s', async (_, change) => {
    expect(await readOrderToken(await signed({ ...anOrder, ...change }), judge)).toMatchObject({ kind: 'ok' })
  })

  it('is expired from the very second that it names', async () => {
    const token = await signed({ ...anOrder, exp: seconds })
    expect(await readOrderToken(token, judge)).toEqual({ kind: 'expired' })
    expect(await readOrderToken(token, { ...judge, now: now - 1 })).toMatchObject({ kind: 'ok' })
  })

  it('that expired under a secret that is not ours is invalid, not expired', async () => {
    const token = await signed({ ...anOrder, exp: seconds - 60 }, 'HS256', other)
    expect(await readOrderToken(token, judge)).toMatchObject({ kind: 'invalid' })
  })

  it.each(['', '.', '..', 'a.b.c', 'not a token', '{}', 'x'.repeat(10_000)])('is not %#', async (text) => {
    expect(await readOrderToken(text, judge)).toMatchObject({ kind: 'invalid' })
  })

  it.each(['[]', '"text"', 'null', '7', 'not json'])('with the payload %s is invalid', async (payload) => {
    const input = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
    const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    expect(await readOrderToken(token, judge)).toMatchObject({ kind: 'invalid' })
  })
})
