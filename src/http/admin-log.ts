/** The admin log of a merchant, for its administrators: read and verified, one of its two chains at a time. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { type AdminEntry, listEntries, verifyLog } from '../store/admin-log.ts'
import { readMerchant } from '../store/merchants.ts'
import { found } from './admin-merchants.ts'
import { allowAdministrator, scopeOf } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { listOf, pageRequestOf, paging, timeOf } from './schemas.ts'
import { validatedQuery } from './validated.ts'

const which = () => ({ chain: z.enum(['directory', 'destinations']).default('directory') })

async function knownScope(c: Context<Gateway>) {
  const scope = scopeOf(c)
  found(await readMerchant(c.env, scope.merchantId))
  return scope
}

export const adminLog = new Hono<Gateway>()
  .use(allowAdministrator())
  .get('/', validatedQuery(z.lazy(() => z.strictObject({ ...paging(), ...which() }))), async (c) => {
    const query = c.req.valid('query')
    const page = await listEntries(c.env, query.chain, await knownScope(c), pageRequestOf(query))
    return c.json(listOf(page, viewOf))
  })
  .get('/verify', validatedQuery(z.lazy(() => z.strictObject(which()))), async (c) => {
    const { merchantId } = await knownScope(c)
    const verified = await verifyLog(c.env, c.req.valid('query').chain, merchantId)
    const { valid, entries, head } = verified
    return c.json({
      ...{ valid, entries, head },
      ...(verified.valid ? {} : { broken_at: verified.brokenAt, why: verified.why }),
    })
  })

export const viewOf = (entry: AdminEntry) => ({
  object: 'admin_log_entry',
  chain: entry.chain,
  livemode: entry.livemode,
  seq: entry.seq,
  at: timeOf(entry.at),
  actor: entry.actor,
  request_id: entry.requestId,
  action: entry.action,
  subject: entry.subject,
  fields: JSON.parse(entry.fields) as string[],
  prev_hash: entry.prevHash,
  hash: entry.hash,
})
