/** What must be true of every payment after every single step. */
import { correctionTable } from '../../src/domain/corrections.ts'
import type { Entry, PlacedEntry } from '../../src/domain/entry.ts'
import type { Payment, Session } from '../../src/domain/payment.ts'
import { statusOf } from '../../src/domain/payment.ts'
import type { PublishedEntry } from '../../src/domain/publication.ts'
import { isPayable } from '../../src/domain/tracks.ts'
import { entriesBetween, hashOf, step } from '../../src/payment/journal.ts'
import { load, loadBeside } from '../../src/payment/storage.ts'
import type { City } from './city.ts'
import type { Kept } from './objects.ts'

/** How far an object's journal was followed, and what it had become by then. */
export interface Followed {
  version: number
  head: string
  payment: Payment | null
  events: number
  wasPaid: boolean
  /** Kinds and causes of every exception that was ever raised. */
  raised: Set<string>
  /** When a person last closed one of this kind and cause. */
  closed: Map<string, number>
  /** Receipts by their id, those that contradicted others, and steps of fulfilment. */
  receipts: Set<string>
  contradicted: Set<string>
  moved: Set<string>
  /** Sessions that a person has decided about. */
  corrected: Set<string>
  paidEvents: number
  published: number
}

export class Watch {
  readonly #city: City
  readonly #followed = new Map<string, Followed>()

  constructor(city: City) {
    this.#city = city
  }

  /** Looks at every object that the last step may have written to. */
  look(): void {
    const { touched } = this.#city.payments
    for (const kept of touched) this.#lookAt(kept)
    touched.clear()
    this.#city.inboxes.touched.clear()
  }

  /** What was followed of this payment. */
  followed(paymentId: string): Readonly<Followed> {
    return this.#followed.get(paymentId) ?? beginning()
  }

  /** A person said of a session that it is over, whatever its provider may think. */
  isCorrected(paymentId: string, sessionId: string): boolean {
    return this.#followed.get(paymentId)?.corrected.has(sessionId) === true
  }

  #lookAt(kept: Kept): void {
    const newest = loadBeside(kept.storage)
    if (newest === null) return
    const before = this.#followed.get(kept.name) ?? beginning()
    const { published } = newest.beside
    if (published < before.published || published > newest.seq)
      this.#wrong(kept, 'the cursor of what is published jumps', `${before.published} → ${published}`)
    before.published = published
    this.#followed.set(kept.name, before)
    // A replay is the dear part, and most of what touches an object writes nothing.
    if (newest.seq === before.version) return
    const stored = load(kept.storage)
    if (stored === null) return
    const { payment } = stored
    const rows = entriesBetween(kept.storage, before.version + 1, payment.version)
    this.#follow(kept, before, rows)
    kept.versions = payment.version
    if (before.head !== stored.side.head)
      this.#wrong(kept, 'the chain does not end at its head', stored.side.head)
    if (JSON.stringify(before.payment) !== JSON.stringify(payment))
      this.#wrong(kept, 'the journal does not replay to the snapshot', `version ${payment.version}`)
    this.#judge(kept, before, payment)
    this.#marks(kept)
  }

  /** The chain and the replay, as far as they are new. */
  #follow(kept: Kept, followed: Followed, rows: PublishedEntry[]): void {
    for (const row of rows) {
      if (row.seq !== followed.version + 1) this.#wrong(kept, 'the journal has a gap', `before ${row.seq}`)
      if (row.prevHash !== followed.head || row.hash !== hashOf(row))
        this.#wrong(kept, 'the chain is broken', `at ${row.seq}`)
      const entry = { type: row.type, data: JSON.parse(row.data) } as Entry
      const placed = { seq: row.seq, at: row.at, actor: row.actor, entry }
      const before = followed.payment
      followed.payment = step(before, placed).payment
      if (before !== null) this.#judgeEntry(kept, followed, before, placed)
      followed.version = row.seq
      followed.head = row.hash
      if (row.event !== null) {
        followed.events += 1
        if (row.event.type === 'payment.paid') followed.paidEvents += 1
        if (followed.paidEvents > 1) this.#wrong(kept, 'a payment was paid twice', `at ${row.seq}`)
        if (row.event.sequence !== followed.events)
          this.#wrong(
            kept,
            'events of a payment have a gap',
            `${row.event.sequence} after ${followed.events - 1}`,
          )
      }
      if (entry.type === 'exception.raised') followed.raised.add(`${entry.data.kind} ${entry.data.cause}`)
      this.#city.clock.tell(`${kept.name.slice(0, 8)} ${row.seq} ${row.type}`)
    }
  }

  /** What people and other systems add to the journal. */
  #judgeEntry(kept: Kept, followed: Followed, before: Payment, { at, actor, entry }: PlacedEntry): void {
    switch (entry.type) {
      case 'fiscal.contradicted':
        followed.contradicted.add(entry.data.receiptId ?? '')
        return
      case 'fulfillment.moved':
        followed.moved.add(entry.data.status)
        break
      case 'fiscal.receipted':
        followed.receipts.add(entry.data.receiptId ?? '')
        break
      case 'exception.resolved': {
        const closed = before.exceptions.find(({ id }) => id === entry.data.id)
        if (closed !== undefined && actor === 'operator')
          followed.closed.set(`${closed.kind} ${closed.cause}`, at)
        return
      }
      case 'correction.made': {
        const { from, to, sessionId, proposedBy } = entry.data
        const isEnded = to !== 'paid' && ['failed', 'canceled', 'expired'].includes(from)
        if (from !== statusOf(before) || !(correctionTable[from].includes(to) || isEnded))
          this.#wrong(kept, 'a correction that the table does not know', `${from} to ${to}`)
        if (this.#city.temper.approvals > 1 && (proposedBy === null || proposedBy === actor))
          this.#wrong(kept, 'a correction without a second person', actor)
        followed.corrected.add(sessionId)
        return
      }
      default:
        return
    }
    if (statusOf(before) !== statusOf(followed.payment!))
      this.#wrong(kept, 'another system moved the payment', entry.type)
  }

  #judge(kept: Kept, followed: Followed, payment: Payment): void {
    const { sessions } = payment
    const isPaid = statusOf(payment) === 'paid'
    if (followed.wasPaid && !isPaid) this.#wrong(kept, 'a paid payment went back', statusOf(payment))
    followed.wasPaid = isPaid
    const payable = sessions.filter((one) => isPayable(one.state))
    if (payable.length > 1)
      this.#wrong(kept, 'two sessions can be paid', payable.map(({ id }) => id).join(' '))
    const captured = sessions.filter((one) => one.state === 'captured')
    for (const one of captured.filter(({ id }) => id !== payment.settledBy))
      if (!this.#isDuplicate(followed, captured, one))
        this.#wrong(kept, 'a second capture without an exception', one.id)
    for (const one of sessions) {
      this.#amounts(kept, payment, one, followed.corrected)
      // What a person calls over may be payable at a provider that did not answer; money that comes then is flagged.
      if (isOver(one) && !followed.corrected.has(one.id)) this.#ended(kept, one)
    }
  }

  /** An end is an end only when nobody can pay there any more, or not without our yes. */
  #ended(kept: Kept, session: Session): void {
    for (const one of this.#city.checkouts) {
      if (one.sessionId !== session.id || !one.reached || one.state !== 'open') continue
      const provider = this.#city.providerOf(one)
      const needsYes = (provider.temper.asksFirst || provider.temper.approves) && !one.yes
      if (provider.isPayable(one) && !needsYes)
        this.#wrong(
          kept,
          'a session ended that can be paid',
          `${one.reference} of ${session.state} ${session.id}`,
        )
    }
  }

  /** One of the two is flagged: whichever came to money second. */
  #isDuplicate({ raised }: Followed, captured: Session[], one: Session): boolean {
    return (
      captured.some(({ id }) => raised.has(`duplicate_payment ${id}`)) ||
      raised.has(`duplicate_payment ${one.id}`)
    )
  }

  #amounts(kept: Kept, payment: Payment, one: Session, corrected: ReadonlySet<string>): void {
    const refunds = payment.refunds.filter(
      ({ sessionId, status }) => sessionId === one.id && status === 'succeeded',
    )
    const refunded = refunds.reduce((sum, refund) => sum + refund.amount, 0)
    if (refunded !== one.refunded)
      this.#wrong(kept, 'refunds do not add up', `${refunded} and ${one.refunded}`)
    if (one.refunded > one.captured || one.captured > one.amount || one.captured > one.authorized)
      this.#wrong(
        kept,
        'amounts do not fit',
        `${one.refunded} of ${one.captured} of ${one.authorized} of ${one.amount}`,
      )
    if (
      one.state === 'captured' &&
      one.captureMethod === 'automatic' &&
      !corrected.has(one.id) &&
      one.captured !== (one.captureAsked ?? one.amount)
    )
      this.#wrong(kept, 'another amount was captured than asked', `${one.captured} of ${one.amount}`)
  }

  /** A report has its effect once: a repeat adds nothing. */
  #marks(kept: Kept): void {
    const twice = kept.storage.exec(
      `SELECT report FROM journal WHERE report IS NOT NULL AND outcome IN ('applied', 'stale')
       GROUP BY report, report_hash HAVING count(*) > 1`,
    )
    for (const row of twice) this.#wrong(kept, 'a report was judged twice', String(row.report))
  }

  #wrong(kept: Kept, rule: string, detail: string): void {
    this.#city.violation(rule, `${kept.name.slice(0, 8)}: ${detail}`)
  }
}

const isOver = (one: Session): boolean =>
  one.state === 'expired' || one.state === 'canceled' || one.state === 'failed'

const beginning = (): Followed => ({
  ...{ version: 0, head: '', payment: null, events: 0, wasPaid: false, raised: new Set(), published: 0 },
  ...{
    closed: new Map(),
    receipts: new Set(),
    contradicted: new Set(),
    moved: new Set(),
    corrected: new Set(),
    paidEvents: 0,
  },
})
