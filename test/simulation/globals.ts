/**
 * The clock, chance, timers and signing of the thread, replaced by virtual ones while a history runs: production code
 * reads them at its edges (an alarm has no request to bring the time), and nothing real may leak into a history.
 */
import { createHmac } from 'node:crypto'
import type { Clockwork } from './clockwork.ts'

/** What `send` makes a request of; the real one costs more than all the rest of a try. */
export class LightRequest {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: string
  constructor(url: string, init: { method: string; headers: Record<string, string>; body: string }) {
    this.url = url
    this.method = init.method
    this.headers = init.headers
    this.body = init.body
  }
}

type Replaced = Record<string, unknown>

/** Replaces them; the function that comes back puts the real ones in again. */
export function becomeVirtual(clock: Clockwork): () => void {
  const scope = globalThis as unknown as Replaced
  const { setTimeout: timeout, clearTimeout: clear, Request: request } = scope
  const { now } = Date
  const { random } = Math
  const { log } = console
  const subtle = crypto.subtle as unknown as Replaced
  const chosen = crypto as unknown as Replaced

  Date.now = () => clock.now
  Math.random = () => clock.chance.next()
  console.log = () => {}
  scope.setTimeout = (run: () => void, wait = 0) => {
    const timer = { live: true }
    clock.at(clock.now + wait, 'a timer', () => timer.live && run())
    return timer
  }
  scope.clearTimeout = (timer: { live: boolean } | undefined) => {
    if (timer !== undefined) timer.live = false
  }
  scope.Request = LightRequest
  chosen.getRandomValues = (bytes: Uint8Array) => clock.chance.fill(bytes)
  // The real ones answer from another thread, at a time that no seed decides.
  subtle.importKey = async (_format: string, key: Uint8Array) => key
  subtle.sign = async (_name: string, key: Uint8Array, content: Uint8Array) =>
    new Uint8Array(createHmac('sha256', key).update(content).digest()).buffer

  return () => {
    Object.assign(Date, { now })
    Object.assign(Math, { random })
    console.log = log
    Object.assign(scope, { setTimeout: timeout, clearTimeout: clear, Request: request })
    delete chosen.getRandomValues
    delete subtle.importKey
    delete subtle.sign
  }
}
