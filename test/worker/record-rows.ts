// The records' rows as they lie in D1, whatever wrote them.
import { env } from 'cloudflare:workers'
import { recordsOf, shardsOf } from '../../src/store/database.ts'

/** The database with a merchant's records, of one or of four. */
export const databaseOf = (merchantId: string): D1Database => recordsOf(env, merchantId).$client
const databases = (): D1Database[] => shardsOf(env).map((records) => records.$client)

/** Rows of a table for one merchant, as D1 has them. */
export async function rowsOf<T = Record<string, unknown>>(table: string, merchantId: string): Promise<T[]> {
  const { results } = await databaseOf(merchantId)
    .prepare(`select * from ${table} where merchant_id = ?`)
    .bind(merchantId)
    .all()
  return results as T[]
}

/** Whether a later sweep could find work. */
export async function isAnythingDue(): Promise<boolean> {
  const query = `select exists (select 1 from deliveries where due_at is not null) or exists (select 1 from payments where overdue_at is not null)
       or exists (select 1 from destinations where due_at is not null) or exists (select 1 from replays where finished_at is null) as due`
  const rows = await Promise.all(databases().map((one) => one.prepare(query).first<{ due: number }>()))
  return rows.some((row) => row?.due === 1)
}

/** Sweeps look at every merchant's rows, so each history begins without those of the one before. */
export async function emptyRecords(): Promise<void> {
  await env.DB.prepare('delete from rebuilds').run()
  const tables = [
    'payments',
    'journal',
    'provider_references',
    'exceptions',
    'deliveries',
    'destinations',
    'replays',
    'chores',
    'chain_buckets',
    'checkpoint_pieces',
    'checkpoints',
  ]
  for (const database of databases())
    await database.batch(tables.map((table) => database.prepare(`delete from ${table}`)))
}
