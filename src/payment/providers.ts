/** The adapters of this deployment's connections. */

import { type Env, settingsOf } from '../env.ts'
import { providerFor } from '../providers/index.ts'
import { findConnection } from '../store/directory.ts'
import type { Providers } from './ports.ts'

/** Time is read here because an alarm has no request to bring it. */
export function providersOf(env: Env, now: number = Date.now()): Providers {
  return async (connectionId) => {
    const connection = await findConnection(env, connectionId, now)
    return connection === null ? null : providerFor(env, connection, settingsOf(env).PUBLIC_URL)
  }
}
