/**
 * The schedule's part of reconciling: runs whose message was lost go on, files that never were whole leave, and providers
 * are asked each day about payments that are paid here and that no settlement tells of.
 */
import { chore, type Done } from '../delivery/chore.ts'
import { DAY_MS } from '../domain/clock.ts'
import type { Records } from '../store/database.ts'
import { takeToAsk } from '../store/differences.ts'
import { takeLate } from '../store/reconciliations.ts'
import { forgetFile, unfinishedFiles } from '../store/settlement-files.ts'
import { LATE_MS, type ReconcilingPorts } from './ports.ts'

/** A request does not take so long; what is older has no sender any more. */
const ABANDONED_AFTER_MS = 3_600_000

/** Of one run of the schedule and one database. */
const LATE = 50
const ABANDONED = 20
const ASKED = 50

/** One run over every database. Never throws. */
export async function sweepReconciliations(ports: ReconcilingPorts): Promise<void> {
  await Promise.all(
    ports.shards().map(async (db) => {
      await chore('reconciliations', () => sendLate(db, ports), ports)
      await chore('abandoned_files', () => forgetAbandoned(db, ports), ports)
      await chore('unsettled', () => askProviders(db, ports), ports)
    }),
  )
}

async function sendLate(db: Records, ports: ReconcilingPorts): Promise<Done> {
  const late = await takeLate(db, ports.now(), LATE_MS, LATE)
  await ports.send(late.map(({ id, merchantId, run }) => ({ reconciliationId: id, merchantId, run })))
  return { sent: late.length }
}

async function forgetAbandoned(db: Records, ports: ReconcilingPorts): Promise<Done> {
  const files = await unfinishedFiles(db, ports.now() - ABANDONED_AFTER_MS, ABANDONED)
  for (const id of files) await forgetFile(db, id)
  return { removed: files.length }
}

/** The payment's object asks by its alarm, and judges the answer as any other. */
async function askProviders(db: Records, ports: ReconcilingPorts): Promise<Done> {
  const due = await takeToAsk(db, ports.now(), DAY_MS, ASKED)
  for (const { stream, sessionId, connectionId } of due)
    if (sessionId !== null) await ports.paymentOf(stream).hint({ sessionId, reference: '' }, connectionId)
  return { asked: due.length }
}
