/**
 * A fiscal or fulfilment system behind a destination: what it makes when it is asked, and how it tells of it, in its answer
 * to the delivery, by a call of its own, or both. Its calls are lost and repeated like anybody's.
 */

import { GatewayError } from '../../src/domain/errors.ts'
import type { FulfillmentWord } from '../../src/domain/fulfillment.ts'
import type { ReceiptWord } from '../../src/domain/receipts.ts'
import { atPayment } from '../../src/payment/stub.ts'
import type { Tracked } from '../../src/payment/tracking.ts'
import { type City, TRACE } from './city.ts'
import { Misfortune } from './clockwork.ts'
import type { Business } from './temper.ts'

interface Receipt {
  id: string
  status: 'issued' | 'failed'
}

/** An issued receipt whose telling the gateway has answered. */
export interface ToldReceipt {
  paymentId: string
  receiptId: string
}

type Payment = Parameters<Parameters<typeof atPayment>[2]>[0]

export class TrackSystem {
  /** Receipts that were made for each key, by this system's own books. */
  readonly made = new Map<string, Receipt[]>()
  /** What the gateway has answered to a call. */
  readonly told: ToldReceipt[] = []
  readonly #city: City
  readonly #business: Business
  readonly #index: number
  #calls = 0

  constructor(city: City, business: Business, index: number) {
    this.#city = city
    this.#business = business
    this.#index = index
  }

  /** Takes an event that asks for a receipt or for goods; gives the text of the answer. */
  take(body: string): string {
    if (this.#business.kind === 'fiscal') return this.#receipt(body)
    return this.#business.kind === 'fulfillment' ? this.#goods(body) : ''
  }

  #receipt(body: string): string {
    const { chance } = this.#city.clock
    const { data } = JSON.parse(body) as { data: { receipt_key?: string; payment: { id: string } } }
    const key = data.receipt_key
    const paymentId = data.payment.id
    if (key === undefined) {
      this.#city.violation('an event asks for a receipt that has no key', body.slice(0, 200))
      return ''
    }
    const receipt = this.#make(key)
    const word = wordOf(key, paymentId, receipt)
    const { tells } = this.#business
    if (tells !== 'answers') this.#call(paymentId, key, receipt)
    // It thinks better of it, and tells by a call whatever it answered before.
    if (receipt.status === 'failed' && chance.happens(0.7)) {
      const issued: Receipt = { id: `${receipt.id}-after-all`, status: 'issued' }
      const at = this.#city.clock.now + chance.wait(60_000, 3_600_000)
      this.#city.clock.at(
        at,
        'a receipt after all',
        () => this.#issue(paymentId, key, issued),
        this.#city.clock.world,
      )
    }
    if (tells === 'calls') return ''
    const { refundId, receiptId, kind, status } = word
    const said = {
      kind,
      status,
      ...(receiptId && { receipt_id: receiptId }),
      ...(refundId && { refund_id: refundId }),
    }
    return JSON.stringify({ fiscal_receipt: said })
  }

  #issue(paymentId: string, key: string, issued: Receipt): void {
    this.made.set(key, [issued])
    this.#call(paymentId, key, issued)
  }

  /** One that can tell repeats apart gives the same receipt again; another makes one more. */
  #make(key: string): Receipt {
    const made = this.made.get(key) ?? []
    const [known] = made
    if (known !== undefined && !this.#business.holds) return known
    const id = `F${this.#index}-${this.made.size + 1}-${made.length + 1}`
    const fails = this.#city.clock.chance.happens(this.#business.fails)
    const receipt: Receipt = { id, status: fails ? 'failed' : 'issued' }
    this.made.set(key, [...made, receipt])
    return receipt
  }

  #call(paymentId: string, key: string, receipt: Receipt): void {
    const word = wordOf(key, paymentId, receipt)
    const told = {
      word,
      key: { name: `fiscal_receipt ${receipt.id}`, fingerprint: receipt.status },
      actor: 'secret',
    }
    this.#tell(
      paymentId,
      async (stub) => stub.tellReceipt(told, TRACE),
      () => void (receipt.status === 'issued' && this.told.push({ paymentId, receiptId: receipt.id })),
    )
  }

  #goods(body: string): string {
    const { clock } = this.#city
    const { data } = JSON.parse(body) as { data: { payment: { id: string } } }
    const paymentId = data.payment.id
    const step = (status: FulfillmentWord['status'], waitMs: number) =>
      clock.at(clock.now + waitMs, `goods ${status}`, () => this.#move(paymentId, status), clock.world)
    if (this.#business.tells !== 'answers') step('in_progress', clock.chance.wait(10, 60_000))
    if (clock.chance.happens(0.5))
      step(clock.chance.pick(['delivered', 'canceled', 'returned']), clock.chance.wait(60_000, 7_200_000))
    return this.#business.tells === 'calls' ? '' : JSON.stringify({ fulfillment: { status: 'in_progress' } })
  }

  #move(paymentId: string, status: FulfillmentWord['status']): void {
    this.#calls += 1
    const key = { name: `fulfillment ${this.#index}-${this.#calls}`, fingerprint: status }
    this.#tell(paymentId, async (stub) =>
      stub.tellFulfillment({ word: { status, note: null }, key, actor: 'secret' }, TRACE),
    )
  }

  /** Calls until somebody answers. */
  #tell(
    paymentId: string,
    call: (stub: Payment) => Promise<Tracked | null>,
    answered: () => void = () => {},
    tries = 6,
  ): void {
    const { clock, env } = this.#city
    const again = () => {
      if (tries === 0) return
      const at = clock.now + clock.chance.wait(1_000, 120_000)
      clock.at(
        at,
        'a system calls again',
        () => this.#tell(paymentId, call, answered, tries - 1),
        clock.world,
      )
    }
    const run = async () => {
      try {
        if ((await atPayment(env, paymentId, call))?.kind === 'answer') answered()
      } catch (error) {
        if (!(error instanceof Misfortune || error instanceof GatewayError)) throw error
        again()
      }
    }
    clock.worker(`a call of system ${this.#index}`, run, () => {}, again)
  }
}

/** The receipt of this key as the gateway is told of it. */
function wordOf(key: string, paymentId: string, { id, status }: Receipt): ReceiptWord {
  const about = key.slice(paymentId.length + 1)
  const refundId = about === 'sale' ? null : about
  return {
    ...{ kind: refundId === null ? 'sale' : 'refund', refundId, status },
    ...{ receiptId: status === 'issued' ? id : null, url: null, amount: null },
  }
}
