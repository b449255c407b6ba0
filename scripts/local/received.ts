/** What the demo business systems received: one line of JSON each, appended as it is answered, so a kill loses nothing. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** One event that a demo system answered with 200. */
export interface Received {
  webhook_id: string
  type: string
  payment_id: string | null
  sequence: number | null
  /** RFC 3339. */
  at: string
  /** Whether this webhook_id had been answered with 200 before. */
  duplicate: boolean
}

/** One demo system's memory, kept in `folder`. */
export class Inbox {
  readonly #file: string
  readonly #entries: Received[]
  readonly #known: Set<string>

  constructor(folder: string, name: string) {
    mkdirSync(folder, { recursive: true })
    this.#file = path.join(folder, `${name}.jsonl`)
    this.#entries = existsSync(this.#file) ? readLines(this.#file) : []
    this.#known = new Set(this.#entries.map((entry) => entry.webhook_id))
    // What a kill cut off in the middle of a line must not swallow the next one.
    if (existsSync(this.#file) && !readFileSync(this.#file, 'utf8').endsWith('\n'))
      appendFileSync(this.#file, '\n')
  }

  /** Keeps an event. The answer says whether it had been here before. */
  keep(event: Omit<Received, 'duplicate'>): Received {
    const entry = { ...event, duplicate: this.#known.has(event.webhook_id) }
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`)
    this.#known.add(event.webhook_id)
    this.#entries.push(entry)
    return entry
  }

  /** Newest first; those of one payment only, where one is named. */
  list(paymentId: string | null): Received[] {
    const mine =
      paymentId === null ? this.#entries : this.#entries.filter((entry) => entry.payment_id === paymentId)
    return mine.toReversed()
  }
}

function readLines(file: string): Received[] {
  return readFileSync(file, 'utf8').split('\n').flatMap(readLine)
}

function readLine(line: string): Received[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Received]
  } catch {
    return []
  }
}
