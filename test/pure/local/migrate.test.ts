import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { afterEach, expect, it } from 'vitest'
import { type MigratedDatabase, migrate } from '../../../scripts/local/migrate.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-migrate-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** D1's shape over an SQLite in memory; a batch is one transaction, as there. */
function database(): MigratedDatabase {
  const sqlite = new DatabaseSync(':memory:')
  interface Statement {
    sql: string
    values: SQLInputValue[]
  }
  const run = ({ sql, values }: Statement) => sqlite.prepare(sql).all(...values)
  const prepare = (sql: string, values: SQLInputValue[] = []) => ({
    sql,
    values,
    bind: (...bound: unknown[]) => prepare(sql, bound as SQLInputValue[]),
    all: async <Row>() => ({ results: run({ sql, values }) as Row[] }),
    run: async () => run({ sql, values }),
  })
  return {
    prepare: (sql) => prepare(sql),
    async batch(statements) {
      sqlite.exec('BEGIN')
      try {
        for (const statement of statements as Statement[]) run(statement)
        sqlite.exec('COMMIT')
      } catch (error) {
        sqlite.exec('ROLLBACK')
        throw error
      }
    },
  }
}
const write = (name: string, sql: string) => writeFileSync(path.join(folder, name), sql)
const tables = async (db: MigratedDatabase) =>
  (await db.prepare("SELECT name FROM sqlite_master WHERE name LIKE 't%'").all<{ name: string }>()).results

it('applies each migration once and in order, and a broken one not at all', async () => {
  const db = database()
  write('0001_more.sql', 'CREATE TABLE t2 (a);')
  write('0000_first.sql', 'CREATE TABLE t1 (a);\n--> statement-breakpoint\nCREATE INDEX i1 ON t1 (a);')
  expect(await migrate(db, folder)).toEqual(['0000_first.sql', '0001_more.sql'])
  write('0002_broken.sql', 'CREATE TABLE t3 (a);\n--> statement-breakpoint\nCREATE INDEX i3 ON nowhere (a);')
  await expect(migrate(db, folder)).rejects.toThrow(/nowhere/)
  expect((await tables(db)).map((row) => row.name)).toEqual(['t1', 't2'])
  write('0002_broken.sql', 'CREATE TABLE t3 (a);')
  expect(await migrate(db, folder)).toEqual(['0002_broken.sql'])
  expect(await migrate(db, folder)).toEqual([])
})
