/** Chains of SHA-256: each entry's hash stands on the one before, so a change to any of them shows at its place. */
import { sha256Hex } from './hash.ts'

/** What places an entry in its chain. */
export interface Link {
  /** From 1, without a gap. */
  seq: number
  /** Empty for the first. */
  prevHash: string
  hash: string
}

export type Verification =
  | { valid: true; entries: number; head: string }
  | { valid: false; entries: number; head: string; brokenAt: number; why: string }

/** The hash of one entry: everything that it tells, the hash of the entry before it first. */
export const hashOfParts = (parts: readonly unknown[]): string => sha256Hex(JSON.stringify(parts))

/** Walks a chain from its beginning; names the first entry that does not follow from the one before. */
export function verifyChain<Entry extends Link>(
  entries: readonly Entry[],
  head: string,
  hashOf: (entry: Entry) => string,
): Verification {
  let prevHash = ''
  for (const [index, row] of entries.entries()) {
    const broken = { valid: false, entries: entries.length, head, brokenAt: index + 1 } as const
    if (row.seq !== index + 1) return { ...broken, why: `Entry ${index + 1} is missing.` }
    if (row.prevHash !== prevHash) return { ...broken, why: 'It does not follow from the entry before it.' }
    if (row.hash !== hashOf(row)) return { ...broken, why: 'Its content is not what was written.' }
    prevHash = row.hash
  }
  if (prevHash !== head)
    return {
      valid: false,
      entries: entries.length,
      head,
      brokenAt: entries.length,
      why: 'Newer entries are missing.',
    }
  return { valid: true, entries: entries.length, head }
}
