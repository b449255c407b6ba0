import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  base32,
  deliveryId,
  eventId,
  exceptionId,
  freshId,
  isInboxId,
  isPaymentId,
  paymentOfSession,
  refundId,
  sessionId,
} from '../../../src/domain/ids.ts'
import { CORE, PAYMENT } from '../../support/a-payment.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

describe('base32', () => {
  it.each([
    [[0x00, 0x00, 0x00], 4, '0000'],
    [[0xff, 0xff, 0xff, 0xff, 0xff], 8, 'zzzzzzzz'],
    [[0b00001_000, 0b10_00011_0, 0b0100_0010], 4, '1234'],
    [[0xff], 1, 'z'],
  ])('writes %j in %i characters as %s', (raw, length, text) => {
    expect(base32(Uint8Array.from(raw), length)).toBe(text)
  })

  it('never invents characters for bits that are not there', () => {
    expect(() => base32(new Uint8Array(15), 25)).toThrow(
      new RangeError('15 bytes do not make 25 characters.'),
    )
    expect(() => base32(new Uint8Array(0), 1)).toThrow(RangeError)
  })

  it('uses no letter that is read as a digit', () => {
    fc.assert(
      fc.property(bytes(20), (raw) => {
        expect(base32(raw, 32)).toMatch(/^[0-9a-hjkmnp-tv-z]{32}$/)
      }),
    )
  })

  it('keeps every bit: other bytes make another text', () => {
    fc.assert(
      fc.property(bytes(15), (raw) => {
        const values = [...base32(raw, 24)].map((character) =>
          '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(character).toString(2).padStart(5, '0'),
        )
        const bits = [...raw].map((byte) => byte.toString(2).padStart(8, '0')).join('')
        expect(values.join('')).toBe(bits)
      }),
    )
  })
})

describe('a fresh id', () => {
  it('says what it names and carries 26 characters', () => {
    expect(freshId('con', new Uint8Array(17))).toBe(`con_${'0'.repeat(26)}`)
  })
})

describe('a session id', () => {
  it('routes to its payment by itself', () => {
    fc.assert(
      fc.property(bytes(17), bytes(9), (raw, random) => {
        const payment = freshId('pay', raw)
        expect(paymentOfSession(sessionId(payment, random))).toBe(payment)
      }),
    )
  })

  it('carries at least 64 random bits behind the part that can be guessed', () => {
    const id = sessionId(PAYMENT, new Uint8Array(16).fill(255))
    expect(id).toBe(`ps_${CORE}${'z'.repeat(13)}`)
    expect(() => sessionId(PAYMENT, new Uint8Array(8))).toThrow(RangeError)
  })

  it.each([
    '',
    'ps_',
    PAYMENT,
    `ps_${CORE}`,
    `ps_${CORE}${'0'.repeat(12)}`,
    `ps_${CORE}${'0'.repeat(14)}`,
    `ps_${CORE}${'u'.repeat(13)}`,
    `ps_${CORE}${'0'.repeat(12)}/`,
    `ps_${CORE.toUpperCase()}${'0'.repeat(13)}`,
    ` ps_${CORE}${'0'.repeat(13)}`,
    `ps_${CORE}${'0'.repeat(13)}\n`,
    `pay_${CORE}${'0'.repeat(13)}`,
  ])('is none when it is written %j', (id) => {
    expect(paymentOfSession(id)).toBeNull()
  })
})

describe('the ids of objects', () => {
  it('are told apart by their prefix', () => {
    expect([isPaymentId(PAYMENT), isInboxId(PAYMENT)]).toEqual([true, false])
    expect([isPaymentId(`inb_${CORE}`), isInboxId(`inb_${CORE}`)]).toEqual([false, true])
  })

  it.each([
    'pay_',
    `pay_${CORE}0`,
    `pay_${CORE.slice(1)}`,
    `pay_${CORE.slice(1)}o`,
    `../pay_${CORE}`,
    `${PAYMENT}\n`,
  ])('are none when they are written %j', (id) => {
    expect(isPaymentId(id)).toBe(false)
  })
})

describe('ids within a payment', () => {
  it('are the payment and a place, so that the same thing always has the same name', () => {
    expect(eventId(PAYMENT, 3)).toBe(`evt_${CORE}000003`)
    expect(exceptionId(PAYMENT, 12)).toBe(`exc_${CORE}0012`)
    expect(refundId(PAYMENT, 1)).toBe(`rfd_${CORE}0001`)
  })

  it('go on when places run out of digits', () => {
    expect(eventId(PAYMENT, 1_234_567)).toBe(`evt_${CORE}1234567`)
  })

  it('are the same for an inbox, by its own characters', () => {
    expect(eventId(`inb_${CORE}`, 1)).toBe(`evt_${CORE}000001`)
  })

  it('hold no dot, which would break what destinations verify', () => {
    expect(eventId(PAYMENT, 1)).not.toContain('.')
  })
})

describe('a delivery id', () => {
  const destination = (raw: Uint8Array) => freshId('dst', raw)

  it('is the same for the same event and destination, and another for any other pair', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 99_999_999 }), { minLength: 2 }),
        bytes(17),
        (places, raw) => {
          const ids = places.map((place) => deliveryId(eventId(PAYMENT, place), destination(raw)))
          expect(new Set(ids).size).toBe(places.length)
          expect(deliveryId(eventId(PAYMENT, places[0] ?? 0), destination(raw))).toBe(ids[0])
        },
      ),
    )
    const event = eventId(PAYMENT, 1)
    expect(deliveryId(event, destination(new Uint8Array(17)))).toBe(`dlv_${CORE}000001${'0'.repeat(26)}`)
    expect(deliveryId(event, destination(new Uint8Array(17)))).not.toBe(
      deliveryId(event, destination(new Uint8Array(17).fill(1))),
    )
  })
})
