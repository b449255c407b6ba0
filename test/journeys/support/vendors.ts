/** A receiver that a document shows, served as a reader would serve it, with the destination that its page makes. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Shop } from './shop.ts'

export type Receive = (request: Request, around: object) => Promise<Response>

/** Serves the receiver on loopback, and answers where. */
export async function serve(receive: Receive, around: object): Promise<{ server: Server; url: string }> {
  const server = createServer(async (incoming, outgoing) => {
    const response = await receive(await requestOf(incoming), around)
    outgoing.writeHead(response.status, {
      'content-type': response.headers.get('content-type') ?? 'text/plain',
    })
    outgoing.end(await response.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events` }
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  return new Request('http://receiver.example/events', {
    method: 'POST',
    headers,
    body: await text(incoming),
  })
}

/** Makes the destination that the page makes, but for its address. */
export async function destinationOf(shop: Shop, page: string, url: string) {
  const body = /\/v1\/destinations"[\s\S]*?-d '(\{[\s\S]*?\})'/.exec(readFileSync(page, 'utf8'))?.[1]
  if (body === undefined) throw new Error(`${page} makes no destination.`)
  const answer = await shop.call('POST', '/v1/destinations', { ...JSON.parse(body), url })
  if (answer.status !== 201) throw new Error(`A destination is answered ${JSON.stringify(answer.body)}`)
  return { id: String(answer.body.id), secret: String(answer.body.secret) }
}
