/**
 * A payment provider with books of its own, which are the truth about money: what the gateway sees of them is late,
 * lost, repeated or unreadable, as the history's temper has it, but the books themselves never lie.
 */
import type {
  Action,
  Capabilities,
  CheckoutOrder,
  Fact,
  Found,
  Opened,
  Outcome,
  Provider,
  SessionReference,
  Trial,
} from '../../src/domain/provider.ts'
import { type Checkout, factsOf, isFinal, type State, UNDER_WAY_MS } from './checkout.ts'
import type { Clockwork } from './clockwork.ts'
import { Reporter, type ReportLine } from './reporter.ts'
import type { ProviderTemper, Temper } from './temper.ts'
import { Till } from './till.ts'

/** A status check may be blind to what happened so long ago. */
const BLIND_MS = 6 * 60_000
/** The gateway's own hard timeout. */
const TIMEOUT_MS = 8_000

export class SimulatedProvider implements Provider {
  readonly name = 'simulated'
  readonly connectionId: string
  readonly temper: ProviderTemper
  readonly capabilities: Capabilities
  readonly checkouts: Checkout[] = []
  readonly reporter: Reporter
  readonly till: Till
  readonly #clock: Clockwork
  readonly #world: Temper
  readonly #declined = new Map<string, Outcome<Opened>>()

  constructor(
    connectionId: string,
    temper: ProviderTemper,
    world: Temper,
    clock: Clockwork,
    tell: ReportLine,
  ) {
    this.connectionId = connectionId
    this.temper = temper
    this.#clock = clock
    this.#world = world
    this.reporter = new Reporter(clock, world, temper, connectionId, tell)
    this.till = new Till(
      clock,
      temper,
      this.reporter,
      (one, state) => this.#move(one, state),
      () => world.on.has('declines'),
    )
    this.capabilities = capabilitiesOf(temper)
  }

  objection(): string | null {
    return null
  }

  /** The request reaches the provider in its own time; the gateway waits no longer than its hard timeout. */
  async #call<T>(what: string, act: () => Outcome<T>): Promise<Outcome<T>> {
    const { chance } = this.#clock
    const { on, rate } = this.#world
    const mayLose = on.has('lostAnswers')
    const there =
      on.has('slowProvider') && chance.happens(rate * 3) ? chance.wait(1_000, 30_000) : chance.wait(5, 800)
    const back = chance.wait(5, 800)
    const lost = mayLose && chance.happens(rate * 3)
    const unreached = mayLose && chance.happens(rate)
    let answer: Outcome<T> = { kind: 'unknown', detail: 'No answer in time.' }
    const arrives = () => {
      this.settleTime()
      const said = act()
      if (!lost) answer = said
    }
    if (!unreached) this.#clock.at(this.#clock.now + there, `provider: ${what}`, arrives, this.#clock.world)
    await this.#clock.pause(`${what} ←`, lost || unreached ? TIMEOUT_MS : Math.min(there + back, TIMEOUT_MS))
    return structuredClone(answer)
  }

  tryCredentials(): Promise<Trial> {
    return Promise.resolve({ kind: 'accepted' })
  }

  async open(order: CheckoutOrder): Promise<Outcome<Opened>> {
    return this.temper.form ? this.#open(order) : this.#call('open', () => this.#open(order))
  }

  #open(order: CheckoutOrder): Outcome<Opened> {
    const { chance, now } = this.#clock
    const { idempotencySeconds } = this.temper
    const known = this.checkouts.find((one) => one.sessionId === order.sessionId)
    if (idempotencySeconds > 0) {
      const declined = this.#declined.get(order.sessionId)
      if (declined !== undefined) return declined
      if (known !== undefined && now - known.createdAt < idempotencySeconds * 1_000)
        return this.#opened(known)
    }
    if (!this.temper.form && this.#world.on.has('declines') && chance.happens(0.1)) {
      const no = { kind: 'declined', code: 'invalid_request', detail: 'We do not like it.' } as const
      this.#declined.set(order.sessionId, no)
      return no
    }
    const reference = `${this.connectionId}-r${this.checkouts.length + 1}`
    const { sessionId, paymentId, orderId, amount, currency } = order
    const checkout: Checkout = {
      ...{ reference, sessionId, paymentId, orderId, amount, currency },
      ...{ manual: order.captureMethod === 'manual', createdAt: now, endsAt: this.#limitOf(order) },
      ...{ state: 'open', authorized: 0, captured: 0, refunds: [], exists: !this.temper.form },
      ...{ reached: false, yes: false, left: false, ended: false, underWay: 0 },
      history: [{ at: now, state: 'open' }],
    }
    this.checkouts.push(checkout)
    this.#clock.tell(`${this.connectionId} makes ${reference}`)
    return this.#opened(checkout)
  }

  #limitOf(order: CheckoutOrder): number | null {
    const { now } = this.#clock
    const { honoursExpiry, maxSeconds, ends } = this.temper
    if (ends === 'never') return null
    const max = now + maxSeconds * 1_000
    return honoursExpiry ? Math.min(Math.max(order.expiresAt, now + 300_000), max) : max
  }

  #opened({ reference, endsAt }: Checkout): Outcome<Opened> {
    const url = `https://provider.example/${reference}`
    const checkout = this.temper.form
      ? ({ kind: 'form', action: url, fields: { bill: reference } } as const)
      : ({ kind: 'redirect', url } as const)
    return {
      kind: 'done',
      value: { references: [reference], checkout, endsAt: this.temper.tellsLimit ? endsAt : null },
    }
  }

  act(action: Action, session: SessionReference, key: string): Promise<Outcome<Fact[]>> {
    this.till.sent(action, key)
    const own = () => this.checkouts.filter((one) => one.exists && session.references.includes(one.reference))
    return this.#call(action.type, () => this.till.act(action, own(), key))
  }

  find(session: SessionReference): Promise<Outcome<Found>> {
    const unreadable = this.#world.on.has('failedChecks') && this.#clock.chance.happens(0.4)
    return this.#call('find', () => (unreadable ? silence : this.#find(session)))
  }

  /** Of several checkouts of the session the one that matters most: with money, then payable, then the newest. */
  #find({ references, sessionId }: SessionReference): Outcome<Found> {
    const isOurs = (one: Checkout) =>
      one.exists &&
      (references.includes(one.reference) || (this.temper.byOurId && one.sessionId === sessionId))
    const blind = this.#world.on.has('blindChecks')
    const before = blind ? this.#clock.now - BLIND_MS * this.#clock.chance.next() : this.#clock.now
    const stateOf = (one: Checkout) => one.history.findLast(({ at }) => at <= before)?.state ?? 'open'
    const seen = this.checkouts.filter(isOurs).map((one) => ({ one, state: stateOf(one) }))
    const rank: State[] = ['canceled', 'failed', 'expired', 'open', 'approved', 'authorized', 'captured']
    const best = seen.sort((a, b) => rank.indexOf(b.state) - rank.indexOf(a.state))[0]
    // Of a form that nobody has posted yet, nobody there can know that nobody will.
    if (best === undefined)
      return { kind: 'done', value: { facts: [], references: [], payable: this.temper.form } }
    const { one, state } = best
    const facts = factsOf(one, state, this.temper.refundsSingly)
    return {
      kind: 'done',
      value: { facts, references: [one.reference], orderId: one.orderId, payable: !isFinal(state) },
    }
  }

  async read() {
    return { kind: 'forged', why: 'Reports are read before they get here.' } as const
  }

  reply() {
    return { status: 200 }
  }

  /**
   * Checkouts whose limit has passed end now, but for those at which a payment is under way. Some providers call these
   * over as well, and tell of the money when it comes all the same; such a report they do not lose.
   */
  settleTime(): void {
    for (const one of this.checkouts) {
      const isAtEnd = one.exists && one.endsAt !== null && this.#clock.now >= one.endsAt
      if (!isAtEnd || (one.state !== 'open' && one.state !== 'approved')) continue
      if (one.underWay > 0 && !this.#world.on.has('earlyEnds')) continue
      if (one.underWay > 0) one.left = true
      this.#move(one, 'expired')
    }
  }

  /** Whether a customer who stands at this checkout could still pay. */
  isPayable(one: Checkout): boolean {
    const isOpen = one.state === 'open' || one.state === 'approved' || this.#revives(one)
    return isOpen && (one.endsAt === null || this.#clock.now < one.endsAt)
  }

  /** It was called over, and can be paid all the same: what we were told then is wrong, and money may come late. */
  #revives(one: Checkout): boolean {
    return this.temper.revives && one.left && (one.state === 'failed' || one.state === 'canceled')
  }

  /** The customer pays. `bankMs` is how long the bank takes. */
  pay(one: Checkout, bankMs: number): void {
    this.settleTime()
    if (!this.isPayable(one)) return
    if (!this.temper.asksFirst) {
      this.#arrive(one, bankMs)
      return
    }
    // Under way from its question on, which may take as long as the wires do.
    one.underWay += 1
    this.reporter.ask(one, (yes) => {
      one.underWay -= 1
      if (!yes) return
      one.yes = true
      this.#arrive(one, bankMs)
    })
  }

  #arrive(one: Checkout, bankMs: number): void {
    one.underWay += 1
    const run = () => {
      one.underWay -= 1
      // What was under way when the limit passed may arrive; what was ended by our command may not.
      const arrives = one.state === 'open' || this.#revives(one) || (one.state === 'expired' && !one.ended)
      if (!arrives) return
      if (this.temper.approves) {
        if (one.state !== 'expired') this.#move(one, 'approved')
        return
      }
      one.authorized = one.amount
      if (!one.manual) one.captured = one.amount
      this.#move(one, one.manual ? 'authorized' : 'captured')
    }
    this.#clock.at(
      this.#clock.now + Math.min(bankMs, UNDER_WAY_MS),
      `bank: ${one.reference}`,
      run,
      this.#clock.world,
    )
  }

  /** What the customer, the bank or the merchant's own back office does there besides paying. */
  happen(one: Checkout, what: 'cancel' | 'fail' | 'capture' | 'lapse' | 'refund'): void {
    this.settleTime()
    if (what === 'refund') this.till.refundByHand(one)
    if ((what === 'cancel' || what === 'fail') && one.state === 'open') {
      one.left = true
      this.#move(one, what === 'cancel' ? 'canceled' : 'failed')
    }
    if (one.state !== 'authorized') return
    if (what === 'lapse') this.#move(one, 'expired', true)
    if (what === 'capture') {
      one.captured = one.amount
      this.#move(one, 'captured', true)
    }
  }

  #move(one: Checkout, state: State, isSure = false): void {
    one.state = state
    one.history.push({ at: this.#clock.now, state })
    this.#clock.tell(`${one.reference} is ${state}`)
    const fact = factsOf(one, state, this.temper.refundsSingly)[0]
    if (fact !== undefined) this.reporter.report(one, fact, isSure)
  }
}

const silence: Outcome<Found> = { kind: 'unknown', detail: 'The answer was not readable.' }

function capabilitiesOf(temper: ProviderTemper): Capabilities {
  const { tells, statusCheck, byOurId, captures, refunds } = temper
  return {
    ...{ signed: tells === 'reports', statusCheck, statusCheckByOurId: byOurId, capture: captures },
    ...{ cancel: true, refund: refunds !== 'none', partialRefund: refunds === 'parts' },
    idempotencySeconds: temper.idempotencySeconds,
    ends: temper.ends,
    ...{ polled: temper.polled, approves: temper.approves, asksFirst: temper.asksFirst },
    ...{ numbered: false, reference: null, amounts: 'minor' },
    expiresInSeconds: { min: 300, max: temper.maxSeconds },
    currencies: 'any',
  }
}
