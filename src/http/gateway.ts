/** What every route of the gateway finds in its Hono context. */
import type { Trace } from '../domain/trace.ts'
import type { Env, Settings } from '../env.ts'

/** Who asks, as proved by a key or token. Test and live callers never see each other's objects. */
export interface Caller {
  kind: 'secret' | 'publishable' | 'operator'
  /** The id of the key or operator: the actor that the journal names. */
  id: string
  merchantId: string
  livemode: boolean
  /** Operators only. */
  role: 'viewer' | 'operator' | 'admin' | null
}

export interface Gateway {
  Bindings: Env
  Variables: {
    requestId: string
    /** The trace that this request belongs to: the caller's, or one that begins here. */
    trace: Trace
    settings: Settings
    /** Milliseconds since the epoch when the request arrived. */
    now: number
    /** The origin under which the world reaches us: PUBLIC_URL, or the request's own. */
    origin: string
    /** Facts for the request's one log line; ids and outcomes only, never bodies or personal data. */
    log: Record<string, string | number | boolean | null>
    /** Who asks; only on routes behind `allow(…)`. */
    caller: Caller
    /** The browser's origin, once its merchant is known to list it. */
    allowedOrigin?: string
  }
}
