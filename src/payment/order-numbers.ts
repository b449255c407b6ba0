/** Order numbers of digits for a connection whose provider wants them: one object per connection, never a number twice. */
import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env.ts'

export class OrderNumbers extends DurableObject<Env> {
  /** The next number, not below `first`. A number that is taken and not used is lost, which costs nothing. */
  async next(first: number): Promise<number> {
    const last = this.ctx.storage.kv.get<number>('last') ?? 0
    const next = Math.max(last + 1, first)
    this.ctx.storage.kv.put('last', next)
    return next
  }
}
