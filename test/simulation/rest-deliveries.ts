/** Where every event, every receipt and every doubt is once all is quiet. */
import { raisesException, subscribes } from '../../src/domain/delivery.ts'
import type { Payment } from '../../src/domain/payment.ts'
import { receiptKey } from '../../src/domain/receipts.ts'
import type { Attempt } from '../../src/store/schema.ts'
import type { City } from './city.ts'
import type { Destination } from './destinations.ts'
import type { Wrong } from './rest.ts'
import type { Followed } from './watch.ts'

interface Event {
  id: string
  type: string
  body: string
  at: number
}

interface Row {
  id: string
  status: string
  due_at: number | null
  attempts: string
  doubtful: number
}

/**
 * Every event is delivered to every destination that wants it, or held there because somebody paused it, or has failed and
 * stands before an operator. So accepted is delivered, held and failed, and none of them twice.
 */
export function deliveriesAtRest(
  city: City,
  payment: Payment,
  followed: Readonly<Followed>,
  wrong: Wrong,
): void {
  const { database, destinations } = city
  const events = database.peek(
    'SELECT event_id AS id, event_type AS type, event_body AS body, at FROM journal WHERE stream = ? AND event_id IS NOT NULL',
    payment.id,
  ) as unknown as Event[]
  const rows = new Map(
    database
      .peek('SELECT * FROM deliveries WHERE stream = ?', payment.id)
      .map((row) => [`${row.event_id} ${row.destination_id}`, row as unknown as Row]),
  )
  const paused = new Set(
    database.peek("SELECT id FROM destinations WHERE status = 'paused'").map(({ id }) => id),
  )
  for (const one of destinations.all)
    for (const event of events) {
      const row = rows.get(`${event.id} ${one.id}`)
      const got = one.got.get(event.id)
      const wanted = one.types.some((pattern) => subscribes(pattern, event.type))
      if (!wanted && (row !== undefined || got !== undefined))
        wrong('an event went where nobody wants it', `${event.id} ${one.id}`)
      if (got !== undefined && got !== event.body) wrong('an event arrived with other bytes', event.id)
      if (row === undefined) {
        if (wanted) wrong('an event has no delivery', `${event.id} ${event.type} to ${one.id}`)
        continue
      }
      if (row.status === 'held' && !paused.has(one.id))
        wrong('a delivery is held at an active destination', row.id)
      if (row.due_at !== null) wrong('a delivery still owes something', `${row.id} ${row.status}`)
      ended(payment, followed, event, { row, got, hasLosses: city.losses > 0 }, wrong)
    }
}

/** How one delivery has ended, and whether whoever must know it was told. */
function ended(
  payment: Payment,
  followed: Readonly<Followed>,
  { id, type }: Event,
  { row, got, hasLosses }: { row: Row; got: string | undefined; hasLosses: boolean },
  wrong: Wrong,
): void {
  const isOpen = (kind: string, cause: string) =>
    payment.exceptions.some((one) => one.kind === kind && one.cause === cause)
  if (row.status === 'delivered') {
    if (got === undefined) wrong('a delivery is done that never arrived', row.id)
    if (isOpen('delivery_exhausted', row.id)) wrong('a delivered delivery has an open exception', row.id)
    return
  }
  if (row.status === 'held') return
  if (row.status !== 'failed') {
    wrong('a delivery is left undone', `${row.id} ${row.status}`)
    return
  }
  if (!raisesException(type)) return
  // While its event is lost from the records nobody can read a receipt's key there.
  const causes = row.doubtful === 1 ? [...receiptKeysOf(payment), ...(hasLosses ? [row.id] : [])] : [row.id]
  const kind = row.doubtful === 1 ? 'fiscal_failed' : 'delivery_exhausted'
  if (causes.some((cause) => isOpen(kind, cause))) return
  // A person may have closed it and let it be, or the receipt came; but what failed after that is raised again.
  const last = (JSON.parse(row.attempts) as Attempt[]).at(-1)?.at ?? 0
  const isKnown = causes.some((cause) => (followed.closed.get(`${kind} ${cause}`) ?? -1) >= last)
  const isIssued = row.doubtful === 1 && payment.receipts.some(({ status }) => status === 'issued')
  if (!isKnown && !isIssued) wrong('a failed delivery is silent', `${row.id} ${type} of ${id}`)
}

const receiptKeysOf = (payment: Payment): string[] => [
  receiptKey(payment.id, 'sale', null),
  ...payment.refunds.map(({ id }) => receiptKey(payment.id, 'refund', id)),
]

/** What fiscal and fulfilment systems have told, and were answered to, the payment knows. */
export function tracksAtRest(city: City, payment: Payment, followed: Readonly<Followed>, wrong: Wrong): void {
  const known = (receiptId: string) =>
    followed.contradicted.has(receiptId) || followed.receipts.has(receiptId)
  for (const one of city.destinations.all) {
    for (const { receiptId } of one.tracks.told.filter(({ paymentId }) => paymentId === payment.id))
      if (!known(receiptId)) wrong('a receipt that was told is lost', `${receiptId} of ${one.id}`)
    madeOnce(one, payment, wrong)
  }
  const rows = city.database.peek(
    "SELECT id, attempts FROM deliveries WHERE stream = ? AND attempts LIKE '%fiscal_receipt%'",
    payment.id,
  )
  for (const row of rows)
    for (const { responseBody } of JSON.parse(String(row.attempts)) as Attempt[]) {
      const { receipt_id: id, status } = JSON.parse(responseBody || '{}').fiscal_receipt ?? {}
      if (status === 'issued' && !known(id))
        wrong('a receipt that was answered is lost', `${id} in ${row.id}`)
    }
  for (const { kind, cause } of payment.exceptions)
    if (
      kind === 'fiscal_failed' &&
      payment.receipts.some((one) => one.status === 'issued' && keyOf(payment, one) === cause)
    )
      wrong('a receipt was issued, and its exception is open', cause)
}

const keyOf = (payment: Payment, { kind, refundId }: Payment['receipts'][number]) =>
  receiptKey(payment.id, kind, refundId)

/** One receipt for each key; of a system that cannot tell repeats apart, one more for each time a person asked. */
function madeOnce({ tracks, consents, id }: Destination, payment: Payment, wrong: Wrong): void {
  const asked = [...consents.values()].reduce((sum, count) => sum + count, 0)
  for (const [key, receipts] of tracks.made)
    if (key.startsWith(payment.id) && receipts.length > 1 + asked)
      wrong('a receipt was made twice', `${key} ${receipts.length} times at ${id}`)
}
