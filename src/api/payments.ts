/** `/v1/payments`: what is known of each order's money, its journal, and the commands that move it. */
import * as z from 'zod'
import { payment, paymentId } from './payment-shapes.ts'
import { type Chapter, type Described, listOf, time } from './route.ts'

const entry = z
  .object({
    seq: z.int().min(1),
    at: time,
    type: z.string().meta({ example: 'report.applied' }),
    actor: z.string(),
    data: z.looseObject({}),
    prev_hash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'JournalEntry' })

/** Whether a chain of entries is whole. */
export const proof = z
  .object({
    valid: z.boolean(),
    entries: z.int().min(0),
    head: z.string().nullable().meta({ description: 'The hash of the last entry.' }),
    broken_at: z.int().optional(),
    why: z.string().optional(),
  })
  .meta({ id: 'ChainProof' })

const journalProof = z
  .object({
    object: z.literal('journal_proof'),
    payment_id: paymentId,
    valid: z.boolean(),
    entries: z.int().min(0),
    head: z.string(),
    checkpoint: z
      .object({
        day: z.iso.date(),
        hash: z.string(),
        seq: z.int().min(1).meta({ description: 'The entry up to which the checkpoint proves.' }),
        is_copied: z.boolean().nullable().meta({ description: 'Null where no copies are kept.' }),
      })
      .nullable()
      .meta({ description: 'Null while no checkpoint has noted the journal.' }),
    doubts: z.array(
      z.object({
        where: z.enum(['object', 'records', 'checkpoint', 'copy']),
        seq: z.int().nullable(),
        why: z.string(),
      }),
    ),
  })
  .meta({ id: 'JournalProof' })

const done = 'It is done: the payment.'
const unknown = 'The provider will tell, or nobody knows yet (`in_doubt`): the gateway asks until it knows.'

const moves = (id: string, does: string, more: string, example: unknown): Described => ({
  ...{ id, does, more, example, keyed: true },
  answers: { 200: [done, payment], 202: [unknown, payment] },
  refuses: ['not_found', 'not_allowed_now', 'provider_declined'],
})

const records = (id: string, does: string, example: unknown): Described => ({
  ...{ id, does, example, keyed: true },
  answers: { 200: ['The payment.', payment] },
  refuses: ['not_found', 'not_allowed_now'],
})

export const payments: Chapter = {
  name: 'Payments',
  about:
    'One for each order. Reads come from the payment’s own object, lists from records a few seconds behind.',
  parameters: { id: paymentId },
  routes: {
    'GET /v1/payments': {
      id: 'listPayments',
      does: 'List payments, newest first. Looks through 500 payments for one page of an amount, a currency or a span of time, and leads on',
      answers: { 200: ['A page of payments.', listOf(payment)] },
    },
    'GET /v1/payments/:id': {
      id: 'readPayment',
      does: 'Read a payment',
      answers: { 200: ['The payment.', payment] },
      refuses: ['not_found'],
    },
    'GET /v1/payments/:id/journal': {
      id: 'readJournal',
      does: 'Read everything that happened to a payment, oldest first',
      answers: { 200: ['The entries.', listOf(entry)] },
      refuses: ['not_found'],
    },
    'GET /v1/payments/:id/journal/verify': {
      id: 'verifyJournal',
      does: 'Check the chain of a payment’s journal',
      answers: { 200: ['Whether it is whole.', proof] },
      refuses: ['not_found'],
    },
    'GET /v1/payments/:id/journal/proof': {
      id: 'proveJournal',
      does: 'Prove a payment’s journal against a daily checkpoint',
      more: 'Holds the object, the records and the checkpoint against each other. Against the newest note, or the newest up to `day`.',
      answers: { 200: ['What does not fit, if anything.', journalProof] },
      refuses: ['not_found'],
    },
    'POST /v1/payments/:id/capture': moves(
      'capturePayment',
      'Take money that is held',
      'Once per session. Without `amount` all of it.',
      { amount: 1_000_000 },
    ),
    'POST /v1/payments/:id/cancel': moves(
      'cancelPayment',
      'Give a hold back',
      'For a payment that is `authorized`.',
      {},
    ),
    'POST /v1/payments/:id/refunds': moves(
      'refundPayment',
      'Give money back, in parts or whole',
      'Without `amount` all that is left. `session_id` is needed where several sessions hold money.',
      { amount: 250_000, reason: 'One cup broken' },
    ),
    'POST /v1/payments/:id/sync': {
      id: 'syncPayment',
      does: 'Ask the provider now',
      keyed: true,
      answers: { 200: ['The payment as it is after asking.', payment] },
      refuses: ['not_found'],
    },
    'POST /v1/payments/:id/fiscal-receipts': records('recordFiscalReceipt', 'Record a fiscal receipt', {
      ...{ kind: 'sale', status: 'issued', receipt_id: 'F-1001' },
    }),
    'POST /v1/payments/:id/fulfillment': records('recordFulfillment', 'Record where the goods are', {
      status: 'delivered',
    }),
    'POST /v1/payments/:id/corrections': {
      id: 'correctPayment',
      does: 'Correct a payment’s status, as a person with a reason',
      more: 'Where the deployment asks for two people, the first proposes (202) and another operator sends the same.',
      keyed: true,
      example: {
        to_status: 'paid',
        reason: 'Seen on the bank’s statement.',
        evidence: 'Statement 2026-11, line 14',
      },
      answers: {
        200: ['The corrected payment.', payment],
        202: ['Proposed: another operator must agree.', payment],
      },
      refuses: ['not_found', 'not_allowed_now'],
    },
  },
}
