/**
 * Watching a payment until it is decided. The live status comes over a WebSocket; beside it the status is read now and
 * then, and with backoff while there is no socket, so that a dead connection delays the truth and never hides it.
 */
import { type Answer, backoffMs, call, type Gateway } from './gateway.ts'
import { statusPath } from './opening.ts'
import { isOver, type SessionView, type State, stateOf } from './states.ts'
import type { Socket, Surroundings } from './surroundings.ts'

/** How often the status is read although a socket is open: a connection may be dead without saying so. */
const BESIDE_SOCKET_MS = 30_000
/** After this the customer is told that it may take longer. */
const LONG_MS = 60_000

interface Watched {
  around: Surroundings
  gateway: Gateway
  id: string
  /** Null when this tab has not opened the session. */
  secret: string | null
  tell(state: State): void
}

/** Tells each new state until one is final. Answers a function that ends it. */
export function watch(watched: Watched): () => void {
  const stop = new AbortController()
  void follow(watched, stop.signal)
  return () => stop.abort()
}

async function follow({ around, gateway, id, secret, tell }: Watched, stopped: AbortSignal): Promise<void> {
  if (secret === null) return tell({ status: 'needs_attention', code: 'unknown_session' })
  const since = around.now()
  let last: State = { status: 'confirming' }
  const show = (state: State) => {
    if (stopped.aborted || isOver(last)) return
    const isLong = !isOver(state) && around.now() - since >= LONG_MS
    last = isLong && state.code === undefined ? { ...state, code: 'long' } : state
    tell(last)
  }
  show(last)
  const line = lineOf(around, liveUrl(gateway, id, secret))
  stopped.addEventListener('abort', line.hangUp)
  let isDue = true
  for (let quiet = 0; !stopped.aborted && !isOver(last); ) {
    let afterMs = 0
    if (isDue) {
      const answer = await call(around, gateway, statusPath(id, secret), stopped)
      show(stateAfter(answer, last))
      if (isOver(last)) break
      afterMs = (answer.kind === 'again' && answer.afterMs) || 0
    }
    const pauseMs = line.isUp() ? BESIDE_SOCKET_MS : backoffMs(quiet, around.random())
    const heard = await line.next(Math.max(afterMs, pauseMs), stopped)
    isDue = typeof heard === 'string'
    if (typeof heard !== 'string') show(stateOf(heard))
    quiet = heard === 'lost' || !line.isUp() ? quiet + 1 : 0
    if (heard === 'lost') await around.wait(backoffMs(quiet, around.random()), stopped)
  }
  line.hangUp()
}

/** A lost answer changes nothing but what is said about it; a definite no ends the watch. */
function stateAfter(answer: Answer, last: State): State {
  if (answer.kind === 'done') return stateOf(answer.body as unknown as SessionView)
  const session = last.session && { session: last.session }
  if (answer.kind === 'again') return { status: 'confirming', code: answer.code, ...session }
  const code = answer.code === 'not_found' ? 'unknown_session' : answer.code
  return { status: 'needs_attention', code, ...session }
}

function liveUrl({ url }: Gateway, id: string, secret: string): string {
  const live = new URL(statusPath(id, secret).replace('?', '/live?'), url)
  live.protocol = live.protocol.replace('http', 'ws')
  return live.href
}

/** The socket, opened when it is first waited for and again after each loss, and its newest word. */
function lineOf({ socket, wait }: Surroundings, url: string) {
  let open: Socket | null = null
  let isUp = false
  let word: SessionView | 'lost' | null = null
  let wake = () => {}
  const say = (said: SessionView | 'lost') => {
    word = said
    wake()
  }
  const connect = () => {
    const one = socket(url)
    const end = () => {
      if (open !== one) return
      open = null
      // One that never was open has told nothing new: the reading goes on at its own pace.
      if (isUp) say('lost')
      isUp = false
    }
    open = one
    one.addEventListener('open', () => {
      isUp = open === one
    })
    one.addEventListener('message', ({ data }) => {
      const view = viewIn(data)
      if (open === one && view !== null) say(view)
    })
    one.addEventListener('close', end)
    one.addEventListener('error', end)
  }
  return {
    isUp: () => isUp,
    /** The newest word, `lost` when an open socket has ended, `silent` when the time is over or the watch ends. */
    async next(ms: number, stopped: AbortSignal): Promise<SessionView | 'lost' | 'silent'> {
      const enough = new AbortController()
      const woken = new Promise<void>((done) => {
        wake = done
      })
      try {
        if (open === null && word === null) connect()
      } catch {
        // Forbidden by the page's policy, or unknown to the browser: the reading goes on alone.
      }
      if (word === null) await Promise.race([woken, wait(ms, AbortSignal.any([stopped, enough.signal]))])
      enough.abort()
      const heard = word ?? 'silent'
      word = null
      return heard
    },
    hangUp() {
      const last = open
      open = null
      isUp = false
      last?.close()
    },
  }
}

function viewIn(data: unknown): SessionView | null {
  try {
    return JSON.parse(String(data))
  } catch {
    return null
  }
}
