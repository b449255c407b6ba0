/** Asking until it is so. Vitest's own `vi.waitFor` is not there in a global setup, and both need the same thing. */
import { setTimeout as pause } from 'node:timers/promises'

const betweenMs = 100

/** Asks again until the answer is no error, and gives it; after `timeoutMs` it throws the last error. */
export async function eventually<T>(ask: () => T | Promise<T>, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await pause(betweenMs)
    }
  }
}
