/**
 * The simulated providers of a local system, each on loopback behind a connection of its own beside the sandbox. Their books
 * live in memory: a new start knows of no earlier checkout, and says that it does not. Adding one is one entry here.
 */
import { adyenSimulator } from '../../test/simulators/adyen.ts'
import { ameriabankSimulator } from '../../test/simulators/ameriabank.ts'
import { arcaSimulator } from '../../test/simulators/arca.ts'
import { type Simulator, startSimulator } from '../../test/simulators/base.ts'
import { fastshiftSimulator } from '../../test/simulators/fastshift.ts'
import { idramSimulator } from '../../test/simulators/idram.ts'
import { mollieSimulator } from '../../test/simulators/mollie.ts'
import { paypalSimulator } from '../../test/simulators/paypal.ts'
import { stripeSimulator } from '../../test/simulators/stripe.ts'
import { telcellSimulator } from '../../test/simulators/telcell.ts'

interface SimulatedProvider {
  /** Its simulator, once the address of the gateway's page and of its ingress are known. */
  make(at: { webhookUrl: string; home: string }): Simulator
  /** What the connection is made with; everybody may know them, for they open nothing but the simulator. */
  credentials: Record<string, unknown>
  /** What a report to the connection is signed with, where it is. */
  webhookSecret?: string
}

const stripe = { secretKey: 'sk_test_simulated', webhookSecret: 'whsec_simulated' }
const idram = { account: '100000114', secretKey: 'idram-simulated' }
const adyen = {
  apiKey: 'AQE_simulated_on_this_machine',
  merchantAccount: 'Simulated',
  hmacKey: '5A'.repeat(32),
}
const ameriabank = { clientId: 'simulated', username: 'simulated', password: 'simulated' }
const telcell = { issuer: 'shop@example.test', shopKey: 'telcell-simulated' }
const paypal = {
  clientId: 'simulated-client',
  clientSecret: 'simulated-secret',
  webhookId: '1JE4291016473214C',
}
const mollie = { apiKey: 'test_simulatedSimulatedSimulated01' }
const fastshift = { token: 'simulated-token' }
const arca = { username: 'shop-api', password: 'simulated' }

const all: Record<string, SimulatedProvider> = {
  stripe: {
    make: ({ webhookUrl }) => stripeSimulator({ ...stripe, webhookUrl }),
    credentials: { secret_key: stripe.secretKey, webhook_secrets: [stripe.webhookSecret] },
    webhookSecret: stripe.webhookSecret,
  },
  idram: {
    make: ({ webhookUrl, home }) => idramSimulator({ ...idram, webhookUrl, successUrl: home, failUrl: home }),
    credentials: { account: idram.account, secret_key: idram.secretKey },
    webhookSecret: idram.secretKey,
  },
  adyen: {
    make: ({ webhookUrl }) => adyenSimulator({ ...adyen, webhookUrl }),
    credentials: {
      api_key: adyen.apiKey,
      merchant_account: adyen.merchantAccount,
      hmac_keys: [adyen.hmacKey],
    },
    webhookSecret: adyen.hmacKey,
  },
  arca: { make: () => arcaSimulator(arca), credentials: arca },
  ameriabank: {
    make: () => ameriabankSimulator(ameriabank),
    credentials: {
      client_id: ameriabank.clientId,
      username: ameriabank.username,
      password: ameriabank.password,
    },
  },
  telcell: {
    make: ({ webhookUrl, home }) => telcellSimulator({ ...telcell, webhookUrl, redirectUrl: home }),
    credentials: { issuer: telcell.issuer, shop_key: telcell.shopKey },
    webhookSecret: telcell.shopKey,
  },
  paypal: {
    make: ({ webhookUrl }) => paypalSimulator({ ...paypal, webhookUrl }),
    credentials: {
      client_id: paypal.clientId,
      client_secret: paypal.clientSecret,
      webhook_ids: [paypal.webhookId],
    },
  },
  mollie: { make: () => mollieSimulator(mollie), credentials: { api_key: mollie.apiKey } },
  fastshift: { make: () => fastshiftSimulator(fastshift), credentials: fastshift },
}

/** In the order in which they are offered. */
export const simulatedNames: readonly string[] = Object.keys(all)

/** A connection of the demo merchant to a simulator that runs now. */
export interface SimulatedConnection {
  id: string
  webhook_url: string
  webhook_secret?: string
  /** Where its simulator listens; `PUT {simulator_url}/_control` makes it misbehave. */
  simulator_url: string
}

export interface Simulated {
  connections: Record<string, SimulatedConnection>
  stop(): Promise<void>
}

/** A call of the admin interface under the merchant's own path; answers the object. */
export type Admin = (
  method: string,
  path: string,
  body: Record<string, unknown>,
) => Promise<Record<string, unknown>>

/**
 * Starts every simulator on a free port and points its connection there. `known` are connections of earlier starts; those
 * that are missing are made, and `keep` is told of each at once.
 */
export async function startSimulated(
  gateway: string,
  known: Readonly<Record<string, string>>,
  admin: Admin,
  keep: (ids: Record<string, string>) => void,
): Promise<Simulated> {
  const running: { close(): Promise<void> }[] = []
  const connections: Simulated['connections'] = {}
  const ids = { ...known }
  for (const [name, { make, credentials, webhookSecret }] of Object.entries(all)) {
    let id = ids[name]
    if (id === undefined) {
      const wanted = { provider: name, livemode: false, credentials, default: false }
      id = String((await admin('POST', '/connections', wanted)).id)
      ids[name] = id
      keep({ ...ids })
    }
    const webhookUrl = `${gateway}/webhooks/${name}/${id}`
    const simulator = await startSimulator(make({ webhookUrl, home: `${gateway}/` }))
    running.push(simulator)
    await admin('PATCH', `/connections/${id}`, { credentials, settings: { api_base: simulator.url } })
    connections[name] = {
      id,
      webhook_url: webhookUrl,
      ...(webhookSecret !== undefined && { webhook_secret: webhookSecret }),
      simulator_url: simulator.url,
    }
  }
  return {
    connections,
    async stop() {
      await Promise.all(running.map((one) => one.close()))
    },
  }
}
