import { describe, expect, it } from 'vitest'
import { raise, resolve } from '../../../src/domain/exceptions.ts'
import type { Publication } from '../../../src/domain/publication.ts'
import {
  confirmed,
  contentOf,
  entryView,
  plannedAgain,
  publicationDue,
} from '../../../src/payment/publishing.ts'
import { aRig, checksTheBooksAfterEachTest, HOUR, MINUTE, type Rig } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const due = (rig: Rig): Publication | null => rig.step(publicationDue)
const confirm = (rig: Rig, from: number, to: number) => rig.step((book) => confirmed(book, from, to))
const range = (publication: Publication | null) => publication && [publication.from, publication.to]

/** Six entries: created, opening, opened, applied, and two more reports. */
function sixEntries(): Rig {
  const rig = aRig()
  rig.open()
  rig.hear()
  rig.hear({ type: 'failed' })
  rig.hear({ type: 'expired' })
  expect(rig.payment.version).toBe(6)
  return rig
}

describe('a publication', () => {
  it('is everything that was not confirmed, in one range, with the newest snapshot', () => {
    const rig = sixEntries()
    const publication = due(rig)!
    expect(publication).toMatchObject({ stream: rig.payment.id, from: 1, to: 6, livemode: false })
    expect(publication.content?.entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
    expect(publication.content?.payment).toMatchObject({
      ...{ status: 'paid', version: 6, orderId: 'A-1', overdueAt: null },
      references: [{ reference: 'ref-1', sessionId: rig.session().id }],
    })
  })

  it('is made again, the same, until it is confirmed', () => {
    const rig = sixEntries()
    expect(due(rig)).toEqual(due(rig))
    confirm(rig, 1, 6)
    expect([due(rig), rig.stored.side.publishAt]).toEqual([null, null])
  })

  it('is nothing where nothing was ever opened', () => {
    expect(due(aRig())).toBeNull()
  })

  it('tells the sweeper when to look after a payment that may still be paid', () => {
    const rig = aRig()
    rig.open()
    expect(due(rig)?.content?.payment?.overdueAt).toBe(rig.session().expiresAt + 30 * MINUTE)
  })

  it('travels without its content when that is over 100 KB, which the object then hands out', () => {
    const rig = aRig()
    rig.open({
      metadata: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'ab'.repeat(120)])),
    })
    for (let i = 0; i < 9; i++) {
      rig.hear({ type: 'failed' })
      rig.open({ key: `again-${i}`, metadata: Object.fromEntries([['note', 'x'.repeat(450)]]) })
    }
    const publication = due(rig)!
    expect([range(publication), publication.content]).toEqual([[1, rig.payment.version], null])
    const content = contentOf(rig.storage, rig.stored, publication.from, publication.to)
    expect(content.entries).toEqual(rig.journal)
  })

  it('carries each exception that its range touched, as it now is', () => {
    const rig = aRig()
    rig.open()
    rig.hear({ amount: 999 })
    const { id } = rig.payment.exceptions[0]!
    confirm(rig, 1, rig.payment.version)
    rig.now += MINUTE
    rig.step((book) => book.write(resolve(book.payment!, { id }, 'refunded', 'By hand.'), 'opr_1'))
    expect(due(rig)?.content?.exceptions).toEqual([
      {
        ...{ id, kind: 'report_mismatch', status: 'resolved', sessionId: rig.session().id },
        ...{ deliveryId: null, destinationId: null, detail: expect.stringContaining('amount') },
        ...{ raisedAt: rig.now - MINUTE, resolvedAt: rig.now, resolution: 'refunded', note: 'By hand.' },
        ...{ resolvedBy: 'opr_1', version: rig.types.indexOf('exception.resolved') + 1 },
      },
    ])
  })

  it('never carries a report’s body', () => {
    const rig = aRig()
    rig.open()
    rig.hear({ body: 'what the bank wrote' })
    expect(JSON.stringify(due(rig))).not.toContain('what the bank wrote')
  })
})

describe('a confirmation', () => {
  it.each([
    ['the whole range', [[1, 6]], 6],
    [
      'ranges one after another',
      [
        [1, 2],
        [3, 6],
      ],
      6,
    ],
    [
      'ranges that overlap',
      [
        [1, 4],
        [2, 6],
      ],
      6,
    ],
    [
      'an older range again',
      [
        [1, 6],
        [1, 3],
      ],
      6,
    ],
    ['a range with a gap before it', [[3, 6]], 0],
    [
      'a range with a gap in between',
      [
        [1, 2],
        [4, 6],
      ],
      2,
    ],
    ['a range beyond the journal', [[1, 7]], 0],
    [
      'the same range twice',
      [
        [1, 3],
        [1, 3],
      ],
      3,
    ],
  ])('of %s moves the cursor only over what is contiguous', (_, ranges, published) => {
    const rig = sixEntries()
    for (const [from, to] of ranges) confirm(rig, from!, to!)
    expect(rig.stored.published).toBe(published)
    expect(range(due(rig))).toEqual(published === 6 ? null : [published + 1, 6])
  })

  it('that crosses with something new leaves the new unconfirmed, and its alarm set', () => {
    const rig = sixEntries()
    const before = due(rig)!
    rig.hear({ type: 'canceled' })
    confirm(rig, before.from, before.to)
    expect([range(due(rig)), rig.stored.side.publishAt]).toEqual([[7, 7], expect.any(Number)])
  })

  it('of what is confirmed already writes nothing', () => {
    const rig = sixEntries()
    confirm(rig, 1, 6)
    const { rows } = rig.storage
    confirm(rig, 1, 6)
    expect(rig.storage.rows).toBe(rows)
  })
})

describe('publishing again', () => {
  it('waits a minute, then twice as long each time, up to an hour, and begins anew after a confirmation', () => {
    const rig = sixEntries()
    expect(rig.stored.side.publishAt).toBe(rig.now + MINUTE)
    const waits = Array.from({ length: 8 }, () => {
      rig.now = rig.stored.side.publishAt!
      rig.step(plannedAgain)
      return (rig.stored.side.publishAt! - rig.now) / MINUTE
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
    confirm(rig, 1, 6)
    rig.hear({ type: 'canceled' })
    expect(rig.stored.side.publishAt).toBe(rig.now + MINUTE)
    rig.now += MINUTE
    rig.step(plannedAgain)
    expect(rig.stored.side.publishAt).toBe(rig.now + MINUTE)
  })
})

describe('the alarm', () => {
  it('is set with the first entry, so that a Worker that dies before it publishes loses nothing', () => {
    const rig = aRig()
    rig.begin()
    expect(rig.storage.alarm).toBe(rig.now + MINUTE)
  })

  it('promises to ring again before anything is done, whatever is overdue', () => {
    const rig = sixEntries()
    rig.now += HOUR
    rig.step((book) => book.armFor(rig.now + MINUTE))
    expect(rig.storage.alarm).toBe(rig.now + MINUTE)
    rig.step((book) => book.rearm())
    expect(rig.storage.alarm).toBe(rig.now + 1)
  })

  it('is cleared when nothing waits any more', () => {
    const rig = sixEntries()
    confirm(rig, 1, 6)
    rig.step((book) => book.rearm())
    expect(rig.storage.alarm).toBeNull()
  })
})

describe('an exception', () => {
  it('is raised once per kind and cause while it is open, and again after it was resolved', () => {
    const rig = aRig()
    rig.open()
    const trouble = { kind: 'delivery_exhausted', cause: 'dlv_1', detail: 'No answer.' } as const
    const raiseIt = () => rig.step((book) => book.write(raise(book.payment!, trouble), 'tollgate'))
    raiseIt()
    raiseIt()
    expect(rig.exceptions).toEqual(['delivery_exhausted'])
    rig.step((book) => book.write(resolve(book.payment!, trouble, 'replayed', null), 'opr_1'))
    raiseIt()
    const ids = rig.journal.flatMap(({ type, data }) =>
      type === 'exception.raised' ? [JSON.parse(data).id] : [],
    )
    expect([new Set(ids).size, rig.exceptions]).toEqual([2, ['delivery_exhausted']])
  })
})

it('shows an entry in snake_case, and a merchant’s metadata as the merchant wrote it', () => {
  const rig = aRig()
  rig.open({ metadata: { cartId: '7' } })
  const [, opening] = rig.journal.map(entryView)
  expect(opening).toMatchObject({
    ...{ seq: 2, at: '2026-11-22T12:00:00.000Z', type: 'session.opening', actor: 'key_1' },
    data: {
      session: { connection_id: expect.any(String), capture_method: 'automatic', metadata: { cartId: '7' } },
    },
    prev_hash: rig.journal[0]!.hash,
  })
})
