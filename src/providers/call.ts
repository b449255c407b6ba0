/**
 * One HTTP call to a provider, made so that an adapter can tell "no" from "no answer": it never throws, never takes longer
 * than its limit, never follows a redirect and never reads an endless body.
 */

/** The part of `fetch` that adapters use. */
export type Fetch = (request: Request) => Promise<Response>

export type Answer =
  | { kind: 'answered'; status: number; text: string }
  /** `why` is fixed text: messages of the network may quote addresses, and those may hold secrets. */
  | { kind: 'no_answer'; why: string }

export interface Limits {
  timeoutMs: number
  maxBytes: number
}

/** Providers answer in a few kilobytes, or something is wrong with them. */
export const usualLimits: Limits = { timeoutMs: 8_000, maxBytes: 256 * 1024 }

/** Makes the call. The limit holds for the whole exchange, also where `fetch` does not heed its signal. */
export async function call(
  fetch: Fetch,
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
  limits: Limits = usualLimits,
): Promise<Answer> {
  // A timer that is cleared, since `AbortSignal.timeout` would keep an object awake until it fires.
  const limit = new AbortController()
  const late = Promise.withResolvers<Answer>()
  const timer = setTimeout(() => {
    late.resolve({ kind: 'no_answer', why: 'The provider did not answer in time.' })
    limit.abort()
  }, limits.timeoutMs)
  const exchange = async (): Promise<Answer> => {
    const response = await fetch(new Request(url, { ...init, redirect: 'manual', signal: limit.signal }))
    const text = await bounded(response, limits.maxBytes)
    if (text === null) return { kind: 'no_answer', why: "The provider's answer was too large." }
    return { kind: 'answered', status: response.status, text }
  }
  const lost = (): Answer => ({ kind: 'no_answer', why: 'The connection to the provider failed.' })
  try {
    return await Promise.race([exchange().catch(lost), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether this status is the provider's own final "no", as opposed to trouble on the way or a plea to come back. */
export function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 421, 423, 425, 429].includes(status)
}

/** What the text says as JSON; undefined when it says nothing, which no schema takes for an answer. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function bounded(response: Response, maxBytes: number): Promise<string | null> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  if (!response.body) return text
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel()
      return null
    }
    text += decoder.decode(value, { stream: true })
  }
}
