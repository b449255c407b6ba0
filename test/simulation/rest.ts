/** What must be true once everything that waits has happened and nothing goes wrong any more. */
import type { Payment } from '../../src/domain/payment.ts'
import { sessionOf } from '../../src/domain/payment.ts'
import type { PublishedEntry } from '../../src/domain/publication.ts'
import { paymentView } from '../../src/domain/view.ts'
import type { InboxState } from '../../src/payment/inbox-book.ts'
import { entriesBetween, replay, verify } from '../../src/payment/journal.ts'
import { load } from '../../src/payment/storage.ts'
import { type Checkout, refundedAt } from './checkout.ts'
import type { City } from './city.ts'
import type { Kept } from './objects.ts'
import { deliveriesAtRest, tracksAtRest } from './rest-deliveries.ts'
import type { Followed, Watch } from './watch.ts'

export type Wrong = (rule: string, detail: string) => void

/** Compares the provider's books, the objects, the records and the business systems. */
export function judgeRest(city: City, watch: Watch, refundKeys: number): void {
  commands(city, refundKeys)
  destinations(city)
  reports(city)
  inboxes(city)
  for (const kept of city.payments.kept.values()) {
    const stored = load(kept.storage.reopened())
    if (stored === null) continue
    const wrong: Wrong = (rule, detail) => city.violation(rule, `${kept.name.slice(0, 8)}: ${detail}`)
    const { payment, published, side } = stored
    const entries = entriesBetween(kept.storage, 1, payment.version)
    const verified = verify(entries, side.head)
    if (!verified.valid) wrong('the chain is broken at rest', verified.why)
    if (JSON.stringify(replay(entries)) !== JSON.stringify(payment))
      wrong('the journal does not replay', kept.name)
    if (published !== payment.version)
      wrong('the records never confirmed', `${published} of ${payment.version}`)
    records(city, kept, payment, wrong)
    deliveriesAtRest(city, payment, watch.followed(payment.id), wrong)
    tracksAtRest(city, payment, watch.followed(payment.id), wrong)
    for (const one of city.checkouts.filter(({ paymentId }) => paymentId === payment.id)) {
      // Behind a person's correction the next look may be a day away, and what it is to find is not lost.
      if (side.looks?.[one.sessionId] === undefined)
        money(city, payment, one, watch.followed(payment.id), wrong)
      refunds(city, payment, one, wrong)
    }
    oneYes(city, payment, wrong)
    waits(payment, side.asks, wrong)
  }
  for (const one of city.checkouts)
    if (one.captured > 0 && !city.payments.kept.has(one.paymentId))
      city.violation('captured money has no payment', one.reference)
}

/** What a destination has to do at rest is done. */
function destinations(city: City): void {
  for (const { id } of city.database.peek('SELECT id FROM destinations WHERE due_at IS NOT NULL'))
    city.violation('a destination still owes something', String(id))
  for (const { id } of city.database.peek('SELECT id FROM replays WHERE finished_at IS NULL'))
    city.violation('a replay never ends', String(id))
  for (const { id } of city.database.peek('SELECT id FROM rebuilds WHERE finished_at IS NULL'))
    city.violation('a rebuild never ends', String(id))
}

/** Captured there, it is captured here, or somebody is told to look. */
function money(
  city: City,
  payment: Payment,
  one: Checkout,
  { raised, corrected }: Readonly<Followed>,
  wrong: Wrong,
): void {
  if (one.state !== 'captured' && one.state !== 'authorized') return
  const session = sessionOf(payment, one.sessionId)
  const seen = one.state === 'captured' ? session?.state === 'captured' : session?.state === 'authorized'
  if (seen) return
  // It said that all was over, took money all the same and tells nothing: only who compares the books can know.
  if (one.left && city.providerOf(one).temper.tells === 'nothing') return
  // A person called it over where it never ends: who pays there later shows only to who compares the books.
  const { tells, ends } = city.providerOf(one).temper
  if (corrected.has(one.sessionId) && tells === 'nothing' && ends === 'never') return
  const about = `${one.reference} is ${one.state}, its session ${session?.state ?? 'unknown'}`
  const inDoubt = session !== undefined && session.doubt !== null
  const told = payment.exceptions.some(({ sessionId }) => sessionId === one.sessionId)
  // A hold that is not captured moves no money; it lapses, and only a capture makes it count.
  if (one.state === 'authorized' && !['opening', 'open', 'ending'].includes(session?.state ?? '')) return
  if (inDoubt || told || parkedAbout(city, one.reference)) return
  // A person closed the exception without the provider's word: then it is theirs to know.
  if ([...raised].some((text) => text.endsWith(one.sessionId))) return
  wrong('captured money is invisible', about)
}

/** Given back there, it is given back here, or somebody is told to look. */
function refunds(city: City, payment: Payment, one: Checkout, wrong: Wrong): void {
  const session = sessionOf(payment, one.sessionId)
  if (
    session?.state !== 'captured' ||
    one.state !== 'captured' ||
    !session.references.includes(one.reference)
  )
    return
  if (session.doubt !== null || payment.exceptions.some(({ sessionId }) => sessionId === one.sessionId))
    return
  const { tells } = city.providerOf(one).temper
  // What is done by hand at one that tells nothing shows when somebody asks, or compares the books.
  if (tells === 'nothing' && one.refunds.some(({ byHand }) => byHand)) return
  if (refundedAt(one) !== session.refunded)
    wrong(
      'refunded money is invisible',
      `${one.reference}: ${refundedAt(one)} there, ${session.refunded} here`,
    )
}

/** What was answered 200 stands in a payment's journal, or in an inbox where somebody is told of it or it waits. */
function reports(city: City): void {
  const found = new Set<string>()
  for (const { storage } of city.payments.kept.values()) {
    if (load(storage) === null) continue
    for (const row of storage.exec('SELECT report FROM journal WHERE report IS NOT NULL'))
      found.add(/"(.*?)"/.exec(String(row.report))?.[1] ?? '')
  }
  for (const { storage } of city.inboxes.kept.values())
    for (const { outcome, keep } of inboxOf(storage).parked ?? [])
      if (outcome !== 'taken') found.add(keep.hearing.report.id ?? '')
  for (const id of city.kept) if (!found.has(id)) city.violation('a report that was answered 200 is lost', id)
}

/** Nothing is sent twice on a guess: a second time only under a key that the provider still knows. */
function commands(city: City, refundKeys: number): void {
  let made = 0
  for (const { till, temper } of city.simulated) {
    made += till.refundsMade
    for (const [key, times] of till.calls)
      if (times.length > 1 && times.at(-1)! - times[0]! >= temper.idempotencySeconds * 1_000)
        city.violation('a command was sent twice from doubt', `${key} ${times.length} times`)
  }
  if (made > refundKeys) city.violation('a refund was made twice', `${made} for ${refundKeys} keys`)
}

function parkedAbout(city: City, reference: string): boolean {
  const rows = city.database.peek(
    "SELECT count(*) AS n FROM exceptions WHERE status = 'open' AND detail LIKE ?",
    `%reference ${reference} %`,
  )
  return Number(rows[0]?.n) > 0
}

/**
 * Of the checkouts that took money by a yes of ours there is at most one. Left out are a
 * provider that cannot be asked, whose report may come later than we wait behind a yes, one that called the checkout
 * over and took money there all the same, and a session that a person called over behind its yes: of these nobody can
 * know in time, and the second capture is flagged.
 */
function oneYes(city: City, payment: Payment, wrong: Wrong): void {
  const taken = city.checkouts.filter((one) => {
    const isKnowable =
      city.providerOf(one).temper.statusCheck && !one.left && !city.isCorrected(payment.id, one.sessionId)
    return one.paymentId === payment.id && one.yes && one.captured > 0 && isKnowable
  })
  if (taken.length > 1)
    wrong('our yes let money move twice', taken.map(({ reference }) => reference).join(' '))
}

/** Whoever is not settled is asked about again; nobody is forgotten. */
function waits(payment: Payment, asks: Record<string, unknown>, wrong: Wrong): void {
  for (const one of payment.sessions) {
    const open = ['opening', 'open', 'ending'].includes(one.state) || one.doubt !== null
    if (open && asks[one.id] === undefined)
      wrong('a session waits for nothing', `${one.id} ${one.state} ${one.doubt}`)
  }
}

function records(city: City, kept: Kept, payment: Payment, wrong: Wrong): void {
  const { database } = city
  const [row] = database.peek('SELECT version, status, body FROM payments WHERE id = ?', payment.id)
  const view = paymentView(payment)
  if (row?.version !== payment.version || row.body !== JSON.stringify(view) || row.status !== view.status)
    wrong('the records differ from the object', `${row?.version} and ${payment.version}`)
  journals(city, kept.name, entriesBetween(kept.storage, 1, payment.version), wrong)
  const open = payment.exceptions.map(({ id, detail }) => ({ id, detail }))
  openExceptions(city, kept.name, open, wrong)
  for (const { id, connectionId, references } of payment.sessions)
    for (const reference of references) {
      const [named] = database.peek(
        'SELECT session_id AS id FROM provider_references WHERE connection_id = ? AND reference = ?',
        ...[connectionId, reference],
      )
      if (named?.id !== id) wrong('a reference leads elsewhere', `${reference} to ${named?.id}, not ${id}`)
    }
}

/** Each entry is recorded as it is, and its events without a gap. */
function journals(city: City, stream: string, entries: PublishedEntry[], wrong: Wrong): void {
  const rows = city.database.peek(
    'SELECT seq, actor, hash, event_sequence AS event FROM journal WHERE stream = ? ORDER BY seq',
    stream,
  )
  const differs = entries.findIndex(
    ({ seq, actor, hash }, index) =>
      rows[index]?.seq !== seq || rows[index].actor !== actor || rows[index].hash !== hash,
  )
  if (rows.length !== entries.length || differs >= 0)
    wrong('the recorded journal differs', `${rows.length} of ${entries.length}, at ${differs}`)
  const events = rows.filter(({ event }) => event !== null)
  if (events.some(({ event }, index) => event !== index + 1))
    wrong('the recorded events have a gap', `${events.length}`)
}

function openExceptions(
  city: City,
  stream: string,
  own: { id: string; detail: string }[],
  wrong: Wrong,
): void {
  const rows = city.database.peek(
    "SELECT id, detail FROM exceptions WHERE stream = ? AND status = 'open' ORDER BY id",
    stream,
  )
  const sorted = own.map(({ id, detail }) => ({ id, detail })).sort((a, b) => (a.id < b.id ? -1 : 1))
  if (JSON.stringify(rows) !== JSON.stringify(sorted))
    wrong('the recorded exceptions differ', `${rows.length} and ${own.length}`)
}

/** The records of reports that found no payment. */
function inboxes(city: City): void {
  for (const { name, storage } of city.inboxes.kept.values()) {
    const wrong: Wrong = (rule, detail) => city.violation(rule, `${name.slice(0, 8)}: ${detail}`)
    const state = inboxOf(storage)
    journals(city, name, state.journal ?? [], wrong)
    openExceptions(
      city,
      name,
      (state.exceptions ?? []).filter(({ status }) => status === 'open'),
      wrong,
    )
  }
}

const inboxOf = (storage: Kept['storage']): Partial<InboxState> =>
  JSON.parse(String(storage.exec('SELECT state FROM inbox')[0]?.state ?? '{}'))
