/** Carries out what people do, each deed as a Worker's invocation that walks the way of the HTTP routes. */
import { paymentIdOf, sha256Hex } from '../../src/crypto/hash.ts'
import type { OpenRequest } from '../../src/domain/attempts.ts'
import { GatewayError } from '../../src/domain/errors.ts'
import { ask, endAtProvider } from '../../src/payment/ask.ts'
import { command } from '../../src/payment/command.ts'
import type { Answer } from '../../src/payment/keys.ts'
import { openSession } from '../../src/payment/open.ts'
import type { Begin } from '../../src/payment/opening.ts'
import { load } from '../../src/payment/storage.ts'
import { atPayment, openerAt } from '../../src/payment/stub.ts'
import type { Checkout } from './checkout.ts'
import { type City, MERCHANT, ORIGIN, TRACE } from './city.ts'
import { Misfortune } from './clockwork.ts'
import type { Deployer } from './deployer.ts'
import type { Operators } from './operators.ts'
import type { Deed } from './plan.ts'

const scope = { merchantId: MERCHANT, livemode: false }
const AMOUNT = 1_000

/** One order as its customer and its merchant know it. */
class Order {
  readonly orderId: string
  readonly paymentId: string
  /** Sessions that answers named, newest last, with their client secrets. */
  readonly sessions = new Map<string, string>()
  /** Checkouts whose address somebody got. */
  readonly reached: Checkout[] = []
  amount = AMOUNT
  constructor(index: number) {
    this.orderId = `order-${index}`
    this.paymentId = paymentIdOf(MERCHANT, false, this.orderId)
  }
}

export class People {
  readonly #city: City
  readonly #orders: Order[]
  /** What each key was answered with; the same key must never hear two different things. */
  readonly #answers = new Map<string, string>()
  readonly #keys = new Set<string>()
  readonly #operators: Operators
  readonly #deployer: Deployer

  constructor(
    city: City,
    { operators, deployer }: { operators: Operators; deployer: Deployer },
    orders: number,
  ) {
    this.#city = city
    this.#operators = operators
    this.#deployer = deployer
    this.#orders = Array.from({ length: orders }, (_, index) => new Order(index))
  }

  act(index: number, deed: Deed): void {
    const order = this.#orders[index]!
    switch (deed.kind) {
      case 'open':
        for (let time = 0; time < deed.times; time++)
          this.#open(order, deed, deed.sameKey ? deed.key : deed.key + 10 * time)
        return
      case 'visit':
        this.#visit(order)
        break
      case 'pay':
        this.#pay(order, deed)
        break
      case 'leave':
        this.#at(order, (one) => one.state === 'open', deed.how)
        break
      case 'office':
        this.#at(order, (one) => one.state === 'authorized' || one.state === 'captured', deed.what)
        break
      case 'return':
        this.#work(order, 'return page', (id) => this.#comeBack(order, id))
        break
      case 'cancel':
        this.#work(order, 'cancel', (id) => this.#cancel(order, id, deed.key))
        break
      case 'register':
        this.#register(order, deed.raised)
        break
      case 'sync':
        this.#sync(order)
        break
      case 'command':
        for (let time = 0; time < deed.times; time++) this.#command(order, deed)
        return
      case 'resolve':
        this.#resolve(order)
        break
      case 'correct':
        this.#operators.correct(order.paymentId, deed)
        break
      case 'destination':
      case 'retry':
        this.#operators.act(deed)
        break
      case 'loss':
      case 'rebuild':
        this.#deployer.act(deed, order.paymentId)
        break
    }
  }

  /** An invocation about the newest session that is known; nothing when there is none. */
  #work(order: Order, name: string, run: (sessionId: string) => Promise<void>): void {
    const sessionId = [...order.sessions.keys()].at(-1)
    if (sessionId !== undefined) this.#worker(name, () => run(sessionId))
  }

  #worker(name: string, run: () => Promise<unknown>): void {
    this.#city.clock.worker(name, async () => {
      await run().catch((error) => this.#refused(name, error, () => {}))
    })
  }

  /** A caller that gets no answer, or none yet, asks again with the same key. */
  #open(order: Order, deed: Extract<Deed, { kind: 'open' }>, key: number, tries = 3): void {
    const { clock, env, providers } = this.#city
    const again = () => {
      if (tries === 0) return
      const wait = clock.chance.wait(1_000, 40_000)
      clock.at(
        clock.now + wait,
        'asks again',
        () => this.#open(order, { ...deed, raised: false }, key, tries - 1),
        clock.world,
      )
    }
    const work = async () => {
      const asked = this.#begin(order, deed, key)
      const { answer, replayed } = await openSession(openerAt(env, order.paymentId, TRACE), providers, asked)
      this.#heard(order, asked.key.name, answer, replayed)
    }
    clock.worker(
      'opening',
      () => work().catch((error) => this.#refused('opening', error, again)),
      () => {},
      again,
    )
  }

  #begin(order: Order, deed: Extract<Deed, { kind: 'open' }>, key: number): Begin {
    const { clock, temper } = this.#city
    const provider = this.#city.simulated[deed.connection] ?? this.#city.simulated[0]!
    if (deed.raised) order.amount += 100
    const money = { amount: order.amount, currency: 'AMD' }
    const request: OpenRequest = {
      ...scope,
      paymentId: order.paymentId,
      orderId: order.orderId,
      terms: { money, tokenIssuedAt: deed.by === 'publishable' ? clock.now : null, proven: true },
      by: deed.by,
      connectionId: provider.connectionId,
      connectionNamed: true,
      provider: 'simulated',
      captureMethod: temper.captureMethod,
      newAttempt: deed.newAttempt,
      expiresAt: clock.now + Math.min(1_800, provider.temper.maxSeconds) * 1_000,
      metadata: {},
    }
    const fingerprint = sha256Hex(JSON.stringify([money, request.connectionId, deed.newAttempt]))
    return {
      request,
      key: { name: `open ${deed.by} key-${key}`, fingerprint },
      actor: deed.by,
      clientSecret: null,
      own: {
        returnUrl: 'https://shop.example/back',
        cancelUrl: null,
        description: null,
        locale: null,
        customer: null,
      },
      origin: ORIGIN,
    }
  }

  #heard(order: Order, key: string, answer: Answer, replayed: boolean): void {
    if (replayed) this.#same(`${order.orderId} ${key}`, answer)
    if (answer.kind !== 'body') return
    const { id, client_secret: secret } = JSON.parse(answer.json) as { id: string; client_secret: string }
    order.sessions.delete(id)
    order.sessions.set(id, secret)
    this.#goOn(order)
  }

  /** A kept answer never changes. */
  #same(name: string, answer: Answer): void {
    const text = JSON.stringify(answer)
    const known = this.#answers.get(name)
    if (known !== undefined && known !== text)
      this.#city.violation('a key is answered in two ways', `${name}: ${known} and ${text}`)
    this.#answers.set(name, text)
  }

  /** Most customers who get a session go straight to the checkout, and many of them pay. */
  #goOn(order: Order): void {
    const { clock } = this.#city
    const { chance } = clock
    if (!chance.happens(0.6)) return
    const visits = clock.now + chance.wait(10, 5_000)
    clock.at(visits, 'goes on', () => this.#visit(order), clock.world)
    if (!chance.happens(0.6)) return
    // Some dally until the very end of the checkout's time.
    const dallies = chance.happens(0.3) ? chance.whole(1_780_000, 1_810_000) : chance.wait(1_000, 120_000)
    const deed = { old: false, twice: chance.happens(0.1), bankMs: chance.wait(10, 240_000) }
    clock.at(visits + dallies, 'pays', () => this.#pay(order, { kind: 'pay', ...deed }), clock.world)
  }

  #visit(order: Order): void {
    this.#work(order, 'pay link', async (sessionId) => {
      const way = await atPayment(this.#city.env, order.paymentId, async (stub) => stub.way(sessionId))
      if (way === null || way.inDoubt || way.state !== 'open' || way.checkout === null) return
      const { checkout } = way
      const reference =
        checkout.kind === 'form'
          ? checkout.fields.bill
          : checkout.url.slice(checkout.url.lastIndexOf('/') + 1)
      const found = this.#city.checkouts.find((one) => one.reference === reference)
      if (found === undefined) throw new Error(`The address of ${reference} leads nowhere.`)
      // A form is posted by the browser by itself, and exists there from now on.
      found.exists = true
      this.#city.reach(found)
      if (!order.reached.includes(found)) order.reached.push(found)
    })
  }

  #pay(order: Order, { old, twice, bankMs }: Extract<Deed, { kind: 'pay' }>): void {
    const one = old ? order.reached[0] : order.reached.at(-1)
    if (one === undefined) return
    const provider = this.#city.providerOf(one)
    provider.pay(one, bankMs)
    if (twice) provider.pay(one, bankMs)
  }

  #at(
    order: Order,
    fits: (one: Checkout) => boolean,
    what: 'cancel' | 'fail' | 'capture' | 'lapse' | 'refund',
  ): void {
    const one = order.reached.findLast(fits)
    if (one !== undefined) this.#city.providerOf(one).happen(one, what)
  }

  async #comeBack(order: Order, sessionId: string): Promise<void> {
    const { env, providers } = this.#city
    const subject = await atPayment(env, order.paymentId, async (stub) => stub.subjectToAsk(sessionId))
    if (subject !== null) await ask(openerAt(env, order.paymentId, TRACE), providers, sessionId)
  }

  async #cancel(order: Order, sessionId: string, key: number): Promise<void> {
    const { env, providers } = this.#city
    const named = { name: `cancel ${sessionId} ${key}`, fingerprint: sessionId }
    const known = await atPayment(env, order.paymentId, async (stub) => stub.keyed(named))
    if (known.kind === 'answered') return
    const object = openerAt(env, order.paymentId, TRACE)
    const begun = await object.beginEnd(sessionId, 'secret')
    if (begun?.kind === 'refused' && begun.status !== 'canceled') return
    if (begun?.kind === 'call') {
      await endAtProvider(object, providers, begun.subject, 'secret')
      await ask(object, providers, sessionId)
    }
    const command = { command: 'cancel', sessionId, key: named, actor: 'secret', origin: ORIGIN } as const
    await atPayment(env, order.paymentId, async (stub) => stub.answered(command))
  }

  #register(order: Order, raised: boolean): void {
    this.#worker('registration', async () => {
      if (raised) order.amount += 250
      const terms = {
        amount: order.amount,
        currency: 'AMD',
        access: 'token',
        expiresAt: null,
        description: null,
      } as const
      const { paymentId, orderId } = order
      const register = {
        ...scope,
        paymentId,
        orderId,
        terms: { ...terms, metadata: {} },
        customer: null,
        actor: 'secret',
      }
      await atPayment(this.#city.env, paymentId, async (stub) => stub.register(register))
    })
  }

  /** A money command of the merchant's back end. It is repeated under the same key when no answer comes. */
  #command(order: Order, deed: Extract<Deed, { kind: 'command' }>, tries = 2): void {
    const { clock, env, providers } = this.#city
    const { type, part } = deed
    const amount = type === 'cancel' ? null : part
    const name = `${type} key-${deed.key}`
    this.#keys.add(`${order.orderId} ${name}`)
    const again = () => {
      if (tries === 0) return
      const at = clock.now + clock.chance.wait(1_000, 600_000)
      clock.at(at, 'commands again', () => this.#command(order, deed, tries - 1), clock.world)
    }
    const work = async () => {
      const key = { name, fingerprint: JSON.stringify([amount, null, null]) }
      const asked = { command: { type, amount, sessionId: null, reason: null }, key, actor: 'secret' }
      const done = await command(openerAt(env, order.paymentId, TRACE), providers, asked)
      if (done?.replayed) this.#same(`${order.orderId} ${name}`, done.answer)
    }
    clock.worker(
      type,
      () => work().catch((error) => this.#refused(type, error, again)),
      () => {},
      again,
    )
  }

  /** How many refunds the merchant asked for at most: one for each key. */
  get refundKeys(): number {
    return [...this.#keys].filter((key) => key.includes(' refund ')).length
  }

  #refused(name: string, error: unknown, again: () => void): void {
    if (error instanceof Misfortune) {
      again()
      return
    }
    if (!(error instanceof GatewayError)) throw error
    this.#city.clock.tell(`${name}: ${error.refusal.code}`)
    if (error.refusal.retryAfterSeconds !== undefined) again()
  }

  #sync(order: Order): void {
    this.#worker('sync', async () => {
      const { env, providers } = this.#city
      const ids = await atPayment(env, order.paymentId, async (stub) => stub.sessionsToAsk(scope))
      for (const id of ids ?? []) await ask(openerAt(env, order.paymentId, TRACE), providers, id)
    })
  }

  /** The operator closes the oldest open exception, once the provider's books are known to agree with it. */
  #resolve(order: Order): void {
    const kept = this.#city.payments.kept.get(order.paymentId)
    const open = kept === undefined ? undefined : load(kept.storage)?.payment.exceptions[0]
    if (open === undefined) return
    this.#worker('operator', () =>
      atPayment(this.#city.env, order.paymentId, async (stub) =>
        stub.resolveException({ id: open.id, resolution: 'other', note: 'Looked at.', actor: 'operator' }),
      ),
    )
  }
}
