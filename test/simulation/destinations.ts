/** Business systems of every temper, and what each of them got. */
import { asksForTracks } from '../../src/domain/delivery.ts'
import type { City } from './city.ts'
import { MERCHANT } from './city.ts'
import type { LightRequest } from './globals.ts'
import { isSignedWith } from './signature.ts'
import type { Business, DestinationTemper } from './temper.ts'
import { TrackSystem } from './track-system.ts'

export interface Destination extends Omit<Business, 'temper'> {
  id: string
  url: string
  temper: DestinationTemper
  /** What the system verifies with; it learns of a new one some time after the rotation. */
  secret: string
  /** Until when older secrets than the one that the receiver has learned of sign too, in milliseconds; 0 at first. */
  learned: number
  /** Tries so far of each event. */
  tries: Map<string, number>
  /** Events that it took, with the bytes that it got. */
  got: Map<string, string>
  /** Of each event that asks for a receipt: how often it came, but for those times when it was refused for certain. */
  asked: Map<string, number>
  /** How often a person asked for an event once more. */
  consents: Map<string, number>
  /** What it keeps of receipts and goods. */
  tracks: TrackSystem
}

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** What `send` reads of an answer; `text` comes in one piece. */
function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  let left = text
  const read = async () => {
    const value = new TextEncoder().encode(left)
    left = ''
    return value.length > 0 ? { done: false, value } : { done: true }
  }
  const body = text === '' ? null : { getReader: () => ({ read, cancel: async () => {} }) }
  return { status, headers: { get: (name: string) => headers[name] ?? null }, body } as unknown as Response
}

export class Destinations {
  readonly all: Destination[]
  readonly #city: City
  tries = 0
  got = 0

  constructor(city: City) {
    this.#city = city
    const mood = (temper: DestinationTemper) => (city.temper.on.has('destinations') ? temper : 'ok')
    this.all = city.temper.destinations.map((business, index) => ({
      ...business,
      ...{ id: `dst_${String(index + 1).padStart(26, '0')}`, url: `https://d${index}.example/hook` },
      ...{
        temper: mood(business.temper),
        secret: SECRET,
        learned: 0,
        tries: new Map(),
        got: new Map(),
      },
      ...{
        asked: new Map(),
        consents: new Map(),

        tracks: new TrackSystem(city, business, index),
      },
    }))
    for (const { id, url, kind, types, holds } of this.all)
      city.database.peek(
        `INSERT INTO destinations (id, merchant_id, livemode, kind, url, event_types, ordered, on_timeout, secrets, status, created_at)
         VALUES (?, ?, 0, ?, ?, ?, 0, ?, ?, 'active', 0)`,
        ...[
          id,
          MERCHANT,
          kind,
          url,
          JSON.stringify(types),
          holds ? 'hold' : 'retry',
          JSON.stringify([SECRET]),
        ],
      )
  }

  /** From now on every system is well. */
  heal(): void {
    for (const one of this.all) one.temper = 'ok'
  }

  async fetch(request: LightRequest): Promise<Response> {
    const { clock } = this.#city
    const one = this.all.find(({ url }) => url === request.url)!
    await clock.pause(`POST ${one.id.slice(-3)} →`)
    this.tries += 1
    const id = request.headers['webhook-id'] ?? ''
    if (!isSignedWith(one.secret, request, clock.now))
      this.#city.violation('a delivery cannot be verified', `${id} to ${one.id}`)
    const tries = (one.tries.get(id) ?? 0) + 1
    one.tries.set(id, tries)
    const type = typeOf(request.body)
    if (one.holds && asksForTracks(type)) this.#askOnce(one, id)
    return await this.#treat(one, id, { tries, type, body: request.body })
  }

  /** A receipt that may have been made is asked for again only when a person says so. */
  #askOnce(one: Destination, id: string): void {
    const before = one.asked.get(id) ?? 0
    if (before > (one.consents.get(id) ?? 0))
      this.#city.violation('a doubtful receipt is asked for again', `${id} to ${one.id}`)
    one.asked.set(id, before + 1)
  }

  async #treat(
    one: Destination,
    id: string,
    { tries, type, body }: { tries: number; type: string; body: string },
  ): Promise<Response> {
    const { clock } = this.#city
    const { chance } = clock
    switch (one.temper) {
      case 'fails':
        if (tries <= 3) return await this.#say(500)
        break
      case 'throttles':
        if (tries <= 2) return await this.#refuse(one, id, 429, String(chance.whole(1, 100_000)))
        break
      case 'hangs':
        if (tries <= 2) return await new Promise<Response>(() => {})
        break
      case 'down':
        return await this.#say(chance.pick([500, 502, 503]))
      case 'gone':
        if (chance.happens(0.3)) return await this.#refuse(one, id, 410)
        break
      case 'forgets':
        // It takes the event, and its answer is lost.
        if (tries <= 2) {
          this.#take(one, id, type, body)
          await clock.pause('answer lost')
          throw new TypeError('The connection was closed.')
        }
        break
      case 'ok':
        break
    }
    return await this.#say(chance.pick([200, 201, 204]), this.#take(one, id, type, body))
  }

  /** For certain not taken, as far as the answer arrives. */
  #refuse(one: Destination, id: string, status: number, after?: string): Promise<Response> {
    const asked = one.asked.get(id)
    if (asked !== undefined) one.asked.set(id, asked - 1)
    return this.#say(status, '', after === undefined ? {} : { 'retry-after': after })
  }

  async #say(status: number, text = '', headers: Record<string, string> = {}): Promise<Response> {
    await this.#city.clock.pause('POST ←')
    return answer(status, text, headers)
  }

  /** What it answers with. */
  #take(one: Destination, id: string, type: string, body: string): string {
    const before = one.got.get(id)
    if (before !== undefined && before !== body)
      this.#city.violation('an event was sent with two bodies', `${id} to ${one.id}`)
    if (before === undefined) this.got += 1
    one.got.set(id, body)
    return asksForTracks(type) ? one.tracks.take(body) : ''
  }
}

/** Without reading the whole event, since most of them are only counted. */
const typeOf = (body: string): string => /^\{"type":"([^"]+)"/.exec(body)?.[1] ?? ''
