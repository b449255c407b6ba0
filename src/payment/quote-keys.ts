/**
 * Which order a merchant's quote named first under an idempotency key: one object for each key. The order's number comes
 * from the merchant's answer, so without this a second answer to the same key could open a second order.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env.ts'

/** Longer than any session lives and any storefront repeats; afterwards nothing is left of the object. */
const KEPT_MS = 30 * 86_400_000

export class QuoteKeys extends DurableObject<Env> {
  /** The order that was named first: this one, unless there was another before. */
  async firstOrder(orderId: string): Promise<string> {
    const first = this.ctx.storage.kv.get<string>('order')
    if (first !== undefined) return first
    this.ctx.storage.kv.put('order', orderId)
    await this.ctx.storage.setAlarm(Date.now() + KEPT_MS)
    return orderId
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll()
  }
}
