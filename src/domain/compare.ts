/**
 * A provider's word is compared with its session before it is believed: reference, order, currency, and the amount by
 * the rule of its fact. What is missing where money moved counts as different, never as equal.
 */
import type { Difference } from './entry.ts'
import type { Session } from './payment.ts'
import type { Fact } from './provider.ts'

/** What was said, besides the fact itself. */
export interface Said {
  /** Null when the provider was asked by a reference that is the session's own. */
  reference: string | null
  orderId: string | null
  /** Further references of the same checkout, which are the session's once the word is found to be about it. */
  also?: readonly string[]
}

/** Every difference; none means that the word is about this session and its money. */
export function differencesOf(session: Session, orderId: string, said: Said, fact: Fact): Difference[] {
  const differences: Difference[] = []
  if (said.reference !== null && !belongs(session, said.reference))
    differences.push({ field: 'reference', expected: session.references.join(' '), found: said.reference })
  if (said.orderId !== null && said.orderId !== orderId)
    differences.push({ field: 'order', expected: orderId, found: said.orderId })
  return [...differences, ...otherTransaction(session, fact), ...moneyDifferences(session, fact)]
}

/** A second movement of money for what another one has paid already, where both are named. */
function otherTransaction({ transaction }: Session, fact: Fact): Difference[] {
  if (fact.type !== 'captured' || fact.transaction === undefined || transaction === null) return []
  if (fact.transaction === transaction) return []
  return [{ field: 'reference', expected: transaction, found: fact.transaction }]
}

/** A checkout may exist that we never heard of while a call's answer is missing; its reference is then ours too. */
function belongs(session: Session, reference: string): boolean {
  return session.references.includes(reference) || session.answers < session.calls
}

function moneyDifferences(session: Session, fact: Fact): Difference[] {
  if (!hasMoney(fact)) return []
  const differences: Difference[] = []
  if (fact.currency !== session.currency)
    differences.push({ field: 'currency', expected: session.currency, found: fact.currency })
  const expected = unexpectedAmount(session, fact.type, fact.amount)
  if (expected !== null)
    differences.push({
      field: 'amount',
      expected,
      found: fact.amount === null ? null : String(fact.amount),
    })
  return differences
}

type MoneyFact = Extract<Fact, { amount: number | null }>

const hasMoney = (fact: Fact): fact is MoneyFact => 'amount' in fact

/** The rule that the amount breaks, in words; null when it keeps it. */
function unexpectedAmount(session: Session, type: MoneyFact['type'], amount: number | null): string | null {
  const sound = amount !== null && Number.isSafeInteger(amount) && amount > 0
  switch (type) {
    case 'authorized':
      return sound && amount === session.amount ? null : String(session.amount)
    case 'captured': {
      const asked =
        session.captureMethod === 'manual' ? (session.captureAsked ?? session.amount) : session.amount
      return sound && amount === asked ? null : String(asked)
    }
    case 'refunded':
    case 'refunded_one':
    case 'refund_pending': {
      // Before the capture is seen, the most that can have been refunded is what was asked for.
      const most = session.captured > 0 ? session.captured : session.amount
      return sound && amount <= most ? null : `at most ${most}`
    }
  }
}
