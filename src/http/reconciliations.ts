/** Reconciliations: a provider's settlement files against what is recorded here. docs/reconciliation.md tells the whole. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { reconciliationIdOf, sha256Hex } from '../crypto/hash.ts'
import { DAY_MS } from '../domain/clock.ts'
import { GatewayError } from '../domain/errors.ts'
import { freshId } from '../domain/ids.ts'
import { outcomes } from '../domain/settlement/judge.ts'
import { layouts, usualLayout } from '../domain/settlement/layouts.ts'
import { emptyTally } from '../domain/settlement/tally.ts'
import { LATE_MS, reconcilingPortsOf } from '../reconciliation/ports.ts'
import { digestOf, MOST_FILES, receiveAnother, receiveFirst, sendOn } from '../reconciliation/receive.ts'
import { recordsOf } from '../store/database.ts'
import { findConnection } from '../store/directory.ts'
import {
  checkedUntil,
  filesOf,
  listReconciliations,
  type Reconciliation,
  reconciliationOf,
  runAgain,
} from '../store/reconciliations.ts'
import { listItems } from '../store/settlements.ts'
import { allow, mayAct } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { idempotencyKey } from './idempotency.ts'
import { exportOf } from './reconciliation-export.ts'
import { mapping, readingOf, receiving, uploadOf } from './reconciliation-upload.ts'
import { itemView, viewOf } from './reconciliation-views.ts'
import { listOf, noBody, pageQuery, pageRequestOf, paging } from './schemas.ts'
import { invalid, validated, validatedQuery } from './validated.ts'

const LONGEST_PERIOD_DAYS = 366

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

const asked = z.lazy(() =>
  z.strictObject({
    connection_id: z.string().min(1).max(64),
    layout: z.enum(Object.keys(layouts) as [keyof typeof layouts]).optional(),
    from: time,
    to: time,
    grace_days: z.coerce.number().int().min(0).max(60).default(3),
    files: z.coerce.number().int().min(1).max(MOST_FILES).default(1),
    mapping: mapping.optional(),
  }),
)

const which = () => ({ outcome: z.enum(outcomes).optional() })
const oneOutcome = z.lazy(() => z.strictObject(which()))
const pageOfOutcome = z.lazy(() => z.strictObject({ ...paging(), ...which() }))

export const reconciliations = new Hono<Gateway>()
  .post('/', allow('secret', 'operator'), validatedQuery(asked), async (c) => {
    mayAct(c)
    const key = idempotencyKey(c)
    const { merchantId, livemode, id: createdBy } = c.var.caller
    const query = c.req.valid('query')
    const upload = uploadOf(c)
    const layout = query.layout ?? usualLayout(await providerOf(c, query.connection_id))
    if (query.from >= query.to)
      throw invalid([{ pointer: '/to', detail: 'It must be after /from.' }], 'query')
    if (query.to - query.from > LONGEST_PERIOD_DAYS * DAY_MS)
      throw invalid([{ pointer: '/to', detail: `A period is at most ${LONGEST_PERIOD_DAYS} days.` }], 'query')
    const reading = readingOf(c, layout, query.mapping)
    const id = reconciliationIdOf(merchantId, livemode, key)
    c.var.log.reconciliation = id
    const fingerprint = (digest: string) => sha256Hex(JSON.stringify([query, layout, digest]))
    const known = await reconciliationOf(recordsIn(c), c.var.caller, id)
    if (known !== null) return again(c, known, fingerprint(await receiving(digestOf(upload))))
    const checked = await checkedUntil(recordsIn(c), c.var.caller, query.connection_id, query.from)
    const fresh = {
      ...{
        id,
        merchantId,
        livemode,
        connectionId: query.connection_id,
        layout,
        mapping: query.mapping ?? {},
      },
      ...{ since: query.from, until: query.to, graceMs: query.grace_days * DAY_MS },
      ...{ checkedFrom: Math.min(checked ?? query.from, query.from), filesExpected: query.files },
      ...{ run: 0, finishedRun: 0, stage: null, tally: emptyTally(), summary: null },
      ...{ createdBy, createdAt: c.var.now, finishedAt: null, dueAt: null },
    }
    const ports = reconcilingPortsOf(c.env)
    const taken = await receiving(
      receiveFirst(recordsIn(c), fresh, fingerprint, upload, reading, coming(c, id), ports),
    )
    const made = await mine(c, id)
    return taken.kind === 'taken' ? shown(c, made, 202) : again(c, made, taken.fingerprint)
  })
  .get('/', allow('secret', 'operator'), validatedQuery(pageQuery), async (c) => {
    const db = recordsIn(c)
    const page = await listReconciliations(db, c.var.caller, pageRequestOf(c.req.valid('query')))
    const files = await filesOf(
      db,
      page.rows.map(({ id }) => id),
    )
    return c.json(listOf(page, (row) => viewOf(row, files)))
  })
  .get('/:id', allow('secret', 'operator'), async (c) => shown(c, await mine(c), 200))
  .post('/:id/files', allow('secret', 'operator'), async (c) => {
    mayAct(c)
    const of = await mine(c)
    const upload = uploadOf(c)
    const reading = readingOf(c, of.layout, of.mapping)
    const ports = reconcilingPortsOf(c.env)
    const taken = await receiving(receiveAnother(recordsIn(c), of, upload, reading, coming(c, of.id), ports))
    if (taken.kind === 'full') {
      const detail = `A reconciliation has at most ${MOST_FILES} files. Make another one for the rest.`
      throw new GatewayError({ code: 'not_allowed_now', detail })
    }
    if (taken.kind === 'known') c.header('idempotent-replayed', 'true')
    return shown(c, await mine(c), 202)
  })
  .post('/:id/run', allow('secret', 'operator'), validated(noBody, { mayBeAbsent: true }), async (c) => {
    mayAct(c)
    const of = await mine(c)
    const begun = await runAgain(recordsIn(c), c.var.caller, of.id, c.var.now + LATE_MS)
    if (begun === null) {
      const detail = `It waits for ${of.filesExpected} files. It begins by itself with the last of them.`
      throw new GatewayError({ code: 'not_allowed_now', detail })
    }
    await sendOn(reconcilingPortsOf(c.env), begun)
    return shown(c, begun, 202)
  })
  .get('/:id/items', allow('secret', 'operator'), validatedQuery(pageOfOutcome), async (c) => {
    const { id, finishedRun: run } = await mine(c)
    const { outcome, ...query } = c.req.valid('query')
    const page = await listItems(recordsIn(c), { id, run, outcome }, pageRequestOf(query))
    return c.json(listOf(page, (item) => itemView(item, c.var.caller.livemode)))
  })
  .get('/:id/items.csv', allow('secret', 'operator'), validatedQuery(oneOutcome), async (c) => {
    const { id, finishedRun: run } = await mine(c)
    return exportOf(recordsIn(c), { id, run, outcome: c.req.valid('query').outcome })
  })

const recordsIn = (c: Context<Gateway>) => recordsOf(c.env, c.var.caller.merchantId)

async function mine(c: Context<Gateway>, id = c.req.param('id') ?? ''): Promise<Reconciliation> {
  const found = await reconciliationOf(recordsIn(c), c.var.caller, id)
  if (found === null) throw new GatewayError({ code: 'not_found', detail: 'No such reconciliation.' })
  c.var.log.reconciliation = found.id
  return found
}

async function shown(c: Context<Gateway>, row: Reconciliation, status: 200 | 202) {
  return c.json(viewOf(row, await filesOf(recordsIn(c), [row.id])), status)
}

/** The answer to a repeat, which is the reconciliation as it now is. Throws `idempotency_key_reused` for another request. */
function again(c: Context<Gateway>, known: Reconciliation, fingerprint: string) {
  if (known.fingerprint !== fingerprint)
    throw new GatewayError({
      code: 'idempotency_key_reused',
      detail: 'This Idempotency-Key made another reconciliation. Further files go to its /files.',
    })
  c.header('idempotent-replayed', 'true')
  return shown(c, known, 202)
}

/** The provider of the caller's own connection. Throws `validation_failed` for any other. */
async function providerOf(c: Context<Gateway>, connectionId: string): Promise<string> {
  const { merchantId, livemode } = c.var.caller
  const connection = await findConnection(c.env, connectionId, c.var.now)
  if (connection?.merchantId === merchantId && connection.livemode === livemode) return connection.provider
  throw invalid([{ pointer: '/connection_id', detail: 'No such connection in this mode.' }], 'query')
}

const coming = (c: Context<Gateway>, reconciliationId: string) => ({
  id: freshId('stf', crypto.getRandomValues(new Uint8Array(17))),
  merchantId: c.var.caller.merchantId,
  reconciliationId,
  at: c.var.now,
})
