/**
 * The demo data: one merchant with keys, a sandbox account and four business systems, made through the same HTTP
 * interface as a deployer would use. It is written down once it is whole: a start that was killed in between leaves a
 * merchant that nobody uses, and the next one makes its own.
 */
import { randomBytes } from 'node:crypto'
import { readJson, type StateFolder, writeJson } from './folder.ts'
import { type Simulated, startSimulated } from './simulated.ts'
import { systems } from './sink.ts'

export interface Seed {
  merchant_id: string
  order_signing_secret: string
  secret_key: string
  publishable_key: string
  operator_token: string
  sandbox: { id: string; webhook_secret: string }
  destinations: Record<string, { id: string; secret: string }>
  /** What the merchant's addresses are, as last told to the gateway; they change with ports. */
  addresses: string
  /** Connections to simulated providers, by the provider's name; missing in state that is older than they are. */
  simulated?: Record<string, string>
}

export interface SeedSetup {
  folder: StateFolder
  gateway: string
  sink: string
  adminToken: string
}

const currencies = ['AMD', 'USD', 'EUR', 'GBP', 'RUB', 'GEL', 'JPY', 'KWD']
/** Where storefronts under development usually run. */
const storefronts = [3000, 5173, 8080].flatMap((port) => [
  `http://localhost:${port}`,
  `http://127.0.0.1:${port}`,
])

/** The demo data, made now if it is not there. Throws with the gateway's answer when a step is refused. */
export async function seed(setup: SeedSetup): Promise<Seed> {
  const { folder } = setup
  const addresses = { allowed_origins: originsOf(setup), quote_url: `${setup.sink}/api/quote` }
  const text = JSON.stringify(addresses)
  const known = readJson<Seed>(folder.seed)
  if (known && known.addresses === text) return known
  if (known) await admin(setup, 'PATCH', merchantPath(known), addresses)
  const made = { ...(known ?? (await makeAll(setup, addresses))), addresses: text }
  writeJson(folder.seed, made)
  return made
}

/** The simulated providers, running and connected. */
export async function simulate(setup: SeedSetup, made: Seed): Promise<Simulated> {
  const path = merchantPath(made)
  return startSimulated(
    setup.gateway,
    made.simulated ?? {},
    (method, place, body) => admin(setup, method, `${path}${place}`, body),
    (simulated) => writeJson(setup.folder.seed, { ...made, simulated }),
  )
}

async function makeAll(setup: SeedSetup, addresses: object): Promise<Omit<Seed, 'addresses'>> {
  const merchant = await makeMerchant(setup, addresses)
  const path = merchantPath(merchant)
  const secretKey = await makeKey(setup, path, 'secret')
  const operator = { name: 'Demo operator', role: 'admin', livemode: false }
  const destinations: Seed['destinations'] = {}
  const made = {
    ...merchant,
    secret_key: secretKey,
    publishable_key: await makeKey(setup, path, 'publishable'),
    operator_token: String((await admin(setup, 'POST', `${path}/operators`, operator)).token),
    sandbox: await makeSandbox(setup, path),
    destinations,
  }
  for (const name of systems) destinations[name] = await makeDestination(setup, secretKey, name)
  return made
}

const merchantPath = (merchant: Pick<Seed, 'merchant_id'>) => `/v1/admin/merchants/${merchant.merchant_id}`

async function makeKey(setup: SeedSetup, merchant: string, kind: string): Promise<string> {
  return String((await admin(setup, 'POST', `${merchant}/keys`, { kind, livemode: false })).key)
}

function originsOf({ gateway, sink }: SeedSetup): string[] {
  const here = [gateway, sink].flatMap((origin) => [origin, origin.replace('127.0.0.1', 'localhost')])
  return [...new Set([...here, ...storefronts])]
}

async function makeMerchant(setup: SeedSetup, addresses: object) {
  const merchant = { name: 'Demo store', currencies, ...addresses }
  const { id, order_signing_secrets } = await admin(setup, 'POST', '/v1/admin/merchants', merchant)
  return {
    merchant_id: String(id),
    order_signing_secret: String((order_signing_secrets as { test: unknown }).test),
  }
}

async function makeSandbox(setup: SeedSetup, merchant: string) {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const { id } = await admin(setup, 'POST', `${merchant}/connections`, {
    provider: 'sandbox',
    livemode: false,
    credentials: { webhook_secrets: [secret] },
    default: true,
  })
  return { id: String(id), webhook_secret: secret }
}

async function makeDestination(setup: SeedSetup, secretKey: string, name: string) {
  const { id, secret } = await ask(setup.gateway, secretKey, 'POST', '/v1/destinations', {
    kind: name,
    url: `${setup.sink}/${name}`,
    event_types: ['*'],
    description: `The demo's ${name} system`,
  })
  return { id: String(id), secret: String(secret) }
}

function admin(setup: SeedSetup, method: string, path: string, body: Record<string, unknown>) {
  return ask(setup.gateway, setup.adminToken, method, path, body)
}

async function ask(
  gateway: string,
  bearer: string,
  method: string,
  path: string,
  body: Record<string, unknown>,
) {
  const answer = await fetch(`${gateway}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      'idempotency-key': randomBytes(16).toString('hex'),
    },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok)
    throw new Error(`The demo data can't be made: ${method} ${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text) as Record<string, unknown>
}

/** The part of a D1 database that re-pointing needs. */
interface Database {
  prepare(sql: string): { bind(...values: unknown[]): unknown }
  batch(statements: unknown[]): Promise<unknown>
}

/** Points the demo's destinations at the sink's address of this start, which may be another than last time. */
export async function repointDestinations(db: Database, folder: StateFolder, sink: string): Promise<void> {
  const { destinations = {} } = readJson<Partial<Seed>>(folder.seed) ?? {}
  const update = db.prepare('UPDATE destinations SET url = ?1 WHERE id = ?2 AND url <> ?1')
  const moves = Object.entries(destinations).map(([name, { id }]) => update.bind(`${sink}/${name}`, id))
  if (moves.length > 0) await db.batch(moves)
}
