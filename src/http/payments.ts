/** `/v1/payments`: one payment from its own object, lists from the records, the journal and its proof. Contract §6. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { paymentIdOf } from '../crypto/hash.ts'
import type { Commanded } from '../domain/commands.ts'
import { GatewayError } from '../domain/errors.ts'
import { isPaymentId } from '../domain/ids.ts'
import { ask } from '../payment/ask.ts'
import { command } from '../payment/command.ts'
import { providersOf } from '../payment/providers.ts'
import { copiesOf, type Proof, prove } from '../payment/proving.ts'
import { entryView } from '../payment/publishing.ts'
import { atPayment, openerAt } from '../payment/stub.ts'
import { listConnections } from '../store/connections.ts'
import { recordsOf } from '../store/database.ts'
import { listPayments, paymentsOfReference } from '../store/payments.ts'
import { respond } from './answer.ts'
import { allow, mayAct } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { idempotencyKey } from './idempotency.ts'
import { amount, currency, line, listOf, noBody, orderId, pageRequestOf, paging } from './schemas.ts'
import { validated, validatedQuery } from './validated.ts'

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

const filter = z.lazy(() =>
  z
    .strictObject({
      ...paging(),
      order_id: orderId.optional(),
      status: z
        .enum(['created', 'pending', 'authorized', 'paid', 'failed', 'canceled', 'expired'])
        .optional(),
      created_after: time.optional(),
      created_before: time.optional(),
      amount: z.coerce.number().pipe(amount).optional(),
      currency: currency.optional(),
      provider_reference: line(255).optional(),
    })
    .refine((query) => (query.amount === undefined) === (query.currency === undefined), {
      path: ['currency'],
      error: 'Ask for an amount together with its currency: 1000 is another sum in each.',
    }),
)

const captureBody = z.lazy(() =>
  z.strictObject({ amount: amount.optional(), session_id: z.string().max(64).optional() }),
)
const cancelBody = z.lazy(() => z.strictObject({ session_id: z.string().max(64).optional() }))
const refundBody = z.lazy(() =>
  z.strictObject({
    amount: amount.optional(),
    session_id: z.string().max(64).optional(),
    reason: line(200).optional(),
  }),
)

const against = z.lazy(() => z.strictObject({ day: z.iso.date().optional() }))

export const payments = new Hono<Gateway>()
  .get('/', allow('secret', 'operator'), validatedQuery(filter), async (c) => {
    const { merchantId, livemode } = c.var.caller
    const query = c.req.valid('query')
    const filter = {
      ...{ merchantId, livemode, status: query.status, amount: query.amount, currency: query.currency },
      ...{ createdAfter: query.created_after, createdBefore: query.created_before },
    }
    const ids = await idsOf(c, query)
    const page =
      ids?.length === 0
        ? { rows: [], next: null }
        : await listPayments(recordsOf(c.env, merchantId), { ...filter, ids }, pageRequestOf(query))
    return c.json(listOf(page, (row) => JSON.parse(row.body) as object))
  })
  .get('/:id', allow('secret', 'operator'), async (c) => {
    const json = await atPayment(c.env, paymentIn(c), async (stub) => stub.payment(c.var.caller))
    return json === null ? nothing() : c.body(json, 200, { 'content-type': 'application/json' })
  })
  .get('/:id/journal', allow('secret', 'operator'), async (c) => {
    const entries = await atPayment(c.env, paymentIn(c), async (stub) => stub.journal(c.var.caller))
    return entries === null ? nothing() : c.json({ data: entries.map(entryView), next_cursor: null })
  })
  .get('/:id/journal/verify', allow('secret', 'operator'), async (c) => {
    const verified = await atPayment(c.env, paymentIn(c), async (stub) => stub.verifyJournal(c.var.caller))
    if (verified === null) return nothing()
    const { valid, entries, head } = verified
    return c.json(
      valid
        ? { valid, entries, head }
        : { valid, entries, head, broken_at: verified.brokenAt, why: verified.why },
    )
  })
  .get('/:id/journal/proof', allow('secret', 'operator'), validatedQuery(against), async (c) => {
    const paymentId = paymentIn(c)
    const { caller } = c.var
    const chain = await atPayment(c.env, paymentId, async (stub) => stub.chain(caller))
    if (chain === null) return nothing()
    const db = recordsOf(c.env, caller.merchantId)
    const upTo = c.req.valid('query').day ?? null
    const proof = await prove(paymentId, chain, { db, upTo, copyOf: copiesOf(c.env, db) })
    return c.json(proofView(paymentId, proof))
  })
  .post('/:id/capture', allow('secret', 'operator'), validated(captureBody, { mayBeAbsent: true }), (c) => {
    const { amount: asked, session_id: sessionId } = c.req.valid('json')
    return commanded(c, {
      type: 'capture',
      amount: asked ?? null,
      sessionId: sessionId ?? null,
      reason: null,
    })
  })
  .post('/:id/cancel', allow('secret', 'operator'), validated(cancelBody, { mayBeAbsent: true }), (c) => {
    const { session_id: sessionId } = c.req.valid('json')
    return commanded(c, { type: 'cancel', amount: null, sessionId: sessionId ?? null, reason: null })
  })
  .post('/:id/refunds', allow('secret', 'operator'), validated(refundBody, { mayBeAbsent: true }), (c) => {
    const { amount: asked, session_id: sessionId, reason } = c.req.valid('json')
    return commanded(c, {
      ...{ type: 'refund', amount: asked ?? null },
      ...{ sessionId: sessionId ?? null, reason: reason ?? null },
    })
  })
  .post('/:id/sync', allow('secret', 'operator'), validated(noBody, { mayBeAbsent: true }), async (c) => {
    const { caller, origin, now } = c.var
    mayAct(c)
    const paymentId = paymentIn(c)
    const key = { name: `sync ${caller.kind} ${idempotencyKey(c)}`, fingerprint: paymentId }
    const sessions = await atPayment(c.env, paymentId, async (stub) => stub.sessionsToAsk(caller))
    if (sessions === null) return nothing()
    const known = await atPayment(c.env, paymentId, async (stub) => stub.keyed(key))
    if (known.kind === 'answered') c.header('idempotent-replayed', 'true')
    else
      for (const sessionId of sessions)
        await ask(openerAt(c.env, paymentId, c.var.trace), providersOf(c.env, now, origin), sessionId)
    const answer = await atPayment(c.env, paymentId, async (stub) =>
      stub.answered({ command: 'sync', sessionId: null, key, actor: caller.id, origin }, c.var.trace),
    )
    if (answer?.kind !== 'body') return nothing()
    return c.body(answer.json, 200, { 'content-type': 'application/json' })
  })

/** Which payments an order number or a provider's reference name; undefined where the query has neither. */
async function idsOf(
  c: Context<Gateway>,
  query: { order_id?: string | undefined; provider_reference?: string | undefined },
): Promise<string[] | undefined> {
  const { merchantId, livemode } = c.var.caller
  const { order_id: order, provider_reference: reference } = query
  const named = order === undefined ? undefined : [paymentIdOf(merchantId, livemode, order)]
  if (reference === undefined) return named
  const most = { limit: MOST_CONNECTIONS, after: null }
  const { rows } = await listConnections(c.env, { merchantId, livemode }, most)
  const own = rows.map(({ id }) => id)
  const found = await paymentsOfReference(recordsOf(c.env, merchantId), own, reference)
  return found.filter((id) => named?.includes(id) ?? true)
}

/** Looked through for a reference, the newest first. */
const MOST_CONNECTIONS = 100

/** A money command on the payment's object. The caller may hang up; what was begun at the provider is finished. */
async function commanded(c: Context<Gateway>, asked: Commanded): Promise<Response> {
  const { caller, now, origin } = c.var
  mayAct(c)
  const paymentId = paymentIn(c)
  const name = `${asked.type} ${idempotencyKey(c)}`
  if ((await atPayment(c.env, paymentId, async (stub) => stub.payment(caller))) === null) return nothing()
  const key = { name, fingerprint: JSON.stringify([asked.amount, asked.sessionId, asked.reason]) }
  const object = openerAt(c.env, paymentId, c.var.trace)
  const running = command(object, providersOf(c.env, now, origin), { command: asked, key, actor: caller.id })
  c.executionCtx.waitUntil(running.catch(() => {}))
  const done = await running
  return done === null ? nothing() : respond(c, done.answer, done.replayed)
}

const proofView = (paymentId: string, { valid, entries, head, checkpoint, doubts }: Proof) => ({
  ...{ object: 'journal_proof', payment_id: paymentId, valid, entries, head, doubts },
  checkpoint:
    checkpoint === null
      ? null
      : { day: checkpoint.day, hash: checkpoint.hash, seq: checkpoint.seq, is_copied: checkpoint.isCopied },
})

function paymentIn(c: Context<Gateway>): string {
  const id = c.req.param('id') ?? ''
  if (!isPaymentId(id)) return nothing()
  c.var.log.payment = id
  return id
}

function nothing(): never {
  throw new GatewayError({ code: 'not_found', detail: 'There is no such payment.' })
}
