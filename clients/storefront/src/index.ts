/**
 * The storefront kit: a checkout on a store's page that opens once, however often it is asked for, and a payment's state
 * that is the gateway's word and never the address bar's. No framework and no dependency.
 */
import type { Gateway } from './gateway.ts'
import { type Intent, intentsOf } from './intents.ts'
import { open } from './opening.ts'
import type { State } from './states.ts'
import { type Surroundings, surroundingsOf } from './surroundings.ts'
import { watch } from './watching.ts'

export type { Intent } from './intents.ts'
export { type Locale, messageFor } from './messages.ts'
export type { SessionView, State, Status } from './states.ts'
export type { Kept, Socket, Surroundings } from './surroundings.ts'

export interface Storefront {
  /**
   * Opens the checkout of this intent and leaves the page for it. Asked again for the same intent it gives the same
   * promise; another intent takes its place. Tells each state, answers the last one, and never throws.
   */
  startCheckout(intent: Intent, tell?: (state: State) => void): Promise<State>
  /**
   * Tells how the payment of a session stands until that is final. `clientSecret` is needed only where this tab has not
   * opened the session itself. Answers a function that ends the watch.
   */
  watchPayment(sessionId: string, tell: (state: State) => void, clientSecret?: string): () => void
}

/** The kit for one store: `url` is the gateway's origin. `given` replaces parts of the browser, for tests and apps. */
export function createStorefront(gateway: Gateway, given: Partial<Surroundings> = {}): Storefront {
  const around = surroundingsOf(given)
  const intents = intentsOf(around)
  let running: { intent: Intent; opened: Promise<State>; overtaken: AbortController } | null = null
  return {
    startCheckout(intent, tell = () => {}) {
      if (running !== null && isSame(running.intent, intent)) return running.opened
      running?.overtaken.abort()
      const overtaken = new AbortController()
      const opened = open({ around, gateway, intents, intent, overtaken: overtaken.signal, tell })
      const mine = { intent, opened, overtaken }
      running = mine
      return opened.finally(() => {
        if (running === mine) running = null
      })
    },
    watchPayment(id, tell, clientSecret) {
      const secret = clientSecret ?? intents.secretOf(id)
      return watch({
        ...{ around, gateway, id, secret },
        tell(state) {
          if (['paid', 'failed', 'expired'].includes(state.status)) intents.forget(id)
          tell(state)
        },
      })
    },
  }
}

/** A function that fetches tokens has no text to compare; another one overtakes, which is as safe, under the same key. */
const isSame = (one: Intent, other: Intent): boolean =>
  one.orderToken === other.orderToken && JSON.stringify(one) === JSON.stringify(other)
