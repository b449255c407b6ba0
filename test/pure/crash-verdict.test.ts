// The judge of the crash rounds finds what it is there to find: each test plants one loss in an order that went well.
import { expect, it } from 'vitest'
import { complaintsOf, type Evidence } from '../journeys/support/verdict.ts'

const story = ['payment.created', 'payment.pending', 'payment.paid']

/** An order that was opened, paid on the provider's page, and told to one receiver. */
function goodOrder(): Evidence {
  const sessions = [{ id: 'ps_1' }]
  const payment = {
    id: 'pay_1',
    status: 'paid',
    amount_captured: 500,
    excess_captured: 0,
    flags: [],
    sessions,
  }
  const whole = { ...payment, version: 4, open_exceptions: 0 }
  const received = story.map((type, index) => ({ type, sequence: index + 1, duplicate: false }))
  const deliveries = story.map((type) => ({ destination_id: 'dst_1', event_type: type, status: 'delivered' }))
  return {
    promised: {
      ...{ orderId: 'C-1', amount: 500, opened: [{ key: 'k', sessionId: 'ps_1', paymentId: 'pay_1' }] },
      ...{ paid: 1, reported: 0, moneyTried: true, asked: 2, unanswered: 0, troubles: [] },
    },
    checkouts: [
      {
        ...{ reference: 'sbx_1', sessionId: 'ps_1', orderId: 'C-1', amount: 500 },
        happened: [{ type: 'captured', amount: 500 }],
      },
    ],
    payment: whole,
    journal: { valid: true, entries: 4 },
    listed: [structuredClone(whole)],
    deliveries,
    received: { crm: received },
    destinations: ['dst_1'],
  } as unknown as Evidence
}

// biome-ignore lint/suspicious/noExplicitAny: each test breaks one thing deep inside, also against its type.
type Loose = any

/** The good order, spoiled. */
function spoiled(spoil: (evidence: Loose) => void): string {
  const evidence = goodOrder()
  spoil(evidence)
  return complaintsOf(evidence).join('; ')
}

it('has no complaint about an order that went well', () => {
  expect(complaintsOf(goodOrder())).toEqual([])
})

it.each<[string, (evidence: Loose) => void, RegExp]>([
  ['a lost payment', (e) => (e.payment = null), /its payment is lost/],
  ['a lost session', (e) => (e.promised.opened[0].sessionId = 'ps_2'), /ps_2 was answered and is lost/],
  ['a second session', (e) => e.payment.sessions.push({ id: 'ps_2' }), /2 sessions/],
  ['a second checkout', (e) => e.checkouts.push({ ...e.checkouts[0], happened: [] }), /2 checkouts/],
  ['a second charge', (e) => e.checkouts[0].happened.push(e.checkouts[0].happened[0]), /charged 1000/],
  ['a charge that is not known here', (e) => (e.payment.status = 'pending'), /not paid here/],
  ['a click that the books forgot', (e) => (e.checkouts[0].happened = []), /gone from the provider's books/],
  [
    'a report without effect',
    (e) => Object.assign(e, unpaidReport(e)),
    /money was accepted and it is pending/,
  ],
  ['money that nobody paid', (e) => Object.assign(e.promised, { paid: 0, moneyTried: false }), /nobody paid/],
  ['a wrong sum', (e) => (e.payment.amount_captured = 499), /499 is captured/],
  ['an excess', (e) => (e.payment.excess_captured = 500), /in excess/],
  ['an exception', (e) => (e.payment.open_exceptions = 1), /exceptions/],
  ['a broken journal', (e) => (e.journal.valid = false), /journal is not valid/],
  ['a short journal', (e) => (e.journal.entries = 3), /journal has 3 entries/],
  ['a missing record', (e) => (e.listed = []), /records have 0 payments/],
  ['an old record', (e) => (e.listed[0].version = 3), /records differ/],
  ['a pending delivery', (e) => (e.deliveries[0].status = 'pending'), /other deliveries/],
  ['a missing delivery', (e) => e.deliveries.pop(), /2 of 3/],
  [
    'a gap at a receiver',
    (e) => e.received.crm.splice(1, 1),
    /crm received 1 payment.created, 3 payment.paid/,
  ],
  ['an event under two ids', (e) => e.received.crm.push({ ...e.received.crm[0] }), /crm received 1/],
])('complains of %s', (_, spoil, words) => {
  expect(spoiled(spoil)).toMatch(words)
})

function unpaidReport({ promised, payment, checkouts }: Loose) {
  return {
    promised: { ...promised, paid: 0, reported: 1 },
    payment: { ...payment, status: 'pending', amount_captured: 0 },
    checkouts: [{ ...checkouts[0], happened: [] }],
  }
}
