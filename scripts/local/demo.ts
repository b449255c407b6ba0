/** The demo's own server, put together: business systems and store on one port that stays the same over restarts. */
import path from 'node:path'
import type { Store } from '../../examples/react-storefront/server/store.ts'
import { readJson, type StateFolder, writeJson } from './folder.ts'
import type { Seed } from './seed.ts'
import { type Sink, startSink } from './sink.ts'
import { demoStore, serve } from './store.ts'

export interface Demo extends Pick<Sink, 'url' | 'stop'> {
  /** Lets the systems verify with the demo data's secrets, and opens the store. */
  begin(gateway: string, seed: Seed, connections: Record<string, string>): void
}

/** Starts the server, with the store's built pages; it answers 503 until it is told the secrets. */
export async function startDemo(folder: StateFolder, pages: string): Promise<Demo> {
  let store: Store | null = null
  const portFile = path.join(folder.sink, 'port.json')
  const sink = await startSink({
    folder: folder.sink,
    port: readJson<{ port: number }>(portFile)?.port ?? null,
    store: async (request, response, body) => store !== null && serve(store, request, response, body),
  })
  writeJson(portFile, { port: sink.port })
  return {
    url: sink.url,
    stop: sink.stop,
    begin(gateway, seed, connections) {
      const secrets = Object.entries(seed.destinations).map(([name, { secret }]) => [name, secret])
      sink.setSecrets(Object.fromEntries(secrets))
      store = demoStore({ gateway, pages, folder: folder.sink, connections, received: sink.received }, seed)
    },
  }
}
