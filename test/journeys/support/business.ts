/**
 * Business systems of the harness's own, which outlive whatever is killed: two fiscal ones, of which one answers with its
 * receipts and the other tells them by a call, and one that fails until its breaker opens. All verify what they get with the
 * `standardwebhooks` package, under secrets that change meanwhile.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { eventually } from './eventually.ts'
import type { ReceivedEvent, Shop } from './shop.ts'

const kinds = { till: 'fiscal', bureau: 'fiscal', moody: 'other' } as const
export type OwnName = keyof typeof kinds
export const fiscalSystems = ['till', 'bureau'] as const
/** A try that was claimed before a rotation is signed with the older secret alone, and is made again when it is not believed. */
const underWayMs = 5_000
/** What they subscribe to. */
export const ownTypes = ['payment.paid', 'payment.refunded']

interface Own {
  id: string
  secret: string
  /** When that was shown, in milliseconds. */
  since: number
  received: ReceivedEvent[]
}

interface Event {
  type: string
  data: { sequence: number; receipt_key?: string; payment: { id: string; amount: number } }
}

interface Receipt {
  id: string
  /** The event that asked for it. */
  askedBy: string
}

export class Business {
  readonly systems = new Map<OwnName, Own>()
  /** What was printed, by its key; a system that sees a key again prints nothing and tells the same. */
  readonly printed = new Map<string, Receipt>()
  /** What no gateway may do to a business system. */
  readonly troubles: string[] = []
  rotations = 0
  /** Whether the moody one still fails. */
  isMoody = true
  readonly #shop: Shop
  readonly #server: Server

  private constructor(shop: Shop) {
    this.#shop = shop
    this.#server = createServer(async (request, response) => {
      const { status, body } = this.#take(request, await textOf(request))
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  }

  /** Starts them on loopback and makes their destinations. */
  static async open(shop: Shop, names: readonly OwnName[]): Promise<Business> {
    const business = new Business(shop)
    business.#server.listen(0, '127.0.0.1')
    await once(business.#server, 'listening')
    const { port } = business.#server.address() as AddressInfo
    for (const name of names) {
      const wish = { kind: kinds[name], url: `http://127.0.0.1:${port}/${name}`, event_types: ownTypes }
      const { status, body } = await shop.call('POST', '/v1/destinations', wish)
      if (status !== 201) throw new Error(`A destination is answered ${status} ${JSON.stringify(body)}`)
      business.systems.set(name, { id: String(body.id), secret: String(body.secret), since: 0, received: [] })
    }
    return business
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Gives a system's destination a new secret, asked for until it is shown, and brings it to the system `laterMs` after. */
  async rotate(name: OwnName, laterMs: number): Promise<void> {
    const system = this.systems.get(name)!
    const [secret, since] = await eventually(async () => {
      const { status, body } = await this.#shop.call('POST', `/v1/destinations/${system.id}/rotate-secret`)
      if (status !== 200) throw new Error(`A rotation is answered ${status}`)
      return [String(body.secret), Date.now()] as const
    }, 60_000)
    await pause(laterMs) // waits because whoever is shown a secret brings it to the system later
    Object.assign(system, { secret, since })
    this.rotations += 1
  }

  #take(request: IncomingMessage, body: string): { status: number; body: string } {
    const name = request.url?.slice(1) as OwnName
    const system = this.systems.get(name)
    if (system === undefined) return { status: 503, body: '' }
    const headers = request.headers as Record<string, string>
    try {
      new Webhook(system.secret).verify(body, headers)
    } catch (error) {
      const signedAt = Number(headers['webhook-timestamp']) * 1_000
      if (!(signedAt < system.since + underWayMs))
        this.troubles.push(`${name} does not believe a delivery: ${(error as Error).message}`)
      return { status: 401, body: '' }
    }
    if (name === 'moody' && this.isMoody) return { status: 503, body: '' }
    const event: Event = JSON.parse(body)
    const id = headers['webhook-id']!
    const { sequence, payment } = event.data
    const duplicate = system.received.some(({ webhook_id }) => webhook_id === id)
    system.received.push({
      ...{ webhook_id: id, type: event.type, payment_id: payment.id, sequence },
      ...{ at: new Date().toISOString(), duplicate },
    })
    // Each prints for a half of the shop.
    if (name !== fiscalSystems[payment.amount % 2]) return { status: 200, body: '' }
    const told = this.#print(event, id)
    if (name === 'till') return { status: 200, body: JSON.stringify({ fiscal_receipt: told }) }
    void this.#tell(payment.id, told)
    return { status: 202, body: '' }
  }

  /** The receipt of the event's key: printed once, whoever asks again. */
  #print({ type, data }: Event, eventId: string): Record<string, string> {
    const { receipt_key: key, payment } = data
    if (key === undefined) this.troubles.push(`${type} of ${payment.id} asks for a receipt without a key`)
    const receipt = this.printed.get(key ?? '') ?? { id: `F-${this.printed.size + 1}`, askedBy: eventId }
    this.printed.set(key ?? '', receipt)
    if (receipt.askedBy !== eventId) this.troubles.push(`two events ask for the receipt ${key}`)
    const about = key?.slice(payment.id.length + 1) ?? ''
    const refund = about === 'sale' ? {} : { refund_id: about }
    return { kind: about === 'sale' ? 'sale' : 'refund', status: 'issued', receipt_id: receipt.id, ...refund }
  }

  /** Calls until it is answered, each time under a fresh key: the same receipt again must be nothing new. */
  async #tell(paymentId: string, receipt: Record<string, string>): Promise<void> {
    await eventually(async () => {
      const path = `/v1/payments/${paymentId}/fiscal-receipts`
      const { status } = await this.#shop.call('POST', path, receipt)
      if (status !== 200) throw new Error(`A receipt is answered ${status}`)
    }, 60_000).catch((error: Error) => this.troubles.push(error.message))
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
