/**
 * Corrections: what a person decides about a payment that the machine could not. A table of their own says from which
 * status to which; nobody corrects what is paid, because money goes back by a refund. Every one is told as such.
 */
import { DAY_MS } from './clock.ts'
import type { Entry } from './entry.ts'
import type { Refusal } from './errors.ts'
import type { Payment, PaymentStatus, Session } from './payment.ts'
import { statusOf, unsettledSession } from './payment.ts'
import type { Fact } from './provider.ts'

export type CorrectedStatus = 'paid' | 'failed' | 'canceled' | 'expired'

/** From the status on the left, to one of these. */
export const correctionTable: Readonly<Record<PaymentStatus, readonly CorrectedStatus[]>> = {
  created: [],
  pending: ['paid', 'failed', 'canceled', 'expired'],
  authorized: ['paid', 'canceled', 'expired'],
  paid: [],
  failed: ['paid'],
  canceled: ['paid'],
  expired: ['paid'],
}

export interface CorrectionWord {
  to: CorrectedStatus
  reason: string
  evidence: string | null
  /** Minor units that were taken; null for the session's amount. Only for `paid`. */
  amount: number | null
}

/** A correction that waits for a second person. */
export interface Proposal extends CorrectionWord {
  by: string
  at: number
}

/** How long a proposal waits. */
const PROPOSAL_LIVES_MS = DAY_MS

/** Until when a second person may approve: milliseconds since the epoch. */
export const expiryOf = ({ at }: Proposal): number => at + PROPOSAL_LIVES_MS

export type CorrectionDecision =
  | { kind: 'refuse'; refusal: Refusal }
  | { kind: 'propose'; entries: Entry[] }
  | { kind: 'correct'; session: Session; entries: Entry[] }

/**
 * `approvals` is how many people it takes: 1, or 2 where the deployment wants four eyes. `wasEnded`: the provider has
 * just ended the session for this very correction, which may be all that there was to do.
 */
export function decideCorrection(
  payment: Payment,
  word: CorrectionWord,
  actor: string,
  approvals: number,
  now: number,
  wasEnded = false,
): CorrectionDecision {
  const from = statusOf(payment)
  const session = unsettledSession(payment) ?? payment.sessions.at(-1)
  const isDone = wasEnded && word.to !== 'paid' && endings.includes(from)
  if (session === undefined || !(isDone || correctionTable[from].includes(word.to)))
    return notAllowed(from, word.to)
  if (word.amount !== null && word.to !== 'paid') return invalid('/amount', 'belongs to a correction to paid')
  if (word.amount !== null && word.amount > session.amount)
    return invalid('/amount', `is at most ${session.amount} here`)
  const proposal = livingProposal(payment, now)
  const isSecond = proposal !== null && proposal.by !== actor && isSame(proposal, word)
  if (approvals > 1 && !isSecond)
    return { kind: 'propose', entries: [{ type: 'correction.proposed', data: { ...word, by: actor } }] }
  const about = { ...word, from, sessionId: session.id, proposedBy: isSecond ? proposal.by : null }
  const fact = factOf(word, session)
  return {
    kind: 'correct',
    session,
    entries: [
      { type: 'correction.made', data: about },
      {
        type: 'command.applied',
        data: { sessionId: session.id, fact, references: [], refundId: null, report: null },
      },
    ],
  }
}

const endings: readonly PaymentStatus[] = ['failed', 'canceled', 'expired']

function livingProposal(payment: Payment, now: number): Proposal | null {
  const { proposal } = payment
  return proposal !== null && now < expiryOf(proposal) ? proposal : null
}

const isSame = (a: CorrectionWord, b: CorrectionWord): boolean => a.to === b.to && a.amount === b.amount

function factOf(word: CorrectionWord, session: Session): Fact {
  if (word.to !== 'paid') return { type: word.to }
  return { type: 'captured', amount: word.amount ?? session.amount, currency: session.currency }
}

function notAllowed(from: PaymentStatus, to: string): CorrectionDecision {
  const detail = `A payment that is ${from} cannot be corrected to ${to}.`
  return { kind: 'refuse', refusal: { code: 'not_allowed_now', detail, extra: { payment_status: from } } }
}

function invalid(pointer: string, detail: string): CorrectionDecision {
  const errors = [{ pointer, detail }]
  return { kind: 'refuse', refusal: { code: 'validation_failed', detail: `${pointer} ${detail}.`, errors } }
}
