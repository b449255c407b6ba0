/** A provider's till: carries out the gateway's commands, once per key where it knows keys, and notes each of them. */
import type { Action, Fact, Outcome } from '../../src/domain/provider.ts'
import { type Checkout, factsOf, isFinal, refundedAt, refundFacts, type State } from './checkout.ts'
import type { Clockwork } from './clockwork.ts'
import type { Reporter } from './reporter.ts'
import type { ProviderTemper } from './temper.ts'

type Move = (one: Checkout, state: State) => void
type Answer = Outcome<Fact[]>

const no = (detail: string): Answer => ({ kind: 'declined', code: 'invalid_request', detail })

export class Till {
  readonly #clock: Clockwork
  readonly #temper: ProviderTemper
  readonly #reporter: Reporter
  readonly #move: Move
  readonly #declines: () => boolean
  readonly #known = new Map<string, { at: number; answer: Answer }>()
  /** When the gateway sent a money command under each key; ends of checkouts may be repeated at will. */
  readonly calls = new Map<string, number[]>()
  /** Refunds that the gateway's commands had as their effect. */
  refundsMade = 0

  constructor(
    clock: Clockwork,
    temper: ProviderTemper,
    reporter: Reporter,
    move: Move,
    declines: () => boolean,
  ) {
    this.#clock = clock
    this.#temper = temper
    this.#reporter = reporter
    this.#move = move
    this.#declines = declines
  }

  /** A command leaves the gateway. */
  sent({ type }: Action, key: string): void {
    if (type === 'cancel') return
    this.calls.set(key, [...(this.calls.get(key) ?? []), this.#clock.now])
  }

  /** A command arrives. */
  act(action: Action, own: Checkout[], key: string): Answer {
    const { now } = this.#clock
    const known = this.#known.get(key)
    const lives = known !== undefined && now - known.at < this.#temper.idempotencySeconds * 1_000
    if (known !== undefined && lives) return known.answer
    const refuses = action.type !== 'cancel' && this.#declines() && this.#clock.chance.happens(0.2)
    const answer = refuses ? no('We do not like it.') : this.#do(action, own)
    if (answer.kind === 'done') this.#known.set(key, { at: now, answer })
    return answer
  }

  #do(action: Action, own: Checkout[]): Answer {
    switch (action.type) {
      case 'cancel':
        return this.#cancel(own)
      case 'capture':
        return this.#capture(own, action.amount)
      case 'refund':
        return this.#refund(own, action.amount)
    }
  }

  #cancel(own: Checkout[]): Answer {
    const paid = own.find((one) => one.state === 'captured')
    if (paid !== undefined) return this.#tooLate(paid)
    const holds = own.some((one) => one.state === 'authorized')
    if (own.length === 0 || (this.#temper.ends !== 'at_once' && !holds)) return no('There is nothing to end.')
    for (const one of own) {
      one.ended = true
      one.left = false
      if (!isFinal(one.state)) this.#move(one, 'canceled')
    }
    return { kind: 'done', value: [{ type: 'canceled' }] }
  }

  #tooLate(one: Checkout): Answer {
    if (!this.#temper.explains) return no('It is paid.')
    return { kind: 'done', value: factsOf(one, 'captured', this.#temper.refundsSingly) }
  }

  #capture(own: Checkout[], amount: number): Answer {
    const one = own.find(({ state }) => state === 'authorized' || state === 'approved')
    if (one === undefined || amount > one.amount) return no('There is nothing to capture.')
    if (one.state === 'approved') one.yes = true
    one.authorized = one.amount
    one.captured = amount
    this.#move(one, 'captured')
    // Some take the order and confirm it by a report.
    if (this.#temper.slowMoney) return { kind: 'done', value: [{ type: 'capture_pending' }] }
    return { kind: 'done', value: factsOf(one, 'captured', this.#temper.refundsSingly) }
  }

  #refund(own: Checkout[], amount: number): Answer {
    const one = own.find(({ state }) => state === 'captured')
    if (one === undefined || amount > this.#left(one)) return no('There is nothing to refund.')
    this.refundsMade += 1
    return { kind: 'done', value: this.#give(one, amount) }
  }

  #left(one: Checkout): number {
    const pending = one.refunds.filter(({ status }) => status === 'pending')
    return one.captured - refundedAt(one) - pending.reduce((sum, refund) => sum + refund.amount, 0)
  }

  /** The merchant refunds in the provider's own back office. */
  refundByHand(one: Checkout): void {
    const amount = Math.ceil(this.#left(one) / 2)
    if (one.state === 'captured' && amount > 0) this.#give(one, amount, true)
  }

  #give(one: Checkout, amount: number, byHand = false): Fact[] {
    const { slowMoney, refundsSingly } = this.#temper
    const reference = `${one.reference}-refund-${one.refunds.length + 1}`
    const refund = {
      reference,
      amount,
      status: slowMoney && refundsSingly ? 'pending' : 'succeeded',
      byHand,
    } as Checkout['refunds'][number]
    one.refunds.push(refund)
    this.#clock.tell(`${reference} of ${amount} is ${refund.status}`)
    const facts = refundFacts(one, refundsSingly).slice(refundsSingly ? -1 : 0)
    for (const fact of facts) this.#reporter.report(one, fact, byHand)
    if (refund.status === 'pending') {
      const end = () => {
        refund.status = this.#clock.chance.happens(0.7) ? 'succeeded' : 'failed'
        this.#clock.tell(`${reference} is ${refund.status}`)
        const told = refundFacts(one, true).find(
          (fact) => 'reference' in fact && fact.reference === reference,
        )
        if (told !== undefined) this.#reporter.report(one, told, byHand)
      }
      this.#clock.at(
        this.#clock.now + this.#clock.chance.wait(10, 86_400_000),
        'a bank',
        end,
        this.#clock.world,
      )
    }
    return facts
  }
}
