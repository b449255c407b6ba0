/** Telcell's bills once they may exist: how they stand, how an unpaid one ends, how a paid one is given back. */
import { decimalOf } from '../domain/money.ts'
import type { Action, Fact, Found, Outcome, SessionReference } from '../domain/provider.ts'
import { type Asked, check, naming, noOf, type TelcellAccount, tell } from './telcell-call.ts'
import { type Formula, factsOf, issuerIdOf } from './telcell-dialect.ts'

export interface TelcellOptions extends TelcellAccount {
  /** How a bill comes to be. */
  checkout: 'form' | 'server'
  formula: Formula
  /** Whether the contract allows `check_bill` and its siblings; the server's way cannot do without. */
  serverCalls: boolean
  now?: () => number
}

/** A form that was handed out in the last moment may still be posted; afterwards nobody has one any more. */
const FORM_LIVES_MS = 15 * 60_000

/** Our names for the bills of a session's first calls. */
export const namesOf = (sessionId: string, calls: number): string[] =>
  Array.from({ length: calls }, (_, index) => issuerIdOf(sessionId, index + 1))

/** Every name that a bill of this session may have, the newest first. */
function billsOf({ checkout }: TelcellOptions, { sessionId, references, calls }: SessionReference): string[] {
  if (checkout === 'server') return namesOf(sessionId, calls).reverse()
  const known = references.filter((one) => one.startsWith(sessionId))
  return known.length > 0 ? known : [sessionId]
}

/** How one bill stands after it was told to end. What the call itself answers is not documented, so the bill is asked. */
export async function clear(
  options: TelcellOptions,
  ours: string,
): Promise<'ended' | 'no_such_bill' | Fact[] | null> {
  const told = await tell(options, naming(options, 'clear_bill', ours))
  if (told.kind === 'unknown') return null
  const asked = await check(options, ours)
  if (asked.kind !== 'done') return null
  if (asked.value === 'no_such_bill') return 'no_such_bill'
  const facts = factsOf(asked.value)
  if (facts === null || facts.length === 0) return null
  return facts.some(({ type }) => type === 'captured') ? facts : 'ended'
}

export async function act(
  options: TelcellOptions,
  action: Action,
  session: SessionReference,
): Promise<Outcome<Fact[]>> {
  switch (action.type) {
    case 'capture':
      return { kind: 'declined', code: 'invalid_request', detail: 'Telcell takes money at once.' }
    case 'cancel':
      return cancel(options, session)
    case 'refund':
      return action.amount === session.amount
        ? refundAll(options, session)
        : refundPart(options, session, action.amount)
  }
}

async function cancel(options: TelcellOptions, session: SessionReference): Promise<Outcome<Fact[]>> {
  const ends = await Promise.all(billsOf(options, session).map((ours) => clear(options, ours)))
  const paid = ends.find((end) => Array.isArray(end))
  if (Array.isArray(paid)) return { kind: 'done', value: paid }
  if (ends.includes(null)) return { kind: 'unknown', detail: 'Telcell did not say that the bill has ended.' }
  if (ends.includes('ended')) return { kind: 'done', value: [{ type: 'canceled' }] }
  return { kind: 'unknown', detail: 'There is no bill yet, and one may still be made.' }
}

/** The bill that was paid; a session has at most one that could be. */
async function paidBill(options: TelcellOptions, session: SessionReference): Promise<string | undefined> {
  const bills = billsOf(options, session)
  if (bills.length === 1) return bills[0]
  const asked = await Promise.all(bills.map((ours) => check(options, ours)))
  return bills[asked.findIndex((one) => billIn(one)?.status.trim().toUpperCase() === 'PAID')]
}

const billIn = (asked: Asked) =>
  asked.kind === 'done' && asked.value !== 'no_such_bill' ? asked.value : null

/** Cancels the paid bill, which gives all of it back, and is told by the bill's status afterwards. */
async function refundAll(options: TelcellOptions, session: SessionReference): Promise<Outcome<Fact[]>> {
  const ours = await paidBill(options, session)
  if (ours === undefined) return noPaidBill
  const told = await tell(options, naming(options, 'cancel_bill', ours))
  if (told.kind !== 'text') return noOf(told)
  const found = billIn(await check(options, ours))
  const facts = found === null ? null : factsOf(found)
  const refunded = facts?.filter(({ type }) => type === 'refunded') ?? []
  return refunded.length > 0
    ? { kind: 'done', value: refunded }
    : { kind: 'unknown', detail: 'Telcell did not say that the bill is canceled.' }
}

async function refundPart(
  options: TelcellOptions,
  session: SessionReference,
  amount: number,
): Promise<Outcome<Fact[]>> {
  const ours = await paidBill(options, session)
  if (ours === undefined) return noPaidBill
  const sum = decimalOf(amount, session.currency)
  const invoice = invoiceOf(session, ours)
  const told = await tell(options, naming(options, 'refund_bill', ours, { refund_sum: sum }, invoice))
  if (told.kind !== 'text') return noOf(told)
  const [, named, bare] = /^(?:refund_payment_id\s*=\s*([\w-]{1,64})|(\d{1,20}))\s*$/m.exec(told.text) ?? []
  const reference = named ?? bare
  if (reference === undefined) return { kind: 'unknown', detail: 'Telcell answered with no refund.' }
  return { kind: 'done', value: [{ type: 'refunded_one', amount, currency: session.currency, reference }] }
}

/** Telcell's own number of the bill, by which a refund is to name it too; empty where only our name is known for sure. */
function invoiceOf({ references }: SessionReference, ours: string): string {
  const numbers = references.filter((one) => /^\d{1,20}$/.test(one))
  const [invoice = ''] = numbers
  return numbers.length === 1 && references.includes(ours) ? invoice : ''
}

const noPaidBill: Outcome<never> = { kind: 'unknown', detail: 'It is not known which bill was paid.' }

export async function find(options: TelcellOptions, session: SessionReference): Promise<Outcome<Found>> {
  const asked = await Promise.all(billsOf(options, session).map((ours) => check(options, ours)))
  const bills: { ours: string; facts: Fact[] }[] = []
  for (const one of asked) {
    if (one.kind === 'declined') return { kind: 'unknown', detail: one.detail }
    if (one.kind === 'unknown') return one
    if (one.value === 'no_such_bill') continue
    const facts = factsOf(one.value)
    if (facts === null)
      return { kind: 'unknown', detail: 'Telcell answered with a status that is not known here.' }
    bills.push({ ours: one.value.transaction, facts })
  }
  // The bills of calls whose answers were lost were cleared: that they ended is no end of the one that stands.
  const open = bills.find(({ facts }) => facts.length === 0)
  const paid = bills.filter(({ facts }) => facts.some(({ type }) => type === 'captured'))
  const told = paid.length > 0 ? paid : [open ?? bills[0]].filter((one) => one !== undefined)
  const payable = bills.length === 0 ? mayBePosted(options, session) : open !== undefined
  const [facts, references] = [told.flatMap((one) => one.facts), told.map(({ ours }) => ours)]
  return { kind: 'done', value: { facts, references, payable } }
}

/** Whether the customer may still have a form that makes the bill. */
const mayBePosted = (
  { checkout, now = Date.now }: TelcellOptions,
  { expiresAt }: SessionReference,
): boolean => checkout === 'form' && now() < expiresAt + FORM_LIVES_MS
