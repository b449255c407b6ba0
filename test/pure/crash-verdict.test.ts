// The judge of the crash rounds finds what it is there to find: each test plants one loss in an order that went well.
import { expect, it } from 'vitest'
import { complaintsOf, type Evidence } from '../journeys/support/verdict.ts'

const story = [
  ...['payment.created', 'payment.pending', 'payment.paid', 'payment.refunded'],
  ...['payment.fiscal_updated', 'payment.fiscal_updated'],
]

/** An order that was opened, paid on the provider's page, given back in part, and told to two receivers. */
function goodOrder(): Evidence {
  const receipts = [
    { receipt_key: 'pay_1-sale', status: 'issued', receipt_id: 'R-1' },
    { receipt_key: 'pay_1-rfd_1', status: 'issued', receipt_id: 'R-2' },
  ]
  const whole = {
    ...{ id: 'pay_1', status: 'paid', amount_captured: 500, excess_captured: 0, flags: [] },
    ...{ sessions: [{ id: 'ps_1' }], refunds: [{ id: 'rfd_1', amount: 200, status: 'succeeded' }] },
    ...{ amount_refunded: 200, fiscal_receipts: receipts, version: 9, open_exceptions: 0 },
  }
  const received = story.map((type, index) => ({ type, sequence: index + 1, duplicate: false }))
  const paidOnly = received.filter(({ type }) => type === 'payment.paid')
  const delivered = (id: string) => (type: string) => ({
    ...{ destination_id: id, event_type: type, status: 'delivered' },
  })
  return {
    promised: {
      ...{ orderId: 'C-1', amount: 500, opened: [{ key: 'k', sessionId: 'ps_1', paymentId: 'pay_1' }] },
      ...{ paid: 1, reported: 0, moneyTried: true, asked: 2, unanswered: 0, troubles: [] },
      ...{ refunded: 200, corrected: null },
    },
    checkouts: [
      {
        ...{ reference: 'sbx_1', sessionId: 'ps_1', orderId: 'C-1', amount: 500 },
        happened: [
          { type: 'captured', amount: 500 },
          { type: 'refunded', amount: 200 },
        ],
      },
    ],
    payment: whole,
    journal: { valid: true, entries: 9 },
    listed: [structuredClone(whole)],
    deliveries: [...story.map(delivered('dst_1')), ...['payment.paid'].map(delivered('dst_2'))],
    receivers: [
      { name: 'crm', id: 'dst_1', types: null, received },
      { name: 'erp', id: 'dst_2', types: ['payment.paid'], received: paidOnly },
    ],
    printed: new Map([
      ['pay_1-sale', 'R-1'],
      ['pay_1-rfd_1', 'R-2'],
    ]),
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
  ['a short journal', (e) => (e.journal.entries = 8), /journal has 8 entries/],
  ['a missing record', (e) => (e.listed = []), /records have 0 payments/],
  ['an old record', (e) => (e.listed[0].version = 3), /records differ/],
  ['a pending delivery', (e) => (e.deliveries[0].status = 'pending'), /other deliveries/],
  ['a missing delivery', (e) => e.deliveries.pop(), /6 of 7/],
  [
    'a refund that was made twice',
    (e) => e.checkouts[0].happened.push({ type: 'refunded', amount: 200 }),
    /returned 200,200/,
  ],
  ['a refund that is not known here', (e) => (e.payment.refunds = []), /refunds are {1,2}/],
  ['a wrong total of refunds', (e) => (e.payment.amount_refunded = 100), /100 is refunded/],
  ['a receipt that nobody asked for', (e) => e.printed.set('pay_2-sale', 'R-3'), /receipts were printed for/],
  [
    'a receipt that is not known here',
    (e) => e.payment.fiscal_receipts.pop(),
    /knows the receipts pay_1-sale/,
  ],
  ['a correction without its event', (e) => (e.promised.corrected = 'paid'), /payment.corrected/],
  [
    'an event for whoever takes others',
    (e) => e.receivers[1].received.push({ type: 'payment.created', sequence: 1 }),
    /erp received/,
  ],
  [
    'a gap at a receiver',
    (e) => e.receivers[0].received.splice(1, 1),
    /crm received 1 payment.created, 3 payment.paid/,
  ],
  [
    'an event under two ids',
    (e) => e.receivers[0].received.push({ ...e.receivers[0].received[0] }),
    /crm received 1/,
  ],
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
