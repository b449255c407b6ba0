/**
 * The idempotency key of each order intent, kept in the tab's storage: the same intent finds its key again after a double
 * click, a reload or a lost answer, and another cart gets another one. Beside it stands the session that came of it.
 */
import type { Kept, Surroundings } from './surroundings.ts'

/** What the customer means to pay, and how. One of `orderToken`, `orderId` and `quote` says which order it is. */
export interface Intent {
  /** The order's token; a function is asked again when a token has expired. */
  orderToken?: string | (() => string | Promise<string>)
  orderId?: string
  /** The cart, for a merchant with a quote address. */
  quote?: Record<string, unknown>
  /** The customer's own proof towards the merchant's quote address. */
  customerToken?: string
  /** Where the provider sends the customer back to. */
  returnUrl: string
  cancelUrl?: string
  /** The connection to pay through; without it the merchant's default. */
  connectionId?: string
  /** The customer's language, for providers that speak several. */
  locale?: string
  /** Ends a checkout of the same order that is open with another amount or connection, instead of stopping there. */
  replace?: boolean
}

/** An intent under its key. */
export interface Keyed {
  key: string
  /** The open session had to be ended first, so every repeat says so too. */
  newAttempt?: boolean
  /** The session that was opened under the key. */
  sessionId?: string
  checkoutUrl?: string
}

const PREFIX = 'tollgate:'
const sessionName = (id: string) => `${PREFIX}session:${id}`

/** Keys and secrets of one tab. */
export function intentsOf({ storage, unique }: Pick<Surroundings, 'storage' | 'unique'>) {
  const save = (name: string, keyed: Keyed): Keyed => {
    storage.setItem(name, JSON.stringify(keyed))
    return keyed
  }
  return {
    /** The key of this intent, made now if there is none. */
    find: (name: string): Keyed => read<Keyed>(storage, name) ?? save(name, { key: unique() }),
    /** A new key for the same intent: the old one's session has ended, or the key belongs to another request. */
    renew: (name: string): Keyed => save(name, { key: unique() }),
    save,
    /** Keeps what only this tab may know of a session, and which intent it came of. */
    keepSecret: (id: string, secret: string, name: string) =>
      storage.setItem(sessionName(id), JSON.stringify({ secret, name })),
    /** The client secret of a session that this tab has opened; null for any other. */
    secretOf: (id: string): string | null =>
      read<{ secret: string }>(storage, sessionName(id))?.secret ?? null,
    /** The session has ended: paying the same once more is a new intent. */
    forget(id: string) {
      const name = read<{ name: string }>(storage, sessionName(id))?.name
      if (name !== undefined && read<Keyed>(storage, name)?.sessionId === id) storage.removeItem(name)
    },
  }
}

export type Intents = ReturnType<typeof intentsOf>

/**
 * The intent's name in the storage: everything that makes another request of it. Of an order token only what it says, so
 * that a fresh token of the same order is the same intent.
 */
export function nameOf(intent: Intent, token: string | undefined): string {
  const { orderId, quote, returnUrl, cancelUrl, connectionId, locale } = intent
  const order = token === undefined ? [orderId, sorted(quote)] : claimsOf(token)
  return `${PREFIX}${JSON.stringify([order, returnUrl, cancelUrl, connectionId, locale])}`
}

/** Unverified, and only compared with each other. A token that cannot be read is its own name. */
function claimsOf(token: string): unknown {
  try {
    const bytes = atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))
    const { order_id, amount, currency, description, customer_id } = JSON.parse(bytes)
    return [order_id, amount, currency, description, customer_id]
  } catch {
    return token
  }
}

/** The same cart, whatever the order of its fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return fields.map(([name, field]) => [name, sorted(field)])
}

function read<T>(storage: Kept, name: string): T | null {
  try {
    return JSON.parse(storage.getItem(name) ?? 'null')
  } catch {
    return null
  }
}
