/**
 * The admin log: who changed a merchant, its keys, operators, connections and destinations, or had something sent again. An entry commits in one batch
 * with its change. A merchant has two chains, because the directory and its records may lie in different databases.
 */
import { and, between, desc, eq, isNull, max, or, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { hashOfParts, type Verification, verifyChain } from '../crypto/chain.ts'
import { GatewayError } from '../domain/errors.ts'
import { type Databases, type Records, recordsIn, recordsOf } from './database.ts'
import { MOST_SCANNED, type Page, type PageRequest, pageOf } from './page.ts'
import { adminHeads, adminLog } from './schema.ts'

export type AdminEntry = typeof adminLog.$inferSelect
export type Chain = AdminEntry['chain']

/** Who changes something, in which request; `at` is milliseconds since the epoch. */
export interface By {
  /** `deployer`, or the id of a key or operator. */
  actor: string
  requestId: string
  at: number
}

/** What of a merchant is meant: one mode, or both where it is null. */
export interface Scope {
  merchantId: string
  livemode: boolean | null
}

export interface Note extends Scope {
  chain: Chain
  action: string
  /** The id of what is changed. */
  subject: string
  /** Names of columns; their values may be secrets and stay out. */
  fields: readonly string[]
}

/** What the change finds; without it the change is made whatever is there. */
interface Found {
  table: SQLiteTable
  where: SQL | undefined
}

const MOST_TRIES = 20

const hashOf = (row: Omit<AdminEntry, 'hash'>) =>
  hashOfParts([
    ...[row.prevHash, row.merchantId, row.chain, row.seq, row.at],
    ...[row.actor, row.requestId, row.action, row.subject, row.fields],
    // Left out where it is null, as in the entries from before there was one.
    ...(row.livemode === null ? [] : [row.livemode]),
  ])

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * Makes the change and writes its entry, both or neither, and answers what the change returned. Where `found` finds
 * nothing there is no entry, and the change must find nothing either. Two writers at once meet on the entry's place:
 * the later one reads the head again. Throws `temporarily_unavailable` when that happens too often, and an error when the
 * head was taken away.
 */
export async function withEntry<Change extends BatchItem<'sqlite'>>(
  db: Records,
  by: By,
  note: Note,
  change: Change,
  found?: Found,
): Promise<Change['_']['result']> {
  let isHeaded = false
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const head = await headOf(db, note.chain, note.merchantId)
    isHeaded = head !== undefined
    const entry = entryAfter(head, by, note)
    try {
      const [, , result] = await db.batch([insertEntry(db, entry, found), moveHead(db, entry), change])
      return result
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  if (!isHeaded) throw new Error(`The ${note.chain} log of ${note.merchantId} lost its head.`)
  throw tooMuchAtOnce()
}

/** The refusal of a change that others overtook again and again. */
export function tooMuchAtOnce(): GatewayError {
  const detail = 'Too much is being changed here at once. Nothing was changed; please try again.'
  return new GatewayError({ code: 'temporarily_unavailable', detail, retryAfterSeconds: 2 })
}

function entryAfter(head: { seq: number; hash: string } | undefined, by: By, note: Note): AdminEntry {
  const row = {
    ...by,
    ...note,
    fields: JSON.stringify(note.fields.map(snake)),
    seq: (head?.seq ?? 0) + 1,
    prevHash: head?.hash ?? '',
  }
  return { ...row, hash: hashOf(row) }
}

function insertEntry(db: Records, row: AdminEntry, found: Found | undefined) {
  const condition = found ? sql`exists (select 1 from ${found.table} where ${found.where})` : sql`true`
  // In the order of the table's columns, for an insert by select names them all.
  const select = sql`select ${row.merchantId}, ${row.chain}, ${row.seq}, ${row.at}, ${row.actor}, ${row.requestId},
    ${row.action}, ${row.subject}, ${row.fields}, ${row.prevHash}, ${row.hash},
    ${row.livemode === null ? null : Number(row.livemode)} where ${condition}`
  return db.insert(adminLog).select(select)
}

/** Follows the entry, if it was written. */
function moveHead(db: Records, { merchantId, chain, seq, hash }: AdminEntry) {
  const select = sql`select merchant_id, chain, seq, hash from admin_log
    where merchant_id = ${merchantId} and chain = ${chain} and seq = ${seq} and hash = ${hash}`
  return db
    .insert(adminHeads)
    .select(select)
    .onConflictDoUpdate({
      target: [adminHeads.merchantId, adminHeads.chain],
      set: { seq: sql`excluded.seq`, hash: sql`excluded.hash` },
    })
}

const isTaken = (error: unknown) =>
  error instanceof Error && /UNIQUE.*admin_log/.test(`${error.message} ${String(error.cause)}`)

const headsOf = (chain: Chain, merchantId: string) =>
  and(eq(adminHeads.merchantId, merchantId), eq(adminHeads.chain, chain))
const entriesOf = (chain: Chain, merchantId: string) =>
  and(eq(adminLog.merchantId, merchantId), eq(adminLog.chain, chain))

const headOf = (db: Records, chain: Chain, merchantId: string) =>
  db.select().from(adminHeads).where(headsOf(chain, merchantId)).get()

/** Rows of one merchant, in one mode or both. */
export const inScope = (
  table: { merchantId: SQLiteColumn; livemode: SQLiteColumn },
  { merchantId, livemode }: Scope,
) => and(eq(table.merchantId, merchantId), livemode === null ? undefined : eq(table.livemode, livemode))

const homeOf = (env: Databases, chain: Chain, merchantId: string) =>
  chain === 'directory' ? recordsIn(env.DB) : recordsOf(env, merchantId)

/**
 * Newest first: with one mode, its entries and those of the merchant itself, among at most a thousand. A page may so be
 * shorter than asked for and still lead on.
 */
export async function listEntries(
  env: Databases,
  chain: Chain,
  { merchantId, livemode }: Scope,
  page: PageRequest,
): Promise<Page<AdminEntry>> {
  const db = homeOf(env, chain, merchantId)
  const newest = page.after === null ? await newestOf(db, chain, merchantId) : page.after.at - 1
  const oldest = Math.max(1, newest - MOST_SCANNED + 1)
  const ofMerchant = and(isNull(adminLog.livemode), eq(adminLog.subject, merchantId))
  const rows = await db
    .select()
    .from(adminLog)
    .where(
      and(
        entriesOf(chain, merchantId),
        between(adminLog.seq, oldest, newest),
        livemode === null ? undefined : or(eq(adminLog.livemode, livemode), ofMerchant),
      ),
    )
    .orderBy(desc(adminLog.seq))
    .limit(page.limit + 1)
  // A place is a number and an id; here the number alone says it.
  const { rows: kept, next } = pageOf(rows, page.limit, (row) => ({ at: row.seq, id: merchantId }))
  return { rows: kept, next: next ?? (oldest > 1 ? { at: oldest, id: merchantId } : null) }
}

/** The newest entry's own number rather than its head's, which may have been tampered with. */
async function newestOf(db: Records, chain: Chain, merchantId: string): Promise<number> {
  const found = await db
    .select({ seq: max(adminLog.seq) })
    .from(adminLog)
    .where(entriesOf(chain, merchantId))
    .get()
  return found?.seq ?? 0
}

/** Walks a chain from its beginning to its head, through the entries of both modes. */
export async function verifyLog(env: Databases, chain: Chain, merchantId: string): Promise<Verification> {
  const db = homeOf(env, chain, merchantId)
  const [entries, [head]] = await db.batch([
    db.select().from(adminLog).where(entriesOf(chain, merchantId)).orderBy(adminLog.seq),
    db.select().from(adminHeads).where(headsOf(chain, merchantId)),
  ])
  return verifyChain(entries, head?.hash ?? '', hashOf)
}
