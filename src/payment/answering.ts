/** The end of a command that was asked for under an idempotency key: its answer, kept with its journal row. */
import { sessionOf } from '../domain/payment.ts'
import { paymentView } from '../domain/view.ts'
import type { Book } from './book.ts'
import { type Answer, type Key, keep, lookUp } from './keys.ts'
import { openView } from './opening.ts'

export interface Answered {
  command: 'cancel' | 'sync'
  /** Answered with this session; null to answer with the payment. */
  sessionId: string | null
  key: Key
  actor: string
  origin: string
}

/** Whoever comes second under the same key gets what the first one got. */
export function answered(book: Book, { command, sessionId, key, actor, origin }: Answered): Answer | null {
  const { payment, side } = book
  if (payment === null) return null
  const known = lookUp(book.storage, key)
  if (known.kind === 'answered') return known.answer
  const entry = { type: 'command.answered', data: { command, sessionId } } as const
  const answer = book.foresee(entry, (after) => {
    const session = sessionId === null ? undefined : sessionOf(after, sessionId)
    const view = session === undefined ? paymentView(after) : openView(side, after, session, origin)
    const status = session?.state === 'ending' ? 202 : 200
    return { kind: 'body', status, json: JSON.stringify(view) } as const
  })
  book.write([entry], actor, keep(key, answer))
  return answer
}
