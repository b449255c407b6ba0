/** The demo store within the local system: what its back end is told, and how Node's server asks it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { type Method, type Store, storeOf } from '../../examples/react-storefront/server/store.ts'
import { capabilitiesOf } from '../../src/providers/index.ts'
import type { Seed } from './seed.ts'
import { type Sink, systems } from './sink.ts'

interface StoreAround {
  gateway: string
  /** The built pages. */
  pages: string
  /** Where the store keeps its orders. */
  folder: string
  /** Connections to simulated providers, by the provider's name. */
  connections: Record<string, string>
  received: Sink['received']
}

const names: Record<string, string> = {
  ...{ sandbox: 'Sandbox', stripe: 'Stripe', idram: 'Idram', adyen: 'Adyen', arca: 'ArCa iPay' },
  ...{
    ameriabank: 'Ameriabank',
    telcell: 'Telcell',
    paypal: 'PayPal',
    mollie: 'Mollie',
    fastshift: 'FastShift',
  },
}

/** The store of the demo merchant. */
export function demoStore({ gateway, pages, folder, connections, received }: StoreAround, seed: Seed): Store {
  const ids = Object.entries({ sandbox: seed.sandbox.id, ...connections })
  const methods = ids.map(([provider, id]): Method => {
    return { id, name: names[provider] ?? provider, currencies: capabilitiesOf(provider).currencies }
  })
  return storeOf({
    ...{ gateway, pages, methods, now: Date.now },
    folder: path.join(folder, 'store'),
    publishableKey: seed.publishable_key,
    secretKey: seed.secret_key,
    orderSigningSecret: seed.order_signing_secret,
    heard: (paymentId) =>
      Object.fromEntries(systems.map((name) => [name, typesOf(received(name, paymentId))])),
  })
}

/** The events of a payment in their order, each once. */
function typesOf(events: ReturnType<Sink['received']>): string[] {
  const first = events.filter(({ duplicate }) => !duplicate)
  return first.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0)).map(({ type }) => type)
}

/** Lets the store answer a request of Node's server; false when it is none of the store's. */
export async function serve(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): Promise<boolean> {
  const { method = 'GET' } = request
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  const asked = new Request(new URL(request.url ?? '/', 'http://store'), {
    ...{ method, headers },
    ...(method !== 'GET' && method !== 'HEAD' && { body }),
  })
  const answer = await store(asked)
  if (answer === null) return false
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(method === 'HEAD' ? undefined : Buffer.from(await answer.arrayBuffer()))
  return true
}
