/** One HTTP try. It never throws: no answer is also a result. */
import { refuseAddress } from '../domain/address.ts'

/** Bytes of an answer that are read and kept; a destination cannot make us read more. */
const ANSWER_BYTES = 2_048

export interface Outgoing {
  url: string
  headers: Record<string, string>
  body: string
  /** For the whole try, its answer's body included. */
  timeoutMs: number
  allowPrivate: boolean
  /** How many bytes of the answer are read; 2 kB unless told. */
  answerBytes?: number
}

export interface Sent {
  /** Null when no answer came; then `error` says why. */
  status: number | null
  error: 'timeout' | 'unreachable' | 'address_not_allowed' | null
  retryAfter: string | null
  durationMs: number
  /** The beginning of the answer; null when there is none. */
  responseBody: string | null
  /** Whether that is all of it. */
  isWhole: boolean
}

export interface Wire {
  fetch(request: Request): Promise<Response>
  /** Milliseconds since the epoch. */
  now(): number
}

/** Sends once, without following redirects, and waits no longer than the timeout whatever the other side does. */
export async function send(outgoing: Outgoing, wire: Wire): Promise<Sent> {
  const startedAt = wire.now()
  const ended = (result: Omit<Sent, 'durationMs'>): Sent => ({
    ...result,
    durationMs: wire.now() - startedAt,
  })
  const nothing = { status: null, retryAfter: null, responseBody: null, isWhole: true }
  // Asked at every try, since the rule may be tighter now than when the destination was made.
  if (refuseAddress(outgoing.url, outgoing.allowPrivate) !== null)
    return ended({ ...nothing, error: 'address_not_allowed' })

  const stop = new AbortController()
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => {
    late.resolve('late')
    stop.abort()
  }, outgoing.timeoutMs)
  try {
    const { url, headers, body } = outgoing
    const request = new Request(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: stop.signal,
    })
    const answered = wire.fetch(request)
    // An abort is only a request to stop; the race is what makes the timeout hard.
    answered.catch(() => {})
    const response = await Promise.race([answered, late.promise])
    if (response === 'late') return ended({ ...nothing, error: 'timeout' })
    const beginning = await beginningOf(response, outgoing.answerBytes ?? ANSWER_BYTES, late.promise)
    const retryAfter = response.headers.get('retry-after')?.slice(0, 100) ?? null
    return ended({ status: response.status, error: null, retryAfter, ...beginning })
  } catch {
    return ended({ ...nothing, error: stop.signal.aborted ? 'timeout' : 'unreachable' })
  } finally {
    clearTimeout(timer)
  }
}

/** The first bytes of the answer as text. The status counts already, so trouble in here only cuts the text short. */
async function beginningOf(
  response: Response,
  most: number,
  late: Promise<'late'>,
): Promise<Pick<Sent, 'responseBody' | 'isWhole'>> {
  if (response.body === null) return { responseBody: null, isWhole: true }
  const reader = response.body.getReader()
  // A character that the cut falls into is left out: the decoder waits for bytes that do not come.
  const decoder = new TextDecoder()
  let text = ''
  let room = most
  let isWhole = false
  try {
    while (room > 0) {
      const part = await Promise.race([reader.read(), late])
      isWhole = part !== 'late' && part.done
      if (part === 'late' || part.done) break
      const bytes = (part.value as Uint8Array).subarray(0, room)
      text += decoder.decode(bytes, { stream: true })
      room -= bytes.length
    }
  } catch {
    // What arrived before the connection broke is kept.
  }
  reader.cancel().catch(() => {})
  return { responseBody: text, isWhole }
}
