/** What customers, merchants and operators do in one history, and when: a list, so that shrinking can leave items out. */
import type { Chance } from './chance.ts'
import type { Temper } from './temper.ts'

export type Deed =
  /** Opens the order's session `times` times at once, with one key or with several. */
  | {
      kind: 'open'
      times: number
      key: number
      sameKey: boolean
      by: 'secret' | 'publishable'
      newAttempt: boolean
      connection: number
      raised: boolean
    }
  /** Follows the pay link of the newest session, and so gets the checkout's address. */
  | { kind: 'visit' }
  /** Pays at a checkout whose address is known: the newest, or an old one in another tab. */
  | { kind: 'pay'; old: boolean; twice: boolean; bankMs: number }
  | { kind: 'leave'; how: 'cancel' | 'fail' }
  | { kind: 'return' }
  | { kind: 'cancel'; key: number }
  | { kind: 'register'; raised: boolean }
  | { kind: 'sync' }
  | { kind: 'office'; what: 'capture' | 'lapse' | 'refund' }
  | {
      kind: 'command'
      type: 'capture' | 'cancel' | 'refund'
      part: number | null
      key: number
      times: number
    }
  | { kind: 'resolve' }
  | {
      kind: 'correct'
      to: 'paid' | 'failed' | 'canceled' | 'expired'
      part: number | null
      key: number
      by: 'operator-a' | 'operator-b'
    }
  | {
      kind: 'destination'
      index: number
      what: 'pause' | 'resume' | 'rotate' | 'test' | 'replay failed' | 'replay all'
    }
  /** Asks for a delivery once more: for one that has ended without success, or for any; some close its case first. */
  | { kind: 'retry'; ended: boolean; closes: boolean }
  /** Rows of the database are gone or spoiled; it is made again once somebody notices. */
  | {
      kind: 'loss'
      what: 'gone' | 'spoiled'
      of: 'all' | 'payments' | 'journal' | 'provider_references' | 'exceptions'
    }
  /** Has the records of all, or of this payment, made again though nothing is lost. */
  | { kind: 'rebuild'; named: boolean }

export interface Action {
  /** Milliseconds after the history's beginning. */
  at: number
  order: number
  deed: Deed
}

const minute = 60_000
/** Gaps between what people do: a double click, a form, a coffee, a night. */
const gaps: readonly [number, number][] = [
  [1, 300],
  [500, 20_000],
  [500, 20_000],
  [10_000, 20 * minute],
  [29 * minute, 31 * minute],
  [20 * minute, 3 * 60 * minute],
  [3 * 60 * minute, 40 * 60 * minute],
]

function drawDeed(chance: Chance, temper: Temper): Deed {
  const draw = chance.next()
  if (draw < 0.3)
    return {
      kind: 'open',
      times: chance.pick([1, 1, 2, 3]),
      key: chance.whole(1, 3),
      sameKey: chance.happens(0.5),
      by: chance.pick(['secret', 'publishable']),
      newAttempt: chance.happens(0.25),
      connection: chance.whole(0, temper.providers.length - 1),
      raised: chance.happens(0.1),
    }
  if (draw < 0.45) return { kind: 'visit' }
  if (draw < 0.63) return drawPayment(chance)
  if (draw < 0.7) return { kind: 'leave', how: chance.pick(['cancel', 'fail']) }
  if (draw < 0.77) return { kind: 'return' }
  if (draw < 0.84) return { kind: 'cancel', key: chance.whole(1, 2) }
  if (draw < 0.88) return { kind: 'register', raised: chance.happens(0.4) }
  if (draw < 0.9) return { kind: 'sync' }
  if (draw < 0.93) return { kind: 'office', what: chance.pick(['capture', 'lapse', 'refund']) }
  if (draw < 0.98) return drawCommand(chance)
  return { kind: 'resolve' }
}

const drawPayment = (chance: Chance): Deed => ({
  ...{ kind: 'pay', old: chance.happens(0.3), twice: chance.happens(0.2) },
  bankMs: chance.wait(10, 240_000),
})

const drawCommand = (chance: Chance): Deed => ({
  ...{ kind: 'command', type: chance.pick(['capture', 'capture', 'cancel', 'refund', 'refund', 'refund']) },
  ...{ part: chance.pick([null, 300, 500]), key: chance.whole(1, 3), times: chance.pick([1, 1, 2]) },
})

/** Begins with somebody who opens a session and looks at it, since nothing happens before. */
export function drawPlan(chance: Chance, temper: Temper): Action[] {
  const actions: Action[] = []
  for (let order = 0; order < temper.orders; order++) {
    let at = chance.wait(1, 1_000)
    const add = (deed: Deed, soon = false) => {
      actions.push({ at, order, deed })
      at += chance.wait(...chance.pick(soon && chance.happens(0.8) ? gaps.slice(0, 3) : gaps))
    }
    const opening = drawDeed(chance, temper)
    if (opening.kind === 'register') add(opening)
    add(
      {
        ...{ kind: 'open', times: chance.pick([1, 1, 2]), key: 1, sameKey: chance.happens(0.5) },
        ...{ by: chance.pick(['secret', 'publishable']), newAttempt: false, connection: 0, raised: false },
      },
      true,
    )
    const more = chance.whole(0, 6)
    const rounds = chance.pick([0, 1, 1, 1, 2, 3])
    for (let round = 0; round < rounds; round++) {
      if (chance.happens(0.3)) add(drawDeed(chance, temper), true)
      add({ kind: 'visit' }, true)
      if (chance.happens(0.3)) add(drawDeed(chance, temper), true)
      if (chance.happens(0.7)) add(drawPayment(chance))
      while (chance.happens(0.3)) add(drawCommand(chance))
    }
    for (let count = 0; count < more; count++) add(drawDeed(chance, temper))
  }
  return actions.sort((a, b) => a.at - b.at)
}

const HOUR = 60 * minute

/** What people do at the desk, within two days; half of the histories have nobody there. */
export function drawDesk(chance: Chance, temper: Temper): Action[] {
  const actions: Action[] = []
  const add = (at: number, deed: Deed) =>
    actions.push({ at, order: chance.whole(0, temper.orders - 1), deed })
  const deeds = chance.happens(0.5) ? 0 : chance.whole(1, 4)
  for (let count = 0; count < deeds; count++) {
    const at = chance.wait(5_000, chance.pick([HOUR, 40 * HOUR]))
    const index = chance.whole(0, 1)
    const draw = chance.next()
    if (draw < 0.25) {
      const deed = drawCorrection(chance)
      add(at, deed)
      // The second pair of eyes, or somebody who thinks the same.
      if (chance.happens(0.5)) add(at + chance.wait(1_000, 2 * HOUR), { ...deed, by: 'operator-b' })
    } else if (draw < 0.45) {
      add(at, { kind: 'retry', ended: chance.happens(0.7), closes: chance.happens(0.4) })
    } else if (draw < 0.65) {
      add(at, { kind: 'destination', index, what: 'pause' })
      if (chance.happens(0.8))
        add(at + chance.wait(1_000, 20 * HOUR), { kind: 'destination', index, what: 'resume' })
    } else {
      const what = chance.pick([
        'rotate',
        'rotate',
        'rotate',
        'replay failed',
        'replay all',
        'replay all',
        'test',
      ] as const)
      add(at, { kind: 'destination', index, what })
    }
  }
  return actions
}

/** What befalls the database, in every fifth history. */
export function drawUpkeep(chance: Chance, temper: Temper): Action[] {
  if (!chance.happens(0.2)) return []
  return Array.from({ length: chance.whole(1, 2) }, () => {
    const at = chance.wait(10_000, chance.pick([HOUR, 20 * HOUR]))
    const order = chance.whole(0, temper.orders - 1)
    const of = chance.pick([
      ...(['all', 'all', 'all', 'payments', 'journal', 'provider_references', 'exceptions'] as const),
    ])
    const loss = { kind: 'loss', what: chance.pick(['gone', 'gone', 'spoiled'] as const), of } as const
    const deed = chance.happens(0.7) ? loss : ({ kind: 'rebuild', named: chance.happens(0.5) } as const)
    return { at, order, deed }
  })
}

const drawCorrection = (chance: Chance): Extract<Deed, { kind: 'correct' }> => ({
  ...{ kind: 'correct', to: chance.pick(['paid', 'paid', 'failed', 'canceled', 'expired']) },
  ...{ part: chance.pick([null, null, 700]), key: chance.whole(1, 2), by: 'operator-a' },
})

/** One line, for a person who reads a failing history. */
export function sayAction({ at, order, deed }: Action): string {
  const { kind, ...details } = deed
  const said = Object.entries(details).map(([name, value]) => `${name}=${value}`)
  return `+${(at / 1_000).toFixed(3)} s  order ${order}: ${[kind, ...said].join(' ')}`
}
