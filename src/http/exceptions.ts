/** Exceptions: what a person must look at, and the end that a person puts to it. Contract §9. */
import { Hono } from 'hono'
import * as z from 'zod'
import { publisherOf } from '../delivery/ports.ts'
import { GatewayError } from '../domain/errors.ts'
import { isPaymentId } from '../domain/ids.ts'
import { atPayment } from '../payment/stub.ts'
import { recordsOf } from '../store/database.ts'
import { exceptionById, listExceptions, type RecordedException } from '../store/exceptions.ts'
import { allow, mayAct } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { line, listOf, pageRequestOf, paging, timeOf } from './schemas.ts'
import { validated, validatedQuery } from './validated.ts'

export const kinds = [
  'delivery_exhausted',
  'report_mismatch',
  'report_unmatched',
  'late_payment',
  'duplicate_payment',
  'contradiction',
  'in_doubt_too_long',
  'fiscal_failed',
  'dispute_opened',
  'reconciliation_difference',
] as const

const filter = z.lazy(() =>
  z.strictObject({
    ...paging(),
    status: z.enum(['open', 'resolved']).optional(),
    kind: z.enum(kinds).optional(),
  }),
)

const decision = z.lazy(() =>
  z.strictObject({
    resolution: line(100),
    note: z.string().trim().min(1, { error: 'A note is required: it says why.' }).max(2_000),
  }),
)

export const exceptions = new Hono<Gateway>()
  .get('/', allow('secret', 'operator'), validatedQuery(filter), async (c) => {
    const { merchantId, livemode } = c.var.caller
    const { status, kind, ...query } = c.req.valid('query')
    const page = await listExceptions(
      recordsOf(c.env, merchantId),
      { merchantId, livemode, status, kind },
      pageRequestOf(query),
    )
    return c.json(listOf(page, viewOf))
  })
  .get('/:id', allow('secret', 'operator'), async (c) => {
    const found = await exceptionById(
      recordsOf(c.env, c.var.caller.merchantId),
      c.var.caller,
      c.req.param('id'),
    )
    return c.json(viewOf(known(found)))
  })
  .post('/:id/resolve', allow('operator'), validated(decision), async (c) => {
    const { caller } = c.var
    mayAct(c)
    const { resolution, note } = c.req.valid('json')
    const found = known(await exceptionById(recordsOf(c.env, caller.merchantId), caller, c.req.param('id')))
    // The object decides, since the row may be behind it; the row only says which object.
    const how = { id: found.id, resolution, note, actor: caller.id }
    const outcome = isPaymentId(found.stream)
      ? await atPayment(c.env, found.stream, async (stub) => stub.resolveException(how, c.var.trace))
      : await publisherOf(c.env, found.stream).resolveException(how, c.var.trace)
    c.var.log.exception = found.id
    if (outcome === 'not_found') throw new GatewayError({ code: 'not_found', detail: 'No such exception.' })
    if (outcome === 'already')
      throw new GatewayError({
        code: 'not_allowed_now',
        detail: 'This exception is resolved already; read it to see how and by whom.',
        extra: { exception_status: 'resolved' },
      })
    const end = { resolution, note, resolvedBy: caller.id, resolvedAt: c.var.now }
    return c.json(viewOf({ ...found, ...end, status: 'resolved' }))
  })

function known(exception: RecordedException | null): RecordedException {
  if (exception === null) throw new GatewayError({ code: 'not_found', detail: 'No such exception.' })
  return exception
}

export function viewOf(exception: RecordedException) {
  return {
    id: exception.id,
    object: 'exception',
    kind: exception.kind,
    status: exception.status,
    payment_id: isPaymentId(exception.stream) ? exception.stream : null,
    session_id: exception.sessionId,
    delivery_id: exception.deliveryId,
    destination_id: exception.destinationId,
    detail: exception.detail,
    created_at: timeOf(exception.raisedAt),
    resolution: exception.resolution,
    note: exception.note,
    resolved_by: exception.resolvedBy,
    resolved_at: timeOf(exception.resolvedAt),
    livemode: exception.livemode,
  }
}
