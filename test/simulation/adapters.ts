/** Stands in for `src/payment/providers.ts`: an object that asks by itself gets the history's own provider. */
import type { Providers } from '../../src/payment/ports.ts'

export function providersOf(env: { PROVIDERS: Providers }): Providers {
  return env.PROVIDERS
}
