/** Carries out what people do at the desk: corrections, and all that they do with destinations and deliveries. */
import { secretFrom } from '../../src/crypto/standard-webhooks.ts'
import { advance, release } from '../../src/delivery/backlog.ts'
import { sendTries } from '../../src/delivery/ports.ts'
import { rotated } from '../../src/delivery/sign.ts'
import { sendTestEvent } from '../../src/delivery/test-event.ts'
import { GatewayError } from '../../src/domain/errors.ts'
import { recovered } from '../../src/domain/health.ts'
import { freshId } from '../../src/domain/ids.ts'
import { endAtProvider } from '../../src/payment/ask.ts'
import { atPayment, openerAt } from '../../src/payment/stub.ts'
import { recordsOf } from '../../src/store/database.ts'
import { askForRetry } from '../../src/store/deliveries.ts'
import {
  changeDestination,
  type DestinationChange,
  destinationOf,
  replaceSecrets,
  type Secrets,
} from '../../src/store/destinations.ts'
import { addReplay, type Replay } from '../../src/store/replays.ts'
import { type City, MERCHANT, TRACE } from './city.ts'
import type { Destination } from './destinations.ts'
import { errand } from './errand.ts'
import type { Deed } from './plan.ts'

const owner = { merchantId: MERCHANT, livemode: false }
const HOUR = 3_600_000
/** How long the secret before the newest one signs too. */
const OVERLAP_MS = 24 * HOUR

type OfDestination = Extract<Deed, { kind: 'destination' }>

export class Operators {
  readonly #city: City

  constructor(city: City) {
    this.#city = city
  }

  act(deed: Extract<Deed, { kind: 'destination' | 'retry' }>): void {
    const { all } = this.#city.destinations
    if (deed.kind === 'retry') this.#retryOne(deed)
    else this.#with(all[deed.index % all.length]!, deed.what)
  }

  /** Whatever failed or is held goes out once more, now that every system is well. */
  makeAmends(): void {
    const { destinations, database } = this.#city
    destinations.heal()
    for (const one of destinations.all) this.#with(one, 'resume')
    for (const row of database.peek("SELECT id FROM deliveries WHERE status = 'failed' ORDER BY id"))
      this.#retry(String(row.id))
  }

  #with(one: Destination, what: OfDestination['what']): void {
    const works: Record<typeof what, () => Promise<unknown>> = {
      pause: () => this.#change(one, { status: 'paused', pausedBecause: 'asked', dueAt: null }),
      resume: () => this.#resume(one),
      rotate: () => this.#rotate(one),
      test: () => this.#test(one),
      'replay failed': () => this.#replay(one, 'failed'),
      'replay all': () => this.#replay(one, 'all'),
    }
    // A new secret that nobody has seen would sign alone after a day, so whoever asked for one asks until it is shown.
    errand(this.#city, what, works[what], what === 'rotate' ? Number.POSITIVE_INFINITY : undefined)
  }

  get #db() {
    return recordsOf(this.#city.env, MERCHANT)
  }

  async #change(one: Destination, change: DestinationChange) {
    return (await changeDestination(this.#db, owner, one.id, change, this.#by))!
  }

  get #by() {
    return { actor: 'operator', requestId: 'req_of_a_history', at: this.#city.clock.now }
  }

  async #resume(one: Destination): Promise<void> {
    const health = await this.#change(one, recovered(this.#city.clock.now))
    await release(this.#db, { id: one.id, merchantId: MERCHANT, health, deleted: false }, this.#city.ports())
  }

  /** Who is shown a new secret brings it to the receiver within a day. */
  async #rotate(one: Destination): Promise<void> {
    const { clock } = this.#city
    const secret = secretFrom(crypto.getRandomValues(new Uint8Array(32)))
    const replaced = async ({ secrets, olderSecretUntil }: Secrets) => ({
      secrets: JSON.stringify(rotated(JSON.parse(secrets), olderSecretUntil, secret, clock.now)),
      olderSecretUntil: clock.now + OVERLAP_MS,
    })
    const shown = await replaceSecrets(this.#db, owner, one.id, replaced, this.#by)
    // Of two that were asked for at once the answers may cross; this says which is the newer.
    const until = shown?.olderSecretUntil ?? 0
    const learns = () => {
      // Nobody goes back to an older one.
      if (until < one.learned) return
      one.learned = until
      one.secret = secret
    }
    const at = clock.now + clock.chance.wait(HOUR / 2, 20 * HOUR)
    clock.at(at, 'a receiver learns its secret', learns, clock.world)
  }

  async #test(one: Destination): Promise<void> {
    const destination = await destinationOf(this.#db, owner, one.id)
    const id = freshId('evt', crypto.getRandomValues(new Uint8Array(17)))
    await this.#change(one, { lastTest: await sendTestEvent(destination!, id, this.#city.ports()) })
  }

  async #replay(one: Destination, only: Replay['only']): Promise<void> {
    const { clock } = this.#city
    const destination = (await destinationOf(this.#db, owner, one.id))!
    if (destination.status === 'paused') return
    const span = { since: clock.now - 48 * HOUR, until: clock.now }
    const replay: Replay = {
      ...{
        id: freshId('rpl', crypto.getRandomValues(new Uint8Array(17))),
        ...owner,
        destinationId: one.id,
        only,
      },
      ...{ ...span, eventTypes: destination.eventTypes, cursorAt: span.since, cursorId: '' },
      ...{ events: 0, deliveries: 0, createdAt: clock.now, finishedAt: null },
    }
    await addReplay(this.#db, replay, this.#by)
    await advance(this.#db, replay, this.#city.ports())
  }

  /** Picks one that has ended, or with `ended` false any, the way a person picks from a list. */
  #retryOne({ ended, closes }: Extract<Deed, { kind: 'retry' }>): void {
    const { database, clock } = this.#city
    const rows = database.peek(
      `SELECT id FROM deliveries WHERE status ${ended ? "in ('failed', 'held')" : "<> ''"} ORDER BY id`,
    )
    if (rows.length > 0) this.#retry(String(clock.chance.pick(rows).id), closes)
  }

  #retry(id: string, closes = false): void {
    const { database, env } = this.#city
    const [row] = database.peek('SELECT stream FROM deliveries WHERE id = ?', id)
    const closed = {
      kind: 'delivery_exhausted',
      cause: id,
      resolution: 'other',
      note: 'Tried again.',
    } as const
    errand(this.#city, 'retry', async () => {
      if (closes)
        await atPayment(env, String(row?.stream), async (stub) =>
          stub.resolveException({ ...closed, actor: 'operator' }),
        )
      this.#consent(id)
      const due = await askForRetry(this.#db, owner, id, this.#by)
      if (due === null) return
      const next = { deliveryId: id, merchantId: MERCHANT, attempt: due.attemptCount + 1 }
      await sendTries(this.#city.ports(), [next], 0, 'retries')
    })
  }

  /** The person knows that a receipt may be made twice by it, and has looked. */
  #consent(id: string): void {
    const { database, destinations } = this.#city
    const [row] = database.peek('SELECT event_id, destination_id FROM deliveries WHERE id = ?', id)
    const one = destinations.all.find((destination) => destination.id === row?.destination_id)
    const event = String(row?.event_id)
    one?.consents.set(event, (one.consents.get(event) ?? 0) + 1)
  }

  /** A correction, the way of its route: what is open is ended at its provider first. */
  correct(paymentId: string, { to, part, key, by }: Extract<Deed, { kind: 'correct' }>): void {
    const { env, temper, providers } = this.#city
    const word = { to, reason: 'Seen at the desk.', evidence: null, amount: to === 'paid' ? part : null }
    const asked = {
      ...{ word, key: { name: `correct ${by} ${key}`, fingerprint: JSON.stringify(word) } },
      ...{ actor: by, approvals: temper.approvals },
    }
    errand(this.#city, 'correction', async () => {
      const step = (wasEnded: boolean) =>
        atPayment(env, paymentId, async (stub) => stub.correct({ ...asked, wasEnded }, TRACE))
      let corrected = await step(false)
      if (corrected?.kind === 'end_first') {
        await endAtProvider(openerAt(env, paymentId, TRACE), providers, corrected.subject, by)
        corrected = await step(true)
      }
      if (corrected?.kind === 'refused') throw new GatewayError(corrected.refusal)
    })
  }
}
