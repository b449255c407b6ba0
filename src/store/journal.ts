/** The journal of one object as the records have it. */
import { asc, eq } from 'drizzle-orm'
import type { PublishedEntry } from '../domain/publication.ts'
import type { Records } from './database.ts'
import { journal } from './schema.ts'

/** Oldest first, as the object would publish it. */
export async function recordedJournal(db: Records, stream: string): Promise<PublishedEntry[]> {
  const rows = await db.select().from(journal).where(eq(journal.stream, stream)).orderBy(asc(journal.seq))
  return rows.map(({ eventId, eventType, eventSequence, eventBody, ...row }) => {
    const { seq, at, type, actor, data, prevHash, hash } = row
    const event =
      eventId === null || eventType === null
        ? null
        : { id: eventId, type: eventType, sequence: eventSequence, body: eventBody ?? '' }
    return { seq, at, type, actor, data, prevHash, hash, event }
  })
}
