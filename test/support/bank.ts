/** A provider in memory, as steps meet one: idempotent by session, with books that survive our crashes. */

import { isHeld } from '../../src/domain/lease.ts'
import type {
  Action,
  CheckoutOrder,
  Fact,
  Found,
  Opened,
  Outcome,
  Provider,
  SessionReference,
} from '../../src/domain/provider.ts'
import { ask } from '../../src/payment/ask.ts'
import { beginEnd, ended, learn, subjectOf } from '../../src/payment/asking.ts'
import { conclude, ownCommand } from '../../src/payment/commanding.ts'
import type { Opener } from '../../src/payment/open.ts'
import { begin, finish } from '../../src/payment/opening.ts'
import type { Providers } from '../../src/payment/ports.ts'
import { questionsOf } from '../../src/payment/side.ts'
import { answered, capabilities, type Rig } from './payment-rig.ts'

export class Bank {
  /** What happened at each checkout, by our session's id, which is the key of its call. */
  checkouts = new Map<string, Fact[]>()
  calls = 0

  providers: Providers = async () =>
    ({
      name: 'bank',
      capabilities,
      objection: () => null,
      open: async ({ sessionId }: CheckoutOrder) => this.#open(sessionId),
      find: async ({ sessionId }: SessionReference) => this.#find(sessionId),
      act: async (_: Action, { sessionId }: SessionReference) => this.#cancel(sessionId),
    }) as unknown as Provider

  pay(sessionId: string): void {
    this.checkouts.get(sessionId)?.push({ type: 'captured', amount: 1_000, currency: 'AMD' })
  }

  get charges(): number {
    return [...this.checkouts.values()].flat().filter(({ type }) => type === 'captured').length
  }

  #open(sessionId: string): Outcome<Opened> {
    this.calls += 1
    if (!this.checkouts.has(sessionId)) this.checkouts.set(sessionId, [])
    return answered(`ref-${[...this.checkouts.keys()].indexOf(sessionId) + 1}`)
  }

  #find(sessionId: string): Outcome<Found> {
    const facts = this.checkouts.get(sessionId)
    const payable = facts?.length === 0
    return { kind: 'done', value: { facts: facts ?? [], references: [], payable } }
  }

  #cancel(sessionId: string): Outcome<Fact[]> {
    const facts = this.checkouts.get(sessionId) ?? []
    if (facts.length === 0) facts.push({ type: 'canceled' })
    return { kind: 'done', value: facts }
  }
}

/** The object's half of opening and asking, as a stub of it would be: each call is one step. */
export function objectOf(rig: Rig): Opener {
  return {
    begin: async (asked) => rig.step((book) => begin(book, asked)),
    finish: async (outcome) => rig.step((book) => finish(book, outcome)),
    beginEnd: async (sessionId, actor) =>
      rig.step((book) => beginEnd(book, sessionId, isHeld(book.side.lease, book.around.now), actor)),
    subject: async (sessionId) => rig.step((book) => subjectOf(book, sessionId)),
    learn: async (sessionId, outcome, able, askedAt) =>
      rig.step((book) => learn(book, sessionId, outcome, able, askedAt)),
    ended: async (sessionId, outcome, why, actor) =>
      rig.step((book) => ended(book, sessionId, outcome, why, actor)),
    ownCommand: async (sessionId, able) => rig.step((book) => ownCommand(book, sessionId, able)),
    conclude: async (conclusion) => rig.step((book) => conclude(book, conclusion)),
  }
}

/** What the object's alarm does about sessions, without the `finally` that no crash runs. */
export async function ring(rig: Rig, bank: Bank): Promise<void> {
  rig.now = Math.max(rig.now, rig.storage.alarm ?? 0)
  rig.step((book) => book.armFor(rig.now + 60_000))
  const due = questionsOf(rig.stored.side).filter(([, { at }]) => at <= rig.now)
  for (const [sessionId] of due) await ask(objectOf(rig), bank.providers, sessionId)
  rig.step((book) => book.rearm())
}
