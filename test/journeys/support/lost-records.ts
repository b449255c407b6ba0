/** Loses what only repeats the objects' own books: rows of the records, taken from the disk while nothing runs. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const tables = ['payments', 'journal', 'provider_references']

/** Deletes every payment from the records below a state folder whose system is down; answers how many rows are gone. */
export function loseRecords(state: string): number {
  const folder = path.join(state, 'runtime', 'd1')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /[0-9a-f]{64}\.sqlite$/.test(name),
  )
  return files.reduce((lost, file) => lost + loseIn(path.join(folder, file)), 0)
}

function loseIn(file: string): number {
  // A runtime that was killed a moment ago may hold its locks still.
  const database = new DatabaseSync(file, { timeout: 10_000 })
  try {
    const found = database.prepare("select name from sqlite_schema where type = 'table'").all()
    const known = new Set(found.map(({ name }) => name))
    return tables
      .filter((table) => known.has(table))
      .reduce((lost, table) => lost + Number(database.prepare(`delete from ${table}`).run().changes), 0)
  } finally {
    database.close()
  }
}
