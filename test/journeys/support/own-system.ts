/** A business system of a test's own: it answers as it is told to, and nobody else's events go to it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeReceiver, type Receiver, removeReceiver } from './receiving.ts'
import type { Shop } from './shop.ts'

export interface OwnSystem extends Receiver {
  /** The status of its next answers. */
  answers: number
  end(): Promise<void>
}

/** Starts one on loopback and has payments told to it. Whoever starts it ends it. */
export async function ownSystem(shop: Shop): Promise<OwnSystem> {
  const system = { answers: 200 }
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(system.answers).end('heard'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const receiver = await makeReceiver(shop, `http://127.0.0.1:${port}/`)
  const end = async () => {
    await removeReceiver(shop, receiver)
    server.closeAllConnections()
    server.close()
  }
  return Object.assign(system, receiver, { end })
}
