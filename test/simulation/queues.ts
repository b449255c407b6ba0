/** Cloudflare's queues: at least once, in any order, in batches of any size, with retries and dead letters. */
import { type Clockwork, Misfortune } from './clockwork.ts'

/** What one queue does; the numbers are those of `wrangler.toml`. */
export interface QueueOptions {
  name: string
  batch: number
  retries: number
  retryDelayMs: number
  dead: SimulatedQueue | null
  consume(batch: { queue: string; messages: Settled[] }): Promise<void>
}

/** How queues misbehave: probabilities. */
export interface QueueTrouble {
  refused: number
  /** Taken, and never seen again. */
  lost: number
  /** Delivered once more although it was acknowledged. */
  doubled: number
}

interface Waiting {
  id: number
  body: unknown
  attempts: number
}

/** A message as its consumer sees it. */
export interface Settled {
  readonly id: string
  readonly body: unknown
  readonly attempts: number
  ack(): void
  retry(options?: { delaySeconds?: number }): void
}

/** After this a batch whose Worker died is delivered again. */
const REDELIVERY_MS = 30_000

export class SimulatedQueue {
  readonly options: QueueOptions
  readonly #clock: Clockwork
  readonly #trouble: QueueTrouble
  readonly #ready: Waiting[] = []
  #made = 0
  /** Messages that were not acknowledged yet. */
  open = 0

  constructor(clock: Clockwork, trouble: QueueTrouble, options: QueueOptions) {
    this.#clock = clock
    this.#trouble = trouble
    this.options = options
  }

  async send(body: unknown, options: { delaySeconds?: number } = {}): Promise<void> {
    await this.sendBatch([{ body, ...options }])
  }

  async sendBatch(messages: Iterable<{ body: unknown; delaySeconds?: number }>): Promise<void> {
    const { chance } = this.#clock
    const sent = structuredClone([...messages])
    await this.#clock.pause(`send ${this.options.name} →`)
    if (chance.happens(this.#trouble.refused)) throw new Misfortune('The queue did not take it.')
    for (const { body, delaySeconds = 0 } of sent)
      if (!chance.happens(this.#trouble.lost)) this.put(body, delaySeconds * 1_000)
    await this.#clock.pause(`send ${this.options.name} ←`)
    if (chance.happens(this.#trouble.refused)) throw new Misfortune('The queue took it and did not say so.')
  }

  /** In the queue, whatever the wire does. */
  put(body: unknown, delayMs: number, attempts = 0): void {
    this.#made += 1
    this.open += 1
    this.#later({ id: this.#made, body, attempts }, delayMs)
  }

  #later(message: Waiting, delayMs: number): void {
    const { chance, now } = this.#clock
    const at = now + delayMs + chance.wait(...this.#clock.latency)
    this.#clock.at(at, `queue ${this.options.name}`, () => this.#ring(message), this.#clock.world)
  }

  /** A message is ready; sometimes the batch waits for more. */
  #ring(message: Waiting): void {
    this.#ready.push(message)
    const wait = this.#clock.chance.happens(0.5) ? 1 : this.#clock.chance.wait(1, 1_000)
    this.#clock.at(
      this.#clock.now + wait,
      `batch ${this.options.name}`,
      () => this.#deliver(),
      this.#clock.world,
    )
  }

  #deliver(): void {
    const { chance } = this.#clock
    const { name, batch, consume } = this.options
    if (this.#ready.length === 0) return
    const count = chance.whole(1, Math.min(batch, this.#ready.length))
    const taken = Array.from(
      { length: count },
      () => this.#ready.splice(chance.whole(0, this.#ready.length - 1), 1)[0]!,
    )
    if (this.#ready.length > 0)
      this.#clock.at(this.#clock.now + 1, `batch ${name}`, () => this.#deliver(), this.#clock.world)
    const verdicts = new Map<number, number | 'ack'>()
    const messages = taken.map((message) => this.#settled(message, verdicts))
    const ended = (died: boolean) => {
      for (const message of taken)
        this.#settle(message, died ? REDELIVERY_MS : (verdicts.get(message.id) ?? 'ack'))
    }
    this.#clock.worker(
      `${name} consumer`,
      () => consume({ queue: name, messages }),
      () => ended(false),
      () => ended(true),
    )
  }

  #settled(message: Waiting, verdicts: Map<number, number | 'ack'>): Settled {
    message.attempts += 1
    return {
      id: String(message.id),
      body: structuredClone(message.body),
      attempts: message.attempts,
      ack: () => verdicts.set(message.id, 'ack'),
      retry: ({ delaySeconds } = {}) =>
        verdicts.set(
          message.id,
          delaySeconds === undefined ? this.options.retryDelayMs : delaySeconds * 1_000,
        ),
    }
  }

  #settle(message: Waiting, verdict: number | 'ack'): void {
    const { chance } = this.#clock
    const { retries, dead, name } = this.options
    if (verdict === 'ack') {
      if (chance.happens(this.#trouble.doubled)) this.#later(message, chance.wait(10, 600_000))
      else this.open -= 1
      return
    }
    if (message.attempts <= retries) {
      this.#later(message, verdict)
      return
    }
    this.#clock.tell(`${name} gives up a message`)
    this.open -= 1
    dead?.put(message.body, 0)
  }
}
