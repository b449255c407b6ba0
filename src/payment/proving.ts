/**
 * The proof of a payment's journal: the object's own chain, the records' copy of it, and what the checkpoints noted of it.
 * Whatever does not fit is named by its place; nothing here trusts the thing that it proves.
 */
import { type Checkpoint, digestOf, rootOf, verifyCheckpoints } from '../crypto/checkpoints.ts'
import type { PublishedEntry } from '../domain/publication.ts'
import type { Env } from '../env.ts'
import { type Evidence, evidenceOf } from '../store/checkpoints.ts'
import { type Records, shardsOf } from '../store/database.ts'
import { recordedJournal } from '../store/journal.ts'
import { hashOf, verify } from './journal.ts'

/** Something that does not fit; `seq` is the entry that shows it, null where it is no entry's fault. */
export interface Doubt {
  where: 'object' | 'records' | 'checkpoint' | 'copy'
  seq: number | null
  why: string
}

export interface Proof {
  valid: boolean
  entries: number
  head: string
  /** Null while no checkpoint has noted the journal. */
  checkpoint: {
    /** The UTC day, and the checkpoint's own hash. */
    day: string
    hash: string
    /** The entry that was the newest then: up to here the checkpoint proves. */
    seq: number
    /** Whether a copy outside the database says the same; null where none is kept. */
    isCopied: boolean | null
  } | null
  doubts: Doubt[]
}

/** The chain as the object holds it. */
export interface Chain {
  entries: PublishedEntry[]
  head: string
}

/** What is needed besides the chain. */
export interface Around {
  db: Records
  /** Proves against the newest checkpoint up to this UTC day; null for the newest of all. */
  upTo: string | null
  /** The text of a copy by the checkpoint's day; undefined where no copies are kept, null where this one is missing. */
  copyOf(day: string): Promise<string | null | undefined>
}

export async function prove(stream: string, chain: Chain, { db, upTo, copyOf }: Around): Promise<Proof> {
  const [rows, found] = await Promise.all([recordedJournal(db, stream), evidenceOf(db, stream, upTo)])
  const evidence = found.kind === 'evidence' ? found : null
  const doubts = [
    ...doubtsOfObject(chain, evidence),
    ...doubtsOfRecords(chain, rows, evidence?.leaf[1] ?? 0),
    ...(evidence === null ? [] : doubtsOfCheckpoint(evidence)),
    ...(found.kind === 'lost' ? [lost(found.day)] : []),
  ]
  const { entries, head } = chain
  const made = evidence?.checkpoints.find(({ day }) => day === evidence.day)
  if (evidence === null || made === undefined)
    return { valid: doubts.length === 0, entries: entries.length, head, checkpoint: null, doubts }
  const isCopied = await compared(made, copyOf)
  if (isCopied === false)
    doubts.push({
      where: 'copy',
      seq: null,
      why: 'The copy outside the database is missing or says another hash.',
    })
  const checkpoint = { day: made.day, hash: made.hash, seq: evidence.leaf[1], isCopied }
  return { valid: doubts.length === 0, entries: entries.length, head, checkpoint, doubts }
}

/** The copies of a database's checkpoints, where a bucket is bound. */
export function copiesOf(env: Env, db: Records): Around['copyOf'] {
  const { CHECKPOINTS: bucket } = env
  const database = shardsOf(env).indexOf(db)
  return async (day) => {
    if (bucket === undefined) return undefined
    const copy = await bucket.get(`checkpoints/${database}/${day}.json`)
    return copy === null ? null : await copy.text()
  }
}

function doubtsOfObject({ entries, head }: Chain, evidence: Evidence | null): Doubt[] {
  const verified = verify(entries, head)
  if (!verified.valid) return [{ where: 'object', seq: verified.brokenAt, why: verified.why }]
  if (evidence === null) return []
  const [, seq, noted] = evidence.leaf
  if (entries[seq - 1]?.hash === noted) return []
  // Its chain holds in itself, so it was made anew as a whole.
  const why = `It or an entry before it was written anew since the checkpoint of ${evidence.day}.`
  return [{ where: 'object', seq, why }]
}

/** The first row that is not what the object has; rows up to what was noted must be there. */
function doubtsOfRecords({ entries }: Chain, rows: readonly PublishedEntry[], noted: number): Doubt[] {
  const bySeq = new Map(rows.map((row) => [row.seq, row]))
  const last = Math.max(noted, ...bySeq.keys())
  for (let seq = 1; seq <= last; seq += 1) {
    const row = bySeq.get(seq)
    const doubt = (why: string): Doubt[] => [{ where: 'records', seq, why }]
    if (row === undefined) return doubt('The row is missing.')
    if (row.hash !== hashOf(row)) return doubt('Its content is not what was written.')
    if (row.hash !== entries[seq - 1]?.hash) return doubt('It is not the entry that the object has.')
  }
  return []
}

const lost = (day: string): Doubt => ({
  where: 'checkpoint',
  seq: null,
  why: `The piece of ${day} that noted it is missing.`,
})

function doubtsOfCheckpoint({ leaf, piece, digests, checkpoints, day }: Evidence): Doubt[] {
  const doubt = (why: string): Doubt => ({ where: 'checkpoint', seq: leaf[1], why })
  const made = checkpoints.find((one) => one.day === day)
  const verified = verifyCheckpoints(checkpoints)
  return [
    ...(digestOf(piece.leaves) === piece.digest ? [] : [doubt(`The piece of ${day} is not what was noted.`)]),
    ...(made !== undefined && rootOf(digests) === made.root
      ? []
      : [doubt(`The pieces of ${day} are not those of its checkpoint.`)]),
    ...(verified.valid ? [] : [doubt(`Checkpoint ${verified.brokenAt}: ${verified.why}`)]),
  ]
}

async function compared(made: Checkpoint, copyOf: Around['copyOf']): Promise<boolean | null> {
  const text = await copyOf(made.day)
  if (text === undefined) return null
  return text !== null && (JSON.parse(text) as Checkpoint).hash === made.hash
}
