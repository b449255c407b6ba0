/** The headers of the answer that goes out, for those who surround a request. */
import type { Context } from 'hono'
import type { Gateway } from './gateway.ts'

const NEVER_SENT = 'x-powered-by'

/**
 * The answer's headers, to be changed. `c.header` would copy the whole answer for each of them; only one
 * whose headers are fixed, because it came from an object or from the assets, is copied, and once.
 */
export function openHeaders(c: Context<Gateway>): Headers {
  try {
    c.res.headers.delete(NEVER_SENT)
  } catch {
    c.header(NEVER_SENT, undefined)
  }
  return c.res.headers
}
