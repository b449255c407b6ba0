import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply } from '../../../src/domain/apply.ts'
import type { Entry, PlacedEntry } from '../../../src/domain/entry.ts'
import { type EventType, eventOf, eventTypeOf, eventTypes } from '../../../src/domain/event.ts'
import { raise, resolve } from '../../../src/domain/exceptions.ts'
import { record } from '../../../src/domain/facts.ts'
import { type Payment, type Session, statusOf } from '../../../src/domain/payment.ts'
import type { Fact } from '../../../src/domain/provider.ts'
import { paymentView } from '../../../src/domain/view.ts'
import {
  aPayment,
  authorized,
  CORE,
  captured,
  capturedFact,
  created,
  NOW,
  opened,
  opening,
  PAYMENT,
  refunded,
  sessionId,
  tell,
  telling,
  usd,
  withSessions,
  written,
} from '../../support/a-payment.ts'

const placed = (before: Payment | null, entry: Entry): PlacedEntry => ({
  ...{ seq: (before?.version ?? 0) + 1, at: NOW, actor: 'test', entry },
})
const typeOf = (before: Payment | null, entry: Entry | undefined): EventType | null => {
  if (entry === undefined) throw new Error('There is no entry.')
  return eventTypeOf(before, apply(before, placed(before, entry)), entry)
}
const told = (before: Payment, fact: Fact) => typeOf(before, record(before, telling(before, fact)).entries[0])
const receipted = (status: 'issued' | 'failed', refundId: string | null = null): Entry => ({
  type: 'fiscal.receipted',
  data: {
    ...{ kind: refundId === null ? 'sale' : 'refund', refundId, status },
    ...{ receiptId: 'F-1', url: null, amount: null },
  },
})
const eventFor = (before: Payment | null, entry: Entry, sequence = 1) => {
  const after = apply(before, placed(before, entry))
  const type = eventTypeOf(before, after, entry) ?? 'payment.paid'
  const event = eventOf(type, before, after, placed(before, entry), sequence)
  return { event, after, body: JSON.parse(event.body) as { type: string; timestamp: string; data: Data } }
}
type View = ReturnType<typeof paymentView>
interface Data {
  event_id: string
  sequence: number
  previous_status: string | null
  receipt_key?: string
  exception?: object
  payment: View & { truncated?: string[] }
}

describe('the event of a step', () => {
  const paid = withSessions(captured())
  const disputed = tell(paid, { type: 'disputed' }).payment
  const asked = tell(paid, { type: 'refund_pending', ...usd(300), reference: 'r-1' }).payment
  const given = tell(asked, { type: 'refunded_one', ...usd(300), reference: 'r-1' }).payment
  const corrected: Entry = {
    type: 'correction.made',
    data: {
      ...{ from: 'pending', to: 'paid', sessionId: sessionId(1), proposedBy: null },
      ...{ reason: 'Seen.', evidence: null, amount: null },
    },
  }
  const mismatch = raise(paid, { kind: 'contradiction', cause: 'x', detail: 'Look.' })

  it.each<[EventType, EventType | null]>([
    ['payment.created', typeOf(null, created)],
    ['payment.pending', typeOf(aPayment(), opening(1))],
    ['payment.authorized', told(withSessions({}), authorized)],
    ['payment.paid', told(withSessions({}), capturedFact)],
    ['payment.paid', told(withSessions({ state: 'expired' }), capturedFact)],
    ['payment.failed', told(withSessions({}), { type: 'failed' })],
    ['payment.canceled', told(withSessions({}), { type: 'canceled' })],
    ['payment.expired', told(withSessions({}), { type: 'expired' })],
    ['payment.pending', typeOf(withSessions({ state: 'failed' }), opening(2))],
    ['payment.refunded', told(paid, refunded(300))],
    ['payment.refunded', told(tell(paid, refunded(300)).payment, refunded(301))],
    ['payment.refund_failed', told(asked, { type: 'refund_failed', reference: 'r-1' })],
    ['payment.refund_failed', told(given, { type: 'refund_failed', reference: 'r-1' })],
    ['payment.fiscal_updated', typeOf(paid, receipted('failed'))],
    ['payment.fiscal_updated', typeOf(written(paid, [receipted('failed')]), receipted('failed'))],
    ['payment.corrected', typeOf(withSessions({}), corrected)],
    ['payment.disputed', told(paid, { type: 'disputed' })],
    ['payment.dispute_closed', told(disputed, { type: 'dispute_closed', outcome: 'won' })],
    ['payment.dispute_closed', told(disputed, { type: 'dispute_closed', outcome: 'lost' })],
    ['exception.raised', typeOf(paid, mismatch[0])],
    [
      'exception.resolved',
      typeOf(
        written(paid, mismatch),
        resolve(written(paid, mismatch), { kind: 'contradiction', cause: 'x' }, 'ok', null)[0],
      ),
    ],
  ])('is %s', (expected, type) => {
    expect(type).toBe(expected)
    expect(eventTypes).toContain(expected)
  })

  it('is none where nothing changed that business systems must know', () => {
    const one = { sessionId: sessionId(1) }
    expect(typeOf(withSessions({ state: 'opening' }), opened(1))).toBeNull()
    expect(typeOf(withSessions({}), { type: 'session.ending', data: { ...one, why: 'clock' } })).toBeNull()
    expect(typeOf(withSessions({}), { type: 'session.reused', data: one })).toBeNull()
    expect(
      typeOf(withSessions({}), { type: 'session.doubted', data: { ...one, why: 'report_mismatch' } }),
    ).toBeNull()
    expect(told(paid, capturedFact)).toBeNull()
    expect(told(withSessions(captured(), { state: 'failed' }), { type: 'expired' })).toBeNull()
  })

  it('is none for a second session’s money, beside the exception that tells of it', () => {
    const { entries } = tell(withSessions(captured(), {}), capturedFact, { nth: 2 })
    const before = withSessions(captured(), {})
    expect(typeOf(before, entries[0])).toBeNull()
    expect(typeOf(before, entries[1])).toBe('exception.raised')
  })

  it('is the status once when fiscal and fulfilment begin with it', () => {
    const { after, event } = eventFor(
      withSessions({}),
      record(withSessions({}), telling(withSessions({}), capturedFact)).entries[0] ?? created,
    )
    expect(event.type).toBe('payment.paid')
    expect(after).toMatchObject({ fiscalStatus: 'pending', fulfillmentStatus: 'pending' })
  })

  it('tells of a receipt or of fulfilment alone when they change alone', () => {
    const nothing: Entry = { type: 'session.reused', data: { sessionId: sessionId(1) } }
    expect(eventTypeOf(paid, { ...paid, fiscalStatus: 'issued' }, nothing)).toBe('payment.fiscal_updated')
    expect(eventTypeOf(paid, { ...paid, fulfillmentStatus: 'delivered' }, nothing)).toBe(
      'payment.fulfillment_updated',
    )
  })

  it('of a correction is the correction, though a doubt that ends with it changes the status too', () => {
    const { event, after } = eventFor(withSessions({ state: 'expired', doubt: 'report_mismatch' }), corrected)
    expect([event.type, statusOf(after)]).toEqual(['payment.corrected', 'expired'])
  })

  it('is of one of the promised types, each named once', () => {
    expect(new Set(eventTypes).size).toBe(eventTypes.length)
    expect(eventTypes.every((type) => /^[a-z_]+\.[a-z_]+$/.test(type))).toBe(true)
  })
})

describe('an event', () => {
  it('carries its id, its place, what was before, and the payment at that moment', () => {
    const before = withSessions({})
    const entry = record(before, telling(before, capturedFact)).entries[0] ?? created
    const { event, body, after } = eventFor(before, entry, 7)
    expect(event).toMatchObject({ id: `evt_${CORE}000007`, type: 'payment.paid', sequence: 7 })
    expect(body).toMatchObject({
      type: 'payment.paid',
      timestamp: '2026-11-22T12:00:00.000Z',
      data: {
        event_id: `evt_${CORE}000007`,
        sequence: 7,
        previous_status: 'pending',
        payment: paymentView(after),
      },
    })
  })

  it('has no status before the payment began', () => {
    expect(eventFor(null, created).body.data.previous_status).toBeNull()
  })

  it('says nothing of receipts and exceptions where it is about neither', () => {
    const { data } = eventFor(withSessions({ state: 'failed' }), opening(2)).body
    expect(Object.keys(data)).toEqual(['event_id', 'sequence', 'previous_status', 'payment'])
  })

  it('is the same bytes whenever it is made again', () => {
    expect(eventFor(null, created).event).toEqual(eventFor(null, created).event)
  })

  it('of an exception carries it, when it is raised and when it is resolved', () => {
    const paid = withSessions(captured())
    const trouble = { kind: 'delivery_exhausted', cause: 'x', detail: 'Look.', deliveryId: 'dlv_1' } as const
    const raised = raise(paid, { ...trouble, sessionId: sessionId(1), destinationId: 'dst_1' })
    expect(eventFor(paid, raised[0] ?? created).body.data.exception).toEqual({
      ...{ id: `exc_${CORE}0001`, kind: 'delivery_exhausted', status: 'open', detail: 'Look.' },
      ...{ session_id: sessionId(1), delivery_id: 'dlv_1', destination_id: 'dst_1' },
      raised_at: '2026-11-22T12:00:00.000Z',
    })
    const open = written(paid, raised)
    const resolved = resolve(open, trouble, 'fixed', 'a note with names')
    const { body } = eventFor(open, resolved[0] ?? created)
    expect(body.data.exception).toEqual({
      ...{ id: `exc_${CORE}0001`, kind: 'delivery_exhausted', status: 'resolved', resolution: 'fixed' },
      resolved_at: '2026-11-22T12:00:00.000Z',
    })
  })
})

describe('the key of a receipt', () => {
  const paid = withSessions(captured())
  const pending = (reference: string): Fact => ({ type: 'refund_pending', ...usd(300), reference })
  const done = (reference: string): Fact => ({ type: 'refunded_one', ...usd(300), reference })
  const total = (amount: number, reference: string): Fact => ({ type: 'refunded', ...usd(amount), reference })
  const all = (...facts: Fact[]) => facts.reduce((payment, fact) => tell(payment, fact).payment, paid)
  const keyOf = (before: Payment, fact: Fact) =>
    eventFor(before, record(before, telling(before, fact)).entries[0] ?? created).body.data.receipt_key
  const ofRefund = (nth: number) => `${PAYMENT}-${all(pending('r-1'), pending('r-2')).refunds[nth - 1]?.id}`

  it('is that of the sale when the payment is paid', () => {
    expect(keyOf(withSessions({}), capturedFact)).toBe(`${PAYMENT}-sale`)
  })

  it.each<[string, number, Payment, Fact]>([
    ['one that nobody had heard of', 1, paid, done('r-1')],
    ['one that was accepted', 1, all(pending('r-1')), done('r-1')],
    ['the older of two that were accepted', 1, all(pending('r-1'), pending('r-2')), done('r-1')],
    ['the newer of two that were accepted', 2, all(pending('r-1'), pending('r-2')), done('r-2')],
    ['another than had succeeded before', 2, all(done('r-1'), pending('r-2')), done('r-2')],
    ['one whose total grew', 1, all(total(300, 'r-1')), total(400, 'r-1')],
  ])('is that of the refund that succeeded: %s', (_which, nth, before, fact) => {
    expect(keyOf(before, fact)).toBe(ofRefund(nth))
  })

  it('is that of the receipt which the fiscal system tells of', () => {
    const refund = all(done('r-1')).refunds[0]?.id ?? ''
    expect(eventFor(paid, receipted('issued')).body.data.receipt_key).toBe(`${PAYMENT}-sale`)
    expect(eventFor(all(done('r-1')), receipted('issued', refund)).body.data.receipt_key).toBe(ofRefund(1))
  })

  it('is missing where a refund failed, because there is nothing to print', () => {
    expect(keyOf(all(done('r-1'), done('r-2')), { type: 'refund_failed', reference: 'r-2' })).toBeUndefined()
  })
})

describe('the size of an event', () => {
  const sizeOf = (text: string) => new TextEncoder().encode(text).length
  /** The largest metadata that the contract takes, in letters of one, two or three bytes. */
  const pairs = (letter: string, count = 50) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`key-${at}`.padEnd(40, 'k'), letter.repeat(500)]),
    )
  const many = (sessions: number, refunds: number, metadata: Record<string, string>): Payment => {
    const changes = Array.from({ length: sessions }, (_, at) => ({
      ...(at === sessions - 1 ? captured() : ({ state: 'expired' } as Partial<Session>)),
      references: [`${at}`.padStart(64, 'r')],
      metadata,
    }))
    const one = {
      sessionId: sessionId(1),
      amount: 1,
      status: 'succeeded',
      reference: 'r'.repeat(64),
      at: NOW,
    } as const
    const list = Array.from({ length: refunds }, (_, at) => ({ ...one, id: `rfd_${CORE}${at}` }))
    return { ...withSessions(...changes), orderId: 'A'.repeat(64), metadata, refunds: list }
  }
  const bodyOf = (payment: Payment) => {
    const entry: Entry = { type: 'session.reused', data: { sessionId: sessionId(1) } }
    const text = eventOf('payment.paid', payment, payment, placed(payment, entry), 1).body
    return { text, view: (JSON.parse(text) as { data: Data }).data.payment }
  }

  it.each([
    [1, 0, 'a'],
    [30, 30, 'a'],
    [30, 30, 'ֆ'],
    [30, 30, '€'],
    [30, 30, '😀'],
    [200, 200, '"'],
    [200, 200, '\u0000'],
  ])(
    'stays under 20,000 bytes with %i sessions, %i refunds and the largest metadata of %j',
    (sessions, refunds, letter) => {
      const { text, view } = bodyOf(many(sessions, refunds, pairs(letter)))
      expect(sizeOf(text)).toBeLessThan(20_000)
      expect(view).toMatchObject({ status: 'paid', amount: 1_000, amount_captured: 1_000, metadata: {} })
      expect(view.truncated).toEqual(['sessions', 'refunds', 'metadata'])
      expect(view.sessions.at(-1)).toMatchObject({ id: sessionId(sessions), metadata: {} })
    },
  )

  it('leaves out first what is told elsewhere too, and says what it left out', () => {
    const small = bodyOf(many(2, 1, { cart: '7' }))
    expect(small.view.truncated).toBeUndefined()
    expect(small.view.sessions.map(({ metadata }) => metadata)).toEqual([{ cart: '7' }, { cart: '7' }])
    const repeated = bodyOf(many(4, 1, pairs('a', 10)))
    expect(repeated.view.truncated).toEqual(['sessions.metadata'])
    expect(Object.keys(repeated.view.metadata)).toHaveLength(10)
    expect(repeated.view.sessions).toHaveLength(4)
    const crowded = bodyOf(many(60, 1, pairs('a', 10)))
    expect(crowded.view.truncated).toEqual(['sessions'])
    expect(crowded.view.sessions.map(({ id }) => id)).toEqual([sessionId(58), sessionId(59), sessionId(60)])
    expect(Object.keys(crowded.view.metadata)).toHaveLength(10)
  })

  it('is less than 20,000 bytes, and not as many', () => {
    const withNote = (length: number) => ({ ...many(1, 0, {}), metadata: { note: 'a'.repeat(length) } })
    const room = 20_000 - sizeOf(bodyOf(withNote(0)).text)
    expect(bodyOf(withNote(room - 1)).view.metadata).toEqual({ note: 'a'.repeat(room - 1) })
    expect(bodyOf(withNote(room)).view).toMatchObject({ metadata: {}, truncated: expect.any(Array) })
  })

  it('that nothing makes small enough is an error which names the payment', () => {
    expect(() => bodyOf({ ...many(1, 0, {}), orderId: 'A'.repeat(20_000) })).toThrow(PAYMENT)
  })

  it('is small for every payment that the contract allows', () => {
    const letter = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
    fc.assert(
      fc.property(
        fc.nat({ max: 40 }),
        fc.nat({ max: 40 }),
        fc.nat({ max: 50 }),
        letter,
        (sessions, refunds, count, one) => {
          expect(sizeOf(bodyOf(many(sessions + 1, refunds, pairs(one, count))).text)).toBeLessThan(20_000)
        },
      ),
    )
  })
})
