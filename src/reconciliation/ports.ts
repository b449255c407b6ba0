/** What reconciling needs from the outside, so that tests can kill it between any two steps. */
import type { ExceptionKeeper, ExceptionRaiser } from '../delivery/ports.ts'
import type { Trouble } from '../domain/exceptions.ts'
import type { Named } from '../domain/provider.ts'
import type { Env, ReconciliationMessage } from '../env.ts'
import { type LogLine, writeLine } from '../payment/log.ts'
import { type Records, recordsOf, shardsOf } from '../store/database.ts'
import type { Owner } from '../store/reconciliations.ts'

/** A payment that a row tells of. */
export interface Reconciled extends ExceptionRaiser {
  /** Its provider should be asked how the session stands. */
  hint(named: Named, connectionId: string): Promise<void>
}

/** Where differences stand that no payment has. */
export interface Inbox extends ExceptionKeeper {
  raiseExceptions(
    owner: Owner,
    troubles: readonly Pick<Trouble, 'kind' | 'cause' | 'detail'>[],
  ): Promise<void>
}

export interface ReconcilingPorts {
  recordsOf(merchantId: string): Records
  shards(): Records[]
  paymentOf(id: string): Reconciled
  inboxOf(stream: string): Inbox
  send(messages: ReconciliationMessage[]): Promise<void>
  /** Milliseconds since the epoch. */
  now(): number
  log(line: LogLine): void
}

/** The ports on the real platform. */
export function reconcilingPortsOf(env: Env): ReconcilingPorts {
  return {
    recordsOf: (merchantId) => recordsOf(env, merchantId),
    shards: () => shardsOf(env),
    paymentOf: (id) => env.PAYMENT.getByName(id),
    inboxOf: (stream) => env.INBOX.getByName(stream),
    send: async (messages) => {
      if (messages.length > 0) await env.RECONCILIATIONS.sendBatch(messages.map((body) => ({ body })))
    },
    now: () => Date.now(),
    log: writeLine,
  }
}

/** How long a step may take before the sweeper sends it once more. */
export const LATE_MS = 5 * 60_000
