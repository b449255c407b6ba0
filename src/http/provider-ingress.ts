/** `/webhooks/{provider}/{connection_id}`: what providers tell. Raw bytes until the adapter has verified them. */
import { type Context, Hono } from 'hono'
import { GatewayError } from '../domain/errors.ts'
import type { Heard, Provider, RawReport, Reply } from '../domain/provider.ts'
import { count } from '../payment/metrics.ts'
import { takeHeard } from '../payment/take-report.ts'
import { providerFor } from '../providers/index.ts'
import type { Connection } from '../store/connections.ts'
import { findConnection } from '../store/directory.ts'
import { largestBody } from './body-limit.ts'
import type { Gateway } from './gateway.ts'
import { mayHint } from './rate-limit.ts'

const LARGEST_REPORT = 256 * 1024
/** Secrets may have been rotated since the connection was cached; forgers cannot make us look more often than this. */
const LOOK_AGAIN_MS = 5_000

const limit = largestBody(LARGEST_REPORT, 'A report is at most 256 KiB.')

export const providerIngress = new Hono<Gateway>().on(
  ['GET', 'POST'],
  '/webhooks/:provider/:connection_id',
  limit,
  async (c) => {
    const connection = await connectionOf(c)
    const raw: RawReport = {
      method: c.req.method,
      url: c.req.url,
      header: (name) => c.req.header(name),
      body: new Uint8Array(await c.req.arrayBuffer()),
      mayAsk: () => mayHint(c, connection.id),
    }
    const { provider, heard } = await read(c, connection, raw)
    c.var.log.heard = heard.kind
    if (heard.kind === 'forged' || heard.kind === 'untimely') c.var.log.why = heard.why
    return answer(await take(c, connection, provider, heard, raw.body))
  },
)

async function connectionOf(c: Context<Gateway>): Promise<Connection> {
  const id = c.req.param('connection_id') ?? ''
  const connection = /^con_[0-9a-z]{1,64}$/.test(id) ? await findConnection(c.env, id, c.var.now) : null
  if (connection === null || connection.provider !== c.req.param('provider'))
    throw new GatewayError({ code: 'not_found', detail: 'There is no such connection.' })
  c.var.log.connection = connection.id
  c.var.log.merchant = connection.merchantId
  return connection
}

async function read(
  c: Context<Gateway>,
  connection: Connection,
  raw: RawReport,
): Promise<{ provider: Provider; heard: Heard }> {
  const provider = providerFor(c.env, connection, c.var.origin)
  const heard = await provider.read(raw, c.var.now)
  if (heard.kind !== 'forged') return { provider, heard }
  const fresh = await findConnection(c.env, connection.id, c.var.now, LOOK_AGAIN_MS)
  if (fresh === null || fresh === connection) return { provider, heard }
  const renewed = providerFor(c.env, fresh, c.var.origin)
  return { provider: renewed, heard: await renewed.read(raw, c.var.now) }
}

/** The reply is made after the object's answer: what is not durable must be sent again. */
async function take(
  c: Context<Gateway>,
  connection: Connection,
  provider: Provider,
  heard: Heard,
  body: Uint8Array,
): Promise<Reply> {
  const counted = (outcome: string) => {
    const { id, merchantId, livemode } = connection
    count(c.env, { name: 'report', outcome, merchantId, livemode, kind: connection.provider, about: id })
  }
  if (heard.kind !== 'reports') counted(heard.kind)
  if (asksOnly(heard) && !(await mayHint(c, connection.id)))
    return provider.reply(heard, { kind: heard.kind === 'hint' ? 'kept' : 'refused' })
  try {
    const { verdict, outcomes } = await takeHeard(c.env, connection, heard, body, c.var.trace)
    c.var.log.verdict = verdict.kind
    if (outcomes.length > 0) c.var.log.outcomes = outcomes.join(' ')
    for (const outcome of outcomes) counted(outcome)
    return provider.reply(heard, verdict)
  } catch (error) {
    c.var.log.verdict = 'not_kept'
    counted('not_kept')
    c.var.log.error = error instanceof Error ? error.name : 'unknown'
    return provider.reply(heard, { kind: 'not_kept' })
  }
}

/** Whether it can only make us ask: nothing in it is freshly signed, so floods of it are dropped. */
const asksOnly = (heard: Heard): boolean => heard.kind === 'hint' || heard.kind === 'untimely'

function answer({ status, contentType, body }: Reply): Response {
  return new Response(body ?? null, {
    status,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  })
}
