/**
 * The registry: which provider each name means, and what its connections must bring. Adding a provider is one file, one
 * rig and one line here.
 */
import type * as z from 'zod'
import type { Candidate } from '../domain/choice.ts'
import { type BodyError, GatewayError } from '../domain/errors.ts'
import type { Capabilities, Provider } from '../domain/provider.ts'
import { adyenEntry } from './adyen.ts'
import { ameriabankEntry } from './ameriabank.ts'
import { arcaEntry } from './arca.ts'
import { type CredentialField, fieldsOf } from './credential-fields.ts'
import { currenciesSetting, currenciesTaken, takingOnly } from './currencies.ts'
import type { ConnectionFacts, ProviderDependencies, ProviderEntry } from './entry.ts'
import { fastshiftEntry } from './fastshift.ts'
import { idramEntry } from './idram.ts'
import { mollieEntry } from './mollie.ts'
import { paypalEntry } from './paypal.ts'
import { sandboxEntry } from './sandbox.ts'
import { stripeEntry } from './stripe.ts'
import { telcellEntry } from './telcell.ts'

export type { ConnectionFacts, CredentialField, ProviderDependencies, ProviderEntry }

const entries: Readonly<Record<string, ProviderEntry>> = {
  sandbox: sandboxEntry,
  stripe: stripeEntry,
  idram: idramEntry,
  adyen: adyenEntry,
  arca: arcaEntry,
  ameriabank: ameriabankEntry,
  paypal: paypalEntry,
  telcell: telcellEntry,
  mollie: mollieEntry,
  fastshift: fastshiftEntry,
}

/** Every provider's name, in the order of the registry. */
export const providerNames: readonly string[] = Object.keys(entries)

/** What a provider's connections can do with the usual settings. Throws on a name that is not in the registry. */
export function capabilitiesOf(name: string): Capabilities {
  const entry = entryOf(name)
  if (!entry) throw new Error(`There is no provider ${name}.`)
  return entry.capabilities
}

/** What a person types in for a connection's credentials; nothing for a name that is not in the registry. */
export function credentialFieldsOf(name: string): CredentialField[] {
  const entry = entryOf(name)
  return entry ? fieldsOf(entry.credentials) : []
}

/** What a new or changed connection wants to be. */
export interface ConnectionWish {
  provider: string
  livemode: boolean
  credentials: unknown
  settings: unknown
}

export type CheckedConnection =
  | { kind: 'ok'; credentials: unknown; settings: Record<string, unknown> }
  /** Pointers are those of the admin body: `/provider`, `/livemode`, `/credentials/…`, `/settings/…`. */
  | { kind: 'wrong'; errors: BodyError[] }

/** Checks a connection before it is stored; the errors say what to put where, and never quote a credential. */
export function checkConnection(wish: ConnectionWish): CheckedConnection {
  const entry = entryOf(wish.provider)
  if (!entry) {
    const detail = `No such provider. There are: ${providerNames.join(', ')}.`
    return { kind: 'wrong', errors: [{ pointer: '/provider', detail }] }
  }
  const credentials = entry.credentials.safeParse(wish.credentials)
  const shape = (wish.livemode ? entry.liveSettings : undefined) ?? entry.settings
  const [listed, own] = apart(wish.settings ?? {})
  const settings = shape.safeParse(own)
  const currencies = currenciesSetting(entry).safeParse(listed)
  const errors: BodyError[] = [
    ...(wish.livemode && !entry.live
      ? [{ pointer: '/livemode', detail: `${wish.provider} is for test mode only.` }]
      : []),
    ...(wish.livemode && isSimulated(wish.settings)
      ? [{ pointer: '/settings/api_base', detail: 'Simulators are for test mode only.' }]
      : []),
    ...errorsUnder('/credentials', credentials.error),
    ...(credentials.success ? otherMode(entry, credentials.data, wish.livemode) : []),
    ...errorsUnder('/settings', settings.error),
    ...errorsUnder('/settings/currencies', currencies.error),
  ]
  if (errors.length > 0 || !credentials.success || !settings.success) return { kind: 'wrong', errors }
  const accepted = settings.data as Record<string, unknown>
  if (currencies.data !== undefined) accepted.currencies = currencies.data
  return { kind: 'ok', credentials: credentials.data, settings: accepted }
}

/** A test key in a live connection would take orders and no money; a live key for tests would take real money. */
function otherMode(entry: ProviderEntry, credentials: unknown, livemode: boolean): BodyError[] {
  const said = entry.modeOf?.(credentials)
  if (said === undefined || said.livemode === livemode) return []
  const [theirs, ours] = livemode ? ['test', 'live'] : ['live', 'test']
  const detail = `This is a ${theirs} key, and the connection is for ${ours} mode: give it the ${ours} key.`
  return [{ pointer: `/credentials/${said.field}`, detail }]
}

/** `currencies` means the same for every provider, so it is taken off before the provider's own schema sees the rest. */
function apart(settings: unknown): [listed: unknown, own: unknown] {
  if (typeof settings !== 'object' || settings === null || !Object.hasOwn(settings, 'currencies'))
    return [undefined, settings]
  const { currencies, ...own } = settings as { currencies: unknown }
  return [currencies, own]
}

/** A stored connection as the choice by currency sees it; one of an unknown provider takes nothing. */
export function candidateOf(connection: {
  id: string
  provider: string
  settings: Record<string, unknown>
}): Candidate {
  const { id, provider, settings } = connection
  const entry = entryOf(provider)
  return { id, ...(entry ? currenciesTaken(entry, settings) : { takes: [], listed: false }) }
}

/** An isolate makes adapters of the connections that it holds many times a second, and each is as it was read. */
const checkedBefore = new WeakMap<ConnectionFacts, CheckedConnection>()

function checkedOnce(connection: ConnectionFacts): CheckedConnection {
  const known = checkedBefore.get(connection)
  if (known !== undefined) return known
  const checked = checkConnection(connection)
  checkedBefore.set(connection, checked)
  return checked
}

/**
 * The adapter of a stored connection. Throws `provider_unavailable` when it cannot be one: a provider that this deployment
 * does not know, a sandbox in live mode, or credentials of another shape.
 */
export function makeProvider(connection: ConnectionFacts, dependencies: ProviderDependencies): Provider {
  const checked = checkedOnce(connection)
  const entry = entryOf(connection.provider)
  if (!entry || checked.kind === 'wrong') {
    const wrong =
      checked.kind === 'wrong' ? checked.errors.map((error) => error.pointer).join(', ') : '/provider'
    throw new GatewayError({
      code: 'provider_unavailable',
      detail: `Connection ${connection.id} cannot be used: see its ${wrong}.`,
    })
  }
  const made = entry.make({ ...connection, ...checked }, dependencies)
  return takingOnly(currenciesTaken(entry, checked.settings).takes, made)
}

/** The adapter of a stored connection in this deployment. `origin` is where customers reach the gateway. */
export function providerFor(env: { SELF: Fetcher }, connection: ConnectionFacts, origin: string): Provider {
  return makeProvider(connection, {
    fetch: (request) => fetch(request),
    self: (request) => env.SELF.fetch(request),
    origin,
  })
}

function isSimulated(settings: unknown): boolean {
  return typeof settings === 'object' && settings !== null && 'api_base' in settings
}

function entryOf(name: string): ProviderEntry | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined
}

/** One error for each place, the first: what follows from it would only repeat it. */
function errorsUnder(root: string, error: z.ZodError | undefined): BodyError[] {
  const errors = (error?.issues ?? []).flatMap((issue) => {
    const pointer = root + issue.path.map((part) => `/${escaped(String(part))}`).join('')
    if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: issue.message }]
    return issue.keys.map((key) => ({
      pointer: `${pointer}/${escaped(key)}`,
      detail: 'There is no such field.',
    }))
  })
  return [...new Map(errors.toReversed().map((wrong) => [wrong.pointer, wrong])).values()].reverse()
}

/** RFC 6901. */
function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}
