/** The admin log of a merchant, for the deployer: read and verified, one of its two chains at a time. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { type AdminEntry, listEntries, verifyLog } from '../store/admin-log.ts'
import { readMerchant } from '../store/merchants.ts'
import { found } from './admin-merchants.ts'
import type { Gateway } from './gateway.ts'
import { listOf, pageRequestOf, paging, timeOf } from './schemas.ts'
import { validatedQuery } from './validated.ts'

const which = { chain: z.enum(['directory', 'destinations']).default('directory') }

/** Mounted where the path names the merchant, whose id Hono's types cannot see from here. */
const merchantIn = async (c: Context<Gateway>) =>
  found(await readMerchant(c.env, c.req.param('merchantId') ?? ''))

export const adminLog = new Hono<Gateway>()
  .get('/', validatedQuery(z.strictObject({ ...paging, ...which })), async (c) => {
    const query = c.req.valid('query')
    const { id } = await merchantIn(c)
    return c.json(listOf(await listEntries(c.env, query.chain, id, pageRequestOf(query)), viewOf))
  })
  .get('/verify', validatedQuery(z.strictObject(which)), async (c) => {
    const { id } = await merchantIn(c)
    const verified = await verifyLog(c.env, c.req.valid('query').chain, id)
    const { valid, entries, head } = verified
    return c.json({
      ...{ valid, entries, head },
      ...(verified.valid ? {} : { broken_at: verified.brokenAt, why: verified.why }),
    })
  })

export const viewOf = (entry: AdminEntry) => ({
  object: 'admin_log_entry',
  chain: entry.chain,
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
