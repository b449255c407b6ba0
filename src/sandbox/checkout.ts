/**
 * The sandbox's own bookkeeping: what really happened to one checkout, as plain rules over plain data. Nothing here
 * knows the gateway; a bank that the customer paid at would keep the same books. Times are epoch milliseconds, amounts
 * minor units.
 */

/** What the shop agreed with the sandbox when the checkout was made. */
export interface Terms {
  /** The shop's account here: the gateway's connection. */
  account: string
  sessionId: string
  orderId: string
  amount: number
  currency: string
  captureMethod: 'automatic' | 'manual'
  description: string | null
  expiresAt: number
  returnUrl: string
  reportUrl: string
  /** `whsec_…`, newest first: the newest signs, and each opens the books. */
  secrets: string[]
}

/** Something that happened. `amount` is the total of its kind so far. */
export interface Happening {
  type: 'authorized' | 'captured' | 'failed' | 'canceled' | 'refunded'
  at: number
  amount: number
  /** Names one refund. */
  refundReference?: string
}

export interface Checkout extends Terms {
  reference: string
  createdAt: number
  happened: Happening[]
}

/** What the customer clicks. */
export type Choice = 'pay' | 'authorize' | 'decline' | 'cancel'

/** What the shop asks over the API. */
export type Instruction =
  | { type: 'capture'; amount: number }
  | { type: 'cancel' }
  | { type: 'refund'; amount: number }

/** The rules' answer: what now happens, or why nothing does. */
export type Ruling = { kind: 'happens'; what: Happening[] } | { kind: 'refused'; why: string }

const MIN_LIFE_MS = 60_000
const MAX_LIFE_MS = 86_400_000

/** A checkout under these terms. It lives a minute at least and a day at most, whatever was asked. */
export function openCheckout(reference: string, terms: Terms, now: number): Checkout {
  const expiresAt = Math.min(Math.max(terms.expiresAt, now + MIN_LIFE_MS), now + MAX_LIFE_MS)
  return { ...terms, expiresAt, reference, createdAt: now, happened: [] }
}

/** Whether these are the terms of the checkout that the same key made before. */
export function sameTerms(checkout: Checkout, terms: Terms): boolean {
  return (['account', 'sessionId', 'orderId', 'amount', 'currency', 'captureMethod'] as const).every(
    (name) => checkout[name] === terms[name],
  )
}

/** Whether a customer can still pay here without the bank's help. */
export function payable(checkout: Checkout, now: number): boolean {
  return checkout.happened.length === 0 && now < checkout.expiresAt
}

/** Nobody did anything in time. Money that was reported by other means than this page is not in these books. */
export function expired(checkout: Checkout, now: number): boolean {
  return checkout.happened.length === 0 && now >= checkout.expiresAt
}

/** The total of a kind so far. */
export function total(checkout: Checkout, type: Happening['type']): number {
  return checkout.happened.findLast((happening) => happening.type === type)?.amount ?? 0
}

/**
 * The customer chose. `anyway` plays a bank that takes money at a checkout that is over: late after its end, or a second
 * time. It never fails or cancels anything that is over.
 */
export function choose(checkout: Checkout, choice: Choice, anyway: boolean, now: number): Ruling {
  const takesMoney = choice === 'pay' || choice === 'authorize'
  if (!payable(checkout, now) && !(anyway && takesMoney))
    return { kind: 'refused', why: 'This checkout is over. Nothing was charged just now.' }
  switch (choice) {
    case 'decline':
      return happens({ type: 'failed', at: now, amount: checkout.amount })
    case 'cancel':
      return happens({ type: 'canceled', at: now, amount: checkout.amount })
    case 'authorize':
      return happens({ type: 'authorized', at: now, amount: total(checkout, 'authorized') + checkout.amount })
    case 'pay':
      // A shop that captures by itself gets a hold; taking its money at once would break what was agreed.
      return checkout.captureMethod === 'manual'
        ? happens({ type: 'authorized', at: now, amount: total(checkout, 'authorized') + checkout.amount })
        : happens({ type: 'captured', at: now, amount: total(checkout, 'captured') + checkout.amount })
  }
}

/**
 * The shop instructed. Where nobody paid on the page the books are empty, yet the shop may hold a directly signed report
 * that somebody did; the sandbox believes it then, up to the order's amount, instead of contradicting it.
 */
export function instruct(checkout: Checkout, instruction: Instruction, now: number): Ruling {
  switch (instruction.type) {
    case 'capture':
      return capture(checkout, instruction.amount, now)
    case 'cancel':
      return cancel(checkout, now)
    case 'refund':
      return refund(checkout, instruction.amount, now)
  }
}

function capture(checkout: Checkout, amount: number, now: number): Ruling {
  if (total(checkout, 'captured') > 0) return { kind: 'refused', why: 'It was captured already.' }
  if (checkout.happened.some((happening) => happening.type === 'failed' || happening.type === 'canceled'))
    return { kind: 'refused', why: 'The checkout is over without a hold.' }
  const held = total(checkout, 'authorized') || checkout.amount
  if (amount > held) return { kind: 'refused', why: 'More than is held.' }
  return happens({ type: 'captured', at: now, amount })
}

function cancel(checkout: Checkout, now: number): Ruling {
  if (total(checkout, 'captured') > 0) return { kind: 'refused', why: 'It was captured; refund it instead.' }
  const last = checkout.happened.at(-1)
  if (last?.type === 'failed' || last?.type === 'canceled' || expired(checkout, now))
    return { kind: 'happens', what: [] }
  return happens({ type: 'canceled', at: now, amount: checkout.amount })
}

function refund(checkout: Checkout, amount: number, now: number): Ruling {
  const refunded = total(checkout, 'refunded')
  if (checkout.happened.length > 0 && refunded === 0 && total(checkout, 'captured') === 0)
    return { kind: 'refused', why: 'Nothing was captured.' }
  const taken = total(checkout, 'captured') || checkout.amount
  if (refunded + amount > taken) return { kind: 'refused', why: 'More than is left of the captured amount.' }
  const nth = checkout.happened.filter((happening) => happening.type === 'refunded').length + 1
  const refundReference = `${checkout.reference}_r${nth}`
  return happens({ type: 'refunded', at: now, amount: refunded + amount, refundReference })
}

function happens(happening: Happening): Ruling {
  return { kind: 'happens', what: [happening] }
}
