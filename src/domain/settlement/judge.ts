/**
 * What became of each row of a settlement file, from what is known here. Plain data in and out: the same rows, facts and
 * claims always give the same outcomes, however often and in however many pieces they are judged.
 */
import { identityOf, isNamed, type SettlementRow } from './row.ts'

export const outcomes = [
  ...(['matched', 'amount_difference', 'currency_difference', 'missing_here', 'missing_there'] as const),
  ...(['duplicate', 'fee'] as const),
]
export type Outcome = (typeof outcomes)[number]

/** A session's money as it is recorded here. Amounts are minor units of `currency`. */
export interface KnownSession {
  id: string
  paymentId: string
  currency: string
  captured: number
  refunds: KnownRefund[]
  /** The provider told of a dispute, whatever came of it. */
  isDisputed: boolean
}

export interface KnownRefund {
  id: string
  amount: number
  reference: string | null
  status: 'pending' | 'succeeded' | 'failed'
}

/**
 * A row has accounted for a subject: a session's payment, one refund, or a movement that is about nothing of ours. It
 * outlives its reconciliation, so that money which is settled twice shows in whichever file it comes.
 */
export interface Claim {
  subject: string
  /** Of the row: see `identityOf`. */
  identity: string
  reconciliationId: string
  place: number
  /** When the claiming reconciliation was made: milliseconds since the epoch. Earlier ones come first. */
  since: number
}

/** Why an outcome is what it is, where its name alone does not tell. */
export type Reason =
  /** No payment here has a reference or order of the row. */
  | 'unknown'
  /** The payment is here, and no money of it was seen. */
  | 'unpaid'
  | 'unknown_refund'
  | 'unknown_reversal'
  /** The very same movement was told before. */
  | 'repeated'
  /** Another movement has accounted for the same money before. */
  | 'settled_twice'

export interface Judged {
  place: number
  row: SettlementRow
  outcome: Outcome
  reason: Reason | null
  identity: string
  subject: string
  session: KnownSession | null
  /** Minor units and currency that are known here; null where nothing is. */
  expected: { amount: number; currency: string } | null
}

export interface Judging {
  rows: readonly { place: number; row: SettlementRow; session: KnownSession | null }[]
  /** What rows of this and other reconciliations have claimed of the subjects that these rows may be about. */
  claims: readonly Claim[]
  reconciliation: { id: string; connectionId: string; since: number }
}

/** Everything that a row may turn out to be about: whose claims must be known before it is judged. */
export function subjectsOf(row: SettlementRow, session: KnownSession | null, connectionId: string): string[] {
  const own = foreignSubject(connectionId, identityOf(row))
  return session === null ? [own] : [own, session.id, ...session.refunds.map(({ id }) => id)]
}

/** Judges rows in their order; those of earlier pieces speak through their claims. Gives the claims that are new, too. */
export function judge({ rows, claims, reconciliation }: Judging): { judged: Judged[]; claims: Claim[] } {
  const known = new Claims(claims, reconciliation)
  const judged = rows.map(({ place, row, session }): Judged => {
    const identity = identityOf(row)
    const found = findSubject(row, session, { identity, place }, known)
    const subject = found?.subject ?? foreignSubject(reconciliation.connectionId, identity)
    const expected = found?.expected ?? null
    const about = { place, row, identity, subject, session, expected }
    // Two fees of one day and amount are two fees, unless their provider says that they are the same.
    if (isOfTheAccount(row) && !isNamed(row)) return { ...about, outcome: 'fee', reason: null }
    const earlier = known.earlier(subject, identity, place)
    known.claim(subject, identity, place)
    if (earlier !== null) return { ...about, outcome: 'duplicate', reason: earlier }
    return { ...about, ...compare(row, session, expected) }
  })
  return { judged, claims: known.made }
}

/** It moves the merchant's account and is about no payment. */
const isOfTheAccount = ({ kind }: SettlementRow) => kind === 'fee' || kind === 'other'

const foreignSubject = (connectionId: string, identity: string) => `${connectionId} ${identity}`

type Mark = Pick<Judged, 'identity' | 'place'>

/** The part of a payment that a row tells of; null when nothing here is it. */
function findSubject(
  row: SettlementRow,
  session: KnownSession | null,
  mark: Mark,
  claims: Claims,
): { subject: string; expected: Judged['expected'] } | null {
  if (session === null) return null
  const { currency } = session
  if (row.kind === 'payment' && session.captured > 0)
    return { subject: session.id, expected: { amount: session.captured, currency } }
  if (row.kind !== 'refund') return null
  const refund = refundOf(row, session.refunds, mark, claims)
  return refund === null ? null : { subject: refund.id, expected: { amount: refund.amount, currency } }
}

/**
 * Which refund a row is: the one whose reference it has, else one of its amount that no other row has claimed, else the
 * only one that is left. Refunds that failed gave nothing back.
 */
function refundOf(
  row: SettlementRow,
  refunds: readonly KnownRefund[],
  { identity, place }: Mark,
  claims: Claims,
): KnownRefund | null {
  const real = refunds.filter(({ status }) => status !== 'failed')
  const named = real.find(({ reference }) => reference !== null && row.references.includes(reference))
  if (named !== undefined) return named
  const mine = real.find(({ id }) => claims.holds(id, identity, place))
  if (mine !== undefined) return mine
  const free = real.filter(({ id }) => !claims.isTaken(id, place))
  const same = free.find(({ amount }) => amount === Math.abs(row.amount))
  if (same !== undefined) return same
  // A payment that was given back once more than we know of shows as settled twice rather than as unknown.
  const [only] = free.length === 0 ? real.filter(({ amount }) => amount === Math.abs(row.amount)) : free
  return free.length > 1 ? null : (only ?? null)
}

function compare(
  row: SettlementRow,
  session: KnownSession | null,
  expected: Judged['expected'],
): Pick<Judged, 'outcome' | 'reason'> {
  if (isOfTheAccount(row)) return { outcome: 'fee', reason: null }
  if (session === null) return { outcome: 'missing_here', reason: 'unknown' }
  if (row.kind === 'reversal') {
    const isKnown = session.isDisputed || session.refunds.some(({ status }) => status === 'failed')
    return isKnown
      ? { outcome: 'matched', reason: null }
      : { outcome: 'missing_here', reason: 'unknown_reversal' }
  }
  if (expected === null)
    return { outcome: 'missing_here', reason: row.kind === 'refund' ? 'unknown_refund' : 'unpaid' }
  if (expected.currency !== row.currency) return { outcome: 'currency_difference', reason: null }
  if (expected.amount !== Math.abs(row.amount)) return { outcome: 'amount_difference', reason: null }
  return { outcome: 'matched', reason: null }
}

/**
 * Who has accounted for what, as a row at some place sees it: only what came before it counts, or the same rows would
 * come to something else when they are judged again.
 */
class Claims {
  readonly made: Claim[] = []
  readonly #of: Map<string, Claim[]>
  readonly #own: Judging['reconciliation']

  constructor(known: readonly Claim[], own: Judging['reconciliation']) {
    this.#of = Map.groupBy(known, ({ subject }) => subject)
    this.#own = own
  }

  #isMine = (claim: Claim) => claim.reconciliationId === this.#own.id

  /** Claims of earlier reconciliations, and of this one's rows up to this place. */
  #claimsOf(subject: string, place: number): Claim[] {
    const { id, since } = this.#own
    const isBefore = (one: Claim) =>
      this.#isMine(one)
        ? one.place <= place
        : one.since < since || (one.since === since && one.reconciliationId < id)
    return (this.#of.get(subject) ?? []).filter(isBefore)
  }

  /** Whether this very movement has claimed the subject. */
  holds(subject: string, identity: string, place: number): boolean {
    return this.#claimsOf(subject, place).some((claim) => claim.identity === identity)
  }

  isTaken(subject: string, place: number): boolean {
    return this.#claimsOf(subject, place).length > 0
  }

  /** How an earlier row has accounted for the subject already; null when none has. */
  earlier(subject: string, identity: string, place: number): 'repeated' | 'settled_twice' | null {
    const claims = this.#claimsOf(subject, place)
    const isSame = (claim: Claim) => claim.identity === identity
    if (claims.some((one) => this.#isMine(one) && isSame(one) && one.place < place)) return 'repeated'
    return claims.every(isSame) ? null : 'settled_twice'
  }

  /** The first row of its reconciliation to say it keeps the claim. */
  claim(subject: string, identity: string, place: number): void {
    const { id, since } = this.#own
    const claims = this.#of.get(subject) ?? []
    if (claims.some((one) => this.#isMine(one) && one.identity === identity)) return
    const claim: Claim = { subject, identity, reconciliationId: id, place, since }
    this.made.push(claim)
    this.#of.set(subject, [...claims, claim])
  }
}

/** What a row's difference is called, whatever it is and whether there is one: so that one that is over can be found. */
export const causeOf = ({ identity, outcome }: Judged, connectionId: string): string =>
  `${outcome === 'duplicate' ? 'duplicate' : 'row'} ${connectionId} ${identity}`

/** What the absence of a session's settlement is called. */
export const absenceOf = (sessionId: string): string => `missing_there ${sessionId}`

/**
 * Whether a person must look. Not where nothing is wrong with the money: a movement that its provider names and the files
 * tell twice is listed, and counts once.
 */
export function mustBeSeen({ outcome, reason, row }: Judged): boolean {
  const isOnlyToldTwice = reason === 'repeated' && isNamed(row)
  return outcome !== 'matched' && outcome !== 'fee' && !isOnlyToldTwice
}
