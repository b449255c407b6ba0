/** Business systems of every temper, and what each of them got. */
import type { City } from './city.ts'
import { MERCHANT } from './city.ts'
import type { LightRequest } from './globals.ts'
import type { DestinationTemper } from './temper.ts'

interface Destination {
  id: string
  url: string
  temper: DestinationTemper
  types: string[]
  /** Tries so far of each event. */
  tries: Map<string, number>
  /** Events that it took, with the bytes that it got. */
  got: Map<string, string>
}

/** What `send` reads of an answer. */
const answer = (status: number, headers: Record<string, string> = {}) =>
  ({ status, headers: { get: (name: string) => headers[name] ?? null }, body: null }) as unknown as Response

export class Destinations {
  readonly all: Destination[]
  readonly #city: City
  tries = 0
  got = 0

  constructor(city: City) {
    this.#city = city
    const mood = (temper: DestinationTemper) => (city.temper.on.has('destinations') ? temper : 'ok')
    this.all = city.temper.destinations.map(({ temper, types }, index) => ({
      ...{ id: `dst_${String(index + 1).padStart(26, '0')}`, url: `https://d${index}.example/hook` },
      ...{ temper: mood(temper), types, tries: new Map(), got: new Map() },
    }))
    for (const { id, url, types } of this.all)
      city.database.peek(
        `INSERT INTO destinations (id, merchant_id, livemode, kind, url, event_types, ordered, secrets, status, created_at)
         VALUES (?, ?, 0, 'other', ?, ?, 0, ?, 'active', 0)`,
        ...[
          id,
          MERCHANT,
          url,
          JSON.stringify(types),
          JSON.stringify(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']),
        ],
      )
  }

  async fetch(request: LightRequest): Promise<Response> {
    const { clock } = this.#city
    const { chance } = clock
    const one = this.all.find(({ url }) => url === request.url)!
    await clock.pause(`POST ${one.id.slice(-3)} →`)
    this.tries += 1
    const id = request.headers['webhook-id'] ?? ''
    const tries = (one.tries.get(id) ?? 0) + 1
    one.tries.set(id, tries)
    switch (one.temper) {
      case 'fails':
        if (tries <= 3) return await this.#say(500)
        break
      case 'throttles':
        if (tries <= 2) return await this.#say(429, { 'retry-after': String(chance.whole(1, 100_000)) })
        break
      case 'hangs':
        if (tries <= 2) return await new Promise<Response>(() => {})
        break
      case 'down':
        return await this.#say(chance.pick([500, 502, 503]))
      case 'gone':
        if (chance.happens(0.3)) return await this.#say(410)
        break
      case 'forgets':
        // It takes the event, and its answer is lost.
        if (tries <= 2) {
          this.#take(one, id, request.body)
          await clock.pause('answer lost')
          throw new TypeError('The connection was closed.')
        }
        break
      case 'ok':
        break
    }
    this.#take(one, id, request.body)
    return await this.#say(chance.pick([200, 201, 204]))
  }

  async #say(status: number, headers: Record<string, string> = {}): Promise<Response> {
    await this.#city.clock.pause('POST ←')
    return answer(status, headers)
  }

  #take(one: Destination, id: string, body: string): void {
    const before = one.got.get(id)
    if (before !== undefined && before !== body)
      this.#city.violation('an event was sent with two bodies', `${id} to ${one.id}`)
    if (before === undefined) this.got += 1
    one.got.set(id, body)
  }
}
