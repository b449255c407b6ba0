/** `/v1/payments/{id}/corrections`: what a person decides, with a reason, and where asked for with a second person. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { GatewayError } from '../domain/errors.ts'
import { isPaymentId } from '../domain/ids.ts'
import { endAtProvider } from '../payment/ask.ts'
import type { Correct, Corrected } from '../payment/correcting.ts'
import { providersOf } from '../payment/providers.ts'
import { atPayment, openerAt } from '../payment/stub.ts'
import { respond } from './answer.ts'
import { allow, mayAct } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { idempotencyKey } from './idempotency.ts'
import { amount, line } from './schemas.ts'
import { validated } from './validated.ts'

const body = z.lazy(() =>
  z.strictObject({
    to_status: z.enum(['paid', 'failed', 'canceled', 'expired']),
    reason: line(1_000),
    evidence: line(2_000).optional(),
    amount: amount.optional(),
  }),
)

export const corrections = new Hono<Gateway>().post(
  '/:id/corrections',
  allow('operator'),
  validated(body),
  async (c) => {
    const { caller, settings } = c.var
    mayAct(c)
    const { to_status: to, reason, evidence, amount: taken } = c.req.valid('json')
    const word = { to, reason, evidence: evidence ?? null, amount: taken ?? null }
    const key = { name: `correct ${caller.id} ${idempotencyKey(c)}`, fingerprint: JSON.stringify(word) }
    const id = c.req.param('id')
    const isTheirs =
      isPaymentId(id) && (await atPayment(c.env, id, async (stub) => stub.payment(caller))) !== null
    if (!isTheirs) throw nothing()
    c.var.log.payment = id
    const asked = { word, key, actor: caller.id, approvals: settings.CORRECTION_APPROVALS }
    const corrected = await correct(c, id, asked)
    if (corrected?.kind !== 'answer')
      throw corrected?.kind === 'refused' ? new GatewayError(corrected.refusal) : nothing()
    return respond(c, corrected.answer, corrected.replayed)
  },
)

/** An open session is ended at its provider first; what cannot be ended is locked by the correction itself. */
async function correct(
  c: Context<Gateway>,
  id: string,
  asked: Omit<Correct, 'wasEnded'>,
): Promise<Corrected | null> {
  const { trace } = c.var
  const first = await atPayment(c.env, id, async (stub) => stub.correct({ ...asked, wasEnded: false }, trace))
  if (first?.kind !== 'end_first') return first
  await endAtProvider(openerAt(c.env, id, trace), providersOf(c.env, c.var.now), first.subject, asked.actor)
  return atPayment(c.env, id, async (stub) => stub.correct({ ...asked, wasEnded: true }, trace))
}

const nothing = () => new GatewayError({ code: 'not_found', detail: 'There is no such payment.' })
