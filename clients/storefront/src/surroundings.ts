/** What the kit takes from the browser. All of it can be handed in, so that tests drive time, chance and the network. */

/** The part of `Storage` that the kit uses. */
export interface Kept {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

/** The part of `WebSocket` that the kit uses. */
export interface Socket {
  addEventListener(type: string, heard: (event: { data?: unknown }) => void): void
  close(): void
}

export interface Surroundings {
  fetch(url: string, init: RequestInit): Promise<Response>
  /** Where keys and client secrets stay; `sessionStorage` unless another one is given. */
  storage: Kept
  socket(url: string): Socket
  /** Resolves after these milliseconds, or at once when the signal fires. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  /** Milliseconds since the epoch. */
  now(): number
  /** From 0 to 1, for spreading retries. */
  random(): number
  /** A text that nobody else has. */
  unique(): string
  /** Leaves the page for this address. */
  go(url: string): void
}

/** The browser's own, in place of whatever is not given. */
export function surroundingsOf(given: Partial<Surroundings>): Surroundings {
  return {
    fetch: (url, init) => fetch(url, init),
    socket: (url) => new WebSocket(url) as Socket,
    wait: waitFor,
    now: Date.now,
    random: Math.random,
    unique: () => crypto.randomUUID(),
    go: (url) => (globalThis as unknown as { location: { assign(url: string): void } }).location.assign(url),
    ...given,
    storage: safely(given.storage ?? sessionStorageOf()),
  }
}

function sessionStorageOf(): Kept | undefined {
  try {
    return (globalThis as { sessionStorage?: Kept }).sessionStorage
  } catch {
    // A browser that blocks site data throws on the mere name.
    return undefined
  }
}

/** Storage that may be full or forbidden: what cannot be kept is remembered for as long as the page lives. */
function safely(kept: Kept | undefined): Kept {
  const memory = new Map<string, string>()
  const tried = <T>(act: () => T | undefined, otherwise: T): T => {
    try {
      return act() ?? otherwise
    } catch {
      return otherwise
    }
  }
  return {
    getItem: (name) => memory.get(name) ?? tried<string | null>(() => kept?.getItem(name), null),
    setItem: (name, value) => {
      memory.delete(name)
      const isKept = tried(() => {
        kept?.setItem(name, value)
        return kept !== undefined
      }, false)
      if (!isKept) memory.set(name, value)
    },
    removeItem: (name) => {
      memory.delete(name)
      tried(() => kept?.removeItem(name), undefined)
    },
  }
}

function waitFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      done()
    })
  })
}
