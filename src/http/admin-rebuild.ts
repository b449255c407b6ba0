/** Records made again from their objects, for the deployer: begun here, done by the queue, watched here. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { paymentIdOf } from '../crypto/hash.ts'
import { portsOf } from '../delivery/ports.ts'
import { GatewayError } from '../domain/errors.ts'
import { freshId, isPaymentId } from '../domain/ids.ts'
import { recordsIn } from '../store/database.ts'
import { readMerchant } from '../store/merchants.ts'
import { addRebuild, type Rebuild, rebuildOf } from '../store/rebuilds.ts'
import { found, random } from './admin-merchants.ts'
import type { Gateway } from './gateway.ts'
import { orderId, timeOf } from './schemas.ts'
import { invalid, validated } from './validated.ts'

const MOST_NAMED = 1_000

const paymentId = z.lazy(() => z.string().refine(isPaymentId, { error: 'Not the id of a payment.' }))

const asked = z.lazy(() =>
  z.strictObject({
    merchant_id: z.string().max(64).optional(),
    payment_ids: z.array(paymentId).min(1).max(MOST_NAMED).optional(),
    order_ids: z.array(orderId).min(1).max(MOST_NAMED).optional(),
    livemode: z.boolean().optional(),
  }),
)

type Asked = z.output<typeof asked>

export const rebuilds = new Hono<Gateway>()
  .post('/', validated(asked, { mayBeAbsent: true }), async (c) => {
    const given = c.req.valid('json')
    if (given.merchant_id !== undefined) found(await readMerchant(c.env, given.merchant_id))
    const { now } = c.var
    const rebuild: Rebuild = {
      ...{ id: freshId('rbd', random(17)), merchantId: given.merchant_id ?? null, streams: streamsIn(given) },
      ...{ cursorMerchant: '', cursorStream: '', asked: 0, rows: 0, failed: 0, failures: [] },
      ...{ createdAt: now, movedAt: now, finishedAt: null },
    }
    await addRebuild(recordsIn(c.env.DB), rebuild)
    c.var.log.rebuild = rebuild.id
    await begin(c, rebuild)
    return c.json(viewOf(rebuild), 202)
  })
  .get('/:rebuildId', async (c) => {
    const rebuild = await rebuildOf(recordsIn(c.env.DB), c.req.param('rebuildId'))
    if (rebuild === null) throw new GatewayError({ code: 'not_found', detail: 'There is no such rebuild.' })
    return c.json(viewOf(rebuild))
  })

/** A queue that does not take it leaves it to the schedule, which looks for what stands still. */
async function begin(c: Context<Gateway>, { id }: Rebuild): Promise<void> {
  await portsOf(c.env)
    .sendRebuild({ rebuildId: id })
    .catch(() => {
      c.var.log.unsent = true
    })
}

/** Null means everything that is known. An order's number is only one together with its merchant and mode. */
function streamsIn({ merchant_id, payment_ids, order_ids, livemode }: Asked): string[] | null {
  if (order_ids === undefined && livemode !== undefined)
    throw invalid([{ pointer: '/livemode', detail: 'It says of which mode the order_ids are.' }])
  if (order_ids === undefined) return payment_ids === undefined ? null : [...new Set(payment_ids)]
  if (merchant_id === undefined)
    throw invalid([{ pointer: '/merchant_id', detail: 'It says whose the order_ids are.' }])
  if (livemode === undefined)
    throw invalid([{ pointer: '/livemode', detail: 'It says of which mode the order_ids are.' }])
  const named = order_ids.map((id) => paymentIdOf(merchant_id, livemode, id))
  return [...new Set([...(payment_ids ?? []), ...named])]
}

export const viewOf = (rebuild: Rebuild) => ({
  id: rebuild.id,
  object: 'rebuild',
  status: rebuild.finishedAt === null ? 'running' : 'finished',
  merchant_id: rebuild.merchantId,
  named: rebuild.streams?.length ?? null,
  asked: rebuild.asked,
  rows_written: rebuild.rows,
  failed: rebuild.failed,
  failures: rebuild.failures.map(({ stream, why }) => ({ id: stream, why })),
  reached: rebuild.cursorStream === '' ? null : rebuild.cursorStream,
  created_at: timeOf(rebuild.createdAt),
  moved_at: timeOf(rebuild.movedAt),
  finished_at: timeOf(rebuild.finishedAt),
})
