/**
 * One object per destination that has a limit: it deals out turns, evenly spread over each second. Nothing is stored: an
 * object that was evicted begins anew, which at worst lets one burst through.
 */
import { DurableObject } from 'cloudflare:workers'
import { Turns } from '../domain/turns.ts'
import type { Env } from '../env.ts'

export class DestinationPace extends DurableObject<Env> {
  readonly #turns = new Turns()

  /** Milliseconds until this delivery's turn; 0 when it is now. A delivery that asks again keeps the turn that it has. */
  waitMs(deliveryId: string, perSecond: number): number {
    return this.#turns.waitMs(deliveryId, perSecond, Date.now())
  }
}
