/**
 * What the sandbox tells the gateway, and the ways in which telling goes wrong on purpose: late, repeated, out of order,
 * tampered with, or not at all. The books are never touched by it: a status check still hears the truth.
 */
import type { Checkout, Happening } from './checkout.ts'

export type Tampering = 'none' | 'amount' | 'currency' | 'order' | 'signature'

/** How reports of one click are sent. */
export interface Switches {
  lateSeconds: number
  /** How often each report is sent; 1 is once. */
  times: number
  /** Older news after newer news. */
  reordered: boolean
  tampered: Tampering
  lost: boolean
}

export const asUsual: Switches = { lateSeconds: 0, times: 1, reordered: false, tampered: 'none', lost: false }

/** A report on its way. Its id and body stay the same on every try; times are epoch milliseconds. */
export interface Outgoing {
  id: string
  type: string
  body: string
  /** Signed with a secret that is not the shop's. */
  forged: boolean
  /** When to try next; null once it was taken or given up. */
  dueAt: number | null
  tries: number
  /** What the last try was answered: a status, 0 for no answer, null before the first. */
  answered: number | null
}

/** How long one try may take, and when a try that was never settled is made again. */
export const TRY_TIMEOUT_MS = 8_000
const TRY_LEASE_MS = 10_000

/** How many older happenings are told again, at most. */
const OLDER_NEWS = 5

/** Seconds between one try and the next. After the last one the sandbox gives up: its status can still be asked. */
const backoffSeconds = [2, 5, 10, 30, 60, 300, 900, 3_600, 3_600]

/**
 * The reports of what just happened, in the order in which they leave. `told` is how many were made before, so that ids
 * are never used twice.
 */
export function reportsOf(
  checkout: Checkout,
  what: readonly Happening[],
  switches: Switches,
  told: number,
  now: number,
): Outgoing[] {
  if (switches.lost) return []
  const news = switches.reordered ? withOlderNewsLast(checkout, what) : what
  const reports = news.map((happening, index): Outgoing => {
    const said = switches.tampered === 'signature' ? 'none' : switches.tampered
    return {
      id: `rpt_${checkout.reference}_${told + index + 1}`,
      type: `payment.${happening.type}`,
      body: bodyOf(checkout, happening, said),
      forged: switches.tampered === 'signature',
      dueAt: now + switches.lateSeconds * 1000,
      tries: 0,
      answered: null,
    }
  })
  return reports.flatMap((report) => Array.from({ length: switches.times }, () => ({ ...report })))
}

/** The report after one try. A forgery is tried once, as a forger would; everything else until it is taken or hopeless. */
export function afterTry(report: Outgoing, status: number, now: number): Outgoing {
  const taken = status >= 200 && status < 300
  const waitSeconds = backoffSeconds[report.tries - 1]
  const over = taken || report.forged || waitSeconds === undefined
  return { ...report, answered: status, dueAt: over ? null : now + waitSeconds * 1000 }
}

/** The report while a try is under way: should the sandbox die now, this try is made again. */
export function duringTry(report: Outgoing, now: number): Outgoing {
  return { ...report, tries: report.tries + 1, dueAt: now + TRY_LEASE_MS }
}

/** Everything that is older than the news is told again behind it; a capture is preceded by the hold that it implies. */
function withOlderNewsLast(checkout: Checkout, what: readonly Happening[]): Happening[] {
  const older = checkout.happened.filter((happening) => !what.includes(happening)).slice(-OLDER_NEWS)
  const first = what[0]
  const implied: Happening[] =
    first?.type === 'captured' && older.length === 0
      ? [{ type: 'authorized', at: first.at - 1_000, amount: checkout.amount }]
      : []
  return [...what, ...older.toReversed(), ...implied]
}

function bodyOf(checkout: Checkout, happening: Happening, said: Tampering): string {
  const otherCurrency = checkout.currency === 'USD' ? 'EUR' : 'USD'
  const occurredAt = new Date(happening.at).toISOString()
  return JSON.stringify({
    type: `payment.${happening.type}`,
    timestamp: occurredAt,
    data: {
      reference: checkout.reference,
      order_id: said === 'order' ? `${checkout.orderId.slice(0, 56)}-another` : checkout.orderId,
      session_id: checkout.sessionId,
      amount: said === 'amount' ? happening.amount + 1 : happening.amount,
      currency: said === 'currency' ? otherCurrency : checkout.currency,
      occurred_at: occurredAt,
      ...(happening.type === 'refunded' && {
        refund_reference: happening.refundReference,
        amount_refunded_total: said === 'amount' ? happening.amount + 1 : happening.amount,
      }),
    },
  })
}
