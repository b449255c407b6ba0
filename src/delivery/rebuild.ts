/**
 * Records made again from their objects: a page of objects is asked for what was once confirmed, what they say is written
 * in the ordinary statements without telling anybody, and the next page is a message of its own. A page may be done
 * twice, by two at once, or beside live traffic: older rows lose by version, and only who moves the row goes on.
 */
import type { Publication, PublishedContent } from '../domain/publication.ts'
import type { RebuildMessage } from '../env.ts'
import { merchantAfter, moveRebuild, type Rebuild, rebuildOf } from '../store/rebuilds.ts'
import { rewriteRecords } from '../store/records.ts'
import type { Untold } from '../store/schema-upkeep.ts'
import { backoffSeconds, type Ports, type QueueMessage, reasonOf } from './ports.ts'

/** Objects of one message: their pieces together stay far below what an isolate and a batch hold. */
const PAGE = 25
/** How often an object that does not answer brings its page back before it is passed over. */
const PATIENCE = 3
/** Failures that are shown; all are counted. */
const FAILURES_KEPT = 50

/** Does the next page of a rebuild and settles its message. Never throws. */
export async function rebuild(message: QueueMessage<RebuildMessage>, ports: Ports): Promise<void> {
  const { rebuildId } = message.body
  try {
    const standing = await rebuildOf(ports.directory(), rebuildId)
    if (
      standing !== null &&
      standing.finishedAt === null &&
      (await advance(standing, message.attempts, ports))
    )
      await ports.sendRebuild({ rebuildId })
    message.ack()
  } catch (error) {
    const about = { rebuild: rebuildId, attempts: message.attempts, error: reasonOf(error) }
    ports.log({ message: 'rebuild_delayed', level: 'error', ...about })
    message.retry({ delaySeconds: backoffSeconds(message.attempts) })
  }
}

/** One page; whether there is more to do, and nobody else does it. */
async function advance(standing: Rebuild, attempts: number, ports: Ports): Promise<boolean> {
  const directory = ports.directory()
  const next = await nextPage(standing, ports)
  if (next === null) {
    const now = ports.now()
    const finished = { ...standing, movedAt: now, finishedAt: now }
    if (await moveRebuild(directory, standing, finished)) tell(finished, ports)
    return false
  }
  const told = await tellAgain(next.streams, attempts >= PATIENCE, ports)
  // Who names an object means that there is something in it.
  const failures = [...told.failures, ...(standing.streams === null ? [] : told.empty)]
  return await moveRebuild(directory, standing, {
    ...standing,
    cursorMerchant: next.merchantId,
    cursorStream: next.streams.at(-1) ?? '',
    asked: standing.asked + next.streams.length,
    rows: standing.rows + told.rows,
    failed: standing.failed + failures.length,
    failures: [...standing.failures, ...failures].slice(0, FAILURES_KEPT),
    movedAt: ports.now(),
  })
}

function tell({ id, merchantId, asked, rows, failed, createdAt }: Rebuild, ports: Ports): void {
  const about = { rebuild: id, merchant: merchantId, duration_ms: ports.now() - createdAt }
  ports.log({ message: 'rebuilt', ...about, asked, rows, failed })
}

/** The objects to ask next, and whose they are; null when all were asked. A merchant may have none left. */
async function nextPage(
  { streams, merchantId, cursorMerchant, cursorStream, asked }: Rebuild,
  ports: Ports,
): Promise<{ merchantId: string; streams: string[] } | null> {
  if (streams !== null) {
    const page = streams.slice(asked, asked + PAGE)
    return page.length === 0 ? null : { merchantId: '', streams: page }
  }
  if (cursorMerchant !== '') {
    const page = await ports.knownOf(cursorMerchant).page(cursorStream, PAGE)
    if (page.length > 0) return { merchantId: cursorMerchant, streams: page }
    if (merchantId !== null) return null
  }
  const next = merchantId ?? (await merchantAfter(ports.directory(), cursorMerchant))
  if (next === null) return null
  return { merchantId: next, streams: await ports.knownOf(next).page('', PAGE) }
}

type Told = Publication & { content: PublishedContent }

/** What became of a page. */
interface ToldAgain {
  rows: number
  failures: Untold[]
  /** Objects that hold nothing that was ever confirmed. */
  empty: Untold[]
}

/**
 * Has these objects tell the records again what was confirmed. Throws when a database does not take it, or, without
 * `mayPassOver`, when an object does not answer.
 */
export async function tellAgain(
  streams: readonly string[],
  mayPassOver: boolean,
  ports: Ports,
): Promise<ToldAgain> {
  const result: ToldAgain = { rows: 0, failures: [], empty: [] }
  let waiting = streams.map((stream) => ({ stream, after: 0 }))
  while (waiting.length > 0) {
    const pieces = await Promise.all(waiting.map((one) => pieceOf(one, mayPassOver, ports)))
    const told: Told[] = []
    for (const [index, piece] of pieces.entries()) {
      const { stream, after } = waiting[index]!
      if (piece.kind === 'told') told.push(piece.publication)
      else if (piece.kind === 'broken')
        result.failures.push({ stream, why: `Entry ${piece.brokenAt} of its own journal: ${piece.why}` })
      else if (piece.kind === 'silent') result.failures.push({ stream, why: piece.why })
      else if (after === 0) result.empty.push({ stream, why: 'Nothing of it was ever recorded.' })
    }
    const byDatabase = Map.groupBy(told, ({ merchantId }) => ports.recordsOf(merchantId))
    const written = [...byDatabase].map(([db, group]) => rewriteRecords(db, group))
    for (const rows of await Promise.all(written)) result.rows += rows
    waiting = told.map(({ stream, to }) => ({ stream, after: to }))
  }
  return result
}

async function pieceOf(
  { stream, after }: { stream: string; after: number },
  mayPassOver: boolean,
  ports: Ports,
) {
  try {
    return await ports.publisherOf(stream).retold(after)
  } catch (error) {
    if (!mayPassOver) throw error
    return { kind: 'silent', why: `Its object did not answer: ${reasonOf(error)}` } as const
  }
}
