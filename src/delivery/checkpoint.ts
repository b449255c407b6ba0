/**
 * The day's checkpoint of a database: a walk over all journals' heads in pieces, each copied to the bucket where one is
 * bound before it is written, and the checkpoint itself at the end. A journal that is not what was noted of it before
 * stands before an operator.
 */
import {
  nextCheckpoint,
  type PageOfHeads,
  readHeads,
  writeCheckpoint,
  writeHeads,
} from '../store/checkpoints.ts'
import { choreOf } from '../store/chores.ts'
import type { Records } from '../store/database.ts'
import { type Ports, reasonOf } from './ports.ts'

/** Pages of one run; a day's walk is one for each few buckets. */
const PAGES = 16
/** Altered journals that one page raises; a database that is spoiled as a whole would raise them all. */
const RAISED = 20

/** One run. An empty count when today's checkpoint is made. */
export async function noteHeads(db: Records, ports: Ports): Promise<Record<string, number>> {
  const done = { noted: 0, altered: 0, checkpoints: 0 }
  const database = ports.shards().indexOf(db)
  for (let pages = 0; pages < PAGES; pages += 1) {
    const chore = await choreOf(db, 'checkpoint', ports.now())
    if (chore === null) break
    const page = await readHeads(db, chore)
    if (page === null) {
      const row = await nextCheckpoint(db, chore)
      await ports.keepCopy(`checkpoints/${database}/${chore.day}.json`, JSON.stringify(row))
      await writeCheckpoint(db, chore, row, ports.now())
      done.checkpoints += 1
      break
    }
    await raise(page, chore.day, ports)
    // Named by its digest, so that one which a run has copied and another has written are never mistaken for each other.
    for (const { bucket, leaves, digest } of page.pieces)
      await ports.keepCopy(
        `checkpoints/${database}/${chore.day}/${bucket}-${digest}.json`,
        JSON.stringify({ day: chore.day, bucket, digest, leaves }),
      )
    await writeHeads(db, chore, page, ports.now())
    done.noted += page.pieces.reduce((sum, { leaves }) => sum + leaves.length, 0)
    done.altered += page.altered.length
  }
  return done
}

async function raise({ altered }: PageOfHeads, day: string, ports: Ports): Promise<void> {
  for (const { stream, seq } of altered.slice(0, RAISED)) {
    ports.log({ message: 'journal_altered', level: 'error', stream, seq })
    const whose = stream.startsWith('pay_') ? '' : `of ${stream} `
    const detail = `On ${day} the recorded journal's entry ${seq} ${whose}was not the one that an earlier checkpoint had noted.`
    const trouble = { kind: 'contradiction', cause: 'journal_altered', detail } as const
    // Tomorrow's walk finds it again.
    await ports
      .raiserOf(stream)
      .raiseException(trouble)
      .catch((error) =>
        ports.log({ message: 'payment_untold', level: 'error', stream, error: reasonOf(error) }),
      )
  }
}
