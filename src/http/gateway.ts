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
  /** Operators only: milliseconds since the epoch when the token ends; null for never. */
  expiresAt: number | null
}

/** Who looks after a merchant's keys, operators and connections: the deployer, or an operator with the role admin. */
export interface Administrator {
  /** As the admin log names it: `deployer`, or the operator's id. */
  actor: string
  /** The one mode that is theirs; null for both. */
  livemode: boolean | null
  /** Milliseconds since the epoch: no operator that they make outlasts them. Null for no end. */
  expiresAt: number | null
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
    /** Only on routes behind `allowAdministrator()`. */
    administrator: Administrator
    /** The browser's origin, once its merchant is known to list it. */
    allowedOrigin?: string
  }
}
