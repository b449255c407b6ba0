/**
 * One payment at one provider's adapter: the production walks (open, command, ask, end, report) over the rig's steps, as
 * a Worker makes them between two calls of the object. Nothing happens by itself; tests ring the alarm.
 */
import type { Commanded } from '../../src/domain/commands.ts'
import type { Provider, RawReport } from '../../src/domain/provider.ts'
import type { Env } from '../../src/env.ts'
import { ask, endAtProvider } from '../../src/payment/ask.ts'
import { beginEnd, ended, learn, subjectOf } from '../../src/payment/asking.ts'
import type { Book } from '../../src/payment/book.ts'
import { type Commander, command } from '../../src/payment/command.ts'
import { beginCommand, conclude, ownCommand } from '../../src/payment/commanding.ts'
import { type Hearing, hear } from '../../src/payment/hearing.ts'
import type { Answer } from '../../src/payment/keys.ts'
import { type Opener, openSession } from '../../src/payment/open.ts'
import { begin, finish } from '../../src/payment/opening.ts'
import { takeHeard } from '../../src/payment/take-report.ts'
import { type Asked, aRig, CONNECTION, MERCHANT, type Rig, TRACE } from './payment-rig.ts'

export class Desk {
  readonly rig: Rig = aRig()
  readonly #provider: Provider
  readonly #object: Opener & Commander

  constructor(provider: Provider) {
    this.#provider = provider
    this.#object = objectOf(this.rig)
  }

  readonly #providers = async (): Promise<Provider> => this.#provider

  /** Throws as the route would. */
  async open(asked: Asked = {}): Promise<Answer> {
    return (await openSession(this.#object, this.#providers, this.rig.asked(asked))).answer
  }

  async command(type: Commanded['type'], amount: number | null = null, key: string = type): Promise<Answer> {
    const asked: Commanded = { type, amount, sessionId: null, reason: null }
    const name = { name: key, fingerprint: JSON.stringify(asked) }
    const about = { command: asked, key: name, actor: 'key_1' }
    const done = await command(this.#object, this.#providers, about)
    if (done === null) throw new Error('There is no payment to command.')
    return done.answer
  }

  /** What the alarm does: asks about the newest session, and sends what is to be sent. */
  async alarm(afterMs = 0): Promise<void> {
    this.rig.now += afterMs
    await ask(this.#object, this.#providers, this.rig.session().id)
  }

  /** Somebody asks to end the newest session. */
  async end(): Promise<void> {
    const begun = await this.#object.beginEnd(this.rig.session().id, 'key_1')
    if (begun?.kind === 'call') await endAtProvider(this.#object, this.#providers, begun.subject, 'key_1')
  }

  /** A request of the provider arrives. */
  async hear(request: RawReport): Promise<string[]> {
    const heard = await this.#provider.read(request, this.rig.now)
    const stub = { hear: async (told: Hearing) => this.rig.step((book) => hear(book, told)) }
    const env = { PAYMENT: { getByName: () => stub } } as unknown as Env
    const through = { id: CONNECTION, merchantId: MERCHANT, livemode: false }
    return (await takeHeard(env, through, heard, request.body, TRACE)).outcomes
  }
}

function objectOf(rig: Rig): Opener & Commander {
  const step = async <T>(run: (book: Book) => T): Promise<T> => rig.step(run)
  return {
    begin: (asked) => step((book) => begin(book, asked)),
    finish: (outcome) => step((book) => finish(book, outcome)),
    subject: (sessionId) => step((book) => subjectOf(book, sessionId)),
    learn: (sessionId, outcome, able, askedAt) =>
      step((book) => learn(book, sessionId, outcome, able, askedAt)),
    ownCommand: (sessionId, able) => step((book) => ownCommand(book, sessionId, able)),
    beginCommand: (asked) => step((book) => beginCommand(book, asked)),
    conclude: (conclusion) => step((book) => conclude(book, conclusion)),
    connections: async () => [CONNECTION],
    beginEnd: (sessionId, actor) => step((book) => beginEnd(book, sessionId, false, actor)),
    ended: (sessionId, outcome, why, actor) => step((book) => ended(book, sessionId, outcome, why, actor)),
  }
}
