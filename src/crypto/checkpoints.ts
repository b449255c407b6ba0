/**
 * Checkpoints: once a day the heads of all journals of a database that have grown since are noted, in pieces by the first
 * characters of their ids, and each checkpoint is chained to the one before. What a journal was by then cannot be changed
 * any more without a hash that does not fit.
 */

import { alphabet } from '../domain/ids.ts'
import { hashOfParts, verifyChain } from './chain.ts'

/** A journal's head when it was noted: its stream, position and hash, and the day of its note before this one. */
export type Leaf = [stream: string, seq: number, head: string, before: string | null]

/** How many pieces the ids are divided into: each a quarter of the second character, so that none grows too large. */
export const BUCKETS = 256
const EACH = 4

/** The first characters, behind their prefix, of the ids in a bucket; of the one behind the last, what follows them all. */
export function startOf(bucket: number): string {
  if (bucket >= BUCKETS) return '~'
  const groups = alphabet.length / EACH
  return `${alphabet[Math.floor(bucket / groups)]}${alphabet[(bucket % groups) * EACH]}`
}

export function bucketOf(stream: string): number {
  const core = stream.slice(stream.indexOf('_') + 1)
  const [first, second] = [alphabet.indexOf(core[0] ?? ''), alphabet.indexOf(core[1] ?? '')]
  return first * (alphabet.length / EACH) + Math.floor(second / EACH)
}

export const digestOf = (leaves: readonly Leaf[]): string => hashOfParts(leaves)

export interface Checkpoint {
  /** From 1, without a gap; the day is a UTC day. */
  seq: number
  day: string
  /** When its walk began: milliseconds since the epoch. */
  at: number
  /** How many journals had grown. */
  journals: number
  /** Stands for the digests of all its pieces. */
  root: string
  prevHash: string
  hash: string
}

/** A piece of a checkpoint by its bucket. */
export interface Digest {
  bucket: number
  digest: string
}

export const rootOf = (digests: readonly Digest[]): string =>
  hashOfParts(digests.map(({ bucket, digest }) => [bucket, digest]))

const hashOf = ({ seq, day, at, journals, root, prevHash }: Omit<Checkpoint, 'hash'>): string =>
  hashOfParts([prevHash, seq, day, at, journals, root])

/** The checkpoint that follows another. */
export function checkpointAfter(
  last: Checkpoint | undefined,
  made: Pick<Checkpoint, 'day' | 'at' | 'journals' | 'root'>,
): Checkpoint {
  const row = { ...made, seq: (last?.seq ?? 0) + 1, prevHash: last?.hash ?? '' }
  return { ...row, hash: hashOf(row) }
}

/** Walks the checkpoints from the first, oldest first; the newest one's own hash is their head. */
export const verifyCheckpoints = (checkpoints: readonly Checkpoint[]) =>
  verifyChain(checkpoints, checkpoints.at(-1)?.hash ?? '', hashOf)
