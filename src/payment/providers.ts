/** The adapters of this deployment's connections. */
import type { Outcome, Provider, Trial } from '../domain/provider.ts'
import { type Env, settingsOf } from '../env.ts'
import { providerFor } from '../providers/index.ts'
import { findConnection } from '../store/directory.ts'
import { writeLine } from './log.ts'
import type { Providers } from './ports.ts'

/**
 * Time and origin are read here because an alarm has no request to bring them. `origin` is where customers reach the
 * gateway; only opening a checkout needs it.
 */
export function providersOf(
  env: Env,
  now: number = Date.now(),
  origin: string = settingsOf(env).PUBLIC_URL,
): Providers {
  return async (connectionId) => {
    const connection = await findConnection(env, connectionId, now)
    if (connection === null) return null
    return neverThrowing(numbering(env, connection.id, providerFor(env, connection, origin)))
  }
}

/** Counts a checkout where its provider wants that. The number is taken for good, whatever becomes of the call. */
function numbering(env: Env, connectionId: string, provider: Provider): Provider {
  const { numbered } = provider.capabilities
  if (numbered === false) return provider
  const next = () => env.NUMBERS.getByName(connectionId).next(numbered.first)
  return { ...provider, open: async (order) => provider.open({ ...order, number: await next() }) }
}

/** An adapter's bug is an unknown outcome: whoever throws between two steps leaves its lease behind, and no answer. */
function neverThrowing(provider: Provider): Provider {
  const detail = 'The adapter of this provider failed.'
  const or = async <T>(instead: T, call: () => Promise<T>): Promise<T> => {
    try {
      return await call()
    } catch (error) {
      const kind = error instanceof Error ? error.name : 'unknown'
      writeLine({ level: 'error', message: 'adapter_failed', about: provider.name, error: kind })
      return instead
    }
  }
  const caught = <T>(call: () => Promise<Outcome<T>>) => or<Outcome<T>>({ kind: 'unknown', detail }, call)
  return {
    ...provider,
    open: (order) => caught(() => provider.open(order)),
    act: (action, session, key) => caught(() => provider.act(action, session, key)),
    find: (session) => caught(() => provider.find(session)),
    tryCredentials: () => or<Trial>({ kind: 'no_answer', detail }, () => provider.tryCredentials()),
  }
}
