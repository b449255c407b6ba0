/**
 * Connections: a merchant's accounts at providers, with sealed credentials. A connection is disabled, never deleted,
 * and stays with its provider and mode, since old sessions and their reports belong to it.
 */
import { and, desc, eq, isNull } from 'drizzle-orm'
import { seal, unseal } from '../crypto/seal.ts'
import { type By, inScope, type Scope, withEntry } from './admin-log.ts'
import { recordsIn } from './database.ts'
import type { Directory } from './merchants.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { connections } from './schema.ts'

/** Times are milliseconds since the epoch. */
export interface ConnectionSummary {
  id: string
  merchantId: string
  provider: string
  livemode: boolean
  settings: Record<string, unknown>
  /** Since when it opens no sessions; it still takes reports. */
  disabledAt: number | null
  createdAt: number
}

/** A connection with its credentials opened, in the shape that the provider's adapter validates. */
export interface Connection extends ConnectionSummary {
  credentials: Record<string, unknown>
}

type Row = typeof connections.$inferSelect

export async function createConnection(env: Directory, connection: Connection, by: By): Promise<void> {
  const sealed = await seal(env, JSON.stringify(connection.credentials), connection.id)
  const db = recordsIn(env.DB)
  const note = noteOf(connection, 'created', ['provider', 'livemode', 'credentials', 'settings'])
  await withEntry(db, by, note, db.insert(connections).values({ ...connection, credentials: sealed }))
}

/** The connection with its credentials opened; null when there is none. */
export async function readConnection(env: Directory, id: string): Promise<Connection | null> {
  const row = await recordsIn(env.DB).select().from(connections).where(eq(connections.id, id)).get()
  if (!row) return null
  return { ...row, credentials: JSON.parse(await unseal(env, row.credentials, id)) }
}

/** A merchant's connections, without credentials. */
export async function listConnections(
  env: Directory,
  scope: Scope,
  page: PageRequest,
): Promise<Page<ConnectionSummary>> {
  const rows = await recordsIn(env.DB)
    .select()
    .from(connections)
    .where(and(inScope(connections, scope), olderThan(connections.createdAt, connections.id, page.after)))
    .orderBy(desc(connections.createdAt), desc(connections.id))
    .limit(page.limit + 1)
  return pageOf(rows.map(summaryOf), page.limit, (connection) => ({
    at: connection.createdAt,
    id: connection.id,
  }))
}

/** So many connections of one mode are chosen between; a merchant with more names the one it means. */
const MOST_CANDIDATES = 100

/** The enabled connections of one mode, the oldest first and without credentials. */
export async function enabledConnections(
  env: Directory,
  merchantId: string,
  livemode: boolean,
): Promise<ConnectionSummary[]> {
  const rows = await recordsIn(env.DB)
    .select()
    .from(connections)
    .where(
      and(
        eq(connections.merchantId, merchantId),
        eq(connections.livemode, livemode),
        isNull(connections.disabledAt),
      ),
    )
    .orderBy(connections.createdAt, connections.id)
    .limit(MOST_CANDIDATES)
  return rows.map(summaryOf)
}

/** What names a connection, and whose it is. */
type Named = Pick<Connection, 'id' | 'merchantId' | 'livemode'>

/** Changes what is given and answers the connection as it is then; null when the merchant has no such connection. */
export async function changeConnection(
  env: Directory,
  { id, merchantId, livemode }: Named,
  change: Partial<Pick<Connection, 'credentials' | 'settings' | 'disabledAt'>>,
  by: By,
): Promise<ConnectionSummary | null> {
  const db = recordsIn(env.DB)
  const named = and(eq(connections.id, id), eq(connections.merchantId, merchantId))
  const { credentials, ...plain } = change
  const values = {
    ...plain,
    ...(credentials ? { credentials: await seal(env, JSON.stringify(credentials), id) } : {}),
  }
  const fields = Object.keys(values)
  if (fields.length > 0) {
    const note = noteOf({ id, merchantId, livemode }, 'changed', fields)
    const found = { table: connections, where: named }
    await withEntry(db, by, note, db.update(connections).set(values).where(named), found)
  }
  const row = await db.select().from(connections).where(named).get()
  return row ? summaryOf(row) : null
}

/** Enters that somebody had its credentials tried at the provider. */
export async function noteTrial(env: Directory, connection: Named, by: By): Promise<void> {
  const db = recordsIn(env.DB)
  const nothing = db.select({ id: connections.id }).from(connections).where(eq(connections.id, connection.id))
  await withEntry(db, by, noteOf(connection, 'tested', []), nothing)
}

const noteOf = (of: Named, verb: string, fields: string[]) => ({
  chain: 'directory' as const,
  merchantId: of.merchantId,
  livemode: of.livemode,
  action: `connection.${verb}`,
  subject: of.id,
  fields,
})

function summaryOf(row: Row): ConnectionSummary {
  const { credentials: _sealed, ...summary } = row
  return summary
}
