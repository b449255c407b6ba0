/**
 * Brings D1 up to date through the running Miniflare, because two processes must never open one local database. The
 * bookkeeping is wrangler's own table, so `wrangler d1 migrations` would agree about what has been applied.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { unstable_splitSqlQuery } from 'wrangler'

/** The part of a D1 database that migrating needs. */
export interface MigratedDatabase {
  prepare(sql: string): {
    bind(...values: unknown[]): unknown
    all<Row>(): Promise<{ results: Row[] }>
    run(): Promise<unknown>
  }
  batch(statements: unknown[]): Promise<unknown>
}

/** Applies what is missing, one batch a file, so that a file is applied whole or not at all. Returns the names. */
export async function migrate(db: MigratedDatabase, folder: string): Promise<string[]> {
  await db
    .prepare(
      'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, ' +
        'applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    )
    .run()
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>()
  const applied = new Set(results.map((row) => row.name))
  const missing = migrationFiles(folder).filter((name) => !applied.has(name))
  for (const name of missing) {
    const statements = unstable_splitSqlQuery(readFileSync(path.join(folder, name), 'utf8'))
    const mark = db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)
    await db.batch([...statements.map((sql) => db.prepare(sql)), mark])
  }
  return missing
}

function migrationFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
}
