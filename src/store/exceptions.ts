/** Exceptions as operators list them. The object that raised one decides about it; these rows follow. */
import { and, desc, eq } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/sqlite-core'
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

/** Newest first. The indexes begin with the status, or with kind and status, so "any" is the two of them merged. */
export async function listExceptions(
  db: Records,
  filter: ExceptionFilter,
  page: PageRequest,
): Promise<Page<RecordedException>> {
  const withStatus = (status: 'open' | 'resolved') =>
    db
      .select()
      .from(exceptions)
      .where(
        and(
          eq(exceptions.merchantId, filter.merchantId),
          eq(exceptions.livemode, filter.livemode),
          eq(exceptions.status, status),
          filter.kind === undefined ? undefined : eq(exceptions.kind, filter.kind),
          olderThan(exceptions.raisedAt, exceptions.id, page.after),
        ),
      )
  const newestFirst = [desc(exceptions.raisedAt), desc(exceptions.id)]
  const limit = page.limit + 1
  const rows =
    filter.status === undefined
      ? await unionAll(withStatus('open'), withStatus('resolved'))
          .orderBy(...newestFirst)
          .limit(limit)
      : await withStatus(filter.status)
          .orderBy(...newestFirst)
          .limit(limit)
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
