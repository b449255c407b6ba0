/**
 * Taking a settlement file in: read, checked and written to D1 as it comes, and made part of its reconciliation by one
 * transaction at the end. What is refused, or dies, leaves nothing that anybody sees.
 */
import { sha256 } from '../crypto/hash.ts'
import type { SettlementRow } from '../domain/settlement/row.ts'
import type { ReconciliationMessage } from '../env.ts'
import type { Records } from '../store/database.ts'
import type { Reconciliation } from '../store/reconciliations.ts'
import {
  addFile,
  beginFile,
  type Coming,
  forgetFile,
  openReconciliation,
  type Taken,
  type Whole,
  writeChunk,
} from '../store/settlement-files.ts'
import { LATE_MS, type ReconcilingPorts } from './ports.ts'
import { type Reading, readFile } from './read-file.ts'

export const MOST_BYTES = 20 * 1_024 * 1_024
export const MOST_FILES = 50

/** Rows of a chunk, and characters: with long cells it holds fewer, so that a row of D1 stays far below 2 MB. */
const CHUNK_ROWS = 500
const CHUNK_CHARACTERS = 300_000
/** A caller who is still sending hears nothing: up to this many bytes are taken so that it can read a refusal. */
const MOST_DRAINED = 32 * 1_024 * 1_024

/** There is more of the file than may be. */
export class TooLarge extends Error {}

/** A body that is read once, counted and hashed on its way. */
export class Upload {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #hash = sha256()
  bytes = 0
  /** Whether its end was seen. */
  isWhole = false

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
  }

  /** The bytes, of which a second walk gets those that the first one left. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let read = await this.#reader.read(); !read.done; read = await this.#reader.read()) {
      this.bytes += read.value.byteLength
      if (this.bytes > MOST_BYTES) throw new TooLarge()
      this.#hash.update(read.value)
      yield read.value
    }
    this.isWhole = true
  }

  /** Reads on without looking. Never throws: who hung up wants no answer. */
  async drain(): Promise<void> {
    try {
      while (this.bytes <= MOST_DRAINED) {
        const { done, value } = await this.#reader.read()
        if (done) return
        this.bytes += value.byteLength
      }
    } catch {
      // The sender is gone.
    }
  }

  /** The SHA-256 of everything that was walked. Ends the hash. */
  digest(): string {
    return this.#hash.digest('hex')
  }
}

/** The digest of a file that nobody needs to keep. */
export async function digestOf(upload: Upload): Promise<string> {
  for await (const _ of upload) {
    // Only counted and hashed.
  }
  return upload.digest()
}

/** Makes a reconciliation of its first file. `fingerprint` is given the file's digest. */
export async function receiveFirst(
  db: Records,
  fresh: Omit<Reconciliation, 'fingerprint'>,
  fingerprint: (digest: string) => string,
  upload: Upload,
  reading: Reading,
  file: Coming,
  ports: ReconcilingPorts,
): Promise<Taken & { fingerprint: string }> {
  return await keeping(db, file, upload, reading, async (whole) => {
    const made = { ...fresh, fingerprint: fingerprint(whole.sha256) }
    const taken = await openReconciliation(db, made, file, whole, ports.now() + LATE_MS)
    if (taken.kind === 'taken' && taken.begins !== null) await sendOn(ports, { ...made, run: taken.begins })
    return { ...taken, fingerprint: made.fingerprint }
  })
}

/** Adds a file to a reconciliation, whose next run then begins unless others are still expected. */
export async function receiveAnother(
  db: Records,
  of: Reconciliation,
  upload: Upload,
  reading: Reading,
  file: Coming,
  ports: ReconcilingPorts,
): Promise<Taken> {
  return await keeping(db, file, upload, reading, async (whole) => {
    const taken = await addFile(db, file, whole, MOST_FILES, ports.now() + LATE_MS)
    if (taken.kind === 'taken' && taken.begins !== null) await sendOn(ports, { ...of, run: taken.begins })
    return taken
  })
}

/** Writes a file's chunks, and removes them again unless it was taken. */
async function keeping<T extends Taken>(
  db: Records,
  file: Coming,
  upload: Upload,
  reading: Reading,
  take: (whole: Whole) => Promise<T>,
): Promise<T> {
  await beginFile(db, file)
  try {
    const counts = await writeRows(db, file.id, readFile(upload, reading))
    // A reader that stopped early would make a part of a file look like the whole.
    if (!upload.isWhole) throw new Error('The file was not read to its end.')
    const taken = await take({ ...counts, sha256: upload.digest(), bytes: upload.bytes })
    if (taken.kind !== 'taken') await forgetFile(db, file.id)
    return taken
  } catch (error) {
    await upload.drain()
    // What cannot be removed now is the sweeper's, and must not hide why the file was refused.
    await forgetFile(db, file.id).catch(() => undefined)
    throw error
  }
}

async function writeRows(db: Records, fileId: string, rows: AsyncIterable<SettlementRow>) {
  const counts = { rows: 0, chunks: 0 }
  let chunk: SettlementRow[] = []
  let characters = 0
  const write = async () => {
    if (chunk.length === 0) return
    await writeChunk(db, fileId, counts.chunks, chunk)
    counts.chunks += 1
    chunk = []
    characters = 0
  }
  for await (const row of rows) {
    chunk.push(row)
    counts.rows += 1
    characters += row.references.reduce((sum, one) => sum + one.length, 200 + (row.date?.length ?? 0))
    if (chunk.length >= CHUNK_ROWS || characters >= CHUNK_CHARACTERS) await write()
  }
  await write()
  return counts
}

/** Sends a run on its way. A failure is only logged: the reconciliation is due, so the sweeper sends it again. */
export async function sendOn(
  ports: Pick<ReconcilingPorts, 'send' | 'log'>,
  { id, merchantId, run }: Pick<Reconciliation, 'id' | 'merchantId' | 'run'>,
): Promise<void> {
  const message: ReconciliationMessage = { reconciliationId: id, merchantId, run }
  try {
    await ports.send([message])
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown'
    ports.log({ message: 'reconciliation_unsent', level: 'error', reconciliation: id, error: reason })
  }
}
