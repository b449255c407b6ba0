/**
 * Which currencies a connection takes: what its merchant lists in `settings.currencies`, else what its provider takes. One
 * rule for every provider, so that a choice between connections needs none of their credentials.
 */
import * as z from 'zod'
import { takes } from '../domain/choice.ts'
import { currencies as payable } from '../domain/money.ts'
import type { Provider } from '../domain/provider.ts'
import type { ProviderEntry } from './entry.ts'

/** What a connection of this provider may list. */
export function currenciesSetting(entry: Pick<ProviderEntry, 'capabilities' | 'contractCurrencies'>) {
  const usual = entry.capabilities.currencies
  const most = entry.contractCurrencies ?? (usual === 'any' ? payable : usual)
  const known = most === payable ? 'upper-case ISO 4217 codes' : most.join(', ')
  return z
    .array(z.enum(most as [string, ...string[]]), {
      error: `A list of the currencies that this connection takes, of ${known}.`,
    })
    .min(1, { error: 'Name at least one currency, or leave it out for what the provider usually takes.' })
    .optional()
}

/** The currencies of a connection as it is stored. */
export function currenciesTaken(
  entry: Pick<ProviderEntry, 'capabilities'>,
  settings: Record<string, unknown>,
): { takes: readonly string[] | 'any'; listed: boolean } {
  const listed = settings.currencies as string[] | undefined
  return { takes: listed ?? entry.capabilities.currencies, listed: listed !== undefined }
}

/** The adapter, which takes only these: an order in another currency is refused before a checkout. */
export function takingOnly(currencies: readonly string[] | 'any', provider: Provider): Provider {
  return {
    ...provider,
    capabilities: { ...provider.capabilities, currencies },
    objection: (money) =>
      takes(currencies, money.currency)
        ? provider.objection(money)
        : `This connection takes ${currencies === 'any' ? '' : currencies.join(', ')}.`,
  }
}
