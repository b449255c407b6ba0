/** How everybody behaves in one history. Everything is drawn from the seed; shrinking switches single troubles off. */
import type { Capabilities } from '../../src/domain/provider.ts'
import type { Chance } from './chance.ts'

/** Troubles that can be switched off one by one. */
export const troubles = [
  'deaths',
  'evictions',
  'wires',
  'alarms',
  'queues',
  'database',
  'outages',
  'lostAnswers',
  'slowProvider',
  'lostReports',
  'repeatedReports',
  'lateReports',
  'falseReports',
  'blindChecks',
  'failedChecks',
  'earlyEnds',
  'declines',
  'destinations',
  'slowWires',
] as const

export type TroubleName = (typeof troubles)[number]

/** One provider's habits. */
export interface ProviderTemper {
  /** By signed reports, by hints that only make us ask, or not at all: then it is asked. */
  tells: 'reports' | 'hints' | 'nothing'
  ends: 'at_once' | 'at_limit' | 'never'
  asksFirst: boolean
  /** Opening calls nobody: the checkout is a form, and exists there once a customer's browser has posted it. */
  form: boolean
  /** The customer only approves there, and the gateway captures. */
  approves: boolean
  polled: boolean
  refunds: 'none' | 'whole' | 'parts'
  captures: boolean
  /** Captures and refunds are confirmed later. */
  slowMoney: boolean
  /** Refunds are told one by one, or as totals. */
  refundsSingly: boolean
  statusCheck: boolean
  byOurId: boolean
  /** Seconds; 0 for none. */
  idempotencySeconds: number
  tellsLimit: boolean
  /** Its checkouts end when we asked, or only at its own limit. */
  honoursExpiry: boolean
  maxSeconds: number
  /** What its reports name. */
  names: 'session' | 'order' | 'reference'
  /** A checkout that failed or was left can be taken up again, though it was called over. */
  revives: boolean
  /** To a command that comes too late it answers with the money, or with a plain no. */
  explains: boolean
}

export type DestinationTemper = 'ok' | 'fails' | 'hangs' | 'gone' | 'forgets' | 'down' | 'throttles'

/** A business system, and how it treats what it gets. */
export interface Business {
  temper: DestinationTemper
  types: string[]
  kind: 'other' | 'fiscal' | 'fulfillment' | 'notification'
  /** It cannot tell repeats apart, so that what nobody knows goes to a person. */
  holds: boolean
  /** How it tells of receipts and goods. */
  tells: 'answers' | 'calls' | 'both'
  /** How likely it is that a receipt cannot be made. */
  fails: number
}

export interface Temper {
  /** Troubles of this history; peace switches them off. */
  on: Set<TroubleName>
  providers: ProviderTemper[]
  destinations: Business[]
  /** Seconds before each try of a delivery, as the setting says it. */
  schedule: string
  /** How many people a correction takes. */
  approvals: 1 | 2
  /** In the end every system is well, and a person asks for whatever failed or was held. */
  amends: boolean
  orders: number
  captureMethod: 'automatic' | 'manual'
  /** Probability of each single trouble where it is on. */
  rate: number
  latency: [number, number]
  /** Watches long into the quiet. */
  patient: boolean
}

const tempers: DestinationTemper[] = ['ok', 'ok', 'fails', 'hangs', 'gone', 'forgets', 'down', 'throttles']

const waysToTell: ProviderTemper['tells'][] = ['reports', 'reports', 'reports', 'hints', 'nothing']

function drawProvider(chance: Chance): ProviderTemper {
  const asksFirst = chance.happens(0.25)
  // One that asks before money moves also tells afterwards; one that tells nothing for sure can be asked.
  const tells = asksFirst ? 'reports' : chance.pick(waysToTell)
  const approves = !asksFirst && chance.happens(0.2)
  return {
    tells,
    ends: chance.pick(['at_once', 'at_once', 'at_limit', 'never']),
    asksFirst,
    form: !approves && chance.happens(0.25),
    approves,
    polled: tells === 'nothing' || chance.happens(0.1),
    refunds: chance.pick(['parts', 'parts', 'parts', 'parts', 'parts', 'parts', 'whole', 'none']),
    captures: approves || chance.happens(0.9),
    slowMoney: chance.happens(0.25),
    refundsSingly: chance.happens(0.4),
    statusCheck: tells !== 'reports' || chance.happens(0.8),
    byOurId: chance.happens(0.5),
    idempotencySeconds: chance.pick([0, 86_400]),
    tellsLimit: chance.happens(0.6),
    honoursExpiry: chance.happens(0.6),
    maxSeconds: chance.pick([900, 3_600, 86_400]),
    names: chance.pick(['session', 'order', 'reference']),
    revives: chance.happens(0.3),
    explains: chance.happens(0.5),
  }
}

/** A provider that can do what a real one declares; how well it does it is drawn like anybody's. */
function likeReal(real: Capabilities, drawn: ProviderTemper): ProviderTemper {
  const { signed, polled, ends, asksFirst, approves, statusCheck, idempotencySeconds } = real
  return {
    ...drawn,
    ...{ ends, asksFirst, approves, polled, statusCheck, idempotencySeconds },
    tells: signed ? 'reports' : polled ? 'nothing' : 'hints',
    refunds: !real.refund ? 'none' : real.partialRefund ? 'parts' : 'whole',
    captures: real.capture || approves,
    byOurId: real.statusCheckByOurId,
    maxSeconds: real.expiresInSeconds.max,
  }
}

/** What of the table of capabilities this provider stands for; every name must be met in a run. */
export function tempersOf(one: ProviderTemper): TemperName[] {
  const { tells, ends, asksFirst, approves, form, statusCheck, idempotencySeconds } = one
  return [
    ({ reports: 'signed', hints: 'hint only', nothing: 'asked only' } as const)[tells],
    ({ at_once: 'ends at once', at_limit: 'ends at its limit', never: 'never ends' } as const)[ends],
    idempotencySeconds > 0 ? 'keys' : 'no keys',
    ...(asksFirst ? (['question'] as const) : []),
    ...(form ? (['form'] as const) : []),
    ...(approves ? (['approves'] as const) : []),
    ...(statusCheck ? [] : (['cannot be asked'] as const)),
  ]
}

export const temperNames = [
  ...(['signed', 'hint only', 'asked only', 'ends at once', 'ends at its limit', 'never ends'] as const),
  ...(['keys', 'no keys', 'question', 'form', 'approves', 'cannot be asked'] as const),
] as const
export type TemperName = (typeof temperNames)[number]

/** Drawn apart from the others, so that what was there before them stays as it was. */
function drawBusiness(chance: Chance): Omit<Business, 'temper' | 'types'> {
  const kind = chance.pick(['other', 'other', 'fiscal', 'fiscal', 'fulfillment', 'notification'] as const)
  const holds = chance.happens(0.4) && kind === 'fiscal'
  const tells = chance.pick(['answers', 'answers', 'calls', 'both'] as const)
  return { kind, holds, tells, fails: chance.pick([0, 0, 0.3]) }
}

/** Production's own, and two that are through sooner. */
const schedules = ['', '0,5,300,1800', '0,30,600,3600,7200'] as const

/** Draws a history's temper; `without` switches troubles off, `like` makes all its providers like a real one. */
export function drawTemper(
  chance: Chance,
  without: ReadonlySet<TroubleName>,
  like: Capabilities | null = null,
  business: Chance = chance,
): Temper {
  const on = new Set<TroubleName>()
  // Half of the histories have few troubles, so that one cause is not hidden behind another.
  const share = chance.pick([0.1, 0.25, 0.5])
  for (const name of troubles) if (chance.happens(share)) on.add(name)
  const destinations = Array.from({ length: chance.whole(1, 2) }, () => ({
    temper: chance.pick(tempers),
    types: chance.pick([['*'], ['payment.paid'], ['payment.*', 'exception.raised']]),
    ...drawBusiness(business),
  }))
  const schedule = business.pick(schedules)
  const approvals = business.happens(0.3) ? 2 : 1
  const amends = business.happens(0.3)
  const providers = Array.from({ length: chance.happens(0.25) ? 2 : 1 }, () => {
    const drawn = drawProvider(chance)
    return like === null ? drawn : likeReal(like, drawn)
  })
  const orders = chance.happens(0.3) ? 2 : 1
  const captureMethod = chance.happens(0.2) ? 'manual' : 'automatic'
  const rate = chance.pick([0.005, 0.02, 0.08])
  for (const name of without) on.delete(name)
  const latency: [number, number] = on.has('slowWires') ? [1, 12_000] : [1, 60]
  const patient = chance.happens(0.1)
  return {
    ...{ on, providers, destinations, orders, captureMethod, rate, latency, patient },
    ...{ schedule, approvals, amends },
  }
}
