/** How large a body may be. What is too large is read to its end, and thrown away, before it is refused. */
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { GatewayError } from '../domain/errors.ts'
import type { Gateway } from './gateway.ts'

/** A caller who is still sending hears nothing: up to this many bytes are taken so that it can read the refusal. */
const DRAINED = 32 * 1024 * 1024

/** Throws `body_too_large` above `maxSize` bytes. */
export function largestBody(maxSize: number, detail: string): MiddlewareHandler<Gateway> {
  return bodyLimit({
    maxSize,
    onError: async (c) => {
      await drain(c)
      throw new GatewayError({ code: 'body_too_large', detail })
    },
  }) as MiddlewareHandler<Gateway>
}

async function drain(c: Context): Promise<void> {
  const { body } = c.req.raw
  if (body === null || body.locked) return
  let taken = 0
  try {
    for await (const chunk of body) {
      taken += chunk.byteLength
      if (taken > DRAINED) break
    }
  } catch {
    // The caller hung up, and hears nothing because it wants to.
  }
}
