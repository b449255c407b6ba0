/** API keys of merchants and tokens of operators, by the SHA-256 of their text. A row is revoked, never deleted. */
import { and, desc, eq, inArray, isNull } from 'drizzle-orm'
import type { KeyKind } from '../crypto/api-keys.ts'
import { type By, inScope, type Scope, withEntry } from './admin-log.ts'
import { recordsIn } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { keys } from './schema.ts'

/** Times are milliseconds since the epoch. */
export interface KeyRecord {
  hash: string
  id: string
  merchantId: string
  kind: KeyKind
  livemode: boolean
  /** Operators only, like the three below. */
  name: string | null
  role: 'viewer' | 'operator' | 'admin' | null
  expiresAt: number | null
  /** In lower case. */
  accessEmail: string | null
  createdAt: number
  revokedAt: number | null
}

type Database = { DB: D1Database }

export async function createKey(env: Database, key: KeyRecord, by: By): Promise<void> {
  const db = recordsIn(env.DB)
  const ofOperators = key.accessEmail === null ? [] : ['accessEmail']
  if (key.kind === 'operator') ofOperators.unshift('name', 'role', 'expiresAt')
  const fields = ['kind', 'livemode', ...ofOperators]
  await withEntry(db, by, noteOf(key, 'created', fields), db.insert(keys).values(key))
}

/** The key with this hash, revoked or not; null when there is none. */
export async function readKey(env: Database, hash: string): Promise<KeyRecord | null> {
  return (await recordsIn(env.DB).select().from(keys).where(eq(keys.hash, hash)).get()) ?? null
}

/** One person is an operator of a few merchants at most; more could not be told apart either. */
const MOST_OPERATORS = 100

/** The operators that this e-mail's Access identity means, in any merchant and mode, the oldest first. */
export async function operatorsOf(env: Database, accessEmail: string): Promise<KeyRecord[]> {
  return recordsIn(env.DB)
    .select()
    .from(keys)
    .where(and(eq(keys.accessEmail, accessEmail), isNull(keys.revokedAt)))
    .orderBy(keys.createdAt, keys.id)
    .limit(MOST_OPERATORS)
}

export async function listKeys(
  env: Database,
  scope: Scope,
  kinds: KeyKind[],
  page: PageRequest,
): Promise<Page<KeyRecord>> {
  const rows = await recordsIn(env.DB)
    .select()
    .from(keys)
    .where(
      and(inScope(keys, scope), inArray(keys.kind, kinds), olderThan(keys.createdAt, keys.id, page.after)),
    )
    .orderBy(desc(keys.createdAt), desc(keys.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (key) => ({ at: key.createdAt, id: key.id }))
}

/** Revokes the key and answers it; repeating it keeps the first time. Null when there is none. */
export async function revokeKey(
  env: Database,
  scope: Scope,
  id: string,
  kinds: KeyKind[],
  by: By,
): Promise<KeyRecord | null> {
  const db = recordsIn(env.DB)
  const named = and(inScope(keys, scope), eq(keys.id, id), inArray(keys.kind, kinds))
  const known = await db.select().from(keys).where(named).get()
  if (!known || known.revokedAt !== null) return known ?? null
  const where = and(named, isNull(keys.revokedAt))
  const revoke = db.update(keys).set({ revokedAt: by.at }).where(where)
  await withEntry(db, by, noteOf(known, 'revoked', ['revokedAt']), revoke, { table: keys, where })
  return (await db.select().from(keys).where(named).get()) ?? null
}

const noteOf = ({ id, kind, merchantId, livemode }: KeyRecord, verb: string, fields: string[]) => ({
  chain: 'directory' as const,
  merchantId,
  livemode,
  action: `${kind === 'operator' ? 'operator' : 'key'}.${verb}`,
  subject: id,
  fields,
})
