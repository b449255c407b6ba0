/** One call of the gateway, and what its answer means for whoever repeats it. Nothing here throws. */
import type { Surroundings } from './surroundings.ts'

export interface Gateway {
  /** The gateway's origin. */
  url: string
  publishableKey: string
}

export type Answer =
  | { kind: 'done'; body: Record<string, unknown> }
  /** The gateway's definite no, with its code. */
  | { kind: 'refused'; status: number; code: string; detail?: string; body: Record<string, unknown> }
  /** Nobody knows, or it is too much just now: the same request again, after these milliseconds if it said. */
  | { kind: 'again'; code: string; afterMs: number | null }

/** The gateway itself waits up to ten seconds for a first request under the same key. */
const TIMEOUT_MS = 20_000
const LONGEST_WAIT_MS = 60_000

/** Reads from the gateway, or posts under a key, with the publishable key. */
export async function call(
  { fetch }: Surroundings,
  { url, publishableKey }: Gateway,
  path: string,
  signal: AbortSignal,
  post?: { key: string; body: unknown },
): Promise<Answer> {
  try {
    const answer = await fetch(new URL(path, url).href, {
      method: post ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${publishableKey}`,
        ...(post && { 'idempotency-key': post.key, 'content-type': 'application/json' }),
      },
      body: post ? JSON.stringify(post.body) : null,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>
    return answer.ok && body.id ? { kind: 'done', body } : refusal(answer, body)
  } catch {
    // No answer at all: the request may have arrived and may not.
    return { kind: 'again', code: 'offline', afterMs: null }
  }
}

function refusal({ status, headers, ok }: Response, body: Record<string, unknown>): Answer {
  const { code = 'unavailable', detail } = body as { code?: string; detail?: string }
  // A success without a session in it comes from something between us and the gateway.
  const isBusy = ok || status === 429 || status >= 500 || code === 'idempotency_in_progress'
  if (isBusy) return { kind: 'again', code, afterMs: waitOf(headers.get('retry-after')) }
  return { kind: 'refused', status, code, ...(detail && { detail }), body }
}

/** `Retry-After` in milliseconds, from its seconds; at most a minute, since a customer is waiting. */
function waitOf(header: string | null): number | null {
  const seconds = Number(header ?? Number.NaN)
  return seconds >= 0 ? Math.min(seconds * 1_000, LONGEST_WAIT_MS) : null
}

/** Half a second, doubled with each try up to a quarter of a minute, ±25 % so that customers do not come back in step. */
export const backoffMs = (tries: number, random: number): number =>
  Math.min(500 * 2 ** tries, 15_000) * (0.75 + random / 2)
