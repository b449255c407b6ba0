/** Watchers of a session: hibernating WebSockets at the object, told whenever the customer's view changes. */
import type { Payment, Session } from '../domain/payment.ts'
import { sessionOf } from '../domain/payment.ts'
import { isPayable } from '../domain/tracks.ts'
import { reducedView } from '../domain/view.ts'

/** A socket as the object holds it. */
export interface Watcher {
  send(text: string): void
  close(code: number, reason: string): void
}

/** Whether there is nothing more to wait for. */
export const isOver = (session: Session): boolean => !isPayable(session.state) && session.doubt === null

/** Sends the current view, and says goodbye when the session has ended. A socket that is gone is not our trouble. */
export function tell(watcher: Watcher, payment: Payment, sessionId: string): void {
  const session = sessionOf(payment, sessionId)
  if (session === undefined) return
  try {
    watcher.send(JSON.stringify(reducedView(payment, session)))
    if (isOver(session)) watcher.close(1000, 'The session has ended.')
  } catch {
    // It closed between being listed and being told.
  }
}
