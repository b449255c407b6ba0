/** How a demo business system behaves when an event arrives: mostly well, and badly when it is told to. */

export const modes = ['ok', 'fail', 'hang', 'gone', 'throttle', 'slow'] as const
export type Mode = (typeof modes)[number]

export interface Behaviour {
  mode: Mode
  /** For how many further events; null until told otherwise. */
  times: number | null
}

/** Reads the body of `PUT /{name}/behaviour`. The answer is the behaviour, or a sentence that says what is wrong. */
export function readBehaviour(body: unknown): Behaviour | string {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return 'The body must be a JSON object.'
  const { mode, times = null, ...unknown } = body as Record<string, unknown>
  const [extra] = Object.keys(unknown)
  if (extra !== undefined) return `Unknown field "${extra}"; there are "mode" and "times".`
  if (!modes.includes(mode as Mode)) return `"mode" must be one of ${modes.join(', ')}.`
  if (times !== null && !(Number.isSafeInteger(times) && (times as number) > 0)) {
    return '"times" must be a whole number above 0, or left out.'
  }
  return { mode: mode as Mode, times: times as number | null }
}

/** What happens to the event at hand, and how the system behaves after it. */
export function nextOf(behaviour: Behaviour): { now: Mode; after: Behaviour } {
  const { mode, times } = behaviour
  if (times === null) return { now: mode, after: behaviour }
  return { now: mode, after: times > 1 ? { mode, times: times - 1 } : { mode: 'ok', times: null } }
}
