/**
 * One step of a run: a chunk of rows, a page of payments, or a sweep of what an earlier run left. Everything that a step
 * writes may be written twice; what it counts is counted by whoever moves the run on.
 */
import { paymentOfSession } from '../domain/ids.ts'
import { sessionFor } from '../domain/settlement/find.ts'
import { judge, type KnownSession, subjectsOf } from '../domain/settlement/judge.ts'
import { placeOf, type SettlementRow } from '../domain/settlement/row.ts'
import { counted, countedMissing } from '../domain/settlement/tally.ts'
import { paymentNamed } from '../payment/routes.ts'
import type { Records } from '../store/database.ts'
import type { Move, Reconciliation } from '../store/reconciliations.ts'
import { chunkOf } from '../store/settlement-files.ts'
import type { Stage } from '../store/settlement-schema.ts'
import {
  claimsOf,
  payingEvents,
  paymentsOf,
  removeOldItems,
  sessionsOfReferences,
  walkPaid,
  writeJudged,
  writeMissing,
} from '../store/settlements.ts'
import type { ReconcilingPorts } from './ports.ts'
import { raiseAbsences, raiseFlood, raiseRows } from './raise.ts'
import { MOST_FILES } from './receive.ts'

/** Events of one walk, and old items of one sweep. */
const PAGE = 200
const SWEPT = 2_000

export type Step = Move & { stage: Stage | null }

/** Takes the step that the stage asks for, and gives what it leads to. Throws what D1 or an object throws. */
export async function takeStep(
  db: Records,
  of: Reconciliation,
  stage: Stage,
  ports: ReconcilingPorts,
): Promise<Step> {
  switch (stage.at) {
    case 'rows':
      return await compareRows(db, of, stage, ports)
    case 'payments':
      return await findUnsettled(db, of, stage, ports)
    case 'cleaning': {
      const removed = await removeOldItems(db, of.id, of.run, SWEPT)
      return { stage: removed < SWEPT ? null : stage }
    }
  }
}

type At<Name extends Stage['at']> = Extract<Stage, { at: Name }>

async function compareRows(
  db: Records,
  of: Reconciliation,
  { file, chunk }: At<'rows'>,
  ports: ReconcilingPorts,
): Promise<Step> {
  const piece = await chunkOf(db, of.id, file, chunk)
  if (piece === null)
    return { stage: { at: 'payments', type: 0, since: of.checkedFrom, eventId: '', found: 0 } }
  const stage: Stage =
    chunk + 1 < piece.chunks
      ? { at: 'rows', file, chunk: chunk + 1 }
      : { at: 'rows', file: file + 1, chunk: 0 }
  const sessions = await sessionsOf(db, of, piece.rows)
  const rows = piece.rows.map((row, index) => ({
    ...{ place: placeOf(file, row.line), row, session: sessions[index] ?? null },
  }))
  const subjects = rows.flatMap(({ row, session }) => subjectsOf(row, session, of.connectionId))
  const known = await claimsOf(db, of.merchantId, [...new Set(subjects)])
  const reconciliation = { id: of.id, connectionId: of.connectionId, since: of.createdAt }
  const { judged, claims } = judge({ rows, claims: known, reconciliation })
  await writeJudged(db, of, judged, claims)
  return { stage, tally: await raiseRows(db, of, judged, counted(of.tally, judged), ports) }
}

/** The session of each row. */
async function sessionsOf(
  db: Records,
  of: Reconciliation,
  rows: readonly SettlementRow[],
): Promise<(KnownSession | null)[]> {
  const named = [...new Set(rows.flatMap(({ references }) => references))]
  const known = await sessionsOfReferences(db, of.connectionId, named)
  const orderIds = [...new Set(rows.map(({ orderId }) => orderId).filter((id) => id !== null))]
  const orders = new Map(orderIds.map((orderId) => [orderId, paymentNamed(of, { orderId })]))
  const ids = [...[...known.values()].map(paymentOfSession), ...orders.values()]
  const payments = await paymentsOf(db, of, [...new Set(ids.filter((id) => id !== null))])
  const bySession = new Map(
    [...payments.values()].flatMap(({ sessions }) => sessions).map((session) => [session.id, session]),
  )
  const byReference = new Map<string, KnownSession>()
  for (const [reference, sessionId] of known) {
    const session = bySession.get(sessionId)
    if (session !== undefined) byReference.set(reference, session)
  }
  const byOrder = new Map(
    [...orders].map(([orderId, id]) => [orderId, payments.get(id ?? '')?.sessions ?? []] as const),
  )
  return rows.map((row) => sessionFor(row, { byReference, byOrder }))
}

/** Payments that had to be accounted for by now. Those of the last days may still be in the next file. */
async function findUnsettled(
  db: Records,
  of: Reconciliation,
  stage: At<'payments'>,
  ports: ReconcilingPorts,
): Promise<Step> {
  const { sessions, last } = await walkPaid(db, of, stage, of.until - of.graceMs, PAGE)
  const claims = await claimsOf(
    db,
    of.merchantId,
    sessions.map(({ id }) => id),
  )
  const settled = new Set(claims.map(({ subject }) => subject))
  const missing = sessions
    .filter(({ id }) => !settled.has(id))
    .map((session, index) => ({ ...session, place: placeOf(MOST_FILES + 1, stage.found + index + 1) }))
  await writeMissing(db, of, missing)
  const tally = await raiseAbsences(db, of, missing, countedMissing(of.tally, missing.length), ports)
  const found = stage.found + missing.length
  if (last !== null) return { stage: { at: 'payments', ...last, found }, tally }
  const type = stage.type + 1
  if (type < payingEvents.length)
    return { stage: { at: 'payments', type, since: of.checkedFrom, eventId: '', found }, tally }
  await raiseFlood(db, of, tally, ports)
  const shown = { summary: tally, finishedRun: of.run, finishedAt: ports.now() }
  return { stage: { at: 'cleaning' }, tally, ...shown }
}
