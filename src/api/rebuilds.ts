/** `/v1/admin/rebuild`: records made again from their objects. */
import * as z from 'zod'
import type { viewOf } from '../http/admin-rebuild.ts'
import { type Chapter, idOf, shaped, time } from './route.ts'

export const rebuildId = idOf('rbd', 'A rebuild.')

const count = z.int().min(0)
const rebuild = shaped<ReturnType<typeof viewOf>>()({
  id: rebuildId,
  object: z.literal('rebuild'),
  status: z.enum(['running', 'finished']),
  merchant_id: idOf('mer', 'A merchant.').nullable(),
  named: count.nullable().meta({ description: 'How many payments were named; null for all that are known.' }),
  asked: count,
  rows_written: count,
  failed: count,
  failures: z.array(z.object({ id: z.string(), why: z.string() })),
  reached: z.string().nullable(),
  created_at: time,
  moved_at: time,
  finished_at: time.nullable(),
}).meta({ id: 'Rebuild' })

export const rebuilds: Chapter['routes'] = {
  'POST /v1/admin/rebuild': {
    id: 'rebuildRecords',
    does: 'Make records again from their objects',
    more: 'Of the named payments and orders, of a merchant, or of all that is known. It runs by itself.',
    example: { payment_ids: ['pay_0123456789abcdefghjkmnpqrs'] },
    answers: { 202: ['The rebuild.', rebuild] },
    refuses: ['not_found'],
  },
  'GET /v1/admin/rebuild/:rebuildId': {
    id: 'readRebuild',
    does: 'Read a rebuild’s progress',
    answers: { 200: ['The rebuild.', rebuild] },
    refuses: ['not_found'],
  },
}
