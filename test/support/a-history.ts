/**
 * Histories of one payment as chance makes them: openings, reports, checks, clocks, questions and people, in any order.
 * Decisions are the product's own; what is between them (who calls whom, and when) is the generator's.
 */
import fc from 'fast-check'
import { decideOpen } from '../../src/domain/attempts.ts'
import { endingOf } from '../../src/domain/clock.ts'
import type { Entry, PlacedEntry } from '../../src/domain/entry.ts'
import { resolve } from '../../src/domain/exceptions.ts'
import { record, type Source } from '../../src/domain/facts.ts'
import type { Payment, Session } from '../../src/domain/payment.ts'
import type { Capabilities, Fact } from '../../src/domain/provider.ts'
import { answer } from '../../src/domain/question.ts'
import { step } from '../../src/payment/journal.ts'
import { aRequest, capabilitiesOf, MINUTE, NOW, sessionId, telling } from './a-payment.ts'

/** Whether a provider tells the session's own amount, half of it, another one, or none. */
type Said = 'right' | 'half' | 'wrong' | 'missing'

interface Open {
  kind: 'open'
  browser: boolean
  amount: number
  newAttempt: boolean
  /** Whether the provider's answer arrives. */
  answered: boolean
}

interface Hear {
  kind: 'hear'
  nth: number
  type: Fact['type']
  said: Said
  source: Source
  occurredAt: number
}

interface Pass {
  kind: 'pass'
  minutes: number
  asksFirst: boolean
  ends: Capabilities['ends']
}

export type Happening = Open | Hear | Pass | { kind: 'ask'; nth: number } | { kind: 'decide'; at: number }

const nth = fc.nat({ max: 3 })
const one = <const T>(...values: T[]) => fc.constantFrom(...values)
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })

const open: fc.Arbitrary<Open> = fc.record({
  ...{ kind: one('open'), browser: fc.boolean(), amount: one(1_000, 700) },
  ...{ newAttempt: fc.boolean(), answered: fc.boolean() },
})
const types = fc.oneof<fc.Arbitrary<Fact['type']>[]>(
  ...[one('authorized', 'captured'), one('captured'), one('failed', 'canceled', 'expired')],
  one('refunded', 'disputed', 'dispute_closed'),
)
const hear: fc.Arbitrary<Hear> = fc.record({
  ...{ kind: one('hear'), nth, type: types, occurredAt: fc.nat({ max: 3 }) },
  said: fc.oneof(often(6, one('right')), often(2, one('half')), often(1, one('wrong', 'missing'))),
  source: one('report', 'check', 'command'),
})
const pass: fc.Arbitrary<Pass> = fc.record({
  ...{ kind: one('pass'), minutes: one(0, 1, 20, 60, 3_000), asksFirst: fc.boolean() },
  ends: one('at_once', 'at_limit', 'never'),
})

export const aHistory: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof<fc.WeightedArbitrary<Happening>[]>(
    ...[often(4, open), often(6, hear), often(1, pass)],
    ...[
      often(1, fc.record({ kind: one('ask'), nth })),
      often(1, fc.record({ kind: one('decide'), at: nth })),
    ],
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
)

/** One journal entry's step, as an invariant sees it. */
export interface Step {
  before: Payment | null
  after: Payment
  entry: Entry
  type: string | null
}

export class History {
  payment: Payment | null = null
  now = NOW
  readonly journal: PlacedEntry[] = []
  readonly #watch: (step: Step) => void

  constructor(watch: (step: Step) => void) {
    this.#watch = watch
  }

  write(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const before = this.payment
      // What cannot be written as JSON would be lost by the journal.
      const kept = JSON.parse(JSON.stringify(entry)) as Entry
      const placed = { seq: (before?.version ?? 0) + 1, at: this.now, actor: 'test', entry: kept }
      const { payment, type } = step(before, placed)
      this.journal.push(placed)
      this.payment = payment
      this.#watch({ before, after: payment, entry, type })
    }
  }

  happen(happening: Happening): void {
    const { payment } = this
    switch (happening.kind) {
      case 'open':
        this.#open(happening)
        break
      case 'hear':
        this.#hear(happening)
        break
      case 'pass':
        this.#pass(happening)
        break
      case 'ask': {
        const session = payment?.sessions[happening.nth]
        if (payment != null && session !== undefined)
          this.write(answer(payment, session, session, this.now).entries)
        break
      }
      case 'decide': {
        const open = payment?.exceptions[happening.at]
        if (payment != null && open !== undefined)
          this.write(resolve(payment, { id: open.id }, 'decided', 'seen'))
      }
    }
  }

  #open({ browser, amount, newAttempt, answered }: Open): void {
    const fresh = sessionId((this.payment?.sessions.length ?? 0) + 1)
    const request = aRequest({
      ...{ money: { amount, currency: 'USD' }, by: browser ? 'publishable' : 'secret', newAttempt },
      expiresAt: this.now + 30 * MINUTE,
    })
    const decision = decideOpen(this.payment, request, fresh, 3, this.now)
    if (decision.kind === 'attempt' || decision.kind === 'continue') {
      this.write(decision.entries)
      const id = decision.kind === 'attempt' ? fresh : decision.session.id
      if (answered) this.write([this.#opened(id)])
    }
    if (decision.kind === 'end_first')
      this.#tell(decision.session, { type: 'canceled' }, answered ? 'command' : 'check')
    if (decision.kind === 'check_first') this.#pass({ minutes: 0, ends: 'at_once', asksFirst: false })
  }

  #opened(id: string): Entry {
    const references = [`ref-${id}`]
    return {
      type: 'session.opened',
      data: { sessionId: id, references, expiresAt: this.now + 30 * MINUTE, endsAt: null },
    }
  }

  #hear({ nth, type, said, source, occurredAt }: Hear): void {
    const session = this.payment?.sessions[nth]
    if (session === undefined) return
    const amounts = { right: session.amount, half: session.amount / 2, wrong: 5_000, missing: null }
    const money = { type, amount: amounts[said], currency: 'USD' }
    const outcome = occurredAt % 2 === 0 ? 'won' : 'lost'
    const movesMoney = type === 'authorized' || type === 'captured' || type === 'refunded'
    this.#tell(session, (movesMoney ? money : { type, outcome }) as Fact, source, occurredAt)
  }

  #tell(session: Session, fact: Fact, source: Source, occurredAt = 0): void {
    const { payment } = this
    if (payment === null) return
    const report = { id: 'rep', connectionId: session.connectionId, reference: 'ref', occurredAt }
    const words = {
      source,
      report: source === 'report' ? report : null,
      nth: payment.sessions.indexOf(session) + 1,
    }
    this.write(record(payment, telling(payment, fact, words)).entries)
  }

  #pass({ minutes, ends, asksFirst }: Omit<Pass, 'kind'>): void {
    this.now += minutes * MINUTE
    for (const session of this.payment?.sessions ?? []) {
      const ending = endingOf(session, capabilitiesOf({ ends, asksFirst }), this.now)
      if (ending === 'expire') this.#tell(session, { type: 'expired' }, 'clock')
      if (ending === 'end' || ending === 'ask_again')
        this.write([{ type: 'session.ending', data: { sessionId: session.id, why: 'clock' } }])
    }
  }
}
