/**
 * The floors: the least that a Worker can do for work of the same shape as the gateway's. It checks nothing, signs
 * nothing and remembers nothing but its rows. Types are stripped and nothing is bundled, so it imports the runtime only.
 */
import { DurableObject } from 'cloudflare:workers'

interface FloorEnv {
  OBJECT: DurableObjectNamespace<FloorObject>
}

/** Five posts, as one message of the gateway holds five tries. */
export interface FloorMessage {
  id: string
  urls: string[]
  body: string
}

export class FloorObject extends DurableObject<FloorEnv> {
  /** A fresh object with one row. */
  async open(text: string): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      this.ctx.storage.sql.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
      this.ctx.storage.sql.exec('INSERT INTO rows (text) VALUES (?)', text)
    })
  }

  /** One row more in an object that is there. */
  async write(text: string): Promise<void> {
    this.ctx.storage.sql.exec('INSERT INTO rows (text) VALUES (?)', text)
  }

  /** The newest row. */
  async read(): Promise<string> {
    const row = this.ctx.storage.sql.exec('SELECT text FROM rows ORDER BY id DESC LIMIT 1').one()
    return String(row.text)
  }
}

export default {
  async fetch(request, env) {
    const stub = env.OBJECT.getByName(new URL(request.url).pathname)
    switch (request.method) {
      case 'POST':
        await stub.open(await request.text())
        return new Response('{}', { status: 201 })
      case 'PUT':
        await stub.write(await request.text())
        return new Response('{}')
      default:
        return new Response(await stub.read())
    }
  },
  async queue(batch) {
    for (const message of batch.messages) {
      const { id, urls, body } = message.body
      const headers = { 'content-type': 'application/json', 'webhook-id': id }
      const posts = urls.map(async (url) => (await fetch(url, { method: 'POST', headers, body })).text())
      await Promise.all(posts)
      message.ack()
    }
  },
} satisfies ExportedHandler<FloorEnv, FloorMessage>
