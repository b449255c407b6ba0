import { describe, expect, it } from 'vitest'
import { checksTheInboxesAfterEachTest, ID, InboxRig } from '../../support/inbox-rig.ts'
import { HOUR, MERCHANT, NOON } from '../../support/payment-rig.ts'

checksTheInboxesAfterEachTest()

describe('a report that no payment took', () => {
  it('is kept whole, with a time at which it is tried again', () => {
    const rig = new InboxRig()
    rig.keep()
    expect(rig.state?.parked).toMatchObject([
      { dueAt: rig.now + 2_000, outcome: 'waiting', keep: { hearing: { body: 'body' } } },
    ])
    expect(rig.storage.alarm).toBe(rig.now + 2_000)
  })

  it('that comes twenty times is kept once', () => {
    const rig = new InboxRig()
    rig.keep()
    const { rows } = rig.storage
    for (let i = 0; i < 19; i++) rig.keep()
    expect([rig.storage.rows, rig.state?.parked.length]).toEqual([rows, 1])
  })

  it('with the same id and another body is kept beside the first', () => {
    const rig = new InboxRig()
    rig.keep()
    rig.keep({}, 'rpt-1', 'another body')
    expect(rig.state?.parked.map(({ keep }) => keep.hearing.body)).toEqual(['body', 'another body'])
  })

  it('is tried again ever more slowly, and taken when its payment has come to be', () => {
    const rig = new InboxRig()
    rig.keep()
    const waits = Array.from({ length: 5 }, () => {
      const wait = rig.state!.parked[0]!.dueAt! - rig.now
      rig.now += wait
      rig.ring('unmatched')
      return wait / 1_000
    })
    expect(waits).toEqual([2, 4, 8, 16, 32])
    rig.now = rig.state!.parked[0]!.dueAt!
    expect(rig.ring('taken')).toBe(1)
    expect(rig.state?.parked).toMatchObject([{ outcome: 'taken', dueAt: null }])
    expect([rig.exceptions, rig.step((book) => book.publication())]).toEqual([[], null])
  })

  it('stands before an operator after an hour, once, and is still tried', () => {
    const rig = new InboxRig()
    rig.keep()
    while (rig.now < NOON + 3 * HOUR) {
      rig.now = rig.state!.parked[0]!.dueAt!
      rig.ring('unmatched')
      if (rig.now < NOON + HOUR) expect(rig.exceptions).toEqual([])
    }
    expect(rig.exceptions).toEqual(['report_unmatched open'])
    rig.now = rig.state!.parked[0]!.dueAt!
    rig.ring('taken')
    expect(rig.exceptions).toEqual(['report_unmatched resolved'])
    expect(rig.state?.exceptions[0]?.resolution).toBe('matched')
  })

  it('is raised at the hour exactly, and given up after a week', () => {
    const rig = new InboxRig()
    rig.keep()
    let raisedAt = 0
    for (let turn = 0; turn < 1_000 && rig.state!.parked[0]!.dueAt !== null; turn++) {
      rig.now = rig.state!.parked[0]!.dueAt!
      rig.ring('unmatched')
      if (raisedAt === 0 && rig.exceptions.length > 0) raisedAt = rig.now
    }
    expect([raisedAt, rig.state!.parked[0]!.dueAt]).toEqual([NOON + HOUR, null])
    expect(rig.now - NOON).toBeGreaterThanOrEqual(7 * 24 * HOUR)
    expect(rig.state?.parked[0]?.keep.hearing.body).toBe('body')
  })

  it('is refused when fifty different ones are parked, so that the provider keeps it', () => {
    const rig = new InboxRig()
    for (let i = 0; i < 50; i++) rig.keep({}, `rpt-${i}`)
    expect(() => rig.keep({}, 'one more')).toThrow('full')
    expect(() => rig.keep({}, 'rpt-0')).not.toThrow()
  })
})

describe('a report through a connection that is not the session’s', () => {
  it('raises a mismatch for the connection’s merchant at once, and once', () => {
    const rig = new InboxRig()
    for (let i = 0; i < 20; i++) rig.keep({ why: 'foreign' })
    expect(rig.exceptions).toEqual(['report_mismatch open'])
    const publication = rig.step((book) => book.publication())
    expect(publication).toMatchObject({ stream: ID, merchantId: MERCHANT, from: 1, to: 1 })
    expect(publication?.content).toMatchObject({ payment: null, exceptions: [{ kind: 'report_mismatch' }] })
    const event = JSON.parse(publication!.content!.entries[0]!.event!.body)
    expect(event).toMatchObject({ type: 'exception.raised', data: { payment: null } })
    expect(event.data).not.toHaveProperty('sequence')
  })

  it('is not tried again', () => {
    const rig = new InboxRig()
    rig.keep({ why: 'foreign' })
    rig.now += HOUR
    expect(rig.ring('taken')).toBe(0)
  })

  it('is found out later too, when the session came to be after the report', () => {
    const rig = new InboxRig()
    rig.keep()
    rig.now += 2_000
    rig.ring('foreign')
    expect([rig.exceptions, rig.state?.parked[0]?.dueAt]).toEqual([['report_mismatch open'], null])
  })
})

it('one report is one exception, also when it was unmatched first and turns out to be foreign', () => {
  const rig = new InboxRig()
  rig.keep()
  rig.now += HOUR
  rig.ring('unmatched')
  rig.now += 2 * HOUR
  rig.ring('foreign')
  expect(rig.exceptions).toEqual(['report_unmatched open'])
})

describe('an exception of an inbox', () => {
  it('is resolved once, by id, with who, why and an event', () => {
    const rig = new InboxRig()
    rig.keep({ why: 'foreign' })
    const { id } = rig.state!.exceptions[0]!
    const resolve = (key: { id: string }) =>
      rig.step((book) => book.resolve(key, 'ignored', 'A test.', 'opr_1'))
    expect([resolve({ id: 'exc_x' }), resolve({ id }), resolve({ id })]).toEqual([
      'not_found',
      'resolved',
      'already',
    ])
    expect(rig.state?.exceptions).toMatchObject([
      { status: 'resolved', resolvedBy: 'opr_1', note: 'A test.', version: 2 },
    ])
    expect(rig.state?.journal.map(({ event }) => event?.type)).toEqual([
      'exception.raised',
      'exception.resolved',
    ])
  })

  it('is published until the range is confirmed, contiguously', () => {
    const rig = new InboxRig()
    rig.keep({ why: 'foreign' })
    rig.keep({ why: 'foreign' }, 'rpt-2')
    const confirm = (from: number, to: number) => rig.step((book) => book.confirmed(from, to))
    confirm(2, 2)
    expect(rig.state?.published).toBe(0)
    confirm(1, 1)
    confirm(1, 9)
    expect(rig.step((book) => book.publication())).toMatchObject({ from: 2, to: 2 })
    confirm(1, 2)
    expect([rig.step((book) => book.publication()), rig.state?.publishAt]).toEqual([null, null])
  })
})

it('an inbox that never kept anything writes nothing', () => {
  const rig = new InboxRig()
  rig.step((book) => {
    book.armFor(rig.now)
    book.rearm()
    book.confirmed(1, 1)
    book.plannedAgain()
    return book.resolve({ cause: 'x' }, 'r', null, 'opr_1')
  })
  expect([rig.state, rig.storage.rows, rig.storage.alarm]).toEqual([null, 0, null])
})
