/** The adapters of this deployment's connections. */
import type { Provider } from '../domain/provider.ts'
import { type Env, settingsOf } from '../env.ts'
import { providerFor } from '../providers/index.ts'
import { findConnection } from '../store/directory.ts'
import type { Providers } from './ports.ts'

/** Time is read here because an alarm has no request to bring it. */
export function providersOf(env: Env, now: number = Date.now()): Providers {
  return async (connectionId) => {
    const connection = await findConnection(env, connectionId, now)
    if (connection === null) return null
    const provider = providerFor(env, connection, settingsOf(env).PUBLIC_URL)
    return provider.capabilities.numbered ? numbered(env, provider, connection) : provider
  }
}

/** The provider, whose orders get the connection's next number: a bank assigns a range, and refuses what came before. */
function numbered(
  env: Env,
  provider: Provider,
  { id, settings }: { id: string; settings: Record<string, unknown> },
): Provider {
  const first = Number(settings.first_order_number ?? 1)
  return {
    ...provider,
    open: async (order) => provider.open({ ...order, number: await env.NUMBERS.getByName(id).next(first) }),
  }
}
