/**
 * The sandbox's books for one checkout, in one object and one row: what happened and which reports are still to be sent.
 * They are written before anything is answered, so a crash loses nothing; the alarm sends what is due.
 */
import { DurableObject } from 'cloudflare:workers'
import { timingSafeEqual } from 'node:crypto'
import { signatureHeaders } from '../crypto/standard-webhooks.ts'
import { tokenOf } from './account.ts'
import {
  type Checkout,
  type Choice,
  choose,
  expired,
  type Happening,
  type Instruction,
  instruct,
  openCheckout,
  payable,
  sameTerms,
  type Terms,
} from './checkout.ts'
import {
  afterTry,
  asUsual,
  duringTry,
  type Outgoing,
  reportsOf,
  type Switches,
  TRY_TIMEOUT_MS,
} from './reports.ts'

/** The one row. */
interface Book {
  checkout: Checkout
  /** Newest last; kept after they are sent, so that the page can show how each was answered. */
  reports: Outgoing[]
  told: number
  /** What the shop's instructions were answered, by its keys. */
  answers: Record<string, { asked: string; standing: Standing }>
}

/** How a checkout stands, for the shop. */
export interface Standing {
  reference: string
  sessionId: string
  orderId: string
  amount: number
  currency: string
  expiresAt: number
  payable: boolean
  expired: boolean
  happened: Happening[]
}

/** What the customer's page shows. */
export interface PageView extends Standing {
  description: string | null
  captureMethod: 'automatic' | 'manual'
  returnUrl: string
  reports: { type: string; tries: number; answered: number | null; waiting: boolean }[]
}

export type ApiAnswer =
  | { kind: 'standing'; standing: Standing }
  | { kind: 'unknown_checkout' }
  | { kind: 'wrong_token' }
  | { kind: 'key_reused' }
  | { kind: 'refused'; why: string }

export type ClickAnswer =
  | { kind: 'done'; returnUrl: string }
  | { kind: 'refused'; why: string; view: PageView }
  | { kind: 'unknown_checkout' }

interface Bindings {
  SELF: Fetcher
}

const KEPT_REPORTS = 100
const KEPT_ANSWERS = 100
/** The book is one row, and anybody may click on the page: it must not grow without end. */
const MOST_WAITING = 100
const MOST_HAPPENINGS = 100
const FOREIGN_SECRET = 'whsec_bm90IHRoZSBzZWNyZXQgb2YgYW55Ym9keSBoZXJl'

export class SandboxBook extends DurableObject<Bindings> {
  /** How reports leave: as requests to the gateway's own address. A test puts a listener here. */
  outside = (request: Request): Promise<Response> => this.env.SELF.fetch(request)

  /** Makes the checkout, or finds the one that the same key made before. */
  async open(reference: string, terms: Terms, tokens: string[]): Promise<ApiAnswer> {
    const now = Date.now()
    const book = this.#load()
    const checkout = book?.checkout ?? openCheckout(reference, terms, now)
    if (!opens(checkout, tokens)) return { kind: 'wrong_token' }
    if (!sameTerms(checkout, terms)) return { kind: 'key_reused' }
    if (!book) this.#save({ checkout, reports: [], told: 0, answers: {} })
    return { kind: 'standing', standing: standingOf(checkout, now) }
  }

  /** How it stands, for the shop. */
  async standing(tokens: string[]): Promise<ApiAnswer> {
    const book = this.#load()
    if (!book) return { kind: 'unknown_checkout' }
    if (!opens(book.checkout, tokens)) return { kind: 'wrong_token' }
    return { kind: 'standing', standing: standingOf(book.checkout, Date.now()) }
  }

  /** Does what the shop instructs, once per key. Its report leaves by alarm, after the answer. */
  async instruct(instruction: Instruction, key: string, tokens: string[]): Promise<ApiAnswer> {
    const now = Date.now()
    const book = this.#load()
    if (!book) return { kind: 'unknown_checkout' }
    if (!opens(book.checkout, tokens)) return { kind: 'wrong_token' }
    const asked = JSON.stringify(instruction)
    const before = book.answers[key]
    if (before)
      return before.asked === asked ? { kind: 'standing', standing: before.standing } : { kind: 'key_reused' }
    const ruling = instruct(book.checkout, instruction, now)
    if (ruling.kind === 'refused') return ruling
    const after = withHappenings(book, ruling.what, asUsual, now)
    const standing = standingOf(after.checkout, now)
    const answers = Object.entries({ ...after.answers, [key]: { asked, standing } }).slice(-KEPT_ANSWERS)
    await this.#saveAndArm({ ...after, answers: Object.fromEntries(answers) })
    return { kind: 'standing', standing }
  }

  /** What the customer sees; null when there is no such checkout. */
  async view(): Promise<PageView | null> {
    const book = this.#load()
    return book ? viewOf(book, Date.now()) : null
  }

  /** The customer clicked: the books first, then the reports that are due at once, then the answer. */
  async choose(choice: Choice, anyway: boolean, switches: Switches): Promise<ClickAnswer> {
    const now = Date.now()
    const book = this.#load()
    if (!book) return { kind: 'unknown_checkout' }
    const waiting = book.reports.filter((report) => report.dueAt !== null).length
    if (waiting > MOST_WAITING || book.checkout.happened.length > MOST_HAPPENINGS)
      return {
        kind: 'refused',
        why: 'This checkout was played with enough. Open another.',
        view: viewOf(book, now),
      }
    const ruling = choose(book.checkout, choice, anyway, now)
    if (ruling.kind === 'refused') return { ...ruling, view: viewOf(book, now) }
    await this.#saveAndArm(withHappenings(book, ruling.what, switches, now))
    await this.#sendDue(now)
    return { kind: 'done', returnUrl: book.checkout.returnUrl }
  }

  /** Sends what is due. Nothing here throws: an alarm that throws seven times is dropped for good. */
  override async alarm(): Promise<void> {
    try {
      await this.#sendDue(Date.now())
    } finally {
      await this.#arm(this.#load()?.reports ?? [])
    }
  }

  async #sendDue(now: number): Promise<void> {
    const book = this.#load()
    if (!book) return
    const due = book.reports.flatMap((report, index) =>
      report.dueAt !== null && report.dueAt <= now ? [index] : [],
    )
    if (due.length === 0) return
    // The try is in the books before it is made, so no second sender takes it, and a crash makes it due again.
    const tried = due.reduce(
      (reports, index) => changed(reports, index, (r) => duringTry(r, now)),
      book.reports,
    )
    await this.#saveAndArm({ ...book, reports: tried })
    for (const index of due) {
      const report = tried[index]
      if (!report) continue
      const status = await this.#try(book.checkout, report)
      const latest = this.#load()
      // Only settled reports are ever dropped, from the front; the report is found again by what it is.
      if (latest) this.#save({ ...latest, reports: settled(latest.reports, report, status, Date.now()) })
    }
    await this.#arm(this.#load()?.reports ?? [])
  }

  /** One try; answers the status, or 0 when there was none. */
  async #try(checkout: Checkout, report: Outgoing): Promise<number> {
    // `AbortSignal.timeout` would keep the object awake until it fires, answered or not.
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), TRY_TIMEOUT_MS)
    try {
      const secrets = report.forged ? [FOREIGN_SECRET] : checkout.secrets.slice(0, 1)
      const signed = await signatureHeaders(secrets, report.id, Math.floor(Date.now() / 1000), report.body)
      const response = await this.outside(
        new Request(checkout.reportUrl, {
          method: 'POST',
          headers: { ...signed, 'content-type': 'application/json', 'user-agent': 'sandbox-bank/1' },
          body: report.body,
          redirect: 'manual',
          signal: limit.signal,
        }),
      )
      await response.body?.cancel()
      return response.status
    } catch {
      return 0
    } finally {
      clearTimeout(timer)
    }
  }

  #load(): Book | undefined {
    return this.ctx.storage.kv.get<Book>('book')
  }

  #save(book: Book): void {
    this.ctx.storage.kv.put('book', book)
  }

  async #saveAndArm(book: Book): Promise<void> {
    this.#save(book)
    await this.#arm(book.reports)
  }

  async #arm(reports: readonly Outgoing[]): Promise<void> {
    const due = reports.flatMap((report) => (report.dueAt === null ? [] : [report.dueAt]))
    if (due.length === 0) return this.ctx.storage.deleteAlarm()
    await this.ctx.storage.setAlarm(Math.max(Math.min(...due), Date.now() + 1))
  }
}

/** Whether one of these tokens is made from one of the account's secrets. Every pair is compared, in constant time. */
function opens(checkout: Checkout, tokens: readonly string[]): boolean {
  const encoder = new TextEncoder()
  const wanted = checkout.secrets.map((secret) => encoder.encode(tokenOf(secret, checkout.account)))
  const given = tokens.map((token) => encoder.encode(token))
  const matches = wanted.flatMap((right) =>
    given.map((left) => left.length === right.length && timingSafeEqual(left, right)),
  )
  return matches.includes(true)
}

function withHappenings(book: Book, what: readonly Happening[], switches: Switches, now: number): Book {
  const checkout = { ...book.checkout, happened: [...book.checkout.happened, ...what] }
  const fresh = reportsOf(checkout, what, switches, book.told, now)
  const names = new Set(fresh.map((report) => report.id)).size
  const waiting = book.reports.filter((report) => report.dueAt !== null)
  const done = book.reports.filter((report) => report.dueAt === null).slice(-KEPT_REPORTS)
  return { ...book, checkout, reports: [...done, ...waiting, ...fresh], told: book.told + names }
}

function settled(reports: readonly Outgoing[], tried: Outgoing, status: number, now: number): Outgoing[] {
  const index = reports.findIndex(
    (report) => report.id === tried.id && report.tries === tried.tries && report.dueAt === tried.dueAt,
  )
  return index < 0 ? [...reports] : changed(reports, index, (report) => afterTry(report, status, now))
}

function changed(
  reports: readonly Outgoing[],
  index: number,
  change: (report: Outgoing) => Outgoing,
): Outgoing[] {
  return reports.map((report, at) => (at === index ? change(report) : report))
}

function standingOf(checkout: Checkout, now: number): Standing {
  const { reference, sessionId, orderId, amount, currency, expiresAt, happened } = checkout
  const state = { payable: payable(checkout, now), expired: expired(checkout, now) }
  return { reference, sessionId, orderId, amount, currency, expiresAt, happened, ...state }
}

function viewOf(book: Book, now: number): PageView {
  const { description, captureMethod, returnUrl } = book.checkout
  const reports = book.reports.map(({ type, tries, answered, dueAt }) => ({
    type,
    tries,
    answered,
    waiting: dueAt !== null,
  }))
  return { ...standingOf(book.checkout, now), description, captureMethod, returnUrl, reports }
}
