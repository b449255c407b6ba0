/** `/v1/reconciliations`: a provider's settlement files against the payments here. */
import * as z from 'zod'
import { outcomes } from '../domain/settlement/judge.ts'
import type { itemView, viewOf } from '../http/reconciliation-views.ts'
import { connectionId, paymentId, sessionId } from './payment-shapes.ts'
import { type Chapter, currencyCode, type Described, idOf, listOf, livemode, shaped, time } from './route.ts'

const file = z.object({
  n: z.int().min(1),
  rows: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string(),
  received_at: time,
})

const count = z.int().min(0)
const summary = z.object({
  run: z.int().min(1),
  rows: count,
  outcomes: z.record(z.string(), count).meta({ description: 'How many rows of each outcome.' }),
  totals: z
    .record(z.string(), z.record(z.string(), z.int()))
    .meta({ description: 'By currency and kind of row, in minor units.' }),
  differences: count,
  exceptions: count,
  finished_at: time.nullable(),
})

const reconciliationId = idOf('rcn', 'A reconciliation.')
const reconciliation = shaped<ReturnType<typeof viewOf>>()({
  id: reconciliationId,
  object: z.literal('reconciliation'),
  status: z.enum(['receiving', 'running', 'finished']),
  connection_id: connectionId,
  layout: z.string(),
  mapping: z.looseObject({}),
  from: time,
  to: time,
  grace_days: z.number().min(0),
  checked_from: time,
  checked_to: time,
  files_expected: z.int().min(1),
  files: z.array(file),
  run: count,
  summary: summary.nullable().meta({ description: 'Of the newest run that is through.' }),
  created_by: z.string(),
  created_at: time,
  livemode,
}).meta({ id: 'Reconciliation' })

const item = shaped<ReturnType<typeof itemView>>()({
  object: z.literal('reconciliation_item'),
  file: z.int().nullable(),
  line: z.int().nullable(),
  outcome: z.enum(outcomes),
  reason: z.string().nullable(),
  kind: z.string(),
  transaction_id: z.string().nullable(),
  reference: z.string().nullable(),
  order_id: z.string().nullable(),
  date: z.string().nullable(),
  amount: z.int().nullable(),
  currency: currencyCode.nullable(),
  fee: z.int().nullable(),
  fee_currency: currencyCode.nullable(),
  payment_id: paymentId.nullable(),
  session_id: sessionId.nullable(),
  expected_amount: z.int().nullable(),
  expected_currency: currencyCode.nullable(),
  livemode,
}).meta({ id: 'ReconciliationItem' })

const takesFile = {
  body: 'text/csv',
  refuses: ['validation_failed', 'body_too_large', 'unsupported_media_type', 'malformed_body'],
} as const satisfies Pick<Described, 'body' | 'refuses'>

export const reconciliations: Chapter = {
  name: 'Reconciliations',
  about: 'A provider’s settlement files against the payments here; `docs/reconciliation.md` tells the whole.',
  parameters: { id: reconciliationId },
  routes: {
    'POST /v1/reconciliations': {
      id: 'createReconciliation',
      does: 'Compare a settlement file with the payments here',
      more: 'The body is the file, up to 100,000 rows, as `text/csv` with its charset. `mapping` is JSON in the query.',
      keyed: true,
      ...takesFile,
      answers: { 202: ['It is stored, and compared by itself.', reconciliation] },
    },
    'GET /v1/reconciliations': {
      id: 'listReconciliations',
      does: 'List reconciliations, newest first',
      answers: { 200: ['A page of reconciliations.', listOf(reconciliation)] },
    },
    'GET /v1/reconciliations/:id': {
      id: 'readReconciliation',
      does: 'Read a reconciliation',
      answers: { 200: ['The reconciliation.', reconciliation] },
      refuses: ['not_found'],
    },
    'POST /v1/reconciliations/:id/files': {
      id: 'addSettlementFile',
      does: 'Add a further file',
      more: 'The same file again changes nothing.',
      body: takesFile.body,
      answers: { 202: ['It is stored.', reconciliation] },
      refuses: [...takesFile.refuses, 'not_found', 'not_allowed_now'],
    },
    'POST /v1/reconciliations/:id/run': {
      id: 'runReconciliation',
      does: 'Compare its files once more',
      answers: { 202: ['It is under way.', reconciliation] },
      refuses: ['not_found', 'not_allowed_now'],
    },
    'GET /v1/reconciliations/:id/items': {
      id: 'listReconciliationItems',
      does: 'List the rows of a reconciliation, and the payments that no row accounts for',
      answers: { 200: ['A page of rows.', listOf(item)] },
      refuses: ['not_found'],
    },
    'GET /v1/reconciliations/:id/items.csv': {
      id: 'exportReconciliationItems',
      does: 'Read them as a file for a spreadsheet',
      answers: { 200: ['The rows.', 'text/csv; charset=utf-8'] },
      refuses: ['not_found'],
    },
  },
}
