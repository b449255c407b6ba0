/** The demo's own server, put together: business systems and shop on one port that stays the same over restarts. */
import path from 'node:path'
import { readJson, type StateFolder, writeJson } from './folder.ts'
import type { Seed } from './seed.ts'
import { type ShopSetup, serveShop } from './shop.ts'
import { type Sink, startSink } from './sink.ts'

export interface Demo extends Pick<Sink, 'url' | 'stop'> {
  /** Lets the systems verify with the demo data's secrets, and opens the shop. */
  begin(gateway: string, seed: Seed, connections: Record<string, string>): void
}

/** Starts the server; it answers 503 until it is told the secrets. */
export async function startDemo(folder: StateFolder): Promise<Demo> {
  let shop: ShopSetup | null = null
  const portFile = path.join(folder.sink, 'port.json')
  const sink = await startSink({
    folder: folder.sink,
    port: readJson<{ port: number }>(portFile)?.port ?? null,
    shop: (request, response, body) => serveShop(shop, request, response, body),
  })
  writeJson(portFile, { port: sink.port })
  return {
    url: sink.url,
    stop: sink.stop,
    begin(gateway, seed, connections) {
      const secrets = Object.entries(seed.destinations).map(([name, { secret }]) => [name, secret])
      sink.setSecrets(Object.fromEntries(secrets))
      shop = { gateway, url: sink.url, secretKey: seed.secret_key, connections, received: sink.received }
    },
  }
}
