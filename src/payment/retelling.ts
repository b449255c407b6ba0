/**
 * The object's step of telling once more what the records had confirmed, for records that were lost or spoiled. It never
 * tells what was not confirmed: that is published for the first time, and business systems hear of it then.
 */
import type { PublishedEntry, Retold } from '../domain/publication.ts'
import { type TraceMark, traceAt } from '../domain/trace.ts'
import { entriesBetween, verify } from './journal.ts'
import { contentWith } from './publishing.ts'
import { load, loadBeside, type ObjectStorage } from './storage.ts'

/** Characters of one piece: many payments' pieces are written in one batch. */
const PIECE = 200_000

/** The next piece behind position `after`. Before the first one the whole chain is verified. */
export function retold(storage: ObjectStorage, after: number): Retold {
  const newest = loadBeside(storage)
  if (newest === null || newest.beside.published <= after) return { kind: 'nothing' }
  if (after === 0) {
    // Before it is read as a payment, which a spoiled one may not allow.
    const verified = verify(entriesBetween(storage, 1, newest.seq), newest.beside.side.head)
    if (!verified.valid) return { kind: 'broken', brokenAt: verified.brokenAt, why: verified.why }
  }
  const stored = load(storage)
  if (stored === null) return { kind: 'nothing' }
  const { payment, published } = stored
  const { id: stream, merchantId, livemode } = payment
  const to = endOfPiece(storage, after + 1, published)
  const entries = withTraces(storage, entriesBetween(storage, after + 1, to))
  const content = contentWith(storage, payment, entries)
  return { kind: 'told', publication: { stream, merchantId, livemode, from: after + 1, to, content } }
}

function endOfPiece(storage: ObjectStorage, from: number, to: number): number {
  const rows = storage.exec(
    'SELECT seq, length(data) + coalesce(length(event_body), 0) AS size FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq',
    from,
    to,
  )
  let room = PIECE
  for (const row of rows) {
    room -= Number(row.size)
    if (room < 0) return Math.max(from, Number(row.seq) - 1)
  }
  return to
}

/** A step leaves the traces of its entries with the newest row that it writes. */
function withTraces(storage: ObjectStorage, entries: PublishedEntry[]): PublishedEntry[] {
  const [first, last] = [entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0]
  const rows = storage.exec(
    `SELECT seq, beside -> '$.side.traces' AS traces FROM journal
     WHERE beside IS NOT NULL
       AND seq BETWEEN ? AND (SELECT min(seq) FROM journal WHERE seq >= ? AND beside IS NOT NULL)
     ORDER BY seq`,
    first,
    last,
  )
  const steps = rows.map((row) => ({
    seq: Number(row.seq),
    marks: JSON.parse(String(row.traces ?? '[]')) as TraceMark[],
  }))
  let place = 0
  return entries.map((entry) => {
    while (place < steps.length && steps[place]!.seq < entry.seq) place += 1
    const trace = traceAt(steps[place]?.marks ?? [], entry.seq)
    return trace === null ? entry : { ...entry, trace }
  })
}
