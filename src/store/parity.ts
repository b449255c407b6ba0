/** Records held against what their object says: every row that was confirmed must be there, and say the same. */
import { asc, eq, gte, sql } from 'drizzle-orm'
import { isIn, type Records } from './database.ts'
import { type Recordable, type Row, rowsOf } from './records.ts'
import { exceptions, journal, payments, references } from './schema.ts'

/** Ids of recorded payments from this one on. */
export async function paymentsFrom(db: Records, id: string, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: payments.id })
    .from(payments)
    .where(gte(payments.id, id))
    .orderBy(asc(payments.id))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** The rows that are missing or other than what was told, each by its name; what is newer than that is none. */
export async function differences(
  db: Records,
  stream: string,
  told: readonly Recordable[],
): Promise<string[]> {
  const expected = rowsOf(told)
  const published = told.at(-1)?.to ?? 0
  const [entries, [payment], raised, named] = await db.batch([
    db.select().from(journal).where(eq(journal.stream, stream)),
    db.select().from(payments).where(eq(payments.id, stream)),
    db
      .select()
      .from(exceptions)
      .where(
        isIn(
          exceptions.id,
          expected.exceptions.map(({ id }) => String(id)),
        ),
      ),
    db
      .select()
      .from(references)
      .where(
        sql`(${references.connectionId}, ${references.reference}) in (
          select value ->> 'connectionId', value ->> 'reference' from json_each(${JSON.stringify(expected.references)}))`,
      ),
  ])
  const bySeq = new Map(entries.map((row) => [row.seq, row]))
  const byId = new Map(raised.map((row) => [row.id, row]))
  const sessions = new Map(named.map((row) => [`${row.connectionId} ${row.reference}`, row]))
  return [
    ...expected.journal.flatMap((row) =>
      differ(`entry ${row.seq}`, row, bySeq.get(Number(row.seq)), ['trace']),
    ),
    ...expected.payments.flatMap((row) =>
      payment === undefined || payment.version < published
        ? ['the payment’s row is missing or behind']
        : ofVersion('the payment’s row', row, payment, ['overdueAt']),
    ),
    ...expected.exceptions
      .filter((row) => Number(row.version) <= published)
      .flatMap((row) => ofVersion(`exception ${row.id}`, row, byId.get(String(row.id)), [])),
    ...expected.references.flatMap((row) =>
      differ(`reference ${row.reference}`, row, sessions.get(`${row.connectionId} ${row.reference}`), []),
    ),
  ]
}

type Found = Record<string, unknown> | undefined

/** Rows of another version are not comparable: the newer one wins by itself. */
const ofVersion = (name: string, row: Row, found: Found, except: string[]): string[] =>
  found !== undefined && found.version !== row.version ? [] : differ(name, row, found, except)

function differ(name: string, row: Row, found: Found, except: string[]): string[] {
  if (found === undefined) return [`${name} is missing`]
  const other = Object.keys(row).filter(
    (member) => !except.includes(member) && plain(found[member]) !== plain(row[member]),
  )
  return other.length === 0 ? [] : [`${name} (${other.join(', ')})`]
}

const plain = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : (value ?? null))
