/** Stands in for `cloudflare:workers` in plain Node. */

/** What a class of objects is made of. */
export class DurableObject {
  protected ctx: unknown
  protected env: unknown
  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx
    this.env = env
  }
}
