/** Exceptions as operators list them. The object that raised one decides about it; these rows follow. */
import { and, desc, eq, inArray } from 'drizzle-orm'
import type { Records } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { exceptions } from './schema.ts'

export type RecordedException = typeof exceptions.$inferSelect

export interface ExceptionFilter {
  merchantId: string
  livemode: boolean
  status?: 'open' | 'resolved' | undefined
  kind?: string | undefined
}

/** Newest first. */
export async function listExceptions(
  db: Records,
  filter: ExceptionFilter,
  page: PageRequest,
): Promise<Page<RecordedException>> {
  const rows = await db
    .select()
    .from(exceptions)
    .where(
      and(
        eq(exceptions.merchantId, filter.merchantId),
        eq(exceptions.livemode, filter.livemode),
        // The index begins with the status, so "any" is spelled out.
        inArray(exceptions.status, filter.status === undefined ? ['open', 'resolved'] : [filter.status]),
        filter.kind === undefined ? undefined : eq(exceptions.kind, filter.kind),
        olderThan(exceptions.raisedAt, exceptions.id, page.after),
      ),
    )
    .orderBy(desc(exceptions.raisedAt), desc(exceptions.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => ({ at: row.raisedAt, id: row.id }))
}

/** One exception; null when this owner has none of that id. */
export async function exceptionById(
  db: Records,
  owner: { merchantId: string; livemode: boolean },
  id: string,
): Promise<RecordedException | null> {
  const row = await db
    .select()
    .from(exceptions)
    .where(
      and(
        eq(exceptions.id, id),
        eq(exceptions.merchantId, owner.merchantId),
        eq(exceptions.livemode, owner.livemode),
      ),
    )
    .get()
  return row ?? null
}
