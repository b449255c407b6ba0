import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claim, judge, mustBeSeen, subjectsOf } from '../../../../src/domain/settlement/judge.ts'
import { counted, emptyTally } from '../../../../src/domain/settlement/tally.ts'
import { detailOf } from '../../../../src/domain/settlement/telling.ts'
import {
  aKnownRefund,
  aKnownSession,
  anyRow,
  aRow,
  judgeRows,
  outcomesOf,
  reconciliation,
} from '../../../support/a-settlement.ts'

const claim = (change: Partial<Claim>): Claim => ({
  ...{ subject: 'ps_1', identity: 'id payment tx-1', reconciliationId: 'rcn_1', place: 9, since: 100 },
  ...change,
})

describe('what another reconciliation has claimed', () => {
  it('is the same settlement when it is the same movement: files may overlap', () => {
    expect(outcomesOf(judgeRows([[aRow(), aKnownSession()]], [claim({})]))).toEqual(['matched'])
  })

  it('is money twice when it is another movement and came before', () => {
    const earlier = claim({ identity: 'id payment tx-0' })
    expect(outcomesOf(judgeRows([[aRow(), aKnownSession()]], [earlier]))).toEqual(['settled_twice'])
  })

  it('is for the other one to explain when that came later', () => {
    const later = claim({ identity: 'id payment tx-3', since: 300 })
    expect(outcomesOf(judgeRows([[aRow(), aKnownSession()]], [later]))).toEqual(['matched'])
  })

  it.each([
    ['rcn_1', 'settled_twice'],
    ['rcn_3', 'matched'],
  ])('at the very same time is before ours by its id alone: %s makes it %s', (reconciliationId, outcome) => {
    const other = claim({ identity: 'id payment tx-3', reconciliationId, since: reconciliation.since })
    expect(outcomesOf(judgeRows([[aRow(), aKnownSession()]], [other]))).toEqual([outcome])
  })
})

describe('what rows claim', () => {
  const session = aKnownSession({ refunds: [aKnownRefund(), aKnownRefund({ id: 'rfd_2' })] })
  const own = (change: Partial<Claim>) =>
    claim({ reconciliationId: reconciliation.id, since: reconciliation.since, ...change })
  const claimsOf = (places: [number, Parameters<typeof aRow>[0]][], claims: Claim[] = []) =>
    judge({
      rows: places.map(([place, row]) => ({ place, row: aRow(row), session })),
      claims,
      reconciliation,
    }).claims

  it('may be their payment, any of its refunds, or else themselves', () => {
    expect(subjectsOf(aRow(), session, 'con_1')).toEqual(['con_1 id payment tx-1', 'ps_1', 'rfd_1', 'rfd_2'])
    expect(subjectsOf(aRow(), null, 'con_1')).toEqual(['con_1 id payment tx-1'])
  })

  it('is claimed by the first row that tells a movement, under its place', () => {
    const places: [number, object][] = [
      [5, {}],
      [6, {}],
    ]
    expect(claimsOf(places)).toEqual([own({ place: 5 })])
  })

  it('is claimed by another movement too, so that each is known when it comes again', () => {
    const places: [number, object][] = [
      [5, {}],
      [6, { id: 'tx-2' }],
    ]
    expect(claimsOf(places)).toEqual([own({ place: 5 }), own({ place: 6, identity: 'id payment tx-2' })])
    expect(claimsOf([[6, { id: 'tx-2' }]], [own({ place: 5 })])).toHaveLength(1)
  })

  it('is claimed anew by each reconciliation that tells of it, and once by each', () => {
    expect(claimsOf([[5, {}]], [claim({})])).toEqual([own({ place: 5 })])
    expect(claimsOf([[5, {}]], [own({ place: 5 })])).toEqual([])
  })

  it('is claimed by no fee without a name of its own, which nothing repeats', () => {
    expect(claimsOf([[5, { kind: 'fee', id: null }]])).toEqual([])
    expect(claimsOf([[5, { kind: 'fee' }]])).toMatchObject([{ subject: 'con_1 id fee tx-1' }])
  })

  it('means nothing to rows above them that are judged again', () => {
    const below = own({ place: 2, identity: 'id payment tx-2' })
    expect(outcomesOf(judgeRows([[aRow(), session]], [own({ place: 1 }), below]))).toEqual(['matched'])
    expect(outcomesOf(judgeRows([[aRow(), session]], [own({ place: 2 })]))).toEqual(['matched'])
  })

  it('stays theirs when they are judged again alone', () => {
    const refund = (id: string) => ({ row: aRow({ kind: 'refund', amount: -400, id }), session })
    const rows = [
      { place: 1, ...refund('a') },
      { place: 2, ...refund('b') },
    ]
    const { claims } = judge({ rows, claims: [], reconciliation })
    const again = judge({ rows: rows.slice(1), claims, reconciliation })
    expect(again.judged).toMatchObject([{ subject: 'rfd_2', outcome: 'matched' }])
  })

  it('stays theirs when a refund becomes known that would fit them better', () => {
    const claims = [own({ subject: 'rfd_0', identity: 'id refund a', place: 1 })]
    const known = aKnownSession({
      refunds: [aKnownRefund(), aKnownRefund({ id: 'rfd_0', amount: 300 })],
    })
    const judged = judgeRows([[aRow({ kind: 'refund', amount: -400, id: 'a' }), known]], claims)
    expect(judged).toMatchObject([{ subject: 'rfd_0', outcome: 'amount_difference' }])
  })
})

describe('any rows', () => {
  it('come to the same in whatever pieces they are judged, and again, and with pieces that are judged twice', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 25 }),
        fc.array(fc.nat(25), { maxLength: 5 }),
        fc.boolean(),
        (all, cuts, twice) => {
          const rows = all.map((one, index) => ({ ...one, place: index + 1 }))
          const whole = judge({ rows, claims: [], reconciliation })
          const held = new Map<string, Claim>()
          const pieces = [0, ...cuts.toSorted((a, b) => a - b), rows.length]
          const run = () =>
            pieces.slice(1).flatMap((end, index) => {
              const piece = rows.slice(pieces[index], end)
              const subjects = new Set(piece.flatMap(({ row, session }) => subjectsOf(row, session, 'con_1')))
              const take = () => {
                const claims = [...held.values()].filter(({ subject }) => subjects.has(subject))
                const done = judge({ rows: piece, claims, reconciliation })
                for (const one of done.claims) {
                  const key = `${one.subject}|${one.identity}`
                  if (!held.has(key)) held.set(key, one)
                }
                return done.judged
              }
              if (twice) take()
              return take()
            })
          expect(outcomesOf(run())).toEqual(outcomesOf(whole.judged))
          expect(outcomesOf(run())).toEqual(outcomesOf(whole.judged))
        },
      ),
    )
  })

  it('account for each payment and refund at most once, and every one is counted', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 25 }), (all) => {
        const judged = judgeRows(all.map(({ row, session }) => [row, session]))
        const accounted = judged.filter(
          ({ expected, outcome }) => expected !== null && outcome !== 'duplicate',
        )
        const subjects = accounted.map(({ subject }) => subject)
        expect(new Set(subjects).size).toBe(subjects.length)
        const tally = counted(emptyTally(), judged)
        expect(Object.values(tally.outcomes).reduce((sum, n) => sum + n, 0)).toBe(all.length)
        for (const one of judged.filter(mustBeSeen))
          expect(detailOf(one, 'rcn_2')).toMatch(/^Line \d+ of file 0 .*\.$/)
      }),
    )
  })
})
