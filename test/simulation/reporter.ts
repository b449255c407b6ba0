/** What a provider sends us: lost, repeated, late, out of order and false, and again until somebody answers 200. */
import { createHash } from 'node:crypto'
import type { Fact, Heard, Named, Verdict } from '../../src/domain/provider.ts'
import type { Checkout } from './checkout.ts'
import type { Clockwork } from './clockwork.ts'
import type { ProviderTemper, Temper } from './temper.ts'

/** Hands one request to the gateway; null when no answer came back. */
export type ReportLine = (
  connectionId: string,
  heard: Heard,
  body: Uint8Array,
  answered: (verdict: Verdict | null) => void,
) => void

/** Waits between tries, in milliseconds; after the last one the provider gives up. */
const AGAIN_MS = [5_000, 60_000, 600_000, 3_600_000, 10_800_000, 28_800_000, 86_400_000]

export class Reporter {
  readonly #clock: Clockwork
  readonly #world: Temper
  readonly #temper: ProviderTemper
  readonly #connectionId: string
  readonly #send: ReportLine
  #made = 0

  constructor(
    clock: Clockwork,
    world: Temper,
    temper: ProviderTemper,
    connectionId: string,
    send: ReportLine,
  ) {
    this.#clock = clock
    this.#world = world
    this.#temper = temper
    this.#connectionId = connectionId
    this.#send = send
  }

  /** Tells of a fact, as well as this provider tells. What its back office did is told for sure: nobody asks for it. */
  report(one: Checkout, fact: Fact, isSure = false): void {
    const { chance } = this.#clock
    const { on, rate } = this.#world
    if (this.#temper.tells === 'nothing') return
    // One who has no other book than its reports does not lose them, nor one who took money where it had said that all
    // was over: of that nobody could know but by comparing the books.
    const mayLose = this.#temper.statusCheck && !isSure && !one.left && on.has('lostReports')
    if (this.#temper.tells === 'hints') {
      if (!(mayLose && chance.happens(0.4))) this.#hint(one)
      return
    }
    if (on.has('falseReports') && chance.happens(0.3)) this.#lie(one, fact)
    if (mayLose && chance.happens(0.4)) {
      this.#clock.tell(`no report of ${one.reference} ${fact.type}`)
      return
    }
    const heard = this.#heard(this.#named(one), fact)
    this.#deliver(heard, this.#delay(), 0)
    if (on.has('repeatedReports'))
      while (chance.happens(0.5)) this.#deliver(heard, chance.wait(10, 7_200_000), AGAIN_MS.length)
    // The same fact under a fresh id, as providers do that send each change of an object anew.
    if (on.has('repeatedReports') && chance.happens(rate))
      this.#deliver(this.#heard(this.#named(one), fact), chance.wait(10, 86_400_000), 0)
  }

  /** Says that something happened and not what, to an address that names the session or the payment. */
  #hint({ sessionId, paymentId, orderId, reference }: Checkout): void {
    const { chance } = this.#clock
    const named =
      this.#temper.names === 'session' ? { sessionId, orderId, reference } : { paymentId, reference }
    const heard: Heard = { kind: 'hint', named }
    const hint = { heard, body: bodyOf(heard) }
    this.#deliver(hint, this.#delay(), 0)
    if (this.#world.on.has('repeatedReports'))
      while (chance.happens(0.5)) this.#deliver(hint, chance.wait(10, 7_200_000), AGAIN_MS.length)
  }

  #delay(): number {
    const { chance } = this.#clock
    return this.#world.on.has('lateReports') ? chance.wait(10, 86_400_000) : chance.wait(10, 3_000)
  }

  #named({ sessionId, orderId, reference }: Checkout): Named {
    switch (this.#temper.names) {
      case 'session':
        return { sessionId, orderId, reference }
      case 'order':
        return { orderId, reference }
      case 'reference':
        return { reference }
    }
  }

  /** Signed by the provider and wrong all the same. */
  #lie(one: Checkout, fact: Fact): void {
    const { chance } = this.#clock
    const named = this.#named(one)
    const amount = 'amount' in fact && fact.amount !== null ? fact.amount : null
    const lies: (() => [Named, Fact])[] = [
      () => [{ ...named, reference: `${one.reference}-of-somebody-else` }, fact],
      () => [{ ...named, orderId: 'order-of-nobody' }, fact],
    ]
    if (amount !== null) {
      lies.push(() => [named, { ...fact, amount: amount - 1 } as Fact])
      lies.push(() => [named, { ...fact, amount: null } as Fact])
      lies.push(() => [named, { ...fact, currency: 'XTS' } as Fact])
    }
    const [name, told] = chance.pick(lies)()
    this.#deliver(this.#heard(name, told), this.#delay(), 0)
  }

  #heard(named: Named, fact: Fact): { heard: Heard; body: Uint8Array } {
    this.#made += 1
    const id = `${this.#connectionId}-report-${this.#made}`
    const heard: Heard = { kind: 'reports', reports: [{ id, named, fact, occurredAt: this.#clock.now }] }
    return { heard, body: bodyOf(heard) }
  }

  #deliver({ heard, body }: { heard: Heard; body: Uint8Array }, delay: number, tries: number): void {
    const go = () =>
      this.#send(this.#connectionId, structuredClone(heard), body, (verdict) => {
        if (verdict?.kind === 'kept') return
        const wait = AGAIN_MS[tries]
        if (wait !== undefined) this.#deliver({ heard, body }, wait, tries + 1)
      })
    this.#clock.at(this.#clock.now + delay, 'a report', go, this.#clock.world)
  }

  /** Asks before it moves money. No answer is a no; it asks once more. */
  ask(one: Checkout, answered: (yes: boolean) => void, again = true): void {
    const { reference, sessionId, orderId, amount, currency } = one
    const named = this.#temper.names === 'order' ? { orderId, reference } : { sessionId, orderId, reference }
    const heard: Heard = { kind: 'question', question: { named, amount, currency } }
    this.#send(this.#connectionId, heard, bodyOf(heard), (verdict) => {
      if (verdict === null && again) return this.ask(one, answered, false)
      this.#clock.tell(`${reference} is told ${verdict?.kind ?? 'nothing'}`)
      answered(verdict?.kind === 'yes')
    })
  }
}

function bodyOf(heard: Heard): Uint8Array {
  const text = JSON.stringify(heard)
  return new TextEncoder().encode(
    JSON.stringify({ text, sum: createHash('sha256').update(text).digest('hex') }),
  )
}
