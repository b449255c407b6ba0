import { describe, expect, it } from 'vitest'
import {
  allowed,
  disputeTable,
  fiscalTable,
  fulfillmentTable,
  holdsMoney,
  isPayable,
  refundTable,
  type SessionFact,
  type SessionState,
  sessionTable,
} from '../../../src/domain/tracks.ts'

/** Rows and columns as text: a dash means that nothing changes, an exclamation mark that it cannot be true. */
function cellsOf(text: string): [from: string, heard: string, to: string | undefined][] {
  const [head = '', ...rows] = text.trim().split('\n')
  const heard = head.trim().split(/\s+/)
  return rows.flatMap((row) => {
    const [from = '', ...cells] = row.trim().split(/\s+/)
    return heard.map((fact, at): [string, string, string | undefined] => {
      const cell = cells[at]
      return [from, fact, cell === '!' ? undefined : cell === '-' ? from : cell]
    })
  })
}

const sizeOf = (table: object) =>
  Object.values(table).reduce((sum: number, row: object) => sum + Object.keys(row).length, 0)

type AnyTable = Readonly<Record<string, Readonly<Record<string, string>>>>

function specify(name: string, table: AnyTable, text: string): void {
  const cells = cellsOf(text)
  it.each(cells)(`${name}: one that is %s and hears %s is then %s`, (from, heard, to) => {
    expect(table[from]?.[heard]).toBe(to)
  })

  it(`${name}: has no cell that is not written here`, () => {
    expect(Object.keys(table)).toEqual([...new Set(cells.map(([from]) => from))])
    expect(sizeOf(table)).toBe(cells.filter(([, , to]) => to !== undefined).length)
  })
}

/** Everything that can be reached from a status, itself included. */
function reachableFrom(table: AnyTable, start: string): Set<string> {
  const reached = new Set([start])
  for (const from of reached) for (const to of Object.values(table[from] ?? {})) reached.add(to)
  return reached
}

describe('the track of a', () => {
  specify(
    'session',
    sessionTable,
    `            authorized  captured  failed  canceled  expired
     opening     authorized  captured  failed  canceled  expired
     open        authorized  captured  failed  canceled  expired
     ending      authorized  captured  failed  canceled  expired
     authorized  -           captured  -       canceled  expired
     captured    -           -         -       -         -
     failed      authorized  captured  -       -         -
     canceled    authorized  captured  -       -         -
     expired     authorized  captured  -       -         -`,
  )
  specify(
    'refund',
    refundTable,
    `         nothing  part     all
     none     -        partial  full
     partial  none     -        full
     full     none     partial  -`,
  )
  specify(
    'dispute',
    disputeTable,
    `      disputed  won  lost
     none  open      won  lost
     open  -         won  lost
     won   open      -    !
     lost  -         !    -`,
  )
  specify(
    'fiscal receipt',
    fiscalTable,
    `              required  issued  failed
     not_required  pending   !       !
     pending       -         issued  failed
     issued        pending   -       !
     failed        pending   issued  -`,
  )
  specify(
    'fulfilment',
    fulfillmentTable,
    `              required  not_required  pending  in_progress  delivered  returned  canceled
     not_required  pending   -             pending  !            !          !         !
     pending       -         not_required  -        in_progress  delivered  !         canceled
     in_progress   -         !             !        -            delivered  returned  canceled
     delivered     -         !             !        !            -          returned  !
     returned      -         !             !        !            !          -         !
     canceled      -         !             !        !            !          !         -`,
  )
})

describe('every track', () => {
  it.each<[string, AnyTable, string]>([
    ['session', sessionTable, 'open'],
    ['refund', refundTable, 'none'],
    ['dispute', disputeTable, 'none'],
    ['fiscal', fiscalTable, 'not_required'],
    ['fulfilment', fulfillmentTable, 'not_required'],
  ])('reaches each of its statuses from its beginning: %s', (name, table, start) => {
    // A session is opened and ended by commands; facts alone lead to neither.
    const byCommand = name === 'session' ? ['opening', 'ending'] : []
    expect([...reachableFrom(table, start), ...byCommand].sort()).toEqual(Object.keys(table).sort())
  })

  it.each<[string, AnyTable, string[]]>([
    ['session', sessionTable, ['captured']],
    ['refund', refundTable, []],
    ['dispute', disputeTable, ['lost']],
    ['fiscal', fiscalTable, []],
    ['fulfilment', fulfillmentTable, ['returned', 'canceled']],
  ])('leaves no final status: %s', (_name, table, final) => {
    const stays = Object.keys(table).filter((status) => reachableFrom(table, status).size === 1)
    expect(stays).toEqual(final)
  })

  it('never lets a session be payable again, whatever is heard', () => {
    const payable = Object.values(sessionTable).flatMap((row) => Object.values(row).filter(isPayable))
    expect(payable).toEqual([])
  })

  it('lets money be heard from every status of a session', () => {
    const deaf = Object.entries(sessionTable).filter(([, row]) => row.captured !== 'captured')
    expect(deaf).toEqual([])
  })

  it('knows what to do with every fact about a session, so that none can only be contradicted', () => {
    const facts: SessionFact[] = ['authorized', 'captured', 'failed', 'canceled', 'expired']
    for (const row of Object.values(sessionTable)) expect(Object.keys(row)).toEqual(facts)
  })
})

describe('a command', () => {
  const states = Object.keys(sessionTable) as SessionState[]

  it.each<[keyof typeof allowed, SessionState[]]>([
    ['capture', ['authorized']],
    ['cancel', ['authorized']],
    ['refund', ['captured']],
    ['end', ['opening', 'open', 'ending']],
  ])('to %s a session is for one that is %j', (command, where) => {
    expect(allowed[command]).toEqual(where)
  })

  it('to end it is for exactly those sessions that can still be paid', () => {
    expect(states.filter(isPayable)).toEqual(['opening', 'open', 'ending'])
  })

  it('finds money in exactly two kinds of sessions', () => {
    expect(states.filter(holdsMoney)).toEqual(['authorized', 'captured'])
  })
})
