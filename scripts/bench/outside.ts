/** What lies outside of both systems: a provider that answers at once, and the sink that everything is delivered to. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Outside {
  url: string
  /** Takes what has arrived since the last time: each event's id, and when, in milliseconds since the epoch. */
  takeArrivals(): [string, number][]
  /** How many have arrived that were not taken yet. */
  readonly arrived: number
  stop(): Promise<void>
}

/** Speaks the sandbox's dialect under `/sandbox/api`, and takes posts at every other address. */
export async function startOutside(): Promise<Outside> {
  let arrivals: [string, number][] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      if (request.url?.startsWith('/sandbox/api')) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(checkoutOf(body))
        return
      }
      arrivals.push([String(request.headers['webhook-id']), performance.timeOrigin + performance.now()])
      response.end('ok')
    })
  })
  // The runtime keeps connections for later; one that is closed under its hands would look like a fault of its own.
  server.keepAliveTimeout = 600_000
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    takeArrivals() {
      const taken = arrivals
      arrivals = []
      return taken
    },
    get arrived() {
      return arrivals.length
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** The provider's answer to a checkout that was asked for. */
function checkoutOf(body: string): string {
  const { session_id, order_id, amount, currency, expires_at } = JSON.parse(body) as Record<string, unknown>
  const page = '/checkout'
  return JSON.stringify({
    ...{ reference: `chk_${session_id}`, session_id, order_id, amount, currency },
    ...{ page, expires_at, state: 'payable', happened: [] },
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', done)
  })
  return (server.address() as AddressInfo).port
}
