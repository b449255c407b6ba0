import { describe, expect, it } from 'vitest'
import { scrubbed } from '../../../src/payment/scrub.ts'

const scrub = (text: string | Uint8Array) =>
  scrubbed(typeof text === 'string' ? new TextEncoder().encode(text) : text)

describe('a report’s body as the object keeps it', () => {
  it('keeps what tells about the money', () => {
    const said = { type: 'payment.captured', data: { reference: 'sbx_1', amount: 1250000, currency: 'AMD' } }
    expect(JSON.parse(scrub(JSON.stringify(said)))).toEqual(said)
  })

  it.each([
    ...['card', 'card_number', 'maskedPan', 'cvv', 'cvc', 'exp_month', 'cardHolder', 'holder_name', 'name'],
    ...['first_name', 'lastName', 'fullName', 'payer', 'buyer', 'customer', 'email', 'eMail', 'phone'],
    ...['billing_address', 'date_of_birth', 'iban', 'account_number', 'password', 'token', 'client_secret'],
    ...['signature', 'EDP_CHECKSUM'],
  ])('drops the field %s, wherever it stands, with all that is in it', (name) => {
    const kept = scrub(JSON.stringify({ a: [{ [name]: { deep: 'PRIVATE' } }], amount: 5 }))
    expect(kept).not.toContain('PRIVATE')
    expect(JSON.parse(kept)).toEqual({ a: [{ [name]: '[removed]' }], amount: 5 })
  })

  it('drops fields of a form alike, and keeps its other ones', () => {
    const kept = new URLSearchParams(
      scrub('EDP_BILL_NO=A-1&EDP_AMOUNT=100.00&EDP_CHECKSUM=abcd&email=ani%40x.am'),
    )
    expect(Object.fromEntries(kept)).toEqual({
      ...{ EDP_BILL_NO: 'A-1', EDP_AMOUNT: '100.00', EDP_CHECKSUM: '[removed]', email: '[removed]' },
    })
  })

  it.each(['4111111111111111', '4111 1111 1111 1111', '4111-1111-1111-1111', '378282246310005'])(
    'drops the card number %s from any text, under any name',
    (card) => {
      for (const body of [JSON.stringify({ note: `paid by ${card}` }), `note=${card}`, `plain ${card} text`])
        expect(scrub(body).replace(/\D/g, '')).not.toContain(card.replace(/\D/g, ''))
    },
  )

  it('keeps long numbers that are no card numbers', () => {
    expect(scrub('{"reference":"4111111111111112"}')).toContain('4111111111111112')
  })

  it('is at most 16 KB of text, however long or deep the body is', () => {
    expect(scrub(JSON.stringify({ a: 'x'.repeat(100_000) })).length).toBe(16_384)
    expect(scrub(`${'['.repeat(5_000)}${']'.repeat(5_000)}`).length).toBeLessThanOrEqual(16_384)
  })

  it('is text whatever the bytes are', () => {
    expect(() => scrub(Uint8Array.from({ length: 1_000 }, (_, index) => index % 256))).not.toThrow()
  })
})
