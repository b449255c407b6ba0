/**
 * Sending until there is an answer. Only what can do no harm is sent again: reads, and whatever carries an idempotency
 * key, which stays the same over all tries. The rest is repeated only where the gateway said that it did nothing (429).
 */
import { NoAnswer, Problem, problemOf } from './problem.ts'

/** How much is borne for one call. */
export interface Patience {
  /** How often it is sent at most; 1 never repeats. */
  tries: number
  /** How long one try may take, its answer's body included. */
  timeoutMs: number
  /** No further try begins when this much has passed since the first, however long `Retry-After` asks to wait. */
  withinMs: number
}

/** Time, chance and the network, which tests hand in. */
export interface World {
  fetch(request: Request): Promise<Response>
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after so many milliseconds, or rejects as soon as `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 up to, not including, 1. */
  random(): number
}

const firstWaitMs = 500
const longestWaitMs = 8_000

/** A `fetch` that gives successes only: it repeats what it may, and then throws a `Problem` or `NoAnswer`. */
export function persistent(world: World, patience: Patience): (request: Request) => Promise<Response> {
  return async function send(request) {
    const endsAt = world.now() + patience.withinMs
    for (let tries = 1; ; tries++) {
      const outcome = await tryOnce(world, request, patience.timeoutMs)
      if (outcome instanceof Response) return outcome
      const waitMs = waitOf(outcome, tries, world.random())
      const isLast = tries >= patience.tries || world.now() + waitMs > endsAt
      if (isLast || !mayRepeat(request, outcome)) throw outcome
      await world.wait(waitMs, request.signal)
    }
  }
}

/** One try. Throws only when the caller has given up. */
async function tryOnce(
  world: World,
  request: Request,
  timeoutMs: number,
): Promise<Response | Problem | NoAnswer> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new Error(`No answer within ${timeoutMs} ms.`)), timeoutMs)
  const signal = AbortSignal.any([request.signal, limit.signal])
  try {
    const response = await world.fetch(new Request(request.clone(), { signal }))
    return response.ok ? await whole(response) : await problemOf(request, response, world.now())
  } catch (cause) {
    if (request.signal.aborted) throw cause
    return new NoAnswer(request, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** JSON is read to its end, since half an answer is none; anything else may be a stream that is to be followed. */
async function whole(response: Response): Promise<Response> {
  const { status, headers } = response
  if (!headers.get('content-type')?.includes('json')) return response
  return new Response(await response.arrayBuffer(), { status, headers })
}

function mayRepeat(request: Request, outcome: Problem | NoAnswer): boolean {
  if (outcome instanceof Problem && outcome.status === 429) return true
  const isHarmless = ['GET', 'PUT'].includes(request.method) || request.headers.has('idempotency-key')
  if (!isHarmless || outcome instanceof NoAnswer) return isHarmless
  return outcome.status >= 500 || outcome.code === 'idempotency_in_progress'
}

/** As long as the gateway asks; else at random within a limit that doubles, so that callers do not come back as one. */
function waitOf(outcome: Problem | NoAnswer, tries: number, random: number): number {
  if (outcome instanceof Problem && outcome.retryAfterSeconds !== null)
    return outcome.retryAfterSeconds * 1000
  return random * Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1))
}
