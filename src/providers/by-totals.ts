/**
 * Commands at banks that know no idempotency keys: sent once, and where the answer leaves it open, judged by the bank's
 * own books. A doubt stays a doubt: the gateway asks on until the totals account for the command.
 */
import type { Action, Fact, Found, Outcome, SessionReference } from '../domain/provider.ts'

/** `unclear`: the bank said no, and not whether for good; its "system error" may have done all of it. */
export type Said = Outcome<unknown> | { kind: 'unclear'; detail: string }

/** What became of a command after its answer. `find` reads the bank's books, knowing nothing of earlier refunds. */
export async function accounted(
  action: Action,
  session: SessionReference,
  key: string,
  said: Said,
  find: (session: SessionReference) => Promise<Outcome<Found>>,
): Promise<Outcome<Fact[]>> {
  const { currency } = session
  if (said.kind === 'unknown' || said.kind === 'declined') return said
  if (said.kind === 'done' && action.type === 'capture')
    return done({ type: 'captured', amount: action.amount, currency })
  if (said.kind === 'done' && action.type === 'cancel') return done({ type: 'canceled' })
  const found = await find({ ...session, refunded: 0 })
  const detail = said.kind === 'unclear' ? said.detail : 'The bank took the refund and does not show it yet.'
  if (found.kind !== 'done') return { kind: 'unknown', detail }
  const { facts } = found.value
  if (action.type === 'refund') return refunded(action.amount, session, key, said, facts, detail)
  return action.type === 'capture' ? captured(facts, detail) : canceled(facts, detail)
}

const done = (...facts: Fact[]): Outcome<Fact[]> => ({ kind: 'done', value: facts })
const no = (detail: string): Outcome<never> => ({ kind: 'declined', code: 'declined', detail })

const has = (facts: Fact[], ...types: Fact['type'][]) => facts.some(({ type }) => types.includes(type))

function captured(facts: Fact[], detail: string): Outcome<Fact[]> {
  const taken = facts.filter(({ type }) => type === 'captured')
  if (taken.length > 0) return done(...taken)
  return has(facts, 'canceled', 'failed', 'expired') ? no(detail) : { kind: 'unknown', detail }
}

/** Nobody loses money by a hold that is called refused and goes after all; a hold in doubt could not be captured. */
function canceled(facts: Fact[], detail: string): Outcome<Fact[]> {
  if (has(facts, 'canceled', 'failed', 'expired')) return done({ type: 'canceled' })
  return has(facts, 'authorized', 'captured') ? no(detail) : { kind: 'unknown', detail }
}

function refunded(
  amount: number,
  session: SessionReference,
  key: string,
  said: Said,
  facts: Fact[],
  detail: string,
): Outcome<Fact[]> {
  const { currency } = session
  const back = facts.find((fact) => fact.type === 'refunded')
  const total = back === undefined ? 0 : back.amount
  // These books tell no totals, so the bank's yes to this one refund is all that there will ever be.
  if (total === null)
    return said.kind === 'done'
      ? done({ type: 'refunded_one', amount, currency, reference: key })
      : { kind: 'unknown', detail }
  // Our own name for it, as the bank gives none: a total alone could not be told from a refund made by hand.
  if (total >= session.refunded + amount)
    return done({ type: 'refunded', amount: total, currency, reference: key })
  const taken = facts.find((fact) => fact.type === 'captured')?.amount ?? null
  const tooMuch = said.kind === 'unclear' && taken !== null && taken - total < amount
  return tooMuch ? no(detail) : { kind: 'unknown', detail }
}
