/**
 * The consumer of the queue `reconciliations`. A message is some steps of a run; whoever moves the run on from where it
 * stood sends the next one, so a message that comes twice ends there, and one that is lost is sent again by the sweeper.
 */
import { backoffSeconds, type QueueMessage, reasonOf } from '../delivery/ports.ts'
import type { ReconciliationMessage } from '../env.ts'
import { moveOn, reconciliationById } from '../store/reconciliations.ts'
import { LATE_MS, type ReconcilingPorts } from './ports.ts'
import { sendOn } from './receive.ts'
import { takeStep } from './step.ts'

type Message = QueueMessage<ReconciliationMessage>

/** Steps of one message: some thousand rows, which is seconds of work and dozens of statements. */
const STEPS = 4

/** Works on the reconciliations of a queue batch and settles each message. Never throws. */
export async function reconcile(messages: readonly Message[], ports: ReconcilingPorts): Promise<void> {
  for (const message of messages) {
    try {
      await advance(message.body, ports)
      message.ack()
    } catch (error) {
      const { reconciliationId, run } = message.body
      const about = { reconciliation: reconciliationId, run, error: reasonOf(error) }
      ports.log({ message: 'reconciliation_failed', level: 'error', ...about })
      message.retry({ delaySeconds: backoffSeconds(message.attempts) })
    }
  }
}

async function advance(
  { merchantId, reconciliationId, run }: ReconciliationMessage,
  ports: ReconcilingPorts,
) {
  const db = ports.recordsOf(merchantId)
  for (let steps = 0; steps < STEPS; steps += 1) {
    const found = await reconciliationById(db, reconciliationId)
    if (found === null || found.run !== run || found.stage === null) return
    const move = await takeStep(db, found, found.stage, ports)
    const dueAt = move.stage === null ? null : ports.now() + LATE_MS
    if (!(await moveOn(db, found, { ...move, dueAt }))) return
    if (move.finishedRun !== undefined) ports.log(lineOf(found.id, found.merchantId, run, move))
    if (move.stage === null) return
  }
  await sendOn(ports, { id: reconciliationId, merchantId, run })
}

const lineOf = (
  reconciliation: string,
  merchant: string,
  run: number,
  { summary }: Awaited<ReturnType<typeof takeStep>>,
) => ({
  message: 'reconciled',
  ...{ reconciliation, merchant, run },
  rows: summary?.rows ?? 0,
  differences: summary?.differences ?? 0,
})

/** The consumer of its dead letters. The run stays due, so only the log hears of it. */
export function mournReconciliations(
  messages: readonly Message[],
  ports: Pick<ReconcilingPorts, 'log'>,
): void {
  for (const message of messages) {
    const { reconciliationId, run } = message.body
    ports.log({ message: 'reconciliation_dead', level: 'error', reconciliation: reconciliationId, run })
    message.ack()
  }
}

/** Settles a batch of either queue; false when it is of another one. */
export async function consumeReconciliations(
  batch: MessageBatch<unknown>,
  ports: ReconcilingPorts,
): Promise<boolean> {
  const messages = batch.messages as readonly globalThis.Message<ReconciliationMessage>[]
  if (batch.queue.endsWith('reconciliations')) await reconcile(messages, ports)
  else if (batch.queue.endsWith('reconciliations-dead')) mournReconciliations(messages, ports)
  else return false
  return true
}
