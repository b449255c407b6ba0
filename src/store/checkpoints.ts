/** The checkpoints of a database: their pieces, what of each journal was noted last, and what proves a journal. */
import { and, asc, desc, eq, exists, gte, inArray, lt, sql } from 'drizzle-orm'
import {
  BUCKETS,
  bucketOf,
  type Checkpoint,
  checkpointAfter,
  type Digest,
  digestOf,
  type Leaf,
  rootOf,
  startOf,
} from '../crypto/checkpoints.ts'
import { type Chore, moveChore, standsAt } from './chores.ts'
import type { Records } from './database.ts'
import { journal } from './schema.ts'
import { chainBuckets, checkpointPieces, checkpoints, chores } from './schema-upkeep.ts'

/** Buckets of one page: some 20,000 journals in a database that is full. */
const BUCKETS_OF_A_PAGE = 4

/** What was noted of a journal last. */
export type Noted = [stream: string, seq: number, head: string, day: string]

export interface Piece {
  bucket: number
  leaves: Leaf[]
  digest: string
}

/** What a page found, before it is written. */
export interface PageOfHeads {
  pieces: Piece[]
  buckets: { bucket: number; leaves: Noted[] }[]
  /** Journals whose noted entry is not there any more, or has another hash. */
  altered: { stream: string; seq: number }[]
  /** The bucket to go on with; null behind the last. */
  next: number | null
}

const nextOf = ({ cursor }: Chore): number => (cursor === '' ? 0 : Number(cursor))

/** Reads the heads of the next buckets and holds them against what was noted of them. Null when all were read. */
export async function readHeads(db: Records, chore: Chore): Promise<PageOfHeads | null> {
  const from = nextOf(chore)
  if (from >= BUCKETS) return null
  const to = Math.min(from + BUCKETS_OF_A_PAGE, BUCKETS)
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  // A walk along the key for each kind, so that each entry is read once.
  const headsOf = (prefix: string) =>
    db
      // Beside `max`, SQLite gives the other columns of the row that has it.
      .select({ stream: journal.stream, seq: sql<number>`max(${journal.seq})`, hash: journal.hash })
      .from(journal)
      .where(
        and(gte(journal.stream, `${prefix}${startOf(from)}`), lt(journal.stream, `${prefix}${startOf(to)}`)),
      )
      .groupBy(journal.stream)
  const noted = db.select().from(chainBuckets).where(inArray(chainBuckets.bucket, numbers))
  const altered = db
    .select({ stream: sql<string>`leaf.value ->> 0`, seq: sql<number>`leaf.value ->> 1` })
    .from(chainBuckets)
    .innerJoin(sql`json_each(${chainBuckets.leaves}) as leaf`, sql`true`)
    .leftJoin(journal, sql`${journal.stream} = leaf.value ->> 0 and ${journal.seq} = leaf.value ->> 1`)
    .where(and(inArray(chainBuckets.bucket, numbers), sql`${journal.hash} is not leaf.value ->> 2`))
  const [inboxes, payments, known, changed] = await db.batch([
    headsOf('inb_'),
    headsOf('pay_'),
    noted,
    altered,
  ])
  const found = [...inboxes, ...payments]
  const pages = numbers.map((bucket) =>
    pieceOf(
      bucket,
      found.filter(({ stream }) => bucketOf(stream) === bucket),
      known.find((row) => row.bucket === bucket)?.leaves ?? [],
      new Set(changed.map(({ stream }) => stream)),
      chore.day,
    ),
  )
  const grown = pages.filter(({ piece }) => piece.leaves.length > 0)
  return {
    pieces: grown.map(({ piece }) => piece),
    buckets: grown.map(({ piece, leaves }) => ({ bucket: piece.bucket, leaves })),
    altered: changed,
    next: to < BUCKETS ? to : null,
  }
}

interface Head {
  stream: string
  seq: number
  hash: string
}

/** What has grown since it was noted. What was altered keeps its older note, which tells so every day. */
function pieceOf(
  bucket: number,
  heads: readonly Head[],
  noted: readonly Noted[],
  altered: Set<string>,
  day: string,
) {
  const known = new Map(noted.map((leaf) => [leaf[0], leaf]))
  const leaves: Leaf[] = []
  for (const { stream, seq, hash } of heads) {
    const before = known.get(stream)
    if (altered.has(stream) || (before !== undefined && before[1] >= seq)) continue
    leaves.push([stream, seq, hash, before?.[3] ?? null])
    known.set(stream, [stream, seq, hash, day])
  }
  return { piece: { bucket, leaves, digest: digestOf(leaves) }, leaves: [...known.values()] }
}

/** Writes a page and moves the walk on, both or neither; of two who do so at once, one does. */
export async function writeHeads(db: Records, chore: Chore, page: PageOfHeads, now: number): Promise<void> {
  const isMine = exists(db.select({ one: sql`1` }).from(chores).where(standsAt(chore)))
  const pieces = page.pieces.map(({ bucket, leaves, digest }) =>
    db
      .insert(checkpointPieces)
      .select(sql`select ${chore.day}, ${bucket}, ${JSON.stringify(leaves)}, ${digest} where ${isMine}`),
  )
  const buckets = page.buckets.map(({ bucket, leaves }) =>
    db
      .insert(chainBuckets)
      .select(sql`select ${bucket}, ${JSON.stringify(leaves)} where ${isMine}`)
      .onConflictDoUpdate({ target: chainBuckets.bucket, set: { leaves: sql`excluded.leaves` } }),
  )
  await db.batch([...pieces, ...buckets, moveChore(db, chore, String(page.next ?? BUCKETS), now)] as never)
}

/** The checkpoint that today's pieces make. */
export async function nextCheckpoint(db: Records, { day, startedAt }: Chore): Promise<Checkpoint> {
  const [last, pieces] = await db.batch([
    db.select().from(checkpoints).orderBy(desc(checkpoints.seq)).limit(1),
    digestsOn(db, day),
  ])
  const journals = pieces.reduce((sum, piece) => sum + piece.journals, 0)
  return checkpointAfter(last[0], { day, at: startedAt, journals, root: rootOf(pieces) })
}

/** Writes it and ends the walk. */
export async function writeCheckpoint(
  db: Records,
  chore: Chore,
  row: Checkpoint,
  now: number,
): Promise<void> {
  const isMine = exists(db.select({ one: sql`1` }).from(chores).where(standsAt(chore)))
  const { seq, day, at, journals, root, prevHash, hash } = row
  const select = sql`select ${seq}, ${day}, ${at}, ${journals}, ${root}, ${prevHash}, ${hash} where ${isMine}`
  await db.batch([db.insert(checkpoints).select(select), moveChore(db, chore, null, now)])
}

const digestsOn = (db: Records, day: string) =>
  db
    .select({
      bucket: checkpointPieces.bucket,
      digest: checkpointPieces.digest,
      journals: sql<number>`json_array_length(${checkpointPieces.leaves})`,
    })
    .from(checkpointPieces)
    .where(eq(checkpointPieces.day, day))
    .orderBy(asc(checkpointPieces.bucket))

/** Everything that the checkpoints know of one journal. */
export interface Evidence {
  kind: 'evidence'
  /** The note, and the piece that holds it as it is stored. */
  leaf: Leaf
  piece: { leaves: Leaf[]; digest: string }
  /** All pieces of the note's day. */
  digests: Digest[]
  /** From the first to the newest. */
  checkpoints: Checkpoint[]
  day: string
}

/**
 * The newest note of a journal, or its newest one up to a day. `none`: no checkpoint that is finished has it; `lost`: one
 * should, and its piece does not.
 */
export async function evidenceOf(
  db: Records,
  stream: string,
  upTo: string | null,
): Promise<Evidence | { kind: 'none' } | { kind: 'lost'; day: string }> {
  const bucket = bucketOf(stream)
  const [[noted], all] = await db.batch([
    db.select().from(chainBuckets).where(eq(chainBuckets.bucket, bucket)),
    db.select().from(checkpoints).orderBy(asc(checkpoints.seq)),
  ])
  const finished = new Set(all.map((one) => one.day))
  let day = noted?.leaves.find((leaf) => leaf[0] === stream)?.[3] ?? null
  while (day !== null) {
    const [[piece], digests] = await db.batch([
      db
        .select()
        .from(checkpointPieces)
        .where(and(eq(checkpointPieces.day, day), eq(checkpointPieces.bucket, bucket))),
      digestsOn(db, day),
    ])
    const leaf = piece?.leaves.find((one) => one[0] === stream)
    if (piece === undefined || leaf === undefined) return { kind: 'lost', day }
    if (finished.has(day) && (upTo === null || day <= upTo))
      return { kind: 'evidence', leaf, piece, digests, checkpoints: all, day }
    day = leaf[3]
  }
  return { kind: 'none' }
}
