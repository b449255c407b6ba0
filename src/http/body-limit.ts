/** How large a body may be. What is too large is read to its end, and thrown away, before it is refused. */
import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { GatewayError } from '../domain/errors.ts'
import type { Gateway } from './gateway.ts'

/** A caller who is still sending hears nothing: up to this many bytes are taken so that it can read the refusal. */
const DRAINED = 32 * 1024 * 1024

/** Throws `body_too_large` above `maxSize` bytes, whether the request says its length or not. */
export function largestBody(maxSize: number, detail: string): MiddlewareHandler<Gateway> {
  return createMiddleware<Gateway>(async function limitBody(c, next) {
    const { body, headers } = c.req.raw
    if (body === null) return next()
    const length = headers.has('transfer-encoding') ? null : headers.get('content-length')
    if (length !== null && Number(length) <= maxSize) return next()
    const bytes = await bytesOf(body, length === null ? maxSize : 0)
    if (bytes === null) throw new GatewayError({ code: 'body_too_large', detail })
    c.req.raw = new Request(c.req.raw, { body: bytes })
    return next()
  })
}

/** The body, of which no more than `maxSize` bytes are ever held; null when there is more than that. */
async function bytesOf(body: ReadableStream<Uint8Array>, maxSize: number): Promise<Uint8Array | null> {
  const held = new Uint8Array(maxSize)
  let size = 0
  try {
    for await (const chunk of body) {
      if (size + chunk.byteLength <= maxSize) held.set(chunk, size)
      size += chunk.byteLength
      if (size > DRAINED) break
    }
  } catch {
    // The caller hung up, and hears nothing because it wants to.
    return null
  }
  return size > maxSize ? null : held.subarray(0, size)
}
