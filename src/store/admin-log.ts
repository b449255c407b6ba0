/**
 * The admin log: who changed a merchant, its keys, operators, connections and destinations, or had something sent again. An entry commits in one batch
 * with its change. A merchant has two chains, because the directory and its records may lie in different databases.
 */
import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { hashOfParts, type Verification, verifyChain } from '../crypto/chain.ts'
import { GatewayError } from '../domain/errors.ts'
import { type Databases, type Records, recordsIn, recordsOf } from './database.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
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

export interface Note {
  chain: Chain
  merchantId: string
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
  const detail = 'Too much is being changed here at once. Nothing was changed; please try again.'
  throw new GatewayError({ code: 'temporarily_unavailable', detail, retryAfterSeconds: 2 })
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
    ${row.action}, ${row.subject}, ${row.fields}, ${row.prevHash}, ${row.hash} where ${condition}`
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

const homeOf = (env: Databases, chain: Chain, merchantId: string) =>
  chain === 'directory' ? recordsIn(env.DB) : recordsOf(env, merchantId)

/** Newest first. */
export async function listEntries(
  env: Databases,
  chain: Chain,
  merchantId: string,
  page: PageRequest,
): Promise<Page<AdminEntry>> {
  const older = page.after === null ? undefined : lt(adminLog.seq, page.after.at)
  const rows = await homeOf(env, chain, merchantId)
    .select()
    .from(adminLog)
    .where(and(entriesOf(chain, merchantId), older))
    .orderBy(desc(adminLog.seq))
    .limit(page.limit + 1)
  // A place is a number and an id; here the number alone says it.
  return pageOf(rows, page.limit, (row) => ({ at: row.seq, id: merchantId }))
}

/** Walks a chain from its beginning to its head. */
export async function verifyLog(env: Databases, chain: Chain, merchantId: string): Promise<Verification> {
  const db = homeOf(env, chain, merchantId)
  const [entries, [head]] = await db.batch([
    db.select().from(adminLog).where(entriesOf(chain, merchantId)).orderBy(adminLog.seq),
    db.select().from(adminHeads).where(headsOf(chain, merchantId)),
  ])
  return verifyChain(entries, head?.hash ?? '', hashOf)
}
