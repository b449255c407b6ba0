/** What a provider's file gives the registry besides its adapter. */
import * as z from 'zod'
import { refuseAddress } from '../domain/address.ts'
import type { Capabilities, Provider } from '../domain/provider.ts'
import type { Fetch } from './call.ts'

/** A merchant's connection, as an adapter is made from it. */
export interface ConnectionFacts {
  id: string
  provider: string
  livemode: boolean
  /** In the shape that the provider's `credentials` validates. */
  credentials: unknown
  settings: Record<string, unknown>
}

export interface ProviderDependencies {
  /** The internet. */
  fetch: Fetch
  /** This Worker itself. */
  self: Fetch
  /** The origin under which customers reach the gateway. */
  origin: string
}

export interface ProviderEntry {
  /** Whether a live connection may use it. */
  live: boolean
  /** Its messages say what is missing and where to find it; they never quote what was given. */
  credentials: z.ZodType
  settings: z.ZodType
  /** Which mode the credentials say that they are of, and the field that says so; for providers whose keys tell. */
  modeOf?(credentials: unknown): { field: string; livemode: boolean }
  /** Of a live connection, where it must bring more than one for tests. */
  liveSettings?: z.ZodType
  /** What a connection with the usual settings can do; the table of providers is printed from here. */
  capabilities: Capabilities
  /** What a contract with the provider may have besides the usual currencies, and `settings.currencies` may list. */
  contractCurrencies?: readonly string[]
  make(connection: ConnectionFacts, dependencies: ProviderDependencies): Provider
}

const loopback = /^(127(?:\.\d{1,3}){3}|localhost|\[::1\])$/

const isOnThisMachine = ({ hostname, username, password }: URL) =>
  loopback.test(hostname) && username === '' && password === ''

/** A simulator's or emulator's address: this machine only, so that no setting makes the gateway call strangers. */
export const loopbackBase = z.lazy(() =>
  z
    .url({ protocol: /^http$/, error: 'api_base is an address such as http://127.0.0.1:4010.' })
    // Asked of what is no address too: a refinement runs beside the format's own check, not after it.
    .refine((url) => !URL.canParse(url) || isOnThisMachine(new URL(url)), {
      error: 'api_base is for simulators on this machine: a loopback address without user info.',
    }),
)

/** A bank's own host, in place of the usual one: public and https, for it gets the credentials. No trailing slash. */
export const bankUrl = z.lazy(() =>
  z
    .string({ error: 'bank_url is the https address that the bank gave you for its payment API.' })
    .refine((url) => refuseAddress(url, false) === null && !/[?#]/.test(url), {
      error: 'bank_url is a public https address without user info or query, as the bank gave it to you.',
    })
    .transform((url) => url.replace(/\/+$/, '')),
)
